//! What was submitted, sent, signed or concluded keeps its papers, whoever asks; while it is a draft, who attached one removes it.

use super::suggestions::get;
use crate::support::samples::pdf;
use crate::support::suggestions::{Table, acceptance, communication, path, raised, reply, step};
use crate::support::{Answer, Form, TestApp, User, on_a_monday};
use chrono::TimeDelta;
use diesel_async::SimpleAsyncConnection;
use liaison::resources::attachments::carriers::Carrier;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use strum::IntoEnumIterator;

const ATTACHMENTS: &str = "/api/v1/attachments";

/// A call that takes the record of a carrier a step further: by whom, where, with what.
type Call = (&'static str, Method, String, Value);

/// A record that papers hang on.
struct Case {
    carrier: Carrier,
    subject: Value,
    author: &'static str,
    /// What its papers can still be taken back from: none where others read the record from the beginning.
    removable: bool,
    /// Each of these states keeps its papers.
    onwards: Vec<Call>,
}

/// Accounts that try: the author's own organization, those that it deals with, others of its kind, and the offices.
const CALLERS: &[&str] = &[
    "coordinator",
    "government-office",
    "department-education",
    "department-health",
    "department-finance",
    "party-minmeng",
    "party-minge",
];

fn post(user: &'static str, path: impl Into<String>, body: Value) -> Call {
    (user, Method::POST, path.into(), body)
}

async fn made(app: &TestApp, user: &str, path: &str, body: Value) -> Value {
    app.user(user).await.post(path, body).await.expect(201).json
}

fn at(collection: &str, made: &Value, step: &str) -> String {
    format!(
        "/api/v1/{collection}/{}/{step}",
        made["id"].as_str().expect("an id")
    )
}

async fn meeting(app: &TestApp) -> Case {
    let body = json!({
        "kind": "visit", "title": "走访", "starts_at": "2026-03-01T01:00:00Z", "place": "市教育局",
        "co_hosts": [], "invite": { "parties": ["minmeng"], "departments": ["health"] },
    });
    let made = made(app, "department-education", "/api/v1/meetings", body).await;
    let step = |step: &str, body| post("department-education", at("meetings", &made, step), body);
    let minutes = json!({ "text": "交换了意见。", "decisions": [], "follow_ups": [] });
    Case {
        carrier: Carrier::Meeting,
        subject: made["id"].clone(),
        author: "department-education",
        removable: true,
        onwards: vec![
            step("convene", json!({})),
            step("hold", json!({})),
            (
                "department-education",
                Method::PUT,
                at("meetings", &made, "minutes"),
                minutes,
            ),
            step("conclude", json!({})),
        ],
    }
}

async fn reporting(app: &TestApp) -> [Case; 2] {
    let author = "department-education";
    let plan = json!({ "year": 2026, "items": [{ "kind": "visit", "title": "走访" }] });
    let plan = made(app, author, "/api/v1/work-plans", plan).await;
    let period = json!({ "kind": "year", "from": "2025-01-01", "to": "2025-12-31" });
    let report = json!({ "period": period, "title": "工作情况", "text": "开展联系活动三次。" });
    let report = made(app, author, "/api/v1/work-reports", report).await;
    let secrets = json!({ "no_secrets": true });
    [
        Case {
            carrier: Carrier::WorkPlan,
            subject: plan["id"].clone(),
            author,
            removable: true,
            onwards: vec![
                post(author, at("work-plans", &plan, "submit"), json!({})),
                post(
                    "coordinator",
                    at("work-plans", &plan, "return"),
                    json!({ "reason": "请补充。" }),
                ),
            ],
        },
        Case {
            carrier: Carrier::WorkReport,
            subject: report["id"].clone(),
            author,
            removable: true,
            onwards: vec![
                post(author, at("work-reports", &report, "submit"), secrets),
                post("coordinator", at("work-reports", &report, "receive"), json!({})),
            ],
        },
    ]
}

async fn sent(app: &TestApp) -> [Case; 4] {
    let author = "department-education";
    let in_force = app.coordinator().await.get("/api/v1/schemes").await.items()[0]["id"].clone();
    let scheme = json!({ "title": "新方案", "effective_from": "2027-01-01", "copy_from": in_force });
    let scheme = made(app, "coordinator", "/api/v1/schemes", scheme).await;
    let leader = json!({
        "effective_from": "2026-03-02", "leader": { "name": "王建平" }, "office": { "name": "办公室" },
        "contacts": [{ "name": "李秋霞" }],
    });
    let leader = made(app, author, "/api/v1/liaison-leaders", leader).await;
    let problem = json!({ "title": "联络不畅", "text": "信息交流时断时续。" });
    let problem = made(app, author, "/api/v1/problem-reports", problem).await;
    let bulletin =
        json!({ "category": "statistics", "title": "学位", "text": "供给情况。", "recipients": ["minmeng"] });
    let bulletin = made(app, author, "/api/v1/bulletins", bulletin).await;
    [
        Case {
            carrier: Carrier::Scheme,
            subject: scheme["id"].clone(),
            author: "coordinator",
            removable: true,
            onwards: vec![post("coordinator", at("schemes", &scheme, "publish"), json!({}))],
        },
        Case {
            carrier: Carrier::LiaisonLeader,
            subject: leader["id"].clone(),
            author,
            removable: false,
            onwards: Vec::new(),
        },
        Case {
            carrier: Carrier::ProblemReport,
            subject: problem["id"].clone(),
            author,
            removable: true,
            onwards: vec![
                post(
                    "coordinator",
                    at("problem-reports", &problem, "answer"),
                    json!({ "text": "已协调。" }),
                ),
                post("coordinator", at("problem-reports", &problem, "close"), json!({})),
            ],
        },
        Case {
            carrier: Carrier::Bulletin,
            subject: bulletin["id"].clone(),
            author,
            removable: true,
            onwards: vec![
                post(
                    author,
                    at("bulletins", &bulletin, "send"),
                    json!({ "no_secrets": true }),
                ),
                post(
                    author,
                    at("bulletins", &bulletin, "withdraw"),
                    json!({ "reason": "有误。" }),
                ),
            ],
        },
    ]
}

async fn suggestions(app: &TestApp) -> [Case; 4] {
    let table = Table::new(app).await;
    let step_of = |user, id: &str, step: &str, body| post(user, format!("{}/{step}", path(id)), body);
    let lead = "department-education";
    let draft = table.drafted(raised("草稿", "education")).await;
    let withdrawn = table.drafted(raised("撤回", "education")).await;
    let talked = table.talked(raised("沟通", "education")).await;
    let talk = get(&table.lead, &talked).await["communications"][0]["id"].clone();
    let replied = table.replied(raised("答复", "education")).await;
    let given = get(&table.lead, &replied).await["reply"]["id"].clone();
    let submit = json!({ "no_secrets": true });
    let receipt = crate::support::suggestions::receipt(&replied, "satisfied");
    [
        Case {
            carrier: Carrier::Suggestion,
            subject: draft.clone().into(),
            author: "party-minmeng",
            removable: true,
            onwards: vec![
                step_of("party-minmeng", &draft, "submit", submit.clone()),
                step_of(lead, &draft, "accept", acceptance()),
                step_of(lead, &draft, "communicate", communication()),
                step_of(lead, &draft, "reply", reply("A")),
            ],
        },
        Case {
            carrier: Carrier::Suggestion,
            subject: withdrawn.clone().into(),
            author: "party-minmeng",
            removable: true,
            onwards: vec![
                step_of("party-minmeng", &withdrawn, "submit", submit),
                step_of(
                    "party-minmeng",
                    &withdrawn,
                    "withdraw",
                    json!({ "reason": "不提了。" }),
                ),
            ],
        },
        Case {
            carrier: Carrier::SuggestionCommunication,
            subject: talk,
            author: lead,
            removable: true,
            onwards: vec![step_of(lead, &talked, "reply", reply("A"))],
        },
        Case {
            carrier: Carrier::SuggestionReply,
            subject: given,
            author: lead,
            removable: false,
            onwards: vec![
                post("party-minmeng", "/api/v1/feedback-receipts", receipt),
                step_of("coordinator", &replied, "file", json!({})),
            ],
        },
    ]
}

async fn attach(user: &User, case: &Case, replaces: Option<&str>, bytes: &[u8]) -> Answer {
    let carrier: &str = case.carrier.into();
    let mut form = Form::new(carrier, &case.subject);
    if let Some(replaced) = replaces {
        form = form.text("replaces", replaced);
    }
    let body = Some(form.file("签字件.pdf", bytes).body());
    user.send_raw(Method::POST, ATTACHMENTS, body).await
}

async fn remove(user: &User, id: &str) -> Answer {
    let any = user.with("If-Match", "*");
    any.send(Method::DELETE, &format!("{ATTACHMENTS}/{id}"), None)
        .await
}

/// Nobody removes it, and the database lets nobody do so either.
async fn assert_kept(app: &TestApp, case: &Case, paper: &str, state: &str) {
    for caller in CALLERS {
        let refused = remove(&app.user(caller).await, paper).await;
        let about = format!("{:?} {state} {caller}", case.carrier);
        match (*caller == case.author, refused.status.as_u16()) {
            (true, 409) => assert_eq!(refused.json["code"], "attachment_kept", "{about}"),
            (false, 403 | 404) => {}
            (_, status) => panic!("{about}: {status} {}", refused.text()),
        }
    }
    let forced = format!("UPDATE attachments SET removed_at = now() WHERE id = '{paper}'");
    let forced = app.database.connect().await.batch_execute(&forced).await;
    let refusal = forced.expect_err("a removal").to_string();
    assert!(refusal.contains("stays with its record"), "{refusal}");
}

#[tokio::test]
async fn every_carrier_keeps_its_papers_once_others_rely_on_them() {
    let app = on_a_monday().await;
    let mut cases = vec![meeting(&app).await];
    cases.extend(reporting(&app).await);
    cases.extend(sent(&app).await);
    cases.extend(suggestions(&app).await);
    let all: BTreeSet<&str> = Carrier::iter().map(Carrier::as_str).collect();
    let tried: BTreeSet<&str> = cases.iter().map(|case| case.carrier.as_str()).collect();
    assert_eq!(tried, all, "a carrier without a case");
    let mut kept = Vec::new();
    for case in &cases {
        let author = app.user(case.author).await;
        let paper = attach(&author, case, None, &pdf()).await.expect(201).id();
        let slip = attach(&author, case, None, b"%PDF-slip").await.expect(201).id();
        for caller in CALLERS.iter().filter(|caller| **caller != case.author) {
            let refused = remove(&app.user(caller).await, &slip).await.status.as_u16();
            assert!([403, 404].contains(&refused), "{:?} {caller}", case.carrier);
        }
        match case.removable {
            true => drop(remove(&author, &slip).await.expect(204)),
            false => assert_kept(&app, case, &slip, "at first").await,
        }
        for (user, method, path, body) in &case.onwards {
            let user = app.user(user).await.with("If-Match", "*");
            let done = user.send(method.clone(), path, Some(body.clone())).await;
            assert!(done.status.is_success(), "{path}: {}", done.text());
            assert_kept(&app, case, &paper, path).await;
        }
        // A further version supersedes it where there may be one; the one before stays.
        let next = attach(&author, case, Some(&paper), b"%PDF-next").await;
        assert!([201, 403].contains(&next.status.as_u16()), "{}", next.text());
        kept.push((case.author, paper));
    }
    app.clock.set(app.clock.now() + TimeDelta::days(400));
    let swept = app.sweep().await.expect("a sweep");
    let removable = cases.iter().filter(|case| case.removable).count();
    assert_eq!(usize::try_from(swept.removed).expect("a count"), removable);
    for (author, paper) in kept {
        let content = format!("{ATTACHMENTS}/{paper}/content");
        let read = app.user(author).await.get(&content).await.expect(200);
        assert_eq!(read.bytes, pdf(), "{author}");
    }
}

/// 市委统战部 attaches its answer's papers to what a department raises: neither has the other's in its hands.
#[tokio::test]
async fn each_side_of_a_problem_report_has_its_own_papers() {
    let app = on_a_monday().await;
    let [_, _, case, _] = sent(&app).await;
    let (raiser, office) = (app.department("education").await, app.coordinator().await);
    let raised = attach(&raiser, &case, None, &pdf()).await.expect(201).id();
    let answered = attach(&office, &case, None, &pdf()).await.expect(201).id();
    for (user, foreign) in [(&raiser, &answered), (&office, &raised)] {
        remove(user, foreign).await.problem(403, "not_yours");
        attach(user, &case, Some(foreign), b"%PDF-other")
            .await
            .problem(403, "not_yours");
    }
    remove(&raiser, &raised).await.expect(204);
    remove(&office, &answered).await.expect(204);
}

#[tokio::test]
async fn a_former_leads_papers_are_not_its_successors() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let suggestion = table.replied(raised("改派", "education")).await;
    let seen = get(&table.lead, &suggestion).await;
    let on = |carrier, subject: &Value| Case {
        carrier,
        subject: subject.clone(),
        author: "department-education",
        removable: false,
        onwards: Vec::new(),
    };
    let cases = [
        on(Carrier::SuggestionReply, &seen["reply"]["id"]),
        on(Carrier::SuggestionCommunication, &seen["communications"][0]["id"]),
    ];
    let mut papers = Vec::new();
    for case in &cases {
        papers.push(attach(&table.lead, case, None, &pdf()).await.expect(201).id());
    }
    table.evaluate(&suggestion, "dissatisfied").await;
    let body = json!({ "lead_department": "finance", "reason": "由财政部门主办。" });
    step(&table.coordinator, &suggestion, "reassign", body).await;
    let finance = app.department("finance").await;
    step(&finance, &suggestion, "accept", acceptance()).await;
    for (case, paper) in cases.iter().zip(&papers) {
        for user in [&finance, &table.coordinator, &table.party] {
            remove(user, paper).await.problem(403, "not_yours");
            for replaces in [None, Some(paper.as_str())] {
                let refused = attach(user, case, replaces, b"%PDF-new").await;
                refused.problem(403, "not_yours");
            }
        }
        remove(&table.lead, paper).await.problem(409, "attachment_kept");
        attach(&table.lead, case, Some(paper), b"%PDF-late")
            .await
            .problem(403, "not_yours");
        let content = format!("{ATTACHMENTS}/{paper}/content");
        for user in [&finance, &table.lead, &table.party] {
            assert_eq!(user.get(&content).await.expect(200).bytes, pdf());
        }
    }
}
