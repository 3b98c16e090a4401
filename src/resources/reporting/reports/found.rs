//! What a work report is found by, and what of it is shown of a hit: the current version, as in the list. A draft is not
//! among the documents: a search looks at the caller's own.

use super::model::{Row, WorkReportState};
use super::policy::WorkReport;
use crate::db::schema::work_reports as reports;
use crate::directory::Directory;
use crate::http::call::Call;
use crate::policy::Role;
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

/// Puts a report where it is found, once it is submitted, in the place of the version before it.
pub async fn follow(tx: &mut Tx<'_>, row: &Row, superseded: Option<Uuid>) -> Result<()> {
    if let Some(superseded) = superseded {
        documents::remove(tx, superseded).await?;
    }
    let document = Document {
        kind: SubjectType::WorkReport,
        id: row.id,
        at: tx.now(),
        involved: &[row.department_id],
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

/// Of some reports those that the caller sees.
pub async fn shown(call: &Call, directory: &Directory, ids: &[Uuid]) -> Result<HashMap<Uuid, Shown>> {
    let rows = rows(&*call.reads().await?, ids).await?;
    let mut shown = HashMap::with_capacity(rows.len());
    for row in rows {
        let report = WorkReport::new(row, directory, call.today())?;
        if let Ok(WorkReport { row, .. }) = report.seen_by(&call.caller) {
            let texts = vec![("title", row.title.clone()), ("text", row.text)];
            let title = row.title;
            shown.insert(row.id, Shown { title, texts });
        }
    }
    Ok(shown)
}

async fn rows(mut conn: &AsyncPgConnection, ids: &[Uuid]) -> Result<Vec<Row>> {
    Ok(reports::table
        .filter(reports::id.eq_any(ids))
        .filter(reports::superseded_at.is_null())
        .select(Row::as_select())
        .load(&mut conn)
        .await?)
}

/// The caller's own drafts in which the words stand; 市委统战部's are those that it records for a department.
pub async fn drafts(call: &Call, directory: &Directory, words: &Words) -> Result<Vec<Uuid>> {
    let Some(own) = &call.caller.organization else {
        return Ok(Vec::new());
    };
    let own = directory.represented_by(own.id, call.today());
    let recording = call.caller.role == Some(Role::Coordinator);
    let drafts = texts_of_drafts(&*call.reads().await?, &own, recording).await?;
    let found = drafts
        .iter()
        .filter(|(_, title, text)| words.stand_in([title.as_str(), text.as_str()]));
    Ok(found.map(|(id, ..)| *id).collect())
}

async fn texts_of_drafts(
    mut conn: &AsyncPgConnection,
    own: &[Uuid],
    recording: bool,
) -> Result<Vec<(Uuid, String, String)>> {
    let mut query = reports::table
        .filter(reports::state.eq(WorkReportState::Draft))
        .into_boxed();
    query = match recording {
        true => query.filter(reports::recorded_on_behalf),
        false => query.filter(reports::department_id.eq_any(own)),
    };
    Ok(query
        .order((reports::created_at.desc(), reports::id.desc()))
        .limit(OWN_DRAFTS)
        .select((reports::id, reports::title, reports::text))
        .load(&mut conn)
        .await?)
}
