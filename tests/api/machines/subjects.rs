//! One record of every machine, what each user is to it, and how it is put into a state.

use super::machine;
use crate::support::TestApp;
use crate::support::suggestions::{Table, id, raised, reply, step};
use liaison::policy::Op;
use liaison::workflow::machine::{Actor, Machine};
use serde_json::json;

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
        work_plan(app).await,
        work_report(app).await,
        annual_summary(app).await,
        suggestion(app).await,
        commitment(app).await,
    ]
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
    app.long_since_on("quarterly_confirmation").await;
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
             concluded_at = {}, cancelled_at = {}, cancel_reason = {}, decided_on = NULL, decision_text = NULL,
             starts_at = '2020-06-01T01:00:00Z', ends_at = NULL
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

/// Who sees no plan and no report of another department, drafts or not.
const PARTIES_AND_OTHERS: [&str; 4] = [
    "department-health",
    "party-minmeng",
    "party-minge",
    "party-zhilianhui",
];

/// Of the only version: what a revision has made goes again.
async fn work_plan(app: &TestApp) -> Subject {
    let education = app.department("education").await;
    let plan = json!({ "year": 2026, "items": [{ "kind": "visit", "title": "走访民盟市委会" }] });
    let plan = education.post("/api/v1/work-plans", plan).await.expect(201);
    Subject {
        machine: machine("work_plan"),
        path: format!("/api/v1/work-plans/{}", id(&plan.json)),
        reset: |id, state| {
            let (submitted, decided, reason) = match state {
                "draft" => ("NULL", "NULL", "NULL"),
                "submitted" => ("now()", "NULL", "NULL"),
                "acknowledged" => ("now()", "now()", "NULL"),
                _ => ("now()", "now()", "'请补充。'"),
            };
            format!(
                "DELETE FROM work_plans WHERE id <> '{id}' AND number > 1;
                 UPDATE work_plans SET state = '{state}', submitted_at = {submitted}, decided_at = {decided},
                     return_reason = {reason}, next_id = NULL, superseded_at = NULL WHERE id = '{id}'"
            )
        },
        hidden_from: &PARTIES_AND_OTHERS,
        relations: &[
            ("coordinator", &[Actor::Coordinator]),
            ("government-office", &[Actor::GovernmentOffice]),
            ("department-education", &[Actor::Department]),
        ],
    }
}

async fn work_report(app: &TestApp) -> Subject {
    let education = app.department("education").await;
    let report = json!({
        "period": { "kind": "special", "from": "2026-03-01", "to": "2026-03-31" },
        "title": "“双减”专题工作情况",
        "text": "情况如下。",
    });
    let report = education.post("/api/v1/work-reports", report).await.expect(201);
    Subject {
        machine: machine("work_report"),
        path: format!("/api/v1/work-reports/{}", id(&report.json)),
        reset: |id, state| {
            let (submitted, decided, reason) = match state {
                "draft" => ("NULL", "NULL", "NULL"),
                "submitted" => ("now()", "NULL", "NULL"),
                "received" => ("now()", "now()", "NULL"),
                _ => ("now()", "now()", "'请补充。'"),
            };
            format!(
                "DELETE FROM work_reports WHERE id <> '{id}' AND number > 1;
                 UPDATE work_reports SET state = '{state}', submitted_at = {submitted}, decided_at = {decided},
                     return_reason = {reason}, next_id = NULL, superseded_at = NULL, copy_acknowledged_at = NULL,
                     no_secrets = '{state}' <> 'draft', facts = CASE WHEN '{state}' = 'draft' THEN NULL ELSE '{{}}'::jsonb END
                     WHERE id = '{id}'"
            )
        },
        hidden_from: &PARTIES_AND_OTHERS,
        relations: &[
            ("coordinator", &[Actor::Coordinator]),
            ("government-office", &[Actor::GovernmentOffice]),
            ("department-education", &[Actor::Department]),
        ],
    }
}

async fn annual_summary(app: &TestApp) -> Subject {
    let coordinator = app.coordinator().await;
    let summary = json!({ "year": 2025, "text": "对口联系工作扎实推进。" });
    let summary = coordinator
        .post("/api/v1/annual-summaries", summary)
        .await
        .expect(201);
    Subject {
        machine: machine("annual_summary"),
        path: format!("/api/v1/annual-summaries/{}", id(&summary.json)),
        // What was published stays as it is: the rule is put aside to turn back the clock.
        reset: |id, state| {
            let kept = match state {
                "draft" => "figures = NULL, sha256 = NULL, published_at = NULL",
                _ => {
                    "published_at = now(), sha256 = sha256('x'), figures = '{\"period\": {\"from\": \"2025-01-01\",
                     \"to\": \"2025-12-31\", \"as_of\": \"2026-03-02\", \"settled_on\": \"2025-12-31\"}, \"definitions\": [],
                     \"total\": [], \"departments\": [], \"parties\": [], \"not_sent\": []}'"
                }
            };
            format!(
                "SET LOCAL session_replication_role = replica;
                 DELETE FROM annual_summary_records WHERE annual_summary_id = '{id}';
                 UPDATE annual_summaries SET state = '{state}', {kept} WHERE id = '{id}'"
            )
        },
        hidden_from: &[],
        relations: &[("coordinator", &[Actor::Coordinator])],
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
        hidden_from: &["party-zhilianhui"],
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
