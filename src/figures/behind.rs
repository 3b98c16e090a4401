//! Every record behind the figures of a period, each once: which figures it is in, and by the digest of what it says whether
//! it still says the same.

use super::compute::{Gathered, gather};
use super::facts::{Fact, RecordType, Scene};
use super::suggestions::{self, Marked, Tally};
use super::{Figure, Group};
use crate::db::bound::Bound;
use crate::problem::Result;
use aws_lc_rs::digest::{SHA256, digest};
use chrono::NaiveDate;
use diesel::QueryableByName;
use diesel::sql_types::{Array, Date, Jsonb, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// Records whose content is read at a time.
const BATCH: usize = 1000;

pub type Digest = [u8; 32];

/// What tells records apart: of which kind, which one, and whose figures it is in.
pub type Key = (RecordType, Uuid, Option<Uuid>, Option<Uuid>);

#[derive(Clone, Debug)]
pub struct Behind {
    pub kind: RecordType,
    pub key: Uuid,
    pub id: Uuid,
    pub title: String,
    pub on: Option<NaiveDate>,
    pub department: Option<Uuid>,
    pub party: Option<Uuid>,
    /// In whose numerator it is.
    pub counted: BTreeSet<Figure>,
    /// In whose denominator.
    pub counted_of: BTreeSet<Figure>,
    pub digest: Digest,
}

/// The figures of some groups with all records behind them. Both are of the same reading: the records of a figure are as
/// many as it says, whatever happens meanwhile.
///
/// # Errors
/// `database_unavailable`.
pub async fn gather_with_records(
    conn: &AsyncPgConnection,
    scene: &Scene<'_>,
    groups: &[Group],
) -> Result<(Gathered, Vec<Behind>)> {
    let marked = [Group::Suggestions, Group::Commitments];
    let facts: Vec<Group> = groups
        .iter()
        .copied()
        .filter(|group| !marked.contains(group))
        .collect();
    let mut gathered = gather(conn, scene, &facts, scene.period.as_of).await?;
    let mut records = merged(&gathered.facts);
    if groups.iter().any(|group| marked.contains(group)) {
        let figures: Vec<Figure> = Figure::in_groups(groups).collect();
        for mut one in suggestions::marked(conn, scene.period).await? {
            one.department_id = scene.acting(one.department_id);
            gathered.tallies.extend(one.marks.iter().map(|mark| Tally {
                department_id: one.department_id,
                party_id: one.party_id,
                mark: mark.clone(),
                n: 1,
            }));
            records.push(of_marked(one, &figures));
        }
    }
    read_digests(conn, scene.period.to, &mut records).await?;
    Ok((gathered, records))
}

fn merged(facts: &[Fact]) -> Vec<Behind> {
    let mut records: Vec<Behind> = Vec::new();
    let mut places: HashMap<Key, usize> = HashMap::new();
    for fact in facts {
        let key = (fact.record.kind, fact.record.key, fact.department, fact.party);
        let place = *places.entry(key).or_insert_with(|| {
            records.push(Behind {
                kind: fact.record.kind,
                key: fact.record.key,
                id: fact.record.id,
                title: fact.record.title.clone(),
                on: fact.record.on,
                department: fact.department,
                party: fact.party,
                counted: BTreeSet::new(),
                counted_of: BTreeSet::new(),
                digest: Digest::default(),
            });
            records.len() - 1
        });
        if fact.counted {
            records[place].counted.insert(fact.figure);
        }
        records[place].counted_of.insert(fact.figure);
    }
    records
}

fn of_marked(one: Marked, figures: &[Figure]) -> Behind {
    let within = |marks: &[&str]| one.marks.iter().any(|mark| marks.contains(&mark.as_str()));
    let counted = |figure: &Figure| figure.counted().is_some_and(|counted| within(counted.marks));
    let counted_of = |figure: &Figure| figure.counted().is_some_and(|counted| within(counted.whole));
    Behind {
        kind: one.kind,
        counted: figures.iter().copied().filter(counted).collect(),
        counted_of: figures.iter().copied().filter(counted_of).collect(),
        key: one.key,
        id: one.id,
        title: one.title,
        on: Some(one.on_day),
        department: Some(one.department_id),
        party: Some(one.party_id),
        digest: Digest::default(),
    }
}

impl Behind {
    pub fn place(&self) -> Key {
        (self.kind, self.key, self.department, self.party)
    }

    /// With what it is counted in: a record that begins to count is another, even where it says the same.
    fn digest_with(&self, content: &Value) -> Digest {
        canonical_digest(json!({
            "type": self.kind,
            "key": self.key,
            "id": self.id,
            "department": self.department,
            "party": self.party,
            "counted": self.counted,
            "counted_of": self.counted_of,
            "content": content,
        }))
    }
}

/// SHA-256 of the canonical JSON (RFC 8785; our keys are ASCII, our numbers whole).
pub fn canonical_digest(mut value: Value) -> Digest {
    value.sort_all_objects();
    let mut bytes = Digest::default();
    bytes.copy_from_slice(digest(&SHA256, value.to_string().as_bytes()).as_ref());
    bytes
}

#[derive(QueryableByName)]
struct Content {
    #[diesel(sql_type = SqlUuid)]
    key: Uuid,
    #[diesel(sql_type = Jsonb)]
    content: Value,
}

async fn read_digests(
    mut conn: &AsyncPgConnection,
    last_day: NaiveDate,
    records: &mut [Behind],
) -> Result<()> {
    let mut of_kind: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
    for (place, record) in records.iter().enumerate() {
        of_kind.entry(record.kind.into()).or_default().push(place);
    }
    for places in of_kind.values() {
        for batch in places.chunks(BATCH) {
            let ids: Vec<Uuid> = batch.iter().map(|place| records[*place].id).collect();
            let keys: Vec<Uuid> = batch.iter().map(|place| records[*place].key).collect();
            let mut contents: HashMap<Uuid, Value> = HashMap::new();
            let first = batch.first().map(|place| records[*place].kind);
            if let Some(text) = first.and_then(content_of) {
                let bound = Bound::new(text)
                    .bind::<Array<SqlUuid>, _>(":ids", ids)
                    .bind::<Array<SqlUuid>, _>(":keys", keys)
                    .bind::<Date, _>(":last_day", last_day);
                let read: Vec<Content> = bound.query().load(&mut conn).await?;
                contents.extend(read.into_iter().map(|one| (one.key, one.content)));
            }
            for place in batch {
                let record = &mut records[*place];
                let content = contents.get(&record.key).or_else(|| contents.get(&record.id));
                record.digest = record.digest_with(content.unwrap_or(&Value::Null));
            }
        }
    }
    Ok(())
}

/// What a record says, as far as figures or their readers rely on it: by id, key and the last day of the period.
/// Columns are named one by one: a new column must not make published summaries look changed. None of what is counted alone.
fn content_of(kind: RecordType) -> Option<&'static str> {
    Some(match kind {
        RecordType::Department | RecordType::Party => return None,
        RecordType::LiaisonLeader => LEADERS,
        RecordType::Meeting => MEETINGS,
        RecordType::ReportingDuty => DUTIES,
        RecordType::WorkPlan => PLANNED,
        RecordType::Suggestion => SUGGESTIONS,
        RecordType::Commitment => COMMITMENTS,
    })
}

/// That somebody else follows after the period changes nothing in it.
const LEADERS: &str = "
    SELECT id AS key, jsonb_build_object(
        'effective_from', effective_from,
        'effective_until', CASE WHEN effective_until <= :last_day THEN effective_until END,
        'vacant', vacant, 'leader_name', leader_name, 'leader_title', leader_title, 'late', late) AS content
    FROM liaison_leaders WHERE id = ANY(:ids)";

const MEETINGS: &str = "
    SELECT meeting.id AS key, jsonb_build_object(
        'title', meeting.title, 'kind', meeting.kind, 'social_service_kind', meeting.social_service_kind,
        'form', meeting.form, 'state', meeting.state, 'place', meeting.place,
        'starts_at', to_char(meeting.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),
        'minutes', meeting.minutes_text, 'decisions', meeting.minutes_decisions,
        'hosts', (SELECT jsonb_agg(host.organization_id ORDER BY host.position, host.organization_id)
            FROM meeting_hosts AS host WHERE host.meeting_id = meeting.id),
        'attendance', (SELECT jsonb_agg(jsonb_build_object(
                'organization', invitation.organization_id, 'guest', invitation.guest_name, 'present', invitation.present,
                'online', invitation.online, 'attendees', invitation.attendees, 'persons', invitation.persons)
                ORDER BY invitation.position, invitation.id)
            FROM meeting_invitations AS invitation WHERE invitation.meeting_id = meeting.id)) AS content
    FROM meetings AS meeting WHERE meeting.id = ANY(:ids)";

const DUTIES: &str = "
    SELECT duty.id AS key, jsonb_build_object(
        'kind', duty.kind, 'period_from', duty.period_from, 'period_to', duty.period_to, 'due_on', todo.due_on,
        'sent_on', (todo.closed_at AT TIME ZONE 'Asia/Shanghai')::date) AS content
    FROM reporting_duties AS duty JOIN todos AS todo ON todo.subject_id = duty.id
        AND NOT EXISTS (SELECT FROM todos AS later WHERE later.subject_id = duty.id AND later.id > todo.id)
    WHERE duty.id = ANY(:ids)";

const PLANNED: &str = "
    SELECT item.item_id AS key, jsonb_build_object(
        'version', plan.number, 'kind', item.kind, 'title', item.title, 'month', item.month,
        'parties', (SELECT jsonb_agg(party.party_id ORDER BY party.party_id) FROM work_plan_item_parties AS party
            WHERE party.work_plan_id = item.work_plan_id AND party.item_id = item.item_id)) AS content
    FROM work_plan_items AS item JOIN work_plans AS plan ON plan.id = item.work_plan_id
    WHERE item.work_plan_id = ANY(:ids) AND item.item_id = ANY(:keys)";

/// By the suggestion: how far each lead has come is in what it is counted in.
const SUGGESTIONS: &str = "
    SELECT suggestion.id AS key, jsonb_build_object(
        'number', suggestion.number, 'title', suggestion.title, 'background', suggestion.background,
        'proposal', suggestion.proposal, 'category', suggestion.category, 'party', suggestion.party_id,
        'withdrawn', suggestion.state = 'withdrawn',
        'replies', (SELECT jsonb_agg(jsonb_build_object(
                'round', reply.round, 'version', reply.version_number, 'department', reply.department_id, 'text', reply.text,
                'document_number', reply.document_number, 'signatory', reply.signatory, 'result', reply.result)
                ORDER BY reply.round, reply.version_number)
            FROM suggestion_replies AS reply WHERE reply.suggestion_id = suggestion.id),
        'receipts', (SELECT jsonb_agg(jsonb_build_object(
                'round', receipt.round, 'attitude', receipt.attitude, 'result', receipt.result, 'comment', receipt.comment,
                'late', receipt.late) ORDER BY receipt.round)
            FROM feedback_receipts AS receipt WHERE receipt.suggestion_id = suggestion.id)) AS content
    FROM suggestions AS suggestion WHERE suggestion.id = ANY(:ids)";

const COMMITMENTS: &str = "
    SELECT id AS key, jsonb_build_object(
        'suggestion', suggestion_id, 'text', text, 'due_on', due_on, 'state', state, 'fulfilment', fulfilment,
        'fulfilled_on', (fulfilled_at AT TIME ZONE 'Asia/Shanghai')::date,
        'abandonment_reason', abandonment_reason) AS content
    FROM commitments WHERE id = ANY(:ids)";
