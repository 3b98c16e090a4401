//! The counts that steps have added are added up into one of each month, department, party and mark, and of each year: reading
//! stays quick however much happens.

use crate::db::Db;
use crate::problem::Result;
use diesel::sql_query;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;

/// So few are left for later.
const FEW: i64 = 200;

/// Whoever writes in the same months waits for nothing: rows that another instance adds up are passed over.
const ADD_UP: &str = "
    WITH taken AS (
        DELETE FROM figure_tallies WHERE id IN (
            SELECT id FROM figure_tallies WHERE NOT summed ORDER BY id LIMIT 5000 FOR UPDATE SKIP LOCKED)
        RETURNING month, department_id, party_id, mark, n),
    months AS (
        INSERT INTO figure_tallies (month, department_id, party_id, mark, n, summed)
        SELECT month, department_id, party_id, mark, sum(n), true FROM taken
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        ON CONFLICT (month, department_id, party_id, mark) WHERE summed DO UPDATE SET n = figure_tallies.n + excluded.n)
    INSERT INTO figure_years (year, department_id, party_id, mark, n)
    SELECT date_trunc('year', month)::date, department_id, party_id, mark, sum(n) FROM taken
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (year, department_id, party_id, mark) DO UPDATE SET n = figure_years.n + excluded.n";

#[derive(diesel::QueryableByName)]
struct Waiting {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Adds up what steps have added; answers how many rows that was.
///
/// # Errors
/// `database_unavailable`.
pub async fn add_up(db: &Db) -> Result<usize> {
    let mut connection = db.get().await?;
    let waiting: Waiting = sql_query(
        "SELECT count(*) AS n FROM (SELECT 1 FROM figure_tallies WHERE NOT summed LIMIT $1) AS waiting",
    )
    .bind::<BigInt, _>(FEW)
    .get_result(&mut connection)
    .await?;
    if waiting.n < FEW {
        return Ok(0);
    }
    Ok(sql_query(ADD_UP).execute(&mut connection).await?)
}
