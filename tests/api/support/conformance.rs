//! Every answer that a test receives is held against the OpenAPI document: its status is declared for the operation, its
//! media type too, its body fits the schema.

use super::client::Answer;
use jsonschema::Validator;
use liaison::http::openapi::components::FAULT_CODES;
use liaison::policy::Op;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

pub static DOCUMENT: LazyLock<Value> = LazyLock::new(liaison::routes::document);

/// The body that an operation takes, as the document describes it: `{schema, example}`, or null.
pub fn request_body(op: Op) -> &'static Value {
    let row = op.row();
    let operation = &DOCUMENT["paths"][row.path][row.method.as_str().to_lowercase()];
    let content = operation["requestBody"]["content"].as_object();
    content
        .and_then(|content| content.values().next())
        .unwrap_or(&Value::Null)
}

static PATHS: LazyLock<matchit::Router<String>> = LazyLock::new(|| {
    let mut router = matchit::Router::new();
    for path in DOCUMENT["paths"].as_object().expect("paths").keys() {
        router.insert(path.clone(), path.clone()).expect("no two alike");
    }
    router
});

static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

pub fn check(method: &Method, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap_or(path);
    let status = answer.status.as_u16();
    assert!(
        answer.headers.contains_key("x-request-id"),
        "{method} {path} {status}: no X-Request-Id"
    );
    if status >= 400 {
        check_problem(method, path, answer);
    }
    // Paths and methods that are not there have no place in the document.
    let method_name = if method == Method::HEAD {
        "get".to_owned()
    } else {
        method.as_str().to_lowercase()
    };
    let Ok(found) = PATHS.at(path) else { return };
    let operation = &DOCUMENT["paths"][found.value][&method_name];
    if operation.is_null() {
        return;
    }
    let response = resolve(&operation["responses"][status.to_string()]);
    assert!(
        !response.is_null(),
        "{method} {path}: {status} is not declared: {}",
        answer.text()
    );
    if status == 304 || method == Method::HEAD {
        return;
    }
    let media_type = answer
        .header("content-type")
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    let Some(content) = response["content"].as_object() else {
        assert!(
            answer.bytes.is_empty(),
            "{method} {path}: {status} has a body that is not declared"
        );
        return;
    };
    let declared = content.get(media_type);
    let schema = declared
        .unwrap_or_else(|| panic!("{method} {path}: {status} is of {media_type}, which is not declared"));
    if status >= 400 {
        check_declared(method, path, response, &answer.json);
    }
    if media_type.contains("json") {
        let key = format!("{} {method_name} {status} {media_type}", found.value);
        let validator = validator(&key, &schema["schema"]);
        let errors: Vec<String> = validator
            .iter_errors(&answer.json)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(
            errors.is_empty(),
            "{method} {path} {status} does not fit its schema: {errors:#?}\n{:#}",
            answer.json
        );
    }
}

fn resolve(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(&reference[1..]).expect("no dangling reference"),
        None => value,
    }
}

fn validator(key: &str, schema: &Value) -> Arc<Validator> {
    let mut validators = VALIDATORS.lock().expect("no poison");
    let made = validators.entry(key.to_owned()).or_insert_with(|| {
        let schema = json!({ "allOf": [schema], "components": DOCUMENT["components"] });
        Arc::new(
            jsonschema::options()
                .should_validate_formats(true)
                .build(&schema)
                .expect("a schema"),
        )
    });
    made.clone()
}

/// A problem is one that the operation declares, and has no member that the document does not describe.
fn check_declared(method: &Method, path: &str, response: &Value, problem: &Value) {
    let code = problem["code"].as_str().unwrap_or_default();
    assert!(
        response["content"]["application/problem+json"]["examples"][code].is_object(),
        "{method} {path} does not declare the problem {code}: {problem}"
    );
    for fault in problem["errors"].as_array().into_iter().flatten() {
        let listed = FAULT_CODES.iter().any(|(code, ..)| fault["code"] == *code);
        assert!(listed, "{method} {path}: FAULT_CODES does not list {fault}");
    }
    let described = &DOCUMENT["components"]["schemas"]["Problem"]["properties"];
    for member in problem.as_object().expect("an object").keys() {
        assert!(
            described[member].is_object(),
            "{method} {path}: {code} has an undescribed member {member}"
        );
    }
}

/// RFC 9457, and what API.md adds, for the router's own refusals too.
fn check_problem(method: &Method, path: &str, answer: &Answer) {
    let status = answer.status.as_u16();
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json"),
        "{method} {path} {status}"
    );
    if *method == Method::HEAD {
        return;
    }
    assert_eq!(answer.json["status"], status, "{method} {path}");
    assert_eq!(
        answer.json["request_id"].as_str(),
        answer.header("x-request-id"),
        "{method} {path}"
    );
    for member in ["type", "title", "detail", "instance", "code"] {
        assert!(
            answer.json[member].is_string(),
            "{method} {path} {status}: no {member}: {}",
            answer.json
        );
    }
    let text = answer.text();
    for leak in ["diesel", "postgres", "SELECT ", "panicked", "src/"] {
        assert!(
            !text.contains(leak),
            "{method} {path} {status} tells of its inside: {text}"
        );
    }
}
