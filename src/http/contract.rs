//! The OpenAPI document as law: bodies and queries are checked against the very schemas that clients read, so that
//! limits stand once and every fault is named at once.

use super::catalogue::Code;
use super::language::Text;
use super::openapi::MERGE_PATCH;
use super::problem::{Fault, Place, Problem};
use crate::policy::Op;
use actix_web::http::Method;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;
use strum::EnumCount;

pub struct Contract {
    /// The schemas that others refer to.
    components: Value,
    /// By `Op as usize`.
    operations: Vec<Operation>,
}

#[derive(Default)]
struct Operation {
    body: Option<Lazy>,
    query: HashMap<String, Lazy>,
    required: Vec<String>,
}

/// A schema that is compiled when it is first needed: most operations of a short-lived process never are.
struct Lazy {
    schema: Value,
    validator: OnceLock<Option<Validator>>,
}

impl Contract {
    /// From the finished document.
    pub fn new(document: &Value) -> Self {
        let mut operations: Vec<Operation> = (0..Op::COUNT).map(|_| Operation::default()).collect();
        for op in Op::ALL {
            let row = op.row();
            let method = if row.method == Method::GET {
                "get".into()
            } else {
                row.method.as_str().to_ascii_lowercase()
            };
            operations[*op as usize] = Operation::of(&document["paths"][row.path][method]);
        }
        Self {
            components: json!({ "schemas": bare_each(&document["components"]["schemas"]) }),
            operations,
        }
    }

    /// Every fault of a body; none where the operation takes none.
    pub fn check_body(&self, op: Op, body: &Value) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Some(validator) = self.operations[op as usize]
            .body
            .as_ref()
            .and_then(|body| body.get(&self.components))
        {
            for error in validator.iter_errors(body) {
                describe(&error, &mut |path, code, detail| {
                    faults.push(Fault {
                        place: Place::Pointer(path),
                        code,
                        detail,
                    });
                });
            }
        }
        faults
    }

    /// The text parts of a form as an object of typed values; what cannot be read as the type that is wanted stays text, for
    /// `check_body` to name.
    pub fn form(&self, op: Op, parts: Vec<(String, String)>) -> Value {
        let schema = self.operations[op as usize]
            .body
            .as_ref()
            .map(|body| &body.schema);
        let schema = schema.map_or(&Value::Null, |schema| self.resolved(schema));
        let typed = |(name, text): (String, String)| {
            let read = match schema["properties"][&name]["type"].as_str() {
                Some("boolean") => text.parse::<bool>().ok().map(Value::from),
                Some("integer") => text.parse::<i64>().ok().map(Value::from),
                _ => None,
            };
            (name, read.unwrap_or(Value::String(text)))
        };
        parts.into_iter().map(typed).collect::<Map<_, _>>().into()
    }

    fn resolved<'v>(&'v self, schema: &'v Value) -> &'v Value {
        schema["$ref"]
            .as_str()
            .and_then(|reference| self.components.pointer(reference.strip_prefix("#/components")?))
            .unwrap_or(schema)
    }

    /// The same for an operation that reads no query, as the public ones do not.
    ///
    /// # Errors
    /// 422 with every parameter; 400 where the query cannot be parsed.
    pub fn refuse_unknown_query(&self, op: Op, query: &str) -> Result<(), Problem> {
        if query.is_empty() || op.is_page() {
            return Ok(());
        }
        let pairs = serde_urlencoded::from_str(query)
            .map_err(|error| Problem::new(Code::BadRequest).source(error))?;
        self.check_query(op, pairs).map(|_| ()).map_err(Problem::invalid)
    }

    /// The query as an object of typed values.
    ///
    /// # Errors
    /// Every fault: unknown, repeated, missing and malformed parameters.
    pub fn check_query(
        &self,
        op: Op,
        pairs: Vec<(String, String)>,
    ) -> Result<Map<String, Value>, Vec<Fault>> {
        let operation = &self.operations[op as usize];
        let mut values = Map::new();
        // One that is there and has a fault is not missing, too.
        let given: HashSet<String> = pairs.iter().map(|(name, _)| name.clone()).collect();
        let mut faults = Vec::new();
        let mut fault = |name: &str, code, detail| {
            faults.push(Fault {
                place: Place::Parameter(name.to_owned()),
                code,
                detail,
            });
        };
        for (name, text) in pairs {
            let Some(schema) = operation.query.get(&name) else {
                fault(
                    &name,
                    "unknown_parameter",
                    Text::fixed("没有这个查询参数。", "There is no such query parameter."),
                );
                continue;
            };
            if values.contains_key(&name) {
                fault(
                    &name,
                    "repeated",
                    Text::fixed("查询参数重复。", "The parameter stands more than once."),
                );
                continue;
            }
            let Some(validator) = schema.get(&self.components) else {
                continue;
            };
            match typed(validator, &text) {
                Ok(value) => {
                    values.insert(name, value);
                }
                Err(errors) => errors
                    .into_iter()
                    .for_each(|(code, detail)| fault(&name, code, detail)),
            }
        }
        for name in &operation.required {
            if !given.contains(name) {
                fault(
                    name,
                    "required",
                    Text::fixed("缺少必填的查询参数。", "A required parameter is missing."),
                );
            }
        }
        if faults.is_empty() {
            Ok(values)
        } else {
            Err(faults)
        }
    }
}

impl Operation {
    fn of(operation: &Value) -> Self {
        let lazy = |schema: &Value| Lazy {
            schema: bare(schema),
            validator: OnceLock::new(),
        };
        let mut this = Self::default();
        let content = &operation["requestBody"]["content"];
        let media_type = ["application/json", MERGE_PATCH, "multipart/form-data"]
            .into_iter()
            .find(|media_type| content[media_type].is_object());
        let body = media_type.map_or(&Value::Null, |media_type| &content[media_type]["schema"]);
        this.body = (!body.is_null()).then(|| lazy(body));
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if let (Some("query"), Some(name)) = (parameter["in"].as_str(), parameter["name"].as_str()) {
                this.query.insert(name.to_owned(), lazy(&parameter["schema"]));
                if parameter["required"] == true {
                    this.required.push(name.to_owned());
                }
            }
        }
        this
    }
}

/// A schema without what only readers look at: most of the document.
fn bare(schema: &Value) -> Value {
    const FOR_READERS: [&str; 4] = ["description", "example", "examples", "title"];
    match schema {
        Value::Object(keywords) => keywords
            .iter()
            .filter(|(keyword, _)| !FOR_READERS.contains(&keyword.as_str()))
            .map(|(keyword, value)| {
                let value = match keyword.as_str() {
                    "properties" => bare_each(value),
                    _ => bare(value),
                };
                (keyword.clone(), value)
            })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(schemas) => schemas.iter().map(bare).collect(),
        other => other.clone(),
    }
}

/// The same of schemas by names, which may be `title`.
fn bare_each(schemas: &Value) -> Value {
    let named = schemas.as_object().into_iter().flatten();
    let named = named.map(|(name, schema)| (name.clone(), bare(schema)));
    named.collect::<Map<_, _>>().into()
}

impl Lazy {
    fn get(&self, components: &Value) -> Option<&Validator> {
        self.validator
            .get_or_init(|| {
                let schema = json!({ "allOf": [self.schema], "components": components });
                jsonschema::options()
                    .should_validate_formats(true)
                    .build(&schema)
                    .inspect_err(
                        |error| tracing::error!(%error, "a schema of the document cannot be compiled"),
                    )
                    .ok()
            })
            .as_ref()
    }
}

/// The text as the type that the schema wants: text, whole number, or yes/no.
fn typed(validator: &Validator, text: &str) -> Result<Value, Vec<(&'static str, Text)>> {
    if let Some(fault) = super::text::fault_of(text) {
        return Err(vec![fault]);
    }
    let as_text = Value::String(text.to_owned());
    let other = text
        .parse::<i64>()
        .map(Value::from)
        .or_else(|_| text.parse::<bool>().map(Value::from))
        .ok();
    for candidate in std::iter::once(&as_text).chain(&other) {
        if validator.is_valid(candidate) {
            return Ok(candidate.clone());
        }
    }
    // A number out of bounds is told of its bounds, not of its type.
    let told = other
        .as_ref()
        .filter(|value| {
            !validator
                .iter_errors(value)
                .any(|error| matches!(error.kind(), ValidationErrorKind::Type { .. }))
        })
        .unwrap_or(&as_text);
    let mut errors = Vec::new();
    for error in validator.iter_errors(told) {
        describe(&error, &mut |_, code, detail| errors.push((code, detail)));
    }
    Err(errors)
}

/// One error of the schema as the faults that a client reads: pointer, code, detail.
fn describe(error: &ValidationError<'_>, report: &mut dyn FnMut(String, &'static str, Text)) {
    use ValidationErrorKind::*;
    let path = error.instance_path().as_str().to_owned();
    let limit = |zh: &str, en: &str, limit: &dyn std::fmt::Display| {
        Text::new(
            zh.replace("{}", &limit.to_string()),
            en.replace("{}", &limit.to_string()),
        )
    };
    match error.kind() {
        Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let detail = Text::fixed("缺少必填字段。", "A required field is missing.");
            report(format!("{path}/{}", escape(name)), "required", detail);
        }
        AdditionalProperties { unexpected } | UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                let detail = Text::fixed("没有这个字段。", "There is no such field.");
                report(format!("{path}/{}", escape(name)), "unknown_field", detail);
            }
        }
        // A nullable reference: what does not fit its schema proper is the fault, that it is not null is none.
        OneOfNotValid { context } | AnyOf { context } => {
            let branch = context.iter().find(|branch| !branch.iter().all(is_not_null));
            match branch.or(context.first()) {
                Some(errors) => errors.iter().for_each(|error| describe(error, report)),
                None => report(
                    path,
                    "not_allowed",
                    Text::fixed("不是允许的值。", "Not an allowed value."),
                ),
            }
        }
        Type { kind } => {
            let wanted = match kind {
                TypeKind::Single(one) => one.to_string(),
                TypeKind::Multiple(many) => many
                    .iter()
                    .map(|one| one.to_string())
                    .collect::<Vec<_>>()
                    .join(" / "),
            };
            report(
                path,
                "wrong_type",
                limit("类型有误，应为 {}。", "Of the wrong type; wanted: {}.", &wanted),
            );
        }
        Enum { options } => {
            let options: Vec<&str> = options
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            report(
                path,
                "not_allowed",
                limit(
                    "不是允许的值，可用的值：{}。",
                    "Not an allowed value; allowed: {}.",
                    &options.join(", "),
                ),
            );
        }
        Constant { expected_value } => {
            report(
                path,
                "not_allowed",
                limit("必须是 {}。", "Must be {}.", expected_value),
            );
        }
        MaxLength { limit: n } => report(
            path,
            "too_long",
            limit("超过 {} 个字。", "Longer than {} characters.", n),
        ),
        MinLength { limit: n } => report(
            path,
            "too_short",
            limit("少于 {} 个字。", "Shorter than {} characters.", n),
        ),
        MaxItems { limit: n } => report(path, "too_many", limit("超过 {} 项。", "More than {} items.", n)),
        MinItems { limit: n } => report(path, "too_few", limit("少于 {} 项。", "Fewer than {} items.", n)),
        Maximum { limit: n } => report(path, "too_large", limit("不得大于 {}。", "At most {}.", n)),
        Minimum { limit: n } => report(path, "too_small", limit("不得小于 {}。", "At least {}.", n)),
        UniqueItems => report(
            path,
            "repeated",
            Text::fixed("有重复的项。", "Items are repeated."),
        ),
        Format { format } => {
            report(
                path,
                "malformed",
                limit("格式有误，应为 {}。", "Malformed; wanted: {}.", format),
            );
        }
        Pattern { .. } => report(path, "malformed", Text::fixed("格式有误。", "Malformed.")),
        _ => report(path, "invalid", Text::fixed("不符合要求。", "Does not fit.")),
    }
}

fn is_not_null(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), ValidationErrorKind::Type { kind: TypeKind::Single(kind) } if kind.to_string() == "null")
}

/// RFC 6901 §3.
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Joins pointer segments.
pub fn pointer(parts: &[&dyn std::fmt::Display]) -> String {
    parts.iter().fold(String::new(), |path, part| {
        format!("{path}/{}", escape(&part.to_string()))
    })
}
