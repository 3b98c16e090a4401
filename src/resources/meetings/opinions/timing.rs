//! Whether parties were heard before a matter was decided.

use crate::clock::shanghai_day;
use crate::directory::model::Kind;
use crate::resources::meetings::model::{DecisionView, OpinionCounts};
use crate::resources::meetings::policy::Meeting;
use crate::vocabulary::meetings::ConsultationTiming;
use chrono::NaiveDate;

/// By the days on which opinions came, or without any by the day on which the consultation began. An opinion of the day of
/// the decision still came before it.
pub fn timing(
    decided_on: Option<NaiveDate>,
    planned_on: NaiveDate,
    began_on: NaiveDate,
    opinions: &[NaiveDate],
) -> ConsultationTiming {
    let decision = decided_on.unwrap_or(planned_on);
    let days = match opinions {
        [] => &[began_on],
        days => days,
    };
    let late = days.iter().filter(|day| **day > decision).count();
    match late {
        0 if decided_on.is_none() => ConsultationTiming::Pending,
        0 => ConsultationTiming::BeforeDecision,
        late if late == days.len() => ConsultationTiming::AfterDecision,
        _ => ConsultationTiming::PartlyAfterDecision,
    }
}

/// What a meeting has to say of its decision.
pub fn of(meeting: &Meeting) -> Option<DecisionView> {
    let row = &meeting.row;
    let (planned_on, due_on) = row.decision_planned_on.zip(row.opinions_due_on)?;
    let days: Vec<NaiveDate> = meeting
        .opinions
        .iter()
        .map(|one| shanghai_day(one.given_at))
        .collect();
    let decision = row.decided_on.unwrap_or(planned_on);
    let after = |day: NaiveDate| days.iter().filter(|given| **given > day).count();
    let parties = meeting
        .invitations
        .iter()
        .filter(|one| one.kind == Some(Kind::Party));
    Some(DecisionView {
        matter: row.decision_matter.clone()?,
        planned_on,
        opinions_due_on: due_on,
        decided_on: row.decided_on,
        decided: row.decision_text.clone(),
        timing: timing(row.decided_on, planned_on, shanghai_day(row.starts_at), &days),
        opinions: OpinionCounts {
            asked: parties.count(),
            given: days.len(),
            answered: meeting.opinions.iter().filter(|one| one.answer.is_some()).count(),
            late: after(due_on),
            after_decision: after(decision),
        },
    })
}
