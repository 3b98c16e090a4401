//! The year before the demo's: its activities, and the summary that 市委统战部 published of it.

use super::World;
use super::meetings::{self, One};
use crate::directory::model::Kind;
use crate::policy::ops;
use crate::problem::{Problem, Result};
use crate::resources::annual_summaries::model::NewAnnualSummary;
use crate::resources::annual_summaries::policy::AnnualSummary;
use crate::resources::annual_summaries::{queries, steps};
use crate::work::Tx;
use crate::workflow::step::take;
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

const DEMO: &str = include_str!("../../../seeds/demo/last-year.json");

#[derive(Deserialize)]
struct Demo {
    meetings: Vec<Dated>,
    text: String,
    /// Of the demo's year.
    published: String,
}

#[derive(Deserialize)]
struct Dated {
    /// Month and day.
    on: String,
    #[serde(flatten)]
    meeting: One,
}

pub async fn activities(tx: &mut Tx<'_>, world: &World<'_>) -> Result<()> {
    let demo: Demo = serde_json::from_str(DEMO).map_err(Problem::internal)?;
    let Some(year) = last_year(world)? else {
        return Ok(());
    };
    for mut one in demo.meetings {
        one.meeting.days_ago = (world.today() - day(year, &one.on)?).num_days();
        meetings::tell(tx, world, &one.meeting).await?;
    }
    Ok(())
}

/// After all else is there: what it says is what was known on its day.
pub async fn summary(tx: &mut Tx<'_>, world: &World<'_>) -> Result<()> {
    let demo: Demo = serde_json::from_str(DEMO).map_err(Problem::internal)?;
    let Some(year) = last_year(world)? else {
        return Ok(());
    };
    let days_ago = (world.today() - day(year + 1, &demo.published)?).num_days();
    let coordinator = world.directory.of_kind(Kind::Coordinator).next();
    let coordinator = coordinator.ok_or_else(|| Problem::internal("there is no coordinator"))?;
    let origin = world.as_of(coordinator, days_ago.max(0));
    let mut then = tx.on_behalf(&origin);
    let new = NewAnnualSummary {
        year,
        text: Some(demo.text.replace("{year}", &year.to_string())),
    };
    let permit = origin.caller.permit_any::<ops::CreateAnnualSummary>()?;
    let id = queries::insert(&mut then, &permit, &new).await?;
    let (id, event) = (id.to_string(), "annual_summary.published");
    take::<ops::PublishAnnualSummary, AnnualSummary>(
        &mut then,
        world.context(),
        (&id, event),
        steps::publish,
    )
    .await?;
    Ok(())
}

/// None where no scheme was in force yet: there is nothing to sum up.
fn last_year(world: &World<'_>) -> Result<Option<i32>> {
    let year = world.today().year() - 1;
    let scheme = world.directory.scheme_on(day(year, "12-31")?);
    Ok(scheme.map(|_| year))
}

fn day(year: i32, month_and_day: &str) -> Result<NaiveDate> {
    format!("{year}-{month_and_day}")
        .parse()
        .map_err(Problem::internal)
}
