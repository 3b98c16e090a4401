//! Figures: what they count, that they are what the tables say, and that the records behind them are as many.

use super::meetings::{MEETINGS, conclude, convened, invitation};
use crate::support::suggestions::{Table, acceptance, communication, raised, reply, step};
use crate::support::{TestApp, User, at};
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const STATISTICS: &str = "/api/v1/statistics";

/// A visit on the day, with those parties there in person.
pub async fn visit(host: &User, hosts: &[&str], parties: &[&str], there: &[&str]) {
    let body = json!({
        "kind": "visit", "title": "走访党派团体", "hosts": hosts, "form": "meeting",
        "starts_at": "2026-03-02T01:00:00Z", "ends_at": "2026-03-02T01:20:00Z", "place": "市教育局三楼会议室",
        "invite": { "parties": parties },
    });
    let path = convened(host, body).await;
    let mut attendance = Vec::new();
    for party in parties {
        let present = there.contains(party);
        let persons = if present { json!(["陈志远"]) } else { json!([]) };
        let invitation = invitation(host, &path, party).await;
        attendance.push(json!({ "invitation": invitation, "present": present, "persons": persons }));
    }
    conclude(host, &path, json!(attendance)).await;
}

/// What has happened by 2026-05-06.
///
/// 民盟 with 市教育局: one that nobody accepts, one accepted late and not answered yet, one answered and praised, one
/// dissatisfied whose second round is met with silence, one answered and met with silence, one with a promise, one
/// reassigned to 市卫生健康局. 民革 with 市司法局: one that is withdrawn, and one from outside the assignment with 市教育局.
pub async fn a_year() -> TestApp {
    let app = TestApp::new().await;
    app.clock.set(at("2026-03-02T01:30:00Z"));
    let table = Table::new(&app).await;
    let (education, health) = (&table.lead, &table.joint);
    visit(education, &["education"], &["minmeng", "minjin"], &["minmeng"]).await;
    visit(education, &["education", "health"], &["minge"], &["minge"]).await;
    visit(education, &["education"], &["jiusan"], &[]).await;
    let convening = json!({
        "kind": "liaison_meeting", "title": "对口联系工作会议", "starts_at": "2026-06-01T01:00:00Z",
        "place": "市政府一号会议室", "invite": { "parties": ["minmeng"] },
    });
    convened(health, convening).await;

    table.submitted(raised("无人签收", "education")).await;
    let slow = table.submitted(raised("逾期签收", "education")).await;
    let praised = table.replied(raised("满意", "education")).await;
    table.evaluate(&praised, "satisfied").await;
    let twice = table.replied(raised("第二轮", "education")).await;
    table.evaluate(&twice, "dissatisfied").await;
    step(education, &twice, "communicate", communication()).await;
    step(education, &twice, "reply", reply("C")).await;
    table.replied(raised("无人评价", "education")).await;
    let promised = table.talked(raised("承诺", "education")).await;
    let promise = step(education, &promised, "reply", reply("B")).await;
    let moved = table.submitted(raised("改派", "education")).await;
    let elsewhere = json!({ "lead_department": "health", "reason": "属卫生健康部门职责。" });
    step(&table.coordinator, &moved, "reassign", elsewhere).await;
    let minge = Table::of(&app, "minge", "justice").await;
    let withdrawn = minge.submitted(raised("撤回", "justice")).await;
    step(
        &minge.party,
        &withdrawn,
        "withdraw",
        json!({ "reason": "已有结论。" }),
    )
    .await;
    let outside = Table::of(&app, "minge", "education").await;
    outside.accepted(raised("分工之外", "education")).await;

    app.clock.set(at("2026-03-20T01:30:00Z"));
    let table = Table::new(&app).await;
    step(&table.lead, &slow, "accept", acceptance()).await;
    let fulfil = format!(
        "/api/v1/commitments/{}/fulfil",
        promise["commitments"][0]["id"].as_str().expect("an id")
    );
    let done = json!({ "text": "已在 6 所小学开展试点。" });
    table.lead.post(&fulfil, done).await.expect(200);
    app.clock.set(at("2026-05-06T01:30:00Z"));
    app.run_jobs().await;
    app
}

pub fn figures(list: &Value) -> BTreeMap<String, (i64, Option<i64>)> {
    let list = list.as_array().expect("figures").iter();
    list.map(|one| {
        (
            one["figure"].as_str().expect("a code").to_owned(),
            (
                one["numerator"].as_i64().expect("a count"),
                one["denominator"].as_i64(),
            ),
        )
    })
    .collect()
}

pub fn row<'a>(answer: &'a Value, list: &str, key: &str, code: &str) -> &'a Value {
    let rows = answer[list].as_array().expect("rows");
    rows.iter()
        .find(|row| row[key]["code"] == code)
        .unwrap_or_else(|| panic!("no row of {code}"))
}

#[tokio::test]
async fn suggestions_are_counted_for_departments_and_parties() {
    let app = a_year().await;
    let coordinator = app.coordinator().await;
    let answer = coordinator
        .get(&format!("{STATISTICS}/suggestions?year=2026"))
        .await
        .expect(200)
        .json;
    assert_eq!(answer["year"], 2026);
    assert_eq!(answer["period"]["settled_on"], "2026-05-06");
    let education = figures(&row(&answer, "departments", "department", "education")["figures"]);
    let expected = [
        ("suggestions_raised", (8, None)),
        ("suggestions_received", (8, None)),
        // Accepted in time: praised, twice, never evaluated, promised, from outside; late: one; overdue: one.
        ("suggestions_accepted_in_time", (5, Some(7))),
        ("suggestions_accepted_late", (1, None)),
        ("suggestions_acceptance_overdue", (1, None)),
        ("suggestions_answered_in_time", (4, Some(4))),
        ("suggestions_answered_late", (0, None)),
        ("suggestions_answer_overdue", (0, None)),
        ("result_a", (2, Some(4))),
        ("result_b", (1, Some(4))),
        ("result_c", (1, Some(4))),
        // Praised; the second round's silence leaves the first one's word; two were never evaluated.
        ("outcome_satisfied", (1, Some(4))),
        ("outcome_dissatisfied", (1, Some(4))),
        ("attitude_satisfied", (2, Some(4))),
        ("unevaluated", (2, Some(4))),
        ("evaluation_awaited", (0, None)),
        ("second_rounds", (1, Some(4))),
        ("suggestions_outside_assignment", (1, Some(8))),
        ("commitments_kept", (0, Some(0))),
    ];
    for (figure, value) in expected {
        if figure == "commitments_kept" {
            // Due on the last day of the year, and fulfilled in March.
            assert_eq!(education[figure], (1, Some(1)));
        } else {
            assert_eq!(education[figure], value, "{figure}");
        }
    }
    // The one that was reassigned has clocks of its own with each lead.
    let health = figures(&row(&answer, "departments", "department", "health")["figures"]);
    assert_eq!(health["suggestions_received"], (1, None));
    assert_eq!(health["suggestions_raised"], (0, None));
    assert_eq!(health["suggestions_acceptance_overdue"], (1, None));
    let minmeng = figures(&row(&answer, "parties", "party", "minmeng")["figures"]);
    assert_eq!(minmeng["suggestions_raised"], (7, None));
    assert_eq!(minmeng["suggestions_received"], (8, None));
    assert_eq!(minmeng["receipts_in_time"], (1, Some(4)));
    assert_eq!(minmeng["receipts_missing"], (3, None));
    let total = figures(&answer["total"]);
    assert_eq!(total["suggestions_raised"], (9, None));
    assert_eq!(total["suggestions_received"], (10, None));
    // Before the party could fall silent.
    let earlier = coordinator
        .get(&format!("{STATISTICS}/suggestions?year=2026&as_of=2026-03-02"))
        .await
        .expect(200)
        .json;
    let total = figures(&earlier["total"]);
    assert_eq!(total["unevaluated"], (0, Some(2)));
    assert_eq!(total["evaluation_awaited"], (2, None));
    assert_eq!(total["suggestions_accepted_late"], (0, None));
    assert_eq!(total["suggestions_acceptance_overdue"], (0, None));
    // Of a part of a month.
    let edge = format!("{STATISTICS}/suggestions?from=2026-03-02&to=2026-03-10");
    let edge = coordinator.get(&edge).await.expect(200).json;
    assert_eq!(edge["year"], Value::Null);
    assert_eq!(figures(&edge["total"])["suggestions_received"], (10, None));
    let none = format!("{STATISTICS}/suggestions?from=2026-03-03&to=2026-03-31");
    let none = coordinator.get(&none).await.expect(200).json;
    assert_eq!(figures(&none["total"])["suggestions_received"], (0, None));
}

#[derive(Debug, PartialEq, QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Counted from the tables, with nothing of the code's own.
#[tokio::test]
async fn the_year_is_what_a_count_by_hand_says() {
    let app = a_year().await;
    let coordinator = app.coordinator().await;
    let mut conn = app.database.connect().await;
    let answer = coordinator
        .get(&format!("{STATISTICS}/compliance?year=2026"))
        .await
        .expect(200)
        .json;
    let by_hand: Vec<Counted> = sql_query(
        "SELECT o.code, count(*) AS n FROM organizations o JOIN meeting_hosts h ON h.organization_id = o.id
         JOIN meetings m ON m.id = h.meeting_id
         WHERE o.kind = 'department' AND m.state = 'concluded' AND m.form = 'meeting'
           AND m.starts_at >= '2025-12-31T16:00:00Z' AND m.starts_at < '2026-12-31T16:00:00Z'
           AND EXISTS (SELECT 1 FROM meeting_invitations i WHERE i.meeting_id = m.id AND i.organization_kind = 'party'
                       AND i.present AND jsonb_array_length(i.persons) + jsonb_array_length(i.attendees) > 0)
         GROUP BY o.code ORDER BY o.code",
    )
    .load(&mut conn)
    .await
    .expect("a count");
    assert_eq!(by_hand.len(), 2);
    for item in answer["items"].as_array().expect("items") {
        let code = item["department"]["code"].as_str().expect("a code");
        let counted = by_hand.iter().find(|one| one.code == code).map_or(0, |one| one.n);
        assert_eq!(item["counted"], counted, "{code}");
        assert_eq!(item["met"], counted >= 2, "{code}");
    }
    let suggestions = coordinator
        .get(&format!("{STATISTICS}/suggestions?year=2026"))
        .await
        .expect(200)
        .json;
    for (figure, count) in [
        (
            "suggestions_raised",
            "SELECT count(*) FROM suggestions WHERE submitted_at IS NOT NULL",
        ),
        (
            "suggestions_received",
            "SELECT count(*) FROM suggestion_handlings WHERE role = 'lead'",
        ),
        (
            "suggestions_acceptance_overdue",
            "SELECT count(*) FROM todos WHERE kind = 'accept_suggestion' AND closed_at IS NULL AND due_on < '2026-05-06'",
        ),
        (
            "suggestions_accepted_late",
            "SELECT count(DISTINCT subject_id) FROM todos
             WHERE kind = 'accept_suggestion' AND (closed_at + interval '8 hours')::date > due_on",
        ),
        ("result_a", "SELECT count(*) FROM suggestions WHERE result = 'A'"),
        (
            "outcome_dissatisfied",
            "SELECT count(*) FROM (SELECT DISTINCT ON (suggestion_id) result FROM feedback_receipts
             ORDER BY suggestion_id, round DESC) AS last WHERE result = 'dissatisfied'",
        ),
        (
            "unevaluated",
            "SELECT count(*) FROM suggestions s WHERE evaluation = 'lapsed'
             AND NOT EXISTS (SELECT 1 FROM feedback_receipts f WHERE f.suggestion_id = s.id)",
        ),
        (
            "commitments_kept",
            "SELECT count(*) FROM commitments WHERE state = 'fulfilled'",
        ),
    ] {
        let found: Counted = sql_query(format!("SELECT '{figure}' AS code, ({count}) AS n"))
            .get_result(&mut conn)
            .await
            .expect("a count");
        assert_eq!(figures(&suggestions["total"])[figure].0, found.n, "{figure}");
    }
}

#[tokio::test]
async fn activities_count_against_two_and_pairs_show_when_they_met() {
    let app = a_year().await;
    let coordinator = app.coordinator().await;
    let path = format!("{STATISTICS}/compliance?year=2026");
    let answer = coordinator.get(&path).await.expect(200).json;
    assert_eq!(answer["items"].as_array().map(Vec::len), Some(23));
    assert!(
        answer["definition"]["zh"]
            .as_str()
            .is_some_and(|text| text.contains("具名人员"))
    );
    let education = row(&answer, "items", "department", "education");
    assert_eq!(
        (&education["owed"], &education["counted"], &education["met"]),
        (&json!(2), &json!(2), &json!(true))
    );
    let reasons: Vec<&str> = education["meetings"]
        .as_array()
        .expect("meetings")
        .iter()
        .filter_map(|meeting| meeting["reason"].as_str())
        .collect();
    assert_eq!(reasons.len(), 3);
    assert!(reasons.contains(&"no_party_present"));
    // 民革 is outside the assignment: it makes the activity count, and no pair.
    assert_eq!(education["coverage"]["linked"], 4);
    assert_eq!(education["coverage"]["met"], 1);
    let minmeng = &education["coverage"]["pairs"][0];
    assert_eq!(
        (
            &minmeng["party"]["code"],
            &minmeng["last_met_on"],
            &minmeng["days_since"]
        ),
        (&json!("minmeng"), &json!("2026-03-02"), &json!(65))
    );
    // Held together, it counts for both; what is only convened does not.
    let health = row(&answer, "items", "department", "health");
    assert_eq!((&health["counted"], &health["met"]), (&json!(1), &json!(false)));
    assert_eq!(answer["total"]["departments"], 23);
    assert_eq!(answer["total"]["met"], 1);
    assert_eq!(answer["total"]["coverage"]["linked"], 113);
    // As it was known before anything was concluded.
    let before = coordinator
        .get(&format!("{path}&as_of=2026-03-01"))
        .await
        .expect(200)
        .json;
    assert_eq!(row(&before, "items", "department", "education")["counted"], 0);
    let of_minge = coordinator
        .get(&format!("{path}&party=minge"))
        .await
        .expect(200)
        .json;
    assert_eq!(of_minge["items"].as_array().map(Vec::len), Some(14));
    let matrix = coordinator
        .get(&format!("{STATISTICS}/coverage?year=2026"))
        .await
        .expect(200)
        .json;
    assert_eq!(matrix["rows"].as_array().map(Vec::len), Some(23));
    // 市教育局 met 民盟; 市卫生健康局 liaises with 民革, too.
    assert_eq!(matrix["total"], json!({ "linked": 113, "met": 2 }));
}

/// Every link of an answer, with its figure.
pub fn links(rows: &[&Value]) -> Vec<(String, i64, Option<i64>)> {
    let figures = rows.iter().flat_map(|row| row.as_array().expect("figures"));
    figures
        .filter(|one| one["numerator"] != 0 || one["denominator"].as_i64().is_some_and(|of| of > 0))
        .filter_map(|one| {
            Some((
                one["records"].as_str()?.to_owned(),
                one["numerator"].as_i64()?,
                one["denominator"].as_i64(),
            ))
        })
        .collect()
}

/// The list behind a figure is as long as the figure, for everybody who gets the link, today and as of a day before.
#[tokio::test]
async fn the_records_behind_a_figure_are_as_many_as_it_says() {
    let app = a_year().await;
    let mut followed = 0;
    for (user, as_of) in [
        (app.coordinator().await, "2026-05-06"),
        (app.coordinator().await, "2026-03-05"),
        (app.government_office().await, "2026-05-06"),
        (app.department("education").await, "2026-05-06"),
        (app.party("minmeng").await, "2026-05-06"),
    ] {
        for table in ["suggestions", "departments", "parties"] {
            let path = format!("{STATISTICS}/{table}?year=2026&as_of={as_of}");
            let answer = user.get(&path).await.expect(200).json;
            let mut rows = vec![&answer["total"]];
            for list in ["items", "departments", "parties"] {
                rows.extend(
                    answer[list]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .map(|row| &row["figures"]),
                );
            }
            for (link, numerator, denominator) in links(&rows) {
                let list = user
                    .get(&format!("{link}&limit=200&with_total=true"))
                    .await
                    .expect(200);
                assert_eq!(list.json["total"], numerator, "{link}");
                assert_eq!(list.items().len() as i64, numerator, "{link}");
                if let Some(of) = denominator {
                    let whole = format!("{link}&part=denominator&limit=1&with_total=true");
                    assert_eq!(user.get(&whole).await.expect(200).json["total"], of, "{whole}");
                }
                followed += 1;
            }
        }
    }
    println!("{followed} links followed");
    assert!(followed > 200, "{followed}");
}

#[tokio::test]
async fn everybody_sees_its_own_and_the_citys_totals() {
    let app = a_year().await;
    let (education, minmeng) = (app.department("education").await, app.party("minmeng").await);
    let coordinator = app.coordinator().await;
    let all = coordinator
        .get(&format!("{STATISTICS}/departments?year=2026"))
        .await
        .expect(200)
        .json;
    let own = education
        .get(&format!("{STATISTICS}/departments?year=2026"))
        .await
        .expect(200)
        .json;
    assert_eq!(own["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(own["items"][0], *row(&all, "items", "department", "education"));
    assert_eq!(figures(&own["total"]), figures(&all["total"]));
    assert!(
        own["total"]
            .as_array()
            .expect("totals")
            .iter()
            .all(|one| one["records"].is_null())
    );
    // Its rows alone, whatever it asks for.
    let health = education
        .get(&format!("{STATISTICS}/departments?department=health"))
        .await
        .expect(200)
        .json;
    assert_eq!(health["items"], json!([]));
    assert_eq!(figures(&health["total"]), figures(&all["total"]));
    let records = format!("{STATISTICS}/records?figure=suggestions_received");
    let of_health = education
        .get(&format!("{records}&department=health"))
        .await
        .expect(200);
    assert!(of_health.items().is_empty());
    let own_records = education
        .get(&format!("{records}&with_total=true"))
        .await
        .expect(200);
    assert_eq!(own_records.json["total"], 8);
    let partys = minmeng
        .get(&format!("{records}&with_total=true"))
        .await
        .expect(200);
    assert_eq!(partys.json["total"], 8);
    let suggestions = minmeng
        .get(&format!("{STATISTICS}/suggestions?year=2026"))
        .await
        .expect(200)
        .json;
    assert_eq!(suggestions["parties"].as_array().map(Vec::len), Some(1));
    // Of its own suggestions alone: 市教育局 has one of 民革, too.
    let with_education = figures(&row(&suggestions, "departments", "department", "education")["figures"]);
    assert_eq!(with_education["suggestions_received"], (7, None));
    for table in ["compliance", "departments"] {
        let answer = minmeng
            .get(&format!("{STATISTICS}/{table}?year=2026"))
            .await
            .expect(200);
        assert!(answer.items().is_empty(), "{table}");
    }
    let parties = education
        .get(&format!("{STATISTICS}/parties?year=2026"))
        .await
        .expect(200);
    assert!(parties.items().is_empty());
    let attended = minmeng
        .get(&format!("{STATISTICS}/parties?year=2026"))
        .await
        .expect(200)
        .json;
    assert_eq!(
        figures(&attended["items"][0]["figures"])["invitations_attended"],
        (1, Some(1))
    );
    // The list of meetings shows the host's own.
    let meetings = education
        .get(&format!("{MEETINGS}?with_total=true"))
        .await
        .expect(200);
    assert_eq!(meetings.json["total"], 3);
}

/// What is kept counted is what the records say, also after the runner has added it up.
#[tokio::test]
async fn what_is_kept_counted_is_what_a_new_count_says() {
    let app = a_year().await;
    let mut conn = app.database.connect().await;
    const DIFFERENT: &str = "
        SELECT 'marks' AS code, count(*) AS n FROM (
            (SELECT handling_id, department_id, party_id, received_on, open_kind, open_due_on, marks FROM suggestion_marks
             EXCEPT SELECT handling_id, department_id, party_id, received_on, open_kind, open_due_on, marks
             FROM suggestion_facts('infinity'))
            UNION ALL
            (SELECT handling_id, department_id, party_id, received_on, open_kind, open_due_on, marks
             FROM suggestion_facts('infinity')
             EXCEPT SELECT handling_id, department_id, party_id, received_on, open_kind, open_due_on, marks FROM suggestion_marks)
        ) AS marks
        UNION ALL
        SELECT 'tallies', count(*) FROM (
            SELECT month, department_id, party_id, mark, sum(n) AS n FROM figure_tallies
            WHERE mark NOT LIKE 'commitment%' GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0
        ) AS kept FULL JOIN (
            SELECT date_trunc('month', received_on)::date AS month, department_id, party_id, mark, count(*) AS n
            FROM suggestion_facts('infinity') CROSS JOIN LATERAL unnest(marks) AS mark GROUP BY 1, 2, 3, 4
        ) AS anew USING (month, department_id, party_id, mark)
        WHERE kept.n IS DISTINCT FROM anew.n
        UNION ALL
        SELECT 'years', count(*) FROM (
            SELECT date_trunc('year', month)::date AS year, department_id, party_id, mark, sum(n) AS n FROM figure_tallies
            WHERE summed GROUP BY 1, 2, 3, 4
        ) AS months FULL JOIN figure_years AS years USING (year, department_id, party_id, mark)
        WHERE months.n IS DISTINCT FROM years.n
        ORDER BY 1";
    let same = vec![
        Counted {
            code: "marks".to_owned(),
            n: 0,
        },
        Counted {
            code: "tallies".to_owned(),
            n: 0,
        },
        Counted {
            code: "years".to_owned(),
            n: 0,
        },
    ];
    let found: Vec<Counted> = sql_query(DIFFERENT).load(&mut conn).await.expect("a comparison");
    assert_eq!(found, same);
    let coordinator = app.coordinator().await;
    let path = format!("{STATISTICS}/suggestions?year=2026");
    let before = coordinator.get(&path).await.expect(200).json;
    // More than are left for later.
    sql_query(
        "INSERT INTO figure_tallies (month, department_id, party_id, mark, n)
         SELECT month, department_id, party_id, mark, sign FROM figure_tallies, (VALUES (1), (-1)) AS signs (sign),
         generate_series(1, 100)",
    )
    .execute(&mut conn)
    .await
    .expect("rows");
    app.run_jobs().await;
    let waiting: Counted =
        sql_query("SELECT 'waiting' AS code, count(*) AS n FROM figure_tallies WHERE NOT summed")
            .get_result(&mut conn)
            .await
            .expect("a count");
    assert!(waiting.n < 200, "{waiting:?}");
    let found: Vec<Counted> = sql_query(DIFFERENT).load(&mut conn).await.expect("a comparison");
    assert_eq!(found, same);
    assert_eq!(coordinator.get(&path).await.expect(200).json, before);
    sql_query("SELECT count_figures_anew()")
        .execute(&mut conn)
        .await
        .expect("a new count");
    assert_eq!(coordinator.get(&path).await.expect(200).json, before);
}

#[tokio::test]
async fn tables_are_taken_away() {
    let app = a_year().await;
    let coordinator = app.coordinator().await;
    for table in ["compliance", "coverage", "suggestions", "departments", "parties"] {
        let path = format!("{STATISTICS}/{table}?year=2026");
        let csv = coordinator
            .with("Accept", "text/csv")
            .get(&path)
            .await
            .expect(200);
        let text = csv.text();
        assert!(text.starts_with('\u{feff}'), "{table}");
        let columns = text.lines().next().map_or(0, |line| line.split(',').count());
        let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        let xlsx = coordinator.with("Accept", xlsx).get(&path).await.expect(200);
        assert!(xlsx.bytes.starts_with(b"PK"), "{table}");
        assert!(columns > 6, "{table}: {columns}");
        if table == "compliance" {
            assert!(text.contains("市教育局,2,2,是,4,1"), "{text}");
        }
        if table == "departments" {
            assert!(text.contains("合计,46,"), "{text}");
        }
    }
}

#[tokio::test]
async fn every_fault_of_a_period_is_named() {
    let app = TestApp::new().await;
    app.clock.set(at("2026-05-06T01:30:00Z"));
    let coordinator = app.coordinator().await;
    for (query, faults) in [
        ("year=2026&from=2026-01-01", vec!["year not_allowed"]),
        ("from=2026-01-01", vec!["from not_allowed"]),
        (
            "from=2026-02-01&to=2026-01-01&as_of=2026-05-07",
            vec!["as_of out_of_range", "to out_of_range"],
        ),
        (
            "department=minmeng&party=nobody",
            vec!["department unknown_reference", "party unknown_reference"],
        ),
    ] {
        let answer = coordinator
            .get(&format!("{STATISTICS}/departments?{query}"))
            .await;
        assert_eq!(answer.problem(422, "invalid").faults(), faults, "{query}");
    }
}
