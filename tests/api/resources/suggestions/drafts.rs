//! Drafts, signatures, numbers.

use super::{get, notices, steps, timeline, todos};
use crate::support::samples::pdf;
use crate::support::suggestions::{SUGGESTIONS, Table, path, raised, step};
use crate::support::{Form, TestApp, actions_of, on_a_monday};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_draft_is_written_changed_and_thrown_away_by_its_party() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let id = table.drafted(raised("草稿", "education")).await;
    let made = get(&table.party, &id).await;
    assert_eq!(made["number"], Value::Null);
    assert_eq!(actions_of(&made), ["edit", "delete", "submit"]);
    let patch = json!({ "title": "改后", "category": "教育", "lead_department": "justice", "joint_departments": ["health"] });
    let changed = table.party.patch(&path(&id), patch).await.expect(200).json;
    assert_eq!(
        (&changed["title"], &changed["category"]),
        (&json!("改后"), &json!("教育"))
    );
    assert_eq!(changed["lead_department"]["code"], "justice");
    assert_eq!(changed["joint_departments"][0]["code"], "health");
    // 民盟 does not liaise with 市司法局.
    assert_eq!(changed["outside_assignment"], true);
    let cleared = table
        .party
        .patch(&path(&id), json!({ "category": null }))
        .await
        .expect(200)
        .json;
    assert_eq!(cleared["category"], Value::Null);
    let stale = table.party.with("If-Match", "\"1-00\"");
    stale
        .send(Method::PATCH, &path(&id), Some(json!({ "category": "教育" })))
        .await
        .problem(412, "precondition_failed");
    table
        .party
        .send(Method::DELETE, &path(&id), None)
        .await
        .problem(428, "precondition_required");
    assert_eq!(
        steps(&timeline(&table.party, &id).await),
        ["create", "edit", "edit"]
    );
    table.party.delete(&path(&id)).await.expect(204);
    table.party.get(&path(&id)).await.problem(404, "not_found");
    let submitted = table.submitted(raised("已提交", "education")).await;
    table
        .party
        .delete(&path(&submitted))
        .await
        .problem(409, "step_not_allowed");
    table
        .party
        .patch(&path(&submitted), json!({ "category": "教育" }))
        .await
        .problem(409, "step_not_allowed");
    table
        .lead
        .patch(&path(&submitted), json!({ "category": "教育" }))
        .await
        .problem(403, "role_not_allowed");
}

#[tokio::test]
async fn every_fault_is_named() {
    let app = on_a_monday().await;
    let party = app.party("minmeng").await;
    let wrong = json!({
        "title": " ", "background": "背景", "proposal": "建议", "number": "1",
        "contact": { "name": "陈", "phone": "12" }, "lead_department": "education",
    });
    let refused = party.post(SUGGESTIONS, wrong).await.problem(422, "invalid");
    assert_eq!(
        refused.faults(),
        [
            "/contact/phone malformed",
            "/number unknown_field",
            "/title blank"
        ]
    );
    let mut unknown = raised("标题", "minge");
    unknown["joint_departments"] = json!(["health", "health", "nobody"]);
    unknown["joint_parties"] = json!(["minmeng", "education"]);
    let refused = party.post(SUGGESTIONS, unknown).await.problem(422, "invalid");
    let expected = [
        "/joint_departments/1 repeated",
        "/joint_departments/2 unknown_reference",
        "/joint_parties/0 repeated",
        "/joint_parties/1 unknown_reference",
        "/lead_department unknown_reference",
    ];
    assert_eq!(refused.faults(), expected);
    let table = Table::new(&app).await;
    let id = table.drafted(raised("标题", "education")).await;
    let submit = format!("{}/submit", path(&id));
    let refused = party
        .post(&submit, json!({ "no_secrets": false }))
        .await
        .problem(422, "invalid");
    assert_eq!(refused.faults(), ["/no_secrets not_allowed"]);
    let refused = party.post(&submit, json!({})).await.problem(422, "invalid");
    assert_eq!(refused.faults(), ["/no_secrets required"]);
}

#[tokio::test]
async fn joint_parties_sign_first_and_what_changed_they_sign_anew() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let (minge, minjian) = (app.party("minge").await, app.party("minjian").await);
    let mut body = raised("联名建议", "education");
    body["joint_parties"] = json!(["minge", "minjian"]);
    let id = table.drafted(body).await;
    let submit = format!("{}/submit", path(&id));
    minge.get(&path(&id)).await.problem(404, "not_found");
    table
        .party
        .post(&submit, json!({ "no_secrets": true }))
        .await
        .problem(409, "signatures_missing");
    let asked = step(&table.party, &id, "request-signatures", json!({})).await;
    assert_eq!(asked["signatures"][0]["state"], "asked");
    let again = format!("{}/request-signatures", path(&id));
    table
        .party
        .post(&again, json!({}))
        .await
        .problem(409, "no_signatures_to_request");
    assert_eq!(todos(&minge).await, ["sign_suggestion"]);
    assert_eq!(notices(&minge).await[0], "民盟市委会征求联名：联名建议");
    let seen = get(&minge, &id).await;
    assert_eq!(actions_of(&seen), ["co-sign", "decline-to-sign"]);
    minge
        .patch(&path(&id), json!({ "category": "教育" }))
        .await
        .problem(403, "not_yours");
    minge
        .post(&submit, json!({ "no_secrets": true }))
        .await
        .problem(403, "not_yours");
    step(&minge, &id, "co-sign", json!({})).await;
    minge
        .post(&format!("{}/co-sign", path(&id)), json!({}))
        .await
        .problem(409, "already_signed");
    assert!(todos(&minge).await.is_empty());
    assert_eq!(notices(&table.party).await[0], "民革市委会同意联名：联名建议");
    let declined = step(
        &minjian,
        &id,
        "decline-to-sign",
        json!({ "reason": "已另行提出。" }),
    )
    .await;
    assert_eq!(declined["signatures"][1]["reason"], "已另行提出。");
    table
        .party
        .post(&submit, json!({ "no_secrets": true }))
        .await
        .problem(409, "signatures_missing");
    // Removed; and the text changes, so that who has signed signs anew.
    let patch = json!({ "joint_parties": ["minge"], "proposal": "改后的建议。" });
    let changed = table.party.patch(&path(&id), patch).await.expect(200).json;
    assert_eq!(changed["signatures"].as_array().map(Vec::len), Some(1));
    assert_eq!(changed["signatures"][0]["state"], "asked");
    minjian.get(&path(&id)).await.problem(404, "not_found");
    table
        .party
        .post(&submit, json!({ "no_secrets": true }))
        .await
        .problem(409, "signatures_missing");
    step(&minge, &id, "co-sign", json!({})).await;
    let submitted = step(&table.party, &id, "submit", json!({ "no_secrets": true })).await;
    assert_eq!(submitted["joint_parties"][0]["code"], "minge");
    // It reads on, and does nothing.
    assert!(actions_of(&get(&minge, &id).await).is_empty());
    minge
        .post(
            &format!("{}/withdraw", path(&id)),
            json!({ "reason": "不提了。" }),
        )
        .await
        .problem(403, "not_yours");
}

#[tokio::test]
async fn numbers_count_by_year_party_and_department_and_are_kept() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let number = async |id: String| {
        get(&table.party, &id).await["number"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let first = table.submitted(raised("一", "education")).await;
    let other = table.submitted(raised("二", "health")).await;
    let second = table.submitted(raised("三", "education")).await;
    assert_eq!(number(first.clone()).await, "〔2026〕民盟-教育-001");
    assert_eq!(number(other).await, "〔2026〕民盟-卫生健康-001");
    assert_eq!(number(second).await, "〔2026〕民盟-教育-002");
    let reassign = json!({ "lead_department": "finance", "reason": "由财政部门主办。" });
    let reassigned = step(&table.coordinator, &first, "reassign", reassign).await;
    assert_eq!(reassigned["number"], "〔2026〕民盟-教育-001");
    super::on(&app, "2027-01-04");
    let table = Table::new(&app).await;
    let next = table.submitted(raised("四", "education")).await;
    assert_eq!(get(&table.party, &next).await["number"], "〔2027〕民盟-教育-001");
}

async fn attach(app: &TestApp, user: &str, form: Form) -> crate::support::Answer {
    let body = form.file("材料.pdf", &pdf()).body();
    let user = app.user(user).await;
    user.send_raw(Method::POST, "/api/v1/attachments", Some(body))
        .await
}

#[tokio::test]
async fn papers_hang_on_suggestions_communications_and_replies() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let id = table.drafted(raised("附件", "education")).await;
    let of_suggestion = || Form::new("suggestion", &id.clone().into());
    let list = format!("/api/v1/attachments?subject_type=suggestion&subject_id={id}");
    attach(&app, "party-minmeng", of_suggestion()).await.expect(201);
    table.lead.get(&list).await.problem(422, "invalid");
    attach(&app, "department-education", of_suggestion())
        .await
        .problem(422, "invalid");
    // What hangs on a draft goes with it.
    let thrown = table.drafted(raised("删除", "education")).await;
    let made = attach(
        &app,
        "party-minmeng",
        Form::new("suggestion", &thrown.clone().into()),
    )
    .await
    .expect(201);
    table.party.delete(&path(&thrown)).await.expect(204);
    let attachment = format!("/api/v1/attachments/{}", made.json["id"].as_str().expect("an id"));
    table.party.get(&attachment).await.problem(404, "not_found");
    step(&table.party, &id, "submit", json!({ "no_secrets": true })).await;
    assert_eq!(table.lead.get(&list).await.expect(200).items().len(), 1);
    attach(&app, "department-education", of_suggestion())
        .await
        .problem(403, "not_yours");
    app.party("minge").await.get(&list).await.problem(422, "invalid");
    step(
        &table.lead,
        &id,
        "accept",
        crate::support::suggestions::acceptance(),
    )
    .await;
    let talked = step(
        &table.lead,
        &id,
        "communicate",
        crate::support::suggestions::communication(),
    )
    .await;
    let communication = || Form::new("suggestion_communication", &talked["communications"][0]["id"]);
    attach(&app, "department-education", communication())
        .await
        .expect(201);
    attach(&app, "party-minmeng", communication())
        .await
        .problem(403, "not_yours");
    let replied = step(&table.lead, &id, "reply", crate::support::suggestions::reply("A")).await;
    let reply = || Form::new("suggestion_reply", &replied["reply"]["id"]);
    attach(&app, "department-education", reply()).await.expect(201);
    attach(&app, "party-minmeng", reply())
        .await
        .problem(403, "not_yours");
    attach(&app, "party-minge", reply()).await.problem(422, "invalid");
    let of_reply = replied["reply"]["id"].as_str().expect("an id");
    let list = format!("/api/v1/attachments?subject_type=suggestion_reply&subject_id={of_reply}");
    assert_eq!(table.party.get(&list).await.expect(200).items().len(), 1);
}
