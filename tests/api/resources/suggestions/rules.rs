//! Rules beyond states: clocks, rounds, extensions, reassignment, filing, mediation, correction, commitments.

use super::{day, get, notices, on, steps, timeline, todos};
use crate::support::suggestions::{Table, acceptance, communication, id, path, raised, receipt, reply, step};
use crate::support::{actions_of, on_a_monday};
use serde_json::{Value, json};

#[tokio::test]
async fn a_return_comes_before_the_acceptance_deadline() {
    let app = on_a_monday().await;
    let id = Table::new(&app)
        .await
        .submitted(raised("申退", "education"))
        .await;
    let table = day(&app, "2026-03-09").await;
    assert!(actions_of(&get(&table.lead, &id).await).contains(&"return"));
    let table = day(&app, "2026-03-10").await;
    let late = get(&table.lead, &id).await;
    assert_eq!(actions_of(&late), ["accept"]);
    assert_eq!(late["overdue"][0]["organization"]["code"], "education");
    assert_eq!(
        (&late["overdue"][0]["deadline"], &late["overdue"][0]["since"]),
        (&json!("accept_suggestion"), &json!("2026-03-10"))
    );
    let back = json!({ "reason": "职责不符。", "proposed_department": "health" });
    table
        .lead
        .post(&format!("{}/return", path(&id)), back)
        .await
        .problem(409, "return_too_late");
    // Accepted late, and that stays on the record.
    let accepted = step(&table.lead, &id, "accept", acceptance()).await;
    assert_eq!(accepted["overdue"][0]["met_at"], "2026-03-10T01:30:00Z");
    assert_eq!(accepted["deadlines"][0]["overdue"], true);
}

#[tokio::test]
async fn the_lead_takes_back_its_return_by_accepting() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let id = table.submitted(raised("申退", "education")).await;
    let unknown = json!({ "reason": "职责不符。", "proposed_department": "minge" });
    let refused = table
        .lead
        .post(&format!("{}/return", path(&id)), unknown)
        .await
        .problem(422, "invalid");
    assert_eq!(refused.faults(), ["/proposed_department unknown_reference"]);
    let back = json!({ "reason": "职责不符。", "proposed_department": "health" });
    step(&table.lead, &id, "return", back).await;
    let accepted = step(&table.lead, &id, "accept", acceptance()).await;
    assert_eq!(accepted["state"], "accepted");
    assert_eq!(
        accepted["handlings"][0]["returned"]["proposed_department"]["code"],
        "health"
    );
    assert!(todos(&table.coordinator).await.is_empty());
    assert_eq!(todos(&table.lead).await, ["reply_to_suggestion 2026-06-02"]);
}

#[tokio::test]
async fn a_reassignment_starts_a_new_clock_and_both_stay_on_record() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let mut body = raised("改派", "education");
    body["joint_departments"] = json!(["health", "finance"]);
    let id = table.talked(body).await;
    step(&table.joint, &id, "opinion", json!({ "text": "支持。" })).await;
    let same = json!({ "lead_department": "education", "reason": "不变。" });
    let refused = table
        .coordinator
        .post(&format!("{}/reassign", path(&id)), same)
        .await
        .problem(422, "invalid");
    assert_eq!(refused.faults(), ["/lead_department already_leads"]);
    let table = day(&app, "2026-04-01").await;
    // 民盟 does not liaise with 市司法局: marked, not refused.
    let to = json!({ "lead_department": "justice", "joint_departments": ["health"], "reason": "由司法部门主办。" });
    let reassigned = step(&table.coordinator, &id, "reassign", to).await;
    assert_eq!(
        (&reassigned["state"], &reassigned["accepted_at"]),
        (&json!("submitted"), &Value::Null)
    );
    assert_eq!(reassigned["outside_assignment"], true);
    let deadlines = table
        .party
        .get(&format!("{}/deadlines", path(&id)))
        .await
        .expect(200);
    let clocks: Vec<Value> = deadlines
        .items()
        .iter()
        .filter(|one| one["kind"] == "accept_suggestion")
        .map(|one| json!([one["organization"]["code"], one["started_by"], one["ended_by"]]))
        .collect();
    assert_eq!(
        Value::from(clocks),
        json!([["education", "submit", "accept"], ["justice", "reassign", null]])
    );
    assert!(todos(&table.lead).await.is_empty());
    let justice = app.department("justice").await;
    assert_eq!(todos(&justice).await, ["accept_suggestion 2026-04-09"]);
    assert_eq!(notices(&table.lead).await[0], "改派市司法局主办：改派");
    // The relieved joint department has no part in it any more; the one that stays has spoken.
    app.department("finance")
        .await
        .get(&path(&id))
        .await
        .problem(404, "not_found");
    step(&justice, &id, "accept", acceptance()).await;
    assert!(todos(&table.joint).await.is_empty());
    let refused = table
        .joint
        .post(&format!("{}/opinion", path(&id)), json!({ "text": "补充。" }))
        .await;
    refused.problem(409, "opinion_given");
    // The new lead talks to the party itself.
    justice
        .post(&format!("{}/reply", path(&id)), reply("A"))
        .await
        .problem(409, "communication_needed");
}

#[tokio::test]
async fn one_extension_within_six_months_of_acceptance() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let id = table.accepted(raised("延期", "education")).await;
    let request = format!("{}/request-extension", path(&id));
    let until = |day: &str| json!({ "reason": "须进一步测算。", "until": day });
    for (day, fault) in [
        ("2026-06-02", "not_later"),
        ("2026-09-03", "too_late"),
        ("2026-03-02", "not_ahead"),
    ] {
        let refused = table
            .lead
            .post(&request, until(day))
            .await
            .problem(422, "invalid");
        assert_eq!(refused.faults(), [format!("/until {fault}")]);
    }
    step(&table.lead, &id, "request-extension", until("2026-09-02")).await;
    table
        .lead
        .post(&request, until("2026-09-01"))
        .await
        .problem(409, "extension_pending");
    // A pending one stops nothing, and a refusal does not use the one up.
    assert_eq!(get(&table.party, &id).await["due_on"], "2026-06-02");
    let no = json!({ "granted": false, "reason": "请按期答复。" });
    let denied = step(&table.coordinator, &id, "decide-extension", no).await;
    assert_eq!(
        (&denied["extension"]["state"], &denied["due_on"]),
        (&json!("denied"), &json!("2026-06-02"))
    );
    let decide = format!("{}/decide-extension", path(&id));
    let yes = json!({ "granted": true, "reason": "同意。" });
    table
        .coordinator
        .post(&decide, yes.clone())
        .await
        .problem(409, "no_extension_pending");
    step(&table.lead, &id, "request-extension", until("2026-08-31")).await;
    let granted = step(&table.coordinator, &id, "decide-extension", yes).await;
    assert_eq!(granted["due_on"], "2026-08-31");
    table
        .lead
        .post(&request, until("2026-09-01"))
        .await
        .problem(409, "extension_used");
    let timeline = timeline(&table.party, &id).await;
    assert!(!steps(&timeline).contains(&"deadline-moved"));
}

/// A correction of the calendar moves what runs, says so in the timeline, and leaves the extension alone.
#[tokio::test]
async fn a_corrected_calendar_moves_what_was_not_extended() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let submitted = table.submitted(raised("待签收", "education")).await;
    let extended = table.accepted(raised("延期", "education")).await;
    step(
        &table.lead,
        &extended,
        "request-extension",
        json!({ "reason": "测算。", "until": "2026-08-31" }),
    )
    .await;
    step(
        &table.coordinator,
        &extended,
        "decide-extension",
        json!({ "granted": true, "reason": "同意。" }),
    )
    .await;
    let year = "/api/v1/working-days/2026";
    let calendar = table.coordinator.get(year).await.expect(200);
    let mut body = correction(&calendar.json);
    body["reason"] = json!("临时放假安排");
    table
        .coordinator
        .matching(year)
        .await
        .put(year, body)
        .await
        .expect(200);
    app.run_jobs().await;
    assert_eq!(get(&table.party, &submitted).await["due_on"], "2026-03-10");
    let moved = timeline(&table.party, &submitted).await;
    let last = moved.last().expect("a step");
    assert_eq!(
        (&last["step"], &last["text"]),
        (&json!("deadline-moved"), &json!("临时放假安排"))
    );
    assert_eq!(
        (&last["details"]["day_before"], &last["details"]["day"]),
        (&json!("2026-03-09"), &json!("2026-03-10"))
    );
    assert_eq!(get(&table.party, &extended).await["due_on"], "2026-08-31");
}

/// The year as it is, with a further day off.
fn correction(calendar: &Value) -> Value {
    let of_kind = |kind: &str| -> Vec<Value> {
        let days = calendar["days"].as_array().into_iter().flatten();
        days.filter(|day| day["kind"] == kind)
            .map(|day| json!({ "day": day["day"], "name": day["name"] }))
            .collect()
    };
    let mut holidays = of_kind("holiday");
    holidays.push(json!({ "day": "2026-03-05", "name": "临时放假" }));
    json!({ "holidays": holidays, "makeup_days": of_kind("makeup_day") })
}

#[tokio::test]
async fn a_reply_needs_what_the_table_says() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let mut body = raised("答复", "education");
    body["joint_departments"] = json!(["health"]);
    let id = table.accepted(body).await;
    let to = format!("{}/reply", path(&id));
    let bare = json!({
        "text": "现答复如下。", "result": "B", "document_number": "韶教函〔2026〕58号", "signatory": "王建平",
    });
    let refused = table.lead.post(&to, bare.clone()).await.problem(422, "invalid");
    assert_eq!(refused.faults(), ["/commitments required"]);
    let future = json!({ "way": "phone", "on": "2026-03-03", "persons": ["李秋霞"], "gist": "电话沟通。" });
    let refused = table
        .lead
        .post(&format!("{}/communicate", path(&id)), future)
        .await
        .problem(422, "invalid");
    assert_eq!(refused.faults(), ["/on in_future"]);
    step(&table.party, &id, "communicate", communication()).await;
    let mut promised = bare;
    promised["commitments"] = json!([{ "text": "试点。", "due_on": "2026-03-01" }]);
    let refused = table
        .lead
        .post(&to, promised.clone())
        .await
        .problem(422, "invalid");
    assert_eq!(
        refused.faults(),
        [
            "/commitments/0/due_on in_past",
            "/missing_opinions_reason required"
        ]
    );
    promised["commitments"] = json!([{ "text": "试点。", "due_on": "2026-12-31" }]);
    promised["missing_opinions_reason"] = json!("会办单位正在调整机构。");
    let replied = step(&table.lead, &id, "reply", promised).await;
    assert_eq!(
        replied["reply"]["missing_opinions_reason"],
        "会办单位正在调整机构。"
    );
    assert!(todos(&table.joint).await.is_empty());
    table
        .joint
        .post(&format!("{}/opinion", path(&id)), json!({ "text": "迟了。" }))
        .await
        .problem(409, "step_not_allowed");
}

#[tokio::test]
async fn silence_lapses_and_what_is_filed_is_concluded_by_the_clock() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let silent = table.replied(raised("未评价", "education")).await;
    let unfiled = table.replied(raised("未备案", "education")).await;
    step(&table.coordinator, &silent, "file", json!({})).await;
    on(&app, "2026-03-23");
    app.run_jobs().await;
    let table = Table::new(&app).await;
    assert_eq!(get(&table.party, &silent).await["evaluation"], "awaited");
    on(&app, "2026-03-24");
    app.run_jobs().await;
    let table = Table::new(&app).await;
    let lapsed = get(&table.party, &silent).await;
    assert_eq!(
        (&lapsed["evaluation"], &lapsed["state"]),
        (&json!("lapsed"), &json!("concluded"))
    );
    let story = timeline(&table.party, &silent).await;
    assert_eq!(steps(&story)[5..], ["file", "lapse", "conclude"]);
    assert_eq!(story[6]["organization"], Value::Null);
    assert!(lapsed["feedback"].as_array().expect("receipts").is_empty());
    // Late, and taken until it is concluded.
    let waiting = get(&table.party, &unfiled).await;
    assert_eq!(
        (&waiting["evaluation"], &waiting["state"]),
        (&json!("lapsed"), &json!("replied"))
    );
    let late = table.evaluate(&unfiled, "satisfied").await;
    assert_eq!(
        (&late["late"], &late["due_on"]),
        (&json!(true), &json!("2026-03-23"))
    );
    assert_eq!(
        step(&table.coordinator, &unfiled, "file", json!({})).await["state"],
        "concluded"
    );
    app.run_jobs().await;
}

#[tokio::test]
async fn the_second_dissatisfaction_is_mediated_before_the_conclusion() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let mut body = raised("协商", "education");
    body["joint_departments"] = json!(["health"]);
    let id = table.submitted(body).await;
    step(&table.lead, &id, "accept", acceptance()).await;
    step(&table.joint, &id, "opinion", json!({ "text": "支持。" })).await;
    step(&table.lead, &id, "communicate", communication()).await;
    step(&table.lead, &id, "reply", reply("A")).await;
    let mut unreasoned = receipt(&id, "satisfied");
    unreasoned["attitude"] = json!("dissatisfied");
    let refused = table
        .party
        .post("/api/v1/feedback-receipts", unreasoned)
        .await
        .problem(422, "invalid");
    assert_eq!(refused.faults(), ["/comment required"]);
    table.evaluate(&id, "dissatisfied").await;
    step(&table.lead, &id, "communicate", communication()).await;
    // No new opinions in the second round.
    step(&table.lead, &id, "reply", reply("C")).await;
    table.evaluate(&id, "dissatisfied").await;
    let again = get(&table.party, &id).await;
    assert_eq!(
        (&again["state"], &again["round"], &again["mediation"]),
        (&json!("replied"), &json!(2), &json!("needed"))
    );
    table
        .party
        .post("/api/v1/feedback-receipts", receipt(&id, "satisfied"))
        .await
        .problem(409, "already_evaluated");
    let filed = step(&table.coordinator, &id, "file", json!({})).await;
    assert_eq!(filed["state"], "replied");
    assert_eq!(todos(&table.coordinator).await, ["mediate_suggestion"]);
    let mediated = step(
        &table.coordinator,
        &id,
        "mediate",
        json!({ "text": "三方达成一致。" }),
    )
    .await;
    assert_eq!(
        (&mediated["state"], &mediated["mediation"]),
        (&json!("concluded"), &json!("held"))
    );
}

#[tokio::test]
async fn a_filing_is_returned_reported_again_and_filed_once() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let id = table.replied(raised("备案", "education")).await;
    let at = |step: &str| format!("{}/{step}", path(&id));
    table
        .coordinator
        .post(&at("mediate"), json!({ "text": "无" }))
        .await
        .problem(409, "mediation_not_needed");
    let returned = step(
        &table.coordinator,
        &id,
        "return-filing",
        json!({ "reason": "缺签发稿。" }),
    )
    .await;
    assert_eq!(returned["filing"], "returned");
    table
        .coordinator
        .post(&at("file"), json!({}))
        .await
        .problem(409, "filing_not_reported");
    assert_eq!(todos(&table.lead).await, ["report_suggestion_filing"]);
    let reported = step(
        &table.lead,
        &id,
        "report-filing",
        json!({ "text": "已补签发稿。" }),
    )
    .await;
    assert_eq!(reported["filing"], "reported");
    table
        .lead
        .post(&at("report-filing"), json!({ "text": "再补。" }))
        .await
        .problem(409, "filing_not_returned");
    let filed = step(&table.coordinator, &id, "file", json!({})).await;
    assert_eq!(
        (&filed["filing"], &filed["state"]),
        (&json!("filed"), &json!("replied"))
    );
    table
        .coordinator
        .post(&at("file"), json!({}))
        .await
        .problem(409, "filing_not_reported");
    // The evaluation was the last that it waited for.
    table.evaluate(&id, "satisfied").await;
    assert_eq!(get(&table.party, &id).await["state"], "concluded");
}

#[tokio::test]
async fn a_correction_is_a_new_version_and_an_evaluation_names_the_one_it_read() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let id = table.replied(raised("更正", "education")).await;
    let receipt = table.evaluate(&id, "satisfied").await;
    assert_eq!(receipt["reply"]["version_number"], 1);
    step(&table.coordinator, &id, "file", json!({})).await;
    let correction = json!({ "text": "试点学校更正为 8 所。", "reason": "数量有误" });
    let corrected = step(&table.lead, &id, "correct", correction).await;
    assert_eq!(
        (&corrected["state"], &corrected["reply"]["version_number"]),
        (&json!("concluded"), &json!(2))
    );
    assert_eq!(corrected["reply"]["text"], "试点学校更正为 8 所。");
    assert_eq!(corrected["feedback"][0]["reply"], receipt["reply"]["id"]);
    let versions = table
        .party
        .get(&format!("{}/replies", path(&id)))
        .await
        .expect(200);
    let texts: Vec<&Value> = versions.items().iter().map(|one| &one["text"]).collect();
    assert_eq!(
        texts,
        [&json!("建议收悉，现答复如下。"), &json!("试点学校更正为 8 所。")]
    );
}

#[tokio::test]
async fn commitments_are_followed_given_up_with_consent_and_shown_overdue() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let talked = table.talked(raised("承诺", "education")).await;
    let replied = step(&table.lead, &talked, "reply", reply("B")).await;
    let commitment = format!("/api/v1/commitments/{}", id(&replied["commitments"][0]));
    let at = |step: &str| format!("{commitment}/{step}");
    let decide = |granted: bool| json!({ "granted": granted, "reason": "已研究。" });
    let asked = table
        .lead
        .post(&at("abandon"), json!({ "reason": "用地规划调整。" }))
        .await
        .expect(200);
    assert_eq!(asked.json["state"], "abandonment_requested");
    assert_eq!(notices(&table.party).await[0], "市教育局申请终止承诺：承诺");
    table
        .lead
        .post(&at("decide-abandonment"), decide(true))
        .await
        .problem(403, "role_not_allowed");
    let refused = table
        .coordinator
        .post(&at("decide-abandonment"), decide(false))
        .await
        .expect(200);
    assert_eq!(
        (&refused.json["state"], &refused.json["abandonment"]["granted"]),
        (&json!("open"), &json!(false))
    );
    on(&app, "2027-01-04");
    let table = Table::new(&app).await;
    let late = table
        .party
        .get("/api/v1/commitments?overdue=true")
        .await
        .expect(200);
    assert_eq!(
        (
            &late.items()[0]["overdue"],
            &late.items()[0]["department"]["code"]
        ),
        (&json!(true), &json!("education"))
    );
    assert!(
        table
            .party
            .get("/api/v1/commitments?overdue=false")
            .await
            .expect(200)
            .items()
            .is_empty()
    );
    table
        .lead
        .post(&at("abandon"), json!({ "reason": "仍不具备条件。" }))
        .await
        .expect(200);
    let given_up = table
        .coordinator
        .post(&at("decide-abandonment"), decide(true))
        .await
        .expect(200);
    assert_eq!(given_up.json["state"], "abandoned");
    assert_eq!(given_up.json["allowed_actions"], json!([]));
    assert!(
        !todos(&table.lead)
            .await
            .iter()
            .any(|todo| todo.starts_with("fulfil"))
    );
    let refused = table.lead.post(&at("fulfil"), json!({ "text": "已办。" })).await;
    refused.problem(409, "step_not_allowed");
    app.party("minge")
        .await
        .get(&commitment)
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn urging_tells_whom_something_waits_for() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let id = table.submitted(raised("催办", "education")).await;
    step(&table.party, &id, "urge", json!({ "text": "请尽快签收。" })).await;
    assert_eq!(notices(&table.lead).await[0], "民盟市委会催办：催办");
    step(&table.coordinator, &id, "urge", json!({ "text": "请按期签收。" })).await;
    assert_eq!(notices(&table.lead).await[0], "市委统战部催办：催办");
    let withdrawn = step(&table.party, &id, "withdraw", json!({ "reason": "情况已变化。" })).await;
    assert!(actions_of(&withdrawn).is_empty());
    assert!(todos(&table.lead).await.is_empty());
    table
        .party
        .post(&format!("{}/urge", path(&id)), json!({ "text": "催。" }))
        .await
        .problem(409, "step_not_allowed");
}

#[tokio::test]
async fn a_successor_acts_for_its_predecessor_and_without_one_it_is_reassigned_first() {
    let app = on_a_monday().await;
    let table = Table::of(&app, "minjian", "financial-affairs").await;
    let id = table.submitted(raised("合并", "financial-affairs")).await;
    let merge = json!({ "into": "finance" });
    table
        .coordinator
        .post("/api/v1/departments/financial-affairs/merge", merge)
        .await
        .expect(200);
    let finance = app.department("finance").await;
    assert_eq!(todos(&finance).await, ["accept_suggestion 2026-03-09"]);
    let accepted = step(&finance, &id, "accept", acceptance()).await;
    assert_eq!(accepted["lead_department"]["code"], "financial-affairs");
    let list = finance
        .get("/api/v1/suggestions?lead_department=finance")
        .await
        .expect(200);
    assert_eq!(list.items().len(), 1);
    // It reads what was its own, and does nothing any more.
    let read = table.lead.get(&path(&id)).await.expect(200);
    assert_eq!(read.json["allowed_actions"], json!([]));
    let talk = format!("{}/communicate", path(&id));
    table
        .lead
        .post(&talk, communication())
        .await
        .problem(403, "organization_ended");
    let department =
        json!({ "code": "data", "name": "市数据局", "short_name": "数据", "established_on": "2026-01-05" });
    table
        .coordinator
        .post("/api/v1/departments", department)
        .await
        .expect(201);
    let id = table.submitted(raised("撤销", "data")).await;
    let abolish = "/api/v1/departments/data/abolish";
    let refused = table
        .coordinator
        .post(abolish, json!({}))
        .await
        .problem(409, "successor_needed");
    assert_eq!(refused.json["open_suggestions"], 1);
    let to = json!({ "lead_department": "finance", "reason": "机构改革。" });
    step(&table.coordinator, &id, "reassign", to).await;
    table.coordinator.post(abolish, json!({})).await.expect(200);
}

#[tokio::test]
async fn a_schemes_comparison_names_open_suggestions_of_pairs_that_it_ends() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    table.submitted(raised("在办", "education")).await;
    let draft = json!({ "title": "草案", "effective_from": "2026-12-01" });
    let draft = table.coordinator.post("/api/v1/schemes", draft).await.expect(201);
    let diff = format!("/api/v1/schemes/{}/diff", id(&draft.json));
    let touched = table.coordinator.get(&diff).await.expect(200);
    let pair = &touched.json["open_suggestions"][0];
    assert_eq!(
        (
            &pair["department"]["code"],
            &pair["party"]["code"],
            &pair["count"]
        ),
        (&json!("education"), &json!("minmeng"), &json!(1))
    );
    assert_eq!(touched.json["open_suggestions"].as_array().map(Vec::len), Some(1));
}
