//! THE list of switches that 市委统战部 can set: what the notice does not ask for, and an installation may.

use crate::language::Text;
use crate::vocabulary::closed_set;

macro_rules! switches {
    ($($(#[$doc:meta])* $name:ident $default:literal [$zh:literal, $en:literal];)*) => {
        closed_set! {
            pub enum SwitchKey { $($(#[$doc])* $name),* }
        }

        impl SwitchKey {
            pub fn label(self) -> &'static Text {
                match self { $(Self::$name => const { &Text::fixed($zh, $en) }),* }
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
