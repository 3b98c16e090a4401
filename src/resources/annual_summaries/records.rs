//! The records behind a summary: as they were kept with it, or, of a draft, as they are; and how the two differ.

use super::compile::{Compiled, FigureValue, GROUPS, compile};
use super::evidence::{FigureChange, FigureNumbers, RecordChange, RecordChangeKind, RecordView};
use super::policy::Sight;
use crate::db::count;
use crate::db::schema::annual_summary_records as kept;
use crate::directory::Directory;
use crate::figures::behind::{Behind, gather_with_records};
use crate::figures::{Figure, Narrow, RecordType, Scene};
use crate::http::listing::{Listing, Viewer, Views};
use crate::problem::Result;
use chrono::NaiveDate;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A record that figures were counted from.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub position: i32,
    pub kind: RecordType,
    pub key: Uuid,
    pub id: Uuid,
    pub title: String,
    pub on: Option<NaiveDate>,
    pub department: Option<Uuid>,
    pub party: Option<Uuid>,
    pub counted: Vec<Figure>,
    pub counted_of: Vec<Figure>,
    pub sha256: Vec<u8>,
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = kept)]
pub struct Row {
    position: i32,
    kind: RecordType,
    key: Uuid,
    record_id: Uuid,
    title: String,
    on_day: Option<NaiveDate>,
    department_id: Option<Uuid>,
    party_id: Option<Uuid>,
    counted: Vec<Figure>,
    counted_of: Vec<Figure>,
    sha256: Vec<u8>,
}

impl From<Row> for Record {
    fn from(row: Row) -> Self {
        Self {
            position: row.position,
            kind: row.kind,
            key: row.key,
            id: row.record_id,
            title: row.title,
            on: row.on_day,
            department: row.department_id,
            party: row.party_id,
            counted: row.counted,
            counted_of: row.counted_of,
            sha256: row.sha256,
        }
    }
}

impl Record {
    fn of((position, behind): (i32, Behind)) -> Self {
        Self {
            position,
            kind: behind.kind,
            key: behind.key,
            id: behind.id,
            title: behind.title,
            on: behind.on,
            department: behind.department,
            party: behind.party,
            counted: behind.counted.into_iter().collect(),
            counted_of: behind.counted_of.into_iter().collect(),
            sha256: behind.digest.to_vec(),
        }
    }

    fn place(&self) -> Place {
        (
            <&str>::from(self.kind).to_owned(),
            self.key,
            self.department.unwrap_or_default(),
            self.party.unwrap_or_default(),
        )
    }
}

/// What tells records apart, whenever they were read; changes stand in this order.
pub type Place = (String, Uuid, Uuid, Uuid);

/// Which records, of those that the caller sees.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Of one figure: what it counts, or all that it is counted of.
    pub figure: Option<(Figure, bool)>,
    pub departments: Option<Vec<Uuid>>,
    pub parties: Option<Vec<Uuid>>,
}

impl Scope {
    pub fn of(sight: &Sight) -> Self {
        Self {
            figure: None,
            departments: sight.departments.clone(),
            parties: sight.parties.clone(),
        }
    }

    fn takes(&self, record: &Record) -> bool {
        let narrow = Narrow {
            departments: self.departments.as_deref(),
            parties: self.parties.as_deref(),
        };
        let of_figure = self.figure.is_none_or(|(figure, whole)| match whole {
            true => record.counted_of.contains(&figure),
            false => record.counted.contains(&figure),
        });
        of_figure && narrow.takes(record.department, record.party)
    }

    fn filtered(&self, summary: Uuid) -> kept::BoxedQuery<'_, Pg> {
        let mut query = kept::table
            .filter(kept::annual_summary_id.eq(summary))
            .into_boxed();
        if let Some((figure, whole)) = self.figure {
            let code = vec![figure];
            query = match whole {
                true => query.filter(kept::counted_of.contains(code)),
                false => query.filter(kept::counted.contains(code)),
            };
        }
        if let Some(departments) = &self.departments {
            query = query.filter(kept::department_id.eq_any(departments));
        }
        if let Some(parties) = &self.parties {
            query = query.filter(kept::party_id.eq_any(parties));
        }
        query
    }
}

/// Those that were kept with a summary, with names as of a day.
pub struct Kept {
    pub id: Uuid,
    pub scope: Scope,
    pub day: NaiveDate,
}

impl Kept {
    pub async fn all(&self, conn: &AsyncPgConnection) -> Result<Vec<Record>> {
        let rows = self.after(conn, None, usize::MAX).await?;
        Ok(rows.into_iter().map(Record::from).collect())
    }
}

impl Listing for Kept {
    type Row = Row;
    /// The position.
    type Key = i32;
    type View = RecordView;

    const BATCH: usize = 500;

    fn key(&self, row: &Row) -> i32 {
        row.position
    }

    async fn after(
        &self,
        mut conn: &AsyncPgConnection,
        after: Option<i32>,
        limit: usize,
    ) -> Result<Vec<Row>> {
        let query = self.scope.filtered(self.id);
        let query = query.filter(kept::position.gt(after.unwrap_or(-1)));
        let query = query
            .order(kept::position)
            .limit(i64::try_from(limit).unwrap_or(i64::MAX));
        Ok(query.select(Row::as_select()).load(&mut conn).await?)
    }

    async fn total(&self, conn: &AsyncPgConnection) -> Result<usize> {
        count::capped(conn, self.scope.filtered(self.id).select(kept::position)).await
    }

    async fn views(&self, _: &AsyncPgConnection, viewer: &Viewer, rows: Vec<Row>) -> Views<Self> {
        let view = |row: Row| RecordView::new(&row.into(), &viewer.directory, self.day);
        rows.into_iter().map(view).collect()
    }
}

/// The figures and the records behind them as they are, in the order in which they would be kept.
pub async fn as_they_are(conn: &AsyncPgConnection, scene: &Scene<'_>) -> Result<(Compiled, Vec<Record>)> {
    let (gathered, behind) = gather_with_records(conn, scene, GROUPS).await?;
    let records = (0..).zip(behind).map(Record::of).collect();
    Ok((compile(scene, &gathered)?, records))
}

pub fn within(records: Vec<Record>, scope: &Scope) -> Vec<Record> {
    records.into_iter().filter(|record| scope.takes(record)).collect()
}

/// What has become of records, by their places.
pub fn changes(
    published: Vec<Record>,
    now: Vec<Record>,
    directory: &Directory,
    day: NaiveDate,
) -> Result<Vec<(Place, RecordChange)>> {
    let mut places: BTreeMap<Place, (Option<Record>, Option<Record>)> = BTreeMap::new();
    for record in published {
        let place = record.place();
        places.entry(place).or_default().0 = Some(record);
    }
    for record in now {
        let place = record.place();
        places.entry(place).or_default().1 = Some(record);
    }
    let mut changes = Vec::new();
    for (place, (published, now)) in places {
        let change = match (&published, &now) {
            (Some(published), Some(now)) if published.sha256 == now.sha256 => continue,
            (Some(_), Some(_)) => RecordChangeKind::Changed,
            (None, _) => RecordChangeKind::Added,
            (Some(_), None) => RecordChangeKind::Gone,
        };
        let shown = |record: Option<Record>| {
            let shown = record.map(|record| RecordView::new(&record, directory, day));
            shown.transpose()
        };
        let change = RecordChange {
            change,
            published: shown(published)?,
            now: shown(now)?,
        };
        changes.push((place, change));
    }
    Ok(changes)
}

/// Figures that would be others: the city's, and of the organizations that the caller sees.
pub fn figure_changes(published: &Compiled, now: &Compiled, sight: &Sight) -> Vec<FigureChange> {
    let mut changes = Vec::new();
    let city = (published.total.as_slice(), now.total.as_slice());
    let mut lines = vec![(None, None, city)];
    let narrow = sight.narrow();
    for of_departments in [true, false] {
        let (before, after) = match of_departments {
            true => (&published.departments, &now.departments),
            false => (&published.parties, &now.parties),
        };
        let added = after.iter().filter(|line| {
            before
                .iter()
                .all(|one| one.organization.id != line.organization.id)
        });
        for line in before.iter().chain(added) {
            let id = line.organization.id;
            let (department, party) = match of_departments {
                true => (Some(id), None),
                false => (None, Some(id)),
            };
            if !narrow.takes(department, party) {
                continue;
            }
            let of = |lines: &'_ [super::compile::Line]| -> Option<usize> {
                lines.iter().position(|one| one.organization.id == id)
            };
            let figures = (
                of(before).map_or(&[][..], |at| &before[at].figures),
                of(after).map_or(&[][..], |at| &after[at].figures),
            );
            let named = Some(line.organization.clone());
            lines.push(match of_departments {
                true => (named, None, figures),
                false => (None, named, figures),
            });
        }
    }
    for (department, party, (published, now)) in lines {
        let value = |figures: &[FigureValue], figure: Figure| {
            figures.iter().find(|one| one.figure == figure).copied()
        };
        let mut figures: Vec<Figure> = published.iter().chain(now).map(|one| one.figure).collect();
        figures.sort_unstable();
        figures.dedup();
        for figure in figures {
            let none = FigureValue {
                figure,
                numerator: 0,
                denominator: figure.is_share().then_some(0),
            };
            let published = value(published, figure).unwrap_or(none);
            let now = value(now, figure).unwrap_or(none);
            if published != now {
                changes.push(FigureChange {
                    department: department.clone(),
                    party: party.clone(),
                    figure,
                    published: FigureNumbers::from(published),
                    now: FigureNumbers::from(now),
                });
            }
        }
    }
    changes
}
