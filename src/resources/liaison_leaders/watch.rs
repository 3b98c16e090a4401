//! What the clock asks of departments: one that has pairs in the scheme in force and nobody on record is asked to report.

use super::queries;
use crate::clock::shanghai_day;
use crate::directory;
use crate::problem::Result;
use crate::state::Instance;
use crate::work::Origin;
use crate::workflow::subjects::{Subject, SubjectType};
use crate::workflow::todos::{self, NewTodo, TodoKind, Until};

/// Opens a to-do for each department without an appointment; those that are open stay as they are.
///
/// # Errors
/// `database_unavailable`.
pub async fn ask_for_missing(instance: &Instance) -> Result<usize> {
    let now = instance.clock.now();
    let origin = Origin::command_line(now);
    let today = shanghai_day(now);
    instance
        .db
        .transaction(&origin, async |tx| {
            tx.changes_nothing();
            let directory = directory::load(tx.conn).await?;
            let on_record = queries::departments_with_one(tx.conn, today).await?;
            let departments = directory.linked_departments(today).into_iter();
            let subjects: Vec<Subject> = departments
                .filter(|department| !on_record.contains(&department.id))
                .map(|department| {
                    let title = format!("{}联络负责人", department.name_on(today).name);
                    Subject::new(SubjectType::Department, department.id, title)
                })
                .collect();
            let timing = instance.timing.in_transaction(tx).await?;
            let new: Vec<NewTodo<'_>> = subjects
                .iter()
                .map(|subject| NewTodo {
                    organization: subject.id,
                    kind: TodoKind::AppointLiaisonLeader,
                    subject,
                    until: Until::TermFrom(today),
                })
                .collect();
            todos::open(tx, &timing, &new).await
        })
        .await
}
