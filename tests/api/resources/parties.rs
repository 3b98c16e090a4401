use crate::support::TestApp;
use crate::support::client::User;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::db::schema::{audit_log, events};
use liaison::text::phone::{self, Refusal};
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn phones_are_written_one_way() {
    for (typed, kept) in [
        ("13812345678", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("0086 138 1234 5678", "13812345678"),
        ("8613812345678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("0751-8880000", "0751-8880000"),
        ("07518880000", "0751-8880000"),
        ("（0751）8880000", "0751-8880000"),
        ("0751 8880000", "0751-8880000"),
        ("+86 751 8880000", "0751-8880000"),
        ("+86-0751-8880000", "0751-8880000"),
        ("020-83000000", "020-83000000"),
        ("02083000000", "020-83000000"),
        ("0751-8880000-801", "0751-8880000-801"),
        ("0751-8880000转801", "0751-8880000-801"),
        ("0751-8880000分机801", "0751-8880000-801"),
        ("0751-8880000 分机：801", "0751-8880000-801"),
        ("0751-8880000 ext. 801", "0751-8880000-801"),
        ("07518880000 EXT801", "0751-8880000-801"),
        ("0751-8880000x801", "0751-8880000-801"),
        ("0751-8880000#801", "0751-8880000-801"),
        ("0751 8880000 801", "0751-8880000-801"),
        ("010-8888888-8", "010-8888888-8"),
        ("0755-8888-8888", "0755-88888888"),
        ("0751-888-1234", "0751-8881234"),
        ("0751.888.1234", "0751-8881234"),
        ("+86(0)751-8880000", "0751-8880000"),
        ("+86 (0)751 888 0000 转 12", "0751-8880000-12"),
        ("0086 755 8888 8888", "0755-88888888"),
        ("86-755-88888888", "0755-88888888"),
        ("０７５１－８８８００００", "0751-8880000"),
        ("\u{202a}0751-8880000\u{202c}", "0751-8880000"),
        ("\u{feff}138\u{200b}12345678\u{ad}", "13812345678"),
        ("0751—8880000", "0751-8880000"),
        ("12345", "12345"),
        ("0751-12345", "0751-12345"),
        ("110", "110"),
        ("95588", "95588"),
        ("10086", "10086"),
        ("400-888-8888", "4008888888"),
        ("400 8888 888", "4008888888"),
        ("800-8888888", "8008888888"),
        ("4008888888转2", "4008888888-2"),
    ] {
        assert_eq!(phone::normalized(typed).as_deref(), Ok(kept), "{typed}");
    }
    for (refused, why) in [
        ("", Refusal::Length),
        ("8880000", Refusal::NoArea),
        ("8888-8888", Refusal::NoArea),
        ("23812345678", Refusal::Length),
        ("1381234567", Refusal::Length),
        ("138123456789", Refusal::Length),
        ("0751-888", Refusal::Length),
        ("0751-0880000", Refusal::Length),
        ("015-8880000", Refusal::UnknownArea),
        ("call me", Refusal::Character),
        ("138x1234567", Refusal::Length),
        ("13812345678-801", Refusal::Length),
        ("0751-8880000/8880001", Refusal::Several),
        ("0751-8880000、8880001", Refusal::Several),
        ("+852 2810 0000", Refusal::Foreign),
        ("--", Refusal::Length),
    ] {
        assert_eq!(phone::normalized(refused), Err(why), "{refused}");
    }
    assert_eq!(phone::masked("13812345678"), "138****5678");
    assert_eq!(phone::masked("0751-8880000"), "0751-*****00");
    assert_eq!(phone::masked("0751-8880000-801"), "0751-*****00");
}

proptest! {
    #[test]
    fn what_is_kept_is_kept_again(text in "\\PC{0,30}") {
        if let Ok(kept) = phone::normalized(&text) {
            prop_assert_eq!(phone::normalized(&kept), Ok(kept.clone()));
            prop_assert!(phone::masked(&kept).contains("**"));
        }
    }

    #[test]
    fn however_a_mobile_is_typed(second in 3..=9u8, rest in "[0-9]{9}", prefix in "(|\\+86|0086|86)", gaps in proptest::collection::vec(0..3usize, 11)) {
        let number = format!("1{second}{rest}");
        let mut typed = prefix;
        for (digit, gap) in number.chars().zip(gaps) {
            typed.push(digit);
            typed.push_str(["", " ", "-"][gap]);
        }
        prop_assert_eq!(phone::normalized(typed.trim_end_matches('-')), Ok(number));
    }
}

const CONTACT: &str = "/api/v1/parties/minge/contact";
const PARTY: &str = "/api/v1/parties/minge";

async fn set_contact(app: &TestApp) {
    let party = app.party("minge").await;
    let body = json!({ "office": "办公室", "person": "李明", "phone": "138 1234 5678" });
    let etag = party.get(PARTY).await.expect(200).etag();
    let set = party.with("If-Match", &etag).put(CONTACT, body).await.expect(200);
    assert_eq!(set.json["contact"]["phone"], "13812345678");
}

async fn contact(user: &User) -> Value {
    user.get(PARTY).await.expect(200).json["contact"].clone()
}

#[tokio::test]
async fn the_notices_parties_in_its_order() {
    let app = TestApp::new().await;
    let list = app
        .admin()
        .await
        .get("/api/v1/parties?with_total=true")
        .await
        .expect(200);
    let names: Vec<&str> = list
        .items()
        .iter()
        .map(|item| item["short_name"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(
        names,
        [
            "民革",
            "民盟",
            "民建",
            "民进",
            "农工党",
            "九三学社",
            "工商联",
            "知联会"
        ]
    );
    let one_kind = app
        .admin()
        .await
        .get("/api/v1/parties?kind=democratic_party")
        .await
        .expect(200);
    assert_eq!(one_kind.items().len(), 6);
}

#[tokio::test]
async fn the_phone_is_for_those_who_call() {
    let app = TestApp::new().await;
    set_contact(&app).await;
    let whole = json!({ "office": "办公室", "person": "李明", "phone": "13812345678" });
    let masked = json!({ "office": "办公室", "person": "李明", "phone": "138****5678" });
    let hidden = json!({ "office": "办公室", "person": null, "phone": null });
    // 市司法局 liaises with 民革, 市教育局 does not, 市财政局 does with all.
    for (user, expected) in [
        (app.party("minge").await, &whole),
        (app.coordinator().await, &whole),
        (app.government_office().await, &whole),
        (app.department("justice").await, &whole),
        (app.department("finance").await, &whole),
        (app.department("education").await, &masked),
        (app.party("minmeng").await, &masked),
        (app.admin().await, &hidden),
        (app.security_admin().await, &hidden),
        (app.auditor().await, &hidden),
    ] {
        assert_eq!(&contact(&user).await, expected);
        let list = user.get("/api/v1/parties").await.expect(200);
        assert_eq!(&list.items()[0]["contact"], expected);
        let csv = user
            .with("Accept", "text/csv")
            .get("/api/v1/parties")
            .await
            .expect(200);
        assert_eq!(csv.text().contains("13812345678"), expected == &whole);
    }
}

#[tokio::test]
async fn a_whole_read_of_anothers_phone_is_put_on_record() {
    let app = TestApp::new().await;
    set_contact(&app).await;
    let reads = async || -> Vec<(String, String)> {
        audit_log::table
            .filter(audit_log::outcome.eq("read"))
            .order(audit_log::id)
            .select((audit_log::principal_name, audit_log::operation))
            .load(&mut app.database.connect().await)
            .await
            .expect("audit_log")
    };
    contact(&app.party("minge").await).await;
    contact(&app.department("education").await).await;
    contact(&app.auditor().await).await;
    assert_eq!(reads().await, []);
    contact(&app.department("justice").await).await;
    app.coordinator().await.get("/api/v1/parties").await.expect(200);
    let of = |user: &str, operation: &str| (user.to_owned(), operation.to_owned());
    assert_eq!(
        reads().await,
        [
            of("department-justice", "get_party"),
            of("coordinator", "list_parties")
        ]
    );
}

#[tokio::test]
async fn a_contact_is_the_partys_own() {
    let app = TestApp::new().await;
    let body = json!({ "phone": "0751-8880000" });
    let other = app.party("minmeng").await.with("If-Match", "*");
    other.put(CONTACT, body.clone()).await.problem(403, "not_yours");
    let party = app.party("minge").await;
    party
        .put(CONTACT, body.clone())
        .await
        .problem(428, "precondition_required");
    let stale = party.with("If-Match", "\"9-0\"");
    stale
        .put(CONTACT, body.clone())
        .await
        .problem(412, "precondition_failed");
    let wrong = party
        .with("If-Match", "*")
        .put(CONTACT, json!({ "phone": "111x", "office": " ", "mobile": "1" }))
        .await
        .problem(422, "invalid");
    assert_eq!(
        wrong.faults(),
        ["/mobile unknown_field", "/office blank", "/phone malformed"]
    );
    app.coordinator()
        .await
        .with("If-Match", "*")
        .put(CONTACT, body)
        .await
        .expect(200);
    let cleared = party
        .with("If-Match", "*")
        .put(CONTACT, json!({}))
        .await
        .expect(200);
    assert_eq!(
        cleared.json["contact"],
        json!({ "office": null, "person": null, "phone": null })
    );
}

#[tokio::test]
async fn what_is_announced_and_recorded_has_the_phone_masked() {
    let app = TestApp::new().await;
    set_contact(&app).await;
    let mut conn = app.database.connect().await;
    let event: Value = events::table
        .filter(events::type_.eq("party.contact_replaced"))
        .select(events::data)
        .first(&mut conn)
        .await
        .expect("the event");
    assert_eq!(event["contact"]["phone"], "138****5678");
    let after: Value = audit_log::table
        .filter(audit_log::operation.eq("replace_party_contact"))
        .select(audit_log::after.assume_not_null())
        .first(&mut conn)
        .await
        .expect("the record");
    assert_eq!(after["contact"]["phone"], "138****5678");
}

#[tokio::test]
async fn the_coordinator_establishes_mends_and_renames() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let body = json!({ "code": "zhigong", "name": "致公党市委会", "short_name": "致公党", "kind": "democratic_party" });
    let made = coordinator
        .post("/api/v1/parties", body.clone())
        .await
        .expect(201);
    assert_eq!(made.json["position"], 9);
    coordinator
        .post("/api/v1/parties", body)
        .await
        .problem(409, "code_taken");
    let patched = coordinator
        .patch("/api/v1/parties/zhigong", json!({ "position": 3 }))
        .await
        .expect(200);
    assert_eq!(patched.json["position"], 3);
    let name = json!({ "name": "民盟韶关市委会", "short_name": "民盟", "effective_from": "2026-03-01" });
    coordinator
        .post("/api/v1/parties/minmeng/rename", name)
        .await
        .expect(200);
    let before = coordinator
        .get("/api/v1/parties/minmeng?as_of=2026-02-28")
        .await
        .expect(200);
    assert_eq!(before.json["name"], "民盟市委会");
    let now = coordinator.get("/api/v1/parties/minmeng").await.expect(200);
    assert_eq!(
        (
            now.json["name"].as_str(),
            now.json["names"].as_array().map(Vec::len)
        ),
        (Some("民盟韶关市委会"), Some(2))
    );
    coordinator
        .get("/api/v1/parties/education")
        .await
        .problem(404, "not_found");
}
