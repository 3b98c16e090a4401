use crate::support::TestApp;
use crate::support::client::User;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::db::schema::events;
use liaison::text::document_number::parse;
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn the_notices_number_in_its_parts() {
    let number = parse("韶府办发函〔2020〕20号").expect("a number");
    assert_eq!(
        (number.agency.as_str(), number.year, number.serial),
        ("韶府办发函", 2020, 20)
    );
    for typed in [
        "韶府办发函[2020]20号",
        "韶府办发函［2020］20号",
        "韶府办发函（2020）20号",
        "韶府办发函(2020)20号",
        "韶府办发函【2020】20号",
        "韶府办发函﹝2020﹞20号",
        "韶府办发函〔２０２０〕２０号",
        "韶府办发函 〔2020〕 20号\u{200b}",
        "韶府办发函〖2020〗20号",
    ] {
        assert_eq!(parse(typed).expect("a number").text, "韶府办发函〔2020〕20号");
    }
    for refused in [
        "",
        "〔2020〕20号",
        "韶府办发函〔2020〕号",
        "韶府办发函〔2020〕020号",
        "韶府办发函〔20〕20号",
        "韶府办发函2020年20号",
        "韶府办发函〔2020〕20",
        "韶府办发函〔2020〕99999999999号",
        "韶府办〔发函〔2020〕20号",
        "无",
    ] {
        assert_eq!(parse(refused), None, "{refused}");
    }
}

proptest! {
    #[test]
    fn a_number_is_its_parts(agency in "[㐀-䶿一-鿿𠀀-𪛟]{1,30}", year in 1000..=9999i32, serial in 1..=i32::MAX, brackets in 0..5usize) {
        let (open, close) = [('〔', '〕'), ('[', ']'), ('［', '］'), ('(', ')'), ('（', '）')][brackets];
        let number = parse(&format!(" {agency}{open}{year}{close}{serial}号 ")).expect("a number");
        prop_assert_eq!(number.text, format!("{agency}〔{year}〕{serial}号"));
        prop_assert_eq!((number.agency, number.year, number.serial), (agency, year, serial));
    }

    #[test]
    fn no_text_confuses_the_parser(text in "\\PC{0,40}") {
        if let Some(number) = parse(&text) {
            prop_assert_eq!(parse(&number.text), Some(number));
        }
    }
}

async fn in_force(user: &User) -> Value {
    let list = user.get("/api/v1/schemes?state=in_force").await.expect(200);
    assert_eq!(list.items().len(), 1);
    list.items()[0].clone()
}

/// A draft with the pairs of the scheme in force.
async fn draft(coordinator: &User, from: &str) -> String {
    let current = in_force(coordinator).await["id"].clone();
    let body = json!({ "title": "对口联系方案（修订）", "effective_from": from, "copy_from": current });
    let made = coordinator.post("/api/v1/schemes", body).await.expect(201);
    made.json["id"].as_str().expect("an id").to_owned()
}

/// Its pairs as a body, without those that a filter drops.
async fn pairs(user: &User, scheme: &str, keep: impl Fn(&Value) -> bool) -> Vec<Value> {
    let path = format!("/api/v1/schemes/{scheme}/assignments?limit=200");
    let list = user.get(&path).await.expect(200);
    list.items()
        .iter()
        .filter(|item| keep(item))
        .map(|item| {
            json!({ "department": item["department"]["code"], "party": item["party"]["code"], "basis": item["basis"] })
        })
        .collect()
}

#[tokio::test]
async fn the_notice_is_in_force() {
    let app = TestApp::new().await;
    let scheme = in_force(&app.party("minge").await).await;
    assert_eq!(
        scheme["document"],
        json!({ "text": "韶府办发函〔2020〕20号", "agency": "韶府办发函", "year": 2020, "serial": 20 })
    );
    assert_eq!(scheme["effective_from"], "2020-03-07");
    assert_eq!(
        scheme["counts"],
        json!({ "departments": 23, "parties": 8, "assignments": 113, "common": 64, "designated": 49 })
    );
    let before = app
        .auditor()
        .await
        .get("/api/v1/schemes?as_of=2019-12-31")
        .await
        .expect(200);
    assert!(before.items().is_empty());
}

#[tokio::test]
async fn a_draft_is_edited_and_deleted() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let path = format!("/api/v1/schemes/{}", draft(&coordinator, "2027-01-01").await);
    let patch = json!({ "document_number": "韶府办发函(2026)5号", "note": "征求意见稿" });
    let patched = coordinator.patch(&path, patch).await.expect(200);
    assert_eq!(patched.json["document"]["text"], "韶府办发函〔2026〕5号");
    let cleared = coordinator
        .patch(&path, json!({ "document_number": null, "note": null }))
        .await
        .expect(200);
    assert_eq!(
        (&cleared.json["document"], &cleared.json["note"]),
        (&Value::Null, &Value::Null)
    );
    let taken = json!({ "document_number": "韶府办发函〔2020〕20号" });
    coordinator
        .patch(&path, taken)
        .await
        .problem(409, "document_number_taken");
    let wrong = coordinator
        .patch(&path, json!({ "document_number": "二十号" }))
        .await
        .problem(422, "invalid");
    assert_eq!(wrong.faults(), ["/document_number malformed"]);
    coordinator
        .send(reqwest::Method::DELETE, &path, None)
        .await
        .problem(428, "precondition_required");
    coordinator.delete(&path).await.expect(204);
    coordinator.get(&path).await.problem(404, "not_found");
}

#[tokio::test]
async fn what_is_published_is_never_edited() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await.with("If-Match", "*");
    let id = in_force(&coordinator).await["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let path = format!("/api/v1/schemes/{id}");
    let counts = app.counts().await;
    coordinator
        .send(reqwest::Method::PATCH, &path, Some(json!({ "title": "新" })))
        .await
        .problem(409, "scheme_published");
    coordinator
        .send(reqwest::Method::DELETE, &path, None)
        .await
        .problem(409, "scheme_published");
    coordinator
        .put(&format!("{path}/assignments"), json!({ "items": [] }))
        .await
        .problem(409, "scheme_published");
    coordinator
        .post(&format!("{path}/publish"), json!({}))
        .await
        .problem(409, "scheme_published");
    assert_eq!(app.counts().await, counts);
}

#[tokio::test]
async fn anothers_draft_does_not_exist() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let id = draft(&coordinator, "2027-01-01").await;
    let nowhere = "0193d2a4-5c00-7000-8000-00000000ffff";
    for (role, user) in app.one_of_each_role().await {
        let list = user.get("/api/v1/schemes?include_ended=true").await.expect(200);
        if role == "coordinator" {
            assert_eq!(list.items().len(), 2);
            user.get(&format!("/api/v1/schemes/{id}/diff")).await.expect(200);
            continue;
        }
        assert_eq!(list.items().len(), 1, "{role}");
        let drafts = user.get("/api/v1/schemes?state=draft").await.expect(200);
        assert!(drafts.items().is_empty(), "{role}");
        for path in ["", "/assignments", "/diff"] {
            let of = async |id: &str| {
                let answer = user.get(&format!("/api/v1/schemes/{id}{path}")).await;
                let mut body = answer.problem(404, "not_found").json;
                body["request_id"] = Value::Null;
                body["instance"] = Value::Null;
                body
            };
            assert_eq!(of(&id).await, of(nowhere).await, "{role} {path}");
        }
        let published = list.items()[0]["id"].as_str().expect("an id");
        for query in [
            format!("/api/v1/assignments?scheme={id}"),
            format!("/api/v1/assignments/matrix?scheme={id}"),
            format!("/api/v1/schemes/{published}/diff?against={id}"),
        ] {
            let faults = user.get(&query).await.problem(422, "invalid").faults();
            let known = user
                .get(&query.replace(&id, nowhere))
                .await
                .problem(422, "invalid")
                .faults();
            assert_eq!(faults, known, "{role} {query}");
        }
    }
}

#[tokio::test]
async fn pairs_are_replaced_whole_and_every_fault_named() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let id = draft(&coordinator, "2027-01-01").await;
    let path = format!("/api/v1/schemes/{id}/assignments");
    let pair = |department: &str, party: &str| json!({ "department": department, "party": party, "basis": "designated" });
    let items = json!({ "items": [
        pair("education", "minge"), pair("nobody", "minge"), pair("education", "justice"), pair("education", "minge")] });
    let wrong = coordinator
        .put(&path, items.clone())
        .await
        .problem(422, "invalid");
    assert_eq!(
        wrong.faults(),
        [
            "/items/1/department unknown_reference",
            "/items/2/party unknown_reference",
            "/items/3 repeated"
        ]
    );
    let right = json!({ "items": [pair("education", "minge"), pair("justice", "minmeng")] });
    coordinator
        .put(&path, right.clone())
        .await
        .problem(428, "precondition_required");
    let etag = coordinator
        .get(&format!("/api/v1/schemes/{id}"))
        .await
        .expect(200)
        .etag();
    let matching = coordinator.with("If-Match", &etag);
    let set = matching.put(&path, right.clone()).await.expect(200);
    assert_eq!(set.items().len(), 2);
    matching
        .put(&path, right)
        .await
        .problem(412, "precondition_failed");
    let scheme = coordinator
        .get(&format!("/api/v1/schemes/{id}"))
        .await
        .expect(200);
    assert_eq!(scheme.json["counts"]["assignments"], 2);
}

#[tokio::test]
async fn a_draft_against_the_scheme_in_force() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let id = draft(&coordinator, "2027-01-01").await;
    let is = |item: &Value, department: &str| item["department"]["code"] == department;
    let mut items = pairs(&coordinator, &id, |item| !is(item, "justice")).await;
    items.push(json!({ "department": "financial-affairs", "party": "minge", "basis": "designated" }));
    for item in &mut items {
        if item["department"] == "commerce" {
            item["basis"] = json!("common");
        }
    }
    let path = format!("/api/v1/schemes/{id}");
    coordinator
        .with("If-Match", "*")
        .put(&format!("{path}/assignments"), json!({ "items": items }))
        .await
        .expect(200);
    let diff = coordinator.get(&format!("{path}/diff")).await.expect(200).json;
    assert_eq!(
        diff["counts"],
        json!({ "added": 1, "removed": 1, "kept": 109, "changed_basis": 3 })
    );
    assert_eq!(diff["added"][0]["department"]["name"], "市金融局");
    assert_eq!(diff["removed"][0]["department"]["code"], "justice");
    assert_eq!(diff["changed_basis"][0]["basis_before"], "designated");
    let itself = coordinator
        .get(&format!("{path}/diff?against={id}"))
        .await
        .expect(200);
    assert_eq!(itself.json["counts"]["kept"], 113);
}

#[tokio::test]
async fn a_publication_ends_the_scheme_before_it() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let old = in_force(&coordinator).await["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let today = app.clock.today();
    let id = draft(&coordinator, &today.to_string()).await;
    let published = coordinator
        .post(&format!("/api/v1/schemes/{id}/publish"), json!({}))
        .await
        .expect(200);
    assert_eq!(published.json["state"], "in_force");
    let before = coordinator
        .get(&format!("/api/v1/schemes/{old}"))
        .await
        .expect(200);
    assert_eq!(
        (
            before.json["state"].as_str(),
            before.json["effective_until"].as_str()
        ),
        (Some("superseded"), Some(today.to_string().as_str()))
    );
    let shown = |answer: crate::support::client::Answer| answer.expect(200).items().len();
    let party = app.party("minge").await;
    assert_eq!(shown(party.get("/api/v1/schemes").await), 1);
    assert_eq!(shown(party.get("/api/v1/schemes?include_ended=true").await), 2);
    let then = party.get("/api/v1/schemes?as_of=2021-01-01").await.expect(200);
    assert_eq!(then.items()[0]["id"], old.as_str());
    let all = party
        .get("/api/v1/assignments?include_ended=true&limit=1&with_total=true")
        .await
        .expect(200);
    assert_eq!(all.json["total"], 226);
    let types: Vec<String> = events::table
        .filter(events::subject_type.eq("scheme"))
        .order(events::id)
        .select(events::type_)
        .load(&mut app.database.connect().await)
        .await
        .expect("events");
    assert_eq!(
        types,
        ["scheme.published", "scheme.published", "scheme.superseded"]
    );
}

#[tokio::test]
async fn what_stands_in_the_way_of_a_publication() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let publish = async |id: &str| {
        coordinator
            .post(&format!("/api/v1/schemes/{id}/publish"), json!({}))
            .await
    };
    let body = json!({ "title": "空", "effective_from": "2027-01-01" });
    let empty = coordinator.post("/api/v1/schemes", body).await.expect(201);
    publish(empty.json["id"].as_str().expect("an id"))
        .await
        .problem(409, "scheme_incomplete");

    let early = draft(&coordinator, "2020-03-07").await;
    publish(&early).await.problem(409, "scheme_dates");

    let id = draft(&coordinator, "2027-01-01").await;
    let gone = |item: &Value| item["department"]["code"] == "audit" && item["party"]["code"] == "minge";
    let items = pairs(&coordinator, &id, |item| !gone(item)).await;
    coordinator
        .with("If-Match", "*")
        .put(
            &format!("/api/v1/schemes/{id}/assignments"),
            json!({ "items": items }),
        )
        .await
        .expect(200);
    let answer = publish(&id).await.problem(409, "scheme_incomplete");
    assert_eq!(
        answer.json["gaps"],
        json!([{ "reason": "common_without_party", "organization": "audit", "party": "minge" }])
    );

    let id = draft(&coordinator, "2027-01-01").await;
    coordinator
        .post(
            "/api/v1/departments/financial-affairs/merge",
            json!({ "into": "finance" }),
        )
        .await
        .expect(200);
    let answer = publish(&id).await.problem(409, "scheme_incomplete");
    assert_eq!(
        answer.json["gaps"],
        json!([{ "reason": "organization_not_standing", "organization": "financial-affairs" }])
    );
}

#[tokio::test]
async fn of_two_publications_at_once_one_wins() {
    let app = TestApp::new().await;
    let other = app.another_instance().await;
    let (here, there) = (app.coordinator().await, other.coordinator().await);
    let path = |id: &str| format!("/api/v1/schemes/{id}/publish");
    let statuses = async |one: String, two: String| {
        let (one, two) = tokio::join!(here.post(&one, json!({})), there.post(&two, json!({})));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        statuses
    };
    let same = draft(&here, "2027-01-01").await;
    assert_eq!(statuses(path(&same), path(&same)).await, [200, 409]);
    let one = draft(&here, "2027-02-01").await;
    let two = draft(&here, "2027-02-01").await;
    assert_eq!(statuses(path(&one), path(&two)).await, [200, 409]);
    let scheduled = here.get("/api/v1/schemes?state=scheduled").await.expect(200);
    assert_eq!(scheduled.items().len(), 2);
}
