//! A piece of SQL that never changes, where diesel has no words for it. Unlike `diesel::dsl::sql` it lets the statement
//! around it be prepared once and kept: its text is all there is to it.

use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping, is_aggregate,
};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use std::marker::PhantomData;

/// An expression of type `ST`. It names its columns with their tables.
#[derive(Clone, Copy, Debug)]
pub struct Fragment<ST> {
    text: &'static str,
    kind: PhantomData<ST>,
}

pub const fn fragment<ST>(text: &'static str) -> Fragment<ST> {
    Fragment {
        text,
        kind: PhantomData,
    }
}

impl<ST> Expression for Fragment<ST>
where
    ST: TypedExpressionType,
{
    type SqlType = ST;
}

impl<ST> QueryId for Fragment<ST> {
    type QueryId = ();
    // Two texts of one type are two queries.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST> QueryFragment<Pg> for Fragment<ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.text);
        Ok(())
    }
}

impl<ST, QS> SelectableExpression<QS> for Fragment<ST> where Self: Expression {}
impl<ST, QS> AppearsOnTable<QS> for Fragment<ST> where Self: Expression {}

impl<ST> ValidGrouping<()> for Fragment<ST> {
    type IsAggregate = is_aggregate::No;
}
