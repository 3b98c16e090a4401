//! What stands in a path and names nothing is 404 wherever it stands; what a browser may do with an answer is said with each.

use crate::support::{TestApp, User};
use diesel_async::SimpleAsyncConnection;
use liaison::policy::Op;
use liaison::policy::matrix::Access;
use reqwest::Method;
use serde_json::json;

/// What no name can hold, or none of ours: NUL alone and within, bytes that are no UTF-8, a surrogate, a control character,
/// a turn of the reading direction, and very long.
const NAMELESS: [&str; 7] = [
    "%00",
    "a%00b",
    "%FF%FE",
    "%ED%A0%80",
    "%1B%5B2J",
    "%E2%80%AEabc",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];

/// The path of an operation with the same text for every parameter.
fn filled(path: &str, text: &str) -> String {
    let parts = path.split('/').map(|part| match part.contains('{') {
        true => part.replace(
            &part[part.find('{').unwrap_or(0)..=part.rfind('}').unwrap_or(0)],
            text,
        ),
        false => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn nothing_in_a_path_breaks_the_service() {
    let app = TestApp::new().await;
    let mut users = app.one_of_each_role().await;
    users.insert(0, ("nobody", app.anonymous()));
    let of = |op: Op| -> &User {
        let role = match &op.row().access {
            Access::Public => "nobody",
            Access::LoggedIn => "coordinator",
            Access::ByRole(_) => op.roles()[0].as_str(),
        };
        &users.iter().find(|(name, _)| *name == role).expect("a user").1
    };
    let with_names = Op::ALL.iter().filter(|op| op.row().path.contains('{'));
    let mut asked = 0;
    for op in with_names {
        for text in NAMELESS {
            let method = Method::from_bytes(op.row().method.as_str().as_bytes()).expect("a method");
            let path = filled(op.row().path, text);
            let body = (method != Method::GET).then(|| json!({}));
            let answer = of(*op).send(method.clone(), &path, body).await;
            let status = answer.status.as_u16();
            let fits = match op.is_write() {
                // Faults of the body are named first.
                true => matches!(status, 404 | 415 | 422 | 428),
                false => status == 404,
            };
            // An address that is not in UTF-8 cannot be read at all.
            let fits = fits || status == 400 && ["%FF%FE", "%ED%A0%80"].contains(&text);
            assert!(fits, "{method} {path}: {status} {}", answer.text());
            asked += 1;
        }
    }
    assert!(asked > 500, "{asked}");
    let admin = app.admin().await;
    admin.get("/api/v1/users/%00").await.problem(404, "not_found");
    admin
        .get("/api/v1/users/admin%00")
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn no_answer_is_framed_and_each_says_what_it_may_load() {
    let app = TestApp::new().await;
    let user = app.anonymous();
    for path in [
        "/docs/",
        "/docs/swagger-ui-bundle.js",
        "/problems/not_found",
        "/problems/nothing",
        "/livez",
        "/openapi.json",
        "/api/v1/me",
        "/nowhere",
    ] {
        let answer = user.get(path).await;
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
        let runs_scripts = policy.contains("script-src 'self'") && !policy.contains("unsafe-eval");
        assert_eq!(runs_scripts, path.starts_with("/docs"), "{path}: {policy}");
    }
    // The page's only script of its own making is a file, too.
    assert!(!user.get("/docs/").await.expect(200).text().contains("<script>"));
}

/// What is computed for a draft is not computed for whoever may not see it: with the tables of it held, the answer that it does
/// not exist comes all the same, and so takes as long as any other such answer.
#[tokio::test]
async fn nothing_is_read_of_a_foreign_draft_before_the_right_is_looked_at() {
    let app = TestApp::with(&["--request-timeout-ms", "2000"]).await;
    let (author, other) = (app.department("education").await, app.department("health").await);
    for (resource, body, table) in [
        (
            "work-reports",
            json!({
                "department": "education", "title": "半年报告", "text": "本期开展对口联系。",
                "period": { "kind": "special", "from": "2025-01-01", "to": "2025-06-30" },
            }),
            "meetings",
        ),
        (
            "work-plans",
            json!({ "department": "education", "year": 2026, "items": [] }),
            "work_plan_items",
        ),
    ] {
        let draft = author
            .post(&format!("/api/v1/{resource}"), body)
            .await
            .expect(201);
        let path = draft.header("location").expect("a location").to_owned();
        author.get(&path).await.expect(200);
        let mut holder = app.database.connect().await;
        let hold = format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
        holder.batch_execute(&hold).await.expect("the lock");
        other.get(&path).await.problem(404, "not_found");
        author.get(&path).await.problem(503, "database_unavailable");
        holder.batch_execute("ROLLBACK").await.expect("the end of it");
    }
}
