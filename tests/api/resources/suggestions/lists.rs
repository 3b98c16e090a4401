//! Lists that people work with: filters, orders, pages, figures, files, and the indexes under them.

use super::on;
use crate::support::suggestions::{SUGGESTIONS, Table, id, path, raised, reply, step};
use crate::support::{TestApp, User, on_a_monday};
use diesel::pg::Pg;
use diesel::sql_types::Text;
use diesel::{QueryableByName, debug_query};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use liaison::db::fragment::Fragment;
use liaison::resources::suggestions::commitments;
use liaison::resources::suggestions::parts;
use liaison::resources::suggestions::receipts as feedback_receipts;
use serde_json::{Value, json};

async fn titles(user: &User, query: &str) -> Vec<String> {
    let list = user.get(&format!("{SUGGESTIONS}{query}")).await.expect(200);
    let titles = list.items().iter().filter_map(|item| item["title"].as_str());
    titles.map(str::to_owned).collect()
}

/// A day each: a draft, one that waits, one handled by two, one outside the assignment that is replied to, one in its second
/// round.
async fn five(app: &TestApp) {
    on(app, "2026-03-02");
    Table::new(app).await.drafted(raised("草稿", "education")).await;
    on(app, "2026-03-03");
    Table::new(app)
        .await
        .submitted(raised("待签收", "education"))
        .await;
    on(app, "2026-03-04");
    let mut joined = raised("办理中", "health");
    joined["joint_departments"] = json!(["education"]);
    joined["category"] = json!("卫生");
    Table::of(app, "minmeng", "health").await.accepted(joined).await;
    on(app, "2026-03-05");
    let table = Table::of(app, "minge", "education").await;
    let talked = table.talked(raised("分工以外", "education")).await;
    step(&table.lead, &talked, "reply", reply("B")).await;
    on(app, "2026-03-06");
    let table = Table::new(app).await;
    let twice = table.replied(raised("第二轮", "education")).await;
    table.evaluate(&twice, "dissatisfied").await;
}

#[tokio::test]
async fn filters_orders_and_figures() {
    let app = on_a_monday().await;
    five(&app).await;
    on(&app, "2026-03-16");
    let (coordinator, party) = (app.coordinator().await, app.party("minmeng").await);
    let (education, health) = (app.department("education").await, app.department("health").await);
    let (waiting, handled, outside, second) = ("待签收", "办理中", "分工以外", "第二轮");
    for (query, expected) in [
        ("", vec![second, outside, handled, waiting]),
        ("?sort=created_at", vec![waiting, handled, outside, second]),
        ("?sort=-submitted_at", vec![second, outside, handled, waiting]),
        ("?sort=submitted_at", vec![waiting, handled, outside, second]),
        ("?sort=due_on", vec![waiting, outside, handled, second]),
        ("?sort=-updated_at", vec![second, outside, handled, waiting]),
        ("?sort=updated_at", vec![waiting, handled, outside, second]),
        ("?state=submitted", vec![waiting]),
        ("?state=draft", vec![]),
        ("?lead_department=education", vec![second, outside, waiting]),
        ("?joint_department=education", vec![handled]),
        ("?department=education", vec![second, outside, handled, waiting]),
        ("?department=health", vec![handled]),
        ("?party=minge", vec![outside]),
        ("?result=B", vec![outside]),
        ("?evaluation=awaited", vec![outside]),
        ("?evaluation=received", vec![second]),
        ("?filing=reported", vec![second, outside]),
        ("?round=2", vec![second]),
        ("?outside_assignment=true", vec![outside]),
        ("?outside_assignment=false", vec![second, handled, waiting]),
        ("?category=卫生", vec![handled]),
        ("?overdue=true", vec![waiting]),
        ("?overdue=false", vec![second, outside, handled]),
        ("?due_before=2026-03-27", vec![outside, waiting]),
        ("?created_from=2026-03-05T00:00:00Z", vec![second, outside]),
        ("?created_until=2026-03-04T00:00:00Z", vec![waiting]),
        (
            "?submitted_from=2026-03-04T00:00:00Z&submitted_until=2026-03-05T00:00:00Z",
            vec![handled],
        ),
        // The one that waits has become overdue since.
        ("?updated_since=2026-03-06T00:00:00Z", vec![second, waiting]),
        ("?updated_since=2026-03-13T00:00:00Z", vec![]),
    ] {
        assert_eq!(titles(&coordinator, query).await, expected, "{query}");
        let counted = query
            .split("sort=")
            .next()
            .unwrap_or_default()
            .trim_end_matches('?');
        let counts = coordinator
            .get(&format!("{SUGGESTIONS}/counts{counted}"))
            .await
            .expect(200);
        assert_eq!(counts.json["total"], expected.len(), "{query}");
    }
    assert_eq!(titles(&party, "").await, [second, handled, waiting, "草稿"]);
    assert_eq!(
        titles(&party, "?sort=submitted_at").await,
        ["草稿", waiting, handled, second]
    );
    assert_eq!(titles(&education, "").await, [second, outside, handled, waiting]);
    assert_eq!(titles(&health, "").await, [handled]);
    assert_eq!(
        titles(&health, "?lead_department=education").await,
        Vec::<String>::new()
    );
    let counts = education
        .get(&format!("{SUGGESTIONS}/counts"))
        .await
        .expect(200)
        .json;
    let count = |list: &str, key: &str, value: &str| -> Value {
        let found = counts[list]
            .as_array()
            .into_iter()
            .flatten()
            .find(|one| one[key] == value);
        found.map_or(Value::Null, |one| one["count"].clone())
    };
    assert_eq!(counts["total"], 4);
    assert_eq!(
        (
            &counts["overdue"],
            &counts["outside_assignment"],
            &counts["second_round"]
        ),
        (&json!(1), &json!(1), &json!(1))
    );
    assert_eq!(count("states", "state", "accepted"), 2);
    assert_eq!(count("results", "result", "B"), 1);
    assert_eq!(count("filings", "filing", "reported"), 2);
    assert_eq!(count("evaluations", "evaluation", "none"), 2);
    let unknown = coordinator
        .get(&format!("{SUGGESTIONS}?lead_department=minge"))
        .await
        .problem(422, "invalid");
    assert_eq!(unknown.faults(), ["lead_department unknown_reference"]);
}

#[tokio::test]
async fn pages_follow_one_another_in_every_order() {
    let app = on_a_monday().await;
    five(&app).await;
    let party = app.party("minmeng").await;
    let orders = [
        "-created_at",
        "created_at",
        "-submitted_at",
        "submitted_at",
        "due_on",
        "-updated_at",
        "updated_at",
    ];
    for sort in orders {
        let whole = titles(&party, &format!("?sort={sort}")).await;
        let mut paged = Vec::new();
        let mut next = format!("{SUGGESTIONS}?sort={sort}&limit=1&with_total=true");
        loop {
            let page = party.get(&next).await.expect(200);
            assert_eq!(page.json["total"], 4);
            paged.extend(
                page.items()
                    .iter()
                    .filter_map(|item| item["title"].as_str())
                    .map(str::to_owned),
            );
            let Some(cursor) = page.json["next_cursor"].as_str() else {
                break;
            };
            next = format!("{SUGGESTIONS}?sort={sort}&limit=1&with_total=true&cursor={cursor}");
        }
        assert_eq!(paged, whole, "{sort}");
    }
}

#[tokio::test]
async fn lists_are_taken_away_as_files() {
    let app = on_a_monday().await;
    five(&app).await;
    let education = app.department("education").await;
    let csv = education
        .with("Accept", "text/csv")
        .get(&format!("{SUGGESTIONS}?state=replied"))
        .await
        .expect(200);
    let text = csv.text();
    assert!(
        text.contains("编号,标题,类别") && text.contains("〔2026〕民革-教育-001,分工以外"),
        "{text}"
    );
    assert!(
        text.contains("正在解决或列入计划") && !text.contains("待签收,"),
        "{text}"
    );
    for (list, words) in [
        ("commitments", "在市区 6 所小学开展试点。"),
        ("feedback-receipts", "不满意"),
    ] {
        let csv = education
            .with("Accept", "text/csv")
            .get(&format!("/api/v1/{list}"))
            .await
            .expect(200)
            .text();
        assert!(csv.contains(words), "{csv}");
    }
    let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let file = education.with("Accept", xlsx).get(SUGGESTIONS).await.expect(200);
    assert!(file.bytes.starts_with(b"PK"));
}

#[tokio::test]
async fn receipts_and_commitments_are_filtered() {
    let app = on_a_monday().await;
    five(&app).await;
    let coordinator = app.coordinator().await;
    for (query, expected) in [
        ("feedback-receipts?result=dissatisfied", 1),
        ("feedback-receipts?attitude=dissatisfied", 0),
        (
            "feedback-receipts?party=minmeng&department=education&round=1&late=false",
            1,
        ),
        ("feedback-receipts?party=minge", 0),
        (
            "feedback-receipts?sort=created_at&created_from=2026-03-06T00:00:00Z",
            1,
        ),
        ("commitments?department=education&party=minge&state=open", 1),
        ("commitments?due_before=2026-12-31", 0),
        ("commitments?overdue=false&sort=-created_at", 1),
        ("commitments?department=health", 0),
    ] {
        let list = coordinator.get(&format!("/api/v1/{query}")).await.expect(200);
        assert_eq!(list.items().len(), expected, "{query}");
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

/// Among 20,000, no usual list reads all of them, at whatever page.
#[tokio::test]
async fn usual_lists_go_by_an_index() {
    let app = on_a_monday().await;
    let table = Table::new(&app).await;
    let one = table.submitted(raised("样本", "education")).await;
    let mut conn = app.database.connect().await;
    conn.batch_execute(&multiplied(&one)).await.expect("many");
    for query in [
        "state <> 'draft' AND submitted_at IS NOT NULL ORDER BY created_at DESC, id DESC",
        "state <> 'draft' AND state = 'submitted' ORDER BY created_at DESC, id DESC",
        "state <> 'draft' AND lead_department_id = (SELECT id FROM organizations WHERE code = 'education') ORDER BY created_at DESC, id DESC",
        "state <> 'draft' AND lead_department_id = (SELECT id FROM organizations WHERE code = 'education') AND state = 'accepted'
            AND created_at <= '2026-01-01' AND (created_at < '2026-01-01' OR id < gen_random_uuid()) ORDER BY created_at DESC, id DESC",
        "party_id = (SELECT id FROM organizations WHERE code = 'minmeng') AND state = 'submitted' ORDER BY created_at DESC, id DESC",
        "state <> 'draft' ORDER BY coalesce(suggestions.due_on, 'infinity'::date), id",
        "state <> 'draft' AND coalesce(suggestions.due_on, 'infinity'::date) < '2026-03-01' ORDER BY coalesce(suggestions.due_on, 'infinity'::date), id",
        "state <> 'draft' ORDER BY coalesce(suggestions.submitted_at, '-infinity'::timestamptz) DESC, id DESC",
        "state <> 'draft' ORDER BY updated_at DESC, id DESC",
        "state <> 'draft' AND outside_assignment ORDER BY created_at DESC, id DESC",
        "state <> 'draft' AND submitted_at IS NOT NULL AND id IN (SELECT suggestion_id FROM suggestion_handlings WHERE ended_at IS NULL AND department_id = ANY(
            ARRAY(SELECT id FROM organizations WHERE code = 'education'))) ORDER BY created_at DESC, id DESC",
    ] {
        let explained = format!("EXPLAIN SELECT * FROM suggestions WHERE {query} LIMIT 21");
        let plan: Vec<Line> = diesel::sql_query(explained).load(&mut conn).await.expect("a plan");
        let plan: Vec<&str> = plan.iter().map(|line| line.line.as_str()).collect();
        assert!(!plan.iter().any(|line| line.contains("Seq Scan on suggestion")), "{query}\n{}", plan.join("\n"));
    }
    let page = table
        .coordinator
        .get(&format!("{SUGGESTIONS}?limit=20"))
        .await
        .expect(200);
    assert_eq!(page.items().len(), 20);
    assert_eq!(id(&table.party.get(&path(&one)).await.expect(200).json), one);
}

/// What is measured against is the same select: each part of it as the code writes it.
#[test]
fn the_bench_asks_for_the_same() {
    let by_id = include_str!("../../../../benches/pgbench/suggestion_by_id.sql");
    let listed = include_str!("../../../../benches/pgbench/suggestions_by_state_and_department.sql");
    fn assert_same<T>(part: Fragment<T>, benches: &[&str]) {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let part = debug_query::<Pg, _>(&part).to_string();
        let part = words(part.split(" -- binds").next().expect("a text"));
        for bench in benches {
            assert!(words(bench).contains(&part), "{part}");
        }
    }
    assert_same(parts::handlings(), &[by_id, listed]);
    assert_same(parts::signatures(), &[by_id, listed]);
    assert_same(parts::deadlines(), &[by_id, listed]);
    assert_same(parts::communications(), &[by_id]);
    assert_same(parts::replies(), &[by_id]);
    assert_same(feedback_receipts::model::of_suggestion(), &[by_id]);
    assert_same(commitments::model::of_suggestion(), &[by_id]);
}

/// Copies of one suggestion over the years, of several departments and states, with their handlings.
fn multiplied(id: &str) -> String {
    let columns = "title, background, proposal, authors";
    format!(
        "SET session_replication_role = replica;
         INSERT INTO suggestions ({columns}, id, party_id, lead_department_id, state, number, outside_assignment, result, filing,
            evaluation, replied_at, submitted_at, accepted_at, due_on, created_at, updated_at)
         SELECT {columns}, gen_random_uuid(),
            (SELECT p.id FROM organizations p WHERE p.kind = 'party' ORDER BY p.position OFFSET n % 8 LIMIT 1),
            (SELECT d.id FROM organizations d WHERE d.kind = 'department' ORDER BY d.position OFFSET n % 23 LIMIT 1),
            CASE WHEN n % 3 = 0 THEN 'submitted' WHEN n % 3 = 1 THEN 'accepted' ELSE 'replied' END, '样本' || n, n % 50 = 0,
            CASE WHEN n % 3 = 2 THEN 'A' END, CASE WHEN n % 3 = 2 THEN 'reported' ELSE 'none' END,
            CASE WHEN n % 3 = 2 THEN 'awaited' ELSE 'none' END, CASE WHEN n % 3 = 2 THEN now() END,
            created_at - n * interval '1 hour', created_at, '2026-01-01'::date + (n % 400), created_at - n * interval '1 hour',
            created_at - n * interval '1 hour'
         FROM suggestions, generate_series(1, 20000) AS n WHERE id = '{id}';
         INSERT INTO suggestion_handlings (id, suggestion_id, department_id, role, position, started_at)
         SELECT gen_random_uuid(), s.id, s.lead_department_id, 'lead', 0, s.created_at FROM suggestions s
         WHERE NOT EXISTS (SELECT 1 FROM suggestion_handlings h WHERE h.suggestion_id = s.id);
         SET session_replication_role = origin;
         ANALYZE suggestions; ANALYZE suggestion_handlings"
    )
}
