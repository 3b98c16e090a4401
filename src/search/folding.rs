//! Vectors that were folded in another way than today's, which are made anew one after the other.

use super::vector::Vector;
use crate::problem::Result;
use crate::work::Tx;
use crate::workflow::subjects::SubjectType;
use diesel::prelude::QueryableByName;
use diesel::sql_types::{BigInt, Integer, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

/// How texts become units and these lexemes (`units`, `crate::text::fold`). Whoever changes what the same text is found by counts
/// on: vectors made before are then made anew.
const FOLDING: i32 = 2;

/// The next records whose vectors are folded otherwise, held against who would put them, with their place noted as done; none
/// where all are folded as today, or another instance is at it.
///
/// # Errors
/// `database_unavailable`.
pub async fn folded_otherwise(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<(SubjectType, Uuid)>> {
    #[derive(QueryableByName)]
    struct Progress {
        #[diesel(sql_type = SqlUuid)]
        done_until: Uuid,
    }
    #[derive(QueryableByName)]
    struct Old {
        #[diesel(sql_type = Text)]
        subject_type: SubjectType,
        #[diesel(sql_type = SqlUuid)]
        subject_id: Uuid,
    }
    let progress: Vec<Progress> =
        diesel::sql_query("SELECT done_until FROM search_folding WHERE version <> $1 FOR UPDATE SKIP LOCKED")
            .bind::<Integer, _>(FOLDING)
            .load(tx.conn)
            .await?;
    let Some(Progress { done_until }) = progress.into_iter().next() else {
        return Ok(Vec::new());
    };
    let old: Vec<Old> = diesel::sql_query(
        "SELECT subject_type, subject_id FROM search_documents WHERE subject_id > $1 ORDER BY subject_id LIMIT $2
         FOR NO KEY UPDATE",
    )
    .bind::<SqlUuid, _>(done_until)
    .bind::<BigInt, _>(limit)
    .load(tx.conn)
    .await?;
    match old.last() {
        Some(last) => {
            diesel::sql_query("UPDATE search_folding SET done_until = $1")
                .bind::<SqlUuid, _>(last.subject_id)
                .execute(tx.conn)
                .await?
        }
        None => {
            diesel::sql_query("UPDATE search_folding SET version = $1, done_until = $2")
                .bind::<Integer, _>(FOLDING)
                .bind::<SqlUuid, _>(Uuid::nil())
                .execute(tx.conn)
                .await?
        }
    };
    Ok(old
        .into_iter()
        .map(|one| (one.subject_type, one.subject_id))
        .collect())
}

/// Puts the vector of a record in the place of the one there is.
///
/// # Errors
/// `database_unavailable`.
pub async fn refold(tx: &mut Tx<'_>, id: Uuid, vector: &Vector) -> Result<()> {
    diesel::sql_query("UPDATE search_documents SET vector = $2::tsvector WHERE subject_id = $1")
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(vector.as_str())
        .execute(tx.conn)
        .await?;
    Ok(())
}
