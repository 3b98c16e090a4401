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
        meeting(app).await,
        written_consultation(app).await,
        meeting_follow_up(app).await,
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

/// A consultation whose minutes are written and whose time has come: nothing but the state stands in a step's way.
async fn consultation(app: &TestApp, form: &str) -> String {
    let education = app.department("education").await;
    let body = json!({
        "kind": "decision_consultation",
        "title": "学位建设规划征求意见",
        "form": form,
        "starts_at": "2020-05-11T01:00:00Z",
        "place": (form == "meeting").then_some("市教育局三楼会议室"),
        "decision": { "matter": "学位建设规划", "planned_on": "2020-06-01" },
        "invite": { "parties": ["minmeng"] },
    });
    let draft = education.post("/api/v1/meetings", body).await.expect(201);
    let path = format!("/api/v1/meetings/{}", id(&draft.json));
    education
        .post(&format!("{path}/convene"), json!({}))
        .await
        .expect(200);
    education
        .matching(&path)
        .await
        .put(&format!("{path}/minutes"), json!({ "text": "听取了意见。" }))
        .await
        .expect(200);
    path
}

fn reset_meeting(id: &str, state: &str) -> String {
    let at = |states: &[&str]| if states.contains(&state) { "now()" } else { "NULL" };
    format!(
        "UPDATE meetings SET state = '{state}', convened_at = {}, held_at = CASE form WHEN 'meeting' THEN {}::timestamptz END,
             concluded_at = {}, cancelled_at = {}, cancel_reason = {}, decided_on = NULL, decision_text = NULL
         WHERE id = '{id}'",
        at(&["convened", "held", "concluded", "cancelled"]),
        at(&["held", "concluded"]),
        at(&["concluded"]),
        at(&["cancelled"]),
        if state == "cancelled" { "'因故取消。'" } else { "NULL" },
    )
}

const STRANGERS: [&str; 3] = ["department-health", "party-minge", "party-zhilianhui"];

async fn meeting(app: &TestApp) -> Subject {
    Subject {
        machine: machine("meeting"),
        path: consultation(app, "meeting").await,
        reset: reset_meeting,
        hidden_from: &STRANGERS,
        relations: &[
            ("department-education", &[Actor::Host]),
            ("party-minmeng", &[Actor::Invitee]),
        ],
    }
}

async fn written_consultation(app: &TestApp) -> Subject {
    Subject {
        machine: machine("written_consultation"),
        path: consultation(app, "written").await,
        reset: reset_meeting,
        hidden_from: &STRANGERS,
        relations: &[
            ("department-education", &[Actor::Host]),
            ("party-minmeng", &[Actor::Invitee]),
        ],
    }
}

async fn meeting_follow_up(app: &TestApp) -> Subject {
    let education = app.department("education").await;
    let path = consultation(app, "written").await;
    let minutes = json!({
        "text": "听取了意见。",
        "follow_ups": [{ "text": "书面答复意见", "owner": "minmeng", "due_on": "2020-07-01" }],
    });
    let minutes = education
        .matching(&path)
        .await
        .put(&format!("{path}/minutes"), minutes)
        .await
        .expect(200);
    education
        .post(&format!("{path}/conclude"), json!({}))
        .await
        .expect(200);
    Subject {
        machine: machine("meeting_follow_up"),
        path: format!(
            "/api/v1/meeting-follow-ups/{}",
            id(&minutes.json["follow_ups"][0])
        ),
        reset: |id, state| {
            let (at, text) = match state {
                "done" => ("now()", "'已答复。'"),
                _ => ("NULL", "NULL"),
            };
            format!(
                "UPDATE meeting_follow_ups SET state = '{state}', done_at = {at}, done_text = {text} WHERE id = '{id}'"
            )
        },
        hidden_from: &STRANGERS,
        relations: &[("party-minmeng", &[Actor::Owner])],
    }
}
