//! Where the migrations begin. The 35 from before are one now, the baseline, which a fresh database is made with. A database that
//! was made by those 35 is what the baseline makes, and is only marked as that.

use diesel::RunQueryDsl;
use diesel::migration::Result;
use diesel::sql_types::Text;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::MigrationHarness;
use std::collections::BTreeSet;

/// Of `migrations/2026-12-01-000117-1_baseline`: after the last that it stands for, before any that could follow it.
pub const BASELINE: &str = "202612010001171";

/// What a database has on record that the release before the baseline has migrated. It stays there, so that that release still
/// starts on it.
pub const BEFORE: [&str; 35] = [
    "20261124000001",
    "20261124000002",
    "20261124000003",
    "20261125000001",
    "20261125000002",
    "20261125000003",
    "20261125000004",
    "20261125000005",
    "20261125000006",
    "20261125000007",
    "20261125000008",
    "20261125000009",
    "20261125000010",
    "20261125000018",
    "20261125000020",
    "20261125000021",
    "20261125000023",
    "20261125000024",
    "20261125000025",
    "20261129000026",
    "20261129000027",
    "20261129000028",
    "20261201000031",
    "20261201000032",
    "20261201000033",
    "20261201000034",
    "20261201000035",
    "20261201000036",
    "20261201000037",
    "20261201000071",
    "20261201000072",
    "20261201000073",
    "20261201000077",
    "20261201000113",
    "20261201000117",
];

/// Where a database stands.
pub enum Place {
    Fresh,
    /// It has all that came before the baseline, and nothing else.
    Before,
    /// At the baseline, or beyond.
    At,
    /// It has something else than what came before: what there is to say of it.
    Elsewhere(String),
}

/// # Errors
/// Where the database does not answer.
pub fn place(connection: &mut AsyncConnectionWrapper<AsyncPgConnection>) -> Result<Place> {
    let recorded: BTreeSet<String> = connection
        .applied_migrations()?
        .iter()
        .map(ToString::to_string)
        .collect();
    let Some(last) = recorded.last() else {
        return Ok(Place::Fresh);
    };
    Ok(if recorded.contains(BASELINE) {
        Place::At
    } else if recorded.iter().eq(BEFORE.iter()) {
        Place::Before
    } else {
        Place::Elsewhere(format!(
            "it has other migrations ({}, the last {last}) than the {} that this program goes on from: start the release before on it \
             first (tag before-baseline, commit 6b5c2f7), then this one",
            recorded.len(),
            BEFORE.len()
        ))
    })
}

/// Marks a database that stands there as at the baseline. Whether it did.
///
/// # Errors
/// Where the database is none that can be told to stand there, or does not answer.
pub fn recognize(connection: &mut AsyncConnectionWrapper<AsyncPgConnection>) -> Result<bool> {
    match place(connection)? {
        Place::Fresh | Place::At => Ok(false),
        Place::Elsewhere(text) => Err(text.into()),
        Place::Before => {
            diesel::sql_query("INSERT INTO __diesel_schema_migrations (version) VALUES ($1)")
                .bind::<Text, _>(BASELINE)
                .execute(connection)?;
            Ok(true)
        }
    }
}
