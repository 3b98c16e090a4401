//! Filters of an enumeration or a reference may stand several times, on every list: either is taken.

use crate::support::conformance::DOCUMENT;
use crate::support::suggestions::{Table, raised};
use crate::support::{Answer, TestApp, User};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Parameters that name one thing, and not which of many a list shows.
const ONE: [&str; 12] = [
    "sort",
    "subject_type",
    "subject_id",
    "scheme",
    "against",
    "figure",
    "part",
    "direction",
    "cursor",
    "request_id",
    "q",
    "name",
];

fn resolved(schema: &Value) -> &Value {
    match schema["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(&reference[1..]).expect("a schema"),
        None => schema,
    }
}

/// Query parameters of all lists, with the list's `operationId`.
fn filters() -> Vec<(String, Value)> {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let mut filters = Vec::new();
    for operation in paths.values().map(|item| &item["get"]) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        for parameter in parameters.filter(|one| one["in"] == "query") {
            filters.push((id.to_owned(), parameter.clone()));
        }
    }
    filters
}

#[test]
fn every_filter_of_an_enumeration_or_a_reference_is_declared_as_an_array() {
    let mut arrays = 0;
    for (operation, parameter) in filters() {
        let name = parameter["name"].as_str().expect("a name");
        let schema = resolved(&parameter["schema"]);
        if schema["type"] == "array" {
            assert_eq!(parameter["explode"], true, "{operation} {name}");
            assert_eq!(parameter["style"], "form", "{operation} {name}");
            assert_ne!(parameter["required"], true, "{operation} {name}");
            arrays += 1;
            continue;
        }
        let several_values = schema["enum"].as_array().is_some_and(|all| all.len() > 1);
        let reference = schema["format"] == "uuid";
        let organization = [
            "department",
            "party",
            "host",
            "sender",
            "recipient",
            "organization",
            "owner",
        ]
        .contains(&name);
        let of_attachment = operation == "list_attachments";
        assert!(
            ONE.contains(&name) || of_attachment || !(several_values || reference || organization),
            "{operation} {name} takes one value"
        );
    }
    assert!(arrays > 40, "{arrays} filters");
}

async fn ids(user: &User, query: &str) -> BTreeSet<String> {
    let list = user
        .get(&format!("/api/v1/suggestions?{query}"))
        .await
        .expect(200);
    titles(&list)
}

fn titles(list: &Answer) -> BTreeSet<String> {
    let titles = list.items().iter();
    titles
        .map(|one| one["title"].as_str().expect("a title").to_owned())
        .collect()
}

fn set(titles: &[&str]) -> BTreeSet<String> {
    titles.iter().map(|one| (*one).to_owned()).collect()
}

#[tokio::test]
async fn either_of_several_values_is_taken() {
    let app = TestApp::new().await;
    let (of_education, of_health) = (
        Table::of(&app, "minmeng", "education").await,
        Table::of(&app, "minge", "health").await,
    );
    of_education.submitted(raised("待签收", "education")).await;
    of_education.accepted(raised("办理中", "education")).await;
    of_health.replied(raised("已答复", "health")).await;
    let user = &of_education.coordinator;
    assert_eq!(
        ids(user, "state=submitted&state=accepted").await,
        set(&["待签收", "办理中"])
    );
    assert_eq!(
        ids(user, "state=accepted&state=replied").await,
        set(&["办理中", "已答复"])
    );
    // The same value twice says it once; of two filters both hold.
    assert_eq!(ids(user, "state=accepted&state=accepted").await, set(&["办理中"]));
    assert_eq!(
        ids(
            user,
            "lead_department=education&lead_department=health&state=replied&state=submitted"
        )
        .await,
        set(&["待签收", "已答复"])
    );
    assert_eq!(ids(user, "party=minge&party=minmeng").await.len(), 3);
    // A caller's reach stays what it is.
    assert_eq!(
        ids(&of_health.party, "party=minge&party=minmeng").await,
        set(&["已答复"])
    );

    let counts = user
        .get("/api/v1/suggestions/counts?state=submitted&state=replied")
        .await
        .expect(200);
    assert_eq!(counts.json["total"], 2, "{}", counts.json);
    let file = user
        .with("Accept", "text/csv")
        .get("/api/v1/suggestions?state=submitted&state=accepted")
        .await
        .expect(200);
    assert_eq!(file.text().lines().count(), 3, "{}", file.text());
    let figures = user
        .get("/api/v1/statistics/departments?year=2026&department=education&department=health")
        .await
        .expect(200);
    let rows = figures.json["items"].as_array().expect("rows");
    assert_eq!(rows.len(), 2);
    let pairs = user
        .get("/api/v1/assignments?department=education&department=health&party=minge&party=minmeng")
        .await
        .expect(200);
    let named = |pair: &Value| {
        let department = pair["department"]["code"].as_str().unwrap_or_default();
        let party = pair["party"]["code"].as_str().unwrap_or_default();
        ["education", "health"].contains(&department) && ["minge", "minmeng"].contains(&party)
    };
    assert!(pairs.items().len() > 1 && pairs.items().iter().all(named));
}

#[tokio::test]
async fn each_wrong_value_is_named_and_too_many_are_refused() {
    let app = TestApp::new().await;
    let user = app.coordinator().await;
    let faults = async |query: &str| {
        let refused = user.get(&format!("/api/v1/suggestions?{query}")).await;
        refused.problem(422, "invalid").faults()
    };
    assert_eq!(
        faults("state=submitted&state=sent&state=gone").await,
        ["state not_allowed", "state not_allowed"]
    );
    assert_eq!(
        faults("party=minge&party=nobody&party=noone").await,
        ["party unknown_reference", "party unknown_reference"]
    );
    // What says one thing stands once.
    assert_eq!(faults("round=1&round=2").await, ["round repeated"]);
    assert_eq!(
        faults("sort=-created_at&sort=created_at").await,
        ["sort repeated"]
    );
    let many: Vec<String> = (0..80).map(|number| format!("category=c{number}")).collect();
    assert_eq!(faults(&many.join("&")).await, ["category too_many"]);
}

#[tokio::test]
async fn a_cursor_belongs_to_the_set_whatever_its_order() {
    let app = TestApp::new().await;
    let table = Table::new(&app).await;
    for title in ["一", "二", "三"] {
        table.submitted(raised(title, "education")).await;
    }
    let user = &table.coordinator;
    let page = async |query: &str| user.get(&format!("/api/v1/suggestions?limit=1&{query}")).await;
    let first = page("state=submitted&state=accepted").await.expect(200);
    let cursor = first.json["next_cursor"].as_str().expect("a cursor").to_owned();
    let next = page(&format!("state=accepted&state=submitted&cursor={cursor}"))
        .await
        .expect(200);
    assert_ne!(titles(&next), titles(&first));
    for other in [
        "state=submitted",
        "state=submitted&state=replied",
        "state=submitted&state=accepted&state=replied",
    ] {
        let refused = page(&format!("{other}&cursor={cursor}")).await;
        assert_eq!(
            refused.problem(422, "invalid").faults(),
            ["cursor invalid_cursor"],
            "{other}"
        );
    }
    let link = first.header("link").expect("a link");
    assert_eq!(link.matches("state=").count(), 2, "{link}");
    let followed = user
        .get(
            link.trim_start_matches('<')
                .split('>')
                .next()
                .expect("an address"),
        )
        .await
        .expect(200);
    assert_eq!(titles(&followed), titles(&next));
    assert_eq!(json!(followed.items()), json!(next.items()));
}
