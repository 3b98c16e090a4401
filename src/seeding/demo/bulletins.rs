//! 日常信息交流 of the last year, both ways: drafted and sent on its day, acknowledged soon after by most.

use super::World;
use crate::directory::model::Organization;
use crate::policy::ops;
use crate::problem::{Problem, Result};
use crate::resources::bulletins::model::{NewBulletin, WithdrawBulletin};
use crate::resources::bulletins::policy::Bulletin;
use crate::resources::bulletins::queries::{self, Content};
use crate::resources::bulletins::{recipients, steps};
use crate::work::Change;
use crate::work::{Origin, Tx};
use crate::workflow::step::take;
use chrono::TimeDelta;
use serde::Deserialize;
use uuid::Uuid;

const DEMO: &str = include_str!("../../../seeds/demo/bulletins.json");

#[derive(Deserialize)]
struct Demo {
    bulletins: Vec<Planned>,
}

#[derive(Deserialize)]
struct Planned {
    /// Days before the first start on which it was sent, or the next working day after them.
    days_ago: u32,
    sender: String,
    #[serde(flatten)]
    content: NewBulletin,
    /// Who has not acknowledged it.
    #[serde(default)]
    unread: Vec<String>,
    #[serde(default)]
    draft: bool,
    /// Why it was withdrawn on the next day.
    withdrawn: Option<String>,
}

pub async fn fill(tx: &mut Tx<'_>, world: &World<'_>) -> Result<()> {
    let demo: Demo = serde_json::from_str(DEMO).map_err(Problem::internal)?;
    for one in &demo.bulletins {
        let eve = world.today() - TimeDelta::days(i64::from(one.days_ago) + 1);
        let sent_on = world.timing.calendar.shift(eve, 1);
        // Nothing was exchanged before there was a liaison.
        if world.directory.scheme_on(sent_on).is_none() {
            continue;
        }
        let days_ago = (world.today() - sent_on).num_days();
        let sender = find(world, &one.sender)?;
        let origin = world.as_of(sender, days_ago);
        let id = draft(&mut tx.on_behalf(&origin), world, sender, &one.content).await?;
        if one.draft {
            continue;
        }
        let recipients = send(&mut tx.on_behalf(&origin), world, id).await?;
        if let Some(reason) = &one.withdrawn {
            let origin = world.as_of(sender, days_ago - 1);
            withdraw(&mut tx.on_behalf(&origin), world, id, reason).await?;
            continue;
        }
        for (recipient, days) in recipients.iter().zip((1..=3).cycle()) {
            let recipient = world.directory.get(*recipient).ok_or_else(Problem::not_found)?;
            if days < days_ago && !one.unread.contains(&recipient.code) {
                let origin = world.as_of(recipient, days_ago - days);
                acknowledge(&mut tx.on_behalf(&origin), world, id).await?;
            }
        }
    }
    Ok(())
}

fn find<'w>(world: &'w World<'_>, code: &str) -> Result<&'w Organization> {
    let found = world.directory.find(code);
    found.ok_or_else(|| Problem::internal(format!("seeds: no organization {code}")))
}

async fn draft(tx: &mut Tx<'_>, world: &World<'_>, sender: &Organization, new: &NewBulletin) -> Result<Uuid> {
    let (id, today) = (Uuid::now_v7(), tx.today());
    let permit = caller(tx).permit_any::<ops::CreateBulletin>()?;
    let to = recipients::named(&world.directory, Some(sender), &new.recipients, today)?;
    let content = Content {
        category: new.category,
        title: &new.title,
        text: &new.text,
        to_linked: to.is_empty(),
        recipients: &recipients::rows(&world.directory, sender, id, &to, today),
    };
    queries::insert(tx, &permit, id, (sender, false), &content).await?;
    tx.record(&permit, Change::unannounced("bulletin", id)).await?;
    Ok(id)
}

fn caller<'o>(tx: &Tx<'o>) -> &'o std::sync::Arc<crate::policy::Caller> {
    let origin: &'o Origin = tx.origin;
    &origin.caller
}

/// Answers who has got it.
async fn send(tx: &mut Tx<'_>, world: &World<'_>, id: Uuid) -> Result<Vec<Uuid>> {
    let sent = (&id, "bulletin.sent");
    let sent = take::<ops::SendBulletin, Bulletin>(tx, world.context(), sent, steps::send).await?;
    Ok(sent.recipients.iter().map(|one| one.organization_id).collect())
}

async fn acknowledge(tx: &mut Tx<'_>, world: &World<'_>, id: Uuid) -> Result<()> {
    let acknowledged = (&id, "bulletin.acknowledged");
    take::<ops::AcknowledgeBulletin, Bulletin>(tx, world.context(), acknowledged, steps::acknowledge).await?;
    Ok(())
}

async fn withdraw(tx: &mut Tx<'_>, world: &World<'_>, id: Uuid, reason: &str) -> Result<()> {
    let body = WithdrawBulletin {
        reason: reason.to_owned(),
    };
    let withdrawn = (&id, "bulletin.withdrawn");
    take::<ops::WithdrawBulletin, Bulletin>(tx, world.context(), withdrawn, async |tx, permit, step| {
        steps::withdraw(tx, permit, step, &body).await
    })
    .await?;
    Ok(())
}
