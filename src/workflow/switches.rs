//! THE list of switches that 市委统战部 can set: what the notice does not ask for, and an installation may.

use crate::language::Text;
use serde::{Deserialize, Serialize};

macro_rules! switches {
    ($($(#[$doc:meta])* $name:ident $default:literal [$zh:literal, $en:literal];)*) => {
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
            strum::EnumString, strum::IntoStaticStr, strum::EnumIter,
        )]
        #[serde(rename_all = "snake_case")]
        #[strum(serialize_all = "snake_case")]
        pub enum SwitchKey { $($(#[$doc])* $name),* }

        impl SwitchKey {
            pub fn label(self) -> Text {
                match self { $(Self::$name => Text::fixed($zh, $en)),* }
            }

            /// What holds until it is set.
            pub fn default_enabled(self) -> bool {
                match self { $(Self::$name => $default),* }
            }
        }
    };
}

switches! {
    /// Whether departments owe a report on the first half of a year.
    HalfYearlyReports false ["报送上半年工作情况", "Half-yearly work reports"];
    /// 零报告: whether departments confirm each quarter that their leader has not changed.
    QuarterlyConfirmation false ["联络负责人季度确认（零报告）", "Quarterly confirmation of the liaison leader"];
}
