//! What a bulletin is found by, and what of it is shown of a hit. A draft is not among the documents: a search looks at the
//! caller's own.

use super::model::{BulletinState, Row};
use super::queries;
use crate::db::schema::bulletins;
use crate::directory::Directory;
use crate::http::call::Call;
use crate::policy::Op;
use crate::problem::Result;
use crate::resources::search::kinds::Shown;
use crate::search::documents::{self, Document, OWN_DRAFTS};
use crate::search::{Vector, Weight, Words};
use crate::work::Tx;
use crate::workflow::subjects::SubjectType;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// Puts a bulletin where it is found, once it is sent; what is withdrawn stays readable, and so found.
pub async fn follow(tx: &mut Tx<'_>, row: &Row, sender: Uuid, recipients: &[Uuid]) -> Result<()> {
    let involved = [&[sender], recipients].concat();
    let document = Document {
        kind: SubjectType::Bulletin,
        id: row.id,
        at: tx.now(),
        involved: &involved,
        former: &[],
        vector: vector(row),
    };
    documents::put(tx, &document).await
}

fn vector(row: &Row) -> Vector {
    Vector::default()
        .with(&row.title, Weight::A)
        .with(&row.text, Weight::B)
}

/// The vectors of some, from what is stored of them.
pub async fn vectors(conn: &AsyncPgConnection, ids: &[Uuid]) -> Result<Vec<(Uuid, Vector)>> {
    let rows = rows(conn, ids).await?;
    Ok(rows.iter().map(|row| (row.id, vector(row))).collect())
}

/// Of some bulletins those that the caller sees.
pub async fn shown(call: &Call, directory: &Directory, ids: &[Uuid]) -> Result<HashMap<Uuid, Shown>> {
    let conn = call.reads().await?;
    let rows = rows(&conn, ids).await?;
    let found = queries::with_recipients(&conn, rows, directory, call.today()).await?;
    let reach = Op::GetBulletin.reach(&call.caller);
    let seen = found
        .into_iter()
        .filter(|one| one.is_seen_by(&call.caller, reach));
    let shown = seen.map(|one| {
        let shown = Shown {
            texts: vec![("title", one.row.title.clone()), ("text", one.row.text)],
            title: one.row.title,
        };
        (one.row.id, shown)
    });
    Ok(shown.collect())
}

async fn rows(mut conn: &AsyncPgConnection, ids: &[Uuid]) -> Result<Vec<Row>> {
    Ok(bulletins::table
        .filter(bulletins::id.eq_any(ids))
        .select(Row::as_select())
        .load(&mut conn)
        .await?)
}

/// The caller's own drafts in which the words stand.
pub async fn drafts(call: &Call, directory: &Directory, words: &Words) -> Result<Vec<Uuid>> {
    let Some(own) = &call.caller.organization else {
        return Ok(Vec::new());
    };
    let own = directory.represented_by(own.id, call.today());
    let drafts = texts_of_drafts(&*call.reads().await?, &own).await?;
    let found = drafts
        .iter()
        .filter(|(_, title, text)| words.stand_in([title.as_str(), text.as_str()]));
    Ok(found.map(|(id, ..)| *id).collect())
}

async fn texts_of_drafts(mut conn: &AsyncPgConnection, own: &[Uuid]) -> Result<Vec<(Uuid, String, String)>> {
    Ok(bulletins::table
        .filter(bulletins::sender_id.eq_any(own))
        .filter(bulletins::state.eq(BulletinState::Draft))
        .order((bulletins::dated_at.desc(), bulletins::id.desc()))
        .limit(OWN_DRAFTS)
        .select((bulletins::id, bulletins::title, bulletins::text))
        .load(&mut conn)
        .await?)
}
