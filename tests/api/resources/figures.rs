//! What is kept counted, what the figures say, and what a count of the tables says: one and the same.

use super::statistics::{a_year, figures, links, row};
use crate::support::suggestions::{Table, acceptance, communication, raised, reply, step};
use crate::support::{TestApp, at};
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SUGGESTIONS: &str = "/api/v1/statistics/suggestions?year=2026";

#[derive(Debug, PartialEq, QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    what: String,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// What each lead's time with a suggestion comes to, from the tables alone: no function and no table of the figures is asked.
const BY_HAND: &str = "
    WITH lead AS (
        SELECT part.*, suggestion.party_id, (part.started_at + interval '8 hours')::date AS received_on,
            (suggestion.submitted_at + interval '8 hours')::date AS submitted_on, coalesce(part.ended_at, 'infinity') AS until,
            row_number() OVER (PARTITION BY suggestion.id ORDER BY part.started_at, part.id) AS turn
        FROM suggestion_handlings AS part JOIN suggestions AS suggestion ON suggestion.id = part.suggestion_id
        WHERE part.role = 'lead' AND suggestion.state <> 'draft'
    ), clock AS (
        SELECT lead.id, todo.kind, todo.closed_at IS NULL AS runs, todo.due_on,
            todo.closed_at IS NOT NULL AND (todo.closed_at + interval '8 hours')::date > todo.due_on AS late
        FROM lead JOIN todos AS todo ON todo.subject_id = lead.suggestion_id AND todo.opened_at >= lead.started_at
            AND todo.opened_at < lead.until AND todo.kind IN ('accept_suggestion', 'reply_to_suggestion')
    ), reply AS (
        SELECT lead.id, answer.id AS reply_id, answer.round, answer.result,
            row_number() OVER (PARTITION BY lead.id ORDER BY answer.round DESC, answer.version_number DESC) AS newest
        FROM lead JOIN suggestion_replies AS answer ON answer.suggestion_id = lead.suggestion_id
            AND answer.replied_at >= lead.started_at AND answer.replied_at < lead.until
    ), receipt AS (
        SELECT reply.id, given.attitude, given.result, given.late,
            row_number() OVER (PARTITION BY reply.id ORDER BY given.round DESC) AS newest
        FROM reply JOIN feedback_receipts AS given ON given.reply_id = reply.reply_id
    ), silence AS (
        SELECT lead.id, step.round
        FROM lead JOIN suggestion_steps AS step ON step.suggestion_id = lead.suggestion_id AND step.step = 'lapse'
            AND step.occurred_at >= lead.started_at AND step.occurred_at < lead.until
        WHERE NOT EXISTS (SELECT 1 FROM feedback_receipts AS given
            WHERE given.suggestion_id = step.suggestion_id AND given.round = step.round)
    ), by_hand AS (
        SELECT lead.id, 'received' AS mark FROM lead
        UNION ALL SELECT id, 'raised' FROM lead WHERE turn = 1
        UNION ALL SELECT id, 'outside_assignment' FROM lead WHERE NOT EXISTS (
            SELECT 1 FROM assignments AS pair JOIN schemes AS scheme ON scheme.id = pair.scheme_id
            WHERE pair.department_id = lead.department_id AND pair.party_id = lead.party_id
                AND scheme.published_at IS NOT NULL AND scheme.effective_from <= lead.submitted_on
                AND coalesce(scheme.effective_until > lead.submitted_on, true))
        UNION ALL SELECT DISTINCT id, 'accepted_late' FROM clock WHERE kind = 'accept_suggestion' AND late
        UNION ALL SELECT id, 'accepted_in_time' FROM lead WHERE accepted_at IS NOT NULL
            AND id NOT IN (SELECT id FROM clock WHERE kind = 'accept_suggestion' AND late)
        UNION ALL SELECT DISTINCT id, 'answered_late' FROM clock WHERE kind = 'reply_to_suggestion' AND late
        UNION ALL SELECT DISTINCT id, 'answered_in_time' FROM reply
            WHERE id NOT IN (SELECT id FROM clock WHERE kind = 'reply_to_suggestion' AND late)
        UNION ALL SELECT DISTINCT id, 'answered' FROM reply
        UNION ALL SELECT DISTINCT id, 'second_round' FROM reply WHERE round = 2
        UNION ALL SELECT id, 'result_' || lower(result) FROM reply WHERE newest = 1
        UNION ALL SELECT id, 'attitude_' || attitude FROM receipt WHERE newest = 1
        UNION ALL SELECT id, 'outcome_' || result FROM receipt WHERE newest = 1
        UNION ALL SELECT reply.id, CASE WHEN EXISTS (
                SELECT 1 FROM silence WHERE silence.id = reply.id AND silence.round = reply.round)
            THEN 'unevaluated' ELSE 'evaluation_awaited' END
            FROM reply WHERE newest = 1 AND NOT EXISTS (SELECT 1 FROM receipt WHERE receipt.id = reply.id)
        UNION ALL SELECT lead.id, CASE
                WHEN EXISTS (SELECT 1 FROM silence WHERE silence.id = lead.id) THEN 'receipt_missing'
                WHEN EXISTS (SELECT 1 FROM receipt WHERE receipt.id = lead.id AND late) THEN 'receipt_late'
                ELSE 'receipt_in_time' END
            FROM lead WHERE EXISTS (SELECT 1 FROM silence WHERE silence.id = lead.id)
                OR EXISTS (SELECT 1 FROM receipt WHERE receipt.id = lead.id)
    ), commitment AS (
        SELECT promise.id, promise.department_id, suggestion.party_id, promise.due_on, CASE
            WHEN promise.state = 'abandoned' THEN 'commitment_abandoned'
            WHEN promise.state = 'fulfilled' AND (promise.fulfilled_at + interval '8 hours')::date <= promise.due_on
                THEN 'commitment_kept'
            WHEN promise.state = 'fulfilled' THEN 'commitment_late' END AS mark
        FROM commitments AS promise JOIN suggestions AS suggestion ON suggestion.id = promise.suggestion_id
    ), tally AS (
        SELECT date_trunc('month', day)::date AS month, department_id, party_id, mark, count(*) AS n
        FROM (SELECT lead.received_on AS day, lead.department_id, lead.party_id, by_hand.mark
              FROM by_hand JOIN lead ON lead.id = by_hand.id
              UNION ALL SELECT due_on, department_id, party_id, mark FROM commitment WHERE mark IS NOT NULL) AS all_marks
        GROUP BY 1, 2, 3, 4
    )";

/// How many marks, deadlines and sums stand otherwise than a count by hand has them.
const DIFFERENT: &str = "
    SELECT 'marks' AS what, count(*) AS n FROM (
        SELECT handling_id AS id, unnest(marks) AS mark FROM suggestion_marks
    ) AS kept FULL JOIN by_hand USING (id, mark) WHERE kept IS NULL OR by_hand IS NULL
    UNION ALL
    SELECT 'deadlines', count(*) FROM (
        SELECT handling_id AS id, open_due_on FROM suggestion_marks WHERE open_due_on IS NOT NULL
    ) AS kept FULL JOIN (SELECT id, due_on FROM clock WHERE runs) AS clock USING (id)
    WHERE kept.open_due_on IS DISTINCT FROM clock.due_on
    UNION ALL
    SELECT 'months', count(*) FROM (
        SELECT month, department_id, party_id, mark, sum(n) AS n FROM figure_tallies GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0
    ) AS kept FULL JOIN tally USING (month, department_id, party_id, mark) WHERE kept.n IS DISTINCT FROM tally.n
    UNION ALL
    SELECT 'years', count(*) FROM (
        SELECT year, department_id, party_id, mark, sum(n) AS n FROM (
            SELECT year, department_id, party_id, mark, n FROM figure_years
            UNION ALL SELECT date_trunc('year', month)::date, department_id, party_id, mark, n FROM figure_tallies WHERE NOT summed
        ) AS sums GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0
    ) AS kept FULL JOIN (
        SELECT date_trunc('year', month)::date AS year, department_id, party_id, mark, sum(n) AS n FROM tally GROUP BY 1, 2, 3, 4
    ) AS anew USING (year, department_id, party_id, mark) WHERE kept.n IS DISTINCT FROM anew.n
    ORDER BY 1";

async fn ask(app: &TestApp, text: &str) -> Vec<Counted> {
    let found = sql_query(format!("{BY_HAND} {text}"));
    found
        .load(&mut app.database.connect().await)
        .await
        .expect("a count")
}

async fn assert_kept_as_counted(app: &TestApp, when: &str) {
    for one in ask(app, DIFFERENT).await {
        assert_eq!(one.n, 0, "{when}: {}", one.what);
    }
}

/// The figures of the city as they follow from the count by hand on a day.
async fn assert_figures(app: &TestApp, day: &str) {
    let overdue =
        |kind: &str| format!("SELECT id FROM clock WHERE kind = '{kind}' AND runs AND due_on < '{day}'");
    let (accept, answer) = (overdue("accept_suggestion"), overdue("reply_to_suggestion"));
    let marked = |mark: &str| format!("SELECT id FROM by_hand WHERE mark = '{mark}'");
    let distinct = |ids: &[String]| format!("SELECT count(*) FROM ({}) AS ids", ids.join(" UNION "));
    let without =
        |mark: &str, late: &str| format!("(SELECT id FROM by_hand WHERE mark = '{mark}' EXCEPT {late})");
    let expected = [
        ("suggestions_raised", distinct(&[marked("raised")])),
        ("suggestions_received", distinct(&[marked("received")])),
        (
            "suggestions_outside_assignment",
            distinct(&[marked("outside_assignment")]),
        ),
        ("suggestions_accepted_late", distinct(&[marked("accepted_late")])),
        (
            "suggestions_acceptance_overdue",
            distinct(std::slice::from_ref(&accept)),
        ),
        (
            "suggestions_accepted_in_time",
            distinct(&[without("accepted_in_time", &accept)]),
        ),
        ("suggestions_answered_late", distinct(&[marked("answered_late")])),
        (
            "suggestions_answer_overdue",
            distinct(std::slice::from_ref(&answer)),
        ),
        (
            "suggestions_answered_in_time",
            distinct(&[without("answered_in_time", &answer)]),
        ),
        ("second_rounds", distinct(&[marked("second_round")])),
        ("unevaluated", distinct(&[marked("unevaluated")])),
        ("receipts_missing", distinct(&[marked("receipt_missing")])),
        (
            "of suggestions_accepted_in_time",
            distinct(&[
                marked("accepted_in_time"),
                marked("accepted_late"),
                accept.clone(),
            ]),
        ),
        (
            "of suggestions_answered_in_time",
            distinct(&[
                marked("answered_in_time"),
                marked("answered_late"),
                answer.clone(),
            ]),
        ),
    ];
    let text: Vec<String> = expected
        .iter()
        .map(|(figure, count)| format!("SELECT '{figure}' AS what, ({count}) AS n"))
        .collect();
    let by_hand = ask(app, &text.join(" UNION ALL ")).await;
    let coordinator = app.coordinator().await;
    let answer = coordinator.get(SUGGESTIONS).await.expect(200).json;
    let total = figures(&answer["total"]);
    for Counted { what, n } in by_hand {
        let said = match what.strip_prefix("of ") {
            Some(share) => total[share].1,
            None => Some(total[&what].0),
        };
        assert_eq!(said, Some(n), "{day}: {what}");
    }
    for (link, numerator, denominator) in links(&[&answer["total"]]) {
        let list = coordinator
            .get(&format!("{link}&with_total=true&limit=1"))
            .await
            .expect(200);
        assert_eq!(list.json["total"], numerator, "{link}");
        if let Some(of) = denominator {
            let whole = format!("{link}&part=denominator&limit=1&with_total=true");
            assert_eq!(
                coordinator.get(&whole).await.expect(200).json["total"],
                of,
                "{whole}"
            );
        }
    }
}

fn morning(app: &TestApp, day: &str) {
    app.clock.set(at(&format!("{day}T01:30:00Z")));
}

fn to(lead: &str) -> Value {
    json!({ "lead_department": lead, "reason": "调整主办单位。" })
}

/// On top of a year with lapses, a withdrawal and a reassignment: returns, second rounds overdue and late, reassignments out of and
/// into the assignment and in the second round, corrections, late receipts.
async fn a_varied_history() -> TestApp {
    let app = a_year().await;
    morning(&app, "2026-05-06");
    let table = Table::new(&app).await;
    let finance = app.department("finance").await;
    let dissatisfied = async |title: &str| {
        let id = table.replied(raised(title, "education")).await;
        table.evaluate(&id, "dissatisfied").await;
        id
    };
    dissatisfied("第二轮逾期未答复").await;
    let late = dissatisfied("第二轮逾期答复").await;
    let moved = dissatisfied("第二轮改派").await;
    step(&table.coordinator, &moved, "reassign", to("finance")).await;
    step(&finance, &moved, "accept", acceptance()).await;
    let refused = table.submitted(raised("不准退办", "education")).await;
    let back = json!({ "reason": "职责不符。", "proposed_department": "finance" });
    step(&table.lead, &refused, "return", back).await;
    step(
        &table.coordinator,
        &refused,
        "deny-return",
        json!({ "reason": "属你单位职责。" }),
    )
    .await;
    let minge = Table::of(&app, "minge", "education").await;
    let inwards = minge.submitted(raised("改派到分工之内", "education")).await;
    step(&table.coordinator, &inwards, "reassign", to("justice")).await;
    let outwards = Table::of(&app, "minge", "justice").await;
    let outwards = outwards.submitted(raised("改派到分工之外", "justice")).await;
    step(&table.coordinator, &outwards, "reassign", to("education")).await;
    let silent = table.replied(raised("逾期评价", "education")).await;
    let withdrawn = table.accepted(raised("逾期后撤回", "education")).await;
    assert_kept_as_counted(&app, "2026-05-06").await;

    morning(&app, "2026-07-10");
    app.run_jobs().await;
    let table = Table::new(&app).await;
    step(&table.lead, &late, "communicate", communication()).await;
    step(&table.lead, &late, "reply", reply("A")).await;
    let correction = json!({ "text": "现更正如下。", "reason": "数字有误。" });
    step(&table.lead, &late, "correct", correction).await;
    table.evaluate(&silent, "satisfied").await;
    step(&table.lead, &refused, "accept", acceptance()).await;
    morning(&app, "2026-08-20");
    let table = Table::new(&app).await;
    step(
        &table.party,
        &withdrawn,
        "withdraw",
        json!({ "reason": "不提了。" }),
    )
    .await;
    app
}

#[tokio::test]
async fn figures_equal_a_recount() {
    let app = a_varied_history().await;
    assert_kept_as_counted(&app, "2026-08-20").await;
    assert_figures(&app, "2026-08-20").await;
    morning(&app, "2026-12-30");
    app.run_jobs().await;
    assert_kept_as_counted(&app, "2026-12-30").await;
    assert_figures(&app, "2026-12-30").await;
    let again = sql_query("SELECT count_figures_anew()");
    let mut conn = app.database.connect().await;
    again.execute(&mut conn).await.expect("a new count");
    assert_kept_as_counted(&app, "anew").await;
    assert_figures(&app, "2026-12-30").await;
}

async fn of_department(app: &TestApp, code: &str) -> BTreeMap<String, (i64, Option<i64>)> {
    let answer = app.coordinator().await.get(SUGGESTIONS).await.expect(200).json;
    figures(&row(&answer, "departments", "department", code)["figures"])
}

#[tokio::test]
async fn a_second_round_that_is_overdue_is_not_in_time_as_well() {
    let app = TestApp::new().await;
    morning(&app, "2026-03-02");
    let table = Table::new(&app).await;
    let id = table.replied(raised("第二轮", "education")).await;
    table.evaluate(&id, "dissatisfied").await;
    let told = async |app: &TestApp| {
        let all = of_department(app, "education").await;
        ["answered_in_time", "answered_late", "answer_overdue"]
            .map(|figure| all[&format!("suggestions_{figure}")])
    };
    let one = Some(1);
    assert_eq!(told(&app).await, [(1, one), (0, None), (0, None)]);
    morning(&app, "2026-06-01");
    assert_eq!(told(&app).await, [(0, one), (0, None), (1, None)]);
    // As of a day before it was overdue, from the records and not from what is kept.
    let then = format!("{SUGGESTIONS}&as_of=2026-03-20");
    let then = app.coordinator().await.get(&then).await.expect(200).json;
    let then = figures(&row(&then, "departments", "department", "education")["figures"]);
    assert_eq!(then["suggestions_answered_in_time"], (1, one));
    let then = format!("{SUGGESTIONS}&as_of=2026-05-31");
    let then = app.coordinator().await.get(&then).await.expect(200).json;
    let then = figures(&row(&then, "departments", "department", "education")["figures"]);
    assert_eq!(then["suggestions_answered_in_time"], (0, one));
    assert_eq!(then["suggestions_answer_overdue"], (1, None));
    let table = Table::new(&app).await;
    step(&table.lead, &id, "communicate", communication()).await;
    step(&table.lead, &id, "reply", reply("A")).await;
    assert_eq!(told(&app).await, [(0, one), (1, None), (0, None)]);
}

#[tokio::test]
async fn each_lead_has_its_own_mark_of_the_assignment() {
    let app = TestApp::new().await;
    morning(&app, "2026-03-02");
    // 民革 liaises with 市司法局, and not with 市教育局.
    let outside = Table::of(&app, "minge", "education").await;
    let id = outside.submitted(raised("改派", "education")).await;
    let moved = step(&outside.coordinator, &id, "reassign", to("justice")).await;
    assert_eq!(moved["outside_assignment"], false);
    let marks: Vec<&Value> = moved["handlings"]
        .as_array()
        .expect("handlings")
        .iter()
        .map(|one| &one["outside_assignment"])
        .collect();
    assert_eq!(marks, [&json!(true), &json!(false)]);
    for (code, expected) in [("education", 1), ("justice", 0)] {
        let all = of_department(&app, code).await;
        assert_eq!(
            all["suggestions_outside_assignment"],
            (expected, Some(1)),
            "{code}"
        );
    }
    // And back: the third handling is the first lead's again.
    step(&outside.coordinator, &id, "reassign", to("education")).await;
    let all = of_department(&app, "education").await;
    assert_eq!(all["suggestions_outside_assignment"], (2, Some(2)));
}
