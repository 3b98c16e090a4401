//! What waits for whom, by due day.

use crate::support::suggestions::{Table, raised};
use crate::support::{Answer, TestApp, User, at, on_a_monday};
use serde_json::{Value, json};

const TODOS: &str = "/api/v1/me/todos";

async fn raise(user: &User, title: &str) -> String {
    let body = json!({ "title": title, "text": "信息交流时断时续。" });
    let report = user.post("/api/v1/problem-reports", body).await.expect(201);
    report.json["id"].as_str().expect("an id").to_owned()
}

fn titles(answer: &Answer) -> Vec<&str> {
    let items = answer.items().iter();
    items
        .map(|item| item["subject"]["title"].as_str().expect("a title"))
        .collect()
}

/// Three that were raised on three days; the first is answered, so that closing it has no deadline.
async fn three(app: &TestApp) -> Vec<String> {
    let mut ids = Vec::new();
    for day in ["2026-03-02", "2026-03-03", "2026-03-04"] {
        app.clock.set(at(&format!("{day}T01:30:00Z")));
        // Tokens last for minutes, on this clock, too.
        ids.push(raise(&app.party("minmeng").await, day).await);
    }
    let path = format!("/api/v1/problem-reports/{}/answer", ids[0]);
    app.coordinator()
        .await
        .post(&path, json!({ "text": "已协调。" }))
        .await
        .expect(200);
    ids
}

const FIRST: &str = "民盟市委会反映的问题：2026-03-02";
const SECOND: &str = "民盟市委会反映的问题：2026-03-03";
const THIRD: &str = "民盟市委会反映的问题：2026-03-04";

#[tokio::test]
async fn by_due_day_and_what_has_none_at_the_end() {
    let app = on_a_monday().await;
    let ids = three(&app).await;
    app.clock.set(at("2026-03-18T01:30:00Z"));
    let coordinator = app.coordinator().await;
    let list = coordinator.get(TODOS).await.expect(200);
    assert_eq!(titles(&list), [SECOND, THIRD, FIRST]);
    let first = &list.items()[0];
    assert_eq!(first["kind"], "answer_problem_report");
    assert_eq!(
        first["label"],
        json!({ "zh": "答复问题反映", "en": "Answer a problem report" })
    );
    assert_eq!(first["organization"]["code"], "united-front-work-department");
    assert_eq!(
        first["subject"],
        json!({ "type": "problem_report", "id": ids[1], "title": SECOND })
    );
    assert_eq!(first["link"], format!("/api/v1/problem-reports/{}", ids[1]));
    let due = |item: &Value| {
        json!([
            item["due_on"],
            item["overdue"],
            item["working_days_left"],
            item["opened_at"]
        ])
    };
    assert_eq!(
        due(first),
        json!(["2026-03-17", true, -1, "2026-03-03T01:30:00Z"])
    );
    assert_eq!(
        due(&list.items()[1]),
        json!(["2026-03-18", false, 0, "2026-03-04T01:30:00Z"])
    );
    assert_eq!(
        due(&list.items()[2]),
        json!([null, false, null, "2026-03-04T01:30:00Z"])
    );
}

#[tokio::test]
async fn filters_leave_the_counts_alone() {
    let app = on_a_monday().await;
    three(&app).await;
    app.clock.set(at("2026-03-18T01:30:00Z"));
    let coordinator = app.coordinator().await;
    for (query, expected) in [
        ("", vec![SECOND, THIRD, FIRST]),
        ("?overdue=true", vec![SECOND]),
        ("?overdue=false", vec![THIRD, FIRST]),
        ("?kind=close_problem_report", vec![FIRST]),
        ("?subject_type=problem_report", vec![SECOND, THIRD, FIRST]),
        ("?subject_type=liaison_leader", vec![]),
        ("?due_before=2026-03-18", vec![SECOND]),
        ("?due_before=2026-03-19", vec![SECOND, THIRD]),
    ] {
        let list = coordinator.get(&format!("{TODOS}{query}")).await.expect(200);
        assert_eq!(titles(&list), expected, "{query}");
        assert_eq!(
            list.json["counts"],
            json!([
                { "kind": "answer_problem_report", "count": 2, "overdue": 1 },
                { "kind": "close_problem_report", "count": 1, "overdue": 0 },
            ])
        );
    }
    coordinator
        .get(&format!("{TODOS}?kind=nothing"))
        .await
        .problem(422, "invalid");
}

#[tokio::test]
async fn pages_follow_one_another() {
    let app = on_a_monday().await;
    three(&app).await;
    let coordinator = app.coordinator().await;
    let mut path = format!("{TODOS}?limit=1&with_total=true");
    for expected in [SECOND, THIRD, FIRST] {
        let page = coordinator.get(&path).await.expect(200);
        assert_eq!(titles(&page), [expected]);
        assert_eq!(page.json["total"], 3);
        let Some(cursor) = page.json["next_cursor"].as_str() else {
            assert_eq!(expected, FIRST);
            assert!(page.header("link").is_none());
            return;
        };
        let link = page.header("link").expect("a link");
        assert!(link.contains(cursor) && link.contains("next"), "{link}");
        path = format!("{TODOS}?limit=1&with_total=true&cursor={cursor}");
    }
    panic!("a fourth page");
}

#[tokio::test]
async fn nothing_of_others_and_nothing_for_administrators() {
    let app = on_a_monday().await;
    three(&app).await;
    for user in [
        app.government_office().await,
        app.department("education").await,
        app.party("minmeng").await,
        app.admin().await,
        app.security_admin().await,
        app.auditor().await,
    ] {
        let list = user.get(TODOS).await.expect(200);
        assert_eq!(
            list.json,
            json!({ "items": [], "next_cursor": null, "counts": [] })
        );
    }
}

#[tokio::test]
async fn what_waited_for_a_department_waits_for_its_successor() {
    let app = on_a_monday().await;
    // Whoever has pairs and nobody on record is asked for a leader.
    app.run_jobs().await;
    let table = Table::of(&app, "minjian", "financial-affairs").await;
    table.submitted(raised("合并", "financial-affairs")).await;
    let coordinator = app.coordinator().await;
    coordinator
        .post(
            "/api/v1/departments/financial-affairs/merge",
            json!({ "into": "finance" }),
        )
        .await
        .expect(200);
    let list = app.department("finance").await.get(TODOS).await.expect(200);
    let mut owed_by: Vec<&str> = list
        .items()
        .iter()
        .filter_map(|item| item["organization"]["code"].as_str())
        .collect();
    owed_by.sort_unstable();
    // The suggestion is its successor's to accept; a leader of what has ended is asked of nobody.
    assert_eq!(owed_by, ["finance", "financial-affairs"]);
    let kinds = list.json["counts"].as_array().expect("counts").iter();
    let kinds: Vec<&Value> = kinds.map(|one| &one["kind"]).collect();
    assert_eq!(kinds, ["accept_suggestion", "appoint_liaison_leader"]);
}
