//! Examples of bodies and answers, made out of the examples of their parts.

use crate::policy::Op;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// Answers as the service gave them, by operation and status; `tests/api/policy/examples.rs` records them.
static RECORDED: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../openapi/examples.json")).unwrap_or_default()
});

/// The answer that was recorded of an operation.
pub(super) fn recorded(op: Op, status: &str) -> Option<Value> {
    RECORDED.get(op.id())?.get(status).cloned()
}

/// An example of a schema, out of the examples of its parts.
pub(super) fn example(schema: &Value, components: &Value, depth: usize) -> Value {
    if let Some(given) = schema["examples"]
        .get(0)
        .or(schema.get("default"))
        .or(schema.get("const"))
        .or(schema["enum"].get(0))
    {
        return given.clone();
    }
    if depth > 12 {
        return Value::Null;
    }
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return example(&components["schemas"][name], components, depth + 1);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = Map::new();
        for part in parts {
            if let Value::Object(object) = example(part, components, depth + 1) {
                whole.extend(object);
            }
        }
        return Value::Object(whole);
    }
    if let Some(branches) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        let nullable = branches.iter().any(|branch| branch["type"] == "null");
        return if nullable {
            Value::Null
        } else {
            example(&branches[0], components, depth + 1)
        };
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) if kinds.iter().any(|kind| kind == "null") => "null",
        Value::String(kind) => kind.as_str(),
        _ => "null",
    };
    match kind {
        "object" => match schema["properties"].as_object() {
            Some(properties) => properties
                .iter()
                .map(|(name, property)| (name.clone(), example(property, components, depth + 1)))
                .collect::<Map<_, _>>()
                .into(),
            None => json!({}),
        },
        "array" => json!([example(&schema["items"], components, depth + 1)]),
        "integer" | "number" => schema["minimum"]
            .as_i64()
            .filter(|least| *least > 0)
            .unwrap_or(1)
            .into(),
        "boolean" => json!(false),
        "string" => match schema["format"].as_str() {
            Some("uuid") => json!("0193d2a4-5c00-7000-8000-000000000009"),
            Some("date") => json!("2026-03-02"),
            Some("date-time") => json!("2026-03-02T01:30:00Z"),
            _ => json!("文字"),
        },
        _ => Value::Null,
    }
}
