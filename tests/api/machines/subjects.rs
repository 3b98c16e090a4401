//! One record of every machine, what each user is to it, and how it is put into a state.

use super::machine;
use crate::support::TestApp;
use liaison::workflow::machine::{Actor, Machine};
use serde_json::{Value, json};

/// One record of a machine, and what each user is to it.
pub struct Subject {
    pub machine: &'static Machine,
    pub path: String,
    /// SQL that puts it into a state, as if nothing had been done in it yet.
    pub reset: fn(id: &str, state: &str) -> String,
    /// Users that may not see it.
    pub hidden_from: &'static [&'static str],
    pub relations: &'static [(&'static str, &'static [Actor])],
}

pub async fn all(app: &TestApp) -> Vec<Subject> {
    vec![
        liaison_leader(app).await,
        liaison_confirmation(app).await,
        problem_report(app).await,
        bulletin(app).await,
    ]
}

fn id(value: &Value) -> String {
    value["id"].as_str().expect("an id").to_owned()
}

async fn liaison_leader(app: &TestApp) -> Subject {
    let education = app.department("education").await;
    let appointment = json!({
        "effective_from": "2024-01-08",
        "leader": { "name": "王建平" },
        "office": { "name": "办公室" },
        "contacts": [{ "name": "李秋霞" }],
    });
    let leader = education
        .post("/api/v1/liaison-leaders", appointment)
        .await
        .expect(201);
    Subject {
        machine: machine("liaison_leader"),
        path: format!("/api/v1/liaison-leaders/{}", id(&leader.json)),
        reset: |id, state| {
            format!(
                "UPDATE liaison_leaders SET state = '{state}', completion_text = '补' WHERE id = '{id}';
                 UPDATE liaison_leader_receipts SET acknowledged_at = NULL, acknowledged_by = NULL,
                     acknowledged_version = NULL WHERE liaison_leader_id = '{id}'"
            )
        },
        hidden_from: &[],
        relations: &[
            ("coordinator", &[Actor::Coordinator, Actor::Recipient]),
            ("department-education", &[Actor::Department]),
            ("party-minmeng", &[Actor::Recipient]),
            ("party-zhilianhui", &[Actor::Recipient]),
        ],
    }
}

/// Of the department whose leader was reported before.
async fn liaison_confirmation(app: &TestApp) -> Subject {
    let education = app.department("education").await;
    app.run_jobs().await;
    let confirmations = education.get("/api/v1/liaison-confirmations").await.expect(200);
    Subject {
        machine: machine("liaison_confirmation"),
        path: format!("/api/v1/liaison-confirmations/{}", id(&confirmations.items()[0])),
        reset: |id, state| match state {
            "awaited" => format!(
                "UPDATE liaison_confirmations SET outcome = NULL, settled_at = NULL, liaison_leader_id = NULL WHERE id = '{id}'"
            ),
            outcome => format!(
                "UPDATE liaison_confirmations SET outcome = '{outcome}', settled_at = now(),
                     liaison_leader_id = (SELECT id FROM liaison_leaders LIMIT 1) WHERE id = '{id}'"
            ),
        },
        hidden_from: &["department-health"],
        relations: &[
            ("coordinator", &[Actor::Coordinator]),
            ("department-education", &[Actor::Department]),
        ],
    }
}

async fn problem_report(app: &TestApp) -> Subject {
    let education = app.department("education").await;
    let report = json!({ "title": "联络不畅", "text": "信息交流时断时续。" });
    let report = education
        .post("/api/v1/problem-reports", report)
        .await
        .expect(201);
    Subject {
        machine: machine("problem_report"),
        path: format!("/api/v1/problem-reports/{}", id(&report.json)),
        reset: |id, state| {
            let (answered, closed) = match state {
                "raised" => ("NULL", "NULL"),
                "answered" => ("now()", "NULL"),
                _ => ("now()", "now()"),
            };
            format!(
                "UPDATE problem_reports SET state = '{state}', answered_at = {answered}, closed_at = {closed},
                     answer = CASE WHEN {answered} IS NULL THEN NULL ELSE '已协调。' END WHERE id = '{id}'"
            )
        },
        hidden_from: &[
            "department-health",
            "party-minmeng",
            "party-minge",
            "party-zhilianhui",
        ],
        relations: &[
            ("coordinator", &[Actor::Coordinator]),
            ("department-education", &[Actor::Raiser]),
        ],
    }
}

/// Of 市教育局 to 民盟 and 市知联会, which liaise with it.
async fn bulletin(app: &TestApp) -> Subject {
    let education = app.department("education").await;
    let body =
        json!({ "title": "学位供给情况", "text": "通报如下。", "recipients": ["minmeng", "zhilianhui"] });
    let bulletin = education.post("/api/v1/bulletins", body).await.expect(201);
    let path = format!("/api/v1/bulletins/{}", id(&bulletin.json));
    let send = json!({ "no_secrets": true });
    education.post(&format!("{path}/send"), send).await.expect(200);
    Subject {
        machine: machine("bulletin"),
        path,
        // What was sent stays as it is: the rule is put aside to turn back the clock.
        reset: |id, state| {
            let (sent, withdrawn, reason) = match state {
                "draft" => ("NULL", "NULL", "NULL"),
                "sent" => ("now()", "NULL", "NULL"),
                _ => ("now()", "now()", "'有误'"),
            };
            format!(
                "SET LOCAL session_replication_role = replica;
                 UPDATE bulletins SET state = '{state}', sent_at = {sent}, withdrawn_at = {withdrawn},
                     withdrawal_reason = {reason} WHERE id = '{id}';
                 UPDATE bulletin_recipients SET told_at = {sent}, acknowledged_at = NULL, acknowledged_by = NULL
                     WHERE bulletin_id = '{id}';
                 DELETE FROM todos WHERE subject_id = '{id}'"
            )
        },
        hidden_from: &["government-office", "department-health", "party-minge"],
        relations: &[
            ("department-education", &[Actor::Sender]),
            ("party-minmeng", &[Actor::Recipient]),
            ("party-zhilianhui", &[Actor::Recipient]),
        ],
    }
}
