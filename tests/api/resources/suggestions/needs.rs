//! What a step needs is required by the schema of its body.

use crate::support::suggestions::{Table, communication, path, raised, receipt, reply};
use crate::support::{Answer, User, on_a_monday};
use serde_json::{Value, json};

/// Without one field, with it blank or empty, and with null.
async fn refused(user: &User, to: &str, body: Value, field: &str, empty: (Value, &str)) -> Vec<Answer> {
    let mut without = body.clone();
    without.as_object_mut().expect("a body").remove(field);
    let (mut blank, mut null) = (body.clone(), body);
    blank[field] = empty.0;
    null[field] = Value::Null;
    let mut answers = Vec::new();
    for (body, code) in [(without, "required"), (blank, empty.1), (null, "wrong_type")] {
        let answer = user.post(to, body).await.problem(422, "invalid");
        let (place, fault) = (format!("/{field}"), answer.faults());
        assert_eq!(fault, [format!("{place} {code}")]);
        answers.push(answer);
    }
    answers
}

#[tokio::test]
async fn replies_receipts_and_communications_need_what_makes_them_valid() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let id = table.talked(raised("答复", "education")).await;
    let to = |step: &str| format!("{}/{step}", path(&id));
    let blank = || (json!(" "), "blank");
    for field in ["document_number", "signatory"] {
        refused(&table.lead, &to("reply"), reply("A"), field, blank()).await;
    }
    let none = (json!([]), "too_few");
    refused(&table.lead, &to("communicate"), communication(), "persons", none).await;
    table.lead.post(&to("reply"), reply("A")).await.expect(200);
    let receipts = "/api/v1/feedback-receipts";
    refused(
        &table.party,
        receipts,
        receipt(&id, "satisfied"),
        "signatory",
        blank(),
    )
    .await;
    table
        .party
        .post(receipts, receipt(&id, "satisfied"))
        .await
        .expect(201);
}
