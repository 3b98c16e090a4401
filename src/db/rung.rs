//! `LIMIT` as a number in the statement. As a parameter it keeps the database from planning once: of a limit that it does
//! not know it takes a tenth of the table to be wanted, finds that dear, and plans anew at each call.

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;

/// Statements are kept, so there are only a few: the next higher number is read, and what is too much left out. Each is a
/// usual length of a page and the row behind it.
const RUNGS: [usize; 6] = [2, 11, 21, 51, 101, 201];

/// A query with a limit of one of a few sizes.
pub struct Rung<Q> {
    query: Q,
    rows: usize,
}

/// Reads at least as many rows as are asked for, where there are so many: the caller keeps what it wants.
pub fn at_least<Q>(rows: usize, query: Q) -> Rung<Q> {
    let rung = RUNGS.into_iter().find(|rung| *rung >= rows);
    Rung {
        query,
        rows: rung.unwrap_or(rows),
    }
}

impl<Q> QueryId for Rung<Q> {
    type QueryId = ();
    // Two limits are two statements.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Rung<Q> {
    type SqlType = Q::SqlType;
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Rung<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(&format!(" LIMIT {}", self.rows));
        Ok(())
    }
}
