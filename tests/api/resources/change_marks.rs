//! Whatever changes an answer raises `updated_at` and `ETag` alike, and the list of what has changed since has it.

use super::meetings::{self, clinic, conclude, convened, invitation};
use crate::support::suggestions::{self as life, Table, raised, reply, step};
use crate::support::{Form, TestApp, User, at, last, on_a_monday, samples};
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().expect("an instant").parse().expect("an instant")
}

fn version(etag: &str) -> i64 {
    let number = etag.trim_start_matches('"').split('-').next();
    number.and_then(|number| number.parse().ok()).expect("a version")
}

/// A thing as a reader knows it; a minute later something happens to it.
struct Known<'a> {
    reader: &'a User,
    path: String,
    etag: String,
    updated_at: DateTime<Utc>,
    since: DateTime<Utc>,
}

impl<'a> Known<'a> {
    async fn new(app: &TestApp, reader: &'a User, path: &str) -> Self {
        let read = reader.get(path).await.expect(200);
        let since = app.clock.now() + TimeDelta::minutes(1);
        app.clock.set(since);
        let known = Self {
            reader,
            path: path.to_owned(),
            etag: read.etag(),
            updated_at: instant(&read.json["updated_at"]),
            since,
        };
        assert!(!known.is_listed().await, "{path} changes by itself");
        known
    }

    async fn is_listed(&self) -> bool {
        let (collection, id) = self.path.rsplit_once('/').expect("a collection");
        let since = self.since.to_rfc3339().replace('+', "%2B");
        let list = format!("{collection}?limit=200&updated_since={since}");
        let list = self.reader.get(&list).await.expect(200);
        list.items().iter().any(|item| item["id"] == id)
    }

    async fn is_newer(&self, what: &str) -> String {
        let read = self.reader.get(&self.path).await.expect(200);
        let updated_at = instant(&read.json["updated_at"]);
        assert!(updated_at > self.updated_at, "{what}: {updated_at}");
        assert!(updated_at >= self.since, "{what}: {updated_at}");
        assert_ne!(read.etag(), self.etag, "{what}");
        assert!(self.is_listed().await, "{what} is not in the list");
        read.etag()
    }

    /// Something of the thing itself has changed.
    async fn has_changed(self, what: &str) {
        let etag = self.is_newer(what).await;
        assert!(version(&etag) > version(&self.etag), "{what}: {etag}");
    }

    /// What it shows has changed, which no edit of the thing has to look out for.
    async fn shows_something_else(self, what: &str) {
        self.is_newer(what).await;
    }
}

async fn attach(user: &User, carrier: &str, id: &str, replaces: Option<&str>) -> String {
    let mut form = Form::new(carrier, &json!(id));
    if let Some(replaces) = replaces {
        form = form.text("replaces", replaces);
    }
    let body = form.file("附件.pdf", &samples::pdf()).body();
    let made = user
        .send_raw(Method::POST, "/api/v1/attachments", Some(body))
        .await;
    life::id(&made.expect(201).json)
}

#[tokio::test]
async fn papers_change_what_they_hang_on() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let (lead, coordinator) = (&table.lead, &table.coordinator);
    let path = life::path(&table.drafted(raised("午餐午休", "education")).await);
    let known = Known::new(&app, &table.party, &path).await;
    let first = attach(&table.party, "suggestion", last(&path), None).await;
    known.has_changed("a paper of a draft").await;
    let known = Known::new(&app, &table.party, &path).await;
    let second = attach(&table.party, "suggestion", last(&path), Some(&first)).await;
    known.has_changed("a paper that is superseded").await;
    let known = Known::new(&app, &table.party, &path).await;
    let at = format!("/api/v1/attachments/{second}");
    table.party.delete(&at).await.expect(204);
    known.has_changed("a paper that is removed").await;

    let replied = table.replied(raised("校车线路", "education")).await;
    let path = life::path(&replied);
    let read = table.party.get(&path).await.expect(200);
    let of_reply = life::id(&read.json["reply"]);
    let known = Known::new(&app, &table.party, &path).await;
    attach(lead, "suggestion_reply", &of_reply, None).await;
    known.has_changed("the signed original of a reply").await;
    let accepted = table.talked(raised("课后服务", "education")).await;
    let path = life::path(&accepted);
    let read = table.party.get(&path).await.expect(200);
    let talk = life::id(&read.json["communications"][0]);
    let known = Known::new(&app, &table.party, &path).await;
    attach(lead, "suggestion_communication", &talk, None).await;
    known.has_changed("a paper of a communication").await;

    let body = json!({ "title": "联络不畅", "text": "人员变动频繁。" });
    let made = lead.post("/api/v1/problem-reports", body).await.expect(201);
    let path = format!("/api/v1/problem-reports/{}", life::id(&made.json));
    let known = Known::new(&app, coordinator, &path).await;
    attach(lead, "problem_report", last(&path), None).await;
    known.has_changed("a paper of a problem report").await;
    let plan = json!({ "year": 2026, "items": [] });
    let made = lead.post("/api/v1/work-plans", plan).await.expect(201);
    let path = format!("/api/v1/work-plans/{}", life::id(&made.json));
    let known = Known::new(&app, lead, &path).await;
    attach(lead, "work_plan", last(&path), None).await;
    known.has_changed("a paper of a plan").await;
}

#[tokio::test]
async fn commitments_and_receipts_change_their_suggestion() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let id = table.talked(raised("午餐午休", "education")).await;
    let path = life::path(&id);
    let replied = step(&table.lead, &id, "reply", reply("B")).await;
    let commitment = format!("/api/v1/commitments/{}", life::id(&replied["commitments"][0]));
    let post = async |user: &User, what: &str, body: Value| {
        user.post(&format!("{commitment}/{what}"), body).await.expect(200);
    };
    let known = Known::new(&app, &table.party, &path).await;
    post(&table.lead, "abandon", json!({ "reason": "用地调整。" })).await;
    known.has_changed("an abandonment that is asked for").await;
    let known = Known::new(&app, &table.party, &path).await;
    let refused = json!({ "granted": false, "reason": "可以另选地址。" });
    post(&table.coordinator, "decide-abandonment", refused).await;
    known.has_changed("an abandonment that is refused").await;
    let (known, of_itself) = (
        Known::new(&app, &table.party, &path).await,
        Known::new(&app, &table.party, &commitment).await,
    );
    post(&table.lead, "fulfil", json!({ "text": "已开展试点。" })).await;
    known.has_changed("a commitment that is fulfilled").await;
    of_itself.has_changed("the commitment itself").await;
    let known = Known::new(&app, &table.lead, &path).await;
    table.evaluate(&id, "satisfied").await;
    known.has_changed("a receipt").await;
}

#[tokio::test]
async fn what_time_does_to_a_suggestion_is_a_change_of_it() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let replied = life::path(&table.replied(raised("午餐午休", "education")).await);
    let waiting = life::path(&table.submitted(raised("校车线路", "education")).await);
    // The calendar is corrected: a day off within the term.
    let known = Known::new(&app, &table.party, &waiting).await;
    let year = "/api/v1/working-days/2026";
    let read = table.coordinator.get(year).await.expect(200).json;
    let mut holidays = read["holidays"].clone();
    let off = json!({ "day": "2026-03-04", "name": "临时放假" });
    holidays.as_array_mut().expect("holidays").push(off);
    let body = json!({ "holidays": holidays, "makeup_days": read["makeup_days"], "reason": "临时放假" });
    let user = table.coordinator.matching(year).await;
    user.put(year, body).await.expect(200);
    app.run_jobs().await;
    known.has_changed("a deadline that the calendar moves").await;
    // The acceptance becomes overdue by itself, in the night.
    let lead = app.department("education").await;
    let due: chrono::NaiveDate = lead.get(&waiting).await.expect(200).json["due_on"]
        .as_str()
        .expect("a day")
        .parse()
        .expect("a day");
    app.clock
        .set(liaison::clock::day_begins(due) + TimeDelta::hours(10));
    let lead = app.department("education").await;
    let known = Known::new(&app, &lead, &waiting).await;
    app.clock
        .set(liaison::clock::day_begins(due) + TimeDelta::hours(34));
    let lead = app.department("education").await;
    let known = Known {
        reader: &lead,
        ..known
    };
    known.shows_something_else("a deadline that has passed").await;
    // The evaluation lapses.
    app.clock.set(at("2026-03-20T01:30:00Z"));
    let party = app.party("minmeng").await;
    let known = Known::new(&app, &party, &replied).await;
    app.clock.set(at("2026-03-30T01:30:00Z"));
    app.run_jobs().await;
    let party = app.party("minmeng").await;
    let known = Known {
        reader: &party,
        ..known
    };
    known.has_changed("an evaluation that lapses").await;
}

#[tokio::test]
async fn the_parts_of_a_meeting_change_it_and_it_changes_what_shows_it() {
    let app = on_a_monday().await;
    let host = app.department("civil-affairs").await;
    let party = app.party("minge").await;
    let plan = json!({ "year": 2026, "items": [{ "kind": "social_service", "title": "义诊" }] });
    let plan = host.post("/api/v1/work-plans", plan).await.expect(201).json;
    let (plan, item) = (life::id(&plan), life::id(&plan["items"][0]));
    let plan = format!("/api/v1/work-plans/{plan}");
    let story = Table::of(&app, "minge", "civil-affairs").await;
    let suggestion = story.submitted(raised("社区养老", "civil-affairs")).await;
    let mut body = clinic();
    body["kind"] = json!("decision_consultation");
    body["social_service_kind"] = Value::Null;
    body["decision"] = json!({ "matter": "社区养老规划", "planned_on": "2026-04-01" });
    body["agenda"] = json!([{ "title": "通报", "suggestion": suggestion }]);
    let path = convened(&host, body).await;

    let known = Known::new(&app, &host, &path).await;
    step(&story.lead, &suggestion, "accept", life::acceptance()).await;
    known.has_changed("a linked suggestion that goes on").await;
    let known = Known::new(&app, &host, &path).await;
    let own = invitation(&party, &path, "minge").await;
    let answer = json!({ "answer": "accepted", "attendees": [{ "name": "陈志远" }] });
    let respond = format!("{path}/invitations/{own}/respond");
    party.post(&respond, answer).await.expect(200);
    known.has_changed("an answer to an invitation").await;
    let known = Known::new(&app, &host, &path).await;
    let opinions = format!("{path}/opinions");
    let opinion = party.post(&opinions, json!({ "text": "建议扩大覆盖。" })).await;
    let opinion = life::id(&opinion.expect(201).json);
    known.has_changed("an opinion").await;
    let known = Known::new(&app, &party, &path).await;
    let answer = json!({ "answer": "adopted", "reason": "已吸收。" });
    let answered = host.post(&format!("{opinions}/{opinion}/answer"), answer).await;
    answered.expect(200);
    known.has_changed("an answer to an opinion").await;
    let known = Known::new(&app, &host, &plan).await;
    let link = format!("{plan}/items/{item}/meetings");
    let body = json!({ "meetings": [last(&path)] });
    host.with("If-Match", "*").put(&link, body).await.expect(200);
    known.has_changed("a planned item that is linked").await;

    app.clock.set(at("2026-03-17T01:30:00Z"));
    let (host, party) = (app.department("civil-affairs").await, app.party("minge").await);
    let (known, of_plan) = (
        Known::new(&app, &party, &path).await,
        Known::new(&app, &host, &plan).await,
    );
    meetings::step(&host, &path, "hold").await.expect(200);
    let recorded = json!({ "items": [{ "invitation": own, "present": true, "persons": ["陈志远"] }] });
    meetings::put(&host, &path, "attendance", recorded)
        .await
        .expect(200);
    known.has_changed("attendance").await;
    of_plan.has_changed("a plan whose meeting is held").await;
    let known = Known::new(&app, &host, &path).await;
    let minutes = json!({
        "text": "听取了意见。",
        "follow_ups": [{ "text": "答复意见", "owner": "minge", "due_on": "2026-03-31" }],
    });
    let written = meetings::put(&host, &path, "minutes", minutes).await.expect(200);
    known.has_changed("minutes").await;
    meetings::step(&host, &path, "conclude").await.expect(200);
    let follow_up = life::id(&written.json["follow_ups"][0]);
    let known = Known::new(&app, &host, &path).await;
    let done = format!("/api/v1/meeting-follow-ups/{follow_up}/complete");
    party.post(&done, json!({ "text": "已答复。" })).await.expect(200);
    known.has_changed("a follow-up that is done").await;
}

#[tokio::test]
async fn acknowledgements_change_what_is_acknowledged() {
    let app = on_a_monday().await;
    let (lead, party, office) = (
        app.department("education").await,
        app.party("minmeng").await,
        app.government_office().await,
    );
    let appointment = json!({
        "department": "education",
        "effective_from": "2026-03-02",
        "leader": { "name": "王建平", "title": "副局长" },
        "office": { "name": "办公室", "phone": "0751-8880000" },
        "contacts": [{ "name": "李秋霞", "mobile": "13800000009" }],
    });
    let made = lead
        .post("/api/v1/liaison-leaders", appointment)
        .await
        .expect(201);
    let path = format!("/api/v1/liaison-leaders/{}", life::id(&made.json));
    let known = Known::new(&app, &lead, &path).await;
    party
        .post(&format!("{path}/acknowledge"), json!({}))
        .await
        .expect(200);
    known.has_changed("an appointment").await;
    let body = json!({ "title": "工作动态", "text": "通报如下。", "recipients": ["minmeng"] });
    let made = lead.post("/api/v1/bulletins", body).await.expect(201);
    let path = format!("/api/v1/bulletins/{}", life::id(&made.json));
    let sent = json!({ "no_secrets": true });
    lead.post(&format!("{path}/send"), sent.clone()).await.expect(200);
    let known = Known::new(&app, &lead, &path).await;
    party
        .post(&format!("{path}/acknowledge"), json!({}))
        .await
        .expect(200);
    known.has_changed("a bulletin").await;
    let report = json!({
        "period": { "kind": "special", "from": "2026-01-01", "to": "2026-02-28" },
        "title": "一季度工作情况",
        "text": "情况如下。",
    });
    let made = lead.post("/api/v1/work-reports", report).await.expect(201);
    let path = format!("/api/v1/work-reports/{}", life::id(&made.json));
    lead.post(&format!("{path}/submit"), sent).await.expect(200);
    let known = Known::new(&app, &lead, &path).await;
    office
        .post(&format!("{path}/acknowledge"), json!({}))
        .await
        .expect(200);
    known.has_changed("a report").await;
}

/// A new name changes the answers that show it, on the day from which they do.
#[tokio::test]
async fn a_new_name_changes_what_shows_it_from_its_day_on() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let id = table.talked(raised("午餐午休", "education")).await;
    let replied = step(&table.lead, &id, "reply", reply("B")).await;
    let body = json!({ "title": "联络不畅", "text": "人员变动频繁。" });
    let problem = table.lead.post("/api/v1/problem-reports", body).await.expect(201);
    let mut meeting = clinic();
    meeting["hosts"] = json!(["education"]);
    let shown = [
        life::path(&id),
        format!("/api/v1/commitments/{}", life::id(&replied["commitments"][0])),
        format!("/api/v1/problem-reports/{}", life::id(&problem.json)),
        convened(&table.lead, meeting).await,
    ];
    let rename = async |code: &str, name: &str, from: &str| {
        let body = json!({ "name": name, "short_name": "新名", "effective_from": from });
        let path = format!("/api/v1/departments/{code}/rename");
        table.coordinator.post(&path, body).await.expect(200);
    };
    let mut known = Vec::new();
    for path in &shown {
        known.push(Known::new(&app, &table.coordinator, path).await);
    }
    rename("education", "市教育体育局", "2026-03-02").await;
    for one in known {
        let path = one.path.clone();
        one.shows_something_else(&path).await;
    }
}

#[tokio::test]
async fn a_name_that_is_announced_changes_what_shows_it_on_its_day() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let department =
        json!({ "code": "data", "name": "市数据局", "short_name": "数据", "established_on": "2020-01-01" });
    let made = table.coordinator.post("/api/v1/departments", department).await;
    let department = format!("/api/v1/departments/{}", life::id(&made.expect(201).json));
    let id = table.submitted(raised("数据开放", "data")).await;
    let other = life::path(&table.submitted(raised("社区卫生", "health")).await);
    let since = app.clock.now() + TimeDelta::minutes(1);
    let known = Known::new(&app, &table.coordinator, &department).await;
    let body = json!({ "name": "市大数据局", "short_name": "大数据", "effective_from": "2026-03-05" });
    let path = format!("{department}/rename");
    table.coordinator.post(&path, body).await.expect(200);
    known.has_changed("the department itself").await;
    let changed = async |reader: &User| {
        let since = since.to_rfc3339().replace('+', "%2B");
        let list = format!("/api/v1/suggestions?updated_since={since}");
        let list = reader.get(&list).await.expect(200);
        list.items().iter().map(life::id).collect::<Vec<_>>()
    };
    assert_eq!(changed(&table.coordinator).await, Vec::<String>::new());
    app.clock.set(at("2026-03-05T02:00:00Z"));
    let coordinator = app.coordinator().await;
    assert_eq!(changed(&coordinator).await, [id.as_str()]);
    let read = coordinator.get(&life::path(&id)).await.expect(200).json;
    assert_eq!(read["lead_department"]["name"], "市大数据局");
    assert_eq!(instant(&read["updated_at"]), at("2026-03-04T16:00:00Z"));
    let untouched = coordinator.get(&other).await.expect(200).json;
    assert!(instant(&untouched["updated_at"]) < since);
}

#[tokio::test]
async fn a_report_and_a_suggestion_change_with_the_meeting_that_they_show() {
    let app = on_a_monday().await;
    let host = app.department("civil-affairs").await;
    let path = convened(&host, clinic()).await;
    let table = Table::of(&app, "minge", "education").await;
    let mut body = raised("义诊常态化", "education");
    body["from_meeting"] = json!(last(&path));
    let suggestion = life::path(&table.submitted(body).await);
    let report = json!({
        "period": { "kind": "special", "from": "2026-01-01", "to": "2026-03-31" },
        "title": "一季度工作情况",
        "text": "情况如下。",
        "meetings": [last(&path)],
    });
    let report = host.post("/api/v1/work-reports", report).await.expect(201);
    let report = format!("/api/v1/work-reports/{}", life::id(&report.json));
    let coordinator = app.coordinator().await;
    let known = Known::new(&app, &coordinator, &path).await;
    host.post(&format!("{report}/submit"), json!({ "no_secrets": true }))
        .await
        .expect(200);
    known.has_changed("a report that tells of it").await;
    app.clock.set(at("2026-03-17T01:30:00Z"));
    let (host, coordinator) = (app.department("civil-affairs").await, app.coordinator().await);
    let (of_suggestion, of_report) = (
        Known::new(&app, &coordinator, &suggestion).await,
        Known::new(&app, &coordinator, &report).await,
    );
    conclude(&host, &path, json!([])).await;
    of_suggestion
        .has_changed("a suggestion whose meeting is concluded")
        .await;
    of_report.has_changed("a report whose meeting is concluded").await;
}
