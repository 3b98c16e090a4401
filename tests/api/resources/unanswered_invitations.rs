//! 邀请 that nobody has answered when the meeting begins.

use super::meetings::{clinic, convened, invitation, step, todos};
use super::statistics::figures;
use crate::support::{TestApp, User, at, newest_notice, on_a_monday};
use serde_json::{Value, json};

async fn own(user: &User, path: &str, whom: &str) -> Value {
    let list = user.get(&format!("{path}/invitations")).await.expect(200);
    let id = invitation(user, path, whom).await;
    let found = list.items().iter().find(|one| one["id"] == id.as_str());
    found.cloned().expect("an invitation")
}

/// Begins on a Tuesday morning, 10 March.
fn meeting() -> Value {
    let mut body = clinic();
    body["starts_at"] = "2026-03-10T01:00:00Z".into();
    body["ends_at"] = Value::Null;
    body
}

async fn is_asked(app: &TestApp, user: &str) -> bool {
    todos(&app.user(user).await)
        .await
        .contains(&"answer_invitation".to_owned())
}

#[tokio::test]
async fn the_to_do_ends_with_the_beginning_whether_the_runner_came_or_not() {
    let app = on_a_monday().await;
    let path = convened(&app.department("civil-affairs").await, meeting()).await;
    let minmeng = app.party("minmeng").await;
    let answer = format!(
        "{path}/invitations/{}/respond",
        invitation(&minmeng, &path, "minmeng").await
    );
    minmeng
        .post(&answer, json!({ "answer": "accepted" }))
        .await
        .expect(200);
    app.clock.set(at("2026-03-10T00:59:59Z"));
    assert!(is_asked(&app, "party-minge").await);
    assert_eq!(
        own(&app.party("minge").await, &path, "minge").await["never_answered"],
        false
    );
    // Without the runner: it is over by itself.
    app.clock.set(at("2026-03-10T01:00:00Z"));
    assert!(!is_asked(&app, "party-minge").await);
    let party = app.party("minge").await;
    let invited = own(&party, &path, "minge").await;
    assert_eq!(
        (&invited["answer"], &invited["never_answered"]),
        (&json!("pending"), &json!(true))
    );
    assert_eq!(own(&party, &path, "minmeng").await["never_answered"], false);
    let counts = party.get("/api/v1/me/todos").await.expect(200);
    assert_eq!(counts.json["counts"], json!([]), "{}", counts.json);
    // A runner that comes two weeks late reminds nobody, and puts it on record as of the beginning.
    app.clock.set(at("2026-03-25T02:00:00Z"));
    app.run_jobs().await;
    for user in ["party-minge", "coordinator"] {
        let told = app
            .user(user)
            .await
            .get("/api/v1/notifications?limit=200")
            .await
            .expect(200);
        assert!(told.items().iter().all(|one| one["kind"] != "reminder"), "{user}");
    }
    assert!(!is_asked(&app, "party-minge").await);
}

#[tokio::test]
async fn a_postponement_asks_again_also_after_it_was_to_begin() {
    let app = on_a_monday().await;
    let path = convened(&app.department("civil-affairs").await, meeting()).await;
    app.clock.set(at("2026-03-10T03:00:00Z"));
    app.run_jobs().await;
    let host = app.department("civil-affairs").await;
    let later = json!({ "starts_at": "2026-03-24T01:00:00Z", "reason": "场地调整" });
    host.post(&format!("{path}/postpone"), later).await.expect(200);
    assert!(is_asked(&app, "party-minge").await);
    let party = app.party("minge").await;
    let invited = own(&party, &path, "minge").await;
    assert_eq!(
        (&invited["answer"], &invited["never_answered"]),
        (&json!("pending"), &json!(false))
    );
    assert_eq!(newest_notice(&party).await["kind"], "meeting_postponed");
    app.clock.set(at("2026-03-24T01:00:01Z"));
    assert!(!is_asked(&app, "party-minge").await);
    assert_eq!(
        own(&app.party("minge").await, &path, "minge").await["never_answered"],
        true
    );
}

#[tokio::test]
async fn what_was_cancelled_or_recorded_afterwards_was_not_left_unanswered() {
    let app = on_a_monday().await;
    let host = app.department("civil-affairs").await;
    let off = convened(&host, meeting()).await;
    let mut past = meeting();
    past["starts_at"] = "2026-02-09T01:00:00Z".into();
    let recorded = convened(&host, past).await;
    let held = convened(&host, meeting()).await;
    host.post(&format!("{off}/cancel"), json!({ "reason": "场地停电" }))
        .await
        .expect(200);
    app.clock.set(at("2026-03-11T01:00:00Z"));
    let host = app.department("civil-affairs").await;
    step(&host, &held, "hold").await.expect(200);
    for (path, never) in [(&off, false), (&recorded, false), (&held, true)] {
        assert_eq!(own(&host, path, "minge").await["never_answered"], never, "{path}");
    }
    let coordinator = app.coordinator().await;
    let counted = coordinator
        .get("/api/v1/statistics/parties?year=2026&party=minge")
        .await
        .expect(200);
    let figures = figures(&counted.json["items"][0]["figures"]);
    assert_eq!(figures["invitations_unanswered"], (1, Some(1)));
}
