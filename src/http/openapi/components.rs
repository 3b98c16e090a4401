//! What all operations share: headers, and the answers that tell of problems.

use crate::http::catalogue::Code;
use crate::http::cost;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(super) fn headers() -> Value {
    let text = |description: &str, example: &str| json!({ "description": description, "schema": { "type": "string", "maxLength": 2000, "examples": [example] } });
    json!({
        "X-Request-Id": text("Id of the request, as the client gave it or a new one", "0193d2a4-5c00-7000-8000-000000000001"),
        "RateLimit": text("What is left of the quota; absent where no limit is set", "\"default\";r=1199"),
        "Retry-After": text("Seconds to wait", "2"),
        "ETag": text("Version and digest of the representation", "\"1-00c0ffee00c0ffee\""),
        "Location": text("Where the new thing is", "/api/v1/departments/0193d2a4-5c00-7000-8000-000000000009"),
        "Link": text("The next page, `rel=\"next\"`; absent on the last", "</api/v1/departments?cursor=…>; rel=\"next\""),
        "Content-Disposition": text("Of a file alone", "attachment; filename=\"list_departments-2026-03-02.csv\""),
        "Accept-Ranges": text("Of a file", "bytes"),
        "Content-Range": text("Which bytes of how many", "bytes 0-99/183204"),
        "Repr-Digest": text("SHA-256 of the whole file (RFC 9530)", "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"),
        "Access-Control-Allow-Origin": text("For origins on the allow-list alone", "https://oa.example.cn"),
    })
}

/// One shared answer a status, which names the codes that it can carry.
pub(super) fn problem_responses() -> Value {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in Code::ALL {
        by_status.entry(code.status().as_u16()).or_default().push(*code);
    }
    by_status
        .into_iter()
        // No operation answers it: it is the router's word on a method that is no operation.
        .filter(|(status, _)| *status != 405)
        .map(|(status, codes)| {
            let lines: Vec<String> = codes
                .iter()
                .map(|code| format!("- `{}` {} · {}", code.as_str(), code.title().zh, code.title().en))
                .collect();
            let mut headers = json!({
                "X-Request-Id": { "$ref": "#/components/headers/X-Request-Id" },
                "RateLimit": { "$ref": "#/components/headers/RateLimit" },
                "Access-Control-Allow-Origin": { "$ref": "#/components/headers/Access-Control-Allow-Origin" },
            });
            if matches!(status, 429 | 503) {
                headers["Retry-After"] = json!({ "$ref": "#/components/headers/Retry-After" });
            }
            if status == 416 {
                headers["Content-Range"] = json!({ "$ref": "#/components/headers/Content-Range" });
            }
            let code = codes[0];
            let response = json!({
                "description": lines.join("\n"),
                "headers": headers,
                "content": { "application/problem+json": {
                    "schema": { "$ref": "#/components/schemas/Problem" },
                    "example": {
                        "type": format!("/problems/{}", code.as_str()),
                        "title": code.title().zh,
                        "status": status,
                        "detail": code.explanation().zh,
                        "instance": "/api/v1/departments",
                        "code": code.as_str(),
                        "request_id": "0193d2a4-5c00-7000-8000-000000000001",
                    },
                } },
            });
            (status.to_string(), response)
        })
        .collect::<Map<_, _>>()
        .into()
}

pub(super) fn problem_schema() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    json!({
        "type": "object",
        "description": "问题说明 (RFC 9457). Further members belong to single codes.",
        "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
        "properties": {
            "type": { "type": "string", "format": "uri-reference", "maxLength": 200, "description": "Leads to a page on the problem." },
            "title": { "type": "string", "maxLength": 200 },
            "status": { "type": "integer", "format": "int32", "minimum": 400, "maximum": 599 },
            "detail": { "type": "string", "maxLength": 4000 },
            "instance": { "type": "string", "maxLength": 8000, "description": "The path that was asked for." },
            "code": { "type": "string", "enum": codes, "description": "For programs; stable." },
            "request_id": { "type": "string", "maxLength": 128 },
            "errors": { "type": "array", "maxItems": cost::FAULTS, "items": { "$ref": "#/components/schemas/Fault" } },
            "errors_omitted": { "type": "integer", "minimum": 1, "description": "How many further faults there are; absent where all are named." },
        },
    })
}

pub(super) fn fault_schema() -> Value {
    let place = |text: &str| json!({ "type": "string", "maxLength": 1000, "description": text });
    json!({
        "type": "object",
        "description": "一处错误",
        "required": ["code", "detail"],
        "properties": {
            "pointer": place("JSON Pointer (RFC 6901) into the body; empty for the body itself"),
            "parameter": place("Query parameter"),
            "header": place("Request header"),
            "code": { "type": "string", "maxLength": 64, "description": "For programs; stable." },
            "detail": { "type": "string", "maxLength": 4000 },
        },
    })
}
