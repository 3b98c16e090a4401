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

/// What is written in traditional characters is found by simplified ones, and the other way round; signs stand for themselves.
#[tokio::test]
async fn lists_find_traditional_and_simplified_characters_by_each_other() {
    let app = TestApp::new().await;
    let (party, department) = (app.party("minmeng").await, app.department("education").await);
    let report = |title: &str| json!({ "title": title, "text": "情况如下。" });
    let bulletin = |title: &str| json!({ "title": title, "text": "通报如下。", "recipients": ["minmeng"] });
    let period =
        |year: i32| json!({ "kind": "year", "from": format!("{year}-01-01"), "to": format!("{year}-12-31") });
    let work_report = |title: &str, year: i32| json!({ "department": "education", "period": period(year), "title": title, "text": "情况如下。" });
    let titles = [
        "義務教育與頭髮檢查（100%）",
        "义务教育与头发检查（100）",
        "义务劳动发展.*",
    ];
    for (index, title) in titles.iter().enumerate() {
        party
            .post("/api/v1/problem-reports", report(title))
            .await
            .expect(201);
        department
            .post("/api/v1/bulletins", bulletin(title))
            .await
            .expect(201);
        let year = 2025 - i32::try_from(index).expect("a year");
        department
            .post("/api/v1/work-reports", work_report(title, year))
            .await
            .expect(201);
    }
    for (user, path) in [
        (&party, "/api/v1/problem-reports"),
        (&department, "/api/v1/bulletins"),
        (&department, "/api/v1/work-reports"),
    ] {
        for (words, hits) in [
            ("义务", 3),
            ("義務", 3),
            ("教育与头发", 2),
            ("教育與頭髮", 2),
            ("頭發", 2),
            ("100%", 1),
            ("1.0", 0),
            (".*", 1),
            ("[义義]", 0),
            ("展\\", 0),
        ] {
            assert_eq!(found(user, path, words).await.len(), hits, "{path} {words}");
        }
    }
    let admin = app.admin().await;
    for (name, display) in [
        ("li-qiuxia-1", "李秋霞（總務）"),
        ("li-qiuxia-2", "李秋霞（总务）"),
    ] {
        let account = json!({ "username": name, "display_name": display });
        admin.post("/api/v1/users", account).await.expect(201);
    }
    for (words, hits) in [
        ("总务", 2),
        ("總務", 2),
        ("qiuxia-1", 1),
        ("qiuxia.1", 0),
        ("QiuXia", 2),
    ] {
        assert_eq!(found(&admin, "/api/v1/users", words).await.len(), hits, "{words}");
    }
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
