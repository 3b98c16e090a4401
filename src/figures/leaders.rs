//! 三(二): who has a leader in office, and which changes were reported late.

use super::Figure;
use super::facts::{Fact, Record, RecordType, Scene};
use crate::db::schema::liaison_leaders as leaders;
use crate::language::Text;
use crate::problem::Result;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

type Appointment = (
    Uuid,
    Uuid,
    NaiveDate,
    Option<NaiveDate>,
    bool,
    Option<String>,
    bool,
);

/// A fact for each department that owes one, and for each appointment that takes effect in the period.
///
/// # Errors
/// `database_unavailable`.
pub async fn facts(mut conn: &AsyncPgConnection, scene: &Scene<'_>) -> Result<Vec<Fact>> {
    let period = scene.period;
    let appointments: Vec<Appointment> = leaders::table
        .filter(leaders::reported_at.lt(period.until()))
        .order((leaders::effective_from, leaders::id))
        .select((
            leaders::id,
            leaders::department_id,
            leaders::effective_from,
            leaders::effective_until,
            leaders::vacant,
            leaders::leader_name,
            leaders::late,
        ))
        .load(&mut conn)
        .await?;
    let in_office = |department: Uuid| {
        appointments.iter().find(|(_, of, from, until, ..)| {
            scene.acting(*of) == department
                && *from <= period.settled_on
                && until.is_none_or(|until| period.settled_on < until)
        })
    };
    let current = scene.owing().into_iter().map(|department| {
        let found = in_office(department);
        Fact {
            figure: Figure::LeaderCurrent,
            department: Some(department),
            party: None,
            counted: found.is_some_and(|(_, _, _, _, vacant, ..)| !vacant),
            record: match found {
                Some(appointment) => record(scene, appointment),
                None => Record {
                    key: department,
                    kind: RecordType::Department,
                    id: department,
                    title: scene.name(department),
                    on: None,
                    note: Some(Text::fixed("没有任命记录", "Nobody on record")),
                },
            },
        }
    });
    let changes = appointments
        .iter()
        .filter(|(_, _, from, ..)| period.contains(*from) && *from <= period.as_of)
        .map(|appointment| Fact {
            figure: Figure::LeaderChangesLate,
            department: Some(scene.acting(appointment.1)),
            party: None,
            counted: appointment.6,
            record: record(scene, appointment),
        });
    Ok(current.chain(changes).collect())
}

fn record(scene: &Scene<'_>, (id, department, from, _, vacant, name, late): &Appointment) -> Record {
    let who = name.as_deref().filter(|_| !vacant).unwrap_or("空缺");
    Record {
        key: *id,
        kind: RecordType::LiaisonLeader,
        id: *id,
        title: format!("{}：{who}", scene.name(*department)),
        on: Some(*from),
        note: late.then(|| Text::fixed("迟报", "Reported late")),
    }
}
