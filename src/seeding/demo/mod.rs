//! Believable content of a demo, from `seeds/`: it happened in the days before the first start, each thing done as the
//! organization that would have done it. One file a part.

mod bulletins;
mod last_year;
mod liaison;
mod meetings;
mod plans;
mod suggestions;

use crate::db::Db;
use crate::db::schema::liaison_leaders;
use crate::directory::model::{Kind, Organization};
use crate::directory::{self, Directory};
use crate::policy::{Caller, Role};
use crate::problem::{Problem, Result};
use crate::work::Origin;
use crate::workflow::step::Context;
use crate::workflow::{Timing, timing};
use chrono::{NaiveDate, TimeDelta};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// The world that the seeds are put into.
pub struct World<'a> {
    pub directory: Directory,
    pub timing: Timing,
    pub origin: &'a Origin,
}

impl World<'_> {
    pub fn find(&self, kind: Kind, code: &str) -> Result<&Organization> {
        self.directory
            .find_kind(kind, code)
            .ok_or_else(|| Problem::internal(format!("seeds: no organization {code}")))
    }

    pub fn context(&self) -> Context<'_> {
        Context {
            directory: &self.directory,
            timing: &self.timing,
        }
    }

    pub fn today(&self) -> NaiveDate {
        crate::clock::shanghai_day(self.origin.now)
    }

    /// An organization at work, some days ago.
    pub fn as_of(&self, organization: &Organization, days_ago: i64) -> Origin {
        let (prefix, role) = match organization.kind {
            Kind::Department => ("department-", Role::Department),
            Kind::Party => ("party-", Role::Party),
            Kind::Coordinator => ("", Role::Coordinator),
            Kind::GovernmentOffice => ("", Role::GovernmentOffice),
        };
        let username = match organization.kind {
            Kind::Coordinator => "coordinator".to_owned(),
            Kind::GovernmentOffice => "government-office".to_owned(),
            Kind::Department | Kind::Party => format!("{prefix}{}", organization.code),
        };
        let own = crate::policy::Organization {
            id: organization.id,
            code: organization.code.clone(),
            ended: false,
        };
        Origin {
            caller: Caller::command_line_for(username, role, own),
            now: self.origin.now - TimeDelta::days(days_ago),
            ..self.origin.clone()
        }
    }
}

/// Puts the demo's content into a database that has none yet, in one transaction.
///
/// # Errors
/// 500 where the data in `seeds/` is broken.
pub async fn demo_content(db: &Db, origin: &Origin) -> Result<()> {
    db.transaction(origin, async |tx| {
        tx.changes_nothing();
        let there: i64 = liaison_leaders::table.count().get_result(tx.conn).await?;
        if there > 0 {
            return Ok(());
        }
        let world = World {
            directory: directory::load_locked(tx.conn).await?,
            timing: timing::load(tx.conn).await?,
            origin,
        };
        liaison::fill(tx, &world).await?;
        plans::fill(tx, &world).await?;
        bulletins::fill(tx, &world).await?;
        last_year::activities(tx, &world).await?;
        meetings::fill(tx, &world).await?;
        plans::link(tx, &world).await?;
        suggestions::fill(tx, &world).await?;
        last_year::summary(tx, &world).await
    })
    .await
}
