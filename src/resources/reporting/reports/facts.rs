//! What the records say of a department's liaison in a period: a report begins with it. The figures are those of `src/figures`.

use super::model::Row;
use crate::db::schema::work_plans as plans;
use crate::directory::Directory;
use crate::figures::compute::value;
use crate::figures::counting::Counts;
use crate::figures::{self, Figure, Gathered, Group, Narrow, Scene};
use crate::problem::Result;
use crate::resources::reporting::plans as work_plans;
use crate::vocabulary::meetings::MeetingKind;
use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use utoipa::ToSchema;
use uuid::Uuid;

/// 期间情况: counted from the records, of the days of the period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkReportFacts)]
#[serde(default)]
pub struct Facts {
    #[schema(required = true)]
    pub activities: ActivityFacts,
    #[schema(required = true)]
    pub suggestions: SuggestionFacts,
    #[schema(required = true)]
    pub leaders: LeaderFacts,
    #[schema(required = true)]
    pub plan: PlanFacts,
}

/// 活动情况
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ActivityFacts {
    /// That the department convened, alone or with others, and that began in the period, today at the latest.
    #[schema(required = true, example = 4, minimum = 0)]
    pub convened: i64,
    /// Of them, those that count for the two a year.
    #[schema(required = true, example = 3, minimum = 0)]
    pub counted: i64,
    /// Each of them, and why it counts or does not.
    #[schema(required = true, max_items = 1000)]
    pub meetings: Vec<ActivityFact>,
}

/// 期间活动
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActivityFact {
    pub id: Uuid,
    pub kind: MeetingKind,
    #[schema(example = "“双减”政策落实情况联合调研", max_length = 200)]
    pub title: String,
    pub starts_on: NaiveDate,
    pub counts: Counts,
}

/// 意见建议办理情况: of those that came to the department as lead in the period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SuggestionFacts {
    #[schema(required = true, example = 5, minimum = 0)]
    pub received: i64,
    #[schema(required = true, example = 3, minimum = 0)]
    pub answered_in_time: i64,
    #[schema(required = true, example = 1, minimum = 0)]
    pub answered_late: i64,
    /// Not answered yet, and past the due day.
    #[schema(required = true, example = 0, minimum = 0)]
    pub overdue: i64,
    #[schema(required = true)]
    pub results: ResultFacts,
}

/// 办理结果数量: by the last reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ResultFacts {
    #[schema(required = true, example = 2, minimum = 0)]
    pub a: i64,
    #[schema(required = true, example = 1, minimum = 0)]
    pub b: i64,
    #[schema(required = true, example = 1, minimum = 0)]
    pub c: i64,
    #[schema(required = true, example = 0, minimum = 0)]
    pub d: i64,
}

/// 联络负责人变动
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct LeaderFacts {
    /// Appointments that took effect.
    #[schema(required = true, example = 1, minimum = 0)]
    pub changes: i64,
    /// Of them, those reported late.
    #[schema(required = true, example = 0, minimum = 0)]
    pub late: i64,
}

/// 计划进度: of the plan of the year that the period ends in, as it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanFacts {
    #[schema(example = 4, minimum = 0)]
    pub items: usize,
    #[schema(example = 2, minimum = 0)]
    pub done: usize,
}

const GROUPS: [Group; 3] = [Group::Activities, Group::Suggestions, Group::Leaders];

/// Facts of several reports: what those of one period are counted from is read once.
pub struct Gatherer<'a> {
    conn: &'a AsyncPgConnection,
    directory: &'a Directory,
    today: NaiveDate,
    gathered: HashMap<figures::Period, Gathered>,
}

impl<'a> Gatherer<'a> {
    pub fn new(conn: &'a AsyncPgConnection, directory: &'a Directory, today: NaiveDate) -> Self {
        Self {
            conn,
            directory,
            today,
            gathered: HashMap::new(),
        }
    }

    /// As the records stand today.
    ///
    /// # Errors
    /// `database_unavailable`.
    pub async fn of(&mut self, row: &Row) -> Result<Facts> {
        let (conn, directory, today) = (self.conn, self.directory, self.today);
        let period = figures::Period::new(row.period_from, row.period_to, today);
        let scene = Scene {
            directory,
            period: &period,
        };
        let gathered = match self.gathered.entry(period) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(figures::gather(conn, &scene, &GROUPS, today).await?),
        };
        let facts = counted(gathered, scene.acting(row.department_id));
        let plan = plan_progress(conn, row.department_id, row.period_to.year(), directory, today).await?;
        Ok(Facts { plan, ..facts })
    }
}

fn counted(gathered: &Gathered, department: Uuid) -> Facts {
    let narrow = Narrow {
        departments: Some(&[department]),
        parties: None,
    };
    let report = gathered.report(&GROUPS, narrow);
    let of = |figure| value(report.departments.get(&department), figure);
    let number = |figure| of(figure).numerator;
    let (activities, changes) = (of(Figure::ActivitiesCounted), of(Figure::LeaderChangesLate));
    let own = gathered
        .activities
        .iter()
        .filter(|one| one.department_id == department);
    Facts {
        activities: ActivityFacts {
            convened: activities.denominator,
            counted: activities.numerator,
            meetings: own
                .map(|one| ActivityFact {
                    id: one.meeting_id,
                    kind: one.kind,
                    title: one.title.clone(),
                    starts_on: one.starts_on,
                    counts: one.counts,
                })
                .collect(),
        },
        suggestions: SuggestionFacts {
            received: number(Figure::SuggestionsReceived),
            answered_in_time: number(Figure::SuggestionsAnsweredInTime),
            answered_late: number(Figure::SuggestionsAnsweredLate),
            overdue: number(Figure::SuggestionsAnswerOverdue),
            results: ResultFacts {
                a: number(Figure::ResultA),
                b: number(Figure::ResultB),
                c: number(Figure::ResultC),
                d: number(Figure::ResultD),
            },
        },
        leaders: LeaderFacts {
            changes: changes.denominator,
            late: changes.numerator,
        },
        plan: PlanFacts::default(),
    }
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
