//! What a suggestion is found by, and what of it is shown of a hit.
//!
//! Number, title, what the party wrote, and what it was answered; joint opinions are left out, since parties do not read them.
//! A former lead finds it by what the party wrote alone: whatever came after its reassignment does not lead to it. Drafts
//! are not among the documents: a draft is its party's alone, and writing one shall stay cheap. A search looks at the
//! caller's own drafts themselves.

use super::list::{self, Part, Scope};
use super::model::Head;
use super::parts::{Handling, Signature, handlings, signatures};
use super::policy::{Dossier, Suggestion};
use crate::db::schema::{suggestion_replies as replies, suggestion_steps as steps, suggestions};
use crate::directory::Directory;
use crate::http::call::Call;
use crate::policy::{Caller, Op, Reach};
use crate::problem::Result;
use crate::resources::search::kinds::Shown;
use crate::search::documents::{self, Document, Hit, Newest, Place, Search};
use crate::search::highlight::highlight;
use crate::search::{Highlight, Vector, Weight, Words};
use crate::work::Tx;
use crate::workflow::subjects::SubjectType;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::expression::BoxableExpression;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::cmp::Reverse;
use std::collections::HashMap;
use uuid::Uuid;

/// The vector of a suggestion's texts. Replies are those that count now, and interim replies.
pub fn vector(number: &str, title: &str, [background, proposal]: [&str; 2], replies: &[String]) -> Vector {
    let own = Vector::default()
        .with(number, Weight::A)
        .with(title, Weight::A)
        .with(background, Weight::B)
        .with(proposal, Weight::B);
    replies
        .iter()
        .fold(own, |vector, text| vector.with(text, Weight::C))
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
    let mut involved: Vec<Uuid> = [head.party_id]
        .into_iter()
        .chain(signing)
        .chain(handling)
        .collect();
    let mut former = Vec::new();
    for handling in suggestion
        .handlings
        .iter()
        .filter(|handling| handling.last_seen.is_some())
    {
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
        vector: vector(
            number,
            &head.title,
            [&after.body.background, &after.body.proposal],
            &answers,
        ),
    };
    documents::put(tx, &document).await
}

/// Replies as they read now, of each round, and interim replies.
async fn answers(conn: &AsyncPgConnection, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>> {
    let (mut c1, mut c2) = (conn, conn);
    let newest = replies::table
        .filter(replies::suggestion_id.eq_any(ids))
        .distinct_on((replies::suggestion_id, replies::round))
        .order((
            replies::suggestion_id,
            replies::round,
            replies::version_number.desc(),
        ))
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

/// The vectors of some suggestions, from what is stored of them.
pub async fn vectors(mut conn: &AsyncPgConnection, ids: &[Uuid]) -> Result<Vec<(Uuid, Vector)>> {
    let mut answers_of: HashMap<Uuid, Vec<String>> = HashMap::new();
    for (id, text) in answers(conn, ids).await? {
        answers_of.entry(id).or_default().push(text);
    }
    let rows: Vec<(Uuid, Option<String>, String, String, String)> = suggestions::table
        .filter(suggestions::id.eq_any(ids))
        .select((
            suggestions::id,
            suggestions::number,
            suggestions::title,
            suggestions::background,
            suggestions::proposal,
        ))
        .load(&mut conn)
        .await?;
    let made = rows.into_iter().map(|(id, number, title, background, proposal)| {
        let answers = answers_of.remove(&id).unwrap_or_default();
        let number = number.unwrap_or_default();
        (id, vector(&number, &title, [&background, &proposal], &answers))
    });
    Ok(made.collect())
}

/// Texts by the names of their fields, of several suggestions.
pub type Texts = HashMap<Uuid, Vec<(&'static str, String)>>;

/// What is read beside the heads of some suggestions, to show hits in it.
pub async fn texts(mut conn: &AsyncPgConnection, ids: &[Uuid]) -> Result<Texts> {
    let bodies: Vec<(Uuid, String, String)> = suggestions::table
        .filter(suggestions::id.eq_any(ids))
        .select((suggestions::id, suggestions::background, suggestions::proposal))
        .load(&mut conn)
        .await?;
    let mut texts = Texts::new();
    for (id, background, proposal) in bodies {
        let own = texts.entry(id).or_default();
        own.extend([("background", background), ("proposal", proposal)]);
    }
    for (id, text) in answers(conn, ids).await? {
        texts.entry(id).or_default().push((REPLY, text));
    }
    Ok(texts)
}

const REPLY: &str = "reply";

/// The same of a page.
pub async fn texts_of(conn: &AsyncPgConnection, page: &[Suggestion]) -> Result<Texts> {
    let ids: Vec<Uuid> = page.iter().map(|one| one.head.id).collect();
    texts(conn, &ids).await
}

/// The texts in which words may stand, the title first, as far as the caller reads them: a former lead no answers.
fn read(seen: &Suggestion, texts: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
    let head = &seen.head;
    let mut read = vec![("title", head.title.clone())];
    read.extend(head.number.clone().map(|number| ("number", number)));
    let others = texts
        .iter()
        .filter(|(field, _)| *field != REPLY || seen.cut_at.is_none());
    read.extend(others.cloned());
    read
}

pub fn highlights(seen: &Suggestion, texts: &[(&'static str, String)], words: &Words) -> Vec<Highlight> {
    let read = read(seen, texts);
    let shown = read
        .iter()
        .filter_map(|(field, text)| highlight(field, text, words));
    shown.take(20).collect()
}

/// Of some suggestions, and those that came of some meetings, what the caller sees.
pub async fn linked(
    mut conn: &AsyncPgConnection,
    caller: &Caller,
    directory: &Directory,
    today: NaiveDate,
    (ids, meetings): (&[Uuid], &[Uuid]),
) -> Result<Vec<Suggestion>> {
    type Row = (Head, (Vec<Handling>, Vec<Signature>));
    if Op::GetSuggestion.reach(caller) == Reach::Never || ids.is_empty() && meetings.is_empty() {
        return Ok(Vec::new());
    }
    let of_meetings = suggestions::from_meeting_id.eq_any(meetings).assume_not_null();
    let rows: Vec<Row> = suggestions::table
        .filter(suggestions::id.eq_any(ids).or(of_meetings))
        .order((suggestions::created_at, suggestions::id))
        .select((Head::as_select(), (handlings(), signatures())))
        .load(&mut conn)
        .await?;
    let mut seen = Vec::with_capacity(rows.len());
    for (head, (handlings, signatures)) in rows {
        let one = Suggestion::new(head, handlings, signatures, Vec::new(), directory, today);
        seen.extend(one.seen_by(caller).ok());
    }
    Ok(seen)
}

/// The same as hits of a search across everything.
pub async fn shown(call: &Call, directory: &Directory, ids: &[Uuid]) -> Result<HashMap<Uuid, Shown>> {
    let conn = call.reads().await?;
    let seen = linked(&conn, &call.caller, directory, call.today(), (ids, &[])).await?;
    let ids: Vec<Uuid> = seen.iter().map(|one| one.head.id).collect();
    let texts = texts(&conn, &ids).await?;
    let shown = seen.into_iter().map(|one| {
        let known = texts.get(&one.head.id).map_or(&[][..], Vec::as_slice);
        let shown = Shown {
            texts: read(&one, known),
            title: one.head.title,
        };
        (one.head.id, shown)
    });
    Ok(shown.collect())
}

/// What a list is searched for.
#[derive(Clone, Debug)]
pub struct Sought {
    pub words: Words,
    /// Drafts in which the words stand, and when they were made.
    drafts: Vec<(Uuid, DateTime<Utc>)>,
    draft_ids: Vec<Uuid>,
}

impl Sought {
    /// # Errors
    /// `database_unavailable`.
    pub async fn new(conn: &AsyncPgConnection, part: &Part, typed: &str) -> Result<Self> {
        let words = Words::of(typed);
        let drafts = drafts(conn, part, &words).await?;
        Ok(Self {
            draft_ids: drafts.iter().map(|(id, _)| *id).collect(),
            drafts,
            words,
        })
    }

    /// As a condition of the list.
    pub fn holding<'a>(
        &'a self,
        part: &'a Part,
    ) -> Box<dyn BoxableExpression<suggestions::table, Pg, SqlType = Bool> + 'a> {
        let former = match part {
            Part::Departments(own) => Some(&own[..]),
            Part::All | Part::Parties(_) => None,
        };
        documents::holding("suggestions.id", &self.words, former, &self.draft_ids)
    }
}

/// Own drafts stand before all that others see, too.
const OWN_DRAFT: i64 = 100_000_000;

/// The newest hits of a search of the list, up to 1,000, the best first.
pub async fn ranked(
    conn: &mut AsyncPgConnection,
    newest: &Newest,
    scope: &Scope,
    top: Option<Place>,
) -> Result<Vec<Hit>> {
    let Some(sought) = &scope.sought else {
        return Ok(Vec::new());
    };
    let mut hits = if scope.is_narrowed() {
        let listed = list::newest(conn, scope, top, documents::RANKED).await?;
        let drafts = sought.drafts.iter().filter(|(id, _)| listed.contains(id));
        let drafts: Vec<Hit> = drafts.map(draft_hit).collect();
        let mut hits = documents::rank(conn, &listed, &sought.words).await?;
        hits.extend(drafts);
        hits
    } else {
        let (kind, own) = (vec![SubjectType::Suggestion], scope.part.organizations());
        let search = Search {
            words: &sought.words,
            whole: if own.is_none() { kind.clone() } else { Vec::new() },
            own: if own.is_some() { kind } else { Vec::new() },
            organizations: own.map_or_else(Vec::new, <[Uuid]>::to_vec),
        };
        let mut hits = documents::newest(conn, newest, &search, top).await?;
        hits.extend(sought.drafts.iter().map(draft_hit));
        hits
    };
    hits.sort_by_cached_key(|hit| Reverse(hit.key(None)));
    Ok(hits)
}

fn draft_hit((id, at): &(Uuid, DateTime<Utc>)) -> Hit {
    Hit {
        kind: SubjectType::Suggestion,
        id: *id,
        at: *at,
        rank: OWN_DRAFT,
    }
}

/// The same of a search across everything.
pub async fn own_drafts(call: &Call, directory: &Directory, words: &Words) -> Result<Vec<Uuid>> {
    let part = list::part_of(call, directory);
    let drafts = drafts(&*call.reads().await?, &part, words).await?;
    Ok(drafts.into_iter().map(|(id, _)| id).collect())
}

/// The caller's own drafts, and those that it was asked to sign, in which the words stand.
async fn drafts(
    mut conn: &AsyncPgConnection,
    part: &Part,
    words: &Words,
) -> Result<Vec<(Uuid, DateTime<Utc>)>> {
    #[derive(QueryableByName)]
    struct Draft {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = Timestamptz)]
        created_at: DateTime<Utc>,
        #[diesel(sql_type = Array<Text>)]
        texts: Vec<String>,
    }
    let Part::Parties(own) = part else {
        return Ok(Vec::new());
    };
    let drafts: Vec<Draft> = diesel::sql_query(
        "SELECT id, created_at, ARRAY[title, background, proposal] AS texts FROM suggestions
         WHERE state = 'draft' AND (party_id = ANY ($1) OR EXISTS (
             SELECT FROM suggestion_signatures AS signature
             WHERE suggestion_id = suggestions.id AND signature.party_id = ANY ($1) AND requested_at IS NOT NULL))
         ORDER BY created_at DESC, id DESC LIMIT $2",
    )
    .bind::<Array<SqlUuid>, _>(own)
    .bind::<BigInt, _>(documents::OWN_DRAFTS)
    .load(&mut conn)
    .await?;
    let found = drafts.into_iter();
    let found = found.filter(|draft| words.stand_in(draft.texts.iter().map(String::as_str)));
    Ok(found.map(|draft| (draft.id, draft.created_at)).collect())
}
