use crate::support::TestApp;
use serde_json::{Value, json};

async fn renamed(app: &TestApp) {
    let coordinator = app.coordinator().await.with("X-Request-Id", "the-renaming");
    let body = json!({ "name": "市审计一局", "short_name": "审计" });
    coordinator
        .post("/api/v1/departments/audit/rename", body)
        .await
        .expect(200);
    let body = json!({ "code": "x", "name": "x", "short_name": "x" });
    let party = app.party("minge").await;
    party
        .post("/api/v1/departments", body)
        .await
        .problem(403, "role_not_allowed");
}

#[tokio::test]
async fn who_did_what_the_newest_first() {
    let app = TestApp::new().await;
    renamed(&app).await;
    let auditor = app.auditor().await;
    let list = auditor.get("/api/v1/audit-log?with_total=true").await.expect(200);
    let (refused, done) = (&list.items()[0], &list.items()[1]);
    assert_eq!(
        (
            &refused["outcome"],
            &refused["problem"],
            &refused["organization"]["name"]
        ),
        (
            &json!("refused"),
            &json!("role_not_allowed"),
            &json!("民革市委会")
        )
    );
    assert_eq!(
        (
            &done["operation"],
            &done["principal"]["name"],
            &done["request_id"]
        ),
        (
            &json!("rename_department"),
            &json!("coordinator"),
            &json!("the-renaming")
        )
    );
    assert_eq!(
        (&done["before"]["name"], &done["after"]["name"]),
        (&json!("市审计局"), &json!("市审计一局"))
    );
    assert_eq!(list.json["total"].as_u64(), Some(list.items().len() as u64));
}

#[tokio::test]
async fn filters_narrow_it() {
    let app = TestApp::new().await;
    renamed(&app).await;
    let auditor = app.auditor().await;
    let all = auditor.get("/api/v1/audit-log").await.expect(200);
    let done = all.items()[1].clone();
    let principal = done["principal"]["id"].as_str().expect("an id");
    let subject = done["subject_id"].as_str().expect("an id");
    for query in [
        "operation=rename_department".to_owned(),
        "request_id=the-renaming".to_owned(),
        format!("subject_id={subject}&subject_type=department"),
        format!("principal={principal}&outcome=done"),
        "principal=coordinator".to_owned(),
    ] {
        let list = auditor
            .get(&format!("/api/v1/audit-log?{query}"))
            .await
            .expect(200);
        assert_eq!(list.items(), std::slice::from_ref(&done), "{query}");
    }
    let at = done["occurred_at"].as_str().expect("an instant");
    let earlier = auditor
        .get(&format!("/api/v1/audit-log?until={at}&outcome=refused"))
        .await
        .expect(200);
    assert!(earlier.items().is_empty());
}

#[tokio::test]
async fn pages_neither_repeat_nor_skip() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    // Several of one instant: the clock stands.
    for position in 1..=7 {
        let body = json!({ "position": position });
        coordinator
            .patch("/api/v1/departments/audit", body)
            .await
            .expect(200);
    }
    let auditor = app.auditor().await;
    for sort in ["-occurred_at", "occurred_at"] {
        let whole = auditor
            .get(&format!("/api/v1/audit-log?sort={sort}&limit=200"))
            .await
            .expect(200);
        let mut path = format!("/api/v1/audit-log?sort={sort}&limit=2");
        let mut items: Vec<Value> = Vec::new();
        loop {
            let page = auditor.get(&path).await.expect(200);
            items.extend_from_slice(page.items());
            let Some(cursor) = page.json["next_cursor"].as_str() else {
                break;
            };
            path = format!("/api/v1/audit-log?sort={sort}&limit=2&cursor={cursor}");
        }
        assert_eq!(items, whole.items(), "{sort}");
        assert!(items.len() >= 7);
    }
}

#[tokio::test]
async fn taking_it_away_is_put_on_record() {
    let app = TestApp::new().await;
    renamed(&app).await;
    let auditor = app.auditor().await;
    let file = auditor
        .with("Accept", "text/csv")
        .get("/api/v1/audit-log?operation=rename_department")
        .await
        .expect(200);
    let text = file.text();
    assert!(
        text.starts_with("\u{feff}时间（北京时间）,操作者,角色,"),
        "{text}"
    );
    assert_eq!(text.matches("rename_department").count(), 1);
    let reads = auditor.get("/api/v1/audit-log?outcome=read").await.expect(200);
    assert_eq!(reads.items().len(), 1);
    assert_eq!(
        (
            &reads.items()[0]["subject_type"],
            &reads.items()[0]["after"]["format"]
        ),
        (&json!("audit_log"), &json!("csv"))
    );
}
