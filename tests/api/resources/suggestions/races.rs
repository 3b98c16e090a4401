//! Two at once: one wins, and nothing is there twice.

use crate::support::suggestions::{SUGGESTIONS, Table, acceptance, path, raised, receipt, reply};
use crate::support::{Answer, TestApp, User, on_a_monday};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::db::schema::{events, suggestion_steps, todos};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// As many rounds as the issue asks for.
const ROUNDS: usize = 50;

/// The same call by two clients, over two connections.
async fn both(one: &User, other: &User, path: &str, body: Value) -> (Answer, Answer) {
    futures_util::future::join(one.post(path, body.clone()), other.post(path, body)).await
}

fn one_won((first, second): &(Answer, Answer)) {
    let won = [first, second]
        .iter()
        .filter(|answer| answer.status.is_success())
        .count();
    let lost = [first, second]
        .iter()
        .filter(|answer| answer.status == 409)
        .count();
    assert_eq!((won, lost), (1, 1), "{} {}", first.text(), second.text());
}

/// Steps, events and open to-dos of a suggestion, each kind counted.
async fn doubled(app: &TestApp, id: &str, step: &str, event: &str) -> (i64, i64, usize) {
    let mut conn = app.database.connect().await;
    let id: Uuid = id.parse().expect("an id");
    let lines = suggestion_steps::table
        .filter(suggestion_steps::suggestion_id.eq(id))
        .filter(suggestion_steps::step.eq(step))
        .count()
        .get_result(&mut conn)
        .await
        .expect("steps");
    let told = events::table
        .filter(events::subject_id.eq(id))
        .filter(events::type_.eq(event))
        .count()
        .get_result(&mut conn)
        .await
        .expect("events");
    let open: Vec<(String, Uuid)> = todos::table
        .filter(todos::subject_id.eq(id))
        .filter(todos::closed_at.is_null())
        .select((todos::kind, todos::organization_id))
        .load(&mut conn)
        .await
        .expect("todos");
    let distinct: BTreeSet<&(String, Uuid)> = open.iter().collect();
    (lines, told, open.len() - distinct.len())
}

#[tokio::test]
async fn of_two_acceptances_one_wins() {
    let app = on_a_monday().await;
    let (table, again) = (Table::new(&app).await, app.department("education").await);
    for round in 0..ROUNDS {
        let id = table
            .submitted(raised(&format!("签收{round}"), "education"))
            .await;
        one_won(
            &both(
                &table.lead,
                &again,
                &format!("{}/accept", path(&id)),
                acceptance(),
            )
            .await,
        );
        assert_eq!(
            doubled(&app, &id, "accept", "suggestion.accepted").await,
            (1, 1, 0)
        );
    }
}

#[tokio::test]
async fn of_two_replies_one_wins() {
    let app = on_a_monday().await;
    let (table, again) = (Table::new(&app).await, app.department("education").await);
    for round in 0..ROUNDS {
        let id = table.talked(raised(&format!("答复{round}"), "education")).await;
        one_won(&both(&table.lead, &again, &format!("{}/reply", path(&id)), reply("B")).await);
        assert_eq!(doubled(&app, &id, "reply", "suggestion.replied").await, (1, 1, 0));
        let versions = table
            .party
            .get(&format!("{}/replies", path(&id)))
            .await
            .expect(200);
        assert_eq!(versions.items().len(), 1);
    }
    let promised = table.party.get("/api/v1/commitments?limit=200").await.expect(200);
    assert_eq!(promised.items().len(), ROUNDS);
}

#[tokio::test]
async fn of_two_receipts_one_wins() {
    let app = on_a_monday().await;
    let (table, again) = (Table::new(&app).await, app.party("minmeng").await);
    for round in 0..ROUNDS {
        let id = table.replied(raised(&format!("反馈{round}"), "education")).await;
        let body = receipt(&id, "satisfied");
        one_won(&both(&table.party, &again, "/api/v1/feedback-receipts", body).await);
        assert_eq!(
            doubled(&app, &id, "feedback-receipts", "suggestion.evaluated").await,
            (1, 1, 0)
        );
    }
    let receipts = table
        .party
        .get("/api/v1/feedback-receipts?limit=200")
        .await
        .expect(200);
    assert_eq!(receipts.items().len(), ROUNDS);
}

#[tokio::test]
async fn of_two_filings_one_wins_and_numbers_are_unique() {
    let app = on_a_monday().await;
    let (table, again) = (Table::new(&app).await, app.coordinator().await);
    let mut numbers = BTreeSet::new();
    for round in 0..ROUNDS {
        let id = table.replied(raised(&format!("备案{round}"), "education")).await;
        let filed = both(
            &table.coordinator,
            &again,
            &format!("{}/file", path(&id)),
            json!({}),
        )
        .await;
        one_won(&filed);
        let won = [filed.0, filed.1].into_iter().find(|answer| answer.status == 200);
        numbers.insert(
            won.expect("a winner").json["filing_number"]
                .as_str()
                .expect("a number")
                .to_owned(),
        );
        assert_eq!(doubled(&app, &id, "file", "suggestion.filed").await, (1, 1, 0));
    }
    assert_eq!(numbers.len(), ROUNDS);
}

#[tokio::test]
async fn eight_submissions_at_once_have_eight_numbers() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let other = app.another_instance().await;
    let there = other.party("minmeng").await;
    let mut drafts = Vec::new();
    for number in 0..8 {
        drafts.push(table.drafted(raised(&format!("提交{number}"), "education")).await);
    }
    let submitted = drafts.iter().enumerate().map(|(index, id)| {
        let user = if index % 2 == 0 { &table.party } else { &there };
        let at = format!("{}/submit", path(id));
        async move { user.post(&at, json!({ "no_secrets": true })).await.expect(200) }
    });
    let submitted = futures_util::future::join_all(submitted).await;
    let numbers: BTreeSet<&str> = submitted
        .iter()
        .filter_map(|one| one.json["number"].as_str())
        .collect();
    let expected: BTreeSet<String> = (1..=8)
        .map(|serial| format!("〔2026〕民盟-教育-{serial:03}"))
        .collect();
    assert_eq!(numbers, expected.iter().map(String::as_str).collect());
    assert_eq!(table.party.get(SUGGESTIONS).await.expect(200).items().len(), 8);
}
