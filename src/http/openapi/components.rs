//! What all operations share: headers, and the schemas of problems.

use crate::http::catalogue::Code;
use serde_json::{Value, json};

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

pub(super) fn problem_schema() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let id = |text: &str| json!({ "type": "string", "format": "uuid", "maxLength": 36, "description": text });
    let count = |text: &str| json!({ "type": "integer", "format": "int64", "minimum": 0, "maximum": i32::MAX, "description": text });
    json!({
        "type": "object",
        "description": "问题说明 (RFC 9457). Further members belong to single codes.",
        "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
        "properties": {
            "type": { "type": "string", "format": "uri-reference", "maxLength": 200, "description": "Leads to a page on the problem." },
            "title": { "type": "string", "maxLength": 200, "description": "问题名称 · What went wrong, in the language of the request" },
            "status": { "type": "integer", "format": "int32", "minimum": 400, "maximum": 599, "description": "状态码 · The status code of the answer" },
            "detail": { "type": "string", "maxLength": 4000, "description": "具体说明 · What went wrong here and what to do about it" },
            "instance": { "type": "string", "maxLength": 8000, "description": "The path that was asked for." },
            "code": { "type": "string", "enum": codes, "description": "For programs; stable." },
            "request_id": { "type": "string", "maxLength": 128 },
            "errors": { "type": "array", "maxItems": 10000, "items": { "$ref": "#/components/schemas/Fault" } },
            "state": { "type": "string", "maxLength": 64, "description": "当前状态 · The state as it is, of `step_not_allowed` and other conflicts with a state" },
            "allowed_actions": {
                "type": "array", "maxItems": 50, "items": { "type": "string", "maxLength": 64 },
                "description": "可执行的操作 · Codes of the steps that the caller can take instead, of `step_not_allowed`",
            },
            "gaps": {
                "type": "array", "maxItems": 1000, "items": { "type": "object" },
                "description": "缺少的分工 · Pairs that a common department lacks, of `scheme_incomplete`",
            },
            "latest_effective_from": { "type": "string", "format": "date", "maxLength": 10, "description": "现行方案生效日期 · Day of effect of the latest scheme, of `scheme_dates`" },
            "liaison_leader": { "type": "object", "description": "已有的任命 · The appointment that is there (`id`, `effective_from`), of `appointment_exists`" },
            "work_plan": id("已有的计划 · The plan that is there, of `work_plan_exists`"),
            "work_report": id("已有的报告 · The report that is there, of `work_report_exists`"),
            "annual_summary": id("已有的汇总 · The summary that is there, of `annual_summary_exists`"),
            "open_assignments": count("分工 · Pairs in force, of `successor_needed`"),
            "open_problem_reports": count("未办结的问题反映 · Open problem reports, of `successor_needed`"),
            "open_meetings": count("未办结的活动 · Open meetings, of `successor_needed`"),
            "open_suggestions": count("未办结的意见建议 · Open suggestions, of `successor_needed`"),
            "open_commitments": count("未兑现的承诺 · Open commitments, of `successor_needed`"),
            "open_work_plans": count("待处理的计划 · Plans that wait, of `successor_needed`"),
            "open_work_reports": count("待处理的报告 · Reports that wait, of `successor_needed`"),
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
