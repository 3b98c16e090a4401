//! Enumerations, each with its labels; here those that several rooms speak.

pub mod meetings;

use std::borrow::Cow;

/// An enumeration: its name in `meta/enums`, its schema in the document, its values with their labels.
pub struct Labels {
    pub name: &'static str,
    pub schema: &'static str,
    pub values: Vec<(&'static str, Cow<'static, str>, Cow<'static, str>)>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident { $($(#[$on:meta])* $value:ident [$zh:literal, $en:literal];)* })*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema,
            strum::EnumString, strum::IntoStaticStr, strum::EnumIter,
        )]
        #[serde(rename_all = "snake_case")]
        #[strum(serialize_all = "snake_case")]
        pub enum $name { $($(#[$on])* $value),* }

        impl $name {
            pub fn label(self) -> Text {
                match self { $(Self::$value => Text::fixed($zh, $en)),* }
            }
        }
    )*};
}

pub(crate) use kinds;
