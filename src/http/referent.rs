//! What a body refers to: the codes and ids of its schema's `x-reference`.

/// What a text of a body names.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, strum::EnumString, strum::EnumIter, strum::IntoStaticStr,
)]
#[strum(serialize_all = "snake_case")]
pub enum Referent {
    /// One that stands today.
    Department,
    Party,
    Office,
    /// A department, or 市委统战部.
    Host,
    Organization,
    /// One that stands, stood or will stand.
    AnyDepartment,
    AnyParty,
    Suggestion,
    Meeting,
    WorkReport,
    Scheme,
    /// Of the meeting that the path names.
    Invitation,
}

/// One reference, and where it stands.
pub struct Reference {
    pub at: String,
    pub to: Referent,
    pub named: String,
}
