//! What attachments hang on: whose rights each record gives. A further carrier is an arm here.

use crate::policy::Caller;
use crate::problem::Result;
use crate::resources::attachments::carriers::{Carrier, Hold, Rights};
use crate::resources::reporting::{plans as work_plans, reports as work_reports};
use crate::resources::suggestions::policy::Papers;
use crate::resources::{bulletins, liaison_leaders, meetings, problem_reports, schemes, suggestions};
use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

/// None where the record does not exist, or not for the caller.
pub async fn rights(
    carrier: Carrier,
    conn: &AsyncPgConnection,
    caller: &Caller,
    today: NaiveDate,
    id: Uuid,
    hold: Hold,
) -> Result<Option<Rights>> {
    match carrier {
        Carrier::Scheme => schemes::policy::attachment_rights(conn, caller, id, hold).await,
        Carrier::LiaisonLeader => {
            liaison_leaders::policy::attachment_rights(conn, caller, today, id, hold).await
        }
        Carrier::ProblemReport => {
            problem_reports::policy::attachment_rights(conn, caller, today, id, hold).await
        }
        Carrier::Bulletin => bulletins::policy::attachment_rights(conn, caller, today, id, hold).await,
        Carrier::Meeting => meetings::policy::attachment_rights(conn, caller, today, id, hold).await,
        Carrier::Suggestion | Carrier::SuggestionCommunication | Carrier::SuggestionReply => {
            let rights = of_suggestion(carrier, conn, caller, today, id, hold).await?;
            Ok(rights.map(|(rights, _)| rights))
        }
        Carrier::WorkPlan => work_plans::policy::attachment_rights(conn, caller, today, id, hold).await,
        Carrier::WorkReport => work_reports::policy::attachment_rights(conn, caller, today, id, hold).await,
    }
}

/// Until when the caller reads what hangs on a record, where it does not read all of it: a department that led a suggestion
/// before does not see what was attached since.
pub async fn seen_until(
    carrier: Carrier,
    conn: &AsyncPgConnection,
    caller: &Caller,
    today: NaiveDate,
    id: Uuid,
) -> Result<Option<DateTime<Utc>>> {
    match carrier {
        Carrier::Suggestion | Carrier::SuggestionCommunication | Carrier::SuggestionReply => {
            let rights = of_suggestion(carrier, conn, caller, today, id, Hold::No).await?;
            Ok(rights.and_then(|(_, until)| until))
        }
        _ => Ok(None),
    }
}

async fn of_suggestion(
    carrier: Carrier,
    conn: &AsyncPgConnection,
    caller: &Caller,
    today: NaiveDate,
    id: Uuid,
    hold: Hold,
) -> Result<Option<(Rights, Option<DateTime<Utc>>)>> {
    let papers = match carrier {
        Carrier::SuggestionCommunication => Papers::Communication,
        Carrier::SuggestionReply => Papers::Reply,
        _ => Papers::Suggestion,
    };
    suggestions::policy::attachment_rights(conn, caller, today, (papers, id), hold).await
}
