//! One suggestion from its draft to what came of its promise, as its parties see it.

use super::{day, get, notices, steps, timeline, todos};
use crate::support::suggestions::{Table, acceptance, id, path, receipt, step};
use crate::support::{TestApp, User, actions_of, on_a_monday};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::db::schema::{audit_log, events};
use serde_json::{Value, json};

fn draft() -> Value {
    json!({
        "title": "关于完善市区义务教育学校午餐午休服务的建议",
        "background": "市区部分小学没有食堂，双职工家庭中午接送困难。",
        "proposal": "一是摸清需求，分批建设中心配餐点；二是由卫生健康部门加强食品安全指导。",
        "category": "教育",
        "authors": ["陈志远"],
        "contact": { "name": "陈志远", "phone": "138 0000 0003" },
        "lead_department": "education",
        "joint_departments": ["health"],
    })
}

/// 民盟 raises a suggestion to 市教育局 with 市卫生健康局 joint; return, denial, acceptance, opinion, interim reply, extension, reply `B`
/// with a commitment, `dissatisfied`, second round, `mostly_satisfied`, filing, conclusion, commitment fulfilled; the timeline
/// tells the story.
#[tokio::test]
async fn minmeng_raises_a_suggestion_and_the_timeline_tells_the_story() {
    let app = on_a_monday().await;
    // 民盟 raises it.
    let table = day(&app, "2026-03-02").await;
    let id = table.drafted(draft()).await;
    let submitted = step(&table.party, &id, "submit", json!({ "no_secrets": true })).await;
    assert_eq!(submitted["number"], "〔2026〕民盟-教育-001");
    assert_eq!(submitted["state"], "submitted");
    assert_eq!(submitted["outside_assignment"], false);
    assert_eq!(submitted["contact"]["phone"], "13800000003");
    assert_eq!(actions_of(&submitted), ["withdraw", "urge"]);
    assert_eq!(todos(&table.lead).await, ["accept_suggestion 2026-03-09"]);
    assert!(todos(&table.joint).await.is_empty());
    let title = "民盟市委会提出意见建议：关于完善市区义务教育学校午餐午休服务的建议";
    for told in [&table.lead, &table.joint, &table.coordinator] {
        assert_eq!(notices(told).await[0], title);
    }

    // 申退 and 不准退办.
    let table = day(&app, "2026-03-05").await;
    let back = json!({ "reason": "所提食品安全事项属卫生健康部门职责。", "proposed_department": "health" });
    let returned = step(&table.lead, &id, "return", back).await;
    assert_eq!(returned["state"], "returned");
    assert_eq!(actions_of(&returned), ["accept"]);
    assert_eq!(
        todos(&table.coordinator).await,
        ["decide_suggestion_return 2026-03-12"]
    );
    let table = day(&app, "2026-03-10").await;
    let deny = json!({ "reason": "午餐午休服务属教育部门职责。" });
    let denied = step(&table.coordinator, &id, "deny-return", deny).await;
    assert_eq!(denied["state"], "submitted");
    assert!(todos(&table.coordinator).await.is_empty());
    assert_eq!(todos(&table.lead).await, ["accept_suggestion 2026-03-17"]);

    // 签收.
    let table = day(&app, "2026-03-16").await;
    let accepted = step(&table.lead, &id, "accept", acceptance()).await;
    assert_eq!(accepted["state"], "accepted");
    assert_eq!(accepted["handlings"][0]["handler"], "李秋霞");
    assert_eq!(todos(&table.lead).await, ["reply_to_suggestion 2026-06-16"]);
    assert_eq!(todos(&table.joint).await, ["give_suggestion_opinion 2026-04-14"]);

    // 会办意见, which parties do not read.
    let table = day(&app, "2026-04-10").await;
    let said = json!({ "text": "我局将加强学校食品安全指导，不宜采用散装配送。" });
    let opinion = step(&table.joint, &id, "opinion", said).await;
    assert_eq!(
        opinion["handlings"][1]["opinion"]["text"],
        "我局将加强学校食品安全指导，不宜采用散装配送。"
    );
    let seen = get(&table.party, &id).await;
    assert_eq!(seen["handlings"][1]["opinion"]["given_by"], "市卫生健康局联络员");
    assert_eq!(seen["handlings"][1]["opinion"]["text"], Value::Null);
    assert!(todos(&table.joint).await.is_empty());

    // 阶段性答复: the clock runs on.
    let table = day(&app, "2026-05-08").await;
    let interim = json!({ "text": "已完成需求摸底。", "next_on": "2026-06-12" });
    let interim = step(&table.lead, &id, "interim-reply", interim).await;
    assert_eq!(interim["due_on"], "2026-06-16");

    // 延期.
    let table = day(&app, "2026-06-08").await;
    let ask = json!({ "reason": "试点方案须与财政部门进一步测算。", "until": "2026-09-15" });
    step(&table.lead, &id, "request-extension", ask.clone()).await;
    assert_eq!(todos(&table.coordinator).await, ["decide_suggestion_extension"]);
    let yes = json!({ "granted": true, "reason": "同意。" });
    let extended = step(&table.coordinator, &id, "decide-extension", yes).await;
    assert_eq!(extended["due_on"], "2026-09-15");
    let request = format!("{}/request-extension", path(&id));
    table
        .lead
        .post(&request, ask)
        .await
        .problem(409, "extension_used");

    // 答复 B with a commitment, after a communication.
    let table = day(&app, "2026-09-10").await;
    let reply = json!({
        "text": "民盟市委会提出的建议收悉，经会同市卫生健康局研究，现答复如下：拟在 6 所小学先行试点。",
        "document_number": "韶教函〔2026〕58号", "signatory": "王建平", "result": "B",
        "commitments": [{ "text": "在市区 6 所小学开展试点。", "due_on": "2026-12-31" }],
    });
    let to = format!("{}/reply", path(&id));
    let refused = table
        .lead
        .post(&to, reply.clone())
        .await
        .problem(409, "communication_needed");
    assert!(
        !refused.json["allowed_actions"]
            .as_array()
            .expect("actions")
            .contains(&json!("reply"))
    );
    talk(&table.lead, &id, "2026-09-09").await;
    let replied = step(&table.lead, &id, "reply", reply).await;
    assert_eq!(replied["state"], "replied");
    assert_eq!(
        (&replied["filing"], &replied["evaluation"]),
        (&json!("reported"), &json!("awaited"))
    );
    assert_eq!(replied["commitments"][0]["state"], "open");
    assert_eq!(todos(&table.lead).await, ["fulfil_commitment 2026-12-31"]);
    assert_eq!(todos(&table.coordinator).await, ["file_suggestion"]);

    // 不满意: a second round, of one month.
    let table = day(&app, "2026-09-14").await;
    let first = table.evaluate(&id, "dissatisfied").await;
    assert_eq!((&first["round"], &first["late"]), (&json!(1), &json!(false)));
    let again = get(&table.lead, &id).await;
    assert_eq!(
        (&again["state"], &again["round"], &again["evaluation"]),
        (&json!("accepted"), &json!(2), &json!("received"))
    );
    assert_eq!(
        todos(&table.lead).await,
        ["reply_to_suggestion 2026-10-14", "fulfil_commitment 2026-12-31"]
    );
    assert!(todos(&table.coordinator).await.is_empty());
    let table = day(&app, "2026-10-09").await;
    let second = json!({
        "text": "试点增至 8 所，时间表附后。", "document_number": "韶教函〔2026〕97号", "signatory": "王建平", "result": "A",
    });
    table
        .lead
        .post(&to, second.clone())
        .await
        .problem(409, "communication_needed");
    talk(&table.party, &id, "2026-10-08").await;
    let replied = step(&table.lead, &id, "reply", second).await;
    assert_eq!(
        (&replied["filing"], &replied["evaluation"]),
        (&json!("reported"), &json!("awaited"))
    );

    // 基本满意, 备案, 办结.
    let table = day(&app, "2026-10-16").await;
    let second = table.evaluate(&id, "mostly_satisfied").await;
    assert_eq!(second["round"], 2);
    let concluded = step(&table.coordinator, &id, "file", json!({})).await;
    assert_eq!(
        (&concluded["state"], &concluded["filing_number"]),
        (&json!("concluded"), &json!("〔2026〕备案-001"))
    );
    assert_eq!(concluded["due_on"], Value::Null);
    assert_eq!(
        notices(&table.party).await[0],
        "意见建议已办结：关于完善市区义务教育学校午餐午休服务的建议"
    );
    table
        .party
        .post("/api/v1/feedback-receipts", receipt(&id, "satisfied"))
        .await
        .problem(409, "step_not_allowed");

    // 承诺兑现, beyond the conclusion.
    let table = day(&app, "2026-12-21").await;
    fulfil(&table, &replied).await;
    told(&app, &table, &id).await;
}

async fn talk(user: &User, id: &str, on: &str) {
    let talk =
        json!({ "way": "visit", "on": on, "persons": ["李秋霞", "陈志远"], "gist": "就试点方案交换意见。" });
    step(user, id, "communicate", talk).await;
}

async fn fulfil(table: &Table, replied: &Value) {
    let commitment = format!("/api/v1/commitments/{}", id(&replied["commitments"][0]));
    let done = json!({ "text": "8 所小学已全部开展午餐午休服务。" });
    let fulfilled = table
        .lead
        .post(&format!("{commitment}/fulfil"), done)
        .await
        .expect(200);
    assert_eq!(
        (&fulfilled.json["state"], &fulfilled.json["overdue"]),
        (&json!("fulfilled"), &json!(false))
    );
    assert!(todos(&table.lead).await.is_empty());
    assert_eq!(
        notices(&table.party).await[0],
        "市教育局报告承诺已兑现：关于完善市区义务教育学校午餐午休服务的建议"
    );
}

const STORY: [&str; 18] = [
    "create",
    "submit",
    "return",
    "deny-return",
    "accept",
    "opinion",
    "interim-reply",
    "request-extension",
    "decide-extension",
    "communicate",
    "reply",
    "feedback-receipts",
    "second-round",
    "communicate",
    "reply",
    "feedback-receipts",
    "file",
    "conclude",
];

/// Timeline, events and audit records: each step once, with who and when.
async fn told(app: &TestApp, table: &Table, id: &str) {
    let story = timeline(&table.party, id).await;
    assert_eq!(steps(&story), STORY);
    let opinion = &story[5];
    assert_eq!(
        (&opinion["organization"]["code"], &opinion["text"]),
        (&json!("health"), &Value::Null)
    );
    assert_eq!(opinion["at"], "2026-04-10T01:30:00Z");
    let read = timeline(&table.lead, id).await;
    assert_eq!(read[5]["text"], "我局将加强学校食品安全指导，不宜采用散装配送。");
    assert_eq!(story[17]["organization"], Value::Null);
    let mut conn = app.database.connect().await;
    let announced: Vec<String> = events::table
        .filter(events::subject_type.eq("suggestion"))
        .order(events::seq)
        .select(events::type_)
        .load(&mut conn)
        .await
        .expect("events");
    let named = [
        "submitted",
        "returned",
        "return_denied",
        "accepted",
        "opinion_given",
        "interim_replied",
        "extension_requested",
        "extension_decided",
        "communicated",
        "replied",
        "evaluated",
        "communicated",
        "replied",
        "evaluated",
        "filed",
        "concluded",
    ];
    assert_eq!(announced, named.map(|name| format!("suggestion.{name}")));
    let data: Vec<Value> = events::table
        .select(events::data)
        .load(&mut conn)
        .await
        .expect("events");
    assert!(data.iter().all(|data| !data.to_string().contains("散装配送")));
    assert!(data.iter().all(|data| !data.to_string().contains("13800000003")));
    let audited: i64 = audit_log::table
        .filter(audit_log::subject_type.eq("suggestion"))
        .filter(audit_log::outcome.eq("done"))
        .count()
        .get_result(&mut conn)
        .await
        .expect("audit_log");
    // The draft is audited, not announced.
    assert_eq!(audited, 17);
    explained(table, id).await;
}

/// Both acceptance clocks stay on record, each with its cause, and the extension with its reason.
async fn explained(table: &Table, id: &str) {
    let deadlines = table
        .party
        .get(&format!("{}/deadlines", path(id)))
        .await
        .expect(200);
    let brief = |one: &Value| json!([one["kind"], one["started_by"], one["due_on"], one["ended_by"]]);
    let all: Vec<Value> = deadlines.items().iter().map(brief).collect();
    let expected = json!([
        ["accept_suggestion", "submit", "2026-03-09", "return"],
        ["decide_suggestion_return", "return", "2026-03-12", "deny-return"],
        ["accept_suggestion", "deny-return", "2026-03-17", "accept"],
        ["reply_to_suggestion", "accept", "2026-09-15", "reply"],
        ["give_suggestion_opinion", "accept", "2026-04-14", "opinion"],
        [
            "evaluate_suggestion_reply",
            "reply",
            "2026-10-08",
            "feedback-receipts"
        ],
        ["reply_to_suggestion", "second-round", "2026-10-14", "reply"],
        [
            "evaluate_suggestion_reply",
            "reply",
            "2026-10-29",
            "feedback-receipts"
        ],
    ]);
    assert_eq!(Value::from(all), expected);
    let reply = &deadlines.items()[3];
    assert_eq!(reply["moves"][0]["due_before"], "2026-06-16");
    assert_eq!(reply["moves"][0]["reason"], "试点方案须与财政部门进一步测算。");
    assert_eq!(reply["rule"], json!({ "amount": 3, "unit": "months" }));
}
