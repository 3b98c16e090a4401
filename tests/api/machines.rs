//! State machines: the definition is what the service does, in every state, by every step, for every role.

mod subjects;

use crate::support::conformance::{DOCUMENT, request_body};
use crate::support::{Answer, TestApp, User, golden};
use diesel_async::SimpleAsyncConnection;
use liaison::policy::{Caller, Op, Principal, Reach, Role};
use liaison::resources::machines::MACHINES;
use liaison::workflow::machine::{Actor, Machine, Step};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;
use subjects::Subject;
use uuid::Uuid;

fn machine(name: &str) -> &'static Machine {
    MACHINES
        .iter()
        .find(|machine| machine.name == name)
        .expect("a machine")
}

#[test]
fn the_readable_page_is_the_definitions() {
    let mut text = "# State machines\n\nMade from the definitions in `src/resources/*/states.rs`; a test compares the two. \
                    `GET /api/v1/meta/state-machines/{name}` answers the same.\n"
        .to_owned();
    for machine in MACHINES {
        let _ = write!(
            text,
            "\n## `{}` {} · {}\n\n```mermaid\n{}```\n\n| step | from | to | by | needs | starts |\n| --- | --- | --- | --- | --- | --- |\n",
            machine.name,
            machine.title.zh,
            machine.title.en,
            machine.mermaid()
        );
        for step in machine.steps {
            let by: Vec<&str> = step.by.iter().map(|actor| (*actor).into()).collect();
            let starts: Vec<&str> = step.starts.iter().map(|key| (*key).into()).collect();
            let _ = writeln!(
                text,
                "| `{}` {} | {} | {} | {} | {} | {} |",
                step.code,
                step.label.zh,
                if step.from.is_empty() {
                    "—".to_owned()
                } else {
                    step.from.join(", ")
                },
                step.to.unwrap_or("the same"),
                by.join(", "),
                step.required.join(", "),
                starts.join(", ")
            );
        }
    }
    golden::compare("docs/state-machines.md", &text);
}

/// Steps name states that are there, what they require is what the document requires, and their code is their path's.
#[test]
fn definitions_agree_with_themselves_and_the_document() {
    for machine in MACHINES {
        let states: BTreeSet<&str> = machine.states.iter().map(|state| state.code).collect();
        let reached: BTreeSet<&str> = machine.steps.iter().filter_map(|step| step.to).collect();
        assert!(reached.is_subset(&states), "{}", machine.name);
        assert_eq!(
            reached, states,
            "a state of {} that no step leads to",
            machine.name
        );
        for step in machine.steps {
            assert!(
                step.from.iter().all(|from| states.contains(from)),
                "{} {}",
                machine.name,
                step.code
            );
            let ends = machine
                .states
                .iter()
                .filter(|state| state.end && step.to.is_some_and(|to| to != state.code));
            assert!(
                !ends.into_iter().any(|end| step.from.contains(&end.code)),
                "{} leaves an end",
                step.code
            );
            let Some(op) = step.op else { continue };
            let row = op.row();
            // What is no `POST` is on the thing itself, under another name.
            if !step.from.is_empty() && row.method == "POST" {
                assert_eq!(row.path.rsplit('/').next(), Some(step.code));
            }
            if row.method == "DELETE" {
                continue;
            }
            let body = &request_body(op)["schema"];
            let name = body["$ref"]
                .as_str()
                .and_then(|path| path.rsplit('/').next())
                .expect("a schema");
            let schema = &DOCUMENT["components"]["schemas"][name];
            let required: BTreeSet<&str> = schema["required"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            assert_eq!(
                required,
                step.required.iter().copied().collect(),
                "{} {}",
                machine.name,
                step.code
            );
        }
    }
}

#[tokio::test]
async fn machines_are_published_as_json_and_drawn() {
    let app = TestApp::new().await;
    let anybody = app.anonymous();
    for machine in MACHINES {
        let path = format!("/api/v1/meta/state-machines/{}", machine.name);
        let json = anybody.get(&path).await.expect(200);
        assert_eq!(
            json.json["steps"].as_array().map(Vec::len),
            Some(machine.steps.len())
        );
        for (step, shown) in machine
            .steps
            .iter()
            .zip(json.json["steps"].as_array().into_iter().flatten())
        {
            let to = step.to.map_or_else(|| step.from.to_vec(), |to| vec![to]);
            assert_eq!(
                (&shown["from"], &shown["to"]),
                (&serde_json::json!(step.from), &serde_json::json!(to)),
                "{}",
                step.code
            );
        }
        let drawn = anybody
            .with("Accept", "text/vnd.mermaid")
            .get(&path)
            .await
            .expect(200);
        assert_eq!(
            drawn.header("content-type"),
            Some("text/vnd.mermaid; charset=utf-8")
        );
        assert_eq!(drawn.text(), machine.mermaid());
    }
    anybody
        .get("/api/v1/meta/state-machines/nothing")
        .await
        .problem(404, "not_found");
}

const EVERYBODY: [&str; 10] = [
    "coordinator",
    "government-office",
    "department-education",
    "department-health",
    "party-minmeng",
    "party-minge",
    "admin",
    "security-admin",
    "auditor",
    "party-zhilianhui",
];

impl Subject {
    fn actors(&self, user: &str) -> &'static [Actor] {
        self.relations
            .iter()
            .find(|(name, _)| *name == user)
            .map_or(&[], |(_, actors)| actors)
    }

    /// A draft is there for those alone who can take a step on it.
    fn is_hidden(&self, user: &str, state: &str) -> bool {
        let steps = self
            .machine
            .steps
            .iter()
            .filter(|step| step.from.contains(&state));
        let mut actors = steps.flat_map(|step| step.by);
        let acts = actors.any(|actor| self.actors(user).contains(actor));
        self.hidden_from.contains(&user) || state == "draft" && !acts
    }

    fn expected(&self, user: &str, step: &Step, state: &str) -> (u16, &'static str) {
        let op = step.op.expect("an operation");
        if op.reach(&caller(user)) == Reach::Never {
            (403, "role_not_allowed")
        } else if self.is_hidden(user, state) && is_elsewhere(op) {
            (422, "invalid")
        } else if self.is_hidden(user, state) {
            (404, "not_found")
        } else if !self.actors(user).iter().any(|actor| step.by.contains(actor)) {
            (403, "not_yours")
        } else if !step.from.contains(&state) {
            (409, "step_not_allowed")
        } else {
            (200, "")
        }
    }

    /// In which states a step may end.
    fn ends(&self, code: &str, state: &'static str) -> Vec<&'static str> {
        let steps = self.machine.steps.iter();
        let taken = steps.filter(|step| step.code == code && step.from.contains(&state));
        taken.map(|step| step.to.unwrap_or(state)).collect()
    }
}

/// A step that makes something of another resource, and names the thing in its body.
fn is_elsewhere(op: Op) -> bool {
    !op.row().path.contains("{id}")
}

fn caller(user: &str) -> Caller {
    let role: Role = match user {
        name if name.starts_with("department-") => Role::Department,
        name if name.starts_with("party-") => Role::Party,
        name => name.replace('-', "_").parse().expect("a role"),
    };
    Caller {
        principal: Principal::User {
            id: Uuid::nil(),
            session: Uuid::nil(),
        },
        username: user.to_owned(),
        role: Some(role),
        organization: None,
        must_change_password: false,
    }
}

fn example(op: Op) -> Value {
    let body = &request_body(op)["example"];
    if body.is_null() { json!({}) } else { body.clone() }
}

/// Every state × step × user is really called. Prints how many.
#[tokio::test]
async fn every_step_in_every_state_by_everybody() {
    let taken = prove(|name| name != "suggestion").await;
    assert!(taken >= 12, "{taken}");
}

/// The same of suggestions, which have most of it.
#[tokio::test]
async fn every_step_of_suggestions_in_every_state_by_everybody() {
    let taken = prove(|name| name == "suggestion").await;
    assert!(taken >= 36, "{taken}");
}

async fn prove(of: impl Fn(&str) -> bool) -> usize {
    let app = TestApp::new().await;
    // A Monday morning: the document's examples name days that are right on it.
    app.clock.set("2026-03-02T01:30:00Z".parse().expect("an instant"));
    let mut users: Vec<(&str, User)> = Vec::new();
    for name in EVERYBODY {
        users.push((name, app.user(name).await));
    }
    let mut subjects = subjects::all(&app).await;
    let covered: BTreeSet<&str> = subjects.iter().map(|subject| subject.machine.name).collect();
    assert_eq!(
        covered,
        MACHINES.iter().map(|machine| machine.name).collect(),
        "every machine has its subject here"
    );
    subjects.retain(|subject| of(subject.machine.name));
    let mut conn = app.database.connect().await;
    let (mut calls, mut taken) = (0, 0);
    for subject in &subjects {
        let id = subject.path.rsplit('/').next().expect("an id");
        let steps = subject
            .machine
            .steps
            .iter()
            // Edits and deletions of drafts need `If-Match`, and are tested with their resource.
            .filter(|step| step.op.is_some_and(|op| op.row().method == "POST") && !step.from.is_empty());
        for step in steps {
            let op = step.op.expect("an operation");
            for state in subject.machine.states {
                let reset = (subject.reset)(id, state.code) + ";" + &subjects::prepare(op, id, state.code);
                conn.batch_execute(&reset).await.expect("a state");
                let (open, closed): (Vec<_>, Vec<_>) = users
                    .iter()
                    .partition(|(name, _)| subject.expected(name, step, state.code).0 == 200);
                let unchanged = app.counts().await;
                // Who is refused changes nothing: all of them at once, in the same state.
                let refused = closed
                    .iter()
                    .map(|(name, user)| refused(subject, step, state.code, name, user));
                futures_util::future::join_all(refused).await;
                assert_eq!(app.counts().await, unchanged, "{} in {}", step.code, state.code);
                for (name, user) in &open {
                    conn.batch_execute(&reset).await.expect("a state");
                    allowed(subject, step, state.code, name, user).await;
                    taken += 1;
                }
                calls += users.len();
            }
        }
    }
    println!("{calls} calls, {taken} of them taken");
    taken
}

async fn is_offered(subject: &Subject, step: &Step, user: &User) -> bool {
    let seen = user.get(&subject.path).await;
    let actions = seen.json["allowed_actions"].as_array().into_iter().flatten();
    actions.into_iter().any(|action| action["code"] == step.code)
}

async fn post(subject: &Subject, step: &Step, user: &User) -> Answer {
    let op = step.op.expect("an operation");
    let (mut body, mut path) = (example(op), format!("{}/{}", subject.path, step.code));
    if is_elsewhere(op) {
        path = op.row().path.to_owned();
        body[subject.machine.name] = subject.path.rsplit('/').next().into();
    }
    user.post(&path, body).await
}

async fn refused(subject: &Subject, step: &Step, state: &str, name: &str, user: &User) {
    let case = format!("{} {} in {state} by {name}", subject.machine.name, step.code);
    let (status, code) = subject.expected(name, step, state);
    let offered = is_offered(subject, step, user).await;
    assert!(!offered, "{case}: offered is not what is allowed");
    let answer = post(subject, step, user).await;
    assert_eq!(answer.status.as_u16(), status, "{case}: {}", answer.text());
    assert_eq!(answer.json["code"], code, "{case}");
}

async fn allowed(subject: &Subject, step: &Step, state: &'static str, name: &str, user: &User) {
    let case = format!("{} {} in {state} by {name}", subject.machine.name, step.code);
    let offered = is_offered(subject, step, user).await;
    assert!(offered, "{case}: offered is not what is allowed");
    let answer = post(subject, step, user).await;
    assert!(answer.status.is_success(), "{case}: {}", answer.text());
    let after = match answer.json["state"].is_string() {
        true => answer,
        // What was made is of another resource.
        false => user.get(&subject.path).await,
    };
    let after = after.json["state"].as_str().unwrap_or_default();
    assert!(subject.ends(step.code, state).contains(&after), "{case}: {after}");
}
