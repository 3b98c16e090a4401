//! 三(三) 日常信息交流: both ways, by the assignment of the day, with receipts.

use crate::support::{Answer, Form, User, actions, at, newest_notice, on_a_monday, to_the_second};
use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use liaison::db::schema::{audit_log, events};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const BULLETINS: &str = "/api/v1/bulletins";

fn body(title: &str, recipients: &[&str]) -> Value {
    json!({ "category": "statistics", "title": title, "text": "现将学位供给情况通报如下。", "recipients": recipients })
}

async fn draft(user: &User, title: &str, recipients: &[&str]) -> Answer {
    user.post(BULLETINS, body(title, recipients)).await.expect(201)
}

fn path(bulletin: &Answer) -> String {
    format!("{BULLETINS}/{}", bulletin.id())
}

async fn step(user: &User, bulletin: &Answer, step: &str, body: Value) -> Answer {
    user.post(&format!("{}/{step}", path(bulletin)), body).await
}

async fn send(user: &User, title: &str, recipients: &[&str]) -> Answer {
    let draft = draft(user, title, recipients).await;
    step(user, &draft, "send", json!({ "no_secrets": true }))
        .await
        .expect(200)
}

fn codes(bulletin: &Value) -> Vec<&str> {
    let recipients = bulletin["recipients"].as_array().expect("recipients").iter();
    recipients
        .filter_map(|one| one["organization"]["code"].as_str())
        .collect()
}

async fn todos(user: &User) -> Vec<Value> {
    let list = user
        .get("/api/v1/me/todos?subject_type=bulletin")
        .await
        .expect(200);
    list.items().to_vec()
}

async fn titles(user: &User, query: &str) -> Vec<String> {
    let list = user.get(&format!("{BULLETINS}{query}")).await;
    list.expect(200).titles()
}

#[tokio::test]
async fn a_department_tells_its_parties_and_sees_who_has_read_it() {
    let app = on_a_monday().await;
    let (education, minmeng) = (app.department("education").await, app.party("minmeng").await);
    let drafted = draft(&education, "学位供给情况", &[]).await;
    assert_eq!(drafted.json["state"], "draft");
    assert_eq!(drafted.json["to_linked"], true);
    assert_eq!(
        codes(&drafted.json),
        ["minmeng", "minjin", "jiusan", "zhilianhui"]
    );
    assert_eq!(actions(&drafted), ["send"]);
    let path = path(&drafted);
    assert_eq!(drafted.header("location"), Some(path.as_str()));
    // A draft is nobody else's, the coordinator's neither.
    for user in [&minmeng, &app.coordinator().await] {
        user.get(&path).await.problem(404, "not_found");
        step(user, &drafted, "send", json!({ "no_secrets": true }))
            .await
            .problem(404, "not_found");
        assert!(titles(user, "").await.is_empty());
    }

    let undeclared = step(&education, &drafted, "send", json!({})).await;
    assert_eq!(
        undeclared.problem(422, "invalid").faults(),
        ["/no_secrets required"]
    );
    let secret = step(&education, &drafted, "send", json!({ "no_secrets": false })).await;
    assert_eq!(
        secret.problem(422, "invalid").faults(),
        ["/no_secrets not_allowed"]
    );
    let sent = step(&education, &drafted, "send", json!({ "no_secrets": true }))
        .await
        .expect(200);
    assert_eq!(sent.json["state"], "sent");
    assert_eq!(to_the_second(&sent.json["sent_at"]), "2026-03-02T01:30:00");
    assert_eq!(sent.json["outside_assignment"], false);
    assert_eq!(sent.json["receipts"], json!({ "told": 4, "acknowledged": 0 }));
    assert_eq!(sent.json["unread"], false);
    assert_eq!(actions(&sent), ["withdraw"]);

    let seen = minmeng.get(&path).await.expect(200);
    assert_eq!(seen.json["unread"], true);
    assert_eq!(actions(&seen), ["acknowledge"]);
    let [todo] = todos(&minmeng).await.try_into().expect("one to-do");
    assert_eq!(todo["kind"], "acknowledge_bulletin");
    assert_eq!(todo["subject"]["title"], "市教育局发来的信息：学位供给情况");
    assert_eq!(todo["due_on"], Value::Null);
    let notice = newest_notice(&minmeng).await;
    assert_eq!(notice["title"], "市教育局发来信息：学位供给情况");
    assert_eq!(notice["link"], path.as_str());
    let told = notice["text"].as_str().expect("a text");
    assert!(
        told.contains("市教育局于2026年3月2日发来《学位供给情况》（统计资料）：现将学位"),
        "{told}"
    );

    app.clock.set(at("2026-03-03T01:30:00Z"));
    let minmeng = app.party("minmeng").await;
    let read = step(&minmeng, &sent, "acknowledge", json!({})).await.expect(200);
    assert_eq!(read.json["unread"], false);
    assert!(todos(&minmeng).await.is_empty());
    step(&minmeng, &sent, "acknowledge", json!({}))
        .await
        .problem(409, "already_acknowledged");
    let education = app.department("education").await;
    let receipts = education.get(&format!("{path}/receipts")).await.expect(200);
    let first = &receipts.items()[0];
    assert_eq!(first["organization"]["code"], "minmeng");
    assert_eq!(to_the_second(&first["told_at"]), "2026-03-02T01:30:00");
    assert_eq!(to_the_second(&first["acknowledged_at"]), "2026-03-03T01:30:00");
    assert_eq!(first["acknowledged_by"], "民盟市委会联络员");
    assert!(
        receipts.items()[1..]
            .iter()
            .all(|one| one["acknowledged_at"].is_null())
    );
    step(&education, &sent, "acknowledge", json!({}))
        .await
        .problem(403, "not_yours");

    let mut conn = app.database.connect().await;
    let announced: Vec<String> = events::table
        .filter(events::subject_type.eq("bulletin"))
        .order(events::seq)
        .select(events::type_)
        .load(&mut conn)
        .await
        .expect("events");
    assert_eq!(announced, ["bulletin.sent", "bulletin.acknowledged"]);
    let recorded: i64 = audit_log::table
        .filter(audit_log::subject_type.eq("bulletin"))
        .filter(audit_log::outcome.eq("done"))
        .count()
        .get_result(&mut conn)
        .await
        .expect("audit_log");
    assert_eq!(recorded, 3);
}

#[tokio::test]
async fn a_party_tells_its_departments() {
    let app = on_a_monday().await;
    let sent = send(&app.party("minge").await, "调研工作动态", &[]).await;
    let to: BTreeSet<&str> = codes(&sent.json).into_iter().collect();
    // The eight common departments, and six designated ones.
    assert_eq!(to.len(), 14);
    assert!(to.contains("justice") && to.contains("finance") && !to.contains("education"));
    assert_eq!(
        newest_notice(&app.department("justice").await).await["kind"],
        "bulletin_sent"
    );
    app.department("education")
        .await
        .get(&path(&sent))
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn outside_the_assignment_is_marked_and_never_refused() {
    let app = on_a_monday().await;
    let named = [
        "minge",
        "minmeng",
        "finance",
        "united-front-work-department",
        "government-office",
    ];
    let sent = send(&app.department("education").await, "学位供给情况", &named).await;
    assert_eq!(sent.json["to_linked"], false);
    assert_eq!(sent.json["outside_assignment"], true);
    let recipients = sent.json["recipients"].as_array().expect("recipients").iter();
    let outside: BTreeSet<&str> = recipients
        .filter(|one| one["outside_assignment"] == true)
        .filter_map(|one| one["organization"]["code"].as_str())
        .collect();
    // 民革 does not liaise with 市教育局; another department is no party to the liaison.
    assert_eq!(outside, BTreeSet::from(["finance", "minge"]));
    for user in [
        app.party("minge").await,
        app.government_office().await,
        app.coordinator().await,
    ] {
        let seen = user.get(&path(&sent)).await.expect(200);
        assert_eq!(seen.json["unread"], true);
        step(&user, &sent, "acknowledge", json!({})).await.expect(200);
    }
    // What is not addressed to it is not there for the government office; the coordinator sees what was sent.
    let other = send(&app.party("minmeng").await, "工作动态", &["education"]).await;
    let office = app.government_office().await;
    office.get(&path(&other)).await.problem(404, "not_found");
    assert_eq!(titles(&office, "").await, ["学位供给情况"]);
    let coordinator = app.coordinator().await;
    assert_eq!(titles(&coordinator, "").await, ["工作动态", "学位供给情况"]);
    step(&coordinator, &other, "acknowledge", json!({}))
        .await
        .problem(403, "not_yours");
    step(&coordinator, &other, "withdraw", json!({ "reason": "有误" }))
        .await
        .problem(403, "not_yours");
}

#[tokio::test]
async fn the_coordinator_names_whom_it_writes_to() {
    let app = on_a_monday().await;
    let coordinator = app.coordinator().await;
    let drafted = draft(&coordinator, "工作提示", &[]).await;
    let send_it = json!({ "no_secrets": true });
    step(&coordinator, &drafted, "send", send_it.clone())
        .await
        .problem(409, "no_recipients");
    let named = json!({ "recipients": ["education", "minge"] });
    let named = coordinator.patch(&path(&drafted), named).await;
    assert_eq!(named.expect(200).json["outside_assignment"], false);
    step(&coordinator, &drafted, "send", send_it).await.expect(200);
    app.party("minge").await.get(&path(&drafted)).await.expect(200);
    // 市政府办公室 receives and sends nothing.
    app.government_office()
        .await
        .post(BULLETINS, body("通知", &["minge"]))
        .await
        .problem(403, "role_not_allowed");
}

#[tokio::test]
async fn the_coordinator_writes_for_whom_nobody_can_act() {
    let app = on_a_monday().await;
    let coordinator = app.coordinator().await;
    let mut named = body("学位供给情况", &["minmeng"]);
    named["sender"] = "nobody".into();
    named["recipients"] = json!(["nowhere"]);
    let refused = coordinator
        .post(BULLETINS, named.clone())
        .await
        .problem(422, "invalid");
    assert_eq!(
        refused.faults(),
        ["/recipients/0 unknown_reference", "/sender unknown_reference"]
    );
    named["sender"] = "education".into();
    named["recipients"] = json!(["minmeng"]);
    coordinator
        .post(BULLETINS, named.clone())
        .await
        .problem(403, "not_yours");
    let other = app.department("health").await;
    other
        .post(BULLETINS, named.clone())
        .await
        .problem(403, "not_yours");
    let account = |step: &str| format!("/api/v1/users/department-education/{step}");
    let admin = app.admin().await;
    admin.post(&account("disable"), json!({})).await.expect(200);
    let draft = coordinator.post(BULLETINS, named).await.expect(201);
    assert_eq!(draft.json["recorded_on_behalf"], true);
    assert_eq!(draft.json["sender"]["code"], "education");
    assert_eq!(actions(&draft), ["send"]);
    assert_eq!(titles(&coordinator, "").await, ["学位供给情况"]);
    let sent = step(&coordinator, &draft, "send", json!({ "no_secrets": true })).await;
    assert_eq!(sent.expect(200).json["sender"]["code"], "education");
    let told = newest_notice(&app.party("minmeng").await).await;
    assert!(
        told["text"]
            .as_str()
            .expect("a text")
            .contains("由市委统战部代录"),
        "{told}"
    );
    admin.post(&account("enable"), json!({})).await.expect(200);
    let education = app.department("education").await;
    assert_eq!(newest_notice(&education).await["kind"], "recorded_on_behalf");
    education.get(&path(&draft)).await.expect(200);
}

#[tokio::test]
async fn every_fault_of_a_draft_is_named() {
    let app = on_a_monday().await;
    let education = app.department("education").await;
    let wrong = json!({
        "title": " ", "from": "health",
        "recipients": ["minmeng", "nobody", "education", "minmeng"],
    });
    let refused = education.post(BULLETINS, wrong).await.problem(422, "invalid");
    assert_eq!(
        refused.faults(),
        [
            "/from unknown_field",
            "/recipients/1 unknown_reference",
            "/text required",
            "/title blank"
        ]
    );
    let wrong = body("学位供给情况", &["minmeng", "nobody", "education", "minmeng"]);
    let refused = education.post(BULLETINS, wrong).await.problem(422, "invalid");
    assert_eq!(
        refused.faults(),
        [
            "/recipients/1 unknown_reference",
            "/recipients/2 not_allowed",
            "/recipients/3 repeated"
        ]
    );
}

#[tokio::test]
async fn drafts_are_edited_and_deleted_and_what_was_sent_is_not() {
    let app = on_a_monday().await;
    let education = app.department("education").await;
    let drafted = draft(&education, "学位供给情况", &["minmeng"]).await;
    let path = path(&drafted);
    let retitled = || Some(json!({ "title": "学位" }));
    education
        .send(Method::PATCH, &path, retitled())
        .await
        .problem(428, "precondition_required");
    let edit = async |body: Value| education.patch(&path, body).await.expect(200);
    let edited = edit(json!({ "title": "学位供给", "category": "policy_document" })).await;
    assert_eq!(edited.json["title"], "学位供给");
    assert_eq!(edited.json["category"], "policy_document");
    assert_eq!(codes(&edited.json), ["minmeng"]);
    education
        .with("If-Match", &drafted.etag())
        .send(Method::PATCH, &path, retitled())
        .await
        .problem(412, "precondition_failed");
    let edited = edit(json!({ "recipients": [] })).await;
    assert_eq!(edited.json["to_linked"], true);
    assert_eq!(codes(&edited.json).len(), 4);
    let edited = edit(json!({ "recipients": ["minge"] })).await;
    assert_eq!(codes(&edited.json), ["minge"]);

    let papers = Form::new("bulletin", &drafted.json["id"]).file("附表.pdf", b"%PDF-1.7 table");
    let attached = education
        .send_raw(Method::POST, "/api/v1/attachments", Some(papers.clone().body()))
        .await
        .expect(201);
    let attachments = format!(
        "/api/v1/attachments?subject_type=bulletin&subject_id={}",
        drafted.json["id"].as_str().expect("an id")
    );
    let content = format!(
        "/api/v1/attachments/{}/content",
        attached.json["id"].as_str().expect("an id")
    );
    let (minge, minmeng) = (app.party("minge").await, app.party("minmeng").await);
    minge.get(&content).await.problem(404, "not_found");
    step(&education, &drafted, "send", json!({ "no_secrets": true }))
        .await
        .expect(200);
    minge.get(&content).await.expect(200);
    assert_eq!(minge.get(&attachments).await.expect(200).items().len(), 1);
    minmeng.get(&content).await.problem(404, "not_found");
    // Sent: neither its words, nor what hangs on it, nor itself can be changed.
    for user in [&education, &minge] {
        user.send_raw(Method::POST, "/api/v1/attachments", Some(papers.clone().body()))
            .await
            .problem(403, "not_yours");
    }
    let retitle = json!({ "title": "学位" });
    education
        .patch(&path, retitle.clone())
        .await
        .problem(409, "bulletin_sent");
    education.delete(&path).await.problem(409, "bulletin_sent");
    minge.patch(&path, retitle).await.problem(403, "not_yours");
    let mut conn = app.database.connect().await;
    let behind = conn
        .batch_execute("UPDATE bulletins SET title = '学位'")
        .await
        .expect_err("a refusal");
    assert!(behind.to_string().contains("stays as it was sent"), "{behind}");

    let other = draft(&education, "另一件", &[]).await;
    let other = self::path(&other);
    education.delete(&other).await.expect(204);
    education.get(&other).await.problem(404, "not_found");
}

#[tokio::test]
async fn what_is_withdrawn_says_so() {
    let app = on_a_monday().await;
    let (education, minmeng) = (app.department("education").await, app.party("minmeng").await);
    let sent = send(&education, "学位供给情况", &["minmeng"]).await;
    let reason = json!({ "reason": "数据有误，核实后另行发送。" });
    step(&minmeng, &sent, "withdraw", reason.clone())
        .await
        .problem(403, "not_yours");
    let withdrawn = step(&education, &sent, "withdraw", reason.clone())
        .await
        .expect(200);
    assert_eq!(withdrawn.json["state"], "withdrawn");
    let seen = minmeng.get(&path(&sent)).await.expect(200);
    assert_eq!(seen.json["withdrawal"]["reason"], "数据有误，核实后另行发送。");
    assert_eq!(seen.json["unread"], false);
    assert!(actions(&seen).is_empty());
    assert!(todos(&minmeng).await.is_empty());
    let told = newest_notice(&minmeng).await;
    assert_eq!(told["title"], "市教育局撤回信息：学位供给情况");
    assert!(
        told["text"].as_str().expect("a text").contains("数据有误"),
        "{told}"
    );
    for (user, what) in [(&education, "withdraw"), (&minmeng, "acknowledge")] {
        let body = if what == "withdraw" {
            reason.clone()
        } else {
            json!({})
        };
        let refused = step(user, &sent, what, body)
            .await
            .problem(409, "step_not_allowed");
        assert_eq!(refused.json["state"], "withdrawn");
    }
}

#[tokio::test]
async fn lists_are_filtered_sorted_paged_and_taken_away() {
    let app = on_a_monday().await;
    let first = send(
        &app.department("education").await,
        "第一件：50%",
        &["minmeng", "minjin"],
    )
    .await;
    app.clock.set(at("2026-03-03T01:30:00Z"));
    send(&app.party("minmeng").await, "第二件_", &["education", "finance"]).await;
    app.clock.set(at("2026-03-04T01:30:00Z"));
    let mut third = body("第三件", &["minmeng"]);
    third["category"] = "policy_document".into();
    let education = app.department("education").await;
    education.post(BULLETINS, third).await.expect(201);
    app.clock.set(at("2026-03-05T01:30:00Z"));
    let (education, minmeng) = (app.department("education").await, app.party("minmeng").await);
    step(&minmeng, &first, "acknowledge", json!({})).await.expect(200);
    let (one, two, three) = ("第一件：50%", "第二件_", "第三件");
    for (query, expected) in [
        ("", vec![three, two, one]),
        ("?sort=dated_at", vec![one, two, three]),
        ("?sort=-updated_at", vec![one, three, two]),
        ("?direction=sent", vec![three, one]),
        ("?direction=received", vec![two]),
        ("?state=draft", vec![three]),
        ("?state=sent", vec![two, one]),
        ("?sender=minmeng", vec![two]),
        ("?recipient=minjin", vec![one]),
        ("?recipient=finance", vec![two]),
        ("?category=statistics", vec![two, one]),
        ("?unread=true", vec![two]),
        ("?unread=false", vec![three, one]),
        ("?sent_from=2026-03-03T00:00:00Z", vec![two]),
        ("?sent_until=2026-03-03T00:00:00Z", vec![one]),
        ("?updated_since=2026-03-04T00:00:00Z", vec![three, one]),
        ("?q=第二", vec![two]),
        ("?q=0%25", vec![one]),
        ("?q=_", vec![two]),
        ("?q=没有的", vec![]),
    ] {
        assert_eq!(titles(&education, query).await, expected, "{query}");
    }
    assert_eq!(titles(&minmeng, "").await, [two, one]);
    assert!(titles(&minmeng, "?unread=true").await.is_empty());
    assert_eq!(titles(&app.party("minjin").await, "?unread=true").await, [one]);
    assert_eq!(titles(&app.department("finance").await, "").await, [two]);
    let page = education
        .get(&format!("{BULLETINS}?limit=2&with_total=true"))
        .await
        .expect(200);
    assert_eq!(page.json["total"], 3);
    let cursor = page.json["next_cursor"].as_str().expect("a cursor");
    assert_eq!(
        titles(&education, &format!("?limit=2&cursor={cursor}")).await,
        [one]
    );
    let unknown = education
        .get(&format!("{BULLETINS}?sender=nobody&recipient=minmeng"))
        .await
        .problem(422, "invalid");
    assert_eq!(unknown.faults(), ["sender unknown_reference"]);
    let csv = minmeng
        .with("Accept", "text/csv")
        .get(BULLETINS)
        .await
        .expect(200)
        .text();
    assert!(
        csv.contains("发送单位,类别,标题") && csv.contains("市教育局,统计资料") && !csv.contains(three),
        "{csv}"
    );
    assert!(csv.contains("民盟市委会、民进市委会"), "{csv}");
}

#[tokio::test]
async fn a_successor_acts_for_sender_and_recipient() {
    let app = on_a_monday().await;
    let financial = app.department("financial-affairs").await;
    let drafted = draft(&financial, "金融工作动态", &[]).await;
    assert_eq!(codes(&drafted.json), ["minjian", "gongshanglian"]);
    let received = send(
        &app.party("minjian").await,
        "小微企业融资调研",
        &["financial-affairs"],
    )
    .await;
    let merge = json!({ "into": "finance" });
    app.coordinator()
        .await
        .post("/api/v1/departments/financial-affairs/merge", merge)
        .await
        .expect(200);
    let finance = app.department("finance").await;
    assert_eq!(titles(&finance, "?unread=true").await, ["小微企业融资调研"]);
    assert_eq!(todos(&finance).await.len(), 1);
    step(&finance, &received, "acknowledge", json!({}))
        .await
        .expect(200);
    let seen = finance.get(&path(&received)).await.expect(200);
    assert_eq!(codes(&seen.json), ["financial-affairs"]);
    // As 市财政局, which liaises with all eight parties.
    let sent = step(&finance, &drafted, "send", json!({ "no_secrets": true }))
        .await
        .expect(200);
    assert_eq!(sent.json["sender"]["code"], "finance");
    assert_eq!(codes(&sent.json).len(), 8);
    let named = body("金融工作动态", &["financial-affairs"]);
    let refused = app.party("minjian").await.post(BULLETINS, named).await;
    assert_eq!(
        refused.problem(422, "invalid").faults(),
        ["/recipients/0 unknown_reference"]
    );
}

#[tokio::test]
async fn of_simultaneous_sendings_and_acknowledgements_one_wins() {
    let app = on_a_monday().await;
    let (education, minmeng) = (app.department("education").await, app.party("minmeng").await);
    let drafted = draft(&education, "学位供给情况", &["minmeng"]).await;
    for (user, name, body) in [
        (&education, "send", json!({ "no_secrets": true })),
        (&minmeng, "acknowledge", json!({})),
    ] {
        let calls = (0..8).map(|_| step(user, &drafted, name, body.clone()));
        let answers = futures_util::future::join_all(calls).await;
        let of = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((of(200), of(409)), (1, 7), "{name}");
    }
    let receipts = education
        .get(&format!("{}/receipts", path(&drafted)))
        .await
        .expect(200);
    assert_eq!(receipts.items().len(), 1);
}
