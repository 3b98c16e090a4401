//! Believable text: topics and phrases of `seeds/`, put together by chance.

use super::dice::Dice;
use crate::library::{Problem, Result};
use serde::Deserialize;
use std::collections::HashMap;

const TOPICS: &str = include_str!("../seeds/topics.json");
const PHRASES: &str = include_str!("../seeds/phrases.json");

/// What may be raised with a department.
#[derive(Deserialize)]
pub struct Topic {
    pub department: String,
    pub joint: Vec<String>,
    pub category: String,
    subjects: Vec<String>,
    problems: Vec<String>,
    measures: Vec<String>,
}

/// All there is to choose from.
pub struct Vocabulary {
    pub topics: Vec<Topic>,
    phrases: HashMap<String, Vec<String>>,
    reply_endings: HashMap<String, String>,
}

impl Vocabulary {
    /// # Errors
    /// 500 where the data in `seeds/` is broken.
    pub fn load() -> Result<Self> {
        let topics = serde_json::from_str(TOPICS).map_err(Problem::internal)?;
        let mut raw: HashMap<String, serde_json::Value> =
            serde_json::from_str(PHRASES).map_err(Problem::internal)?;
        let endings = raw.remove("reply_endings").unwrap_or_default();
        let phrases = raw
            .into_iter()
            .map(|(name, list)| Ok((name, serde_json::from_value(list).map_err(Problem::internal)?)))
            .collect::<Result<_>>()?;
        Ok(Self {
            topics,
            phrases,
            reply_endings: serde_json::from_value(endings).map_err(Problem::internal)?,
        })
    }

    fn one_of<'v>(&'v self, dice: &mut Dice, list: &str) -> &'v str {
        self.phrases.get(list).map_or("", |list| pick(dice, list))
    }
}

fn pick<'v>(dice: &mut Dice, list: &'v [String]) -> &'v str {
    let place = dice.place(list.len());
    place.and_then(|place| list.get(place)).map_or("", String::as_str)
}

/// Writes the texts of one suggestion: they speak of one subject, one place, one party.
pub struct Writer<'v> {
    vocabulary: &'v Vocabulary,
    topic: &'v Topic,
    party: &'v str,
    year: i32,
    subject: &'v str,
    place: &'v str,
    problem: &'v str,
    title: String,
}

impl<'v> Writer<'v> {
    pub fn new(
        vocabulary: &'v Vocabulary,
        dice: &mut Dice,
        topic: &'v Topic,
        party: &'v str,
        year: i32,
    ) -> Self {
        let mut writer = Self {
            vocabulary,
            topic,
            party,
            year,
            subject: pick(dice, &topic.subjects),
            place: vocabulary.one_of(dice, "places"),
            problem: pick(dice, &topic.problems),
            title: String::new(),
        };
        writer.title = writer.sentence(dice, "titles");
        writer
    }

    pub fn title(&self) -> &str {
        &self.title
    }

    pub fn background(&self, dice: &mut Dice) -> String {
        let mut text = self.sentence(dice, "openings");
        text.push_str(&self.sentence(dice, "problem_openings"));
        self.list(dice, &mut text, &self.topic.problems, "details");
        text.push_str(&self.sentence(dice, "causes"));
        text
    }

    pub fn proposal(&self, dice: &mut Dice) -> String {
        let mut text = self.sentence(dice, "proposal_openings");
        self.list(dice, &mut text, &self.topic.measures, "proposal_details");
        text.push_str(&self.sentence(dice, "proposal_endings"));
        text
    }

    pub fn reply(&self, dice: &mut Dice, result: &str) -> String {
        let mut text = self.sentence(dice, "reply_openings");
        text.push('\n');
        for _ in 0..dice.between(1, 2) {
            text.push_str(&self.sentence(dice, "reply_facts"));
            text.push('。');
        }
        text.push('\n');
        self.list(dice, &mut text, &self.topic.measures, "reply_facts");
        text.push_str(
            self.vocabulary
                .reply_endings
                .get(result)
                .map_or("", String::as_str),
        );
        text
    }

    /// Two or three of a list in order, each with a detail: 一是……；……。
    fn list(&self, dice: &mut Dice, text: &mut String, items: &[String], details: &str) {
        let ordinals = self
            .vocabulary
            .phrases
            .get("ordinals")
            .map_or(&[][..], Vec::as_slice);
        let first = dice.place(items.len()).unwrap_or(0);
        let count = usize::try_from(dice.between(2, 3)).unwrap_or(2).min(items.len());
        for (place, ordinal) in (0..count).zip(ordinals) {
            let Some(item) = items.get((first + place) % items.len()) else {
                continue;
            };
            text.push_str(ordinal);
            text.push_str(item);
            text.push('，');
            text.push_str(&self.sentence(dice, details));
            text.push('。');
        }
    }

    /// One of a list of phrases, filled in.
    pub fn sentence(&self, dice: &mut Dice, list: &str) -> String {
        let mut rest = self.vocabulary.one_of(dice, list);
        let mut text = String::with_capacity(rest.len() + 64);
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                break;
            };
            self.fill(dice, &mut text, name);
            rest = after;
        }
        text.push_str(rest);
        text
    }

    fn fill(&self, dice: &mut Dice, text: &mut String, name: &str) {
        let number = |text: &mut String, number: i64| text.push_str(&number.to_string());
        match name {
            "subject" => text.push_str(self.subject),
            "place" => text.push_str(self.place),
            "party" => text.push_str(self.party),
            "problem" => text.push_str(self.problem),
            "title" => text.push_str(&self.title),
            "other" => text.push_str(self.vocabulary.one_of(dice, "places")),
            "village" | "village2" => text.push_str(self.vocabulary.one_of(dice, "villages")),
            "surname" => text.push_str(self.vocabulary.one_of(dice, "surnames")),
            "given" => text.push_str(self.vocabulary.one_of(dice, "given_names")),
            "year" => number(text, i64::from(self.year) - dice.between(1, 2)),
            "year2" => number(text, i64::from(self.year) + dice.between(0, 1)),
            "count" => number(text, dice.between(3, 60)),
            "big" => number(text, dice.between(100, 900)),
            // "hours", and whatever else is few.
            _ => number(text, dice.between(2, 6)),
        }
    }

    /// 陈志强
    pub fn person(&self, dice: &mut Dice) -> String {
        let surname = self.vocabulary.one_of(dice, "surnames");
        format!("{surname}{}", self.vocabulary.one_of(dice, "given_names"))
    }
}
