use crate::support::{Answer, TestApp, User};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::db::schema::{audit_log, notices};
use serde_json::{Value, json};

fn path(year: i32) -> String {
    format!("/api/v1/working-days/{year}")
}

async fn put(user: &User, year: i32, holidays: Value, makeup_days: Value) -> Answer {
    let body = json!({ "holidays": holidays, "makeup_days": makeup_days, "reason": "临时放假" });
    user.matching(&path(year)).await.put(&path(year), body).await
}

#[tokio::test]
async fn terms_are_counted() {
    let app = TestApp::new().await;
    let party = app.party("minge").await;
    for (query, due_on, amount, unit) in [
        ("from=2020-01-17&count=5", "2020-01-23", 5, "working_days"),
        ("from=2020-09-25&count=5", "2020-10-09", 5, "working_days"),
        ("from=2026-02-12&count=5", "2026-02-26", 5, "working_days"),
        ("from=2020-03-07&months=3", "2020-06-08", 3, "months"),
        ("from=2020-09-01&days=30", "2020-10-09", 30, "days"),
    ] {
        let answer = party
            .get(&format!("/api/v1/working-days?{query}"))
            .await
            .expect(200);
        assert_eq!(answer.json["due_on"], due_on, "{query}");
        assert_eq!(answer.json["rule"], json!({ "amount": amount, "unit": unit }));
        assert_eq!(answer.json["provisional"], false);
    }
    let answer = party
        .get("/api/v1/working-days?from=2020-03-07&months=3")
        .await
        .expect(200);
    assert_eq!(
        answer.json["skipped"],
        json!([{ "day": "2020-06-07", "why": "周日" }])
    );
    let next = party
        .get("/api/v1/working-days?from=2027-02-01&count=10")
        .await
        .expect(200);
    assert_eq!(
        (&next.json["due_on"], &next.json["provisional"]),
        (&json!("2027-02-15"), &json!(true))
    );
    // The longest of each fits.
    for query in ["count=1000", "months=120", "days=3660"] {
        let path = format!("/api/v1/working-days?from=2004-01-01&{query}");
        party.get(&path).await.expect(200);
    }
}

#[tokio::test]
async fn exactly_one_term_is_wanted() {
    let app = TestApp::new().await;
    let party = app.party("minge").await;
    for (query, faults) in [
        ("from=2026-01-05", vec!["count required"]),
        (
            "from=2026-01-05&count=5&months=1",
            vec!["count not_together", "months not_together"],
        ),
        (
            "from=1950-01-05&count=5&days=1",
            vec!["count not_together", "days not_together", "from out_of_range"],
        ),
        ("from=2026-01-05&count=0", vec!["count too_small"]),
        ("from=2026-01-05&count=1001", vec!["count too_large"]),
        ("from=2026-01-05&months=121", vec!["months too_large"]),
        ("from=2026-01-05&days=3661", vec!["days too_large"]),
        ("count=5", vec!["from required"]),
        ("from=2026-02-30&count=5", vec!["from malformed"]),
    ] {
        let answer = party.get(&format!("/api/v1/working-days?{query}")).await;
        assert_eq!(answer.problem(422, "invalid").faults(), faults, "{query}");
    }
}

#[tokio::test]
async fn a_year_shows_every_day() {
    let app = TestApp::new().await;
    let auditor = app.auditor().await;
    let year = auditor.get(&path(2026)).await.expect(200);
    assert!(year.etag().starts_with("\"1-"));
    assert_eq!(year.json["document_number"], "国办发明电〔2025〕7号");
    assert_eq!(year.json["provisional"], false);
    let days = year.json["days"].as_array().expect("days");
    assert_eq!(days.len(), 365);
    let of = |day: &str| {
        let found = days.iter().find(|one| one["day"] == day).expect("the day");
        (
            found["kind"].as_str().unwrap_or_default().to_owned(),
            found["working"].as_bool().unwrap_or_default(),
            found["name"].clone(),
        )
    };
    assert_eq!(of("2026-01-05"), ("weekday".into(), true, Value::Null));
    assert_eq!(of("2026-01-10"), ("weekend".into(), false, Value::Null));
    assert_eq!(of("2026-02-17"), ("holiday".into(), false, json!("春节")));
    assert_eq!(of("2026-02-14"), ("makeup_day".into(), true, json!("春节")));
    let plain = auditor.get(&path(2028)).await.expect(200);
    assert!(plain.etag().starts_with("\"0-"));
    assert_eq!(plain.json["days"].as_array().map(Vec::len), Some(366));
    assert_eq!(
        (&plain.json["provisional"], &plain.json["updated_at"]),
        (&json!(true), &Value::Null)
    );
    for nothing in ["1989", "2101", "last", "-1", "02026", "%2B2026"] {
        let path = format!("/api/v1/working-days/{nothing}");
        auditor.get(&path).await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_year_is_put_by_its_version() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let body = json!({
        "document_number": "国办发明电[2026]9号", "title": "国务院办公厅关于2027年部分节假日安排的通知",
        "issued_on": "2026-11-20", "reason": "载入2027年安排",
        "holidays": [{ "day": "2027-01-01", "name": "元旦" }],
        "makeup_days": [{ "day": "2027-01-03", "name": "元旦" }],
    });
    let bare = coordinator.put(&path(2027), body.clone()).await;
    bare.problem(428, "precondition_required");
    let stale = coordinator.with("If-Match", "\"7-00c0ffee00c0ffee\"");
    stale
        .put(&path(2027), body.clone())
        .await
        .problem(412, "precondition_failed");
    let unloaded = coordinator.get(&path(2027)).await.expect(200).etag();
    let holder = coordinator.with("If-Match", &unloaded);
    let loaded = holder.put(&path(2027), body.clone()).await.expect(200);
    assert_eq!(loaded.json["document_number"], "国办发明电〔2026〕9号");
    assert_eq!(loaded.json["provisional"], false);
    assert_eq!(coordinator.get(&path(2027)).await.expect(200).json, loaded.json);
    holder
        .put(&path(2027), body)
        .await
        .problem(412, "precondition_failed");
    // The other instance counts by it at once.
    let other = app.another_instance().await;
    let counted = other
        .party("minge")
        .await
        .get("/api/v1/working-days?from=2026-12-31&count=1")
        .await
        .expect(200);
    assert_eq!(
        (&counted.json["due_on"], &counted.json["provisional"]),
        (&json!("2027-01-03"), &json!(false))
    );
    let mut conn = app.database.connect().await;
    let after: Option<Value> = audit_log::table
        .filter(audit_log::operation.eq("replace_working_day_year"))
        .filter(audit_log::outcome.eq("done"))
        .select(audit_log::after)
        .first(&mut conn)
        .await
        .expect("the record");
    assert_eq!(after.expect("after")["reason"], "载入2027年安排");
}

#[tokio::test]
async fn every_fault_of_a_year_is_named() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let named = |day: &str| json!({ "day": day, "name": "假日" });
    let holidays = json!([named("2027-05-01"), named("2027-05-01"), named("2027-05-02")]);
    let makeup_days = json!([named("2027-05-03"), named("2027-05-02")]);
    let body = json!({
        "document_number": "七号", "holidays": holidays, "makeup_days": makeup_days, "reason": " ", "days": []
    });
    let answer = coordinator
        .with("If-Match", "*")
        .put(&path(2027), body)
        .await
        .problem(422, "invalid");
    assert_eq!(
        answer.faults(),
        [
            "/days unknown_field",
            "/document_number malformed",
            "/holidays/1/day repeated",
            "/makeup_days/0/day not_a_weekend_day",
            "/makeup_days/1/day repeated",
            "/reason blank",
        ]
    );
    let other_year = put(&coordinator, 2027, json!([named("2026-05-01")]), json!([])).await;
    assert_eq!(
        other_year.problem(422, "invalid").faults(),
        ["/holidays/0/day out_of_range"]
    );
}

#[tokio::test]
async fn an_import_is_all_or_nothing() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let year = |year: i32, day: &str| json!({ "year": year, "holidays": [{ "day": day, "name": "假日" }], "makeup_days": [] });
    let import = async |years: Value| {
        let body = json!({ "years": years, "reason": "批量导入" });
        coordinator.post("/api/v1/working-days/import", body).await
    };
    let before = app.counts().await;
    let years = json!([
        year(2027, "2027-01-01"),
        year(2028, "2027-01-01"),
        year(2027, "2027-01-02"),
        { "year": 1989, "holidays": [], "makeup_days": [] },
    ]);
    let refused = import(years).await.problem(422, "invalid");
    assert_eq!(
        refused.faults(),
        [
            "/years/1/holidays/0/day out_of_range",
            "/years/2/year repeated",
            "/years/3/year too_small",
        ]
    );
    assert_eq!(
        import(json!([])).await.problem(422, "invalid").faults(),
        ["/years too_few"]
    );
    assert_eq!(app.counts().await, before);
    assert_eq!(coordinator.get(&path(2027)).await.json["provisional"], true);

    let done = import(json!([year(2026, "2026-01-01"), year(2027, "2027-01-01")]))
        .await
        .expect(200);
    let added: Vec<&Value> = done.json["years"]
        .as_array()
        .expect("years")
        .iter()
        .map(|one| &one["added"])
        .collect();
    assert_eq!(added, [&json!(false), &json!(true)]);
    assert_eq!(app.counts().await, (before.0 + 2, before.1 + 2));
    assert_eq!(
        coordinator.get(&path(2026)).await.json["holidays"],
        json!([{ "day": "2026-01-01", "name": "假日" }])
    );
}

/// Monday, 3 March 2031.
pub async fn report(app: &TestApp) -> String {
    let at = "2031-03-03T01:00:00Z".parse().expect("an instant");
    app.clock.set(at);
    let body = json!({
        "effective_from": "2031-03-03", "reason": "班子分工调整",
        "leader": { "name": "王建平", "title": "副局长" },
        "office": { "name": "办公室", "phone": "0751-8880000" },
        "contacts": [{ "name": "李秋霞", "mobile": "13800000009" }],
    });
    let department = app.department("education").await;
    let reported = department.post("/api/v1/liaison-leaders", body).await.expect(201);
    let id = reported.json["id"].as_str().expect("an id");
    format!("/api/v1/liaison-leaders/{id}")
}

/// The due days of the acknowledgements.
pub async fn acknowledgements(user: &User, leader: &str) -> Vec<Value> {
    let deadlines = user.get(&format!("{leader}/deadlines")).await.expect(200);
    let found: Vec<Value> = deadlines
        .items()
        .iter()
        .filter(|one| one["kind"] == "acknowledge_liaison_leader")
        .cloned()
        .collect();
    assert!(!found.is_empty(), "{}", deadlines.json);
    found
}

#[tokio::test]
async fn a_correction_moves_what_runs_and_says_why() {
    let app = TestApp::new().await;
    let leader = report(&app).await;
    let coordinator = app.coordinator().await;
    let before = acknowledgements(&coordinator, &leader).await;
    for one in &before {
        assert_eq!(
            (&one["due_on"], &one["provisional"], &one["moves"]),
            (&json!("2031-03-10"), &json!(true), &json!([]))
        );
    }
    // One that is done stays as it was.
    app.party("minmeng")
        .await
        .post(&format!("{leader}/acknowledge"), json!({}))
        .await
        .expect(200);
    let wednesday = json!([{ "day": "2031-03-05", "name": "临时假日" }]);
    put(&coordinator, 2031, wednesday, json!([])).await.expect(200);
    app.run_jobs().await;

    let after = acknowledgements(&coordinator, &leader).await;
    assert_eq!(after.len(), before.len());
    for one in &after {
        if one["organization"]["code"] == "minmeng" {
            assert_eq!(
                (&one["due_on"], &one["moves"]),
                (&json!("2031-03-10"), &json!([]))
            );
            continue;
        }
        assert_eq!(
            (&one["due_on"], &one["provisional"]),
            (&json!("2031-03-11"), &json!(false))
        );
        let moves = &one["moves"];
        assert_eq!(moves.as_array().map(Vec::len), Some(1));
        assert_eq!(
            (
                &moves[0]["due_before"],
                &moves[0]["due_after"],
                &moves[0]["reason"]
            ),
            (&json!("2031-03-10"), &json!("2031-03-11"), &json!("临时放假"))
        );
        let skipped = one["skipped"].as_array().expect("skipped");
        assert!(skipped.contains(&json!({ "day": "2031-03-05", "why": "临时假日" })));
    }
    let mut conn = app.database.connect().await;
    let told: Vec<String> = notices::table
        .filter(notices::kind.eq("deadline_moved"))
        .select(notices::text)
        .load(&mut conn)
        .await
        .expect("notices");
    assert_eq!(told.len(), after.len() - 1);
    for text in &told {
        assert!(text.contains("临时放假") && text.contains("3月11日"), "{text}");
        // What is to be done, and where.
        assert!(
            text.starts_with("待办“签收联络负责人情况”：《市教育局联络负责人（自2031年3月3日起）》"),
            "{text}"
        );
        assert!(text.ends_with(&format!("事项地址：{leader}")), "{text}");
    }
    // The same again moves nothing.
    let wednesday = json!([{ "day": "2031-03-05", "name": "临时假日" }]);
    put(&coordinator, 2031, wednesday, json!([])).await.expect(200);
    app.run_jobs().await;
    assert_eq!(acknowledgements(&coordinator, &leader).await, after);
}

/// Whichever comes first, the deadline ends by the calendar that holds.
#[tokio::test]
async fn a_deadline_that_begins_beside_a_correction_ends_by_it() {
    let app = TestApp::new().await;
    let (first, coordinator) = (report(&app).await, app.coordinator().await);
    let reported = async |code: &str| {
        let body = json!({
            "effective_from": "2031-03-03",
            "leader": { "name": "陈志强" }, "office": { "name": "办公室" }, "contacts": [{ "name": "何丽" }],
        });
        let department = app.department(code).await;
        let reported = department.post("/api/v1/liaison-leaders", body).await.expect(201);
        let id = reported.json["id"].as_str().expect("an id").to_owned();
        format!("/api/v1/liaison-leaders/{id}")
    };
    let wednesday = json!([{ "day": "2031-03-05", "name": "临时假日" }]);
    let (one, two, three, put) = tokio::join!(
        reported("audit"),
        reported("health"),
        reported("financial-affairs"),
        put(&coordinator, 2031, wednesday, json!([])),
    );
    put.expect(200);
    app.run_jobs().await;
    for leader in [first, one, two, three] {
        for one in acknowledgements(&coordinator, &leader).await {
            assert_eq!(one["due_on"], "2031-03-11", "{leader}");
        }
    }
}

#[tokio::test]
async fn readiness_warns_of_years_that_are_not_loaded() {
    let app = TestApp::new().await;
    let warnings = async |language: &str| {
        let ready = app
            .anonymous()
            .with("Accept-Language", language)
            .get("/readyz")
            .await
            .expect(200);
        ready.json["warnings"].clone()
    };
    app.clock.set("2026-11-30T16:00:00Z".parse().expect("an instant"));
    assert_eq!(
        warnings("zh").await,
        json!(["2027 年工作日安排尚未载入，暂按周一至周五计算。"])
    );
    // New Year's Eve in UTC is New Year in Shanghai.
    app.clock.set("2026-12-31T16:00:00Z".parse().expect("an instant"));
    let both = warnings("en").await;
    let both = both.as_array().expect("warnings");
    assert_eq!(both.len(), 2);
    assert!(both[0].as_str().is_some_and(|text| text.contains("2027")));
    assert!(both[1].as_str().is_some_and(|text| text.contains("2028")));
    let coordinator = app.coordinator().await;
    for year in [2027, 2028] {
        put(&coordinator, year, json!([]), json!([])).await.expect(200);
    }
    assert_eq!(warnings("zh").await, json!([]));
}
