//! Names over HTTP: trimmed, of one line, unique by what one sees.

use super::NOTHING;
use crate::support::TestApp;
use crate::support::suggestions::{SUGGESTIONS, raised};
use serde_json::json;

const DEPARTMENTS: &str = "/api/v1/departments";

#[tokio::test]
async fn names_are_unique_by_what_one_sees() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let made = json!({ "code": "data", "name": " 市政务和数据局\n", "short_name": "数\u{200b}据" });
    let made = coordinator.post(DEPARTMENTS, made).await.expect(201);
    assert_eq!(
        (made.json["name"].as_str(), made.json["short_name"].as_str()),
        (Some("市政务和数据局"), Some("数据"))
    );
    for (number, name) in [
        "市司法局",
        "市司法局 ",
        "市\u{200b}司法局",
        "市 司\u{3000}法局",
        "市司法局\u{fe0f}",
    ]
    .iter()
    .enumerate()
    {
        let body =
            json!({ "code": format!("other-{number}"), "name": name, "short_name": format!("别{number}") });
        coordinator
            .post(DEPARTMENTS, body)
            .await
            .problem(409, "name_taken");
    }
    for (number, short) in ["教育", "教育\u{2060}", "⽂广旅体"].iter().enumerate() {
        let body = json!({ "code": format!("other-{number}"), "name": format!("别局{number}"), "short_name": short });
        coordinator
            .post(DEPARTMENTS, body)
            .await
            .problem(409, "short_name_taken");
    }
    let party = json!({ "code": "other", "name": "ABC会", "short_name": "abc", "kind": "democratic_party" });
    coordinator.post("/api/v1/parties", party).await.expect(201);
    let wide = json!({ "name": "ａｂｃ会", "short_name": "别" });
    let taken = coordinator
        .post("/api/v1/departments/education/rename", wide)
        .await;
    taken.problem(409, "name_taken");
}

#[tokio::test]
async fn names_are_of_one_line_and_show_something() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let bad = json!({ "code": "x1", "name": "市\n司法局", "short_name": "甲-乙" });
    assert_eq!(
        coordinator
            .post(DEPARTMENTS, bad)
            .await
            .problem(422, "invalid")
            .faults(),
        ["/name line_break", "/short_name not_in_numbers"]
    );
    for nothing in NOTHING {
        let body = json!({ "code": "x1", "name": nothing, "short_name": nothing });
        let refused = coordinator.post(DEPARTMENTS, body).await.problem(422, "invalid");
        assert_eq!(
            refused.faults(),
            ["/name blank", "/short_name blank"],
            "{nothing:?}"
        );
    }
    for query in ["q=%E2%80%8B", "q=%E3%80%80", "q=%E2%A0%80%E3%85%A4"] {
        let refused = coordinator
            .get(&format!("{DEPARTMENTS}?{query}"))
            .await
            .problem(422, "invalid");
        assert_eq!(refused.faults(), ["q blank"], "{query}");
    }
    let found = coordinator
        .get(&format!("{DEPARTMENTS}?q=%E5%8F%B8%E2%80%8B%E6%B3%95"))
        .await
        .expect(200);
    assert_eq!(found.items()[0]["name"], "市司法局");
}

/// The many lines of a text stay, its title has one; what was sent blank opens nothing.
#[tokio::test]
async fn suggestions_keep_their_lines() {
    let app = TestApp::new().await;
    let party = app.party("minmeng").await;
    let mut body = raised("关于㐀村𠮷洞的建议\u{feff}\n", "education");
    body["background"] = json!("一、现状\r\n二、问题 👨\u{200d}👩\u{200d}👧\n");
    body["authors"] = json!([" 陈\u{200b}志远 "]);
    let made = party.post(SUGGESTIONS, body.clone()).await.expect(201);
    assert_eq!(made.json["title"], "关于㐀村𠮷洞的建议");
    assert_eq!(made.json["background"], body["background"]);
    assert_eq!(made.json["authors"], json!(["陈志远"]));
    body["title"] = json!("\u{3164}\u{2800}");
    body["authors"] = json!(["一\n二", "\u{2060}"]);
    assert_eq!(
        party
            .post(SUGGESTIONS, body)
            .await
            .problem(422, "invalid")
            .faults(),
        ["/authors/0 line_break", "/authors/1 blank", "/title blank"]
    );
}

/// RFC 7396: what is not said of a contact stays, also within it.
#[tokio::test]
async fn a_contact_is_patched_member_by_member() {
    let app = TestApp::new().await;
    let party = app.party("minmeng").await;
    let made = party
        .post(SUGGESTIONS, raised("关于午休的建议", "education"))
        .await
        .expect(201);
    let path = format!("{SUGGESTIONS}/{}", made.json["id"].as_str().expect("an id"));
    for (patch, contact) in [
        (json!(null), json!(null)),
        (
            json!({ "name": "陈志远", "phone": "0751-8886620" }),
            json!({ "name": "陈志远", "phone": "0751-8886620" }),
        ),
        (
            json!({ "name": "李秋霞" }),
            json!({ "name": "李秋霞", "phone": "0751-8886620" }),
        ),
        (json!({}), json!({ "name": "李秋霞", "phone": "0751-8886620" })),
        (
            json!({ "phone": null }),
            json!({ "name": "李秋霞", "phone": null }),
        ),
        (
            json!({ "phone": "１３８ 1234 5678" }),
            json!({ "name": "李秋霞", "phone": "13812345678" }),
        ),
        (json!(null), json!(null)),
    ] {
        let patched = party
            .matching(&path)
            .await
            .patch(&path, json!({ "contact": patch }))
            .await
            .expect(200);
        assert_eq!(patched.json["contact"], contact, "{patch}");
    }
    let phone_alone = json!({ "contact": { "phone": "12345" } });
    let refused = party.matching(&path).await.patch(&path, phone_alone).await;
    assert_eq!(
        refused.problem(422, "invalid").faults(),
        ["/contact/name required"]
    );
    let nameless = json!({ "contact": { "name": null } });
    let refused = party.matching(&path).await.patch(&path, nameless).await;
    assert_eq!(
        refused.problem(422, "invalid").faults(),
        ["/contact/name wrong_type"]
    );
}

#[tokio::test]
async fn document_numbers_have_one_form_wherever_they_are_taken() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    for (number, typed) in [
        "韶府办发函﹝2021﹞20号",
        "韶府办发函[2022]20号",
        "韶府办发函【２０２３】２０号",
        "韶府办发函 （2024） 20 号",
    ]
    .iter()
    .enumerate()
    {
        let body = json!({ "title": "方案", "document_number": typed, "effective_from": "2027-01-01" });
        let made = coordinator.post("/api/v1/schemes", body).await.expect(201);
        let text = format!("韶府办发函〔{}〕20号", 2021 + number);
        assert_eq!(made.json["document"]["text"], text.as_str(), "{typed}");
    }
    let again = json!({ "title": "方案", "document_number": "韶府办发函（２０２１）20号", "effective_from": "2027-01-01" });
    coordinator
        .post("/api/v1/schemes", again)
        .await
        .problem(409, "document_number_taken");
    let education = app.department("education").await;
    let rule = json!({ "kind": "other", "title": "对口联系工作制度", "document_number": "韶教﹝2026﹞３号", "issued_on": "2026-02-01" });
    let path = "/api/v1/departments/education/rules";
    let made = education.post(path, rule).await;
    assert_eq!(made.json["document_number"], "韶教〔2026〕3号", "{}", made.json);
}
