use super::model::PatchParty;
use crate::db::schema::organizations;
use crate::directory::model::Contact;
use crate::policy::{Permit, ops};
use crate::problem::Result;
use crate::resources::organizations::queries::changed;
use crate::work::Tx;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

pub async fn update(
    tx: &mut Tx<'_>,
    _: &Permit<ops::UpdateParty>,
    id: Uuid,
    patch: &PatchParty,
) -> Result<()> {
    diesel::update(organizations::table.find(id))
        .set((
            changed(tx.now()),
            patch.kind.map(|kind| organizations::party_kind.eq(kind)),
            patch
                .position
                .map(|position| organizations::position.eq(position)),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

pub async fn replace_contact(
    tx: &mut Tx<'_>,
    _: &Permit<ops::ReplacePartyContact>,
    id: Uuid,
    contact: &Contact,
) -> Result<()> {
    diesel::update(organizations::table.find(id))
        .set((
            changed(tx.now()),
            organizations::contact_office.eq(&contact.office),
            organizations::contact_person.eq(&contact.person),
            organizations::contact_phone.eq(&contact.phone),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}
