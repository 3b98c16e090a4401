//! Writing a receipt: part of the step by which a party evaluates a reply.

use super::model::NewFeedbackReceipt;
use crate::db::schema::feedback_receipts as receipts;
use crate::policy::{Permit, ops};
use crate::problem::Result;
use crate::work::Tx;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

/// What the evaluation is of, and whether it is in time.
pub struct Recorded {
    pub suggestion: Uuid,
    pub round: i32,
    pub party: Uuid,
    pub reply: Uuid,
    pub due_on: NaiveDate,
    pub late: bool,
}

pub async fn insert(
    tx: &mut Tx<'_>,
    _: &Permit<ops::CreateFeedbackReceipt>,
    of: &Recorded,
    new: &NewFeedbackReceipt,
) -> Result<Uuid> {
    let id = Uuid::now_v7();
    diesel::insert_into(receipts::table)
        .values((
            receipts::id.eq(id),
            receipts::suggestion_id.eq(of.suggestion),
            receipts::round.eq(of.round),
            receipts::party_id.eq(of.party),
            receipts::reply_id.eq(of.reply),
            receipts::attitude.eq(new.attitude),
            receipts::result.eq(new.result),
            receipts::comment.eq(&new.comment),
            receipts::signatory.eq(&new.signatory),
            receipts::due_on.eq(of.due_on),
            receipts::late.eq(of.late),
            receipts::created_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(id)
}
