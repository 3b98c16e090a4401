//! The answers that the document shows are answers that the service gave: recorded in the world of the proofs, where identifiers
//! are numbered in the order in which they appear.

use super::{World, call, tested};
use crate::support::TestApp;
use crate::support::conformance::DOCUMENT;
use liaison::policy::Op;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Rows of a list that an example shows.
const ROWS: usize = 2;

/// What nobody shall take for a secret of a real installation.
const SECRETS: [(&str, &str); 3] = [
    ("one_time_password", "xQygp-DnWd-nqHd-GdPX"),
    (
        "address",
        "https://liaison.example.cn/api/v1/calendar/S3T-ZfnWB9oRhGdlUexCNNj0p14lWo-dU4dm3Ak0qfg.ics",
    ),
    ("next_cursor", "AZOSoFwAcACAAAAAAAAACQ"),
];

/// The suggestions of the world are called after their state.
const TITLES: [&str; 14] = [
    "草稿",
    "联名",
    "受邀联名",
    "待签收",
    "申退",
    "已答复",
    "退回补报",
    "协商",
    "他人的",
    "办理中",
    "延期",
    "已沟通",
    "会办",
    "评价",
];
const TITLE: &str = "关于完善市区义务教育学校午餐午休服务的建议";

#[tokio::test]
async fn every_answer_with_a_body_has_a_recorded_example() {
    if std::env::var_os("LIAISON_RECORD_EXAMPLES").is_some() {
        return record().await;
    }
    let recorded: Value =
        serde_json::from_str(include_str!("../../../openapi/examples.json")).expect("recorded examples");
    let missing: Vec<&str> = tested()
        .filter(|op| {
            let row = op.row();
            let operation = &DOCUMENT["paths"][row.path][row.method.as_str().to_lowercase()];
            let has_body =
                |status: &&str| operation["responses"][status]["content"]["application/json"].is_object();
            ["200", "201"]
                .iter()
                .any(|status| has_body(status) && recorded[op.id()][status].is_null())
        })
        .map(Op::id)
        .collect();
    assert!(
        missing.is_empty(),
        "LIAISON_RECORD_EXAMPLES=1 records {missing:?}"
    );
}

async fn record() {
    let original = TestApp::new().await;
    let world = World::new(&original).await;
    let users = original.one_of_each_role().await;
    let mut examples = Map::new();
    for op in tested() {
        let app = original.copy().await;
        for role in op.roles() {
            let (_, user) = users
                .iter()
                .find(|(name, _)| *name == role.as_str())
                .expect("a user");
            let user = app.with_token(user.token.as_deref().expect("a token"));
            let answer = call(&user, &world, op, role.as_str(), &world.path(op, role.as_str())).await;
            if answer.status.is_success() && answer.json.is_object() {
                let mut body = answer.json;
                shorten(&mut body);
                number(&mut body, &mut BTreeMap::new());
                examples.insert(op.id().to_owned(), json!({ answer.status.as_str(): body }));
                break;
            }
        }
    }
    examples.sort_keys();
    let text = serde_json::to_string_pretty(&examples).expect("JSON");
    std::fs::write("openapi/examples.json", format!("{text}\n")).expect("written");
}

/// Lists are cut, and secrets replaced.
fn shorten(value: &mut Value) {
    match value {
        Value::String(text) => {
            for title in TITLES {
                if text == title {
                    *text = TITLE.to_owned();
                }
                *text = text.replace(&format!("《{title}》"), &format!("《{TITLE}》"));
                if let Some(before) = text.strip_suffix(&format!("：{title}")) {
                    *text = format!("{before}：{TITLE}");
                }
            }
        }
        Value::Array(items) => {
            items.truncate(ROWS);
            items.iter_mut().for_each(shorten);
        }
        Value::Object(members) => {
            for (name, member) in members {
                match SECRETS.iter().find(|(secret, _)| secret == name) {
                    Some((_, instead)) if is_secret(name, member) => *member = (*instead).into(),
                    _ => shorten(member),
                }
            }
        }
        _ => {}
    }
}

/// The address of a client is none.
fn is_secret(name: &str, member: &Value) -> bool {
    let text = member.as_str();
    text.is_some_and(|text| name != "address" || text.contains("/calendar/"))
}

/// Identifiers are the same in every recording, also where they stand within a text.
fn number(value: &mut Value, known: &mut BTreeMap<String, String>) {
    match value {
        Value::String(text) => {
            let mut at = 0_usize;
            while let Some(end) = at.checked_add(36).filter(|end| *end <= text.len()) {
                let found = text
                    .get(at..end)
                    .filter(|part| uuid::Uuid::try_parse(part).is_ok());
                if let Some(found) = found.map(str::to_owned) {
                    let next = format!("0193d2a4-5c00-7000-8000-{:012}", known.len() + 1);
                    text.replace_range(at..end, known.entry(found).or_insert(next));
                    at = end;
                } else {
                    at += 1;
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| number(item, known)),
        Value::Object(members) => members.values_mut().for_each(|member| number(member, known)),
        _ => {}
    }
}
