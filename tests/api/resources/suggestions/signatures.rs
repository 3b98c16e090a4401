//! A co-signature covers all that is submitted, papers included: whatever of it changes is signed again.

use super::{get, notices, todos};
use crate::resources::meetings::{MEETINGS, convened};
use crate::support::samples::pdf;
use crate::support::suggestions::{Table, path, raised, step};
use crate::support::{Answer, Form, TestApp, User, actions_of, on_a_monday};
use diesel_async::SimpleAsyncConnection;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ATTACHMENTS: &str = "/api/v1/attachments";

/// 民盟 raises it; 民革 has signed it, and one paper hangs on it.
struct Signed {
    table: Table,
    minge: User,
    id: String,
    paper: String,
}

impl Signed {
    async fn new(app: &TestApp) -> Self {
        // Later than the one before, so that what is told of it is the newest.
        app.clock.set(app.clock.now() + chrono::TimeDelta::seconds(1));
        let (table, minge) = (Table::new(app).await, app.party("minge").await);
        let mut body = raised("联名建议", "education");
        body["category"] = json!("教育");
        body["authors"] = json!(["陈志远"]);
        body["contact"] = json!({ "name": "陈志远", "phone": "0751-8886620" });
        body["joint_departments"] = json!(["health"]);
        body["joint_parties"] = json!(["minge"]);
        let id = table.drafted(body).await;
        let paper = attach(&table.party, &id, None).await.expect(201);
        let signed = Self {
            paper: paper.json["id"].as_str().expect("an id").to_owned(),
            table,
            minge,
            id,
        };
        step(&signed.table.party, &signed.id, "request-signatures", json!({})).await;
        signed.sign().await;
        signed
    }

    async fn sign(&self) {
        step(&self.minge, &self.id, "co-sign", json!({})).await;
    }

    async fn state(&self) -> Value {
        get(&self.minge, &self.id).await["signatures"][0]["state"].clone()
    }

    async fn submit(&self) -> Answer {
        let submit = format!("{}/submit", path(&self.id));
        self.table
            .party
            .post(&submit, json!({ "no_secrets": true }))
            .await
    }

    /// Not before it is signed again; who signs is told, and sees what there is to sign.
    async fn assert_to_be_signed_again(&self, what: &str) {
        assert_eq!(self.state().await, "asked", "{what}");
        assert_eq!(todos(&self.minge).await, ["sign_suggestion"], "{what}");
        let told = &notices(&self.minge).await[0];
        assert!(
            told.starts_with("民盟市委会修改后再次征求联名："),
            "{what}: {told}"
        );
        assert_eq!(
            actions_of(&get(&self.minge, &self.id).await),
            ["co-sign", "decline-to-sign"],
            "{what}"
        );
        let offered = get(&self.table.party, &self.id).await;
        assert!(!actions_of(&offered).contains(&"submit"), "{what}");
        self.submit().await.problem(409, "signatures_missing");
        self.sign().await;
    }
}

async fn attach(user: &User, id: &str, replaces: Option<&str>) -> Answer {
    let mut form = Form::new("suggestion", &id.into());
    if let Some(replaced) = replaces {
        form = form.text("replaces", replaced);
    }
    let body = Some(form.file("材料.pdf", &pdf()).body());
    user.send_raw(Method::POST, ATTACHMENTS, body).await
}

#[tokio::test]
async fn whatever_is_edited_after_a_signature_is_signed_again() {
    let app = on_a_monday().await;
    let consultation = json!({
        "kind": "liaison_meeting", "title": "座谈会", "starts_at": "2026-03-20T01:00:00Z", "place": "市教育局",
        "invite": { "parties": ["minmeng"] },
    });
    let meeting = convened(&app.department("education").await, consultation).await;
    let meeting = meeting.trim_start_matches(MEETINGS).trim_start_matches('/');
    let edits = [
        ("title", json!("另一个标题")),
        ("background", json!("另一个背景。")),
        ("proposal", json!("另一个建议。")),
        ("category", json!(null)),
        ("authors", json!(["陈志远", "周文博"])),
        ("contact", json!({ "name": "陈志远", "phone": "0751-8886621" })),
        ("lead_department", json!("finance")),
        ("joint_departments", json!(["health", "finance"])),
        ("from_meeting", json!(meeting)),
    ];
    let document: Value =
        serde_json::from_str(include_str!("../../../../openapi/openapi.json")).expect("the document");
    let fields = document["components"]["schemas"]["PatchSuggestion"]["properties"].as_object();
    let mut fields: BTreeSet<&str> = fields.expect("fields").keys().map(String::as_str).collect();
    // Who else signs is in nobody's signature.
    assert!(fields.remove("joint_parties"));
    assert_eq!(
        edits.iter().map(|(field, _)| *field).collect::<BTreeSet<_>>(),
        fields
    );
    for (field, value) in edits {
        let signed = Signed::new(&app).await;
        let patch = json!({ field: value });
        let party = &signed.table.party;
        party.patch(&path(&signed.id), patch.clone()).await.expect(200);
        signed.assert_to_be_signed_again(field).await;
        // What says the same is signed already.
        party.patch(&path(&signed.id), patch).await.expect(200);
        assert_eq!(signed.state().await, "signed", "{field}");
        signed.submit().await.expect(200);
    }
}

#[tokio::test]
async fn papers_that_come_go_or_change_are_signed_again() {
    let app = on_a_monday().await;
    for change in ["attached", "superseded", "removed"] {
        let signed = Signed::new(&app).await;
        let party = &signed.table.party;
        let before = get(party, &signed.id).await;
        app.clock.set(app.clock.now() + chrono::TimeDelta::seconds(1));
        match change {
            "attached" => drop(attach(party, &signed.id, None).await.expect(201)),
            "superseded" => drop(attach(party, &signed.id, Some(&signed.paper)).await.expect(201)),
            _ => {
                let paper = format!("{ATTACHMENTS}/{}", signed.paper);
                party.delete(&paper).await.expect(204);
            }
        }
        let after = get(party, &signed.id).await;
        assert_ne!(after["updated_at"], before["updated_at"], "{change}");
        // Asked again, just now.
        let asked = |of: &Value| of["signatures"][0]["requested_at"].clone();
        assert_eq!(asked(&after), after["updated_at"], "{change}");
        assert_ne!(asked(&after), asked(&before), "{change}");
        signed.assert_to_be_signed_again(change).await;
        signed.submit().await.expect(200);
    }
}

#[tokio::test]
async fn who_else_signs_is_in_nobodys_signature() {
    let app = on_a_monday().await;
    let signed = Signed::new(&app).await;
    let party = &signed.table.party;
    for parties in [json!(["minge", "minjian"]), json!(["minge"])] {
        let patch = json!({ "joint_parties": parties });
        party.patch(&path(&signed.id), patch).await.expect(200);
        assert_eq!(signed.state().await, "signed");
    }
    signed.submit().await.expect(200);
}

#[tokio::test]
async fn who_has_declined_is_asked_again_and_who_has_not_answered_is_not_told_twice() {
    let app = on_a_monday().await;
    let (table, minge, minjian) = (
        Table::new(&app).await,
        app.party("minge").await,
        app.party("minjian").await,
    );
    let mut body = raised("联名建议", "education");
    body["joint_parties"] = json!(["minge", "minjian"]);
    let id = table.drafted(body).await;
    step(&table.party, &id, "request-signatures", json!({})).await;
    step(&minge, &id, "decline-to-sign", json!({ "reason": "请先试点。" })).await;
    let patch = json!({ "proposal": "先行试点。" });
    table.party.patch(&path(&id), patch).await.expect(200);
    let changed = get(&table.party, &id).await;
    assert_eq!(changed["signatures"][0]["state"], "asked");
    assert_eq!(changed["signatures"][0]["reason"], Value::Null);
    assert_eq!(todos(&minge).await, ["sign_suggestion"]);
    assert_eq!(notices(&minge).await.len(), 2);
    assert_eq!(notices(&minjian).await.len(), 1);
}

/// Of whatever is submitted one thing is changed past all rules: what was signed is still looked at.
#[tokio::test]
async fn what_is_submitted_is_held_against_what_was_signed() {
    let app = on_a_monday().await;
    let other = "(SELECT id FROM organizations WHERE code = 'finance')";
    for change in [
        "UPDATE suggestions SET title = 'x' WHERE id = 'ID'".to_owned(),
        "UPDATE suggestions SET background = 'x' WHERE id = 'ID'".to_owned(),
        "UPDATE suggestions SET proposal = 'x' WHERE id = 'ID'".to_owned(),
        "UPDATE suggestions SET category = NULL WHERE id = 'ID'".to_owned(),
        "UPDATE suggestions SET authors = '[]' WHERE id = 'ID'".to_owned(),
        "UPDATE suggestions SET contact = NULL WHERE id = 'ID'".to_owned(),
        format!("UPDATE suggestions SET lead_department_id = {other} WHERE id = 'ID'"),
        "DELETE FROM suggestion_handlings WHERE suggestion_id = 'ID' AND role = 'joint'".to_owned(),
        format!("UPDATE suggestion_handlings SET department_id = {other} WHERE suggestion_id = 'ID' AND role = 'joint'"),
        "UPDATE attachments SET removed_at = now() WHERE subject_id = 'ID'".to_owned(),
        "INSERT INTO attachments (id, subject_type, subject_id, chain_id, version_number, file_name, media_type, size,
            sha256, object_key, created_at, updated_at)
         SELECT new.id, 'suggestion', 'ID', new.id, 1, 'x.pdf', 'application/pdf', 1, sha256('x'), gen_random_uuid(), now(), now()
         FROM gen_random_uuid() AS new (id)"
            .to_owned(),
    ] {
        let signed = Signed::new(&app).await;
        let statement = change.replace("ID", &signed.id);
        let mut conn = app.database.connect().await;
        conn.batch_execute(&statement).await.expect(&change);
        assert_eq!(signed.state().await, "signed", "{change}");
        let refused = signed.submit().await;
        assert_eq!(refused.json["code"], "signatures_missing", "{change}");
        // The way on: it declines what it has signed, and signs what there is now.
        step(&signed.minge, &signed.id, "decline-to-sign", json!({})).await;
        signed.sign().await;
        assert_eq!(signed.submit().await.status.as_u16(), 200, "{change}");
    }
}
