//! The document: what is committed is what the code makes, and it holds what it promises.

use crate::support::conformance::DOCUMENT;
use crate::support::golden;
use liaison::http::etag::Match;
use liaison::http::openapi::takes_idempotency_key;
use liaison::policy::Op;
use liaison::resources::enumerations::ENUMS;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn the_committed_document_is_the_codes() {
    let made = serde_json::to_string_pretty(&*DOCUMENT).expect("JSON");
    golden::compare("openapi/openapi.json", &format!("{made}\n"));
}

fn operations() -> BTreeMap<String, &'static Value> {
    let mut found = BTreeMap::new();
    for item in DOCUMENT["paths"].as_object().expect("paths").values() {
        for operation in item
            .as_object()
            .expect("an item")
            .values()
            .filter(|one| one.is_object())
        {
            let id = operation["operationId"]
                .as_str()
                .expect("an operationId")
                .to_owned();
            assert!(found.insert(id.clone(), operation).is_none(), "{id} stands twice");
        }
    }
    found
}

#[test]
fn every_operation_says_what_it_is() {
    for (id, operation) in operations() {
        for member in ["summary", "description"] {
            assert!(
                operation[member].as_str().is_some_and(|text| !text.is_empty()),
                "{id} has no {member}"
            );
        }
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{id}");
        assert!(operation["x-roles"].is_array(), "{id}");
        assert!(
            operation["responses"]
                .as_object()
                .is_some_and(|all| all.keys().any(|status| status.starts_with('2')))
        );
    }
}

#[test]
fn writes_declare_their_conventions() {
    let operations = operations();
    for op in Op::ALL {
        let Some(operation) = operations.get(op.id()) else {
            continue;
        };
        let has = |name: &str| {
            operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|one| one["name"] == name)
        };
        assert_eq!(has("If-Match"), Match::of(*op) != Match::Unused, "{}", op.id());
        assert_eq!(has("Idempotency-Key"), takes_idempotency_key(*op), "{}", op.id());
    }
}

#[test]
fn examples_fit_their_schemas() {
    let mut count = 0;
    for (id, operation) in operations() {
        let mut contents = vec![&operation["requestBody"]["content"]];
        contents.extend(
            operation["responses"]
                .as_object()
                .expect("responses")
                .values()
                .map(|one| &one["content"]),
        );
        for (media_type, content) in contents.into_iter().filter_map(Value::as_object).flatten() {
            if media_type.contains("json") {
                let schema = json!({ "allOf": [content["schema"]], "components": DOCUMENT["components"] });
                let validator = jsonschema::options()
                    .should_validate_formats(true)
                    .build(&schema)
                    .expect("a schema");
                for example in examples_of(content) {
                    let errors: Vec<String> = validator
                        .iter_errors(example)
                        .map(|error| error.to_string())
                        .collect();
                    assert!(errors.is_empty(), "{id} {media_type}: {errors:?}\n{example:#}");
                }
                count += 1;
            }
        }
    }
    assert!(count > 20, "{count} examples");
}

/// The examples of a body, one at least.
fn examples_of(content: &'static Value) -> Vec<&'static Value> {
    let Some(named) = content["examples"].as_object() else {
        return vec![&content["example"]];
    };
    assert!(!named.is_empty(), "no example: {content:#}");
    let pointer = |one: &'static Value| one["$ref"].as_str().map(|reference| &reference[1..]);
    named
        .values()
        .map(|one| &pointer(one).map_or(one, |pointer| DOCUMENT.pointer(pointer).expect("an example"))["value"])
        .collect()
}

#[test]
fn every_parameter_and_property_says_what_it_is() {
    let mut silent = BTreeSet::new();
    for (id, operation) in operations() {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["description"].as_str().is_none_or(str::is_empty) {
                silent.insert(format!("{id}: {}", parameter["name"]));
            }
        }
    }
    fn look(place: &str, schema: &Value, silent: &mut BTreeSet<String>) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let refers = ["$ref", "allOf", "oneOf"]
                .iter()
                .any(|key| !property[key].is_null());
            if !refers && property["description"].as_str().is_none_or(str::is_empty) {
                silent.insert(format!("{place}.{name}"));
            }
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            look(place, part, silent);
        }
    }
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().expect("schemas") {
        look(name, schema, &mut silent);
    }
    assert!(
        silent.is_empty(),
        "words belong into src/http/openapi/words.rs: {silent:#?}"
    );
}

/// A text of a request is not blank, and its schema says so.
#[test]
fn every_text_of_a_request_has_a_least_length() {
    let mut seen = BTreeSet::new();
    let mut open: Vec<(String, &Value)> = Vec::new();
    for (id, operation) in operations() {
        open.push((id.clone(), &operation["requestBody"]["content"]));
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] == "query" {
                open.push((format!("{id}?{}", parameter["name"]), &parameter["schema"]));
            }
        }
    }
    let mut texts = 0;
    while let Some((place, value)) = open.pop() {
        match value {
            Value::Object(object) => {
                if let Some(reference) = object.get("$ref").and_then(Value::as_str)
                    && seen.insert(reference)
                {
                    open.push((
                        reference.to_owned(),
                        DOCUMENT.pointer(&reference[1..]).expect("a schema"),
                    ));
                }
                let is_text = object
                    .get("type")
                    .is_some_and(|kind| kind == "string" || kind == &json!(["string", "null"]));
                if is_text && object.get("format") != Some(&json!("binary")) && !object.contains_key("enum") {
                    assert!(object.contains_key("minLength"), "{place}: {value}");
                    texts += 1;
                }
                for (key, inner) in object.iter().filter(|(key, _)| !key.starts_with("example")) {
                    open.push((format!("{place}/{key}"), inner));
                }
            }
            Value::Array(items) => open.extend(items.iter().map(|item| (place.clone(), item))),
            _ => {}
        }
    }
    assert!(texts > 150, "{texts} texts");
}

#[test]
fn references_lead_somewhere_and_every_component_is_used() {
    let mut used = BTreeSet::new();
    collect(&DOCUMENT, &mut used);
    for reference in &used {
        assert!(DOCUMENT.pointer(&reference[1..]).is_some(), "{reference} dangles");
    }
    for (kind, members) in DOCUMENT["components"].as_object().expect("components") {
        if kind == "securitySchemes" {
            continue;
        }
        for name in members.as_object().expect("members").keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(used.contains(&reference), "{reference} is used by nothing");
        }
    }
}

fn collect(value: &Value, used: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                used.insert(reference.to_owned());
            }
            object.values().for_each(|value| collect(value, used));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, used)),
        _ => {}
    }
}

/// The labels of `meta/enums` and the enumerations of the document are the same sets.
#[test]
fn every_enumeration_has_its_labels() {
    let labelled: BTreeMap<&str, Vec<&str>> = ENUMS
        .iter()
        .map(|one| (&*one.schema, one.values.iter().map(|(code, _)| *code).collect()))
        .collect();
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().expect("schemas") {
        let Some(values) = schema["enum"].as_array() else {
            continue;
        };
        // Algorithms are names of RFC 7518, not words of ours.
        if name == "Algorithm" {
            continue;
        }
        let values: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
        assert_eq!(labelled.get(name.as_str()), Some(&values), "labels of {name}");
    }
}
