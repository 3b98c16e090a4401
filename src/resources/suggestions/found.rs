//! What a suggestion is found by, and what of it is shown of a hit.
//!
//! Number, title, what the party wrote, and what it was answered; joint opinions are left out, since parties do not read them.
//! A former lead finds it by what the party wrote alone: whatever came after its reassignment does not lead to it. Drafts
//! are not among the documents: a draft is its party's alone, and writing one shall stay cheap. A search of the list looks
//! at the caller's own drafts themselves.

use super::list::{Part, Scope};
use super::model::{Handling, Head, Signature};
use super::policy::{Dossier, Suggestion};
use super::queries::{Loaded, handlings, list_of, signatures};
use crate::db::schema::{suggestion_replies as replies, suggestion_steps as steps, suggestions};
use crate::db::transaction::Tx;
use crate::directory::Directory;
use crate::http::call::Call;
use crate::http::problem::Result;
use crate::policy::Op;
use crate::resources::search::kinds::Shown;
use crate::search::documents::{self, Document};
use crate::search::{Vector, Weight, Words};
use crate::workflow::subjects::SubjectType;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// Drafts of one's own that are looked at.
const DRAFTS: i64 = 1_000;

/// The vector of a suggestion's texts. Replies are those that count now, and interim replies.
pub fn vector(number: &str, title: &str, [background, proposal]: [&str; 2], replies: &[String]) -> Vector {
    let own = Vector::default()
        .with(number, Weight::A)
        .with(title, Weight::A)
        .with(background, Weight::B)
        .with(proposal, Weight::B);
    replies.iter().fold(own, |vector, text| vector.with(text, Weight::C))
}

/// Steps that change a text, or who takes part.
fn concerns(op: Op) -> bool {
    matches!(
        op,
        Op::SubmitSuggestion
            | Op::ReassignSuggestion
            | Op::GiveSuggestionInterimReply
            | Op::ReplyToSuggestion
            | Op::CorrectSuggestionReply
    )
}

/// Puts a suggestion where it is found, after a step that matters for it.
pub async fn follow(tx: &mut Tx<'_>, op: Op, after: &Dossier) -> Result<()> {
    let suggestion = &after.suggestion;
    let head = &suggestion.head;
    let (Some(number), Some(at), true) = (&head.number, head.submitted_at, concerns(op)) else {
        return Ok(());
    };
    let signing = suggestion.signatures.iter().map(|signature| signature.party_id);
    let handling = suggestion.current().map(|handling| handling.department_id);
    let mut involved: Vec<Uuid> = [head.party_id].into_iter().chain(signing).chain(handling).collect();
    let mut former = Vec::new();
    for handling in suggestion.handlings.iter().filter(|handling| handling.last_seen.is_some()) {
        let department = handling.department_id;
        if !involved.contains(&department) {
            involved.push(department);
            former.push(department);
        }
    }
    let answers = answers(tx.conn, &[head.id]).await?;
    let answers: Vec<String> = answers.into_iter().map(|(_, text)| text).collect();
    let document = Document {
        kind: SubjectType::Suggestion,
        id: head.id,
        at,
        involved: &involved,
        former: &former,
        vector: vector(number, &head.title, [&after.body.background, &after.body.proposal], &answers),
    };
    documents::put(tx, &document).await
}

/// Replies as they read now, of each round, and interim replies.
async fn answers(conn: &AsyncPgConnection, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>> {
    let (mut c1, mut c2) = (conn, conn);
    let newest = replies::table
        .filter(replies::suggestion_id.eq_any(ids))
        .distinct_on((replies::suggestion_id, replies::round))
        .order((replies::suggestion_id, replies::round, replies::version_number.desc()))
        .select((replies::suggestion_id, replies::text))
        .load::<(Uuid, String)>(&mut c1);
    let interim = steps::table
        .filter(steps::suggestion_id.eq_any(ids))
        .filter(steps::step.eq("interim-reply"))
        .filter(steps::text.is_not_null())
        .order((steps::suggestion_id, steps::occurred_at))
        .select((steps::suggestion_id, steps::text.assume_not_null()))
        .load::<(Uuid, String)>(&mut c2);
    let (mut all, interim) = futures_util::try_join!(newest, interim)?;
    all.extend(interim);
    Ok(all)
}

/// The texts in which words may stand, by the names of their fields, as far as the caller reads them.
pub async fn texts(
    mut conn: &AsyncPgConnection,
    seen: &[Suggestion],
) -> Result<HashMap<Uuid, Vec<(&'static str, String)>>> {
    let ids: Vec<Uuid> = seen.iter().map(|one| one.head.id).collect();
    let bodies: Vec<(Uuid, String, String)> = suggestions::table
        .filter(suggestions::id.eq_any(&ids))
        .select((suggestions::id, suggestions::background, suggestions::proposal))
        .load(&mut conn)
        .await?;
    let mut texts: HashMap<Uuid, Vec<(&'static str, String)>> = HashMap::new();
    for one in seen {
        let own = texts.entry(one.head.id).or_default();
        own.push(("title", one.head.title.clone()));
        own.extend(one.head.number.clone().map(|number| ("number", number)));
    }
    for (id, background, proposal) in bodies {
        let own = texts.entry(id).or_default();
        own.extend([("background", background), ("proposal", proposal)]);
    }
    let whole = seen.iter().filter(|one| one.cut_at.is_none() && one.head.submitted_at.is_some());
    let whole: Vec<Uuid> = whole.map(|one| one.head.id).collect();
    for (id, text) in answers(conn, &whole).await? {
        texts.entry(id).or_default().push(("reply", text));
    }
    Ok(texts)
}

/// Of some suggestions those that the caller sees.
pub async fn seen(
    call: &Call,
    mut conn: &AsyncPgConnection,
    directory: &Directory,
    ids: &[Uuid],
) -> Result<Vec<Suggestion>> {
    let rows: Vec<(Head, (Loaded<Handling>, Loaded<Signature>))> = suggestions::table
        .filter(suggestions::id.eq_any(ids))
        .select((Head::as_select(), (handlings(), signatures())))
        .load(&mut conn)
        .await?;
    let mut seen = Vec::with_capacity(rows.len());
    for (head, (handlings, signatures)) in rows {
        let (handlings, signatures) = (list_of(handlings), list_of(signatures));
        let one = Suggestion::new(head, handlings, signatures, Vec::new(), directory, call.today())?;
        seen.extend(one.seen_by(&call.caller).ok());
    }
    Ok(seen)
}

/// The same as hits of a search across everything.
pub async fn shown(call: &Call, directory: &Directory, ids: &[Uuid]) -> Result<HashMap<Uuid, Shown>> {
    let conn = call.reads().await?;
    let seen = seen(call, &conn, directory, ids).await?;
    let mut texts = texts(&conn, &seen).await?;
    let shown = seen.into_iter().map(|one| {
        let shown = Shown {
            texts: texts.remove(&one.head.id).unwrap_or_default(),
            title: one.head.title,
        };
        (one.head.id, shown)
    });
    Ok(shown.collect())
}

/// The caller's own drafts, and those that it was asked to sign, in which the words stand; the newest first.
pub async fn drafts(mut conn: &AsyncPgConnection, part: &Part, words: &Words) -> Result<Vec<Uuid>> {
    #[derive(QueryableByName)]
    struct Draft {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = Text)]
        title: String,
        #[diesel(sql_type = Text)]
        background: String,
        #[diesel(sql_type = Text)]
        proposal: String,
    }
    let Part::Parties(own) = part else {
        return Ok(Vec::new());
    };
    let drafts: Vec<Draft> = diesel::sql_query(
        "SELECT id, title, background, proposal FROM (
             SELECT * FROM suggestions WHERE party_id = ANY ($1) AND state = 'draft'
             UNION
             SELECT s.* FROM suggestion_signatures g JOIN suggestions s ON s.id = g.suggestion_id
             WHERE g.party_id = ANY ($1) AND g.requested_at IS NOT NULL AND s.state = 'draft') AS drafts
         ORDER BY created_at DESC, id DESC LIMIT $2",
    )
    .bind::<Array<SqlUuid>, _>(own)
    .bind::<diesel::sql_types::BigInt, _>(DRAFTS)
    .load(&mut conn)
    .await?;
    let found = drafts.into_iter().filter(|draft| {
        words.stand_in([draft.title.as_str(), draft.background.as_str(), draft.proposal.as_str()])
    });
    Ok(found.map(|draft| draft.id).collect())
}
