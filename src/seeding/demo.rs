//! Believable content of a demo, from `seeds/demo.json`.

use crate::db::Db;
use crate::db::transaction::Origin;
use crate::directory::model::{Contact, Kind};
use crate::directory::{self};
use crate::events::Change;
use crate::http::problem::{Problem, Result};
use crate::policy::{Caller, ops};
use crate::resources::parties::queries::replace_contact;
use serde::Deserialize;

const DEMO: &str = include_str!("../../seeds/demo.json");

#[derive(Deserialize)]
struct Demo {
    party_contacts: Vec<PartyContact>,
}

#[derive(Deserialize)]
struct PartyContact {
    party: String,
    office: Option<String>,
    person: Option<String>,
    phone: Option<String>,
}

/// Whom to call at each party.
///
/// # Errors
/// 500 where the data in `seeds/` is broken.
pub async fn demo_content(db: &Db, origin: &Origin) -> Result<()> {
    let demo: Demo = serde_json::from_str(DEMO).map_err(Problem::internal)?;
    let permit = Caller::command_line().permit_any::<ops::ReplacePartyContact>()?;
    db.transaction(origin, async |tx| {
        let directory = directory::load_locked(tx.conn).await?;
        for one in &demo.party_contacts {
            let party = directory
                .find_kind(Kind::Party, &one.party)
                .ok_or_else(|| Problem::internal(format!("seeds: no party {}", one.party)))?;
            let contact = Contact {
                office: one.office.clone(),
                person: one.person.clone(),
                phone: one.phone.clone(),
            };
            replace_contact(tx, &permit, party.id, &contact).await?;
            tx.record(&permit, Change::unannounced("party", party.id)).await?;
        }
        Ok(())
    })
    .await
}
