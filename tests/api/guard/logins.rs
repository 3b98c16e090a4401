//! Guesses in a rush: no more are judged than the limit allows, and nothing tells the right one from the others past it.

use super::{LOGIN, refusals, within};
use crate::support::app::PASSWORD;
use crate::support::{Answer, TestApp, credentials};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// So many log-ins at once over the instances in turn, the right password at one place.
async fn rush(apps: &[&TestApp], username: &str, size: usize, right: Option<usize>) -> Vec<Answer> {
    let attempts = (0..size).map(|n| {
        let user = apps[n % apps.len()].anonymous();
        let password = match right == Some(n) {
            true => PASSWORD.to_owned(),
            false => format!("wrong-{n}"),
        };
        async move { user.post(LOGIN, credentials(username, &password)).await }
    });
    join_all(attempts).await
}

fn with_status(answers: &[Answer], status: u16) -> Vec<&Answer> {
    let alike = answers.iter().filter(|answer| answer.status == status);
    alike.collect()
}

/// What is said, but for what differs from request to request.
fn said(answers: &[&Answer]) -> BTreeSet<String> {
    let body = |answer: &&Answer| {
        let mut body = answer.json.clone();
        body["request_id"] = Value::Null;
        body.to_string()
    };
    answers.iter().map(body).collect()
}

#[tokio::test]
async fn a_rush_of_guesses_learns_no_more_than_the_limit_allows() {
    for (size, right, instances) in [(30, 17, 1), (60, 59, 1), (45, 22, 2)] {
        let app = TestApp::new().await;
        let other = app.another_instance().await;
        let apps = [&app, &other];
        let answers = rush(&apps[..instances], "party-minge", size, Some(right)).await;
        let (wrong, locked) = (with_status(&answers, 401), with_status(&answers, 429));
        let let_in = with_status(&answers, 200);
        assert_eq!(wrong.len(), 5, "{size}");
        assert_eq!(wrong.len() + locked.len() + let_in.len(), size);
        assert_eq!((said(&wrong).len(), said(&locked).len()), (1, 1));
        // The lock answers the right password as it answers any other.
        for password in [PASSWORD, "wrong"] {
            other
                .anonymous()
                .post(LOGIN, credentials("party-minge", password))
                .await
                .problem(429, "login_locked");
        }
    }
}

#[tokio::test]
async fn a_rush_at_an_unknown_name_is_answered_like_any_other() {
    let app = TestApp::new().await;
    for username in ["nobody", "party-minge"] {
        let answers = rush(&[&app], username, 30, None).await;
        assert_eq!(with_status(&answers, 401).len(), 5, "{username}");
        assert_eq!(with_status(&answers, 429).len(), 25, "{username}");
    }
}

#[tokio::test]
async fn the_limit_of_an_address_holds_in_a_rush_over_many_names() {
    let app = TestApp::with(&["--login-failures-of-address", "7"]).await;
    let attempts = (0..30).map(|n| {
        let user = app.anonymous();
        async move { user.post(LOGIN, credentials(&format!("name-{n}"), "wrong")).await }
    });
    let answers = join_all(attempts).await;
    assert_eq!(with_status(&answers, 401).len(), 7);
    assert_eq!(with_status(&answers, 429).len(), 23);
}

#[tokio::test]
async fn the_right_password_many_times_at_once_is_no_guess() {
    let app = TestApp::new().await;
    let attempts = (0..20).map(|_| {
        let user = app.anonymous();
        async move { user.post(LOGIN, credentials("party-minge", PASSWORD)).await }
    });
    for answer in join_all(attempts).await {
        answer.expect(200);
    }
    // Nothing of it counts against whoever mistypes later.
    for _ in 0..4 {
        app.anonymous()
            .post(LOGIN, credentials("party-minge", "wrong"))
            .await
            .problem(401, "login_failed");
    }
    app.anonymous()
        .post(LOGIN, credentials("party-minge", PASSWORD))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_stolen_token_guesses_the_password_no_faster() {
    let app = TestApp::new().await;
    let user = app.party("minge").await;
    let attempts = (0..30).map(|n| {
        let current = match n {
            29 => PASSWORD.to_owned(),
            n => format!("wrong-{n}"),
        };
        let body = json!({ "current_password": current, "new_password": "Blue-kettle-sings-4-tea" });
        let user = user.clone();
        async move { user.put("/api/v1/me/password", body).await }
    });
    let answers = join_all(attempts).await;
    assert!(with_status(&answers, 409).len() <= 5);
    let later = json!({ "current_password": PASSWORD, "new_password": "Blue-kettle-sings-4-tea" });
    let again = user.put("/api/v1/me/password", later).await.status.as_u16();
    // Locked, unless the right one was among those that were judged: then its session has ended.
    let changed = with_status(&answers, 204).len();
    assert_eq!(again, if changed == 1 { 401 } else { 429 });
}

#[tokio::test]
async fn one_refresh_token_many_times_at_once_has_one_successor() {
    let app = TestApp::new().await;
    let login = app
        .anonymous()
        .post(LOGIN, credentials("party-minge", PASSWORD))
        .await
        .expect(200);
    let attempts = (0..20).map(|_| {
        let (user, token) = (app.anonymous(), login.json["refresh_token"].clone());
        async move {
            let answer = user
                .post("/api/v1/auth/refresh", json!({ "refresh_token": token }))
                .await;
            answer.expect(200).json["refresh_token"].to_string()
        }
    });
    let successors: BTreeSet<String> = join_all(attempts).await.into_iter().collect();
    assert_eq!(successors.len(), 1);
}

#[tokio::test]
async fn a_locked_pair_is_one_record_a_minute_with_a_count() {
    let app = TestApp::new().await;
    rush(&[&app], "party-minge", 5, None).await;
    for n in 0..40 {
        let password = if n % 2 == 0 { PASSWORD } else { "wrong" };
        app.anonymous()
            .post(LOGIN, credentials("party-minge", password))
            .await
            .problem(429, "login_locked");
    }
    let locks = async || {
        let mut all = refusals(&app, "log_in").await;
        all.retain(|(problem, _)| problem == "login_locked");
        all
    };
    assert_eq!(locks().await, [("login_locked".to_owned(), None)]);
    app.clock.set(app.clock.now() + TimeDelta::seconds(61));
    within(Duration::from_secs(20), "the count is on record", async || {
        locks().await.len() == 2
    })
    .await;
    assert_eq!(locks().await[1].1, Some(json!({ "attempts": 40 })));
}
