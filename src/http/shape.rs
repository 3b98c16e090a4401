//! What a body may hold, as its schema says it: which members, how many items, how long a text.
//!
//! A body is read against its shape. What no schema knows is counted and passed over and never becomes a tree, so that a
//! request costs what its bytes cost, whatever they say; what is left is small enough to be held against the schema whole.

use super::contract::{escape, too_many};
use super::referent::{Reference, Referent};
use super::schema::resolved;
use crate::language::Text;
use crate::limits;
use crate::problem::{Fault, Place};
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;

/// The shapes of all schemas, by index.
pub struct Shapes {
    shapes: Vec<Shape>,
    /// Of the schemas that others refer to, by their reference.
    named: HashMap<String, usize>,
}

/// What is not said here makes no difference to reading.
#[derive(Default)]
struct Shape {
    members: HashMap<String, usize>,
    /// Of members that are not named; none where they are refused.
    others: Option<usize>,
    items: usize,
    max_items: Option<usize>,
    max_length: Option<usize>,
    /// What a text of it refers to.
    reference: Option<Referent>,
    /// Whether it can be an object, an array.
    object: bool,
    array: bool,
}

/// Anything goes: for schemas that leave open what they hold.
const OPEN: usize = 0;

impl Default for Shapes {
    fn default() -> Self {
        let open = Shape {
            others: Some(OPEN),
            items: OPEN,
            object: true,
            array: true,
            ..Shape::default()
        };
        Self {
            shapes: vec![open],
            named: HashMap::new(),
        }
    }
}

impl Shapes {
    /// The shape of a schema, made where it is not there yet.
    pub fn of(&mut self, schema: &Value, components: &Value) -> usize {
        if let Some(reference) = schema["$ref"].as_str() {
            if let Some(known) = self.named.get(reference) {
                return *known;
            }
            // Known before it is made: it may refer to itself.
            let index = self.add(Shape::default());
            self.named.insert(reference.to_owned(), index);
            let shape = self.make(resolved(schema, components), components);
            self.shapes[index] = shape;
            return index;
        }
        if let Some(branches) = ["oneOf", "anyOf", "allOf"]
            .iter()
            .find_map(|key| schema[key].as_array())
        {
            let mut proper = branches.iter().filter(|branch| branch["type"] != "null");
            return match (proper.next(), proper.next()) {
                (Some(only), None) => self.of(only, components),
                _ => OPEN,
            };
        }
        let shape = self.make(schema, components);
        self.add(shape)
    }

    fn add(&mut self, shape: Shape) -> usize {
        self.shapes.push(shape);
        self.shapes.len() - 1
    }

    fn make(&mut self, schema: &Value, components: &Value) -> Shape {
        let is = |name: &str| match &schema["type"] {
            Value::String(one) => one == name,
            Value::Array(many) => many.iter().any(|one| one == name),
            _ => true,
        };
        let bound = |key: &str| schema[key].as_u64().and_then(|bound| usize::try_from(bound).ok());
        let properties = schema["properties"].as_object().into_iter().flatten();
        let reference = schema["x-reference"].as_str().and_then(|name| name.parse().ok());
        let items = match &schema["items"] {
            Value::Null => OPEN,
            items => self.of(items, components),
        };
        if items != OPEN && is("array") && reference.is_some() {
            // Said of a list, it is meant of what stands in it.
            self.shapes[items].reference = reference;
        }
        Shape {
            members: properties
                .map(|(name, member)| (name.clone(), self.of(member, components)))
                .collect(),
            others: match &schema["additionalProperties"] {
                Value::Bool(false) => None,
                Value::Object(_) => Some(self.of(&schema["additionalProperties"], components)),
                _ => Some(OPEN),
            },
            items,
            max_items: bound("maxItems"),
            max_length: bound("maxLength"),
            reference,
            object: is("object"),
            array: is("array"),
        }
    }

    /// Reads a body of that shape.
    ///
    /// # Errors
    /// What is no JSON, holds a member twice, or is made of too many values.
    pub fn read(&self, shape: usize, text: &str) -> Result<Body, Unreadable> {
        let mut reading = Reading {
            shapes: &self.shapes,
            path: String::new(),
            values: 0,
            faults: Vec::new(),
            omitted: 0,
            references: Vec::new(),
            refusal: None,
        };
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let read = Seed {
            shape,
            reading: &mut reading,
        }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
        let refusal = reading.refusal.take();
        match read {
            Ok(value) => Ok(Body {
                value,
                faults: reading.faults,
                omitted: reading.omitted,
                references: reading.references,
            }),
            Err(error) => Err(Unreadable {
                refusal: refusal.unwrap_or(Refusal::Malformed),
                error,
            }),
        }
    }

    /// Whether the shape, which is an object's, has a member of that name.
    pub fn has(&self, shape: usize, member: &str) -> bool {
        let shape = &self.shapes[shape];
        shape.members.contains_key(member) || shape.others.is_some()
    }
}

/// A body as far as its schema knows it, and what else there was.
pub struct Body {
    pub value: Value,
    pub faults: Vec<Fault>,
    /// Faults that are counted alone.
    pub omitted: usize,
    pub references: Vec<Reference>,
}

/// Why there is no body.
pub struct Unreadable {
    pub refusal: Refusal,
    pub error: serde_json::Error,
}

pub enum Refusal {
    Malformed,
    /// The pointer of a member that stands there twice.
    Repeated(String),
    TooManyValues,
}

struct Reading<'s> {
    shapes: &'s [Shape],
    path: String,
    values: usize,
    faults: Vec<Fault>,
    omitted: usize,
    references: Vec<Reference>,
    refusal: Option<Refusal>,
}

impl Reading<'_> {
    fn within<T>(&mut self, segment: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(segment);
        let done = work(self);
        self.path.truncate(length);
        done
    }

    fn fault(&mut self, fault: impl FnOnce(&str) -> Fault) {
        if self.faults.len() < limits::FAULTS {
            self.faults.push(fault(&self.path));
        } else {
            self.omitted += 1;
        }
    }

    fn count<E: Error>(&mut self) -> Result<(), E> {
        self.values += 1;
        if self.values > limits::VALUES {
            self.refusal = Some(Refusal::TooManyValues);
            return Err(E::custom("too many values"));
        }
        Ok(())
    }
}

struct Seed<'r, 's> {
    shape: usize,
    reading: &'r mut Reading<'s>,
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.reading.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    /// `2024.0` and `2.024e3` are whole numbers, as JSON Schema has it; what reads them afterwards would not see it.
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        Ok(if value.fract() == 0.0 && value.abs() <= EXACT {
            (value as i64).into()
        } else {
            value.into()
        })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        let Self { shape, reading } = self;
        let shape = &reading.shapes[shape];
        if let Some(to) = shape.reference {
            reading.references.push(Reference {
                at: reading.path.clone(),
                to,
                named: text.trim().to_owned(),
            });
        }
        let looked_at = shape.max_length.map_or(usize::MAX, |length| {
            length.saturating_mul(limits::LENGTHS).saturating_add(1)
        });
        let end = match text.len() <= looked_at {
            true => None,
            false => text.char_indices().nth(looked_at),
        };
        Ok(text[..end.map_or(text.len(), |(at, _)| at)].into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let Self { shape, reading } = self;
        let shape = &reading.shapes[shape];
        let mut read = Vec::new();
        if !shape.array {
            // Of the wrong type, whatever is in it.
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(read.into());
        }
        let most = shape.max_items.unwrap_or(usize::MAX);
        while read.len() < most {
            let segment = read.len().to_string();
            let item = reading.within(&segment, |reading| {
                items.next_element_seed(Seed {
                    shape: shape.items,
                    reading,
                })
            })?;
            match item {
                Some(item) => read.push(item),
                None => return Ok(read.into()),
            }
        }
        let mut more = false;
        while items.next_element::<IgnoredAny>()?.is_some() {
            more = true;
        }
        if more {
            reading.fault(|path| {
                let (code, detail) = too_many(most);
                Fault {
                    place: Place::Pointer(path.to_owned()),
                    code,
                    detail,
                }
            });
        }
        Ok(read.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let Self { shape, reading } = self;
        let shape = &reading.shapes[shape];
        let mut read = Map::new();
        if !shape.object {
            while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(read.into());
        }
        let mut unknown: HashSet<Cow<'de, str>> = HashSet::new();
        while let Some(name) = members.next_key_seed(Name)? {
            let known = shape.members.get(&*name).copied().or(shape.others);
            let repeated = match known {
                Some(_) => read.contains_key(&*name),
                None => !unknown.insert(name.clone()),
            };
            if repeated {
                let at = format!("{}/{}", reading.path, escape(&name));
                reading.refusal = Some(Refusal::Repeated(at));
                return Err(A::Error::custom("a member twice"));
            }
            if let Some(inner) = known {
                let value = reading.within(&escape(&name), |reading| {
                    members.next_value_seed(Seed {
                        shape: inner,
                        reading,
                    })
                })?;
                read.insert(name.into_owned(), value);
            } else {
                members.next_value::<IgnoredAny>()?;
                reading.fault(|path| Fault {
                    place: Place::Pointer(format!("{path}/{}", escape(&name))),
                    ..unknown_field()
                });
            }
        }
        Ok(read.into())
    }
}

/// The name of a member, which is copied where it has escapes alone.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("the name of a member")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(name.into())
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(name.to_owned().into())
    }
}

/// A member that no schema knows, of the body itself.
pub fn unknown_field() -> Fault {
    Fault {
        place: Place::Pointer(String::new()),
        code: "unknown_field",
        detail: Text::fixed("没有这个字段。", "There is no such field."),
    }
}
