//! What a body refers to is looked at together with all else.

use crate::support::TestApp;
use crate::support::conformance::DOCUMENT;
use liaison::http::referent::Referent;
use serde_json::{Value, json};

const NOBODY: &str = "0193d2a4-5c00-7000-8000-00000000ffff";

#[tokio::test]
async fn unknown_references_are_named_beside_other_faults() {
    let app = TestApp::new().await;
    let party = app.party("minge").await;
    let department = app.department("education").await;
    let coordinator = app.coordinator().await;
    let cases = [
        (
            &party,
            "/api/v1/suggestions",
            json!({ "title": " ", "background": "背景", "proposal": "建议", "lead_department": "nowhere",
                    "joint_departments": ["health", "minmeng"], "joint_parties": [NOBODY], "from_meeting": NOBODY }),
            vec![
                "/from_meeting unknown_reference",
                "/joint_departments/1 unknown_reference",
                "/joint_parties/0 unknown_reference",
                "/lead_department unknown_reference",
                "/title blank",
            ],
        ),
        (
            &party,
            "/api/v1/feedback-receipts",
            json!({ "suggestion": NOBODY, "attitude": "satisfied", "result": "so-so", "signatory": "王芳" }),
            vec!["/result not_allowed", "/suggestion unknown_reference"],
        ),
        (
            &department,
            "/api/v1/meetings",
            json!({ "kind": "liaison_meeting", "title": "题", "starts_at": "tomorrow", "place": "会议室", "hosts": ["minge"],
                    "agenda": [{ "title": "议", "suggestion": NOBODY, "work_report": NOBODY }],
                    "invite": { "parties": ["education"], "offices": ["minge"] } }),
            vec![
                "/agenda/0/suggestion unknown_reference",
                "/agenda/0/work_report unknown_reference",
                "/hosts/0 unknown_reference",
                "/invite/offices/0 unknown_reference",
                "/invite/parties/0 unknown_reference",
                "/starts_at malformed",
            ],
        ),
        (
            &department,
            "/api/v1/work-plans",
            json!({ "year": 1800, "items": [{ "kind": "joint_research", "title": "题", "parties": ["minge", "mínge"] }] }),
            vec!["/items/0/parties/1 unknown_reference", "/year too_small"],
        ),
        (
            &coordinator,
            "/api/v1/schemes",
            json!({ "title": "", "effective_from": "2026-04-01", "copy_from": NOBODY }),
            vec!["/copy_from unknown_reference", "/title blank"],
        ),
        (
            &coordinator,
            "/api/v1/departments/education/merge",
            json!({ "into": "minge", "reason": "" , "on": "2026-04-01"}),
            vec!["/into unknown_reference", "/reason blank"],
        ),
    ];
    for (user, path, body, faults) in cases {
        let refused = user.post(path, body).await.problem(422, "invalid");
        let found: Vec<String> = refused
            .faults()
            .into_iter()
            .filter(|fault| !fault.ends_with("unknown_field"))
            .collect();
        assert_eq!(found, faults, "{path}");
    }
}

#[tokio::test]
async fn references_that_lead_somewhere_are_not_named() {
    let app = TestApp::new().await;
    let party = app.party("minge").await;
    let body = json!({ "title": " ", "background": "背景", "proposal": "建议", "lead_department": "education",
                       "joint_departments": ["health"], "joint_parties": ["minmeng"] });
    let refused = party
        .post("/api/v1/suggestions", body)
        .await
        .problem(422, "invalid");
    assert_eq!(refused.faults(), ["/title blank"]);
}

/// What names an organization in a body says of which kind, so that it can be looked up.
#[test]
fn the_document_says_what_each_reference_refers_to() {
    let mut marked = 0;
    visit(&DOCUMENT["components"]["schemas"], &mut |schema| {
        if let Some(name) = schema["x-reference"].as_str() {
            name.parse::<Referent>().unwrap_or_else(|_| panic!("{name}"));
            marked += 1;
        }
    });
    assert!(marked > 30, "{marked}");
}

fn visit(value: &Value, see: &mut dyn FnMut(&Value)) {
    see(value);
    match value {
        Value::Object(members) => members.values().for_each(|inner| visit(inner, see)),
        Value::Array(items) => items.iter().for_each(|inner| visit(inner, see)),
        _ => {}
    }
}
