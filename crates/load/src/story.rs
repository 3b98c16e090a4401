//! The life of one loaded suggestion: who, when, and how far it has come by now.

use super::dice::Dice;
use super::texts::{Topic, Vocabulary};
use super::{PER_DAY, SCATTERED, World};
use crate::library::{Kind, Organization, shanghai_day};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};
use uuid::Uuid;

/// Numbers of one party and department that a day has room for; the last of them are those of scattered ones.
const SERIALS_PER_DAY: i64 = 50;
/// Filing numbers that a day of submission has room for.
const FILINGS_PER_DAY: i64 = 410;
/// Of the scattered ones, so many days apart is the first from the last.
const SCATTERED_DAYS: u64 = 200;

/// When what happened in one round; what lies in the future has not.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    pub number: i64,
    /// Accepted, or begun anew by a dissatisfied party.
    pub began_at: DateTime<Utc>,
    pub talked_at: DateTime<Utc>,
    pub replied_at: DateTime<Utc>,
    pub result: &'static str,
    pub evaluated_at: DateTime<Utc>,
    /// Attitude and result; none where the party keeps silent.
    pub satisfaction: Option<(&'static str, &'static str)>,
    pub filed_at: DateTime<Utc>,
}

pub struct Story<'w> {
    pub id: Uuid,
    pub topic: &'w Topic,
    pub party: &'w Organization,
    pub lead: &'w Organization,
    pub joint: Vec<&'w Organization>,
    /// Signs, too.
    pub signing: Option<&'w Organization>,
    pub created_at: DateTime<Utc>,
    /// None of a draft.
    pub submitted: Option<(DateTime<Utc>, String)>,
    /// The series of its number, and the last number that it has room for on that day.
    pub series: (String, i64),
    /// Its place among those of its day, from 1 on.
    slot: i64,
    pub returned_at: Option<DateTime<Utc>>,
    pub accepted_at: DateTime<Utc>,
    pub opinion_at: DateTime<Utc>,
    pub interim_at: Option<DateTime<Utc>>,
    /// When an extension was asked for; granted two days later.
    pub extension_at: Option<DateTime<Utc>>,
    pub withdrawn_at: Option<DateTime<Utc>>,
    pub rounds: Vec<Round>,
}

impl<'w> Story<'w> {
    /// The suggestion with that number: the newest is the first, so that a larger load reaches further back.
    pub fn tell(
        world: &'w World,
        vocabulary: &'w Vocabulary,
        dice: &mut Dice,
        number: u64,
        serials: &mut Serials,
    ) -> Option<Self> {
        let topic = vocabulary.topics.get(dice.place(vocabulary.topics.len())?)?;
        let lead = world.directory.find_kind(Kind::Department, &topic.department)?;
        let party = world.party(dice)?;
        let (days, slot, scattered) = match number.checked_sub(SCATTERED) {
            None => (number % SCATTERED_DAYS, PER_DAY + number / SCATTERED_DAYS, true),
            Some(number) => (number / PER_DAY, number % PER_DAY, false),
        };
        let (per_day, slot) = (i64::try_from(PER_DAY).ok()?, i64::try_from(slot).ok()?);
        let day = weekday_before(world.today, days);
        // From half past eight in the morning, the later the nearer to the beginning of the list.
        let opening = day.and_hms_opt(0, 30, 0)?.and_utc();
        let span = TimeDelta::hours(9).num_seconds() / per_day;
        let within = if scattered {
            dice.between(0, per_day - 1)
        } else {
            slot
        };
        let submitted_at = opening + TimeDelta::seconds((per_day - within) * span);
        let is_draft = if scattered {
            days < 40 && days % 13 == 10
        } else {
            days < 20 && dice.percent(2)
        };
        let created_at = submitted_at - TimeDelta::minutes(dice.between(5, 60));
        let series = format!(
            "{}-{}",
            party.name_on(day).short_name,
            lead.name_on(day).short_name
        );
        let block = i64::from(day.ordinal()) * SERIALS_PER_DAY;
        let serial = if scattered {
            block + SERIALS_PER_DAY - 1 + per_day - slot
        } else {
            block + serials.next(day, party.id, lead.id)
        };
        let number = format!("〔{}〕{series}-{serial:03}", day.year());
        let submitted = (!is_draft).then_some((submitted_at, number));
        let joint = topic.joint.iter().filter(|_| dice.percent(35));
        let joint = joint
            .filter_map(|code| world.directory.find_kind(Kind::Department, code))
            .collect();
        let signing = dice.percent(6).then(|| world.other_party(party.id)).flatten();
        // Of a small load some have just been given back.
        let given_back = dice.percent(4) || scattered && (2..8).contains(&days);
        let returned_at = given_back.then(|| later(dice, submitted_at, 1, 3));
        let accepted_at = match returned_at {
            Some(returned) => later(dice, returned, 5, 9),
            None => later(dice, submitted_at, 1, 7),
        };
        let extension_at = dice.percent(8).then(|| later(dice, accepted_at, 60, 80));
        let withdrawn_at = dice.percent(2).then(|| later(dice, submitted_at, 2, 25));
        let first = Round::tell(dice, 1, accepted_at, if extension_at.is_some() { 60 } else { 0 });
        let mut rounds = vec![first];
        if matches!(first.satisfaction, Some((_, "dissatisfied"))) {
            rounds.push(Round::tell(dice, 2, first.evaluated_at, 0));
        }
        Some(Self {
            id: dice.id(created_at.timestamp_millis()),
            topic,
            party,
            lead,
            joint,
            signing,
            created_at,
            submitted,
            series: (series, block + SERIALS_PER_DAY),
            slot: slot + 1,
            returned_at,
            accepted_at,
            opinion_at: later(dice, accepted_at, 3, 24),
            interim_at: dice.percent(15).then(|| later(dice, accepted_at, 26, 29)),
            extension_at,
            withdrawn_at,
            rounds,
        })
    }
}

impl Story<'_> {
    /// The number of the year's filings that it gets, and the last that those of its day get. They stand in the order of
    /// submission, which every load knows without the others.
    pub fn filing(&self, year: i32) -> Option<(i64, i64)> {
        let submitted_on = shanghai_day(self.submitted.as_ref()?.0);
        let first = NaiveDate::from_ymd_opt(year - 1, 1, 1)?;
        let before = (submitted_on - first).num_days() * FILINGS_PER_DAY;
        Some((before + self.slot, before + FILINGS_PER_DAY))
    }
}

impl Round {
    fn tell(dice: &mut Dice, number: i64, began_at: DateTime<Utc>, longer: i64) -> Self {
        let talked_at = match number {
            1 => later(dice, began_at, 8, 25),
            _ => later(dice, began_at, 3, 10),
        };
        let replied_at = match number {
            // A few are late.
            1 if dice.percent(5) => later(dice, began_at, 92, 110),
            1 => later(dice, began_at, 30 + longer, 90 + longer),
            _ => later(dice, began_at, 14, 32),
        };
        let result = match dice.between(0, 99) {
            0..=44 => "A",
            45..=74 => "B",
            75..=89 => "C",
            _ => "D",
        };
        let satisfaction = match dice.between(0, 99) {
            0..=59 => Some(("satisfied", "satisfied")),
            60..=80 => Some(("satisfied", "mostly_satisfied")),
            81..=83 => Some(("mostly_satisfied", "dissatisfied")),
            84..=87 => Some(("mostly_satisfied", "mostly_satisfied")),
            _ => None,
        };
        // The second round is the last word here.
        let satisfaction = satisfaction.map(|(attitude, result)| match (number, result) {
            (2, "dissatisfied") => (attitude, "mostly_satisfied"),
            _ => (attitude, result),
        });
        let evaluated_at = match satisfaction {
            Some(_) => later(dice, replied_at, 2, 19),
            None => later(dice, replied_at, 30, 31),
        };
        Self {
            number,
            began_at,
            talked_at,
            replied_at,
            result,
            evaluated_at,
            satisfaction,
            filed_at: later(dice, replied_at, 3, 25),
        }
    }

    /// A dissatisfied party begins another round.
    pub fn goes_on(&self) -> bool {
        matches!(self.satisfaction, Some((_, "dissatisfied")))
    }
}

fn later(dice: &mut Dice, at: DateTime<Utc>, from: i64, to: i64) -> DateTime<Utc> {
    at + TimeDelta::days(dice.between(from, to)) - TimeDelta::minutes(dice.between(0, 90))
}

/// The n-th weekday before today, counted from yesterday on.
fn weekday_before(today: NaiveDate, n: u64) -> NaiveDate {
    let n = i64::try_from(n).unwrap_or(0);
    // From a Friday on, five weekdays are a week.
    let mut friday = today - TimeDelta::days(1);
    let mut left = n;
    loop {
        match friday.weekday() {
            Weekday::Sat | Weekday::Sun => {}
            Weekday::Fri => break,
            _ if left == 0 => return friday,
            _ => left -= 1,
        }
        friday -= TimeDelta::days(1);
    }
    friday - TimeDelta::days(left / 5 * 7 + left % 5)
}

/// How many numbers the pairs of a day have had.
#[derive(Default)]
pub struct Serials {
    day: Option<NaiveDate>,
    given: std::collections::HashMap<(Uuid, Uuid), i64>,
}

impl Serials {
    /// From 1 on.
    fn next(&mut self, day: NaiveDate, party: Uuid, department: Uuid) -> i64 {
        if self.day != Some(day) {
            *self = Self {
                day: Some(day),
                given: std::collections::HashMap::new(),
            };
        }
        let given = self.given.entry((party, department)).or_default();
        *given += 1;
        *given
    }
}
