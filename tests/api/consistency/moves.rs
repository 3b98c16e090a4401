//! One move: somebody makes a thing, takes a step on one, attaches a paper, or time passes.

use super::city::{City, Thing};
use crate::support::Form;
use crate::support::samples::pdf;
use chrono::TimeDelta;
use diesel_async::SimpleAsyncConnection;
use liaison::resources::JOBS;
use liaison::runner;
use reqwest::Method;
use serde_json::{Value, json};

/// What can be made, by whom: the beginning of the user's name.
const MADE: [(&str, &str); 7] = [
    ("suggestions", "party-"),
    ("meetings", "department-"),
    ("work-plans", "department-"),
    ("work-reports", "department-"),
    ("bulletins", "department-"),
    ("liaison-leaders", "department-"),
    ("problem-reports", "party-"),
];

/// Steps that take a suggestion on.
const MOVING: [&str; 8] = [
    "accept",
    "return",
    "deny-return",
    "reassign",
    "withdraw",
    "reply",
    "feedback-receipts",
    "file",
];

impl City {
    pub async fn make(&mut self) {
        let wanted = match self.dice.below(100) {
            0..40 => MADE[0],
            40..60 => MADE[3],
            _ => *self.dice.pick(&MADE),
        };
        let (collection, role) = wanted;
        let makers: Vec<usize> = (0..self.members.len())
            .filter(|one| self.members[*one].name.starts_with(role))
            .collect();
        let maker = *self.dice.pick(&makers);
        let body = self.new_thing(collection, maker);
        let answer = self.post(maker, &format!("/api/v1/{collection}"), &body).await;
        if answer.status == 201 {
            self.knows(collection, &answer.json, maker);
        }
    }

    pub fn knows(&mut self, collection: &'static str, view: &Value, maker: usize) {
        let id = view["id"].as_str().unwrap_or_default().to_owned();
        if self.things.iter().all(|thing| thing.id != id) {
            self.things.push(Thing {
                collection,
                id,
                maker,
                papers: Vec::new(),
                submitted: false,
            });
        }
    }

    /// Somebody who sees the thing takes a step that it offers, or another.
    pub async fn step(&mut self, index: usize) {
        let thing = self.things[index].clone();
        // Most things wait for somebody in particular, who is found among a few.
        for _ in 0..4 {
            let member = self.dice.below(self.members.len());
            let seen = self.user(member).get(&thing.path()).await;
            let offered: Vec<String> = seen.json["allowed_actions"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|action| action["code"].as_str().map(str::to_owned))
                .filter(|code| !["create", "edit", "delete"].contains(&code.as_str()))
                .collect();
            // What ends a thing early is rarer than in a fair draw, so that things live.
            let lively: Vec<String> = offered
                .iter()
                .filter(|code| !["withdraw", "cancel", "return"].contains(&code.as_str()))
                .cloned()
                .collect();
            let from = if lively.is_empty() || self.dice.chance(10) {
                &offered
            } else {
                &lively
            };
            if from.is_empty() {
                continue;
            }
            let code = self.dice.pick(from).clone();
            self.take(index, member, &code).await;
            return;
        }
        let (member, code) = (
            self.dice.below(self.members.len()),
            *self.dice.pick(&["submit", "accept", "file", "withdraw"]),
        );
        self.take(index, member, code).await;
    }

    pub async fn take(&mut self, index: usize, member: usize, code: &str) {
        let thing = self.things[index].clone();
        let Some(body) = self.body(thing.collection, code, &thing.id) else {
            return;
        };
        let path = match code {
            "feedback-receipts" => "/api/v1/feedback-receipts".to_owned(),
            _ => format!("{}/{code}", thing.path()),
        };
        let answer = self.post(member, &path, &body).await;
        if answer.status == 200 && ["submit", "send"].contains(&code) {
            self.things[index].submitted = true;
        }
        for promise in answer.json["commitments"].as_array().into_iter().flatten() {
            self.knows("commitments", promise, member);
        }
    }

    /// What is recorded of a meeting: who came, what was said, who answers an invitation.
    pub async fn record(&mut self, index: usize) {
        let (path, host) = (self.things[index].path(), self.things[index].maker);
        match self.dice.below(3) {
            0 => {
                let list = self.user(host).get(&format!("{path}/invitations")).await;
                let lines: Vec<Value> = list
                    .items()
                    .iter()
                    .map(|one| json!({ "invitation": one["id"], "present": true, "persons": ["周文博"] }))
                    .collect();
                self.send(
                    host,
                    Method::PUT,
                    &format!("{path}/attendance"),
                    Some(json!({ "items": lines })),
                )
                .await;
            }
            1 => {
                let minutes = json!({ "text": "听取了意见。", "follow_ups": [{ "text": "答复意见", "owner": self.members[host].code, "due_on": "2030-01-10" }] });
                self.send(host, Method::PUT, &format!("{path}/minutes"), Some(minutes))
                    .await;
            }
            _ => {
                let member = self.dice.below(self.members.len());
                let list = self.user(member).get(&format!("{path}/invitations")).await;
                let Some(one) = list.items().first().cloned() else {
                    return;
                };
                let answer = match self.dice.chance(60) {
                    true => json!({ "answer": "accepted", "attendees": [{ "name": "周文博" }] }),
                    false => json!({ "answer": "declined", "reason": "另有安排。" }),
                };
                let id = one["id"].as_str().unwrap_or_default();
                self.post(member, &format!("{path}/invitations/{id}/respond"), &answer)
                    .await;
            }
        }
    }

    pub async fn attach(&mut self, index: usize) {
        let thing = self.things[index].clone();
        let kind = match thing.collection {
            "suggestions" => "suggestion",
            "meetings" => "meeting",
            "work-reports" => "work_report",
            _ => "bulletin",
        };
        let form = Form::new(kind, &json!(thing.id)).file("附件.pdf", &pdf()).body();
        let user = self.user(thing.maker);
        let answer = user
            .send_raw(Method::POST, "/api/v1/attachments", Some(form))
            .await;
        self.judge("POST", "/api/v1/attachments", &answer);
        if answer.status == 201 {
            let id = answer.json["id"].as_str().unwrap_or_default().to_owned();
            self.things[index].papers.push(id);
        }
    }

    /// Takes a paper away again, or tries to.
    pub async fn detach(&mut self, index: usize) {
        let thing = self.things[index].clone();
        let Some(paper) = thing.papers.last().cloned() else {
            return;
        };
        let answer = self
            .send(
                thing.maker,
                Method::DELETE,
                &format!("/api/v1/attachments/{paper}"),
                None,
            )
            .await;
        if answer.status == 204 && !thing.submitted {
            self.things[index].papers.pop();
        }
    }

    pub async fn rename(&mut self) {
        let code = *self.dice.pick(&["education", "health"]);
        let day = self.apps[0].clock.today();
        let name = format!("市{code}局{}", self.things.len());
        let body = json!({ "name": name, "short_name": format!("{}{}", code.replace('-', ""), self.things.len()), "effective_from": day });
        let coordinator = self.member("united-front-work-department");
        self.post(coordinator, &format!("/api/v1/departments/{code}/rename"), &body)
            .await;
    }

    /// The calendar of the year or the next is corrected.
    pub async fn correct_calendar(&mut self) {
        let coordinator = self.member("united-front-work-department");
        let days = i64::try_from(self.dice.below(40)).unwrap_or(0);
        let day = self.apps[0].clock.today() + TimeDelta::days(days);
        let body = json!({ "holidays": [{ "day": day, "name": "临时假日" }], "makeup_days": [], "reason": "临时放假" });
        let path = format!("/api/v1/working-days/{}", day.format("%Y"));
        self.send(coordinator, Method::PUT, &path, Some(body)).await;
    }

    /// Hours or weeks pass, and what happens by itself happens on one of the instances.
    pub async fn pass_time(&mut self) {
        let hours = match self.dice.chance(70) {
            true => 1 + self.dice.below(30),
            false => 24 * (1 + self.dice.below(25)),
        };
        let clock = &self.apps[0].clock;
        clock.set(clock.now() + TimeDelta::hours(i64::try_from(hours).unwrap_or(1)));
        self.log_in().await;
        self.run_jobs().await;
        self.say(format!("{} {hours} hours later", self.apps[0].clock.now()));
    }

    pub async fn run_jobs(&mut self) {
        let instance = self.dice.below(self.apps.len());
        if let Err(problem) = runner::run_until_idle(&self.apps[instance].instance, JOBS).await {
            self.finds(format!("the runner's jobs: {problem}"));
        }
    }

    /// Two steps at once, the first of which is held up before it has begun to look.
    pub async fn overtake(&mut self, index: usize) {
        let thing = self.things[index].clone();
        let mut steps = Vec::new();
        for member in 0..self.members.len() {
            let seen = self.user(member).get(&thing.path()).await;
            for action in seen.json["allowed_actions"].as_array().into_iter().flatten() {
                let code = action["code"].as_str().unwrap_or_default().to_owned();
                if let Some(body) = self.body(thing.collection, &code, &thing.id) {
                    steps.push((member, code, body));
                }
            }
        }
        if steps.is_empty() {
            return;
        }
        // What moves the state is what must not be written down before what it overtook.
        let moving: Vec<_> = steps
            .iter()
            .filter(|(_, code, _)| MOVING.contains(&code.as_str()))
            .cloned()
            .collect();
        let slow = self
            .dice
            .pick(if moving.is_empty() { &steps } else { &moving })
            .clone();
        let others: Vec<_> = steps
            .iter()
            .filter(|(_, code, _)| *code != slow.1)
            .cloned()
            .collect();
        let fast = self
            .dice
            .pick(if others.is_empty() { &steps } else { &others })
            .clone();
        let path = |code: &str| match code {
            "feedback-receipts" => "/api/v1/feedback-receipts".to_owned(),
            _ => format!("{}/{code}", thing.path()),
        };
        let mut barrier = self.apps[0].database.connect().await;
        barrier
            .batch_execute("BEGIN; LOCK TABLE idempotency_keys")
            .await
            .expect("a lock");
        // On two instances: of one, only a share of the connections goes to one thing.
        let key = self.key();
        let held = self.members[slow.0].users[0].with("Idempotency-Key", &key);
        let slow_path = path(&slow.1);
        let first = held.post(&slow_path, slow.2.clone());
        let second = async {
            // Until the first waits.
            while !is_waiting(&mut barrier).await {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
            self.tick();
            let answer = self.members[fast.0].users[1]
                .post(&path(&fast.1), fast.2.clone())
                .await;
            barrier.batch_execute("COMMIT").await.expect("an end");
            answer
        };
        let (first, second) = tokio::join!(first, second);
        self.judge("POST (overtaken)", &slow_path, &first);
        self.judge("POST (overtaking)", &path(&fast.1), &second);
        for answer in [&first, &second] {
            for promise in answer.json["commitments"].as_array().into_iter().flatten() {
                self.knows("commitments", promise, slow.0);
            }
        }
        let submits = |code: &str, answer: &crate::support::Answer| {
            answer.status == 200 && ["submit", "send"].contains(&code)
        };
        self.things[index].submitted |= submits(&slow.1, &first) || submits(&fast.1, &second);
    }
}

#[derive(diesel::QueryableByName)]
struct Waiting {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    any: bool,
}

async fn is_waiting(conn: &mut diesel_async::AsyncPgConnection) -> bool {
    use diesel_async::RunQueryDsl;
    let found: Waiting = diesel::sql_query(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'idempotency_keys'::regclass AND NOT granted) AS any",
    )
    .get_result(conn)
    .await
    .expect("pg_locks");
    found.any
}
