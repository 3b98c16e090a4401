use crate::http::extract::Input;
use crate::http::problem::{Fault, Problem, Result};
use crate::workflow::deadlines::DeadlineRule;
use crate::workflow::machine::Label;
use crate::workflow::{Term, TermKey, Unit};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 期限依据
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema, strum::IntoStaticStr, strum::EnumIter)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum TermBasis {
    /// The notice gives no day count.
    Practice,
}

/// 期限设置项
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Setting)]
pub struct SettingView {
    pub key: TermKey,
    pub label: Label,
    #[schema(example = 5, minimum = 1, maximum = 365)]
    pub amount: i32,
    pub unit: Unit,
    /// What holds until another is set.
    pub default: DeadlineRule,
    /// Where the default comes from.
    pub basis: TermBasis,
    /// Counted from or back to a working day: `unit` can be nothing else.
    pub in_working_days_alone: bool,
    /// Null while the default holds.
    #[schema(required = true)]
    pub updated_at: Option<DateTime<Utc>>,
}

/// A term that has been set.
#[derive(Clone, Copy, Debug)]
pub struct Set {
    pub term: Term,
    pub version: i64,
    pub updated_at: DateTime<Utc>,
}

impl SettingView {
    pub fn new(key: TermKey, set: Option<&Set>) -> Self {
        let default = key.default_term();
        let Term { amount, unit } = set.map_or(default, |set| set.term);
        Self {
            key,
            label: Label::from(&key.label()),
            amount,
            unit,
            default: DeadlineRule {
                amount: default.amount,
                unit: default.unit,
            },
            basis: TermBasis::Practice,
            in_working_days_alone: key.in_working_days_alone(),
            updated_at: set.map(|set| set.updated_at),
        }
    }
}

/// 期限修改 (RFC 7396)
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchSetting {
    #[schema(nullable = false, example = 5, minimum = 1, maximum = 365)]
    #[serde(default)]
    pub amount: Option<i32>,
    #[schema(nullable = false, example = "working_days")]
    #[serde(default)]
    pub unit: Option<Unit>,
}

impl Input for PatchSetting {}

impl PatchSetting {
    /// # Errors
    /// 422 for a unit that the term cannot have.
    pub fn check_unit(&self, key: TermKey) -> Result<()> {
        if !key.in_working_days_alone() || self.unit.is_none_or(|unit| unit == Unit::WorkingDays) {
            return Ok(());
        }
        Err(Problem::invalid(vec![Fault::at(
            "/unit",
            "not_allowed",
            "该期限只能以工作日计算。",
            "This term is counted in working days alone.",
        )]))
    }

    pub fn apply(&self, before: Term) -> Term {
        Term {
            amount: self.amount.unwrap_or(before.amount),
            unit: self.unit.unwrap_or(before.unit),
        }
    }
}
