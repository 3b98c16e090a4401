//! State machines as data: one definition from which come the check of every step, the `allowed_actions` of every answer,
//! `GET meta/state-machines/{name}`, `docs/state-machines.md` and the exhaustive test.

use crate::language::{Language, Text};
use crate::policy::{Caller, Governed, Op, Operation, Permit, Reach};
use crate::problem::{Code, Problem, Result};
use crate::vocabulary::enumeration;
use crate::work::Tx;
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use utoipa::ToSchema;

enumeration! {
    /// What a caller is to a thing: who may take a step is said in these words.
    pub enum Actor {
        Coordinator ["市委统战部", "Coordinator"],
        /// 本部门: the department that the thing belongs to
        Department ["本部门", "The department itself"],
        /// 受文单位: an organization that the thing was reported or told to
        Recipient ["受文单位", "Recipient"],
        /// 反映单位: the organization that raised the thing
        Raiser ["反映单位", "Who raised it"],
        /// 主办单位: the department that leads the handling
        Lead ["主办单位", "Leading department"],
        /// 会办单位: a department that joins in the handling
        Joint ["会办单位", "Joint department"],
        /// 提出单位: the party that raises a suggestion, the first of several
        Party ["提出单位", "The party that raises it"],
        /// 联名单位: a party that signs it, too
        JointParty ["联名单位", "Joint party"],
        /// 举办单位: a department or 市委统战部 that holds a meeting
        Host ["举办单位", "Host"],
        /// 受邀单位: an organization that is invited to it
        Invitee ["受邀单位", "Invited organization"],
        /// 市政府办公室: receives a copy
        GovernmentOffice ["市政府办公室", "The government office"],
        /// 承办单位: an organization that has something to do
        Owner ["承办单位", "Whose it is to do"],
        /// 系统: no person, but time or another thing's step
        System ["系统", "The system"],
        /// 发送单位: the organization that sends a bulletin
        Sender ["发送单位", "Sender"],
    }
}

pub struct State {
    pub code: &'static str,
    pub label: &'static Text,
    /// Nothing follows it.
    pub end: bool,
}

/// The states of a machine, out of an enumeration; `end` stands after what nothing follows.
macro_rules! states {
    ($set:ident: $($value:ident $($end:ident)?),*) => {
        &[$($crate::workflow::machine::State {
            code: $set::$value.as_str(),
            label: $set::$value.label(),
            end: !stringify!($($end)?).is_empty(),
        }),*]
    };
}
pub(crate) use states;

pub struct Step {
    /// As it stands in the path.
    pub code: &'static str,
    pub label: Text,
    /// The operation that carries it out; none where it follows from something else.
    pub op: Option<Op>,
    /// Empty: it makes the thing.
    pub from: &'static [&'static str],
    /// The state afterwards; none where it stays as it is.
    pub to: Option<&'static str>,
    pub by: &'static [Actor],
    /// Fields of the body without which the step is refused.
    pub required: &'static [&'static str],
    /// The deadlines that it starts, by the key of their term.
    pub starts: &'static [crate::workflow::TermKey],
}

pub struct Machine {
    pub name: &'static str,
    pub title: Text,
    pub states: &'static [State],
    pub steps: &'static [Step],
}

/// A thing that lives by a machine.
pub trait Flow: Sized {
    fn machine(&self) -> &'static Machine;

    fn state(&self) -> &'static str;

    /// What its `ETag` begins with, and `If-Match` is held against.
    fn version(&self) -> i64;

    /// What the caller is to it.
    fn actors(&self, caller: &Caller) -> Vec<Actor>;

    /// The machine of its other form, whose steps are known and never open to this one.
    fn other_form(&self) -> Option<&'static Machine> {
        None
    }

    /// Whether an operation is a step of its machine, in either form.
    fn knows(&self, op: Op) -> bool {
        let of = |machine: &Machine| machine.step(op).is_some();
        of(self.machine()) || self.other_form().is_some_and(of)
    }

    /// What a caller is told whose step the state does not allow.
    fn refusal(&self, _op: Op, caller: &Caller) -> Problem {
        refusal(self, caller, Code::StepNotAllowed)
    }

    /// Why a step is not open to the caller although the state and the relation are right.
    fn obstacle(&self, _op: Op, _caller: &Caller) -> Option<Code> {
        None
    }
}

/// 可执行的操作: a step that the caller can take now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AllowedAction {
    /// The last part of the path to post to. `edit` and `delete` are `PATCH` and `DELETE` on the thing itself; another
    /// resource's name, such as `feedback-receipts`, is where to post to with the thing named in the body.
    #[schema(example = "acknowledge", max_length = 64)]
    pub code: &'static str,
    pub label: Label,
    /// Fields that the body must have.
    #[schema(example = json!([]), max_items = 20)]
    pub required: &'static [&'static str],
}

/// 中英文名称或说明
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Label {
    #[schema(example = "签收", max_length = 500)]
    pub zh: String,
    #[schema(example = "Acknowledge", max_length = 500)]
    pub en: String,
}

impl From<&Text> for Label {
    fn from(text: &Text) -> Self {
        Self {
            zh: text.zh.to_string(),
            en: text.en.to_string(),
        }
    }
}

impl Label {
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.zh,
            Language::English => &self.en,
        }
    }
}

impl From<&'static Step> for AllowedAction {
    fn from(step: &'static Step) -> Self {
        Self {
            code: step.code,
            label: Label::from(&step.label),
            required: step.required,
        }
    }
}

impl Machine {
    pub fn step(&self, op: Op) -> Option<&'static Step> {
        self.steps.iter().find(|step| step.op == Some(op))
    }

    /// As Mermaid draws it.
    pub fn mermaid(&self) -> String {
        let mut text = "stateDiagram-v2\n".to_owned();
        for state in self.states {
            let _ = writeln!(text, "    {} : {} {}", state.code, state.label.zh, state.code);
        }
        for step in self.steps {
            let arrow =
                |from: &str, to: &str| format!("    {from} --> {to} : {} {}\n", step.label.zh, step.code);
            if step.from.is_empty() {
                text.push_str(&arrow("[*]", step.to.unwrap_or_default()));
            }
            for from in step.from {
                text.push_str(&arrow(from, step.to.unwrap_or(from)));
            }
        }
        for state in self.states.iter().filter(|state| state.end) {
            let _ = writeln!(text, "    {} --> [*]", state.code);
        }
        text
    }
}

/// The step's relation as the permit asks for it.
pub struct Related(pub bool);

impl Governed for Related {
    fn within(&self, _: &Caller, reach: Reach) -> bool {
        reach == Reach::Own && self.0
    }
}

fn is_by(thing: &impl Flow, step: &Step, caller: &Caller) -> bool {
    thing.actors(caller).iter().any(|actor| step.by.contains(actor))
}

/// Leave to take the step that `O` carries out: 403 by relation, then 428 or 412 by `If-Match`, then 409 by state, naming the
/// state and what is allowed.
///
/// # Errors
/// `not_yours`, `precondition_failed`, `step_not_allowed` or what the thing says instead, or what else stands in the way; 500 where `O` is no step of the
/// thing's machine.
pub fn enter<O: Operation>(tx: &mut Tx<'_>, thing: &impl Flow) -> Result<Permit<O>> {
    let caller = &tx.origin.caller;
    let machine = thing.machine();
    let own = machine.step(O::OP);
    let step = own
        .or_else(|| thing.other_form()?.step(O::OP))
        .ok_or_else(|| Problem::internal(format!("{} is no step of {}", O::OP.id(), machine.name)))?;
    let related = is_by(thing, step, caller);
    let permit = caller.permit::<O>(&Related(related))?;
    // A reach of `any` opens the operation, not the step: that is the definition's to say.
    if !related {
        return Err(Problem::new(Code::NotYours));
    }
    tx.matches(thing.version())?;
    if own.is_none() || !step.from.contains(&thing.state()) {
        return Err(thing.refusal(O::OP, caller));
    }
    match thing.obstacle(O::OP, caller) {
        None => Ok(permit),
        Some(code) => Err(refusal(thing, caller, code)),
    }
}

/// 409 that says in which state the thing is, and what the caller can do instead.
pub fn refusal(thing: &impl Flow, caller: &Caller, code: Code) -> Problem {
    let allowed: Vec<&str> = allowed_actions(caller, thing)
        .iter()
        .map(|action| action.code)
        .collect();
    Problem::new(code)
        .with("state", thing.state())
        .with("allowed_actions", allowed)
}

/// The steps that the caller can take on the thing as it is.
pub fn allowed_actions(caller: &Caller, thing: &impl Flow) -> Vec<AllowedAction> {
    let state = thing.state();
    let mut actions: Vec<AllowedAction> = thing
        .machine()
        .steps
        .iter()
        .filter(|step| step.from.contains(&state))
        .filter(|step| {
            step.op
                .is_some_and(|op| op.reach(caller) != Reach::Never && thing.obstacle(op, caller).is_none())
        })
        .filter(|step| is_by(thing, step, caller))
        .map(AllowedAction::from)
        .collect();
    // A step that can end in two states stands in the definition twice.
    actions.dedup_by_key(|action| action.code);
    actions
}
