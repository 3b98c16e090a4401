//! One record of every machine, what each user is to it, and how it is put into a state.

use super::machine;
use crate::support::TestApp;
use crate::support::suggestions::{Table, raised, reply, step};
use liaison::policy::Op;
use liaison::workflow::machine::{Actor, Machine};
use serde_json::{Value, json};

/// One record of a machine, and what each user is to it.
pub struct Subject {
    pub machine: &'static Machine,
    pub path: String,
    /// SQL that puts it into a state, as if nothing had been done in it yet.
    pub reset: fn(id: &str, state: &str) -> String,
    /// Users that may not see it; in one state alone as `coordinator@draft`.
    pub hidden_from: &'static [&'static str],
    pub relations: &'static [(&'static str, &'static [Actor])],
}

pub async fn all(app: &TestApp) -> Vec<Subject> {
    vec![
        liaison_leader(app).await,
        liaison_confirmation(app).await,
        problem_report(app).await,
        suggestion(app).await,
        commitment(app).await,
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

/// Of 民盟 with 民革 and 市工商联, led by 市教育局 with 市卫生健康局.
async fn suggestion(app: &TestApp) -> Subject {
    let table = Table::new(app).await;
    let mut body = raised("状态机", "education");
    body["joint_departments"] = json!(["health"]);
    body["joint_parties"] = json!(["minge", "gongshanglian"]);
    let id = table.drafted(body).await;
    Subject {
        machine: machine("suggestion"),
        path: format!("/api/v1/suggestions/{id}"),
        reset: reset_suggestion,
        hidden_from: &[
            "party-zhilianhui",
            "coordinator@draft",
            "government-office@draft",
            "department-education@draft",
            "department-health@draft",
        ],
        relations: &[
            ("coordinator", &[Actor::Coordinator]),
            ("department-education", &[Actor::Lead]),
            ("department-health", &[Actor::Joint]),
            ("party-minmeng", &[Actor::Party]),
            ("party-minge", &[Actor::JointParty]),
        ],
    }
}

/// What may not be changed is thrown away without being asked.
fn reset_suggestion(id: &str, state: &str) -> String {
    let is = |states: &[&str]| states.contains(&state);
    let when = |stands: bool| if stands { "'2026-03-02T01:30:00Z'" } else { "NULL" };
    let (submitted, replied) = (when(state != "draft"), is(&["replied", "concluded"]));
    let accepted = when(is(&["accepted", "replied", "concluded"]));
    let (filing, evaluation) = match state {
        "replied" => ("reported", "awaited"),
        "concluded" => ("filed", "received"),
        _ => ("none", "none"),
    };
    let result = if replied { "'A'" } else { "NULL" };
    let number = if state == "draft" {
        "NULL".to_owned()
    } else {
        format!("'{id}'")
    };
    let organization = |code: &str| format!("(SELECT id FROM organizations WHERE code = '{code}')");
    let (education, health) = (organization("education"), organization("health"));
    let reply = match replied {
        true => format!(
            "INSERT INTO suggestion_replies (id, suggestion_id, round, version_number, department_id, text, result, replied_at, replied_by)
             VALUES (gen_random_uuid(), '{id}', 1, 1, {education}, '答复', 'A', '2026-03-02T01:30:00Z', 'x');"
        ),
        false => String::new(),
    };
    format!(
        "SET session_replication_role = replica;
         DELETE FROM commitments WHERE suggestion_id = '{id}';
         DELETE FROM feedback_receipts WHERE suggestion_id = '{id}';
         DELETE FROM suggestion_replies WHERE suggestion_id = '{id}';
         DELETE FROM suggestion_handlings WHERE suggestion_id = '{id}';
         DELETE FROM reminders WHERE todo_id IN (SELECT id FROM todos WHERE subject_id = '{id}');
         DELETE FROM deadline_moves WHERE todo_id IN (SELECT id FROM todos WHERE subject_id = '{id}');
         DELETE FROM todos WHERE subject_id = '{id}';
         SET session_replication_role = origin;
         UPDATE suggestions SET state = '{state}', number = {number}, submitted_at = {submitted}, accepted_at = {accepted},
             replied_at = {replied_at}, concluded_at = {concluded}, withdrawn_at = {withdrawn}, result = {result},
             lead_department_id = {education}, round = 1, communicated_round = 1, filing = '{filing}',
             filing_number = CASE WHEN '{filing}' = 'filed' THEN '备' ELSE NULL END, evaluation = '{evaluation}',
             mediation = 'none', extension = 'none', extension_until = NULL, extension_reason = NULL, due_on = NULL
         WHERE id = '{id}';
         INSERT INTO suggestion_handlings (id, suggestion_id, department_id, role, position, started_at) VALUES
             (gen_random_uuid(), '{id}', {education}, 'lead', 0, now()), (gen_random_uuid(), '{id}', {health}, 'joint', 1, now());
         UPDATE suggestion_signatures SET signed_at = NULL, declined_at = NULL, answered_by = NULL,
             requested_at = CASE WHEN party_id = {minge} THEN now() ELSE NULL END WHERE suggestion_id = '{id}';
         {reply}",
        replied_at = when(replied),
        concluded = when(state == "concluded"),
        withdrawn = when(state == "withdrawn"),
        minge = organization("minge"),
    )
}

/// What a step needs beside state and relation.
pub fn prepare(op: Op, id: &str, state: &str) -> String {
    let suggestion = |set: &str| format!("UPDATE suggestions SET {set} WHERE id = '{id}'");
    match op {
        Op::SubmitSuggestion => format!(
            "UPDATE suggestion_signatures SET requested_at = now(), signed_at = now(), answered_by = 'x' WHERE suggestion_id = '{id}'"
        ),
        Op::DecideSuggestionExtension => {
            suggestion("extension = 'requested', extension_until = '2026-08-31', extension_reason = '测算'")
        }
        Op::ReportSuggestionFiling if state == "replied" => suggestion("filing = 'returned'"),
        Op::MediateSuggestion => {
            suggestion("mediation = CASE state WHEN 'concluded' THEN 'held' ELSE 'needed' END")
        }
        _ => String::new(),
    }
}

/// Promised by 市教育局 to 民盟.
async fn commitment(app: &TestApp) -> Subject {
    let table = Table::new(app).await;
    let talked = table.talked(raised("承诺", "education")).await;
    let replied = step(&table.lead, &talked, "reply", reply("B")).await;
    Subject {
        machine: machine("commitment"),
        path: format!("/api/v1/commitments/{}", id(&replied["commitments"][0])),
        reset: |id, state| {
            let when = |stands: bool| if stands { "now()" } else { "NULL" };
            let (fulfilled, decided) = (when(state == "fulfilled"), when(state == "abandoned"));
            format!(
                "UPDATE commitments SET state = '{state}', fulfilled_at = {fulfilled}, abandonment_decided_at = {decided},
                     fulfilment = CASE WHEN '{state}' = 'fulfilled' THEN '已兑现。' END,
                     abandonment_reason = CASE WHEN '{state}' LIKE 'aband%' THEN '规划调整。' END WHERE id = '{id}'"
            )
        },
        hidden_from: &["department-health", "party-minge", "party-zhilianhui"],
        relations: &[
            ("coordinator", &[Actor::Coordinator]),
            ("department-education", &[Actor::Lead]),
        ],
    }
}
