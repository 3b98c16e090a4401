//! What every change leaves behind: its audit record and its row in the outbox, in the change's own transaction.

use super::Origin;
use crate::db::schema::{audit_log, events};
use crate::policy::{Op, Principal};
use crate::problem::{Problem, Result};
use chrono::{DateTime, Utc};
use diesel::Insertable;
use diesel::sql_types::{Array, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// What changed.
pub struct Change {
    /// `department`, `user` …
    pub subject_type: &'static str,
    pub subject_id: Uuid,
    /// `department.renamed`; none where no other system has an interest, as in a log-in.
    pub event: Option<&'static str>,
    pub before: Option<Value>,
    pub after: Option<Value>,
    /// What other systems are told, where that is not all of `after`.
    pub announced: Option<Value>,
}

impl Change {
    /// # Errors
    /// 500 where a view cannot be written as JSON.
    pub fn new<V: Serialize>(
        event: &'static str,
        subject_id: Uuid,
        before: Option<&V>,
        after: Option<&V>,
    ) -> Result<Self> {
        let to_json = |view: &V| serde_json::to_value(view).map_err(Problem::internal);
        Ok(Self {
            subject_type: event.split('.').next().unwrap_or(event),
            subject_id,
            event: Some(event),
            before: before.map(to_json).transpose()?,
            after: after.map(to_json).transpose()?,
            announced: None,
        })
    }

    /// The same change, of which other systems are told something else: not all who hear of it may read what changed.
    ///
    /// # Errors
    /// 500 where the view cannot be written as JSON.
    pub fn announced_as<V: Serialize>(mut self, view: &V) -> Result<Self> {
        self.announced = Some(serde_json::to_value(view).map_err(Problem::internal)?);
        Ok(self)
    }

    /// The same change, for the audit log alone: drafts are nobody else's.
    pub fn kept_quiet(mut self) -> Self {
        self.event = None;
        self
    }

    /// A change that only the audit log tells of.
    pub fn unannounced(subject_type: &'static str, subject_id: Uuid) -> Self {
        Self {
            subject_type,
            subject_id,
            event: None,
            before: None,
            after: None,
            announced: None,
        }
    }
}

// Nulls instead of defaults: with the latter the text of the statement differs from record to record, and it is planned anew.
#[derive(Insertable)]
#[diesel(table_name = audit_log, treat_none_as_default_value = false)]
struct NewAuditRecord<'a> {
    id: Uuid,
    occurred_at: DateTime<Utc>,
    request_id: &'a str,
    principal_id: Option<Uuid>,
    principal_name: &'a str,
    role: Option<&'a str>,
    organization_id: Option<Uuid>,
    address: Option<&'a str>,
    operation: &'a str,
    outcome: &'a str,
    problem: Option<&'a str>,
    subject_type: Option<&'a str>,
    subject_id: Option<Uuid>,
    before: Option<&'a Value>,
    after: Option<&'a Value>,
}

impl<'a> NewAuditRecord<'a> {
    fn new(origin: &'a Origin, operation: &'a str, outcome: &'a str) -> Self {
        let caller = &origin.caller;
        Self {
            id: Uuid::now_v7(),
            occurred_at: origin.now,
            request_id: &origin.request_id,
            principal_id: caller.user_id(),
            principal_name: &caller.username,
            role: caller.role.map(crate::policy::Role::as_str),
            organization_id: caller.organization.as_ref().map(|organization| organization.id),
            address: origin.address.as_deref(),
            operation,
            outcome,
            problem: None,
            subject_type: None,
            subject_id: None,
            before: None,
            after: None,
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = events)]
struct NewEvent<'a> {
    id: Uuid,
    #[diesel(column_name = type_)]
    kind: &'a str,
    occurred_at: DateTime<Utc>,
    subject_type: &'a str,
    subject_id: Uuid,
    actor: Value,
    data: &'a Value,
}

/// Writes both; called through `Tx::record` and `Tx::record_of_time` alone.
pub(super) async fn record(
    conn: &mut AsyncPgConnection,
    (origin, now): (&Origin, DateTime<Utc>),
    operation: &str,
    change: Change,
) -> Result<()> {
    let audit = NewAuditRecord {
        subject_type: Some(change.subject_type),
        subject_id: Some(change.subject_id),
        before: change.before.as_ref(),
        after: change.after.as_ref(),
        occurred_at: now,
        ..NewAuditRecord::new(origin, operation, "done")
    };
    // On one connection, sent together: the second does not wait for the answer to the first.
    let mut shared = &*conn;
    let audited = diesel::insert_into(audit_log::table)
        .values(audit)
        .execute(&mut shared);
    let Some(kind) = change.event else {
        audited.await?;
        return Ok(());
    };
    let event = NewEvent {
        id: Uuid::now_v7(),
        kind,
        occurred_at: now,
        subject_type: change.subject_type,
        subject_id: change.subject_id,
        actor: actor(origin),
        data: change
            .announced
            .as_ref()
            .or(change.after.as_ref())
            .unwrap_or(&Value::Null),
    };
    let mut shared = &*conn;
    let announced = diesel::insert_into(events::table)
        .values(event)
        .execute(&mut shared);
    futures_util::try_join!(audited, announced)?;
    Ok(())
}

/// Audit records alone, in one statement; called through `Tx::record_all_of_time`.
pub(super) async fn record_all(
    conn: &mut AsyncPgConnection,
    origin: &Origin,
    operation: &str,
    changes: &[Change],
) -> Result<()> {
    let alike = NewAuditRecord::new(origin, operation, "done");
    // A list for each column that differs: a correction of the calendar records thousands.
    diesel::sql_query(
        "INSERT INTO audit_log (occurred_at, request_id, principal_id, principal_name, role, organization_id, address,
            operation, outcome, id, subject_type, subject_id, before, after)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, id, subject_type, subject_id, before, after
         FROM unnest($10, $11, $12, $13, $14) AS done (id, subject_type, subject_id, before, after)",
    )
    .bind::<Timestamptz, _>(alike.occurred_at)
    .bind::<Text, _>(alike.request_id)
    .bind::<Nullable<SqlUuid>, _>(alike.principal_id)
    .bind::<Text, _>(alike.principal_name)
    .bind::<Nullable<Text>, _>(alike.role)
    .bind::<Nullable<SqlUuid>, _>(alike.organization_id)
    .bind::<Nullable<Text>, _>(alike.address)
    .bind::<Text, _>(alike.operation)
    .bind::<Text, _>(alike.outcome)
    .bind::<Array<SqlUuid>, _>(changes.iter().map(|_| Uuid::now_v7()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(changes.iter().map(|change| change.subject_type).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(changes.iter().map(|change| change.subject_id).collect::<Vec<_>>())
    .bind::<Array<Nullable<Jsonb>>, _>(changes.iter().map(|change| change.before.as_ref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Jsonb>>, _>(changes.iter().map(|change| change.after.as_ref()).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

fn actor(origin: &Origin) -> Value {
    let caller = &origin.caller;
    json!({
        "type": match caller.principal {
            Principal::User { .. } => "user",
            Principal::CommandLine => "command_line",
            Principal::Nobody => "nobody",
        },
        "id": caller.user_id(),
        "name": caller.username,
        "role": caller.role,
        "organization": caller.organization.as_ref().map(|organization| &organization.code),
    })
}

/// The record of a write that was refused.
pub async fn record_refusal(
    conn: &mut AsyncPgConnection,
    origin: &Origin,
    op: Op,
    problem: &str,
) -> Result<()> {
    refused(conn, origin, op, problem, None).await
}

/// The record of so many writes that were refused alike, the last of which `origin` tells of.
pub async fn record_refusals(
    conn: &mut AsyncPgConnection,
    origin: &Origin,
    op: Op,
    problem: &str,
    attempts: u64,
) -> Result<()> {
    refused(conn, origin, op, problem, Some(&json!({ "attempts": attempts }))).await
}

async fn refused(
    conn: &mut AsyncPgConnection,
    origin: &Origin,
    op: Op,
    problem: &str,
    after: Option<&Value>,
) -> Result<()> {
    let record = NewAuditRecord {
        problem: Some(problem),
        after,
        ..NewAuditRecord::new(origin, op.id(), "refused")
    };
    diesel::insert_into(audit_log::table)
        .values(record)
        .execute(conn)
        .await?;
    Ok(())
}

/// The record of a read of personal data.
pub async fn record_read(
    conn: &mut AsyncPgConnection,
    origin: &Origin,
    op: Op,
    subject_type: &str,
    subject_ids: &[Uuid],
) -> Result<()> {
    let records: Vec<_> = subject_ids
        .iter()
        .map(|id| NewAuditRecord {
            subject_type: Some(subject_type),
            subject_id: Some(*id),
            ..NewAuditRecord::new(origin, op.id(), "read")
        })
        .collect();
    diesel::insert_into(audit_log::table)
        .values(records)
        .execute(conn)
        .await?;
    Ok(())
}

/// A read of personal data that is still to be put on record.
pub struct NotedRead {
    pub origin: Origin,
    pub op: Op,
    pub subject_type: &'static str,
    pub subject_id: Uuid,
}

/// The records of reads by many.
pub async fn record_noted_reads(conn: &mut AsyncPgConnection, reads: &[NotedRead]) -> Result<()> {
    let records: Vec<_> = reads
        .iter()
        .map(|read| NewAuditRecord {
            subject_type: Some(read.subject_type),
            subject_id: Some(read.subject_id),
            ..NewAuditRecord::new(&read.origin, read.op.id(), "read")
        })
        .collect();
    diesel::insert_into(audit_log::table)
        .values(records)
        .execute(conn)
        .await?;
    Ok(())
}

/// The record of a list that was taken away whole.
pub async fn record_export(
    conn: &mut AsyncPgConnection,
    origin: &Origin,
    op: Op,
    subject_type: Option<&str>,
    what: &Value,
) -> Result<()> {
    let record = NewAuditRecord {
        subject_type,
        after: Some(what),
        ..NewAuditRecord::new(origin, op.id(), "read")
    };
    diesel::insert_into(audit_log::table)
        .values(record)
        .execute(conn)
        .await?;
    Ok(())
}
