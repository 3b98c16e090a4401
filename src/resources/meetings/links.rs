//! What hangs together with a meeting: what agenda items are about, suggestions that came of it, reports that tell of it. Each is
//! shown to whom may read it, and for all others is not there.

use super::content::NewAgendaItem;
use super::model::AgendaItemView;
use super::parts::AgendaRow;
use super::policy::Meeting;
use super::queries;
use crate::clock::shanghai_day;
use crate::db::schema::work_report_meetings as told;
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::http::contract::pointer;
use crate::policy::Caller;
use crate::problem::{Code, Fault, Result};
use crate::resources::reporting::reports as work_reports;
use crate::resources::reporting::reports::policy::WorkReport;
use crate::resources::suggestions::found;
use crate::resources::suggestions::model::SuggestionState;
use crate::resources::suggestions::policy::Suggestion;
use crate::vocabulary::meetings::MeetingState;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// 关联活动
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LinkedMeeting {
    pub id: Uuid,
    #[schema(example = "“双减”政策落实情况联合调研", max_length = 200)]
    pub title: String,
    pub state: MeetingState,
    pub starts_at: DateTime<Utc>,
}

/// 关联意见建议
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LinkedSuggestion {
    pub id: Uuid,
    /// Null in a draft.
    #[schema(required = true, example = "〔2026〕民盟-教育-003", max_length = 100)]
    pub number: Option<String>,
    #[schema(example = "关于完善市区义务教育学校午餐午休服务的建议", max_length = 200)]
    pub title: String,
    pub state: SuggestionState,
}

/// 关联工作情况报告
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LinkedWorkReport {
    pub id: Uuid,
    #[schema(example = "市教育局2026年上半年对口联系工作情况", max_length = 200)]
    pub title: String,
    pub department: OrganizationRef,
}

/// As far as a caller may read what is linked; the default shows nothing.
#[derive(Clone, Debug, Default)]
pub struct Links {
    suggestions: Vec<(LinkedSuggestion, Option<Uuid>)>,
    reports: HashMap<Uuid, LinkedWorkReport>,
    /// Meeting and report, in the order of the reports.
    told: Vec<(Uuid, Uuid)>,
}

impl Links {
    pub fn agenda_item(&self, row: AgendaRow) -> AgendaItemView {
        let AgendaRow {
            id,
            meeting_id: _,
            title,
            presenter,
            suggestion_id,
            work_report_id,
        } = row;
        let about = |id: Uuid| self.suggestions.iter().find(|(one, _)| one.id == id);
        AgendaItemView {
            id,
            title,
            presenter,
            suggestion: suggestion_id.and_then(about).map(|(one, _)| one.clone()),
            work_report: work_report_id.and_then(|id| self.reports.get(&id).cloned()),
        }
    }

    /// Suggestions that came of a meeting.
    pub fn results(&self, meeting: Uuid) -> Vec<LinkedSuggestion> {
        let of_it = self.suggestions.iter().filter(|(_, from)| *from == Some(meeting));
        of_it.map(|(one, _)| one.clone()).collect()
    }

    /// Reports that tell of a meeting.
    pub fn reports(&self, meeting: Uuid) -> Vec<LinkedWorkReport> {
        let of_it = self.told.iter().filter(|(of, _)| *of == meeting);
        of_it
            .filter_map(|(_, id)| self.reports.get(id).cloned())
            .collect()
    }
}

/// Of some meetings, what the caller may read.
///
/// # Errors
/// `database_unavailable`.
pub async fn of(
    conn: &AsyncPgConnection,
    caller: &Caller,
    meetings: &[Meeting],
    directory: &Directory,
) -> Result<Links> {
    let Some(first) = meetings.first() else {
        return Ok(Links::default());
    };
    let today = shanghai_day(first.now);
    let ids: Vec<Uuid> = meetings.iter().map(|one| one.row.id).collect();
    let items = || meetings.iter().flat_map(|one| &one.agenda);
    let about: Vec<Uuid> = items().filter_map(|item| item.suggestion_id).collect();
    let mut reported: Vec<Uuid> = items().filter_map(|item| item.work_report_id).collect();
    let mut shared = conn;
    let (suggestions, told) = futures_util::try_join!(
        found::linked(conn, caller, directory, today, (&about, &ids)),
        async {
            let pairs = told::table.filter(told::meeting_id.eq_any(&ids));
            let pairs = pairs
                .order(told::work_report_id)
                .select((told::meeting_id, told::work_report_id));
            Ok(pairs.load::<(Uuid, Uuid)>(&mut shared).await?)
        },
    )?;
    reported.extend(told.iter().map(|(_, report)| *report));
    let reports = work_reports::links::seen(conn, caller, &reported, directory, today).await?;
    // Of several versions the current one tells of a meeting; an agenda item keeps the version that it named.
    let is_current = |id: &Uuid| {
        let mut reports = reports.iter();
        reports.any(|one| one.row.id == *id && one.row.superseded_at.is_none())
    };
    let told = told
        .into_iter()
        .filter(|(_, report)| is_current(report))
        .collect();
    let named = reports.iter().map(|one| {
        let report = LinkedWorkReport {
            id: one.row.id,
            title: one.row.title.clone(),
            department: directory.reference(one.row.department_id, today)?,
        };
        Ok((one.row.id, report))
    });
    Ok(Links {
        suggestions: suggestions.into_iter().map(linked).collect(),
        reports: named.collect::<Result<_>>()?,
        told,
    })
}

fn linked(one: Suggestion) -> (LinkedSuggestion, Option<Uuid>) {
    let shown = LinkedSuggestion {
        id: one.head.id,
        number: one.head.number,
        title: one.head.title,
        state: one.state,
    };
    (shown, one.head.from_meeting_id)
}

/// Faults of an agenda: what it links that the caller may not read, and what was not linked there before.
///
/// # Errors
/// `database_unavailable`.
pub async fn faults(
    conn: &AsyncPgConnection,
    caller: &Caller,
    agenda: &[NewAgendaItem],
    (before, directory, now): (&[AgendaRow], &Directory, DateTime<Utc>),
) -> Result<Vec<Fault>> {
    let today = shanghai_day(now);
    let suggestions: Vec<Uuid> = agenda.iter().filter_map(|item| item.suggestion).collect();
    let reports: Vec<Uuid> = agenda.iter().filter_map(|item| item.work_report).collect();
    let suggestions = found::linked(conn, caller, directory, today, (&suggestions, &[])).await?;
    let reports = work_reports::links::seen(conn, caller, &reports, directory, today).await?;
    let knows = |id: Uuid| {
        suggestions.iter().any(|one: &Suggestion| one.head.id == id)
            || before.iter().any(|item| item.suggestion_id == Some(id))
    };
    let reads = |id: Uuid| {
        reports.iter().any(|one: &WorkReport| one.row.id == id)
            || before.iter().any(|item| item.work_report_id == Some(id))
    };
    let mut faults = Vec::new();
    for (index, item) in agenda.iter().enumerate() {
        let mut missing = |field: &'static str| {
            faults.push(Fault::unknown_reference(pointer(&[&"agenda", &index, &field])));
        };
        if item.suggestion.is_some_and(|id| !knows(id)) {
            missing("suggestion");
        }
        if item.work_report.is_some_and(|id| !reads(id)) {
            missing("work_report");
        }
    }
    Ok(faults)
}

/// A meeting that the caller sees and that is convened; all others are as unknown as those that do not exist.
///
/// # Errors
/// `database_unavailable`.
pub async fn find(
    conn: &AsyncPgConnection,
    caller: &Caller,
    id: Uuid,
    (directory, now): (&Directory, DateTime<Utc>),
) -> Result<Option<Meeting>> {
    match queries::get(conn, id, directory, now).await {
        Err(problem) if problem.code() == Code::NotFound => Ok(None),
        meeting => Ok(meeting?.seen_by(caller).ok().filter(|one| !one.is_draft())),
    }
}

/// The same of a body's `meetings`, each once, and read at once.
///
/// # Errors
/// `database_unavailable`.
pub async fn named(
    conn: &AsyncPgConnection,
    caller: &Caller,
    ids: &[Uuid],
    (directory, now): (&Directory, DateTime<Utc>),
    faults: &mut Vec<Fault>,
) -> Result<Vec<Meeting>> {
    let found = queries::of_ids(conn, ids, directory, now).await?.into_iter();
    let seen = found.filter_map(|one| one.seen_by(caller).ok());
    let mut linkable: HashMap<Uuid, Meeting> = seen
        .filter(|one| !one.is_draft())
        .map(|one| (one.row.id, one))
        .collect();
    let mut named = Vec::with_capacity(ids.len());
    for (index, id) in ids.iter().enumerate() {
        let place = pointer(&[&"meetings", &index]);
        if ids[..index].contains(id) {
            let detail = ("已在前面列出。", "It stands there before.");
            faults.push(Fault::at(place, "repeated", detail.0, detail.1));
            continue;
        }
        match linkable.remove(id) {
            Some(meeting) => named.push(meeting),
            None => faults.push(Fault::unknown_reference(place)),
        }
    }
    Ok(named)
}
