//! What all operations share: headers, and the schemas of problems.

use crate::limits;
use crate::problem::Code;
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
            "errors": { "type": "array", "maxItems": limits::FAULTS, "items": { "$ref": "#/components/schemas/Fault" } },
            "errors_omitted": { "type": "integer", "minimum": 1, "description": "How many further faults there are; absent where all are named." },
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
            "ended_on": { "type": ["string", "null"], "format": "date", "maxLength": 10, "description": "终止日期 · Since when the caller's organization no longer stands, of `organization_ended`" },
            "successor": {
                "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/OrganizationRef" }],
                "description": "承接单位 · Who acts for it now, of `organization_ended`",
            },
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
            "code": { "type": "string", "maxLength": 64, "examples": ["required"], "description": fault_codes() },
            "detail": { "type": "string", "maxLength": 4000 },
        },
    })
}

/// What is wrong at one place of a request, for programs; tests hold every fault that they meet against it.
pub const FAULT_CODES: &[(&str, &str, &str)] = &[
    ("required", "缺少必填内容", "Required, and missing"),
    ("blank", "空白", "Shows nothing"),
    ("wrong_type", "类型有误", "Of the wrong type"),
    ("malformed", "格式有误", "Malformed"),
    ("not_allowed", "不是允许的值", "Not an allowed value"),
    ("unknown_field", "没有这个字段", "No such field"),
    ("unknown_parameter", "没有这个查询参数", "No such query parameter"),
    (
        "unknown_reference",
        "没有这个单位或对象",
        "Refers to what does not exist or cannot be reached",
    ),
    ("repeated", "重复", "Given more than once"),
    ("too_short", "过短", "Too short"),
    ("too_long", "过长", "Too long"),
    ("too_few", "过少", "Too few"),
    ("too_many", "过多", "Too many"),
    ("too_small", "过小", "Too small"),
    ("too_large", "过大", "Too large"),
    ("out_of_range", "超出范围", "Out of range"),
    ("invalid", "不符合要求", "Does not fit"),
    ("invalid_cursor", "游标无效", "A cursor of another list or query"),
    (
        "forbidden_character",
        "含有不允许的字符",
        "Holds a character that is not allowed",
    ),
    ("line_break", "含有换行", "Holds a line break"),
    ("not_in_numbers", "不能用于编号", "Cannot be part of a number"),
    ("taken", "已被使用", "Taken"),
    ("in_past", "已经过去", "In the past"),
    ("in_future", "尚未到来", "In the future"),
    ("not_later", "须更晚", "Has to be later"),
    ("not_ahead", "须在今后", "Has to lie ahead"),
    ("too_late", "过晚", "Too late"),
    ("not_together", "不能同时使用", "Do not go together"),
    ("already_leads", "已是主办单位", "Leads it already"),
    ("not_a_weekend_day", "不是周末", "No day of a weekend"),
    ("too_few_classes", "字符种类过少", "Too few classes of characters"),
    (
        "too_common",
        "密码过于常见",
        "A password that would be guessed early",
    ),
    ("contains_username", "含有用户名", "Contains the user name"),
    (
        "control_character",
        "含有控制字符",
        "Contains a control character",
    ),
    ("reused", "近期用过的密码", "A recent password"),
    ("misplaced", "位置有误", "At the wrong place of the form"),
    (
        "unknown_type",
        "文件类型不受支持",
        "A type of file that is not taken",
    ),
    (
        "type_mismatch",
        "文件内容与扩展名不符",
        "The file is of another type than its name says",
    ),
    ("empty", "文件是空的", "An empty file"),
    ("macros", "文件带宏", "A file with macros"),
    ("damaged", "文件已损坏", "A damaged file"),
    ("encrypted", "文件已加密", "An encrypted file"),
    ("bomb", "文件展开后过大", "A file that inflates to too much"),
    (
        "unsafe_entry",
        "压缩包中有不安全的路径",
        "An archive with unsafe paths",
    ),
    (
        "unsupported_archive",
        "压缩包格式不受支持",
        "An archive of a form that is not supported",
    ),
    ("name_is_path", "文件名是路径", "A file name that is a path"),
    ("name_too_long", "文件名过长", "A file name that is too long"),
    (
        "name_reserved",
        "文件名被系统保留",
        "A file name that systems reserve",
    ),
];

fn fault_codes() -> String {
    let lines = FAULT_CODES
        .iter()
        .map(|(code, zh, en)| format!("- `{code}` {zh} · {en}"));
    format!(
        "For programs; stable.\n\n{}",
        lines.collect::<Vec<_>>().join("\n")
    )
}
