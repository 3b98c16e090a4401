use crate::files::{Desk, PATH};
use crate::support::samples::{pdf, png};
use crate::support::{Answer, Form, User};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::db::schema::{audit_log, events};
use reqwest::Method;
use serde_json::{Value, json};

fn list(scheme: &Value) -> String {
    format!(
        "{PATH}?subject_type=scheme&subject_id={}",
        scheme.as_str().expect("an id")
    )
}

async fn ids(user: &User, path: &str) -> Vec<String> {
    let answer = user.get(path).await.expect(200);
    let text = |item: &Value| item["id"].as_str().expect("an id").to_owned();
    answer.items().iter().map(text).collect()
}

impl Desk {
    async fn replace(&self, replaced: &str, name: &str, bytes: &[u8]) -> Answer {
        self.send(self.form().text("replaces", replaced).file(name, bytes))
            .await
    }

    async fn events(&self) -> Vec<(String, Value)> {
        events::table
            .filter(events::subject_type.eq("attachment"))
            .order(events::id)
            .select((events::type_, events::data))
            .load(&mut self.app.database.connect().await)
            .await
            .expect("events")
    }
}

#[tokio::test]
async fn who_sees_the_scheme_reads_and_the_coordinator_attaches() {
    let desk = Desk::new().await;
    let made = desk.upload("方案原文.pdf", &pdf()).await.expect(201);
    let one = format!("{PATH}/{}", made.id());
    assert_eq!(made.header("location"), Some(one.as_str()));
    let expected = json!({
        "id": made.id(),
        "subject": { "type": "scheme", "id": desk.scheme },
        "file_name": "方案原文.pdf",
        "media_type": "application/pdf",
        "size": pdf().len(),
        "sha256": made.json["sha256"],
        "version_number": 1,
        "replaces": null,
        "superseded_by": null,
        "uploaded_by": { "organization": made.json["uploaded_by"]["organization"] },
        "created_at": made.json["created_at"],
        "updated_at": made.json["created_at"],
    });
    assert_eq!(made.json, expected);
    assert_eq!(
        made.json["uploaded_by"]["organization"]["code"],
        "united-front-work-department"
    );
    for (role, user) in desk.app.one_of_each_role().await {
        assert_eq!(user.get(&one).await.expect(200).json, made.json, "{role}");
        assert_eq!(ids(&user, &list(&desk.scheme)).await, [made.id()], "{role}");
        assert_eq!(
            user.get(&format!("{one}/content")).await.expect(200).bytes,
            pdf(),
            "{role}"
        );
        assert_eq!(
            ids(&user, &format!("{one}/versions")).await,
            [made.id()],
            "{role}"
        );
        if role != "coordinator" {
            let code = if ["admin", "security_admin", "auditor"].contains(&role) {
                "role_not_allowed"
            } else {
                "not_yours"
            };
            user.delete(&one).await.problem(403, code);
            let body = Some(desk.form().file("x.pdf", &pdf()).body());
            user.send_raw(Method::POST, PATH, body).await.problem(403, code);
        }
    }
    desk.app
        .anonymous()
        .get(&format!("{one}/content"))
        .await
        .problem(401, "unauthenticated");
}

/// A draft and what hangs on it are there for 市委统战部 alone; to others there is no difference to what never was.
#[tokio::test]
async fn foreign_is_nonexistent() {
    let desk = Desk::new().await;
    let draft = desk.draft().await;
    let made = desk
        .send(Form::of(&draft).file("草案.pdf", &pdf()))
        .await
        .expect(201);
    let nowhere = "0193d2a4-5c00-7000-8000-00000000ffff";
    let same = |mut foreign: Value, mut missing: Value| {
        for answer in [&mut foreign, &mut missing] {
            answer["request_id"] = json!(null);
            answer["instance"] = json!(null);
        }
        assert_eq!(foreign, missing);
    };
    for (role, user) in desk.app.one_of_each_role().await {
        if role == "coordinator" {
            assert_eq!(ids(&user, &list(&draft)).await, [made.id()]);
            continue;
        }
        for part in ["", "/content", "/versions"] {
            let foreign = user
                .get(&format!("{PATH}/{}{part}", made.id()))
                .await
                .problem(404, "not_found");
            let missing = user
                .get(&format!("{PATH}/{nowhere}{part}"))
                .await
                .problem(404, "not_found");
            same(foreign.json, missing.json);
        }
        let foreign = user.get(&list(&draft)).await.problem(422, "invalid");
        assert_eq!(foreign.faults(), ["subject_id unknown_reference"]);
        same(
            foreign.json,
            user.get(&list(&json!(nowhere)))
                .await
                .problem(422, "invalid")
                .json,
        );
        if ["admin", "security_admin", "auditor"].contains(&role) {
            continue;
        }
        let matched = user.with("If-Match", "*");
        let path = format!("{PATH}/{}", made.id());
        matched
            .send(Method::DELETE, &path, None)
            .await
            .problem(404, "not_found");
        let upload = async |subject: &Value| {
            let body = Some(Form::of(subject).file("x.pdf", &pdf()).body());
            user.send_raw(Method::POST, PATH, body)
                .await
                .problem(422, "invalid")
        };
        let foreign = upload(&draft).await;
        assert_eq!(foreign.faults(), ["/subject_id unknown_reference"]);
        same(foreign.json, upload(&json!(nowhere)).await.json);
    }
    // Of a draft nobody hears; the audit log knows.
    assert_eq!(desk.events().await, []);
    // Published, it is there for all.
    let copy = json!({ "title": "新方案", "effective_from": "2027-02-01", "copy_from": desk.scheme });
    let copy = desk
        .coordinator
        .post("/api/v1/schemes", copy)
        .await
        .expect(201)
        .json["id"]
        .clone();
    let made = desk
        .send(Form::of(&copy).file("原文.pdf", &pdf()))
        .await
        .expect(201);
    let publish = format!("/api/v1/schemes/{}/publish", copy.as_str().expect("an id"));
    desk.coordinator.post(&publish, json!({})).await.expect(200);
    let party = desk.app.party("minmeng").await;
    party.get(&format!("{PATH}/{}", made.id())).await.expect(200);
}

#[tokio::test]
async fn a_new_version_supersedes_the_one_before() {
    let desk = Desk::new().await;
    let first = desk.upload("原文.pdf", &pdf()).await.expect(201);
    let other = desk.upload("照片.png", &png(3, 4)).await.expect(201);
    let second = desk
        .replace(&first.id(), "原文（更正）.pdf", b"%PDF-2")
        .await
        .expect(201);
    assert_eq!(second.json["version_number"], 2);
    assert_eq!(second.json["replaces"], first.json["id"]);
    desk.replace(&first.id(), "x.pdf", &pdf())
        .await
        .problem(409, "attachment_superseded");
    // Another kind of file may take its place.
    let third = desk
        .replace(&second.id(), "原文.png", &png(5, 6))
        .await
        .expect(201);
    assert_eq!(third.json["version_number"], 3);

    let path = |answer: &Answer| format!("{PATH}/{}", answer.id());
    let middle = desk.coordinator.get(&path(&second)).await.expect(200);
    assert_eq!(middle.json["replaces"], first.json["id"]);
    assert_eq!(middle.json["superseded_by"], third.json["id"]);
    assert_ne!(middle.etag(), second.etag());
    let content = desk
        .coordinator
        .get(&format!("{}/content", path(&second)))
        .await
        .expect(200);
    assert_eq!(content.bytes, b"%PDF-2");

    let current = list(&desk.scheme);
    let all = format!("{current}&include_ended=true");
    let user = &desk.coordinator;
    assert_eq!(ids(user, &current).await, [other.id(), third.id()]);
    assert_eq!(
        ids(user, &all).await,
        [first.id(), other.id(), second.id(), third.id()]
    );
    let newest = ids(user, &format!("{all}&sort=-created_at")).await;
    assert_eq!(newest, [third.id(), second.id(), other.id(), first.id()]);
    let chain = [first.id(), second.id(), third.id()];
    for version in [&first, &second, &third] {
        assert_eq!(ids(user, &format!("{}/versions", path(version))).await, chain);
    }
    let page = user
        .get(&format!("{all}&limit=3&with_total=true"))
        .await
        .expect(200);
    assert_eq!((page.items().len(), &page.json["total"]), (3, &json!(4)));
    let cursor = page.json["next_cursor"].as_str().expect("a cursor");
    assert_eq!(
        ids(user, &format!("{all}&limit=3&cursor={cursor}")).await,
        [third.id()]
    );
}

#[tokio::test]
async fn what_is_removed_is_gone_for_readers_and_stays_on_record() {
    let mut desk = Desk::new().await;
    desk.scheme = desk.draft().await;
    let first = desk.upload("原文.pdf", &pdf()).await.expect(201);
    let second = desk.replace(&first.id(), "原文.pdf", b"%PDF-2").await.expect(201);
    let third = desk
        .replace(&second.id(), "原文.pdf", b"%PDF-3")
        .await
        .expect(201);
    let path = |answer: &Answer| format!("{PATH}/{}", answer.id());
    let user = &desk.coordinator;
    user.send(Method::DELETE, &path(&second), None)
        .await
        .problem(428, "precondition_required");
    user.with("If-Match", &second.etag())
        .send(Method::DELETE, &path(&second), None)
        .await
        .problem(412, "precondition_failed");
    user.delete(&path(&second)).await.expect(204);
    for part in ["", "/content", "/versions"] {
        user.get(&format!("{}{part}", path(&second)))
            .await
            .problem(404, "not_found");
    }
    user.with("If-Match", "*")
        .send(Method::DELETE, &path(&second), None)
        .await
        .problem(404, "not_found");
    // Its neighbours close up; its number is not given again.
    assert_eq!(
        user.get(&path(&first)).await.expect(200).json["superseded_by"],
        third.json["id"]
    );
    assert_eq!(
        user.get(&path(&third)).await.expect(200).json["replaces"],
        first.json["id"]
    );
    user.delete(&path(&third)).await.expect(204);
    assert_eq!(ids(user, &list(&desk.scheme)).await, [first.id()]);
    desk.replace(&second.id(), "x.pdf", &pdf())
        .await
        .problem(422, "invalid");
    let fourth = desk.replace(&first.id(), "原文.pdf", b"%PDF-4").await.expect(201);
    assert_eq!(fourth.json["version_number"], 4);

    let records: Vec<(String, Option<Value>)> = audit_log::table
        .filter(audit_log::subject_type.eq("attachment"))
        .filter(audit_log::operation.eq("delete_attachment"))
        .order(audit_log::id)
        .select((audit_log::outcome, audit_log::before))
        .load(&mut desk.app.database.connect().await)
        .await
        .expect("audit records");
    let before: Vec<&Value> = records.iter().filter_map(|(_, before)| before.as_ref()).collect();
    assert_eq!(before.len(), 2);
    assert_eq!(before[0]["file_name"], "原文.pdf");
    assert_eq!(before[0]["sha256"], second.json["sha256"]);
}

/// Of what others read, other systems hear what was added and removed.
#[tokio::test]
async fn other_systems_hear_of_it_without_its_content() {
    let desk = Desk::new().await;
    let raised = json!({ "title": "联络不畅", "text": "信息交流时断时续。" });
    let raiser = desk.app.department("education").await;
    let report = raiser.post("/api/v1/problem-reports", raised).await.expect(201);
    let body = Form::new("problem_report", &report.json["id"])
        .file("说明.pdf", &pdf())
        .body();
    let made = raiser.send_raw(Method::POST, PATH, Some(body)).await.expect(201);
    raiser.delete(&format!("{PATH}/{}", made.id())).await.expect(204);
    let removed = json!({ "id": made.json["id"], "subject": made.json["subject"] });
    assert_eq!(
        desk.events().await,
        [
            ("attachment.added".to_owned(), made.json),
            ("attachment.removed".to_owned(), removed)
        ]
    );
}

#[tokio::test]
async fn what_hangs_on_a_draft_goes_with_it() {
    let desk = Desk::new().await;
    let draft = desk.draft().await;
    let made = desk
        .send(Form::of(&draft).file("草案.pdf", &pdf()))
        .await
        .expect(201);
    let scheme = format!("/api/v1/schemes/{}", draft.as_str().expect("an id"));
    desk.coordinator.delete(&scheme).await.expect(204);
    desk.coordinator
        .get(&format!("{PATH}/{}", made.id()))
        .await
        .problem(404, "not_found");
    let later = desk.app.clock.now() + chrono::TimeDelta::days(31);
    desk.app.clock.set(later);
    let swept = liaison::files::sweep::sweep(
        &desk.app.instance.db,
        &desk.app.instance.files,
        desk.app.instance.clock.now(),
    )
    .await
    .expect("a sweep");
    assert_eq!((swept.removed, desk.files().len()), (1, 0));
}

#[tokio::test]
async fn a_repeated_upload_is_one() {
    let desk = Desk::new().await;
    let user = desk.coordinator.with("Idempotency-Key", "upload-1");
    let send = async |form: Form| user.send_raw(Method::POST, PATH, Some(form.body())).await;
    let made = send(desk.form().file("a.pdf", &pdf())).await.expect(201);
    let again = send(desk.form().file("a.pdf", &pdf())).await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!((&again.json, again.etag()), (&made.json, made.etag()));
    for other in [
        desk.form().file("b.pdf", &pdf()),
        desk.form().file("a.pdf", b"%PDF-other"),
        desk.form().text("replaces", &made.id()).file("a.pdf", &pdf()),
    ] {
        send(other).await.problem(422, "idempotency_key_reused");
    }
    assert_eq!(ids(&user, &list(&desk.scheme)).await, [made.id()]);
    // The bytes of the repetitions did not stay.
    assert_eq!(desk.files().len(), 1);
}

#[tokio::test]
async fn of_eight_who_replace_the_same_version_one_wins() {
    let desk = Desk::with(&["--uploads-of-account", "8", "--uploads-of-address", "8"]).await;
    let first = desk.upload("a.pdf", &pdf()).await.expect(201);
    let replaced = first.id();
    let attempts = (0..8).map(|_| desk.replace(&replaced, "a.pdf", b"%PDF-2"));
    let answers = futures_util::future::join_all(attempts).await;
    let won = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(won, 1);
    for answer in answers.into_iter().filter(|answer| answer.status != 201) {
        answer.problem(409, "attachment_superseded");
    }
    assert_eq!(ids(&desk.coordinator, &list(&desk.scheme)).await.len(), 1);
    // What the others had sent did not stay.
    assert_eq!(desk.files().len(), 2);
}

#[tokio::test]
async fn two_hundred_are_enough() {
    let desk = Desk::new().await;
    for number in 0..200 {
        desk.upload(&format!("{number}.pdf"), b"%PDF-").await.expect(201);
    }
    desk.upload("201.pdf", b"%PDF-")
        .await
        .problem(409, "too_many_attachments");
    assert_eq!(desk.files().len(), 200);
}

/// The bytes are those that came, or none are given out.
#[tokio::test]
async fn a_store_that_lost_a_file_says_so() {
    let mut desk = Desk::new().await;
    desk.scheme = desk.draft().await;
    let made = desk.upload("a.pdf", &pdf()).await.expect(201);
    std::fs::remove_file(&desk.files()[0]).expect("removed");
    let content = format!("{PATH}/{}/content", made.id());
    desk.coordinator.get(&content).await.problem(500, "internal");
    // What is known of it can still be read, and it can be removed.
    desk.coordinator
        .delete(&format!("{PATH}/{}", made.id()))
        .await
        .expect(204);
}
