//! One and the same word is found however it was written: by whom, in which file, on which line.

use crate::resources::search::{SEARCH, found};
use crate::support::TestApp;
use crate::support::suggestions::{SUGGESTIONS, Table, raised};
use diesel::sql_query;
use diesel_async::RunQueryDsl;
use liaison::search::highlight::highlight;
use liaison::search::{Vector, Weight, Words};
use serde_json::json;

#[test]
fn words_are_found_however_they_are_written() {
    for (words, text) in [
        ("民主党派", "⺠主党派"),
        ("⺠主党派", "民主党派"),
        ("金融", "⾦融"),
        ("义务教育", "义务教\n育"),
        ("义务教育", "义务教 \r\n 育"),
        ("义务教育", "义 务 教 育"),
        ("义务教育", "义\u{200b}务\u{3000}教育"),
        ("义务教\n育", "义务教育"),
        ("义务教育", "義務教育"),
        ("義務教育", "义务教育"),
        ("对口联系", "對口聯繫"),
        ("韶府办发函﹝2020﹞20号", "韶府办发函〔２０２０〕20號"),
        ("ａｂｃ", "ABC"),
        ("葛", "葛\u{e0100}"),
    ] {
        assert!(Words::of(words).stand_in([text]), "{words} {text:?}");
        let shown = highlight("text", text, &Words::of(words)).expect("a hit");
        let hits: String = shown
            .pieces
            .iter()
            .filter(|one| one.hit)
            .map(|one| one.text.as_str())
            .collect();
        assert!(!hits.is_empty(), "{words} {text:?}");
    }
    // A comma separates, and so does a space between words of letters.
    for (words, text) in [("教育", "义务教，育人"), ("abc", "ab c"), ("5网", "5 网")] {
        assert!(!Words::of(words).stand_in([text]), "{words} {text:?}");
    }
    let lexemes = Vector::default().with("義務教\n育", Weight::A);
    for lexeme in ["'义务':", "'务教':", "'教育':"] {
        assert!(lexemes.as_str().contains(lexeme), "{lexeme}");
    }
}

#[tokio::test]
async fn one_box_and_lists_find_what_was_written_otherwise() {
    let app = TestApp::new().await;
    let table = Table::new(&app).await;
    let mut body = raised("关于⺠主党派参与義務教育的建议", "education");
    body["background"] = json!("学校午\n餐午休");
    let id = table.submitted(body).await;
    for words in ["民主党派", "义务教育", "義務教育", "午餐", "參與"] {
        for path in [SEARCH, SUGGESTIONS] {
            assert_eq!(
                found(&table.party, path, words).await,
                [id.as_str()],
                "{path} {words}"
            );
        }
    }
    let report = json!({ "title": "⺠主党派联系不便", "text": "义务教\n育" });
    let party = &table.party;
    let made = party.post("/api/v1/problem-reports", report).await.expect(201);
    for words in ["民主党派", "义务教育", "義務教育"] {
        let listed = found(party, "/api/v1/problem-reports", words).await;
        assert_eq!(listed, [made.json["id"].as_str().expect("an id")], "{words}");
    }
    assert_eq!(found(party, "/api/v1/departments", "財政").await.len(), 1);
}

/// Vectors of an older version are made anew by the runner, in as many steps as it takes, and once.
#[tokio::test]
async fn what_was_written_before_is_found_too() {
    let app = TestApp::new().await;
    let table = Table::new(&app).await;
    let id = table.submitted(raised("关于⺠主党派的建议", "education")).await;
    app.run_jobs().await;
    let mut conn = app.database.connect().await;
    sql_query("UPDATE search_documents SET vector = '''⺠'':1A'::tsvector")
        .execute(&mut conn)
        .await
        .expect("an old vector");
    assert!(found(&table.party, SEARCH, "民主党派").await.is_empty());
    sql_query("UPDATE search_folding SET version = 1")
        .execute(&mut conn)
        .await
        .expect("an old version");
    app.run_jobs().await;
    assert_eq!(found(&table.party, SEARCH, "民主党派").await, [id.as_str()]);
    sql_query("UPDATE search_documents SET vector = '''x'':1A'::tsvector")
        .execute(&mut conn)
        .await
        .expect("a vector");
    app.run_jobs().await;
    assert!(found(&table.party, SEARCH, "民主党派").await.is_empty());
}
