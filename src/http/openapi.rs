//! The one pass that finishes the OpenAPI document: handlers declare what they take and what success looks like; all
//! that follows from the policy matrix, the problem catalogue and the conventions is added here.

mod bounds;
pub mod components;
mod example;
mod problems;
mod text;
mod words;

use self::bounds::limit;
use self::components::{fault_schema, headers, problem_schema};
use self::example::{example, recorded};
use self::problems::{Shape, Shared, problem_examples};
use self::words::{describe_parameters, describe_properties};
use super::contract::{MERGE_PATCH, MOST_VALUES};
use super::etag::Match;
use super::{idempotency, negotiate};
use crate::files::kind::Kind;
use crate::policy::Op;
use crate::text::Form;
use crate::vocabulary::Labels;
use crate::workflow::machine::Machine;
use actix_web::http::Method;
use serde_json::{Map, Value, json};

const ABOUT: &str = "\
市政府有关部门与各民主党派市委会、市工商联、市知联会对口联系方案的服务接口。\n\n\
The counterpart-liaison scheme of a city: which government departments liaise with which democratic parties' \
committees, the federation of industry and commerce and the non-party intellectuals' association.\n\n\
Errors are problem documents (RFC 9457) whose `code` is stable; `title` and `detail` are Chinese or English by \
`Accept-Language`. Lists are paged by `cursor`. `PATCH`, `PUT` and `DELETE` need `If-Match`, steps honour it; `POST` takes an optional \
`Idempotency-Key`. Texts that show nothing are refused as blank; those without `x-multiline` have one line and are trimmed, \
and what is invisible in them is taken away. Days and instants are of the years 1900 to 2200, instants to the microsecond. \
The roles of each operation stand in `x-roles` (empty: public).";

const TAGS: &[(&str, &str)] = &[
    ("session", "登录与本人 · Log-in, tokens, oneself"),
    ("accounts", "账号与角色 · Accounts and roles"),
    (
        "directory",
        "方案、单位与分工 · Schemes, organizations, assignments",
    ),
    (
        "liaison-leaders",
        "联络负责人 · Liaison leaders, their receipts and confirmations",
    ),
    (
        "timing",
        "工作日与期限 · Working days, and how long each step may take",
    ),
    (
        "problem-reports",
        "问题反映 · Difficulties put to the coordinator",
    ),
    ("search", "搜索 · One box for all that the caller may see"),
    ("statistics", "统计 · Figures, with the records behind them"),
    (
        "bulletins",
        "日常信息交流 · What one side sends to the other, with receipts",
    ),
    (
        "calendar",
        "日历订阅 · Meetings as an iCalendar feed at a secret address",
    ),
    (
        "meetings",
        "对口联系活动 · Meetings, invitations, attendance, minutes, consultations",
    ),
    (
        "suggestions",
        "意见建议 · Suggestions, replies, feedback receipts, commitments",
    ),
    (
        "plans-and-reports",
        "计划与报送 · Work plans and reports, and who owes them",
    ),
    ("attention", "待办与通知 · What waits, what was told"),
    ("attachments", "附件 · Files that hang on records"),
    ("audit", "审计 · The audit log"),
    ("meta", "元数据 · What front ends need to know"),
    ("operations", "运行 · For operators and tools"),
];

/// The finished document.
pub fn finish(collected: utoipa::openapi::OpenApi, machines: &[&Machine], enums: &[Labels]) -> Value {
    // A document that utoipa has made can be written as JSON.
    let mut document = serde_json::to_value(collected).unwrap_or_default();
    rename_schemas(&mut document);
    document["openapi"] = json!("3.1.0");
    document["info"] = json!({
        "title": "liaison 对口联系",
        "version": env!("CARGO_PKG_VERSION"),
        "description": ABOUT,
        "contact": { "name": "liaison maintainers" },
        "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
    });
    document["servers"] =
        json!([{ "url": "/", "description": "This server (production or test)", "x-internal": false }]);
    document["tags"] = TAGS
        .iter()
        .map(|(name, text)| json!({ "name": name, "description": text }))
        .collect();

    let mut schemas = take_object(&mut document["components"]["schemas"]);
    schemas.insert("Problem".into(), problem_schema());
    schemas.insert("Fault".into(), fault_schema());
    label_enums(&mut schemas, enums);
    mark_lines(&mut schemas);
    for patch in patches(&document["paths"]) {
        schemas[&patch]["minProperties"] = json!(1);
    }
    schemas.sort_keys();
    document["components"]["schemas"] = Value::Object(schemas);
    document["components"]["headers"] = headers();
    document["components"]["examples"] = problem_examples();
    document["components"]["securitySchemes"] = json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "Access token of `POST /api/v1/auth/login`: a JWT (RFC 7519) of type `at+jwt` (RFC 9068), \
                            signed with EdDSA and checked as RFC8725 says.",
        }
    });
    document["security"] = json!([{ "bearer": [] }]);

    limit(&mut document["components"]["schemas"]);
    limit(&mut document["paths"]);
    describe_properties(&mut document["components"]["schemas"]);
    text::refuse_blank(&mut document);
    let components = document["components"].clone();
    let shared = Shared::new(&document, machines);
    for op in Op::ALL {
        if let Some(operation) = operation_of(&mut document, *op) {
            finish_operation(*op, operation, &components, &shared);
        }
    }
    document["components"]["responses"] = shared.responses();
    document
}

fn operation_of(document: &mut Value, op: Op) -> Option<&mut Value> {
    let row = op.row();
    let method = row.method.as_str().to_ascii_lowercase();
    document["paths"].get_mut(row.path)?.get_mut(method)
}

/// The names that read better than those of the Rust types: `Page_Department` is `DepartmentPage`, `NewDepartment`
/// `DepartmentInput`. A type `NewX` beside a type `X` is also one that Go's generator cannot compile, whose constructor of `X` is
/// `NewX`.
fn public_name(name: &str) -> String {
    match (name.strip_prefix("Page_"), name.strip_prefix("New")) {
        (Some(item), _) => format!("{}Page", public_name(item)),
        (None, Some(thing)) if thing.starts_with(char::is_uppercase) => format!("{thing}Input"),
        _ => name.to_owned(),
    }
}

fn rename_schemas(document: &mut Value) {
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        let named = std::mem::take(schemas).into_iter();
        *schemas = named.map(|(name, schema)| (public_name(&name), schema)).collect();
    }
    fn rename(value: &mut Value) {
        match value {
            Value::Object(object) => object.iter_mut().for_each(|(key, inner)| match inner {
                Value::String(target) if key == "$ref" => {
                    if let Some((before, name)) = target.rsplit_once('/') {
                        *target = format!("{before}/{}", public_name(name));
                    }
                }
                inner => rename(inner),
            }),
            Value::Array(items) => items.iter_mut().for_each(rename),
            _ => {}
        }
    }
    rename(document);
}

/// The schemas of merge patches: one that says nothing is a mistake, and makes no version.
fn patches(paths: &Value) -> Vec<String> {
    let operations = Op::ALL.iter().filter(|op| op.row().method == Method::PATCH);
    let schemas = operations.filter_map(|op| {
        let body = &paths[op.row().path]["patch"]["requestBody"]["content"]["application/json"];
        body["schema"]["$ref"].as_str()?.rsplit('/').next()
    });
    schemas.map(str::to_owned).collect()
}

fn take_object(value: &mut Value) -> Map<String, Value> {
    match value.take() {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn finish_operation(op: Op, operation: &mut Value, components: &Value, shared: &Shared) {
    let row = op.row();
    operation["x-roles"] = op
        .roles()
        .into_iter()
        .map(|role| Value::from(role.as_str()))
        .collect();
    if op.is_public() {
        operation["security"] = json!([]);
    }
    let shape = Shape::of(operation);
    let mut parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    describe_parameters(&mut parameters);
    let matched = Match::of(op);
    if matched != Match::Unused {
        parameters.push(json!({
            "name": "If-Match", "in": "header", "required": matched == Match::Required,
            "description": "ETag of what is changed; its version is compared.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 200, "examples": ["\"1-00c0ffee00c0ffee\""] },
        }));
    }
    let keyed = takes_idempotency_key(op);
    if keyed {
        parameters.push(json!({
            "name": idempotency::HEADER, "in": "header", "required": false,
            "description": "The same key and body give the first answer again, for 24 hours.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "examples": ["6f1c0f6e-7a3b"] },
        }));
    }
    // `state=submitted&state=accepted`: either.
    let queried = parameters.iter_mut().filter(|one| one["in"] == "query");
    for several in queried.filter(|one| one["schema"]["type"] == "array") {
        several["style"] = json!("form");
        several["explode"] = json!(true);
        several["schema"]["maxItems"] = json!(MOST_VALUES);
    }
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
    if let Some(schema) = operation
        .pointer("/requestBody/content/application~1json/schema")
        .cloned()
    {
        operation["requestBody"]["content"]["application/json"]["example"] = example(&schema, components, 0);
        operation["requestBody"]["required"] = json!(true);
        if row.method == Method::PATCH {
            // JSON is taken as the same. Two media types of one body are more than some generators of clients can take.
            let content = take_object(&mut operation["requestBody"]["content"]);
            let content = content
                .into_iter()
                .map(|(_, body)| (MERGE_PATCH.to_owned(), body));
            operation["requestBody"]["content"] = content.collect::<Map<_, _>>().into();
            operation["requestBody"]["description"] =
                json!("A merge patch (RFC 7396); `application/json` is taken as the same.");
        }
    }

    let mut responses = take_object(&mut operation["responses"]);
    for (status, response) in &mut responses {
        let mut headers = json!({
            "X-Request-Id": { "$ref": "#/components/headers/X-Request-Id" },
            "RateLimit": { "$ref": "#/components/headers/RateLimit" },
            "Access-Control-Allow-Origin": { "$ref": "#/components/headers/Access-Control-Allow-Origin" },
        });
        let is_json = response.pointer("/content/application~1json").is_some();
        if is_json
            && !matches!(
                op,
                Op::GetLiveness | Op::GetReadiness | Op::LogIn | Op::RefreshSession
            )
        {
            headers["ETag"] = json!({ "$ref": "#/components/headers/ETag" });
        }
        if status == "201" {
            headers["Location"] = json!({ "$ref": "#/components/headers/Location" });
        }
        if let Some(schema) = response.pointer("/content/application~1json/schema").cloned() {
            if schema
                .pointer("/$ref")
                .and_then(Value::as_str)
                .is_some_and(|name| name.ends_with("Page"))
            {
                headers["Link"] = json!({ "$ref": "#/components/headers/Link" });
            }
            response["content"]["application/json"]["example"] =
                recorded(op, status).unwrap_or_else(|| example(&schema, components, 0));
        }
        if status == "200" && negotiate::is_exported(op) {
            headers["Content-Disposition"] = json!({ "$ref": "#/components/headers/Content-Disposition" });
            declare_files(&mut response["content"]);
        }
        response["headers"] = headers;
        let described = response["description"]
            .as_str()
            .is_some_and(|text| !text.is_empty());
        if !described {
            response["description"] = json!(success_text(status));
        }
    }
    if row.method == Method::GET && !matches!(op, Op::GetMetrics | Op::GetLiveness | Op::GetReadiness) {
        responses.insert(
            "304".into(),
            json!({ "description": "Not changed since the ETag in `If-None-Match`." }),
        );
    }
    if op == Op::GetAttachmentContent {
        declare_download(&mut responses);
    }
    responses.extend(shared.of(op, shape));
    responses.sort_keys();
    operation["responses"] = Value::Object(responses);
}

/// The bytes of a file, whole or in part.
fn declare_download(responses: &mut Map<String, Value>) {
    let schema = json!({ "schema": { "type": "string", "format": "binary", "maxLength": u32::MAX } });
    let types = Kind::ALL.map(|kind| (kind.media_type().to_owned(), schema.clone()));
    let content: Map<String, Value> = types.into_iter().collect();
    let mut part = responses["200"].clone();
    for name in ["ETag", "Accept-Ranges", "Repr-Digest", "Content-Disposition"] {
        part["headers"][name] = json!({ "$ref": format!("#/components/headers/{name}") });
    }
    part["content"] = content.into();
    responses.insert("200".into(), part.clone());
    part["headers"]["Content-Range"] = json!({ "$ref": "#/components/headers/Content-Range" });
    part["description"] = json!("The range that was asked for");
    responses.insert("206".into(), part);
}

/// The forms that a table can be taken away in, all pages at once.
fn declare_files(content: &mut Value) {
    content[negotiate::CSV] = json!({
        "schema": { "type": "string", "maxLength": u32::MAX, "description": "UTF-8 with BOM, CRLF, formulas defused." },
        "example": "\u{feff}代码,名称\r\neducation,市教育局\r\n",
    });
    content[negotiate::XLSX] = json!({
        "schema": { "type": "string", "format": "binary", "maxLength": u32::MAX },
    });
}

pub fn takes_idempotency_key(op: Op) -> bool {
    let row = op.row();
    row.method == Method::POST && !row.path.starts_with("/api/v1/auth/")
}

fn success_text(status: &str) -> &'static str {
    match status {
        "201" => "Created",
        "204" => "Done; no content",
        _ => "OK",
    }
}

/// Says which texts may have more than one line.
fn mark_lines(schemas: &mut Map<String, Value>) {
    for schema in schemas.values_mut() {
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (name, property) in properties.into_iter().flatten() {
            if Form::of(name) == Form::Lines && property.get("type").is_some() {
                property["x-multiline"] = json!(true);
            }
        }
    }
}

/// Says what each value of an enumeration is called, from the labels that `meta/enums` answers.
fn label_enums(schemas: &mut Map<String, Value>, enums: &[Labels]) {
    for enumeration in enums {
        if let Some(schema) = schemas.get_mut(&*enumeration.schema) {
            let lines: Vec<String> = enumeration
                .values
                .iter()
                .map(|(code, label)| format!("- `{code}` {} · {}", label.zh, label.en))
                .collect();
            let before = schema["description"].as_str().unwrap_or_default().to_owned();
            schema["description"] = format!("{before}\n\n{}", lines.join("\n")).trim().into();
        }
    }
}
