//! The items of a plan: what a department means to do, when, and with which parties.

use crate::db::schema::{
    meetings, planned_item_meetings as links, planned_items, work_plan_item_parties as parties,
    work_plan_items as items, work_plans as plans,
};
use crate::directory::Directory;
use crate::directory::model::{Kind, OrganizationRef};
use crate::http::contract::pointer;
use crate::language::Language;
use crate::policy::{Permit, ops};
use crate::problem::{Fault, Result};
use crate::resources::meetings::links::LinkedMeeting;
use crate::vocabulary::meetings::{MeetingKind, MeetingState};
use crate::work::Tx;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use utoipa::ToSchema;
use uuid::Uuid;

/// An item as one version has it.
#[derive(Clone, Debug)]
pub struct Item {
    pub id: Uuid,
    pub kind: MeetingKind,
    pub title: String,
    pub month: Option<i32>,
    pub parties: Vec<Uuid>,
    /// What came of it, in the order of time.
    pub meetings: Vec<LinkedMeeting>,
}

impl Item {
    /// Whether a meeting that is linked to it is concluded.
    pub fn is_done(&self) -> bool {
        self.meetings
            .iter()
            .any(|meeting| meeting.state == MeetingState::Concluded)
    }
}

/// 计划项目
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WorkPlanItem)]
pub struct PlanItemView {
    /// Stays the same from version to version.
    pub id: Uuid,
    pub kind: MeetingKind,
    #[schema(example = "与民盟市委会联合开展“双减”专题调研", max_length = 200)]
    pub title: String,
    /// Null where it has none of its own.
    #[schema(required = true, example = 5, minimum = 1, maximum = 12)]
    pub month: Option<i32>,
    #[schema(max_items = 50)]
    pub parties: Vec<OrganizationRef>,
    #[schema(max_items = 100)]
    pub meetings: Vec<LinkedMeeting>,
    /// A meeting that is linked to it is concluded.
    pub done: bool,
}

/// 计划项目
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = NewWorkPlanItem)]
#[serde(deny_unknown_fields)]
pub struct NewPlanItem {
    /// Of an item that the plan has already; not given for a new one.
    #[schema(example = json!(null))]
    #[serde(default)]
    pub id: Option<Uuid>,
    pub kind: MeetingKind,
    #[schema(example = "与民盟市委会联合开展“双减”专题调研", max_length = 200)]
    pub title: String,
    #[schema(example = 5, minimum = 1, maximum = 12)]
    #[serde(default)]
    pub month: Option<i32>,
    /// Codes or ids of the parties that it is with.
    #[schema(example = json!(["minmeng"]), max_items = 10, extensions(("x-reference" = json!("party"))))]
    #[serde(default)]
    pub parties: Vec<String>,
}

impl PlanItemView {
    pub fn new(item: &Item, directory: &Directory, day: NaiveDate) -> Result<Self> {
        let parties = item.parties.iter().map(|party| directory.reference(*party, day));
        Ok(Self {
            id: item.id,
            kind: item.kind,
            title: item.title.clone(),
            month: item.month,
            parties: parties.collect::<Result<_>>()?,
            meetings: item.meetings.clone(),
            done: item.is_done(),
        })
    }

    /// 5月 调研：与民盟市委会联合开展专题调研（民盟市委会）
    pub fn line(&self, language: Language) -> String {
        let kind = self.kind.label().get(language);
        let parties: Vec<&str> = self.parties.iter().map(|party| party.name.as_str()).collect();
        let month = self.month.map(|month| match language {
            Language::Chinese => format!("{month}月 "),
            Language::English => format!("Month {month}: "),
        });
        let with = match parties.is_empty() {
            true => String::new(),
            false => format!("（{}）", parties.join("、")),
        };
        format!("{}{kind}：{}{with}", month.unwrap_or_default(), self.title)
    }
}

/// The items of a body, against the directory and the items that the plan has already. Faults: every unknown party and item,
/// and what stands there twice.
pub fn resolve(
    directory: &Directory,
    given: &[NewPlanItem],
    known: &HashSet<Uuid>,
    today: NaiveDate,
    faults: &mut Vec<Fault>,
) -> Vec<Item> {
    let mut seen = HashSet::new();
    let mut resolved = Vec::with_capacity(given.len());
    for (index, item) in given.iter().enumerate() {
        let place = pointer(&[&"items", &index, &"id"]);
        match item.id {
            Some(id) if !known.contains(&id) => faults.push(Fault::unknown_reference(place)),
            Some(id) if !seen.insert(id) => faults.push(repeated(place)),
            _ => {}
        }
        let mut parties = Vec::with_capacity(item.parties.len());
        for (place, named) in item.parties.iter().enumerate() {
            let place = pointer(&[&"items", &index, &"parties", &place]);
            let party = directory.find_kind(Kind::Party, named);
            match party.filter(|party| party.stands_on(today)) {
                None => faults.push(Fault::unknown_reference(place)),
                Some(party) if parties.contains(&party.id) => faults.push(repeated(place)),
                Some(party) => parties.push(party.id),
            }
        }
        resolved.push(Item {
            id: item.id.unwrap_or_else(Uuid::now_v7),
            kind: item.kind,
            title: item.title.clone(),
            month: item.month,
            parties,
            meetings: Vec::new(),
        });
    }
    resolved
}

fn repeated(place: String) -> Fault {
    Fault::at(place, "repeated", "已在前面列出。", "It stands there before.")
}

/// The ids of all items that a department's plan of a year has had in some version.
pub async fn known(mut conn: &AsyncPgConnection, department: Uuid, year: i32) -> Result<HashSet<Uuid>> {
    let ids: Vec<Uuid> = planned_items::table
        .filter(planned_items::department_id.eq(department))
        .filter(planned_items::year.eq(year))
        .select(planned_items::id)
        .load(&mut conn)
        .await?;
    Ok(ids.into_iter().collect())
}

/// The items of some plans, in their order.
pub async fn of_plans(mut conn: &AsyncPgConnection, plans: &[Uuid]) -> Result<HashMap<Uuid, Vec<Item>>> {
    type Found = (Uuid, Uuid, MeetingKind, String, Option<i32>);
    /// A plan, an item of it, and a party that it is for.
    type With = (Uuid, Uuid, Uuid);
    type Link = (Uuid, Uuid, String, MeetingState, DateTime<Utc>);
    let (mut again, mut once_more) = (conn, conn);
    let of_them = items::table
        .filter(items::work_plan_id.eq_any(plans))
        .select(items::item_id);
    let (found, with, linked): (Vec<Found>, Vec<With>, Vec<Link>) = futures_util::try_join!(
        items::table
            .filter(items::work_plan_id.eq_any(plans))
            .order((items::work_plan_id, items::position))
            .select((
                items::work_plan_id,
                items::item_id,
                items::kind,
                items::title,
                items::month
            ))
            .load(&mut conn),
        parties::table
            .filter(parties::work_plan_id.eq_any(plans))
            .select((parties::work_plan_id, parties::item_id, parties::party_id))
            .load(&mut again),
        links::table
            .inner_join(meetings::table.on(meetings::id.eq(links::meeting_id)))
            .filter(links::item_id.eq_any(of_them))
            .order((meetings::starts_at, meetings::id))
            .select((
                links::item_id,
                meetings::id,
                meetings::title,
                meetings::state,
                meetings::starts_at
            ))
            .load(&mut once_more),
    )?;
    let mut came: HashMap<Uuid, Vec<LinkedMeeting>> = HashMap::new();
    for (item, id, title, state, starts_at) in linked {
        came.entry(item).or_default().push(LinkedMeeting {
            id,
            title,
            state,
            starts_at,
        });
    }
    let mut of_item: HashMap<(Uuid, Uuid), Vec<Uuid>> = HashMap::new();
    for (plan, item, party) in with {
        of_item.entry((plan, item)).or_default().push(party);
    }
    let mut of_plan: HashMap<Uuid, Vec<Item>> = HashMap::new();
    for (plan, id, kind, title, month) in found {
        let item = Item {
            id,
            kind,
            title,
            month,
            parties: of_item.remove(&(plan, id)).unwrap_or_default(),
            meetings: came.get(&id).cloned().unwrap_or_default(),
        };
        of_plan.entry(plan).or_default().push(item);
    }
    Ok(of_plan)
}

/// Puts a draft's items in place of those that it has.
pub async fn replace(tx: &mut Tx<'_>, plan: Uuid, department: Uuid, year: i32, given: &[Item]) -> Result<()> {
    diesel::delete(items::table.filter(items::work_plan_id.eq(plan)))
        .execute(tx.conn)
        .await?;
    let (mut ids, mut rows, mut with) = (Vec::new(), Vec::new(), Vec::new());
    for (position, item) in (0..).zip(given) {
        ids.push((
            planned_items::id.eq(item.id),
            planned_items::department_id.eq(department),
            planned_items::year.eq(year),
        ));
        rows.push((
            items::work_plan_id.eq(plan),
            items::item_id.eq(item.id),
            items::position.eq::<i32>(position),
            items::kind.eq(item.kind),
            items::title.eq(&item.title),
            items::month.eq(item.month),
        ));
        with.extend(item.parties.iter().map(|party| {
            (
                parties::work_plan_id.eq(plan),
                parties::item_id.eq(item.id),
                parties::party_id.eq(*party),
            )
        }));
    }
    diesel::insert_into(planned_items::table)
        .values(ids)
        .on_conflict_do_nothing()
        .execute(tx.conn)
        .await?;
    diesel::insert_into(items::table)
        .values(rows)
        .execute(tx.conn)
        .await?;
    diesel::insert_into(parties::table)
        .values(with)
        .execute(tx.conn)
        .await?;
    forget_unused(tx, department, year).await
}

/// Items that no version has any more.
pub async fn forget_unused(tx: &mut Tx<'_>, department: Uuid, year: i32) -> Result<()> {
    let used = items::table
        .filter(items::item_id.eq(planned_items::id))
        .select(items::item_id);
    diesel::delete(
        planned_items::table
            .filter(planned_items::department_id.eq(department))
            .filter(planned_items::year.eq(year))
            .filter(diesel::dsl::not(diesel::dsl::exists(used))),
    )
    .execute(tx.conn)
    .await?;
    Ok(())
}

/// Links these meetings to an item, and no others.
pub async fn link(
    tx: &mut Tx<'_>,
    _: &Permit<ops::ReplaceWorkPlanItemMeetings>,
    plan: Uuid,
    item: Uuid,
    meetings: &[Uuid],
) -> Result<()> {
    diesel::delete(links::table.filter(links::item_id.eq(item)))
        .execute(tx.conn)
        .await?;
    let rows: Vec<_> = meetings
        .iter()
        .map(|meeting| {
            (
                links::item_id.eq(item),
                links::meeting_id.eq(*meeting),
                links::linked_at.eq(tx.now()),
            )
        })
        .collect();
    diesel::insert_into(links::table)
        .values(rows)
        .execute(tx.conn)
        .await?;
    diesel::update(plans::table.find(plan))
        .set((
            plans::version.eq(plans::version + 1),
            plans::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}
