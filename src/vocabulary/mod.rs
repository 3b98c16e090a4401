//! How an enumeration is declared, and those that several rooms speak.

pub mod meetings;

use crate::language::{Language, Text};
use diesel::deserialize;
use diesel::pg::PgValue;
use std::borrow::Cow;
use std::str::FromStr;
use utoipa::ToSchema;

/// Defines closed sets of values: the type, and its values by name in JSON and in columns of text.
macro_rules! closed_set {
    ($($(#[$on:meta])* $vis:vis enum $name:ident { $($(#[$doc:meta])* $value:ident),* $(,)? })*) => {$(
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
            strum::EnumString, strum::IntoStaticStr, strum::EnumIter,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        $(#[$on])*
        #[diesel(sql_type = diesel::sql_types::Text)]
        #[serde(rename_all = "snake_case")]
        #[strum(serialize_all = "snake_case", const_into_str)]
        $vis enum $name { $($(#[$doc])* $value),* }

        impl $name {
            pub const fn as_str(self) -> &'static str {
                self.into_str()
            }
        }

        impl diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                std::io::Write::write_all(out, self.as_str().as_bytes())?;
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::deserialize::FromSql<diesel::sql_types::Text, diesel::pg::Pg> for $name {
            fn from_sql(value: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                $crate::vocabulary::read(value, stringify!($name))
            }
        }
    )*};
}
pub(crate) use closed_set;

/// Defines enumerations: closed sets whose values have labels, as the document and `meta/enums` name them. In parentheses
/// stands the name in `meta/enums` where it is another than the schema's.
macro_rules! enumeration {
    ($($(#[$on:meta])* $vis:vis enum $name:ident $(($code:literal))? {
        $($(#[$doc:meta])* $value:ident [$zh:literal, $en:literal]),* $(,)?
    })*) => {$(
        $crate::vocabulary::closed_set! {
            #[derive(utoipa::ToSchema)]
            $(#[$on])*
            $vis enum $name { $($(#[$doc])* $value),* }
        }

        impl $name {
            pub const fn label(self) -> &'static $crate::language::Text {
                match self { $(Self::$value => const { &$crate::language::Text::fixed($zh, $en) }),* }
            }
        }

        impl $crate::vocabulary::Enumeration for $name {
            $(const NAME: Option<&'static str> = Some($code);)?

            fn values() -> impl Iterator<Item = Self> {
                <Self as strum::IntoEnumIterator>::iter()
            }

            fn label(self) -> &'static $crate::language::Text {
                self.label()
            }
        }
    )*};
}
pub(crate) use enumeration;

/// What `enumeration!` has defined.
pub trait Enumeration: Into<&'static str> + Copy + ToSchema {
    /// In `meta/enums`; the schema's, in snake case, where none is given.
    const NAME: Option<&'static str> = None;

    /// In their order.
    fn values() -> impl Iterator<Item = Self>;

    fn label(self) -> &'static Text;
}

/// An enumeration: its name in `meta/enums`, its schema in the document, its values with their labels.
pub struct Labels {
    pub name: Cow<'static, str>,
    pub schema: Cow<'static, str>,
    pub values: Vec<(&'static str, &'static Text)>,
}

/// The labels of an enumeration.
pub fn labels<E: Enumeration>() -> Labels {
    let schema = E::name();
    Labels {
        name: E::NAME.map_or_else(|| snake_case(&schema).into(), Cow::Borrowed),
        values: E::values().map(|value| (value.into(), value.label())).collect(),
        schema,
    }
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (at, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && at > 0 {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// A value of a closed set as a column has it.
pub(crate) fn read<E: FromStr>(value: PgValue<'_>, set: &str) -> deserialize::Result<E> {
    let text = std::str::from_utf8(value.as_bytes())?;
    text.parse().map_err(|_| format!("{text:?} is no {set}").into())
}

/// 是 or 否
pub fn yes_or_no(value: bool, language: Language) -> &'static str {
    match (value, language) {
        (true, Language::Chinese) => "是",
        (false, Language::Chinese) => "否",
        (true, Language::English) => "Yes",
        (false, Language::English) => "No",
    }
}
