//! `src/db/schema.rs` is what the migrated database says.

use crate::support::database::TestDatabase;
use crate::support::golden;
use diesel::sql_types::Text;
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use std::collections::BTreeMap;
use std::fmt::Write;

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    udt_name: String,
    #[diesel(sql_type = Text)]
    is_nullable: String,
    #[diesel(sql_type = Text)]
    key_place: String,
}

#[tokio::test]
async fn schema_is_the_databases() {
    let database = TestDatabase::new().await;
    let columns: Vec<Column> = sql_query(
        "SELECT c.table_name::text, c.column_name::text, c.udt_name::text, c.is_nullable::text,
                coalesce(k.ordinal_position, 0)::text AS key_place
         FROM information_schema.columns c
         LEFT JOIN information_schema.table_constraints t
           ON t.table_name = c.table_name AND t.table_schema = c.table_schema AND t.constraint_type = 'PRIMARY KEY'
         LEFT JOIN information_schema.key_column_usage k
           ON k.constraint_name = t.constraint_name AND k.column_name = c.column_name AND k.table_name = c.table_name
         WHERE c.table_schema = 'public'
           -- Diesel knows no tsvector: src/search/documents.rs has all SQL of that table.
           AND c.table_name NOT IN ('__diesel_schema_migrations', 'search_documents')
         ORDER BY c.table_name, c.ordinal_position",
    )
    .load(&mut database.connect().await)
    .await
    .expect("the catalogue");
    let mut tables: BTreeMap<String, Vec<Column>> = BTreeMap::new();
    for column in columns {
        tables.entry(column.table_name.clone()).or_default().push(column);
    }
    golden::compare("src/db/schema.rs", &render(&tables));
}

fn render(tables: &BTreeMap<String, Vec<Column>>) -> String {
    let mut out =
        "// Made from the migrated database by `LIAISON_UPDATE=1 cargo nextest run schema`.\n".to_owned();
    for (table, columns) in tables {
        let mut keys: Vec<&Column> = columns.iter().filter(|column| column.key_place != "0").collect();
        keys.sort_by_key(|column| column.key_place.parse::<u32>().unwrap_or(0));
        let keys: Vec<&str> = keys.iter().map(|column| column.column_name.as_str()).collect();
        let _ = writeln!(out, "\ndiesel::table! {{\n    {table} ({}) {{", keys.join(", "));
        for column in columns {
            let kind = match column.udt_name.as_str() {
                "uuid" => "Uuid",
                "text" => "Text",
                "int2" => "SmallInt",
                "int4" => "Integer",
                "int8" => "BigInt",
                "bool" => "Bool",
                "date" => "Date",
                "timestamptz" => "Timestamptz",
                "jsonb" => "Jsonb",
                "_text" => "Array<Text>",
                "_int4" => "Array<Integer>",
                "bytea" => "Bytea",
                other => panic!(
                    "{table}.{}: {other} is not a type of this house",
                    column.column_name
                ),
            };
            let kind = if column.is_nullable == "YES" {
                format!("Nullable<{kind}>")
            } else {
                kind.to_owned()
            };
            let name = match column.column_name.as_str() {
                "type" => {
                    out.push_str("        #[sql_name = \"type\"]\n");
                    "type_"
                }
                name => name,
            };
            let _ = writeln!(out, "        {name} -> {kind},");
        }
        out.push_str("    }\n}\n");
    }
    out
}

/// Conventions that every table keeps.
#[tokio::test]
async fn every_foreign_key_has_an_index_and_every_constraint_a_name() {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let database = TestDatabase::new().await;
    let unindexed: Vec<Found> = sql_query(
        "SELECT (c.conrelid::regclass || ' ' || c.conname) AS name
         FROM pg_constraint c
         WHERE c.contype = 'f' AND NOT EXISTS (
             SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])
         ORDER BY 1",
    )
    .load(&mut database.connect().await)
    .await
    .expect("the catalogue");
    let names: Vec<&str> = unindexed.iter().map(|found| found.name.as_str()).collect();
    // Exceptions may only become fewer.
    assert_eq!(names, ["organizations organizations_successor"]);
}
