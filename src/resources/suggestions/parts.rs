//! What belongs to one suggestion and is read with it.

use super::model::{
    CommunicationWay, Evaluation, Extension, Filing, HandlingRole, Mediation, SignatureState,
    SuggestionResult, SuggestionState,
};
use crate::db::parts::{Stored, part};
use crate::db::schema::{
    suggestion_communications, suggestion_handlings, suggestion_replies, suggestion_signatures, todos,
};
use crate::workflow::todos::TodoKind;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

part! {
    /// One department's part in the handling.
    #[derive(Clone, Debug)]
    pub struct Handling of suggestion_handlings {
        pub id: Uuid,
        pub department_id: Uuid,
        pub role: HandlingRole,
        pub started_at: DateTime<Utc>,
        pub accepted_at: Option<DateTime<Utc>>,
        pub handler: Option<String>,
        pub office: Option<String>,
        pub returned_at: Option<DateTime<Utc>>,
        pub return_reason: Option<String>,
        pub proposed_department_id: Option<Uuid>,
        pub return_denied_at: Option<DateTime<Utc>>,
        pub outside_assignment: Option<bool>,
        pub opinion: Option<String>,
        pub opinion_at: Option<DateTime<Utc>>,
        pub opinion_by: Option<String>,
        pub ended_at: Option<DateTime<Utc>>,
        pub last_seen: Option<Stored<LastSeen>>,
    }
    /// Who handles and has handled it.
    handlings: "suggestion_handlings WHERE suggestion_id = suggestions.id ORDER BY position, started_at"
}

/// What a former lead last saw: the suggestion as its reassignment left it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LastSeen {
    pub at: DateTime<Utc>,
    pub state: SuggestionState,
    pub lead_department_id: Uuid,
    pub outside_assignment: bool,
    pub round: i32,
    pub result: Option<SuggestionResult>,
    pub filing: Filing,
    pub filing_number: Option<String>,
    pub evaluation: Evaluation,
    pub mediation: Mediation,
    pub extension: Extension,
    pub extension_until: Option<NaiveDate>,
    pub extension_reason: Option<String>,
    pub replied_at: Option<DateTime<Utc>>,
    pub version: i64,
}

part! {
    /// A party that signs, too.
    #[derive(Clone, Debug)]
    pub struct Signature of suggestion_signatures {
        pub party_id: Uuid,
        pub requested_at: Option<DateTime<Utc>>,
        pub signed_at: Option<DateTime<Utc>>,
        pub declined_at: Option<DateTime<Utc>>,
        pub answered_by: Option<String>,
        pub reason: Option<String>,
    }
    signatures: "suggestion_signatures WHERE suggestion_id = suggestions.id ORDER BY position"
}

impl Signature {
    pub fn state(&self) -> SignatureState {
        match (self.requested_at, self.signed_at, self.declined_at) {
            (None, ..) => SignatureState::NotAsked,
            (_, Some(_), _) => SignatureState::Signed,
            (_, _, Some(_)) => SignatureState::Declined,
            _ => SignatureState::Asked,
        }
    }
}

part! {
    /// A deadline, running or over.
    #[derive(Clone, Debug)]
    pub struct Running of todos {
        pub organization_id: Uuid,
        pub kind: TodoKind,
        pub due_on: NaiveDate as Date,
        pub opened_at: DateTime<Utc>,
        pub closed_at: Option<DateTime<Utc>>,
        pub closed_by: Option<String>,
    }
    /// Deadlines, running and over; a draft has none.
    deadlines: "todos WHERE subject_id = suggestions.id AND due_on IS NOT NULL AND suggestions.state <> 'draft'
            ORDER BY opened_at, id"
}

impl Running {
    /// When it was met; none while it runs, and where it ended otherwise.
    pub fn met_at(&self) -> Option<DateTime<Utc>> {
        let met = self.kind.is_met_by(self.closed_by.as_deref());
        self.closed_at.filter(|_| met)
    }
}

part! {
    #[derive(Clone, Debug)]
    pub struct Communication of suggestion_communications {
        pub id: Uuid,
        pub round: i32,
        pub way: CommunicationWay,
        pub held_on: NaiveDate,
        pub persons: Stored<Vec<String>>,
        pub gist: String,
        pub organization_id: Uuid,
        pub created_at: DateTime<Utc>,
    }
    communications: "suggestion_communications WHERE suggestion_id = suggestions.id AND suggestions.state <> 'draft'
            ORDER BY created_at, id"
}

part! {
    /// One version of a round's reply.
    #[derive(Clone, Debug)]
    pub struct Reply of suggestion_replies {
        pub id: Uuid,
        pub round: i32,
        pub version_number: i32,
        pub department_id: Uuid,
        pub text: String,
        pub document_number: Option<String>,
        pub signatory: Option<String>,
        pub result: SuggestionResult,
        pub missing_opinions_reason: Option<String>,
        pub correction_reason: Option<String>,
        pub replied_at: DateTime<Utc>,
        pub replied_by: String,
    }
    /// What comes with the first reply and after it is not looked for before.
    replies: "suggestion_replies WHERE suggestion_id = suggestions.id AND suggestions.replied_at IS NOT NULL
            ORDER BY round, version_number"
}
