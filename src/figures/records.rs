//! The records behind a figure of suggestions or commitments: as many as the figure says. Those of other figures are its facts.

use super::compute::Narrow;
use super::facts::RecordType;
use super::suggestions::Counted;
use super::{Figure, Group, Period};
use crate::http::page::TOTAL_CAP;
use crate::http::problem::Result;
use chrono::NaiveDate;
use diesel::sql_types::{Array, BigInt, Date, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Where a record stands in its list: its day, and what it was found by.
pub type Key = (NaiveDate, Uuid);

#[derive(Clone, Debug, QueryableByName)]
pub struct Found {
    /// Of the list: a suggestion that was reassigned is there once for each lead.
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
}

/// Which records: of a figure, its whole or the part that is counted, of some organizations.
pub struct Wanted<'a> {
    pub figure: Figure,
    pub whole: bool,
    pub period: &'a Period,
    pub today: NaiveDate,
    /// Departments by their own ids, those that somebody else acts for by now among them.
    pub narrow: Narrow<'a>,
}

impl Wanted<'_> {
    pub fn kind(&self) -> RecordType {
        match self.figure.group() {
            Group::Commitments => RecordType::Commitment,
            _ => RecordType::Suggestion,
        }
    }

    fn marks(&self) -> Vec<&'static str> {
        let counted = self.figure.counted();
        let none = Counted {
            marks: &[],
            whole: &[],
        };
        let Counted { marks, whole } = counted.unwrap_or(none);
        if self.whole { whole } else { marks }.to_vec()
    }

    /// What the list is taken from, with its marks: as kept for today, worked out for a day before.
    fn source(&self) -> &'static str {
        match (self.figure.group(), self.period.as_of == self.today) {
            (Group::Commitments, _) => COMMITMENTS,
            (_, true) => "suggestion_marks AS marked",
            (_, false) => "suggestion_facts($4) AS marked",
        }
    }

    fn text(&self, columns: &str, rest: &str) -> String {
        let source = self.source();
        let (title, join) = match self.figure.group() {
            Group::Commitments => ("marked.title", ""),
            _ => (
                "coalesce(suggestion.number || ' ', '') || suggestion.title",
                "JOIN suggestions AS suggestion ON suggestion.id = marked.suggestion_id",
            ),
        };
        let columns = columns.replace("TITLE", title);
        let of_department = match self.narrow.departments {
            Some(_) => "AND marked.department_id = ANY($6)",
            None => "",
        };
        let of_party = match self.narrow.parties {
            Some(_) => "AND marked.party_id = ANY($7)",
            None => "",
        };
        format!(
            "SELECT {columns} FROM {source} {join}
             WHERE marked.received_on BETWEEN $1 AND $2 AND (marked.marks && $5 OR marked.open_due_on < $3 AND ({OVERDUE}))
             {of_department} {of_party} AND $4 IS NOT NULL {rest}"
        )
    }

    /// Up to `limit` records behind a place of the list, by day.
    ///
    /// # Errors
    /// `database_unavailable`.
    pub async fn after(
        &self,
        mut conn: &AsyncPgConnection,
        after: Option<Key>,
        limit: usize,
    ) -> Result<Vec<Found>> {
        let columns = "marked.handling_id AS key, marked.suggestion_id AS id, TITLE AS title,
            marked.received_on AS on_day, marked.department_id, marked.party_id";
        let rest = "AND (marked.received_on, marked.handling_id) > ($8, $9)
            ORDER BY marked.received_on, marked.handling_id LIMIT $10";
        let (day, id) = after.unwrap_or((
            self.period.from.pred_opt().unwrap_or(self.period.from),
            Uuid::nil(),
        ));
        Ok(sql_query(self.text(columns, rest))
            .bind::<Date, _>(self.period.from)
            .bind::<Date, _>(self.period.to)
            .bind::<Date, _>(self.period.as_of)
            .bind::<Timestamptz, _>(self.period.until())
            .bind::<Array<Text>, _>(self.marks())
            .bind::<Array<SqlUuid>, _>(self.narrow.departments.unwrap_or_default())
            .bind::<Array<SqlUuid>, _>(self.narrow.parties.unwrap_or_default())
            .bind::<Date, _>(day)
            .bind::<SqlUuid, _>(id)
            .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
            .load(&mut conn)
            .await?)
    }

    /// How many there are, as far as a total is counted.
    ///
    /// # Errors
    /// `database_unavailable`.
    pub async fn total(&self, mut conn: &AsyncPgConnection) -> Result<usize> {
        #[derive(QueryableByName)]
        struct Total {
            #[diesel(sql_type = BigInt)]
            n: i64,
        }
        let inner = self.text("1", "LIMIT $8");
        let total: Total = sql_query(format!("SELECT count(*) AS n FROM ({inner}) AS counted"))
            .bind::<Date, _>(self.period.from)
            .bind::<Date, _>(self.period.to)
            .bind::<Date, _>(self.period.as_of)
            .bind::<Timestamptz, _>(self.period.until())
            .bind::<Array<Text>, _>(self.marks())
            .bind::<Array<SqlUuid>, _>(self.narrow.departments.unwrap_or_default())
            .bind::<Array<SqlUuid>, _>(self.narrow.parties.unwrap_or_default())
            .bind::<BigInt, _>(TOTAL_CAP as i64 + 1)
            .get_result(&mut conn)
            .await?;
        Ok(usize::try_from(total.n).unwrap_or(0))
    }
}

/// As `suggestions::OVERDUE` has it, for a deadline that has passed.
const OVERDUE: &str = "
    marked.open_kind || '_overdue' = ANY($5)
    OR 'first_' || marked.open_kind || '_overdue' = ANY($5)
        AND NOT marked.marks && CASE marked.open_kind WHEN 'acceptance' THEN ARRAY['accepted_in_time', 'accepted_late']
            ELSE ARRAY['answered_in_time', 'answered_late'] END";

/// Commitments in the shape of marked suggestions.
const COMMITMENTS: &str = "(
    SELECT commitment.id AS handling_id, commitment.id AS suggestion_id, commitment.department_id, suggestion.party_id,
        commitment.due_on AS received_on, commitment.text AS title,
        CASE WHEN mark IS NULL THEN 'commitment' END AS open_kind,
        CASE WHEN mark IS NULL THEN commitment.due_on END AS open_due_on,
        CASE WHEN mark IS NULL THEN '{}'::text[] ELSE ARRAY[mark] END AS marks
    FROM commitments AS commitment JOIN suggestions AS suggestion ON suggestion.id = commitment.suggestion_id
    CROSS JOIN LATERAL (SELECT CASE
        WHEN commitment.fulfilled_at < $4 THEN commitment_mark('fulfilled', commitment.fulfilled_at, commitment.due_on)
        WHEN commitment.state = 'abandoned' AND commitment.abandonment_decided_at < $4 THEN 'commitment_abandoned' END AS mark
    ) AS become
    WHERE commitment.created_at < $4) AS marked";
