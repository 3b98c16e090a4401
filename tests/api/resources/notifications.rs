//! What an organization was told, and what each of its users has read of it.

use crate::support::{Answer, TestApp, User, at};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::db::schema::{audit_log, events, organizations, users};
use serde_json::json;
use uuid::Uuid;

const NOTIFICATIONS: &str = "/api/v1/notifications";

/// 民盟 has raised two problems, and the first was answered: three notices, two of them for 市委统战部.
async fn app() -> TestApp {
    let app = TestApp::new().await;
    let mut ids = Vec::new();
    for (at_, title) in [
        ("2026-03-02T01:30:00Z", "第一件"),
        ("2026-03-03T01:30:00Z", "第二件"),
    ] {
        app.clock.set(at(at_));
        let body = json!({ "title": title, "text": "信息交流时断时续。" });
        // Tokens last for minutes, on this clock, too.
        let party = app.party("minmeng").await;
        let report = party.post("/api/v1/problem-reports", body).await.expect(201);
        ids.push(report.json["id"].as_str().expect("an id").to_owned());
    }
    let path = format!("/api/v1/problem-reports/{}/answer", ids[0]);
    let coordinator = app.coordinator().await;
    coordinator
        .post(&path, json!({ "text": "已协调。" }))
        .await
        .expect(200);
    app
}

fn titles(answer: &Answer) -> Vec<&str> {
    let items = answer.items().iter();
    items
        .map(|item| item["title"].as_str().expect("a title"))
        .collect()
}

fn id(answer: &Answer, index: usize) -> String {
    answer.items()[index]["id"].as_str().expect("an id").to_owned()
}

async fn read(user: &User, id: &str) -> Answer {
    user.post(&format!("{NOTIFICATIONS}/{id}/read"), json!({})).await
}

const FIRST: &str = "民盟市委会反映问题：第一件";
const SECOND: &str = "民盟市委会反映问题：第二件";

#[tokio::test]
async fn the_newest_first_with_filters_and_pages() {
    let app = app().await;
    let coordinator = app.coordinator().await;
    let list = coordinator.get(NOTIFICATIONS).await.expect(200);
    assert_eq!(titles(&list), [SECOND, FIRST]);
    assert_eq!(list.json["unread_count"], 2);
    let newest = &list.items()[0];
    assert_eq!(newest["kind"], "problem_report_raised");
    assert_eq!(newest["level"], json!(null));
    assert_eq!(newest["subject"]["type"], "problem_report");
    assert_eq!(newest["created_at"], "2026-03-03T01:30:00Z");
    read(&coordinator, &id(&list, 0)).await.expect(204);
    for (query, expected) in [
        ("?unread=true", vec![FIRST]),
        ("?unread=false", vec![SECOND]),
        ("?kind=problem_report_raised", vec![SECOND, FIRST]),
        ("?kind=reminder", vec![]),
    ] {
        let list = coordinator
            .get(&format!("{NOTIFICATIONS}{query}"))
            .await
            .expect(200);
        assert_eq!(titles(&list), expected, "{query}");
        assert_eq!(list.json["unread_count"], 1);
    }
    let page = coordinator
        .get(&format!("{NOTIFICATIONS}?limit=1&with_total=true"))
        .await
        .expect(200);
    assert_eq!((titles(&page), &page.json["total"]), (vec![SECOND], &json!(2)));
    let cursor = page.json["next_cursor"].as_str().expect("a cursor");
    let rest = coordinator
        .get(&format!("{NOTIFICATIONS}?limit=1&cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!(
        (titles(&rest), &rest.json["next_cursor"]),
        (vec![FIRST], &json!(null))
    );
}

#[tokio::test]
async fn read_once_whoever_asks_twice_and_nobody_elses() {
    let app = app().await;
    let coordinator = app.coordinator().await;
    let notice = id(&coordinator.get(NOTIFICATIONS).await.expect(200), 0);
    let events = async || app.counts().await.1;
    let before = events().await;
    read(&coordinator, &notice).await.expect(204);
    let read_at = "2026-03-03T01:30:00Z";
    app.clock.set(at("2026-03-03T01:40:00Z"));
    read(&coordinator, &notice).await.expect(204);
    let list = coordinator.get(NOTIFICATIONS).await.expect(200);
    assert_eq!(list.items()[0]["read_at"], read_at);
    let mut conn = app.database.connect().await;
    let recorded: i64 = audit_log::table
        .filter(audit_log::operation.eq("read_notification"))
        .count()
        .get_result(&mut conn)
        .await
        .expect("audit_log");
    assert_eq!(
        (recorded, events().await),
        (1, before),
        "on record once, and no event"
    );
    read(&app.party("minmeng").await, &notice)
        .await
        .problem(404, "not_found");
    read(&coordinator, "0193d2a4-5c00-7000-8000-00000000ffff")
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn all_at_once() {
    let app = app().await;
    let (party, coordinator) = (app.party("minmeng").await, app.coordinator().await);
    let all = format!("{NOTIFICATIONS}/read-all");
    let read = coordinator.post(&all, json!({})).await.expect(200);
    assert_eq!(read.json, json!({ "read": 2 }));
    let again = coordinator.post(&all, json!({})).await.expect(200);
    assert_eq!(again.json, json!({ "read": 0 }));
    assert_eq!(coordinator.get(NOTIFICATIONS).await.json["unread_count"], 0);
    assert_eq!(party.get(NOTIFICATIONS).await.json["unread_count"], 1);
    let none = app.admin().await.post(&all, json!({})).await.expect(200);
    assert_eq!(none.json, json!({ "read": 0 }));
    assert_eq!(
        app.admin().await.get(NOTIFICATIONS).await.expect(200).json,
        json!({ "items": [], "next_cursor": null, "unread_count": 0 })
    );
}

#[tokio::test]
async fn who_moves_to_another_organization_leaves_its_notices_behind() {
    let app = app().await;
    let coordinator = app.coordinator().await;
    let notice = id(&coordinator.get(NOTIFICATIONS).await.expect(200), 0);
    let mut conn = app.database.connect().await;
    let office: Uuid = organizations::table
        .filter(organizations::code.eq("government-office"))
        .select(organizations::id)
        .first(&mut conn)
        .await
        .expect("the office");
    diesel::update(users::table.filter(users::username.eq("coordinator")))
        .set((
            users::organization_id.eq(office),
            users::organization_kind.eq("government_office"),
            users::role.eq("government_office"),
        ))
        .execute(&mut conn)
        .await
        .expect("a move");
    let moved = app.user("coordinator").await;
    let list = moved.get(NOTIFICATIONS).await.expect(200);
    assert_eq!((list.items().len(), &list.json["unread_count"]), (0, &json!(0)));
    read(&moved, &notice).await.problem(404, "not_found");
    let read = moved
        .post(&format!("{NOTIFICATIONS}/read-all"), json!({}))
        .await
        .expect(200);
    assert_eq!(read.json["read"], 0);
    let announced: i64 = events::table
        .filter(events::subject_type.eq("notification"))
        .count()
        .get_result(&mut conn)
        .await
        .expect("events");
    assert_eq!(announced, 0);
}
