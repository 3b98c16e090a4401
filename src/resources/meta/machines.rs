//! Every state machine of the service, as front ends read them: JSON, or drawn by Mermaid.

use crate::http::accept::weighted;
use crate::http::extract::Path;
use crate::http::negotiate::MERMAID;
use crate::problem::{Problem, Result};
use crate::resources::machines::MACHINES;
use crate::workflow::machine::{Actor, Label, Machine};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

/// 状态机
#[derive(Serialize, ToSchema)]
#[schema(as = StateMachine)]
pub struct MachineView {
    #[schema(example = "liaison_leader", max_length = 64)]
    name: &'static str,
    title: Label,
    #[schema(max_items = 50)]
    states: Vec<StateView>,
    #[schema(max_items = 100)]
    steps: Vec<StepView>,
}

/// 状态
#[derive(Serialize, ToSchema)]
#[schema(as = State)]
pub struct StateView {
    #[schema(example = "reported", max_length = 64)]
    code: &'static str,
    label: Label,
    /// Nothing follows it.
    end: bool,
}

/// 步骤
#[derive(Serialize, ToSchema)]
#[schema(as = Step)]
pub struct StepView {
    #[schema(example = "acknowledge", max_length = 64)]
    code: &'static str,
    label: Label,
    /// States in which it can be taken; empty where it makes the thing.
    #[schema(example = json!(["reported"]), max_items = 50)]
    from: &'static [&'static str],
    /// States that it leads to; the same as `from` where the thing stays as it is.
    #[schema(example = json!(["reported"]), max_items = 50)]
    to: Vec<&'static str>,
    #[schema(max_items = 20)]
    by: &'static [Actor],
    /// Fields that the body must have.
    #[schema(example = json!([]), max_items = 20)]
    required: &'static [&'static str],
    /// Keys of the terms whose deadlines it starts.
    #[schema(max_items = 20)]
    starts: &'static [crate::workflow::TermKey],
    /// The operation that carries it out; null where it follows from time or another thing's step.
    #[schema(required = true, example = "acknowledge_liaison_leader", max_length = 64)]
    operation_id: Option<&'static str>,
}

impl From<&'static Machine> for MachineView {
    fn from(machine: &'static Machine) -> Self {
        let states = machine.states.iter().map(|state| StateView {
            code: state.code,
            label: Label::from(state.label),
            end: state.end,
        });
        let steps = machine.steps.iter().map(|step| StepView {
            code: step.code,
            label: Label::from(&step.label),
            from: step.from,
            to: step.to.map_or_else(|| step.from.to_vec(), |to| vec![to]),
            by: step.by,
            required: step.required,
            starts: step.starts,
            operation_id: step.op.map(crate::policy::Op::id),
        });
        Self {
            name: machine.name,
            title: Label::from(&machine.title),
            states: states.collect(),
            steps: steps.collect(),
        }
    }
}

/// A state machine
///
/// States and steps, with who may take them: the very definition that every step is checked by, and that `allowed_actions`
/// are made from. With `Accept: text/vnd.mermaid` as a drawing.
#[utoipa::path(
    tag = "meta",
    params(("name" = String, Path, example = "liaison_leader", max_length = 64)),
    responses((status = 200, content(
        (MachineView = "application/json"),
        (String = "text/vnd.mermaid", example = "stateDiagram-v2\n    [*] --> reported : 报送 create\n"),
    )))
)]
#[get("/api/v1/meta/state-machines/{name}")]
pub async fn get_state_machine(request: HttpRequest, name: Path<String>) -> Result<HttpResponse> {
    let machine = MACHINES
        .iter()
        .find(|machine| machine.name == name.0)
        .ok_or_else(Problem::not_found)?;
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .insert_header((header::VARY, "Accept"));
    if wants_mermaid(&request) {
        return Ok(response
            .content_type("text/vnd.mermaid; charset=utf-8")
            .body(machine.mermaid()));
    }
    Ok(response.json(MachineView::from(*machine)))
}

fn wants_mermaid(request: &HttpRequest) -> bool {
    let accepted: Vec<(String, f32)> = weighted(request.headers(), header::ACCEPT).collect();
    let weight = |media_type: &str| {
        let found = accepted.iter().find(|(accepted, _)| accepted == media_type);
        found.map_or(0.0, |(_, weight)| *weight)
    };
    weight(MERMAID) > 0.0 && weight(MERMAID) >= weight("application/json")
}
