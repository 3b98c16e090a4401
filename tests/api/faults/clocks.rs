//! Machines whose clocks differ: the instances have one time all the same, the database's.

use super::eventually;
use crate::support::TestApp;
use crate::support::suggestions::{self, Table, raised, step};
use chrono::TimeDelta;
use liaison::clock::Clock;
use std::time::Duration;

async fn warnings(app: &TestApp) -> String {
    let reader = app.anonymous().with("Accept-Language", "en");
    reader.get("/readyz").await.expect(200).json["warnings"].to_string()
}

#[tokio::test]
async fn instances_have_the_databases_time_whatever_their_machines_say() {
    let app = TestApp::by(Clock::system(), &[]).await;
    assert!(!warnings(&app).await.contains("clock"));
    for seconds in [-1_200, 20, -3_600, 2] {
        let other = app
            .another_instance_by(Clock::wrong_by(TimeDelta::seconds(i64::from(seconds))))
            .await;
        let warning = warnings(&other).await;
        assert!(warning.contains("off the database's"), "{seconds}: {warning}");
        let apart = (other.clock.now() - app.clock.now()).abs();
        assert!(apart < TimeDelta::milliseconds(500), "{seconds}: {apart}");
        let text = other.anonymous().get("/metrics").await.expect(200).text();
        let line = text
            .lines()
            .find(|line| line.starts_with("liaison_clock_ahead_seconds "))
            .expect("the metric")
            .to_owned();
        let ahead: f64 = line
            .split(' ')
            .nth(1)
            .and_then(|value| value.parse().ok())
            .expect("seconds");
        assert!((ahead - f64::from(seconds)).abs() < 1.0, "{seconds}: {line}");
        // Whoever has logged in here is known there, and the other way round.
        for (here, there) in [(&app, &other), (&other, &app)] {
            let token = here.token("coordinator").await;
            there.with_token(&token).get("/api/v1/me").await.expect(200);
        }
    }
}

#[tokio::test]
async fn a_reply_by_an_instance_that_is_behind_counts() {
    let app = TestApp::by(Clock::system(), &[]).await;
    warnings(&app).await;
    let behind = app
        .another_instance_by(Clock::wrong_by(TimeDelta::minutes(-20)))
        .await;
    warnings(&behind).await;
    let here = Table::new(&app).await;
    let there = Table::new(&behind).await;
    let id = here.talked(raised("关于校园配餐", "education")).await;
    step(&there.lead, &id, "reply", suggestions::reply("A")).await;
    let figure = "/api/v1/statistics/suggestions";
    let figures = here.coordinator.get(figure).await.expect(200).json;
    let of = |name: &str| {
        let total = figures["total"].as_array().expect("figures").iter();
        let mut found = total.filter(|one| one["figure"] == name);
        found.next().expect("the figure")["numerator"].clone()
    };
    for name in ["suggestions_received", "suggestions_answered_in_time"] {
        assert_eq!(of(name), 1, "{name}: {figures}");
    }
}

#[tokio::test]
async fn an_account_that_is_disabled_is_noticed_by_every_clock() {
    let app = TestApp::by(Clock::system(), &[]).await;
    warnings(&app).await;
    let others = [
        TimeDelta::minutes(-20),
        TimeDelta::minutes(20),
        TimeDelta::hours(30),
    ];
    for (error, party) in others.into_iter().zip(["minmeng", "minjian", "minge"]) {
        let other = app.another_instance_by(Clock::wrong_by(error)).await;
        warnings(&other).await;
        let user = app.party(party).await;
        let there = other.with_token(user.token.as_deref().expect("a token"));
        there.get("/api/v1/me").await.expect(200);
        let admin = other.admin().await;
        let path = format!("/api/v1/users/party-{party}/disable");
        admin.post(&path, serde_json::json!({})).await.expect(200);
        eventually(Duration::from_secs(2), "it is noticed here", async || {
            user.get("/api/v1/me").await.status == 401
        })
        .await;
    }
}
