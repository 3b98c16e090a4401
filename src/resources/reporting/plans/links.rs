//! What came of a planned item: the meetings that are linked to it.

use super::items;
use super::model::{PlanItemMeetings, WorkPlanView};
use super::policy::WorkPlan;
use crate::http::call::Call;
use crate::http::extract::{Id, Json, Path};
use crate::http::idempotency::Answer;
use crate::policy::ops;
use crate::problem::{Code, Problem, Result};
use crate::resources::meetings::{self, links};
use crate::workflow::step::Aggregate;
use actix_web::{HttpResponse, put};

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
    call.write_in(async |tx, context| {
        let directory = context.directory;
        // Faults of the body are named first.
        let found = match WorkPlan::hold(tx, &id, directory).await {
            Err(problem) if problem.code() == Code::NotFound => None,
            found => Some(found?),
        };
        let (mut faults, around) = (Vec::new(), (directory, tx.now()));
        let linked = links::named(tx.conn, &call.caller, &body.0.meetings, around, &mut faults).await?;
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        let before = found
            .filter(|plan| plan.items.iter().any(|one| one.id == item))
            .ok_or_else(Problem::not_found)?;
        let permit = call.caller.permit::<ops::ReplaceWorkPlanItemMeetings>(&before)?;
        if !before.is_author(&call.caller) || !linked.iter().all(|one| is_host(one, &before)) {
            return Err(Problem::new(Code::NotYours));
        }
        tx.matches(before.row.version)?;
        if before.row.superseded_at.is_some() {
            return Err(Problem::new(Code::Superseded));
        }
        items::link(tx, &permit, before.row.id, item, &body.0.meetings).await?;
        let after = before.reread(tx, directory).await?;
        let both = (Some(&before), Some(&after));
        WorkPlan::record(tx, &permit, "work_plan.linked", directory, both).await?;
        let view = WorkPlanView::for_caller(&call.caller, &after, directory, tx.today())?;
        Answer::ok(after.row.version, &view)
    })
    .await
}

/// Whether the plan's department, or who acts for it, holds the meeting.
fn is_host(meeting: &meetings::policy::Meeting, plan: &WorkPlan) -> bool {
    let department = plan.row.department_id;
    let mut hosts = meeting.hosts.iter();
    hosts.any(|host| host.id == department || host.acting.is_some() && host.acting == plan.acting)
}
