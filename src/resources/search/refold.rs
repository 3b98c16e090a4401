//! Vectors that were folded in another way than today's are made anew: what was written before is then found as what is written now.
//! In steps of their own transactions, the order of ids, from where the last one ended, whoever did it.

use super::model::HitType;
use crate::problem::Result;
use crate::resources::searched;
use crate::search::folding;
use crate::state::Instance;
use crate::work::{Origin, Tx};
use strum::IntoEnumIterator;
use uuid::Uuid;

/// Records of one step.
const BATCH: i64 = 100;

/// Makes them anew until none is left; answers how many that were.
///
/// # Errors
/// `database_unavailable`.
pub async fn refold(instance: &Instance) -> Result<usize> {
    let origin = Origin::runner(instance.clock.now());
    let mut all = 0;
    loop {
        let done = instance
            .db
            .transaction(&origin, async |tx| {
                tx.changes_nothing();
                step(tx).await
            })
            .await?;
        if done == 0 {
            return Ok(all);
        }
        all += done;
    }
}

async fn step(tx: &mut Tx<'_>) -> Result<usize> {
    let old = folding::folded_otherwise(tx, BATCH).await?;
    for kind in HitType::iter() {
        let Some(subject) = kind.subject() else { continue };
        let of_kind = old.iter().filter(|(of, _)| *of == subject);
        let ids: Vec<Uuid> = of_kind.map(|(_, id)| *id).collect();
        if ids.is_empty() {
            continue;
        }
        for (id, vector) in searched::vectors(kind, tx, &ids).await? {
            folding::refold(tx, id, &vector).await?;
        }
    }
    Ok(old.len())
}
