use super::model::PatchDepartment;
use crate::db::schema::organizations;
use crate::directory::model::EndKind;
use crate::policy::{Permit, ops};
use crate::problem::Result;
use crate::resources::organizations::queries::changed;
use crate::work::Tx;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

pub async fn update(
    tx: &mut Tx<'_>,
    _: &Permit<ops::UpdateDepartment>,
    id: Uuid,
    patch: &PatchDepartment,
) -> Result<()> {
    let code = patch.social_credit_code.as_ref();
    diesel::update(organizations::table.find(id))
        .set((
            changed(tx.now()),
            code.map(|code| organizations::social_credit_code.eq(code)),
            patch
                .position
                .map(|position| organizations::position.eq(position)),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// How and from when a department ends.
pub struct End<'a> {
    pub kind: EndKind,
    pub on: NaiveDate,
    pub reason: Option<&'a str>,
    pub successor: Option<Uuid>,
}

/// `O` is merging or abolishing: the leave for either is asked of the caller.
pub async fn end<O>(tx: &mut Tx<'_>, _: &Permit<O>, id: Uuid, end: End<'_>) -> Result<()> {
    diesel::update(organizations::table.find(id))
        .set((
            changed(tx.now()),
            organizations::ended_on.eq(end.on),
            organizations::end_kind.eq(end.kind),
            organizations::end_reason.eq(end.reason),
            organizations::successor_id.eq(end.successor),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}
