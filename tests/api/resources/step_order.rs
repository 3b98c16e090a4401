//! A step happens when its row is held: the order of a timeline is that of the states that it tells of.

use crate::support::suggestions::{self as life, Table, raised, step};
use crate::support::{TestApp, User};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

struct Line {
    step: String,
    state: String,
    at: DateTime<Utc>,
}

async fn timeline(user: &User, id: &str) -> Vec<Line> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let path = format!("{}/timeline", life::path(id));
    let list = user.get(&path).await.expect(200);
    let lines = list.items().iter().map(|line| Line {
        step: text(&line["step"]),
        state: text(&line["state"]),
        at: text(&line["at"]).parse().expect("an instant"),
    });
    lines.collect()
}

/// The last line tells the state; no line is before the one that it follows.
async fn agrees(user: &User, id: &str) -> Vec<Line> {
    let lines = timeline(user, id).await;
    let suggestion = user.get(&life::path(id)).await.expect(200).json;
    assert_eq!(
        lines.last().map(|line| line.state.as_str()),
        suggestion["state"].as_str()
    );
    assert!(lines.windows(2).all(|two| two[0].at <= two[1].at));
    lines
}

#[tokio::test]
async fn a_receipt_and_a_filing_in_one_moment_leave_a_timeline_that_is_right() {
    let app = TestApp::new().await;
    let other = app.another_instance().await;
    let table = Table::new(&app).await;
    let beside = Table::new(&other).await;
    for round in 0..24 {
        let id = table.replied(raised(&format!("第{round}件"), "education")).await;
        let file = format!("{}/file", life::path(&id));
        // On two instances of which one's clock, as it is set last, may be before what the other has written.
        let evaluated = table
            .party
            .post("/api/v1/feedback-receipts", life::receipt(&id, "satisfied"));
        let filed = beside.coordinator.post(&file, json!({}));
        let (evaluated, filed) = tokio::join!(evaluated, filed);
        evaluated.expect(201);
        filed.expect(200);
        let lines = agrees(&table.coordinator, &id).await;
        assert_eq!(lines.last().map(|line| line.step.as_str()), Some("conclude"));
    }
}

#[tokio::test]
async fn a_step_comes_after_the_one_before_it_although_a_clock_is_behind() {
    let app = TestApp::new().await;
    let table = Table::new(&app).await;
    let id = table.talked(raised("午餐午休", "education")).await;
    let before = table.lead.get(&life::path(&id)).await.expect(200).json["updated_at"].clone();
    let now = app.clock.now();
    // Another instance, another clock: twenty minutes, two seconds, a moment.
    for (behind, text) in [(1200, "一"), (2, "二"), (0, "三")] {
        app.clock.set(now - TimeDelta::seconds(behind));
        let said = json!({ "text": text, "next_on": "2030-01-01" });
        step(&Table::new(&app).await.lead, &id, "interim-reply", said).await;
    }
    app.clock.set(now - TimeDelta::seconds(30));
    let table = Table::new(&app).await;
    step(&table.lead, &id, "reply", life::reply("A")).await;
    let lines = agrees(&table.coordinator, &id).await;
    let steps: Vec<&str> = lines
        .iter()
        .rev()
        .take(4)
        .map(|line| line.step.as_str())
        .collect();
    assert_eq!(
        steps,
        ["reply", "interim-reply", "interim-reply", "interim-reply"]
    );
    let after = table.lead.get(&life::path(&id)).await.expect(200).json["updated_at"].clone();
    let instant = |value: &Value| {
        value
            .as_str()
            .expect("an instant")
            .parse::<DateTime<Utc>>()
            .expect("an instant")
    };
    assert!(instant(&after) > instant(&before));
}
