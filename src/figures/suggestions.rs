//! Figures of suggestions: marks of each handling, kept counted by month where the day asked for is today, and worked out
//! from the records where it lies in the past. The SQL function `suggestion_facts` says what a mark means, for both, and
//! `marks_on` what the day makes of them.

use super::period::Period;
use crate::figures::facts::RecordType;
use crate::problem::Result;
use chrono::{Datelike, Days, NaiveDate};
use diesel::sql_types::{Array, BigInt, Date, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// What a figure counts: those that have one of the marks, of those that have one of `whole`, where it is a share. Of the
/// marks of one list, a record has one at most.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    pub marks: &'static [&'static str],
    pub whole: &'static [&'static str],
}

/// How many of a department and party have a mark.
#[derive(Clone, Debug, QueryableByName)]
pub struct Tally {
    #[diesel(sql_type = SqlUuid)]
    pub department_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub party_id: Uuid,
    #[diesel(sql_type = Text)]
    pub mark: String,
    #[diesel(sql_type = BigInt)]
    pub n: i64,
}

/// One time that a department led the handling of a suggestion, or one commitment, with its marks.
#[derive(Clone, Debug, QueryableByName)]
pub struct Marked {
    #[diesel(sql_type = Text)]
    pub kind: RecordType,
    #[diesel(sql_type = SqlUuid)]
    pub key: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub title: String,
    #[diesel(sql_type = Date)]
    pub on_day: NaiveDate,
    #[diesel(sql_type = SqlUuid)]
    pub department_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub party_id: Uuid,
    #[diesel(sql_type = Array<Text>)]
    pub marks: Vec<String>,
}

/// Of suggestions received in the period, and commitments due in it, as they stand today.
///
/// # Errors
/// `database_unavailable`.
pub async fn today(mut conn: &AsyncPgConnection, period: &Period, today: NaiveDate) -> Result<Vec<Tally>> {
    let (first, last) = whole_months(period);
    let (first_year, last_year) = whole_years(first, last);
    let (mut counted, mut marked) = (conn, conn);
    let (mut tallies, edges, overdue) = futures_util::try_join!(
        sql_query(COUNTED)
            .bind::<Date, _>(first)
            .bind::<Date, _>(last)
            .bind::<Date, _>(first_year)
            .bind::<Date, _>(last_year)
            .load::<Tally>(&mut counted),
        sql_query(EDGES)
            .bind::<Date, _>(period.from)
            .bind::<Date, _>(period.to)
            .bind::<Date, _>(first)
            .bind::<Date, _>(last)
            .load::<Tally>(&mut marked),
        sql_query(OVERDUE)
            .bind::<Date, _>(period.from)
            .bind::<Date, _>(period.to)
            .bind::<Date, _>(today)
            .load::<Tally>(&mut conn),
    )?;
    tallies.extend(edges);
    tallies.extend(overdue);
    Ok(tallies)
}

/// The same as they stood at the end of an earlier day.
///
/// # Errors
/// `database_unavailable`.
pub async fn earlier(mut conn: &AsyncPgConnection, period: &Period) -> Result<Vec<Tally>> {
    let counted = format!(
        "SELECT department_id, party_id, mark, count(*) AS n FROM ({MARKED}) AS marked CROSS JOIN LATERAL unnest(marks) AS mark
         GROUP BY 1, 2, 3"
    );
    Ok(sql_query(counted)
        .bind::<Date, _>(period.from)
        .bind::<Date, _>(period.to)
        .bind::<Date, _>(period.as_of)
        .bind::<Timestamptz, _>(period.until())
        .load(&mut conn)
        .await?)
}

/// Every suggestion received in the period and every commitment due in it, as they stood then, by day.
///
/// # Errors
/// `database_unavailable`.
pub async fn marked(mut conn: &AsyncPgConnection, period: &Period) -> Result<Vec<Marked>> {
    Ok(sql_query(format!("{MARKED} ORDER BY kind DESC, on_day, key"))
        .bind::<Date, _>(period.from)
        .bind::<Date, _>(period.to)
        .bind::<Date, _>(period.as_of)
        .bind::<Timestamptz, _>(period.until())
        .load(&mut conn)
        .await?)
}

/// The first days of the first and behind the last month that lie within a period whole.
fn whole_months(period: &Period) -> (NaiveDate, NaiveDate) {
    let begins = |day: NaiveDate| day.with_day(1).unwrap_or(day);
    let after = |day: NaiveDate| day.checked_add_days(Days::new(1)).unwrap_or(day);
    let first = match begins(period.from) == period.from {
        true => period.from,
        false => begins(
            begins(period.from)
                .checked_add_days(Days::new(32))
                .unwrap_or(period.from),
        ),
    };
    // Behind a month's last day begins the next one.
    (first, begins(after(period.to)).max(first))
}

/// The same of years among these months; where there is none, both are the end of the months.
fn whole_years(first: NaiveDate, last: NaiveDate) -> (NaiveDate, NaiveDate) {
    let begins = |day: NaiveDate| day.with_ordinal(1).unwrap_or(day);
    let from = match begins(first) == first {
        true => first,
        false => begins(first.checked_add_days(Days::new(366)).unwrap_or(first)),
    };
    match (from, begins(last)) {
        (from, until) if from < until => (from, until),
        _ => (last, last),
    }
}

/// Of whole years the sums, with what the runner has not added up yet; of the months before and behind them the months.
const COUNTED: &str = "
    SELECT department_id, party_id, mark, sum(n)::bigint AS n FROM (
        SELECT department_id, party_id, mark, n FROM figure_years WHERE year >= $3 AND year < $4
        UNION ALL
        SELECT department_id, party_id, mark, n FROM figure_tallies WHERE NOT summed AND month >= $3 AND month < $4
        UNION ALL
        SELECT department_id, party_id, mark, n FROM figure_tallies
        WHERE month >= $1 AND month < $3 OR month >= $4 AND month < $2
    ) AS counted
    GROUP BY 1, 2, 3";

/// The days of the period that no whole month takes in.
const EDGES: &str = "
    SELECT department_id, party_id, mark, count(*) AS n
    FROM suggestion_marks CROSS JOIN LATERAL unnest(marks) AS mark
    WHERE received_on BETWEEN $1 AND least($2, $3 - 1) OR received_on BETWEEN greatest($1, $4) AND $2
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT commitments.department_id, suggestions.party_id,
        commitment_mark(commitments.state, commitments.fulfilled_at, commitments.due_on), count(*)
    FROM commitments JOIN suggestions ON suggestions.id = commitments.suggestion_id
    WHERE (commitments.due_on BETWEEN $1 AND least($2, $3 - 1) OR commitments.due_on BETWEEN greatest($1, $4) AND $2)
        AND commitment_mark(commitments.state, commitments.fulfilled_at, commitments.due_on) IS NOT NULL
    GROUP BY 1, 2, 3";

/// What the day changes in what is kept: handlings that are overdue count as such, and no longer as in time. Commitments have no
/// marks while they are open.
const OVERDUE: &str = "
    SELECT department_id, party_id, mark, sum(changed.n)::bigint AS n
    FROM suggestion_marks AS marked CROSS JOIN LATERAL (
        SELECT unnest(marks_on(marked.marks, marked.open_kind, marked.open_due_on, $3)) AS mark, 1 AS n
        UNION ALL
        SELECT unnest(marked.marks), -1
    ) AS changed
    WHERE open_due_on < $3 AND received_on BETWEEN $1 AND $2
    GROUP BY 1, 2, 3
    HAVING sum(changed.n) <> 0
    UNION ALL
    SELECT commitments.department_id, suggestions.party_id, 'commitment_overdue', count(*)
    FROM commitments JOIN suggestions ON suggestions.id = commitments.suggestion_id
    WHERE commitments.state IN ('open', 'abandonment_requested') AND commitments.due_on < $3
        AND commitments.due_on BETWEEN $1 AND $2
    GROUP BY 1, 2, 3";

/// Each record with its marks as they stood at an instant, those that depend on the day among them.
const MARKED: &str = "
    SELECT 'suggestion' AS kind, marked.handling_id AS key, marked.suggestion_id AS id,
        coalesce(suggestion.number || ' ', '') || suggestion.title AS title,
        marked.received_on AS on_day, marked.department_id, marked.party_id,
        marks_on(marked.marks, marked.open_kind, marked.open_due_on, $3) AS marks
    FROM suggestion_facts($4) AS marked JOIN suggestions AS suggestion ON suggestion.id = marked.suggestion_id
    WHERE marked.received_on BETWEEN $1 AND $2
    UNION ALL
    SELECT 'commitment', commitment.id, commitment.id, commitment.text, commitment.due_on, commitment.department_id,
        suggestions.party_id, ARRAY[become.mark]
    FROM commitments AS commitment JOIN suggestions ON suggestions.id = commitment.suggestion_id
    CROSS JOIN LATERAL (SELECT CASE
        WHEN commitment.fulfilled_at < $4 THEN commitment_mark('fulfilled', commitment.fulfilled_at, commitment.due_on)
        WHEN commitment.state = 'abandoned' AND commitment.abandonment_decided_at < $4 THEN 'commitment_abandoned'
        WHEN commitment.due_on < $3 THEN 'commitment_overdue' END AS mark) AS become
    WHERE commitment.due_on BETWEEN $1 AND $2 AND commitment.created_at < $4 AND become.mark IS NOT NULL";
