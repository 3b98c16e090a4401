//! What the records say of a department's liaison in a period: a report begins with it. One function a block.

use super::model::Row;
use crate::db::schema::{liaison_leaders as leaders, work_plans as plans};
use crate::directory::Directory;
use crate::http::problem::Result;
use crate::resources::work_plans;
use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// 期间情况: counted from the records, of the days of the period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkReportFacts)]
#[serde(default)]
pub struct Facts {
    #[schema(required = true)]
    pub leaders: LeaderFacts,
    #[schema(required = true)]
    pub plan: PlanFacts,
}

/// 联络负责人变动
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeaderFacts {
    /// Appointments that took effect.
    #[schema(example = 1, minimum = 0)]
    pub changes: usize,
}

/// 计划进度: of the plan of the year that the period ends in, as it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanFacts {
    #[schema(example = 4, minimum = 0)]
    pub items: usize,
    #[schema(example = 2, minimum = 0)]
    pub done: usize,
}

/// As the records stand today.
pub async fn compute(
    conn: &AsyncPgConnection,
    row: &Row,
    directory: &Directory,
    today: NaiveDate,
) -> Result<Facts> {
    let (leaders, plan) = futures_util::try_join!(
        leader_changes(conn, row),
        plan_progress(conn, row.department_id, row.period_to.year(), directory, today),
    )?;
    Ok(Facts { leaders, plan })
}

async fn leader_changes(mut conn: &AsyncPgConnection, row: &Row) -> Result<LeaderFacts> {
    let changes: i64 = leaders::table
        .filter(leaders::department_id.eq(row.department_id))
        .filter(leaders::effective_from.between(row.period_from, row.period_to))
        .count()
        .get_result(&mut conn)
        .await?;
    Ok(LeaderFacts {
        changes: usize::try_from(changes).unwrap_or(0),
    })
}

/// Of the version that stands submitted.
async fn plan_progress(
    mut conn: &AsyncPgConnection,
    department: Uuid,
    year: i32,
    directory: &Directory,
    today: NaiveDate,
) -> Result<PlanFacts> {
    let current: Option<work_plans::model::Row> = plans::table
        .filter(plans::department_id.eq(department))
        .filter(plans::year.eq(year))
        .filter(plans::submitted_at.is_not_null())
        .filter(plans::superseded_at.is_null())
        .select(work_plans::model::Row::as_select())
        .first(&mut conn)
        .await
        .optional()?;
    let rows: Vec<work_plans::model::Row> = current.into_iter().collect();
    let plans = work_plans::queries::whole(conn, rows, directory, today).await?;
    let plan = plans.into_iter().next();
    Ok(plan.map_or_else(PlanFacts::default, |plan| {
        let progress = plan.progress();
        PlanFacts {
            items: progress.items,
            done: progress.done,
        }
    }))
}
