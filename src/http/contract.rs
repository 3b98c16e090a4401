//! The OpenAPI document as law: bodies and queries are checked against the very schemas that clients read, so that
//! limits stand once and every fault is named at once.

use super::formats;
use super::query::pairs;
use super::schema::{Compiled, bare, bare_each, resolved};
use super::shape::{Body, Shapes, Unreadable, unknown_field};
use crate::language::Text;
use crate::policy::Op;
use crate::problem::{Fault, Place, Problem};
use crate::text::Form;
use actix_web::http::Method;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use strum::EnumCount;

/// RFC 7396 §4.
pub const MERGE_PATCH: &str = "application/merge-patch+json";

pub struct Contract {
    /// By `Op as usize`.
    operations: Vec<Operation>,
    shapes: Shapes,
}

#[derive(Default)]
struct Operation {
    body: Option<Compiled>,
    /// What a body may hold, in `Contract::shapes`.
    shape: usize,
    query: HashMap<String, Parameter>,
    required: Vec<String>,
}

/// What a query parameter may be, and how often it may stand.
struct Parameter {
    /// Of one value.
    schema: Arc<Compiled>,
    /// None where it stands once.
    most: Option<usize>,
}

/// How often a filter may stand where its schema names no bound.
pub const MOST_VALUES: usize = 50;

impl Contract {
    /// From the finished document.
    pub fn new(document: &Value) -> Self {
        let components = bare_each(&document["components"]["schemas"]);
        let mut this = Self {
            operations: (0..Op::COUNT).map(|_| Operation::default()).collect(),
            shapes: Shapes::default(),
        };
        // Lists have the same parameters over and over: each is compiled once.
        let mut parameters = HashMap::new();
        for op in Op::ALL {
            let row = op.row();
            let method = if row.method == Method::GET {
                "get".into()
            } else {
                row.method.as_str().to_ascii_lowercase()
            };
            let operation = &document["paths"][row.path][method];
            this.operations[*op as usize] =
                Operation::of(operation, &components, &mut this.shapes, &mut parameters);
        }
        this
    }

    /// A body as JSON, and what its schema does not know of it.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn read_body(&self, op: Op, text: &str) -> Result<Body, Unreadable> {
        self.shapes.read(self.operations[op as usize].shape, text)
    }

    /// Every fault of a body; none where the operation takes none.
    pub fn check_body(&self, op: Op, body: &Value) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Some(validator) = self.operations[op as usize].body.as_ref().and_then(Compiled::get) {
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
    pub fn form(&self, op: Op, parts: Vec<(String, String)>) -> Body {
        let operation = &self.operations[op as usize];
        let schema = self.body_schema(op);
        let (mut value, mut faults) = (Map::new(), Vec::new());
        for (name, text) in parts {
            if !self.shapes.has(operation.shape, &name) {
                faults.push(Fault {
                    place: Place::Pointer(pointer(&[&name])),
                    ..unknown_field()
                });
                continue;
            }
            let read = match schema["properties"][&name]["type"].as_str() {
                Some("boolean") => text.to_ascii_lowercase().parse::<bool>().ok().map(Value::from),
                Some("integer") => text.parse::<i64>().ok().map(Value::from),
                _ => None,
            };
            value.insert(name, read.unwrap_or(Value::String(text)));
        }
        Body {
            value: value.into(),
            faults,
            omitted: 0,
            references: Vec::new(),
        }
    }

    /// Refuses a query of an operation that reads none, as the public ones do not.
    ///
    /// # Errors
    /// 422 with every parameter; 400 where the query cannot be parsed.
    pub fn refuse_unknown_query(&self, op: Op, query: &str) -> Result<(), Problem> {
        // Calendar programs add parameters of their own to the address that they were given.
        if query.is_empty() || op.is_page() || op == Op::GetCalendar {
            return Ok(());
        }
        self.check_query(op, pairs(query)?)
            .map(|_| ())
            .map_err(Problem::invalid)
    }

    /// What a body of the operation is, without what only readers look at.
    fn body_schema(&self, op: Op) -> &Value {
        let body = self.operations[op as usize].body.as_ref();
        body.map_or(&Value::Null, |body| {
            resolved(&body.schema["allOf"][0], &body.schema["components"]["schemas"])
        })
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
            let Some(parameter) = operation.query.get(&name) else {
                fault(
                    &name,
                    "unknown_parameter",
                    Text::fixed("没有这个查询参数。", "There is no such query parameter."),
                );
                continue;
            };
            let Some(validator) = parameter.schema.get() else {
                continue;
            };
            let there = values
                .get(&name)
                .map_or(0, |there| there.as_array().map_or(1, Vec::len));
            if there > 0 && parameter.most.is_none() {
                fault(
                    &name,
                    "repeated",
                    Text::fixed("查询参数重复。", "The parameter stands more than once."),
                );
                continue;
            }
            if let Some(most) = parameter.most.filter(|most| there >= *most) {
                fault(
                    &name,
                    "too_many",
                    Text::new(format!("超过 {most} 项。"), format!("More than {most} items.")),
                );
                break;
            }
            match typed(validator, &name, &text) {
                Ok(value) => match values.get_mut(&name).and_then(Value::as_array_mut) {
                    // The order does not matter, nor that one stands twice.
                    Some(several) if several.contains(&value) => {}
                    Some(several) => several.push(value),
                    None if parameter.most.is_some() => {
                        values.insert(name, Value::Array(vec![value]));
                    }
                    None => {
                        values.insert(name, value);
                    }
                },
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
    fn of(
        operation: &Value,
        components: &Value,
        shapes: &mut Shapes,
        parameters: &mut HashMap<String, Arc<Compiled>>,
    ) -> Self {
        let mut this = Self::default();
        let content = &operation["requestBody"]["content"];
        let media_type = ["application/json", MERGE_PATCH, "multipart/form-data"]
            .into_iter()
            .find(|media_type| content[media_type].is_object());
        if let Some(media_type) = media_type {
            let schema = bare(&content[media_type]["schema"]);
            this.shape = shapes.of(&schema, components);
            this.body = Some(Compiled::new(&schema, components));
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if let (Some("query"), Some(name)) = (parameter["in"].as_str(), parameter["name"].as_str()) {
                let (given, required) = (&parameter["schema"], parameter["required"] == true);
                let several = given["type"] == "array";
                let most = given["maxItems"]
                    .as_u64()
                    .and_then(|most| usize::try_from(most).ok());
                let schema = bare(if several { &given["items"] } else { given });
                let compiled = parameters
                    .entry(schema.to_string())
                    .or_insert_with(|| Arc::new(Compiled::new(&schema, components)));
                let parameter = Parameter {
                    schema: compiled.clone(),
                    most: several.then(|| most.unwrap_or(MOST_VALUES)),
                };
                this.query.insert(name.to_owned(), parameter);
                if required {
                    this.required.push(name.to_owned());
                }
            }
        }
        this
    }
}

/// The text as the type that the schema wants: text, whole number, or yes/no.
fn typed(validator: &Validator, name: &str, text: &str) -> Result<Value, Vec<(&'static str, Text)>> {
    let text = Form::of(name).read(text).map_err(|wrong| vec![wrong])?;
    let as_text = Value::String(text.clone().into_owned());
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
                let Fault { code, detail, .. } = unknown_field();
                report(format!("{path}/{}", escape(name)), code, detail);
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
        MinProperties { .. } => report(
            path,
            "required",
            Text::fixed(
                "请至少给出一个要修改的字段。",
                "Name one field at least that is to change.",
            ),
        ),
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
        MaxItems { limit: n } => {
            let (code, detail) = too_many(n);
            report(path, code, detail);
        }
        MinItems { limit: n } => report(path, "too_few", limit("少于 {} 项。", "Fewer than {} items.", n)),
        Maximum { limit: n } => report(path, "too_large", limit("不得大于 {}。", "At most {}.", n)),
        Minimum { limit: n } => report(path, "too_small", limit("不得小于 {}。", "At least {}.", n)),
        UniqueItems => report(
            path,
            "repeated",
            Text::fixed("有重复的项。", "Items are repeated."),
        ),
        Format { format }
            if error
                .instance()
                .as_str()
                .is_some_and(|text| formats::is_of_other_years(format, text)) =>
        {
            let (first, last) = formats::YEARS.into_inner();
            let detail = Text::new(
                format!("年份应在 {first} 至 {last} 之间。"),
                format!("A year from {first} to {last}."),
            );
            report(path, "out_of_range", detail);
        }
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

/// A list of more items than it may have.
pub(super) fn too_many(most: impl std::fmt::Display) -> (&'static str, Text) {
    let detail = Text::new(format!("超过 {most} 项。"), format!("More than {most} items."));
    ("too_many", detail)
}

fn is_not_null(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), ValidationErrorKind::Type { kind: TypeKind::Single(kind) } if kind.to_string() == "null")
}

/// RFC 6901 §3.
pub(super) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Joins pointer segments.
pub fn pointer(parts: &[&dyn std::fmt::Display]) -> String {
    parts.iter().fold(String::new(), |path, part| {
        format!("{path}/{}", escape(&part.to_string()))
    })
}
