//! Schemas as requests are held against them: without their prose, complete in themselves, and compiled when they are needed.

use super::formats;
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use std::sync::OnceLock;

/// A schema that is compiled when it is first needed: most operations of a short-lived process never are.
pub(super) struct Compiled {
    /// Complete: with the components that it refers to, and no others.
    pub(super) schema: Value,
    validator: OnceLock<Option<Validator>>,
}

/// What a reference refers to; what is none stays.
pub(super) fn resolved<'v>(schema: &'v Value, components: &'v Value) -> &'v Value {
    let name = schema["$ref"].as_str().and_then(component);
    name.and_then(|name| components.get(name)).unwrap_or(schema)
}

fn component(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/components/schemas/")
}

/// Collects the components that a schema refers to, and what those refer to.
fn collect(schema: &Value, components: &Value, found: &mut Map<String, Value>) {
    match schema {
        Value::Object(keywords) => {
            let name = schema["$ref"].as_str().and_then(component);
            if let Some((name, target)) = name.and_then(|name| Some((name, components.get(name)?)))
                && !found.contains_key(name)
            {
                found.insert(name.to_owned(), target.clone());
                collect(target, components, found);
            }
            keywords
                .values()
                .for_each(|inner| collect(inner, components, found));
        }
        Value::Array(schemas) => schemas.iter().for_each(|inner| collect(inner, components, found)),
        _ => {}
    }
}

impl Compiled {
    pub(super) fn new(schema: &Value, components: &Value) -> Self {
        let mut needed = Map::new();
        collect(schema, components, &mut needed);
        Self {
            schema: json!({ "allOf": [schema], "components": { "schemas": needed } }),
            validator: OnceLock::new(),
        }
    }

    pub(super) fn get(&self) -> Option<&Validator> {
        self.validator
            .get_or_init(|| {
                jsonschema::options()
                    .should_validate_formats(true)
                    .with_format("date", formats::is_day)
                    .with_format("date-time", formats::is_instant)
                    .build(&self.schema)
                    .inspect_err(
                        |error| tracing::error!(%error, "a schema of the document cannot be compiled"),
                    )
                    .ok()
            })
            .as_ref()
    }
}

/// A schema without what only readers look at: most of the document.
pub(super) fn bare(schema: &Value) -> Value {
    // The one constant, `no_secrets`, is checked where it is read: what is said there tells why.
    const FOR_READERS: [&str; 5] = ["const", "description", "example", "examples", "title"];
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
pub(super) fn bare_each(schemas: &Value) -> Value {
    let named = schemas.as_object().into_iter().flatten();
    let named = named.map(|(name, schema)| (name.clone(), bare(schema)));
    named.collect::<Map<_, _>>().into()
}
