//! The walk over a body: each text is read in the form of the field that it stands in (`crate::text`).

use crate::problem::{Fault, Place};
use crate::text::Form;
use serde_json::Value;
use std::borrow::Cow;

/// Puts every text of a body into its form, and collects the faults of those that have none.
pub fn read(body: &mut Value, faults: &mut Vec<Fault>) {
    walk(body, Form::Line, &mut String::new(), faults);
}

fn walk(value: &mut Value, form: Form, path: &mut String, faults: &mut Vec<Fault>) {
    match value {
        Value::String(text) => match form.read(text) {
            Ok(Cow::Borrowed(kept)) if kept.len() == text.len() => {}
            Ok(kept) => *text = kept.into_owned(),
            Err((code, detail)) => faults.push(Fault {
                place: Place::Pointer(path.clone()),
                code,
                detail,
            }),
        },
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                within(path, &index.to_string(), |path| walk(item, form, path, faults));
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let segment = name.replace('~', "~0").replace('/', "~1");
                within(path, &segment, |path| walk(member, Form::of(name), path, faults));
            }
        }
        _ => {}
    }
}

fn within(path: &mut String, segment: &str, walk: impl FnOnce(&mut String)) {
    let length = path.len();
    path.push('/');
    path.push_str(segment);
    walk(path);
    path.truncate(length);
}
