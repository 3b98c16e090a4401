use super::model::ReplaceMinutes;
use crate::db::schema::{meeting_follow_ups as follow_ups, meetings};
use crate::policy::{Permit, ops};
use crate::problem::Result;
use crate::resources::meetings::writes;
use crate::work::Tx;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::json;
use uuid::Uuid;

/// The minutes as they are to be, as a whole; `owners` are those of the follow-ups, in their order.
pub async fn replace(
    tx: &mut Tx<'_>,
    _: &Permit<ops::ReplaceMinutes>,
    meeting: Uuid,
    minutes: &ReplaceMinutes,
    owners: &[Uuid],
) -> Result<()> {
    diesel::update(meetings::table.find(meeting))
        .set((
            meetings::minutes_text.eq(&minutes.text),
            meetings::minutes_decisions.eq(json!(minutes.decisions)),
        ))
        .execute(tx.conn)
        .await?;
    diesel::delete(follow_ups::table.filter(follow_ups::meeting_id.eq(meeting)))
        .execute(tx.conn)
        .await?;
    let rows: Vec<_> = (0..)
        .zip(minutes.follow_ups.iter().zip(owners))
        .map(|(position, (follow_up, owner)): (i32, _)| {
            (
                follow_ups::id.eq(Uuid::now_v7()),
                follow_ups::meeting_id.eq(meeting),
                follow_ups::position.eq(position),
                follow_ups::text.eq(&follow_up.text),
                follow_ups::owner_id.eq(*owner),
                follow_ups::due_on.eq(follow_up.due_on),
                follow_ups::created_at.eq(tx.now()),
                follow_ups::updated_at.eq(tx.now()),
            )
        })
        .collect();
    if !rows.is_empty() {
        diesel::insert_into(follow_ups::table)
            .values(rows)
            .execute(tx.conn)
            .await?;
    }
    writes::touch(tx, meeting).await
}
