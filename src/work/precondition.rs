//! As what a client knows the thing that it changes: `If-Match`.

use crate::problem::{Code, Problem, Result};

/// `If-Match` of a write (RFC 9110 §13.1.1).
#[derive(Clone, Debug, Default)]
pub struct Precondition {
    tags: Option<Vec<String>>,
    /// Edits may not come without; a step may.
    required: bool,
}

impl Precondition {
    /// `required`: edits may not come without; a step may.
    pub fn new(tags: Option<Vec<String>>, required: bool) -> Self {
        Self { tags, required }
    }

    /// 428 where it has to be there and is not, 412 where it names another version.
    ///
    /// # Errors
    /// Those.
    pub fn check(&self, version: i64) -> Result<()> {
        let Some(tags) = &self.tags else {
            return match self.required {
                true => Err(Problem::new(Code::PreconditionRequired)),
                false => Ok(()),
            };
        };
        let wanted = version.to_string();
        let fits = |tag: &String| {
            tag == "*"
                || tag
                    .strip_prefix('"')
                    .and_then(|tag| tag.split_once('-'))
                    .is_some_and(|(version, _)| version == wanted)
        };
        match tags.iter().any(fits) {
            true => Ok(()),
            false => Err(Problem::new(Code::PreconditionFailed)),
        }
    }

    /// 412 where it names a version of something that has none.
    ///
    /// # Errors
    /// That.
    pub fn check_unversioned(&self) -> Result<()> {
        match &self.tags {
            Some(tags) if !tags.iter().any(|tag| tag == "*") => Err(Problem::new(Code::PreconditionFailed)),
            _ => Ok(()),
        }
    }
}
