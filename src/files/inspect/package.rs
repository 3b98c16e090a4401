//! Open packages (ISO/IEC 29500-2): which part is the document, and of what type, as relationships and content types say.

use crate::files::kind::Kind;
use quick_xml::events::Event;
use quick_xml::reader::Reader;

/// Longest of the two files that is read.
pub(super) const MAX_INDEX: u64 = 1024 * 1024;

pub(super) const CONTENT_TYPES: &str = "[content_types].xml";
pub(super) const RELATIONSHIPS: &str = "_rels/.rels";

/// What the main part of a package is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Main {
    Document(Kind),
    /// The same with program code in it.
    Macros,
    /// A template, a presentation, a drawing.
    Other,
}

/// The main part, in small letters and without the slash before it, with its type; none where the two files do not tell.
pub(super) fn main_part(content_types: &[u8], relationships: &[u8]) -> Option<(String, Main)> {
    let part = elements(relationships, "Relationship")
        .into_iter()
        .find(|one| {
            let kind = one.get("Type").unwrap_or_default();
            kind.ends_with("/relationships/officeDocument")
        })?
        .get("Target")?
        .trim_start_matches("./")
        .trim_start_matches('/')
        .to_ascii_lowercase();
    let overridden = elements(content_types, "Override").into_iter().find(|one| {
        let named = one.get("PartName").map(|name| name.trim_start_matches('/'));
        named.is_some_and(|name| name.eq_ignore_ascii_case(&part))
    });
    let by_extension = || {
        let extension = part.rsplit_once('.')?.1;
        elements(content_types, "Default").into_iter().find(|one| {
            one.get("Extension")
                .is_some_and(|name| name.eq_ignore_ascii_case(extension))
        })
    };
    let declared = overridden.or_else(by_extension)?;
    let main = of_type(&declared.get("ContentType")?.to_ascii_lowercase());
    Some((part, main))
}

fn of_type(media_type: &str) -> Main {
    match media_type {
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml" => {
            Main::Document(Kind::Docx)
        }
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml" => {
            Main::Document(Kind::Xlsx)
        }
        other if other.contains("macroenabled") => Main::Macros,
        _ => Main::Other,
    }
}

/// The attributes of an element.
struct Element(Vec<(String, String)>);

impl Element {
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// All elements of that name, as far as the file can be read.
fn elements(xml: &[u8], name: &str) -> Vec<Element> {
    let mut reader = Reader::from_reader(xml);
    let mut found = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(one) | Event::Empty(one)) if one.local_name().as_ref() == name.as_bytes() => {
                let attributes = one.attributes().flatten().map(|attribute| {
                    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                    (text(attribute.key.as_ref()), text(&attribute.value))
                });
                found.push(Element(attributes.collect()));
            }
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}
