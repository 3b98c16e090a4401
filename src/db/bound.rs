//! SQL that is put together, with its values: what a piece of text names is bound, and nothing else is.

use diesel::pg::Pg;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::serialize::ToSql;
use diesel::sql_query;
use diesel::sql_types::HasSqlType;

/// A text that names its values (`:until`), and those that are bound so far.
pub struct Bound {
    text: String,
    values: BoxedSqlQuery<'static, Pg, SqlQuery>,
    count: usize,
}

impl Bound {
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            values: sql_query("").into_boxed(),
            count: 0,
        }
    }

    /// Gives a value to a name, where the text has it; no name may be the beginning of another.
    #[must_use]
    pub fn bind<Type, Value>(mut self, name: &str, value: Value) -> Self
    where
        Pg: HasSqlType<Type>,
        Type: Send + 'static,
        Value: ToSql<Type, Pg> + Send + 'static,
    {
        if self.text.contains(name) {
            self.count += 1;
            self.text = self.text.replace(name, &format!("${}", self.count));
            self.values = self.values.bind::<Type, _>(value);
        }
        self
    }

    pub fn query(self) -> BoxedSqlQuery<'static, Pg, SqlQuery> {
        self.values.sql(self.text)
    }
}
