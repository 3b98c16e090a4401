//! The records behind a figure of suggestions or commitments: as many as the figure says. Those of other figures are its facts.

use super::compute::Narrow;
use super::facts::RecordType;
use super::suggestions::Counted;
use super::{Figure, Group, Period};
use crate::db::bound::Bound;
use crate::limits;
use crate::problem::Result;
use chrono::NaiveDate;
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Date, Text, Timestamptz, Uuid as SqlUuid};
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

    /// Some columns of the records, with what comes after the condition.
    fn text(&self, columns: &str, rest: &str) -> String {
        let commitments = self.figure.group() == Group::Commitments;
        // As kept for today, worked out for a day before.
        let source = match (commitments, self.period.as_of == self.today) {
            (true, _) => COMMITMENTS,
            (false, true) => "suggestion_marks AS marked",
            (false, false) => "suggestion_facts(:until) AS marked",
        };
        let (title, join) = match commitments {
            true => ("marked.title", ""),
            false => (
                "coalesce(suggestion.number || ' ', '') || suggestion.title",
                "JOIN suggestions AS suggestion ON suggestion.id = marked.suggestion_id",
            ),
        };
        let columns = columns.replace("TITLE", title);
        let of_department = match self.narrow.departments {
            Some(_) => "AND marked.department_id = ANY(:departments)",
            None => "",
        };
        let of_party = match self.narrow.parties {
            Some(_) => "AND marked.party_id = ANY(:parties)",
            None => "",
        };
        format!(
            "SELECT {columns} FROM {source} {join}
             WHERE marked.received_on BETWEEN :first AND :last
                AND marks_on(marked.marks, marked.open_kind, marked.open_due_on, :day) && :marks
                {of_department} {of_party} {rest}"
        )
    }

    /// With the values of all that a text of this list may name.
    fn bound(&self, text: String) -> Bound {
        let ids = |of: Option<&[Uuid]>| of.unwrap_or_default().to_vec();
        Bound::new(text)
            .bind::<Date, _>(":first", self.period.from)
            .bind::<Date, _>(":last", self.period.to)
            .bind::<Date, _>(":day", self.period.as_of)
            .bind::<Timestamptz, _>(":until", self.period.until())
            .bind::<Array<Text>, _>(":marks", self.marks())
            .bind::<Array<SqlUuid>, _>(":departments", ids(self.narrow.departments))
            .bind::<Array<SqlUuid>, _>(":parties", ids(self.narrow.parties))
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
        let rest = "AND (marked.received_on, marked.handling_id) > (:place, :id)
            ORDER BY marked.received_on, marked.handling_id LIMIT :limit";
        let (place, id) = after.unwrap_or((
            self.period.from.pred_opt().unwrap_or(self.period.from),
            Uuid::nil(),
        ));
        let bound = self
            .bound(self.text(columns, rest))
            .bind::<Date, _>(":place", place)
            .bind::<SqlUuid, _>(":id", id)
            .bind::<BigInt, _>(":limit", i64::try_from(limit).unwrap_or(i64::MAX));
        Ok(bound.query().load(&mut conn).await?)
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
        let inner = self.text("1", "LIMIT :limit");
        let bound = self
            .bound(format!("SELECT count(*) AS n FROM ({inner}) AS counted"))
            .bind::<BigInt, _>(":limit", limits::TOTAL as i64 + 1);
        let total: Total = bound.query().get_result(&mut conn).await?;
        Ok(usize::try_from(total.n).unwrap_or(0))
    }
}

/// Commitments in the shape of marked suggestions.
const COMMITMENTS: &str = "(
    SELECT commitment.id AS handling_id, commitment.id AS suggestion_id, commitment.department_id, suggestion.party_id,
        commitment.due_on AS received_on, commitment.text AS title,
        CASE WHEN mark IS NULL THEN 'commitment' END AS open_kind,
        CASE WHEN mark IS NULL THEN commitment.due_on END AS open_due_on,
        CASE WHEN mark IS NULL THEN '{}'::text[] ELSE ARRAY[mark] END AS marks
    FROM commitments AS commitment JOIN suggestions AS suggestion ON suggestion.id = commitment.suggestion_id
    CROSS JOIN LATERAL (SELECT CASE
        WHEN commitment.fulfilled_at < :until THEN commitment_mark('fulfilled', commitment.fulfilled_at, commitment.due_on)
        WHEN commitment.state = 'abandoned' AND commitment.abandonment_decided_at < :until THEN 'commitment_abandoned' END AS mark
    ) AS become
    WHERE commitment.created_at < :until) AS marked";
