//! 年度汇总: drafted, written, published and frozen; what has changed since; taken away as tables.

use super::meetings::{convened, invitation};
use super::statistics::{a_year, figures, links, row, visit};
use crate::support::{TestApp, User, at, newest_notice};
use calamine::{Data, Reader, Xlsx};
use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use liaison::db::schema::{annual_summaries, annual_summary_records, events};
use liaison::figures::behind::canonical_digest;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const SUMMARIES: &str = "/api/v1/annual-summaries";
const OF_2026: &str = "/api/v1/annual-summaries/2026";
const TEXT: &str = "2026年，各部门与党派团体对口联系工作扎实推进。\n对逾期事项已逐一催办。";

fn new(year: i32) -> Value {
    json!({ "year": year, "text": TEXT })
}

async fn published(coordinator: &User) -> Value {
    coordinator.post(SUMMARIES, new(2026)).await.expect(201);
    let publish = format!("{OF_2026}/publish");
    coordinator.post(&publish, json!({})).await.expect(200).json
}

/// What readers agree on: all but what depends on who asks.
fn content(summary: &Value) -> Value {
    json!([
        summary["text"],
        summary["period"],
        summary["definitions"],
        summary["not_sent"],
        figures(&summary["total"]),
        summary["sha256"],
        summary["published_at"],
    ])
}

#[tokio::test]
async fn a_summary_is_drafted_written_and_published() {
    let app = a_year().await;
    let coordinator = app.coordinator().await;
    let draft = coordinator
        .post(SUMMARIES, json!({ "year": 2026 }))
        .await
        .expect(201);
    assert_eq!(draft.header("location"), Some(OF_2026));
    assert_eq!(
        (&draft.json["state"], &draft.json["text"], &draft.json["sha256"]),
        (&json!("draft"), &Value::Null, &Value::Null)
    );
    // Its figures are those of the statistics.
    for (list, key) in [("departments", "department"), ("parties", "party")] {
        let path = format!("/api/v1/statistics/{list}?year=2026");
        let statistics = coordinator.get(&path).await.expect(200).json;
        let rows = statistics["items"].as_array().expect("items");
        assert_eq!(draft.json[list].as_array().map(Vec::len), Some(rows.len()));
        for item in rows {
            let code = item[key]["code"].as_str().expect("a code");
            let mut compiled = figures(&row(&draft.json, list, key, code)["figures"]);
            let counted = figures(&item["figures"]);
            compiled.retain(|figure, _| counted.contains_key(figure));
            assert_eq!(compiled, counted, "{code}");
        }
    }
    assert_eq!(draft.json["not_sent"], json!([]));
    // Drafts are there for 市委统战部 alone.
    let (office, education) = (app.government_office().await, app.department("education").await);
    for user in [&office, &education] {
        user.get(OF_2026).await.problem(404, "not_found");
        assert!(user.get(SUMMARIES).await.expect(200).items().is_empty());
    }
    education
        .post(SUMMARIES, new(2025))
        .await
        .problem(403, "role_not_allowed");
    let publish = format!("{OF_2026}/publish");
    coordinator
        .post(&publish, json!({}))
        .await
        .problem(409, "summary_without_text");
    coordinator
        .send(Method::PATCH, OF_2026, Some(json!({ "text": TEXT })))
        .await
        .problem(428, "precondition_required");
    let matching = coordinator.matching(OF_2026).await;
    let written = matching
        .send(Method::PATCH, OF_2026, Some(json!({ "text": TEXT })))
        .await
        .expect(200);
    assert_eq!(written.json["text"], TEXT);
    matching
        .send(Method::PATCH, OF_2026, Some(json!({ "text": "又" })))
        .await
        .problem(412, "precondition_failed");
    let published = coordinator.post(&publish, json!({})).await.expect(200).json;
    assert_eq!(
        (&published["state"], &published["allowed_actions"]),
        (&json!("published"), &json!([]))
    );
    assert_eq!(figures(&published["total"]), figures(&draft.json["total"]));
    coordinator
        .post(&publish, json!({}))
        .await
        .problem(409, "step_not_allowed");
    let matching = coordinator.matching(OF_2026).await;
    matching
        .patch(OF_2026, json!({ "text": "改" }))
        .await
        .problem(409, "step_not_allowed");
    matching.delete(OF_2026).await.problem(409, "step_not_allowed");
    for user in [&office, &education, &app.party("zhilianhui").await] {
        assert_eq!(newest_notice(user).await["kind"], "annual_summary_published");
        let seen = user.get(OF_2026).await.expect(200).json;
        assert_eq!(content(&seen), content(&published));
        assert_eq!(user.get(SUMMARIES).await.expect(200).items().len(), 1);
    }
    let mut conn = app.database.connect().await;
    let announced: Vec<(String, Value)> = events::table
        .filter(events::subject_type.eq("annual_summary"))
        .select((events::type_, events::data))
        .load(&mut conn)
        .await
        .expect("events");
    assert_eq!(announced.len(), 1, "drafts are nobody else's");
    assert_eq!(announced[0].0, "annual_summary.published");
    assert_eq!(announced[0].1["sha256"], published["sha256"]);
}

#[tokio::test]
async fn one_a_year_and_no_year_ahead() {
    let app = TestApp::new().await;
    app.clock.set(at("2026-03-02T01:30:00Z"));
    let coordinator = app.coordinator().await;
    let first = coordinator.post(SUMMARIES, new(2025)).await.expect(201).json;
    let again = coordinator.post(SUMMARIES, new(2025)).await;
    let again = again.problem(409, "annual_summary_exists");
    assert_eq!(again.json["annual_summary"], first["id"]);
    for (body, faults) in [
        (new(2027), vec!["/year out_of_range"]),
        (
            json!({ "year": 1989, "text": " ", "more": 1 }),
            vec!["/more", "/text", "/year"],
        ),
    ] {
        let answer = coordinator.post(SUMMARIES, body).await.problem(422, "invalid");
        let mut found = answer.faults();
        found.sort();
        assert_eq!(found.len(), faults.len(), "{found:?}");
        assert!(
            found
                .iter()
                .zip(&faults)
                .all(|(found, fault)| found.starts_with(fault)),
            "{found:?}"
        );
    }
    for nothing in ["2024", "02025", "+2025", "education"] {
        coordinator
            .get(&format!("{SUMMARIES}/{nothing}"))
            .await
            .problem(404, "not_found");
    }
    let by_id = format!("{SUMMARIES}/{}", first["id"].as_str().expect("an id"));
    assert_eq!(coordinator.get(&by_id).await.expect(200).json["year"], 2025);
    coordinator.post(SUMMARIES, new(2026)).await.expect(201);
    let list = coordinator
        .get(&format!("{SUMMARIES}?limit=1&with_total=true"))
        .await
        .expect(200);
    assert_eq!(
        (&list.items()[0]["year"], &list.json["total"]),
        (&json!(2026), &json!(2))
    );
    let cursor = list.json["next_cursor"].as_str().expect("a cursor");
    let next = coordinator
        .get(&format!("{SUMMARIES}?limit=1&with_total=true&cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!(next.items()[0]["year"], 2025);
    let matching = coordinator.matching(&by_id).await;
    matching.delete(&by_id).await.expect(204);
    coordinator.post(SUMMARIES, new(2025)).await.expect(201);
}

/// Who gets a link gets as many records as the figure says, of a draft and once it is published.
#[tokio::test]
async fn the_records_behind_each_figure_are_kept() {
    let app = a_year().await;
    let coordinator = app.coordinator().await;
    let draft = coordinator.post(SUMMARIES, new(2026)).await.expect(201).json;
    let mut followed = follow(&coordinator, &json!({ "total": draft["total"] })).await;
    let publish = format!("{OF_2026}/publish");
    let published = coordinator.post(&publish, json!({})).await.expect(200).json;
    followed += follow(&coordinator, &published).await;
    for user in [app.department("education").await, app.party("minmeng").await] {
        let seen = user.get(OF_2026).await.expect(200).json;
        // Its own alone.
        let linked: BTreeSet<&str> = ["departments", "parties"]
            .into_iter()
            .flat_map(|list| seen[list].as_array().expect("rows"))
            .filter(|row| !links(&[&row["figures"]]).is_empty())
            .map(|row| {
                row["department"]["code"]
                    .as_str()
                    .or(row["party"]["code"].as_str())
                    .expect("a code")
            })
            .collect();
        assert_eq!(linked.len(), 1, "{linked:?}");
        assert!(links(&[&seen["total"]]).is_empty());
        followed += follow(&user, &seen).await;
    }
    let health = app.department("health").await;
    let foreign = format!("{OF_2026}/records?department=education");
    assert!(health.get(&foreign).await.expect(200).items().is_empty());
    println!("{followed} links followed");
    assert!(followed > 150, "{followed}");
    // The digest is of what is kept, and nothing of it can be changed.
    let mut conn = app.database.connect().await;
    let (text, kept, sha256): (Option<String>, Option<Value>, Option<Vec<u8>>) = annual_summaries::table
        .select((
            annual_summaries::text,
            annual_summaries::figures,
            annual_summaries::sha256,
        ))
        .first(&mut conn)
        .await
        .expect("a summary");
    let digests: Vec<Vec<u8>> = annual_summary_records::table
        .order(annual_summary_records::position)
        .select(annual_summary_records::sha256)
        .load(&mut conn)
        .await
        .expect("records");
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    let digests: Vec<String> = digests.iter().map(|digest| hex(digest)).collect();
    let sealed = json!({ "records": digests, "text": text, "figures": kept, "year": 2026 });
    assert_eq!(canonical_digest(sealed).to_vec(), sha256.expect("a digest"));
    for change in [
        "UPDATE annual_summaries SET text = '改'",
        "DELETE FROM annual_summary_records",
        "DELETE FROM annual_summaries",
    ] {
        assert!(conn.batch_execute(change).await.is_err(), "{change}");
    }
}

async fn follow(user: &User, summary: &Value) -> usize {
    let mut rows = vec![&summary["total"]];
    for list in ["departments", "parties"] {
        rows.extend(
            summary[list]
                .as_array()
                .into_iter()
                .flatten()
                .map(|row| &row["figures"]),
        );
    }
    let links = links(&rows);
    for (link, numerator, denominator) in &links {
        let list = user
            .get(&format!("{link}&limit=200&with_total=true"))
            .await
            .expect(200);
        assert_eq!(list.json["total"], *numerator, "{link}");
        assert_eq!(list.items().len() as i64, *numerator, "{link}");
        if let Some(of) = denominator {
            let whole = format!("{link}&part=denominator&limit=1&with_total=true");
            assert_eq!(user.get(&whole).await.expect(200).json["total"], *of, "{whole}");
        }
    }
    links.len()
}

#[tokio::test]
async fn what_changes_afterwards_is_shown_beside_it() {
    let app = TestApp::new().await;
    app.clock.set(at("2026-03-02T01:30:00Z"));
    let (coordinator, host) = (app.coordinator().await, app.department("education").await);
    let party = app.party("minmeng").await;
    visit(&host, &["education"], &["minmeng"], &[]).await;
    let meetings = host.get("/api/v1/meetings").await.expect(200);
    let disputed = format!(
        "/api/v1/meetings/{}",
        meetings.items()[0]["id"].as_str().expect("an id")
    );
    let before = published(&coordinator).await;
    let changes = format!("{OF_2026}/changes");
    let none = coordinator.get(&changes).await.expect(200).json;
    assert_eq!((&none["figures"], &none["items"]), (&json!([]), &json!([])));

    // The party was there after all, and the department at last says who its leader is.
    let own = format!(
        "{disputed}/invitations/{}",
        invitation(&party, &disputed, "minmeng").await
    );
    let dispute = json!({ "reason": "我单位派员到会。", "persons": ["周文博"] });
    party.post(&format!("{own}/dispute"), dispute).await.expect(200);
    let granted = json!({ "granted": true, "reason": "情况属实。" });
    coordinator
        .post(&format!("{own}/decide-dispute"), granted)
        .await
        .expect(200);
    let leader = json!({
        "department": "education", "effective_from": "2026-03-02", "leader": { "name": "王建平" },
        "office": { "name": "办公室" }, "contacts": [{ "name": "李秋霞" }],
    });
    host.post("/api/v1/liaison-leaders", leader).await.expect(201);

    let after = coordinator.get(OF_2026).await.expect(200).json;
    assert_eq!(after, before);
    let shown = coordinator.get(&changes).await.expect(200).json;
    let changed: Vec<(&str, &str)> = shown["items"]
        .as_array()
        .expect("changes")
        .iter()
        .map(|one| {
            let record = if one["now"].is_null() {
                &one["published"]
            } else {
                &one["now"]
            };
            (
                one["change"].as_str().expect("a change"),
                record["type"].as_str().expect("a type"),
            )
        })
        .collect();
    // The meeting stands for the department's activity and for the party's invitation.
    assert_eq!(
        changed,
        [
            ("gone", "department"),
            ("added", "liaison_leader"),
            ("changed", "meeting"),
            ("changed", "meeting"),
            ("changed", "party"),
        ],
        "{shown}"
    );
    let figure = |whose: &str, figure: &str| -> Value {
        let figures = shown["figures"].as_array().expect("figures");
        let found = figures.iter().find(|one| {
            let code = one["department"]["code"]
                .as_str()
                .or(one["party"]["code"].as_str())
                .unwrap_or_default();
            (code, one["figure"].as_str()) == (whose, Some(figure))
        });
        found.map_or(Value::Null, |one| json!([one["published"], one["now"]]))
    };
    let numbers =
        |numerator: i64, denominator: i64| json!({ "numerator": numerator, "denominator": denominator });
    assert_eq!(
        figure("", "activities_counted"),
        json!([numbers(0, 1), numbers(1, 1)])
    );
    assert_eq!(
        figure("education", "leader_current"),
        json!([numbers(0, 1), numbers(1, 1)])
    );
    assert_eq!(
        figure("minmeng", "invitations_attended"),
        json!([numbers(0, 1), numbers(1, 1)])
    );
    // Page by page, and to each its own.
    let page = coordinator
        .get(&format!("{changes}?limit=1&with_total=true"))
        .await
        .expect(200);
    assert_eq!(page.json["total"], changed.len());
    assert!(page.header("link").is_some());
    let to_health = app
        .department("health")
        .await
        .get(&changes)
        .await
        .expect(200)
        .json;
    assert_eq!(to_health["items"], json!([]));
    assert!(
        to_health["figures"]
            .as_array()
            .expect("figures")
            .iter()
            .all(|one| one["department"].is_null() && one["party"].is_null())
    );
    let to_party = party.get(&changes).await.expect(200);
    assert!(!to_party.items().is_empty());
    assert!(
        to_party
            .items()
            .iter()
            .all(|one| one["now"]["party"]["code"] == "minmeng")
    );
    // What is only convened afterwards is of the year, too.
    let ahead = json!({
        "kind": "visit", "title": "走访", "starts_at": "2026-03-02T06:00:00Z", "place": "党派机关",
        "invite": { "parties": ["minmeng"] },
    });
    convened(&host, ahead).await;
    let more = coordinator.get(&changes).await.expect(200).json;
    assert!(more["items"].as_array().expect("changes").len() > changed.len());
    assert_eq!(coordinator.get(OF_2026).await.expect(200).json, before);
}

#[tokio::test]
async fn tables_are_taken_away() {
    let app = a_year().await;
    let coordinator = app.coordinator().await;
    let summary = published(&coordinator).await;
    let csv = coordinator
        .with("Accept", "text/csv")
        .get(OF_2026)
        .await
        .expect(200);
    let text = csv.text();
    assert!(text.starts_with("\u{feff}年度,范围,单位,指标,数值,分母,条款,定义\r\n"));
    assert!(
        text.contains("2026,部门,市教育局,计入的活动,2,3,三(四)1,"),
        "{text}"
    );
    let rows = |list: &str| -> usize {
        let rows = summary[list].as_array().expect("rows").iter();
        rows.map(|row| row["figures"].as_array().map_or(0, Vec::len))
            .sum()
    };
    let total = summary["total"].as_array().map_or(0, Vec::len);
    assert_eq!(
        text.lines().count(),
        1 + total + rows("departments") + rows("parties")
    );
    let xlsx = coordinator.with("Accept", XLSX).get(OF_2026).await.expect(200);
    let mut book = Xlsx::new(std::io::Cursor::new(xlsx.bytes.clone())).expect("a workbook");
    assert_eq!(
        book.sheet_names(),
        ["汇总说明", "全市", "各部门", "各党派团体", "逾期未报"]
    );
    let about = book.worksheet_range("汇总说明").expect("a sheet");
    let value = |item: &str| {
        let found = about
            .rows()
            .find(|row| matches!(&row[0], Data::String(name) if name == item));
        found.map(|row| row[1].clone()).expect("an item")
    };
    assert_eq!(value("年度"), Data::Float(2026.0));
    assert!(matches!(value("统计日"), Data::DateTime(_)));
    assert!(matches!(value("发布时间"), Data::DateTime(_)));
    // A paragraph a line.
    assert_eq!(
        value("市委统战部说明"),
        Data::String(TEXT.lines().next().expect("a line").into())
    );
    let departments = book.worksheet_range("各部门").expect("a sheet");
    assert_eq!(departments.height(), 24);
    let education = departments
        .rows()
        .find(|row| row[0] == Data::String("市教育局".into()))
        .expect("a row");
    assert!(education[1..].iter().all(|cell| matches!(cell, Data::Float(_))));
    let records = format!("{OF_2026}/records");
    let kept = coordinator
        .get(&format!("{records}?limit=1&with_total=true"))
        .await
        .expect(200);
    let csv = coordinator
        .with("Accept", "text/csv")
        .get(&records)
        .await
        .expect(200);
    assert_eq!(
        csv.text().lines().count() as i64 - 1,
        kept.json["total"].as_i64().expect("a total")
    );
    let xlsx = coordinator.with("Accept", XLSX).get(&records).await.expect(200);
    assert!(xlsx.bytes.starts_with(b"PK"));
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
