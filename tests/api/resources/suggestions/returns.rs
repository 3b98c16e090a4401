//! 申退: once a lead and assignment.

use super::get;
use crate::support::suggestions::{Table, acceptance, path, raised, step};
use crate::support::{TestApp, User, actions_of, on_a_monday};
use serde_json::{Value, json};

fn back() -> Value {
    json!({ "reason": "职责不符。", "proposed_department": "health" })
}

/// Returned by its lead, and denied.
async fn denied(app: &TestApp, lead: &User, id: &str) -> Value {
    step(lead, id, "return", back()).await;
    let reason = json!({ "reason": "属你单位职责。" });
    step(&app.coordinator().await, id, "deny-return", reason).await
}

#[tokio::test]
async fn a_lead_whose_return_was_denied_does_not_return_it_again() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let id = table.submitted(raised("申退", "education")).await;
    assert!(actions_of(&get(&table.lead, &id).await).contains(&"return"));
    let after = denied(&app, &table.lead, &id).await;
    let returned = &after["handlings"][0]["returned"];
    assert_eq!(returned["denied_at"], after["updated_at"]);
    assert!(
        returned["at"].as_str() < returned["denied_at"].as_str(),
        "{returned}"
    );
    assert_eq!(actions_of(&get(&table.lead, &id).await), ["accept"]);
    let refused = table
        .lead
        .post(&format!("{}/return", path(&id)), back())
        .await
        .problem(409, "return_denied");
    assert_eq!(refused.json["allowed_actions"], json!(["accept"]));
    step(&table.lead, &id, "accept", acceptance()).await;
}

#[tokio::test]
async fn a_new_lead_may_return_it_and_so_may_the_first_when_it_comes_back() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let id = table.submitted(raised("申退", "education")).await;
    denied(&app, &table.lead, &id).await;
    let finance = app.department("finance").await;
    let to = |lead: &str| json!({ "lead_department": lead, "reason": "调整主办。" });
    step(&table.coordinator, &id, "reassign", to("finance")).await;
    app.clock.set(app.clock.now() + chrono::TimeDelta::minutes(1));
    // Its former lead reads that it was denied, and what came later not at all.
    denied(&app, &finance, &id).await;
    let seen = get(&table.lead, &id).await;
    assert!(seen["handlings"][0]["returned"]["denied_at"].is_string());
    assert_eq!(seen["handlings"][1]["returned"], Value::Null);
    step(&table.coordinator, &id, "reassign", to("education")).await;
    assert!(actions_of(&get(&table.lead, &id).await).contains(&"return"));
    step(&table.lead, &id, "return", back()).await;
}

/// What it took back itself was not denied.
#[tokio::test]
async fn a_return_that_is_not_decided_yet_is_no_denial() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let id = table.submitted(raised("申退", "education")).await;
    let returned = step(&table.lead, &id, "return", back()).await;
    assert_eq!(returned["handlings"][0]["returned"]["denied_at"], Value::Null);
    assert!(actions_of(&get(&table.lead, &id).await).contains(&"accept"));
}
