//! The city: two instances on one database, its offices as users of both, and how a call goes wrong on its way.

use super::dice::Dice;
use crate::support::{Answer, TestApp, User};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;

pub struct Member {
    pub name: &'static str,
    pub code: &'static str,
    /// The same user on each instance.
    pub users: Vec<User>,
}

/// Departments, parties and offices that take part: of pairs that liaise and of some that do not.
const MEMBERS: [(&str, &str); 10] = [
    ("coordinator", "united-front-work-department"),
    ("government-office", "government-office"),
    ("department-education", "education"),
    ("department-health", "health"),
    ("department-justice", "justice"),
    ("department-finance", "finance"),
    ("party-minmeng", "minmeng"),
    ("party-minge", "minge"),
    ("party-jiusan", "jiusan"),
    ("party-zhilianhui", "zhilianhui"),
];

/// A thing that was made, and who made it.
#[derive(Clone, Debug)]
pub struct Thing {
    pub collection: &'static str,
    pub id: String,
    pub maker: usize,
    /// What was attached while it was a draft.
    pub papers: Vec<String>,
    /// Its papers belong to what has been submitted.
    pub submitted: bool,
}

impl Thing {
    pub fn path(&self) -> String {
        format!("/api/v1/{}/{}", self.collection, self.id)
    }
}

pub struct City {
    pub apps: [TestApp; 2],
    pub members: Vec<Member>,
    pub things: Vec<Thing>,
    pub dice: Dice,
    /// What was done, for whoever looks into what was found.
    pub log: Vec<String>,
    /// What does not fit together.
    pub found: Vec<String>,
    keys: usize,
}

impl City {
    pub async fn new(seed: u64) -> Self {
        let one = TestApp::new().await;
        let two = one.another_instance().await;
        // A Monday morning late in the year, so that the year's end is not far; later than the day on which the database was made.
        one.clock.set("2037-11-16T01:00:00Z".parse().expect("an instant"));
        let apps = [one, two];
        let mut members = Vec::new();
        for (name, code) in MEMBERS {
            members.push(Member {
                name,
                code,
                users: Vec::new(),
            });
        }
        let mut city = Self {
            apps,
            members,
            things: Vec::new(),
            dice: Dice::new(seed),
            log: Vec::new(),
            found: Vec::new(),
            keys: 0,
        };
        city.log_in().await;
        city
    }

    /// Tokens hold a quarter of an hour.
    pub async fn log_in(&mut self) {
        for member in &mut self.members {
            member.users.clear();
            for app in &self.apps {
                member.users.push(app.user(member.name).await);
            }
        }
    }

    pub fn member(&self, code: &str) -> usize {
        self.members
            .iter()
            .position(|member| member.code == code)
            .unwrap_or(0)
    }

    /// The user on any of the instances.
    pub fn user(&mut self, member: usize) -> User {
        let instance = self.dice.below(self.apps.len());
        self.members[member].users[instance].clone()
    }

    /// A second passes, so that what changed later is later.
    pub fn tick(&self) {
        self.apps[0]
            .clock
            .set(self.apps[0].clock.now() + TimeDelta::seconds(1));
    }

    pub fn key(&mut self) -> String {
        self.keys += 1;
        format!("move-{}", self.keys)
    }

    pub fn say(&mut self, what: String) {
        self.log.push(what);
    }

    pub fn finds(&mut self, what: String) {
        let step = self.log.len();
        self.found.push(format!("after {step} moves: {what}"));
    }

    /// One `POST`, whose answer may be lost on its way, and which may be sent again.
    pub async fn post(&mut self, member: usize, path: &str, body: &Value) -> Answer {
        let key = self.key();
        let keyed = |user: User| user.with("Idempotency-Key", &key);
        let fate = self.dice.below(100);
        if fate < 15 {
            let patience = Duration::from_micros(u64::try_from(self.dice.below(6_000)).unwrap_or(0));
            let lost = keyed(self.user(member));
            // The connection is dropped with the future.
            let _ = tokio::time::timeout(patience, lost.post(path, body.clone())).await;
        }
        let answer = loop {
            let answer = keyed(self.user(member)).post(path, body.clone()).await;
            if answer.json["code"] != "idempotency_key_in_use" {
                break answer;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        };
        if (15..30).contains(&fate) && answer.status.is_success() {
            let again = keyed(self.user(member)).post(path, body.clone()).await;
            if again.status != answer.status || again.bytes != answer.bytes {
                self.finds(format!(
                    "{path} sent again under its key is answered otherwise: {}",
                    again.text()
                ));
            }
        }
        self.judge("POST", path, &answer);
        answer
    }

    pub async fn send(&mut self, member: usize, method: Method, path: &str, body: Option<Value>) -> Answer {
        let user = self.user(member).matching(path).await;
        let name = method.to_string();
        let answer = user.send(method, path, body).await;
        self.judge(&name, path, &answer);
        answer
    }

    /// No call is ever the service's fault.
    pub fn judge(&mut self, method: &str, path: &str, answer: &Answer) {
        if answer.status.is_server_error() {
            self.finds(format!("{method} {path} is {}: {}", answer.status, answer.text()));
        }
        let (status, code) = (answer.status.as_u16(), answer.json["code"].as_str().unwrap_or(""));
        self.say(format!(
            "{} {method} {path} {status} {code}",
            self.apps[0].clock.now()
        ));
    }
}
