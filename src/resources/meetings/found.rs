//! What a meeting is found by, and what of it is shown of a hit: what everybody reads who sees it, minutes from its
//! conclusion on. Opinions and what is said to the hosts alone lead to nothing. A draft is not among the documents: a search
//! looks at the caller's own.

use super::parts::Row;
use super::policy::Meeting;
use super::queries::{self, Sight};
use crate::db::schema::meetings;
use crate::directory::Directory;
use crate::http::call::Call;
use crate::problem::Result;
use crate::resources::search::kinds::Shown;
use crate::search::documents::{self, Document};
use crate::search::{Vector, Weight, Words};
use crate::work::Tx;
use crate::workflow::subjects::SubjectType;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// The texts by the names of their fields, the title first.
fn texts(meeting: &Meeting) -> Vec<(&'static str, Weight, String)> {
    let row = &meeting.row;
    let mut texts = vec![("title", Weight::A, row.title.clone())];
    let mut add = |field, weight, text: Option<String>| {
        texts.extend(text.map(|text| (field, weight, text)));
    };
    add("decision", Weight::A, row.decision_matter.clone());
    add("description", Weight::B, row.description.clone());
    add("place", Weight::B, row.place.clone());
    let items = meeting.agenda.iter().map(|item| item.title.as_str());
    add("agenda", Weight::B, listed(items));
    if row.concluded_at.is_some() {
        let decisions = row.minutes_decisions.as_array();
        let decisions = decisions.into_iter().flatten().filter_map(|one| one.as_str());
        add("minutes", Weight::C, row.minutes_text.clone());
        add("decisions", Weight::C, listed(decisions));
        let follow_ups = meeting.follow_ups.iter().map(|one| one.text.as_str());
        add("follow_ups", Weight::C, listed(follow_ups));
    }
    texts
}

/// Several texts as one, in which no word reaches from one into the next.
fn listed<'a>(items: impl Iterator<Item = &'a str>) -> Option<String> {
    let items: Vec<&str> = items.collect();
    (!items.is_empty()).then(|| items.join("；"))
}

/// Puts a meeting where it is found, after a step that changes its texts or who sees it.
pub async fn follow(tx: &mut Tx<'_>, directory: &Directory, id: Uuid) -> Result<()> {
    let meeting = queries::get(tx.conn, id, directory, tx.now()).await?;
    let Some(at) = meeting.row.convened_at else {
        return Ok(());
    };
    let mut involved: Vec<Uuid> = meeting.hosts.iter().map(|host| host.id).collect();
    involved.extend(
        meeting
            .invitations
            .iter()
            .filter_map(|one| one.row.organization_id),
    );
    if meeting.row.concluded_at.is_some() {
        involved.extend(meeting.follow_ups.iter().map(|one| one.owner_id));
    }
    involved.sort_unstable();
    involved.dedup();
    let document = Document {
        kind: SubjectType::Meeting,
        id,
        at,
        involved: &involved,
        former: &[],
        vector: vector(&meeting),
    };
    documents::put(tx, &document).await
}

fn vector(meeting: &Meeting) -> Vector {
    let texts = texts(meeting);
    let own = texts.iter();
    own.fold(Vector::default(), |vector, (_, weight, text)| {
        vector.with(text, *weight)
    })
}

/// The vectors of some meetings, from what is stored of them.
pub async fn vectors(
    conn: &AsyncPgConnection,
    directory: &Directory,
    now: DateTime<Utc>,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, Vector)>> {
    let rows = rows(conn, ids).await?;
    let found = queries::with_parts(conn, rows, directory, now).await?;
    Ok(found.iter().map(|one| (one.row.id, vector(one))).collect())
}

/// Of some meetings those that the caller sees.
pub async fn shown(call: &Call, directory: &Directory, ids: &[Uuid]) -> Result<HashMap<Uuid, Shown>> {
    let conn = call.reads().await?;
    let rows = rows(&conn, ids).await?;
    let found = queries::with_parts(&conn, rows, directory, call.now).await?;
    let seen = found.into_iter().filter_map(|one| one.seen_by(&call.caller).ok());
    let shown = seen.map(|one| {
        let texts = texts(&one).into_iter().map(|(field, _, text)| (field, text));
        let shown = Shown {
            texts: texts.collect(),
            title: one.row.title,
        };
        (one.row.id, shown)
    });
    Ok(shown.collect())
}

async fn rows(mut conn: &AsyncPgConnection, ids: &[Uuid]) -> Result<Vec<Row>> {
    Ok(meetings::table
        .filter(meetings::id.eq_any(ids))
        .select(Row::as_select())
        .load(&mut conn)
        .await?)
}

/// The caller's own drafts in which the words stand.
pub async fn drafts(call: &Call, directory: &Directory, words: &Words) -> Result<Vec<Uuid>> {
    let conn = call.reads().await?;
    let sight = Sight::of(&call.caller, directory, call.today());
    let rows = queries::drafts(&conn, &sight).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let drafts = queries::with_parts(&conn, rows, directory, call.now).await?;
    let found = drafts.iter().filter(|draft| {
        let texts = texts(draft);
        words.stand_in(texts.iter().map(|(_, _, text)| text.as_str()))
    });
    Ok(found.map(|draft| draft.row.id).collect())
}
