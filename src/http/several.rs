//! Filters that may stand several times: `state=submitted&state=accepted` asks for either. One that does not stand leaves
//! nothing out.

pub trait Several<T> {
    /// Whether one passes.
    fn take(&self, one: &T) -> bool;
}

impl<T: PartialEq> Several<T> for [T] {
    fn take(&self, one: &T) -> bool {
        self.is_empty() || self.contains(one)
    }
}
