//! What came of a planned item: the meetings that are linked to it.

use super::items;
use super::model::{PlanItemMeetings, WorkPlanView};
use super::policy::WorkPlan;
use super::queries;
use crate::db::transaction::Tx;
use crate::directory::{self, Directory};
use crate::events::Change;
use crate::http::call::Call;
use crate::http::catalogue::Code;
use crate::http::contract::pointer;
use crate::http::etag;
use crate::http::extract::{Id, Json, Path};
use crate::http::idempotency::Answer;
use crate::http::problem::{Fault, Problem, Result};
use crate::policy::ops;
use crate::resources::meetings;
use actix_web::{HttpResponse, put};
use uuid::Uuid;

/// Link meetings to a planned item
///
/// By the department: these and no others, of those that the department holds. The item is done when one of them is
/// concluded. Answers with the plan.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = Uuid, Path), ("item" = Uuid, Path)),
    request_body = PlanItemMeetings,
    responses((status = 200, body = WorkPlanView))
)]
#[put("/api/v1/work-plans/{id}/items/{item}/meetings")]
pub async fn replace_work_plan_item_meetings(
    call: Call,
    path: Path<(Id, Id)>,
    body: Json<PlanItemMeetings>,
) -> Result<HttpResponse> {
    let (id, item) = (path.0.0.0, path.0.1.0);
    call.write(async |tx| {
        let directory = directory::load(tx.conn).await?;
        // Faults of the body are named first.
        let found = match queries::get_locked(tx, id, &directory).await {
            Err(problem) if problem.code() == Code::NotFound => None,
            found => Some(found?).filter(|plan| plan.is_visible(&call.caller)),
        };
        let linked = reachable(&call, tx, &directory, &body.0.meetings).await?;
        let before = found
            .filter(|plan| plan.items.iter().any(|one| one.id == item))
            .ok_or_else(Problem::not_found)?;
        let permit = call.caller.permit::<ops::ReplaceWorkPlanItemMeetings>(&before)?;
        if !before.is_author(&call.caller) || !linked.iter().all(|one| is_host(one, &before)) {
            return Err(Problem::new(Code::NotYours));
        }
        etag::require_match(&call.request, before.row.version)?;
        if before.row.superseded_at.is_some() {
            return Err(Problem::new(Code::Superseded));
        }
        items::link(tx, &permit, before.row.id, item, &body.0.meetings).await?;
        let after = queries::get(tx.conn, id, &directory, tx.today()).await?;
        let shown = |one: &WorkPlan| WorkPlanView::new(one, &directory, tx.today());
        let change = Change::new(
            "work_plan.linked",
            id,
            Some(&shown(&before)?),
            Some(&shown(&after)?),
        )?;
        let change = match before.row.submitted_at {
            Some(_) => change,
            None => change.kept_quiet(),
        };
        tx.record(&permit, change).await?;
        let view = WorkPlanView::for_caller(&call.caller, &after, &directory, tx.today())?;
        Answer::ok(after.row.version, &view)
    })
    .await
}

/// Meetings that the caller sees and that are convened; all others are as unknown as those that do not exist.
async fn reachable(
    call: &Call,
    tx: &mut Tx<'_>,
    directory: &Directory,
    ids: &[Uuid],
) -> Result<Vec<meetings::policy::Meeting>> {
    let (mut found, mut faults) = (Vec::with_capacity(ids.len()), Vec::new());
    for (index, id) in ids.iter().enumerate() {
        let place = pointer(&[&"meetings", &index]);
        if ids[..index].contains(id) {
            faults.push(Fault::at(
                place,
                "repeated",
                "已在前面列出。",
                "It stands there before.",
            ));
            continue;
        }
        let meeting = match meetings::queries::get(tx.conn, *id, directory, tx.now()).await {
            Err(problem) if problem.code() == Code::NotFound => None,
            meeting => meeting?.seen_by(&call.caller).ok().filter(|one| !one.is_draft()),
        };
        match meeting {
            Some(meeting) => found.push(meeting),
            None => faults.push(Fault::unknown_reference(place)),
        }
    }
    match faults.is_empty() {
        true => Ok(found),
        false => Err(Problem::invalid(faults)),
    }
}

/// Whether the plan's department, or who acts for it, holds the meeting.
fn is_host(meeting: &meetings::policy::Meeting, plan: &WorkPlan) -> bool {
    let department = plan.row.department_id;
    let mut hosts = meeting.hosts.iter();
    hosts.any(|host| host.id == department || host.acting.is_some() && host.acting == plan.acting)
}
