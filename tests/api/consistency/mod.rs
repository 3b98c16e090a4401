//! Consistency as a property: random steps of random offices over all that they share, on two instances of one database, with
//! answers that are lost, calls that are repeated, clocks that jump and requests that overtake each other. Whatever was done,
//! what is kept in several places says the same.
//!
//! A seed repeats its choices: `LIAISON_CONSISTENCY_SEED=7 LIAISON_CONSISTENCY_STEPS=10000 cargo nextest run consistency`, or
//! `script/consistency 10000 7`.

mod bodies;
mod city;
mod dice;
mod invariants;
mod moves;

use chrono::{DateTime, FixedOffset};
use city::City;
use serde_json::Value;

/// Moves between two looks at everything.
const LEG: usize = 500;

fn setting(name: &str, otherwise: usize) -> usize {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

#[tokio::test]
async fn whatever_is_done_what_is_kept_says_the_same() {
    let steps = setting("LIAISON_CONSISTENCY_STEPS", 120);
    let seed = setting("LIAISON_CONSISTENCY_SEED", 1);
    let mut city = City::new(u64::try_from(seed).unwrap_or(1)).await;
    city.run_jobs().await;
    for number in 1..=steps {
        city.tick();
        city.one_move().await;
        if number % LEG == 0 || number == steps {
            city.examine().await;
            println!("{number} moves, {} things", city.things.len());
        }
        if !city.found.is_empty() && number % LEG == 0 {
            break;
        }
    }
    println!("{}", city.log.join("\n"));
    assert!(
        city.found.is_empty(),
        "seed {seed}, {} moves; the log is above:\n{}",
        city.log.len(),
        city.found.join("\n")
    );
}

impl City {
    async fn one_move(&mut self) {
        if self.things.len() < 6 || self.dice.chance(18) {
            return self.make().await;
        }
        if self.dice.chance(8) {
            return self.pass_time().await;
        }
        if self.dice.chance(2) {
            return self.correct_calendar().await;
        }
        // What was made lately is where most happens.
        let lately = self.things.len().saturating_sub(12);
        let index = match self.dice.chance(70) {
            true => lately + self.dice.below(self.things.len() - lately),
            false => self.dice.below(self.things.len()),
        };
        let watched = self.watch(index).await;
        let before = self.look(&watched).await;
        match (self.things[index].collection, self.dice.below(100)) {
            (_, 0..3) => self.rename().await,
            ("meetings", 3..40) => self.record(index).await,
            ("suggestions" | "meetings" | "work-reports" | "bulletins", 40..47) => self.attach(index).await,
            ("suggestions" | "meetings" | "work-reports" | "bulletins", 47..51) => self.detach(index).await,
            ("suggestions", 51..60) => self.overtake(index).await,
            _ => self.step(index).await,
        }
        let after = self.look(&watched).await;
        for ((index, before), after) in watched.iter().zip(&before).zip(&after) {
            self.compare(*index, before, after);
        }
    }

    /// The thing, what it is part of, and another.
    async fn watch(&mut self, index: usize) -> Vec<usize> {
        let mut watched = vec![index];
        let thing = self.things[index].clone();
        if thing.collection == "commitments" {
            let shown = self.user(thing.maker).get(&thing.path()).await;
            let of = shown.json["suggestion"]["id"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            watched.extend(self.things.iter().position(|one| one.id == of));
        }
        watched.push(self.dice.below(self.things.len()));
        watched.dedup();
        watched
    }

    /// What their makers see of them.
    async fn look(&mut self, watched: &[usize]) -> Vec<(String, Value)> {
        let mut seen = Vec::new();
        for index in watched {
            let thing = self.things[*index].clone();
            let answer = self.members[thing.maker].users[0].get(&thing.path()).await;
            seen.push((answer.header("etag").unwrap_or_default().to_owned(), answer.json));
        }
        seen
    }

    /// What has changed has another tag and a later time of change.
    fn compare(
        &mut self,
        index: usize,
        (tag_before, before): &(String, Value),
        (tag_after, after): &(String, Value),
    ) {
        let without_actions = |view: &Value| {
            let mut view = view.clone();
            if let Some(fields) = view.as_object_mut() {
                fields.remove("allowed_actions");
                fields.remove("updated_at");
                // Of a report that was not sent they are counted anew at each reading: nothing of it has changed.
                if fields.get("state").is_some_and(|state| state == "draft") {
                    fields.remove("facts");
                }
            }
            view
        };
        let (one, other) = (without_actions(before), without_actions(after));
        if one == other || before["id"] != after["id"] {
            return;
        }
        let path = self.things[index].path();
        if tag_before == tag_after {
            self.finds(format!("{path} has changed, and has the tag that it had"));
        }
        if instant(&before["updated_at"]) >= instant(&after["updated_at"]) {
            let fields = one.as_object().into_iter().flatten();
            let changed: Vec<&String> = fields
                .filter(|(name, value)| other[name.as_str()] != **value)
                .map(|(name, _)| name)
                .collect();
            self.finds(format!(
                "{path} has changed in {changed:?}, and its updated_at has not"
            ));
        }
    }
}

/// As a point in time: fractions of seconds make no order of texts.
fn instant(value: &Value) -> Option<DateTime<FixedOffset>> {
    value
        .as_str()
        .map(|text| DateTime::parse_from_rfc3339(text).expect("an instant"))
}
