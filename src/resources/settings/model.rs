use crate::http::extract::Input;
use crate::language::Text;
use crate::problem::{Fault, Problem, Result};
use crate::vocabulary::{Enumeration, enumeration};
use crate::workflow::deadlines::DeadlineRule;
use crate::workflow::machine::Label;
use crate::workflow::{SwitchKey, Term, TermKey, Unit};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::IntoEnumIterator;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// 设置项: a term or a switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SettingKey {
    Term(TermKey),
    Switch(SwitchKey),
}

impl Enumeration for SettingKey {
    /// The terms first.
    fn values() -> impl Iterator<Item = Self> {
        let switches = SwitchKey::iter().map(Self::Switch);
        TermKey::iter().map(Self::Term).chain(switches)
    }

    fn label(self) -> &'static Text {
        match self {
            Self::Term(key) => key.label(),
            Self::Switch(key) => key.label(),
        }
    }
}

impl From<SettingKey> for &'static str {
    fn from(key: SettingKey) -> Self {
        match key {
            SettingKey::Term(key) => key.into(),
            SettingKey::Switch(key) => key.into(),
        }
    }
}

impl std::str::FromStr for SettingKey {
    type Err = strum::ParseError;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let term = text.parse().map(Self::Term);
        term.or_else(|_| text.parse().map(Self::Switch))
    }
}

impl PartialSchema for SettingKey {
    fn schema() -> RefOr<Schema> {
        let keys = Self::values().map(<&str>::from);
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(keys))
            .description(Some("设置项: a term or a switch."))
            .build()
            .into()
    }
}

impl ToSchema for SettingKey {}

enumeration! {
    /// 设置类别
    pub enum SettingKind {
        /// How long something may take
        Term ["期限", "Term"],
        /// Whether something is asked for
        Switch ["开关", "Switch"],
    }
}

enumeration! {
    /// 设置依据
    pub enum TermBasis {
        /// The notice says nothing of it.
        Practice ["实践惯例", "Practice"],
    }
}

/// 设置项
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Setting)]
pub struct SettingView {
    pub key: SettingKey,
    pub kind: SettingKind,
    pub label: Label,
    /// Of a term; null for a switch.
    #[schema(required = true, example = 5, minimum = 1, maximum = 365)]
    pub amount: Option<i32>,
    /// Of a term; null for a switch.
    #[schema(required = true, example = "working_days")]
    pub unit: Option<Unit>,
    /// Of a switch: whether it is on; null for a term.
    #[schema(required = true, example = json!(null))]
    pub enabled: Option<bool>,
    /// Of a term, what holds until another is set; null for a switch.
    #[schema(required = true, example = json!({ "amount": 5, "unit": "working_days" }))]
    pub default: Option<DeadlineRule>,
    /// Of a switch, whether it is on until it is set; null for a term.
    #[schema(required = true, example = json!(null))]
    pub enabled_by_default: Option<bool>,
    /// Where the default comes from.
    pub basis: TermBasis,
    /// Counted from or back to a working day: `unit` can be nothing else.
    pub in_working_days_alone: bool,
    /// Null while the default holds.
    #[schema(required = true)]
    pub updated_at: Option<DateTime<Utc>>,
}

/// What a setting can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    Term(Term),
    Switch(bool),
}

/// A setting that has been set.
#[derive(Clone, Copy, Debug)]
pub struct Set {
    pub value: Value,
    pub version: i64,
    pub updated_at: DateTime<Utc>,
}

impl SettingKey {
    /// What holds until another is set.
    pub fn default_value(self) -> Value {
        match self {
            Self::Term(key) => Value::Term(key.default_term()),
            Self::Switch(key) => Value::Switch(key.default_enabled()),
        }
    }
}

impl SettingView {
    pub fn new(key: SettingKey, set: Option<&Set>) -> Self {
        let default = key.default_value();
        let (kind, in_working_days_alone) = match key {
            SettingKey::Term(key) => (SettingKind::Term, key.in_working_days_alone()),
            SettingKey::Switch(_) => (SettingKind::Switch, false),
        };
        let (term, enabled) = parts(set.map_or(default, |set| set.value));
        let (default, enabled_by_default) = parts(default);
        Self {
            key,
            kind,
            label: Label::from(key.label()),
            amount: term.map(|term| term.amount),
            unit: term.map(|term| term.unit),
            enabled,
            default: default.map(|Term { amount, unit }| DeadlineRule { amount, unit }),
            enabled_by_default,
            basis: TermBasis::Practice,
            in_working_days_alone,
            updated_at: set.map(|set| set.updated_at),
        }
    }
}

fn parts(value: Value) -> (Option<Term>, Option<bool>) {
    match value {
        Value::Term(term) => (Some(term), None),
        Value::Switch(enabled) => (None, Some(enabled)),
    }
}

/// 设置修改 (RFC 7396)
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({ "amount": 5, "unit": "working_days" }))]
#[serde(deny_unknown_fields)]
pub struct PatchSetting {
    /// Of a term.
    #[schema(nullable = false, example = 5, minimum = 1, maximum = 365)]
    #[serde(default)]
    pub amount: Option<i32>,
    /// Of a term.
    #[schema(nullable = false, example = "working_days")]
    #[serde(default)]
    pub unit: Option<Unit>,
    /// Of a switch.
    #[schema(nullable = false)]
    #[serde(default)]
    pub enabled: Option<bool>,
}

impl Input for PatchSetting {}

impl PatchSetting {
    /// # Errors
    /// 422 for what the setting does not have, or a unit that the term cannot have.
    pub fn check_against(&self, key: SettingKey) -> Result<()> {
        let mut faults = Vec::new();
        let mut refuse = |pointer, zh, en| faults.push(Fault::at(pointer, "not_allowed", zh, en));
        match key {
            SettingKey::Term(key) => {
                if self.enabled.is_some() {
                    refuse(
                        "/enabled",
                        "该设置项是期限，不是开关。",
                        "It is a term, not a switch.",
                    );
                }
                if key.in_working_days_alone() && self.unit.is_some_and(|unit| unit != Unit::WorkingDays) {
                    refuse(
                        "/unit",
                        "该期限只能以工作日计算。",
                        "This term is counted in working days alone.",
                    );
                }
            }
            SettingKey::Switch(_) => {
                let given = [("/amount", self.amount.is_some()), ("/unit", self.unit.is_some())];
                for (pointer, _) in given.into_iter().filter(|(_, given)| *given) {
                    refuse(
                        pointer,
                        "该设置项是开关，不是期限。",
                        "It is a switch, not a term.",
                    );
                }
            }
        }
        match faults.is_empty() {
            true => Ok(()),
            false => Err(Problem::invalid(faults)),
        }
    }

    pub fn apply(&self, before: Value) -> Value {
        match before {
            Value::Term(before) => Value::Term(Term {
                amount: self.amount.unwrap_or(before.amount),
                unit: self.unit.unwrap_or(before.unit),
            }),
            Value::Switch(before) => Value::Switch(self.enabled.unwrap_or(before)),
        }
    }
}
