//! Text as one place: what is blank, refused, trimmed, the same.

mod instants;
mod names;

use crate::support::conformance::DOCUMENT;
use crate::support::database::TestDatabase;
use diesel::sql_types::{Array, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use liaison::text::{Form, fold, is_blank};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What shows nothing: one of each kind of Unicode's default-ignorable code points, white space, and blanks beside them.
pub const NOTHING: [&str; 22] = [
    " ",
    "\t",
    "\n",
    "\u{a0}",
    "\u{2003}",
    "\u{3000}",
    "\u{200b}",
    "\u{200d}",
    "\u{2060}",
    "\u{feff}",
    "\u{ad}",
    "\u{34f}",
    "\u{61c}",
    "\u{115f}",
    "\u{1160}",
    "\u{180e}",
    "\u{2800}",
    "\u{3164}",
    "\u{ffa0}",
    "\u{fe0f}",
    "\u{e0020}",
    "\u{e0100}",
];

fn read(form: Form, text: &str) -> Result<String, &'static str> {
    form.read(text)
        .map(|kept| kept.into_owned())
        .map_err(|(code, _)| code)
}

#[test]
fn what_shows_nothing_is_blank_in_every_field() {
    let forms = [
        Form::Line,
        Form::Lines,
        Form::AsTyped,
        Form::Words,
        Form::ShortName,
        Form::Phone,
        Form::Mobile,
        Form::Email,
        Form::DocumentNumber,
        Form::Instant,
    ];
    let mixed: String = NOTHING.concat();
    for form in forms {
        for nothing in NOTHING.iter().copied().chain([mixed.as_str(), ""]) {
            assert!(is_blank(nothing), "{nothing:?}");
            assert_eq!(read(form, nothing), Err("blank"), "{form:?} {nothing:?}");
        }
        for refused in ["一\u{202e}二", "一\u{0}二", "一\u{85}二", "一\u{1b}二"] {
            assert!(read(form, refused).is_err(), "{form:?} {refused:?}");
        }
    }
    for something in ["㐀", "䶮", "𠮷", ".", "\u{301}", "0", "\u{200b}一"] {
        assert!(!is_blank(something), "{something:?}");
    }
}

#[test]
fn a_line_is_trimmed_and_keeps_its_characters() {
    for (typed, kept) in [
        ("市司法局 ", "市司法局"),
        ("\u{3000}市司法局\n", "市司法局"),
        ("市\u{200b}司\u{ad}法\u{2060}局\u{feff}", "市司法局"),
        ("㐀䶮𠮷 李", "㐀䶮𠮷 李"),
        // A name whose character is chosen by a variation selector, and one that chooses nothing.
        ("葛\u{e0100}", "葛\u{e0100}"),
        ("葛 \u{e0100}", "葛"),
        ("科长\t办公室", "科长 办公室"),
        // Neither composed nor put in the place of another: U+F9DC is not 隆 to who bears it.
        ("cafe\u{301} \u{f9dc}", "cafe\u{301} \u{f9dc}"),
    ] {
        assert_eq!(read(Form::Line, typed).as_deref(), Ok(kept), "{typed:?}");
    }
    for broken in ["市\n局", "市\r\n局", "市\r局", "市\u{2028}局", "市\u{2029}局"] {
        assert_eq!(read(Form::Line, broken), Err("line_break"), "{broken:?}");
    }
    for text in ["一\r\n\r\n二\t三\n", "👨\u{200d}👩\u{200d}👧 ☎\u{fe0f}", " 一 "] {
        assert_eq!(read(Form::Lines, text).as_deref(), Ok(text));
    }
}

#[test]
fn short_names_fit_into_numbers() {
    for good in ["教育", "九三学社", "A区", "𠮷", "3D"] {
        assert_eq!(read(Form::ShortName, good).as_deref(), Ok(good));
    }
    assert_eq!(read(Form::ShortName, "教\u{200b}育 ").as_deref(), Ok("教育"));
    for bad in [
        "甲-乙",
        "甲－乙",
        "甲–乙",
        "甲—乙",
        "甲‐乙",
        "甲−乙",
        "〔丙〕",
        "[丙]",
        "［丙］",
        "(丙)",
        "（丙）",
        "【丙】",
        "﹝丙﹞",
        "甲 乙",
        "甲\u{3000}乙",
        "2026",
        "２０２６",
        "甲、乙",
        "甲/乙",
        "甲。",
    ] {
        assert_eq!(read(Form::ShortName, bad), Err("not_in_numbers"), "{bad}");
    }
}

#[test]
fn addresses_are_written_one_way() {
    for (typed, kept) in [
        ("jyj@example.gov.cn", "jyj@example.gov.cn"),
        ("jyj＠example．gov．cn", "jyj@example.gov.cn"),
        ("jyj@example。gov。cn", "jyj@example.gov.cn"),
        ("a1@example.cn\u{200b}", "a1@example.cn"),
        ("\u{feff} a1 @example.cn\u{a0}", "a1@example.cn"),
        ("\u{202a}a1@example.cn\u{202c}", "a1@example.cn"),
    ] {
        assert_eq!(read(Form::Email, typed).as_deref(), Ok(kept), "{typed:?}");
    }
    for bad in [
        "a1",
        "a1@",
        "@example.cn",
        "a1@example.cn,a2@example.cn",
        "张三@example.cn",
        "a1@@example.cn",
    ] {
        assert_eq!(read(Form::Email, bad), Err("malformed"), "{bad}");
    }
}

/// All text fields of request bodies and queries have a form of their own choosing.
#[test]
fn every_text_field_of_a_request_is_classified() {
    fn collect(schema: &Value, name: Option<&str>, into: &mut BTreeSet<String>) {
        if let Some(reference) = schema["$ref"].as_str() {
            let pointer = reference.trim_start_matches('#');
            return collect(DOCUMENT.pointer(pointer).expect("a schema"), name, into);
        }
        for combined in ["oneOf", "anyOf", "allOf"] {
            let schemas = schema[combined].as_array().into_iter().flatten();
            schemas.for_each(|one| collect(one, name, into));
        }
        collect_items(schema, name, into);
        let is_text = match &schema["type"] {
            Value::String(one) => one == "string",
            Value::Array(some) => some.contains(&json!("string")),
            _ => false,
        };
        let formatted = matches!(schema["format"].as_str(), Some("date" | "uuid"));
        if let Some(name) = name.filter(|_| is_text && !formatted && schema["enum"].is_null()) {
            into.insert(name.to_owned());
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            collect(property, Some(name), into);
        }
    }
    fn collect_items(schema: &Value, name: Option<&str>, into: &mut BTreeSet<String>) {
        if schema["items"].is_object() {
            collect(&schema["items"], name, into);
        }
    }
    let mut names = BTreeSet::new();
    for operation in DOCUMENT["paths"].as_object().expect("paths").values() {
        for method in operation.as_object().expect("methods").values() {
            for content in method["requestBody"]["content"].as_object().into_iter().flatten() {
                collect(&content.1["schema"], None, &mut names);
            }
            for parameter in method["parameters"].as_array().into_iter().flatten() {
                if parameter["in"] == "query" {
                    collect(&parameter["schema"], parameter["name"].as_str(), &mut names);
                }
            }
        }
    }
    assert!(names.len() > 70, "{}", names.len());
    let unknown: Vec<&String> = names.iter().filter(|name| Form::listed(name).is_none()).collect();
    assert!(unknown.is_empty(), "not in src/text/form.rs: {unknown:?}");
}

#[derive(QueryableByName)]
struct Keys {
    #[diesel(sql_type = Array<Text>)]
    keys: Vec<String>,
}

async fn keys_of_the_database(texts: &[String]) -> Vec<String> {
    let database = TestDatabase::new().await;
    let made: Keys =
        sql_query("SELECT array_agg(text_key(value) ORDER BY place) AS keys FROM unnest($1) WITH ORDINALITY AS one (value, place)")
            .bind::<Array<Text>, _>(texts)
            .get_result(&mut database.connect().await)
            .await
            .expect("keys");
    made.keys
}

#[tokio::test]
async fn the_database_compares_as_the_service_does() {
    let mut texts: Vec<String> = NOTHING.iter().map(|nothing| format!("甲{nothing}乙")).collect();
    texts.extend(fold::RADICALS.chars().map(String::from));
    texts.extend(
        [
            "市司法局",
            "ＡｂＣ１２３",
            "⼈民",
            "⺠主党派",
            "﹝2020﹞",
            "ﬁ①㈱",
            "É é E\u{301}",
            "ΑΩ Жж",
            "㐀䶮𠮷",
            "豈",
            "葛\u{e0100}",
        ]
        .map(String::from),
    );
    // What NFKC and case change most, a hundred characters at a time.
    for block in [
        '\u{1}'..='\u{17f}',
        '\u{386}'..='\u{3ce}',
        '\u{400}'..='\u{52f}',
        '\u{2000}'..='\u{206f}',
        '\u{2108}'..='\u{2131}',
        '\u{2150}'..='\u{2182}',
        '\u{2460}'..='\u{24ff}',
        '\u{2e80}'..='\u{2fd5}',
        '\u{3000}'..='\u{303f}',
        '\u{3200}'..='\u{33ff}',
        '\u{fe30}'..='\u{fe4f}',
        '\u{ff01}'..='\u{ffee}',
    ] {
        let block: Vec<char> = block.collect();
        texts.extend(block.chunks(100).map(|some| some.iter().collect::<String>()));
    }
    let own: Vec<String> = texts.iter().map(|text| fold::key(text)).collect();
    for ((text, own), theirs) in texts.iter().zip(own).zip(keys_of_the_database(&texts).await) {
        assert_eq!(own, theirs, "{text:?}");
    }
}

proptest! {
    #[test]
    fn what_is_kept_is_kept_again(text in "\\PC{0,20}", invisible in "[\u{200b}\u{ad}\u{fe0f}\u{e0100}\u{3000} ]{0,3}") {
        let text = format!("{invisible}{text}{invisible}");
        for form in [Form::Line, Form::ShortName, Form::Email, Form::DocumentNumber] {
            if let Ok(kept) = form.read(&text) {
                prop_assert_eq!(form.read(&kept).map(|again| again.into_owned()), Ok(kept.clone().into_owned()));
                prop_assert!(!is_blank(&kept));
            }
        }
    }
}
