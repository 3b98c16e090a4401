//! 后续事项: what the minutes give somebody to do.

use super::meetings::{convened, put, step, todos};
use crate::support::{at, newest_notice, on_a_monday};
use serde_json::json;

const FOLLOW_UPS: &str = "/api/v1/meeting-follow-ups";

#[tokio::test]
async fn a_follow_up_waits_for_its_owner_from_the_conclusion_on() {
    let app = on_a_monday().await;
    let host = app.department("education").await;
    let body = json!({
        "kind": "liaison_meeting", "title": "年度对口联系工作会议", "starts_at": "2026-02-16T01:00:00Z", "place": "市教育局",
        "invite": { "parties": ["minmeng"] },
    });
    let path = convened(&host, body).await;
    step(&host, &path, "hold").await.expect(200);
    // 市财政局 was not there, and has something to do.
    let minutes = json!({
        "text": "研究了年度工作。",
        "follow_ups": [
            { "text": "安排经费", "owner": "finance", "due_on": "2026-03-20" },
            { "text": "报送名单", "owner": "minmeng", "due_on": "2026-03-10" },
        ],
    });
    let unknown = json!({ "text": "纪要", "follow_ups": [{ "text": "x", "owner": "nobody", "due_on": "2026-03-10" }, {}] });
    let refused = put(&host, &path, "minutes", unknown)
        .await
        .problem(422, "invalid");
    let required = [
        "/follow_ups/0/owner unknown_reference",
        "/follow_ups/1/due_on required",
        "/follow_ups/1/owner required",
        "/follow_ups/1/text required",
    ];
    assert_eq!(refused.faults(), required);
    let unknown =
        json!({ "text": "纪要", "follow_ups": [{ "text": "x", "owner": "nobody", "due_on": "2026-03-10" }] });
    let refused = put(&host, &path, "minutes", unknown)
        .await
        .problem(422, "invalid");
    assert_eq!(refused.faults(), ["/follow_ups/0/owner unknown_reference"]);
    let written = put(&host, &path, "minutes", minutes).await.expect(200);
    let id = written.json["follow_ups"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let one = format!("{FOLLOW_UPS}/{id}");
    let owner = app.department("finance").await;
    owner.get(&path).await.problem(404, "not_found");
    host.get(&one).await.problem(404, "not_found");
    step(&host, &path, "conclude").await.expect(200);
    owner.get(&path).await.expect(200);
    assert_eq!(todos(&owner).await, ["complete_meeting_follow_up"]);
    let waiting = owner.get("/api/v1/me/todos").await.expect(200);
    let todo = waiting
        .items()
        .iter()
        .find(|one| one["kind"] == "complete_meeting_follow_up")
        .cloned()
        .expect("a to-do");
    assert_eq!(
        (&todo["due_on"], &todo["link"]),
        (&json!("2026-03-20"), &json!(one))
    );
    assert_eq!(newest_notice(&owner).await["kind"], "meeting_concluded");
    let list = app.party("minmeng").await.get(FOLLOW_UPS).await.expect(200);
    let texts: Vec<_> = list.items().iter().map(|one| &one["text"]).collect();
    assert_eq!(texts, ["报送名单", "安排经费"]);
    app.department("health")
        .await
        .get(&one)
        .await
        .problem(404, "not_found");

    app.clock.set(at("2026-03-23T01:00:00Z"));
    let (host, owner) = (app.department("education").await, app.department("finance").await);
    for (query, expected) in [
        ("?overdue=true", 2),
        ("?owner=finance", 1),
        ("?done=true", 0),
        ("?overdue=false", 0),
        ("?limit=1", 1),
    ] {
        let list = host.get(&format!("{FOLLOW_UPS}{query}")).await.expect(200);
        assert_eq!(list.items().len(), expected, "{query}");
    }
    let done = json!({ "text": "已列入二季度预算。" });
    let complete = format!("{one}/complete");
    host.post(&complete, done.clone()).await.problem(403, "not_yours");
    let completed = owner.post(&complete, done.clone()).await.expect(200);
    assert_eq!(
        (&completed.json["state"], &completed.json["overdue"]),
        (&json!("done"), &json!(true))
    );
    owner.post(&complete, done).await.problem(409, "step_not_allowed");
    assert!(todos(&owner).await.is_empty());
    let notice = newest_notice(&host).await;
    assert!(
        notice["text"]
            .as_str()
            .expect("a text")
            .contains("已列入二季度预算。"),
        "{notice}"
    );
    let csv = owner
        .with("Accept", "text/csv")
        .get(FOLLOW_UPS)
        .await
        .expect(200)
        .text();
    assert!(csv.contains("安排经费") && csv.contains("已完成"), "{csv}");
    let cursor = host
        .get(&format!("{FOLLOW_UPS}?limit=1&sort=-due_on"))
        .await
        .expect(200);
    let next = cursor.json["next_cursor"].as_str().expect("a cursor");
    let rest = host
        .get(&format!("{FOLLOW_UPS}?limit=1&sort=-due_on&cursor={next}"))
        .await
        .expect(200);
    assert_eq!(rest.items()[0]["text"], "报送名单");
}
