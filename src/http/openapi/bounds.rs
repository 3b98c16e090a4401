//! Bounds for every schema that has none of its own.

use serde_json::{Value, json};

/// The longest text of a field that does not say so itself; the same for the items of an array.
const DEFAULT_MAX_LENGTH: u64 = 4_000;
const DEFAULT_MAX_ITEMS: u64 = 1_000;

/// Of the items of a list that a client sends: names of people above all, and what refers to an organization.
const NAME_LENGTH: u64 = 100;
const REFERENCE_LENGTH: u64 = 64;

/// Bounds the texts of lists that clients send: an answer gives them back, and stays small.
fn limit_items(schema: &mut Value) {
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (name, list) in properties.into_iter().flatten() {
        let refers = list["x-reference"].is_string();
        let Some(items) = list.get_mut("items") else {
            continue;
        };
        if items["type"] == "string" && items["maxLength"].is_null() && items["format"].is_null() {
            items["maxLength"] = match name.as_str() {
                _ if refers => REFERENCE_LENGTH.into(),
                // 议定事项: sentences.
                "decisions" => 300.into(),
                _ => NAME_LENGTH.into(),
            };
        }
    }
}

/// Bounds for what has none of its own, so that nothing is unlimited by oversight; `example` becomes `examples`.
pub(super) fn limit(value: &mut Value) {
    if value["additionalProperties"] == false {
        limit_items(value);
    }
    if let Value::Object(object) = value {
        let types: Vec<String> = match object.get("type") {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(many)) => many
                .iter()
                .filter_map(|one| one.as_str().map(str::to_owned))
                .collect(),
            _ => Vec::new(),
        };
        let is = |name: &str| types.iter().any(|one| one == name);
        let has = |key: &str| object.contains_key(key);
        let is_schema = !types.is_empty();
        let mut add: Vec<(&str, Value)> = Vec::new();
        let is_form_file =
            object.get("format").is_some_and(|format| format == "binary") && has("description");
        if is("string") && !is_form_file && !has("maxLength") && !has("enum") && !has("const") {
            add.push((
                "maxLength",
                match object.get("format").and_then(Value::as_str) {
                    Some("uuid") => 36.into(),
                    Some("date") => 10.into(),
                    Some("date-time") => 40.into(),
                    _ => DEFAULT_MAX_LENGTH.into(),
                },
            ));
        }
        if is("integer") {
            if !has("format") {
                add.push(("format", "int64".into()));
            }
            if !has("minimum") {
                add.push(("minimum", json!(i32::MIN)));
            }
            if !has("maximum") {
                add.push(("maximum", json!(i32::MAX)));
            }
        }
        if is("array") && !has("maxItems") {
            add.push(("maxItems", DEFAULT_MAX_ITEMS.into()));
        }
        let is_reference = ["$ref", "oneOf", "allOf"]
            .iter()
            .any(|key| object.contains_key(*key));
        if (is_schema || is_reference)
            && let Some(example) = object.shift_remove("example")
        {
            add.push(("examples", json!([example])));
        }
        // Go's generator cannot compile a default that is an object.
        if object.contains_key("$ref") {
            object.shift_remove("default");
        }
        for (key, bound) in add {
            object.insert(key.into(), bound);
        }
        object
            .iter_mut()
            .filter(|(key, _)| !matches!(key.as_str(), "examples" | "example" | "default"))
            .for_each(|(_, value)| limit(value));
    } else if let Value::Array(items) = value {
        items.iter_mut().for_each(limit);
    }
}
