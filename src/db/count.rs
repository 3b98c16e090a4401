//! Counting as far as anybody wants to know.

use crate::limits;
use crate::problem::Result;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// `SELECT count(*)` over a query, as far as a total is counted.
struct Count<Q>(Q);

impl<Q> QueryId for Count<Q> {
    type QueryId = ();
    // What is counted depends on the filters.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q> Query for Count<Q> {
    type SqlType = BigInt;
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Count<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT count(*) FROM (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(&format!(" LIMIT {}) AS counted", limits::TOTAL + 1));
        Ok(())
    }
}

/// How many rows a query has that brings no limit of its own; one more than `limits::TOTAL` where there are more.
pub async fn capped<Q>(mut conn: &AsyncPgConnection, query: Q) -> Result<usize>
where
    Q: QueryFragment<Pg> + Send,
{
    let count: i64 = Count(query).get_result(&mut conn).await?;
    // A count is never negative.
    Ok(usize::try_from(count).unwrap_or(0))
}
