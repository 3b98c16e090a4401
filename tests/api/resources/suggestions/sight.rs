//! Who sees what: for whom it does not concern it does not exist, on no path.

use super::{get, on, steps, timeline};
use crate::support::suggestions::{
    SUGGESTIONS, Table, acceptance, communication, id, path, raised, reply, step,
};
use crate::support::{TestApp, User, on_a_monday};
use serde_json::{Value, json};

const NOWHERE: &str = "0193d2a4-5c00-7000-8000-00000000ffff";

/// The same answers but for what names the request.
async fn like_nothing(user: &User, foreign: &str, nothing: &str) {
    let (mut foreign, mut nothing) = (user.get(foreign).await, user.get(nothing).await);
    assert_eq!(foreign.status, nothing.status);
    for answer in [&mut foreign, &mut nothing] {
        answer.json["request_id"] = Value::Null;
        answer.json["instance"] = Value::Null;
    }
    assert_eq!(foreign.json, nothing.json);
}

#[tokio::test]
async fn whoever_has_no_part_in_it_gets_what_it_gets_for_nothing() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let talked = table.talked(raised("承诺", "education")).await;
    let replied = step(&table.lead, &talked, "reply", reply("B")).await;
    let receipt = table.evaluate(&talked, "satisfied").await;
    let draft = table.drafted(raised("草稿", "education")).await;
    for stranger in [app.party("minge").await, app.department("health").await] {
        for part in ["", "/timeline", "/deadlines", "/replies"] {
            like_nothing(
                &stranger,
                &format!("{}{part}", path(&talked)),
                &format!("{}{part}", path(NOWHERE)),
            )
            .await;
        }
        let commitment = id(&replied["commitments"][0]);
        for (collection, one) in [("commitments", commitment), ("feedback-receipts", id(&receipt))] {
            let (foreign, nothing) = (
                format!("/api/v1/{collection}/{one}"),
                format!("/api/v1/{collection}/{NOWHERE}"),
            );
            like_nothing(&stranger, &foreign, &nothing).await;
            let list = |of: &str| format!("/api/v1/{collection}?suggestion={of}");
            like_nothing(&stranger, &list(&talked), &list(NOWHERE)).await;
        }
        let papers =
            |kind: &str, of: &str| format!("/api/v1/attachments?subject_type={kind}&subject_id={of}");
        for (kind, one) in [
            ("suggestion", talked.clone()),
            ("suggestion_reply", id(&replied["reply"])),
            ("suggestion_communication", id(&replied["communications"][0])),
        ] {
            like_nothing(&stranger, &papers(kind, &one), &papers(kind, NOWHERE)).await;
        }
        for step in ["accept", "withdraw", "communicate", "correct"] {
            let body = match step {
                "accept" => acceptance(),
                "withdraw" => json!({ "reason": "不提了。" }),
                "communicate" => communication(),
                _ => json!({ "text": "更正。", "reason": "有误" }),
            };
            let foreign = stranger
                .post(&format!("{}/{step}", path(&talked)), body.clone())
                .await;
            let nothing = stranger.post(&format!("{}/{step}", path(NOWHERE)), body).await;
            assert_eq!(
                (foreign.status, &foreign.json["code"]),
                (nothing.status, &nothing.json["code"]),
                "{step}"
            );
        }
        assert!(stranger.get(SUGGESTIONS).await.expect(200).items().is_empty());
    }
    // A draft is its party's alone.
    for other in [&table.lead, &table.coordinator, &app.government_office().await] {
        like_nothing(other, &path(&draft), &path(NOWHERE)).await;
        like_nothing(
            other,
            &format!("{}/timeline", path(&draft)),
            &format!("{}/timeline", path(NOWHERE)),
        )
        .await;
    }
    // An evaluation of what one does not see is an evaluation of nothing.
    let stranger = app.party("minge").await;
    for of in [&talked, &draft, &NOWHERE.to_owned()] {
        let body = crate::support::suggestions::receipt(of, "satisfied");
        let refused = stranger
            .post("/api/v1/feedback-receipts", body)
            .await
            .problem(422, "invalid");
        assert_eq!(refused.faults(), ["/suggestion unknown_reference"]);
    }
}

/// What a joint department says stays between departments and the two offices.
#[tokio::test]
async fn parties_do_not_read_joint_opinions_anywhere() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let mut body = raised("会办", "education");
    body["joint_departments"] = json!(["health"]);
    body["joint_parties"] = json!(["minge"]);
    let id = table.drafted(body).await;
    let minge = app.party("minge").await;
    step(&table.party, &id, "request-signatures", json!({})).await;
    step(&minge, &id, "co-sign", json!({})).await;
    step(&table.party, &id, "submit", json!({ "no_secrets": true })).await;
    step(&table.lead, &id, "accept", acceptance()).await;
    let secret = "不宜公开的会办内容";
    step(&table.joint, &id, "opinion", json!({ "text": secret })).await;
    for party in [&table.party, &minge] {
        for at in [
            path(&id),
            format!("{}/timeline", path(&id)),
            SUGGESTIONS.to_owned(),
            "/api/v1/notifications".to_owned(),
            "/api/v1/me/todos".to_owned(),
        ] {
            let answer = party.get(&at).await.expect(200);
            assert!(!answer.text().contains(secret), "{at}");
        }
        let csv = party
            .with("Accept", "text/csv")
            .get(SUGGESTIONS)
            .await
            .expect(200);
        assert!(csv.text().contains("会办") && !csv.text().contains(secret));
        let given = timeline(party, &id).await;
        let opinion = given
            .iter()
            .find(|step| step["step"] == "opinion")
            .expect("the opinion");
        assert_eq!(
            (&opinion["actor"], &opinion["text"]),
            (&json!("市卫生健康局联络员"), &Value::Null)
        );
    }
    for reader in [
        &table.lead,
        &table.joint,
        &table.coordinator,
        &app.government_office().await,
    ] {
        assert!(reader.get(&path(&id)).await.expect(200).text().contains(secret));
        assert!(
            reader
                .get(&format!("{}/timeline", path(&id)))
                .await
                .expect(200)
                .text()
                .contains(secret)
        );
    }
}

async fn ids(user: &User, query: &str) -> Vec<String> {
    let list = user.get(&format!("{SUGGESTIONS}{query}")).await.expect(200);
    list.items().iter().map(id).collect()
}

/// A former lead reads up to its reassignment, and no question about what became of it is answered.
#[tokio::test]
async fn a_former_lead_reads_up_to_its_reassignment() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let suggestion = table.talked(raised("改派", "education")).await;
    on(&app, "2026-03-10");
    let table = Table::new(&app).await;
    let to = json!({ "lead_department": "finance", "reason": "由财政部门主办。" });
    step(&table.coordinator, &suggestion, "reassign", to).await;
    let left = get(&table.lead, &suggestion).await;
    let tag = table
        .lead
        .get(&path(&suggestion))
        .await
        .header("etag")
        .map(str::to_owned);
    on(&app, "2026-03-20");
    let (table, finance) = (Table::new(&app).await, app.department("finance").await);
    step(&finance, &suggestion, "accept", acceptance()).await;
    step(&finance, &suggestion, "communicate", communication()).await;
    step(&finance, &suggestion, "reply", reply("B")).await;
    table.evaluate(&suggestion, "satisfied").await;
    let seen = table.lead.get(&path(&suggestion)).await.expect(200);
    assert_eq!(seen.json, left);
    assert_eq!(seen.header("etag").map(str::to_owned), tag);
    assert_eq!(
        (&seen.json["state"], &seen.json["lead_department"]["code"]),
        (&json!("submitted"), &json!("finance"))
    );
    assert_eq!(seen.json["allowed_actions"], json!([]));
    assert_eq!(seen.json["communications"].as_array().map(Vec::len), Some(1));
    let story = timeline(&table.lead, &suggestion).await;
    assert_eq!(
        steps(&story),
        ["create", "submit", "accept", "communicate", "reassign"]
    );
    let deadlines = table
        .lead
        .get(&format!("{}/deadlines", path(&suggestion)))
        .await
        .expect(200);
    assert_eq!(deadlines.items().len(), 3);
    assert_eq!(deadlines.items()[2]["met_at"], Value::Null);
    assert!(
        table
            .lead
            .get(&format!("{}/replies", path(&suggestion)))
            .await
            .expect(200)
            .items()
            .is_empty()
    );
    for at in ["/api/v1/commitments", "/api/v1/feedback-receipts"] {
        assert!(table.lead.get(at).await.expect(200).items().is_empty(), "{at}");
    }
    let accept = table
        .lead
        .post(&format!("{}/accept", path(&suggestion)), acceptance())
        .await;
    accept.problem(403, "not_yours");
    assert_eq!(ids(&table.lead, "").await, [suggestion.as_str()]);
    assert_eq!(
        ids(&table.lead, "?party=minmeng&sort=-submitted_at").await,
        [suggestion]
    );
    for query in [
        "?state=replied",
        "?state=submitted",
        "?lead_department=finance",
        "?result=B",
        "?sort=-updated_at",
    ] {
        assert!(ids(&table.lead, query).await.is_empty(), "{query}");
    }
    let counts = table.lead.get(&format!("{SUGGESTIONS}/counts")).await.expect(200);
    assert_eq!(counts.json["total"], 0);
}

#[tokio::test]
async fn the_government_office_reads_and_does_nothing() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let id = table.replied(raised("抄送", "education")).await;
    let office = app.government_office().await;
    assert_eq!(get(&office, &id).await["allowed_actions"], json!([]));
    office
        .post(&format!("{}/file", path(&id)), json!({}))
        .await
        .problem(403, "role_not_allowed");
    office
        .post(SUGGESTIONS, raised("起草", "education"))
        .await
        .problem(403, "role_not_allowed");
    table
        .coordinator
        .post(SUGGESTIONS, raised("起草", "education"))
        .await
        .problem(403, "role_not_allowed");
    let admin: TestApp = app;
    admin
        .admin()
        .await
        .get(&path(&id))
        .await
        .problem(403, "role_not_allowed");
}
