//! What every request is held to: a text that is there shows something, and `no_secrets` is true.

use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A text with a character that is no white space. The service refuses other invisible texts, too, which no
/// portable pattern names.
const SHOWS_SOMETHING: &str = r"\S";

/// Says of every text that a request can carry that it is not blank.
pub(super) fn refuse_blank(document: &mut Value) {
    let mut names = BTreeSet::new();
    for item in document["paths"]
        .as_object_mut()
        .into_iter()
        .flat_map(|paths| paths.values_mut())
    {
        for operation in item
            .as_object_mut()
            .into_iter()
            .flat_map(|item| item.values_mut())
        {
            if operation["requestBody"].is_object() {
                let content = &mut operation["requestBody"]["content"];
                mark(content);
                collect(content, &mut names);
            }
            let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
            for parameter in parameters.into_iter().flatten() {
                if parameter["in"] == "query" {
                    mark(&mut parameter["schema"]);
                }
            }
        }
    }
    let schemas = &mut document["components"]["schemas"];
    let mut open: Vec<String> = names.iter().cloned().collect();
    while let Some(name) = open.pop() {
        let mut inner = BTreeSet::new();
        mark(&mut schemas[&name]);
        collect(&schemas[&name], &mut inner);
        for name in inner {
            if names.insert(name.clone()) {
                open.push(name);
            }
        }
    }
}

/// The schemas that a value refers to.
fn collect(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(name) = object
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|path| path.rsplit('/').next())
            {
                names.insert(name.to_owned());
            }
            object.values().for_each(|inner| collect(inner, names));
        }
        Value::Array(items) => items.iter().for_each(|inner| collect(inner, names)),
        _ => {}
    }
}

fn mark(schema: &mut Value) {
    match schema {
        Value::Object(keywords) => {
            let is_text = match keywords.get("type") {
                Some(Value::String(kind)) => kind == "string",
                Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "string"),
                _ => false,
            };
            let has = |keyword: &str| keywords.contains_key(keyword);
            let bytes = keywords.get("format").is_some_and(|format| format == "binary");
            if is_text && !bytes && !["enum", "const"].into_iter().any(has) {
                let formatted = keywords.get("format").is_some_and(|format| format != "password");
                let patterned = has("pattern");
                keywords.entry("minLength").or_insert(json!(1));
                if !patterned && !formatted {
                    keywords.insert("pattern".into(), SHOWS_SOMETHING.into());
                }
            }
            if let Some(declared) = keywords
                .get_mut("properties")
                .and_then(|all| all.get_mut("no_secrets"))
            {
                // One that may be left out may be null as well.
                if declared["type"] == "boolean" {
                    declared["const"] = json!(true);
                }
            }
            for (keyword, inner) in keywords {
                if !matches!(keyword.as_str(), "example" | "examples" | "default") {
                    mark(inner);
                }
            }
        }
        Value::Array(schemas) => schemas.iter_mut().for_each(mark),
        _ => {}
    }
}
