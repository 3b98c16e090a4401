//! The timeline: every step with its actor and day, and the calendar's moves of deadlines between them.

use super::model::{CommunicationWay, Satisfaction, SuggestionResult, SuggestionState};
use super::states;
use crate::clock::shanghai_day;
use crate::db::schema::{deadline_moves, suggestion_steps, todos};
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::problem::{Problem, Result};
use crate::workflow::machine::Label;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a step says beside its text, as it is stored.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Details {
    pub department: Option<Uuid>,
    pub joint_departments: Option<Vec<Uuid>>,
    pub parties: Option<Vec<Uuid>>,
    pub former_department: Option<Uuid>,
    pub handler: Option<String>,
    pub office: Option<String>,
    pub day: Option<NaiveDate>,
    pub day_before: Option<NaiveDate>,
    pub way: Option<CommunicationWay>,
    pub persons: Option<Vec<String>>,
    pub communication: Option<Uuid>,
    pub granted: Option<bool>,
    pub result: Option<SuggestionResult>,
    pub reply: Option<Uuid>,
    pub reply_version: Option<i32>,
    pub document_number: Option<String>,
    pub missing_opinions_reason: Option<String>,
    pub attitude: Option<Satisfaction>,
    pub satisfaction: Option<Satisfaction>,
    pub late: Option<bool>,
    pub receipt: Option<Uuid>,
    pub number: Option<String>,
    pub commitments: Option<usize>,
}

/// 办理步骤
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SuggestionStep)]
pub struct StepView {
    pub id: Uuid,
    /// As it stands in the path; `deadline-moved` where the calendar was corrected.
    #[schema(example = "accept", max_length = 64)]
    pub step: String,
    pub label: Label,
    #[schema(example = 1, minimum = 1, maximum = 2)]
    pub round: i32,
    /// Afterwards.
    pub state: SuggestionState,
    pub at: DateTime<Utc>,
    /// Null: time did it, or another step.
    #[schema(required = true)]
    pub organization: Option<OrganizationRef>,
    /// Display name of the account.
    #[schema(required = true, example = "李秋霞", max_length = 100)]
    pub actor: Option<String>,
    /// What was said. Null where nothing was, and for parties of a joint opinion.
    #[schema(required = true, example = json!(null), max_length = 50_000)]
    pub text: Option<String>,
    #[schema(required = true)]
    pub details: Option<DetailsView>,
}

/// 步骤详情: what a step says beside its text; what does not belong to it is left out.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[schema(as = SuggestionStepDetails)]
pub struct DetailsView {
    /// The department that it went to, or should go to.
    pub department: Option<OrganizationRef>,
    #[schema(max_items = 30)]
    pub joint_departments: Option<Vec<OrganizationRef>>,
    /// Parties that were asked to sign.
    #[schema(max_items = 30)]
    pub parties: Option<Vec<OrganizationRef>>,
    /// The department that was relieved.
    pub former_department: Option<OrganizationRef>,
    #[schema(max_length = 50)]
    pub handler: Option<String>,
    #[schema(max_length = 100)]
    pub office: Option<String>,
    /// The day that the step names: of the communication, of the next word, until which it is extended.
    pub day: Option<NaiveDate>,
    /// The day that a deadline had before.
    pub day_before: Option<NaiveDate>,
    pub way: Option<CommunicationWay>,
    #[schema(max_items = 100)]
    pub persons: Option<Vec<String>>,
    /// The communication, which attachments may hang on.
    pub communication: Option<Uuid>,
    pub granted: Option<bool>,
    pub result: Option<SuggestionResult>,
    /// The reply, which attachments may hang on.
    pub reply: Option<Uuid>,
    #[schema(minimum = 1)]
    pub reply_version: Option<i32>,
    #[schema(max_length = 100)]
    pub document_number: Option<String>,
    #[schema(max_length = 1000)]
    pub missing_opinions_reason: Option<String>,
    /// How satisfied the party is with the attitude.
    pub attitude: Option<Satisfaction>,
    /// How satisfied it is with the result.
    pub satisfaction: Option<Satisfaction>,
    pub late: Option<bool>,
    pub receipt: Option<Uuid>,
    /// The number that was given.
    #[schema(max_length = 100)]
    pub number: Option<String>,
    /// How many commitments a reply makes.
    #[schema(minimum = 0, maximum = 50)]
    pub commitments: Option<usize>,
}

/// 办理过程
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SuggestionTimeline)]
pub struct TimelineView {
    #[schema(max_items = 10_000)]
    pub items: Vec<StepView>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = suggestion_steps)]
struct Row {
    id: Uuid,
    step: String,
    round: i32,
    state: SuggestionState,
    occurred_at: DateTime<Utc>,
    organization_id: Option<Uuid>,
    actor: Option<String>,
    text: Option<String>,
    details: Option<serde_json::Value>,
}

type Move = (
    Uuid,
    DateTime<Utc>,
    NaiveDate,
    NaiveDate,
    String,
    Option<DateTime<Utc>>,
);

/// How far a reader reads.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    /// Up to that instant, for a former lead.
    pub until: Option<DateTime<Utc>>,
    /// What joint departments say.
    pub opinions: bool,
}

/// All of it, the oldest first.
pub async fn of(
    conn: &AsyncPgConnection,
    directory: &Directory,
    suggestion: Uuid,
    sight: Sight,
) -> Result<TimelineView> {
    let (mut c1, mut c2) = (conn, conn);
    let steps = suggestion_steps::table
        .filter(suggestion_steps::suggestion_id.eq(suggestion))
        .order((suggestion_steps::occurred_at, suggestion_steps::id))
        .select(Row::as_select())
        .load(&mut c1);
    let moves = deadline_moves::table
        .inner_join(todos::table.on(todos::id.eq(deadline_moves::todo_id)))
        .filter(todos::subject_id.eq(suggestion))
        .order(deadline_moves::moved_at)
        .select((
            deadline_moves::id,
            deadline_moves::moved_at,
            deadline_moves::due_before,
            deadline_moves::due_after,
            deadline_moves::reason,
            todos::extended_at,
        ))
        .load::<Move>(&mut c2);
    let (steps, moves) = futures_util::try_join!(steps, moves)?;
    let mut items = steps
        .into_iter()
        .map(|row| StepView::new(row, directory, sight.opinions))
        .collect::<Result<Vec<_>>>()?;
    for one in moves {
        let (_, moved_at, .., extended_at) = &one;
        // An extension is a step of its own.
        if extended_at.as_ref() == Some(moved_at) {
            continue;
        }
        let before = items.iter().rposition(|step| step.at <= *moved_at);
        let moved = StepView::of_move(one, before.and_then(|index| items.get(index)));
        items.insert(before.map_or(0, |index| index + 1), moved);
    }
    items.retain(|step| sight.until.is_none_or(|until| step.at <= until));
    Ok(TimelineView { items })
}

impl StepView {
    fn new(row: Row, directory: &Directory, opinions: bool) -> Result<Self> {
        let Row {
            id,
            step,
            round,
            state,
            occurred_at,
            organization_id,
            actor,
            text,
            details,
        } = row;
        let day = shanghai_day(occurred_at);
        let organization = organization_id
            .map(|organization| directory.reference(organization, day))
            .transpose()?;
        let details: Option<Details> = details
            .map(serde_json::from_value)
            .transpose()
            .map_err(Problem::internal)?;
        Ok(Self {
            id,
            label: Label::from(&states::label(&step)),
            text: text.filter(|_| opinions || step != "opinion"),
            step,
            round,
            state,
            at: occurred_at,
            organization,
            actor,
            details: details
                .map(|details| DetailsView::new(details, directory, day))
                .transpose()?,
        })
    }

    fn of_move((id, at, due_before, due_after, reason, _): Move, after: Option<&Self>) -> Self {
        let details = DetailsView {
            day: Some(due_after),
            day_before: Some(due_before),
            ..DetailsView::default()
        };
        Self {
            id,
            step: "deadline-moved".to_owned(),
            label: Label::from(&states::label("deadline-moved")),
            round: after.map_or(1, |step| step.round),
            state: after.map_or(SuggestionState::Submitted, |step| step.state),
            at,
            organization: None,
            actor: None,
            text: Some(reason),
            details: Some(details),
        }
    }
}

impl DetailsView {
    fn new(details: Details, directory: &Directory, day: NaiveDate) -> Result<Self> {
        let Details {
            department,
            joint_departments,
            parties,
            former_department,
            handler,
            office,
            day: named,
            day_before,
            way,
            persons,
            communication,
            granted,
            result,
            reply,
            reply_version,
            document_number,
            missing_opinions_reason,
            attitude,
            satisfaction,
            late,
            receipt,
            number,
            commitments,
        } = details;
        let one = |id: Option<Uuid>| id.map(|id| directory.reference(id, day)).transpose();
        let all = |ids: Option<Vec<Uuid>>| {
            let named = |ids: Vec<Uuid>| ids.into_iter().map(|id| directory.reference(id, day)).collect();
            ids.map(named).transpose()
        };
        Ok(Self {
            department: one(department)?,
            joint_departments: all(joint_departments)?,
            parties: all(parties)?,
            former_department: one(former_department)?,
            handler,
            office,
            day: named,
            day_before,
            way,
            persons,
            communication,
            granted,
            result,
            reply,
            reply_version,
            document_number,
            missing_opinions_reason,
            attitude,
            satisfaction,
            late,
            receipt,
            number,
            commitments,
        })
    }
}
