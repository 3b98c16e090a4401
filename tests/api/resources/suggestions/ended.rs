//! A deadline that ended without what it was for was not met.

use super::{day, get, on};
use crate::support::suggestions::{path, raised, step};
use crate::support::{User, on_a_monday};
use serde_json::{Value, json};

/// What a suggestion and its explained deadlines say of a kind: when met, when ended, whether late.
async fn said(user: &User, id: &str, kind: &str) -> Value {
    let suggestion = get(user, id).await;
    let explained = user.get(&format!("{}/deadlines", path(id))).await.expect(200);
    let brief = of_kind(&suggestion["deadlines"], "kind", kind);
    let whole = of_kind(&explained.json["items"], "kind", kind);
    for field in ["met_at", "ended_at", "overdue", "due_on"] {
        assert_eq!(brief[field], whole[field], "{kind} {field}");
    }
    let overdue = suggestion["overdue"].as_array().expect("a list").iter();
    let overdue: Vec<Value> = overdue
        .filter(|one| one["deadline"] == kind && one["due_on"] == brief["due_on"])
        .map(|one| json!([one["met_at"], one["ended_at"]]))
        .collect();
    match brief["overdue"] == true {
        true => assert_eq!(overdue, [json!([brief["met_at"], brief["ended_at"]])]),
        false => assert!(overdue.is_empty(), "{overdue:?}"),
    }
    json!([brief["met_at"], brief["ended_at"], brief["overdue"]])
}

fn of_kind(list: &Value, field: &str, kind: &str) -> Value {
    let found = list.as_array().expect("a list").iter();
    found
        .rev()
        .find(|one| one[field] == kind)
        .cloned()
        .unwrap_or_default()
}

const EVALUATION: &str = "evaluate_suggestion_reply";

#[tokio::test]
async fn an_evaluation_that_lapsed_was_never_met() {
    let app = on_a_monday().await;
    let table = day(&app, "2026-03-02").await;
    let silent = table.replied(raised("未评价", "education")).await;
    let slow = table.replied(raised("逾期评价", "education")).await;
    step(&table.coordinator, &silent, "file", json!({})).await;
    on(&app, "2026-03-24");
    app.run_jobs().await;
    let table = day(&app, "2026-03-25").await;
    let concluded = get(&table.party, &silent).await;
    assert_eq!(
        (&concluded["state"], &concluded["evaluation"]),
        (&json!("concluded"), &json!("lapsed"))
    );
    assert_eq!(
        said(&table.party, &silent, EVALUATION).await,
        json!([null, concluded["concluded_at"], true])
    );
    // What was evaluated late after all was met late.
    assert_eq!(
        said(&table.party, &slow, EVALUATION).await,
        json!([null, null, true])
    );
    let receipt = table.evaluate(&slow, "satisfied").await;
    let at = &receipt["created_at"];
    assert_eq!(said(&table.party, &slow, EVALUATION).await, json!([at, at, true]));
}

#[tokio::test]
async fn what_a_reassignment_or_a_withdrawal_ends_was_never_met() {
    let app = on_a_monday().await;
    let table = day(&app, "2026-03-02").await;
    let moved = table.submitted(raised("改派", "education")).await;
    let accepted = table.accepted(raised("撤回", "education")).await;
    let table = day(&app, "2026-03-10").await;
    let to = json!({ "lead_department": "finance", "reason": "由财政部门主办。" });
    let at = step(&table.coordinator, &moved, "reassign", to).await["updated_at"].clone();
    let seen = get(&table.coordinator, &moved).await;
    let former = &seen["deadlines"][0];
    assert_eq!(
        json!([former["met_at"], former["ended_at"], former["overdue"]]),
        json!([null, at, true])
    );
    assert_eq!(
        said(&table.coordinator, &moved, "accept_suggestion").await,
        json!([null, null, false])
    );
    let reason = json!({ "reason": "不提了。" });
    let withdrawn = step(&table.party, &accepted, "withdraw", reason).await;
    assert_eq!(
        said(&table.party, &accepted, "reply_to_suggestion").await,
        json!([null, withdrawn["withdrawn_at"], false])
    );
    let met = said(&table.party, &accepted, "accept_suggestion").await;
    assert_eq!((&met[0], &met[0]), (&met[1], &withdrawn["accepted_at"]));
}
