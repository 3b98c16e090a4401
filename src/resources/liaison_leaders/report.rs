//! What follows from a report: who is told, what they have to do, what is settled by it. All in the transaction of the report.

use super::queries::Reported;
use crate::db::schema::liaison_leaders as leaders;
use crate::directory::Directory;
use crate::directory::model::{Kind, Organization};
use crate::policy::{Caller, Permit, ops};
use crate::problem::{Code, Problem, Result};
use crate::resources::liaison_leaders::confirmations::queries::settle_by_change;
use crate::resources::liaison_leaders::content::Content;
use crate::resources::liaison_leaders::model::LiaisonLeaderView;
use crate::resources::liaison_leaders::policy::Appointment;
use crate::resources::liaison_leaders::policy::Disclosure;
use crate::resources::liaison_leaders::queries;
use crate::resources::organizations::on_behalf::{self, how, is_on_behalf};
use crate::work::Tx;
use crate::workflow::deadlines::{DeadlineRule, DeadlineView};
use crate::workflow::machine::Label;
use crate::workflow::notices::{self, Notice, NoticeKind};
use crate::workflow::step::{Aggregate, Step};
use crate::workflow::subjects::{Subject, SubjectType, chinese_day};
use crate::workflow::todos::{self, Done, NewTodo, TodoKind, Until};
use crate::workflow::{TermKey, Timing};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// What an appointment is called in to-dos and notices.
pub fn subject(id: Uuid, department: &Organization, content: &Content) -> Subject {
    let day = content.effective_from;
    let title = format!(
        "{}联络负责人（自{}起）",
        department.name_on(day).name,
        chinese_day(day)
    );
    Subject::new(SubjectType::LiaisonLeader, id, title)
}

/// The last day on which a report of a change of that day is in time, and whether today is later (三(二), practice).
fn timeliness(timing: &Timing, effective_from: NaiveDate, today: NaiveDate) -> (NaiveDate, bool) {
    let due_on = timing
        .calendar
        .due(effective_from, timing.term(TermKey::LeaderReport))
        .on;
    (due_on, today > due_on)
}

/// Until when a report was due, and whether it is late. One by which a department has somebody on record for the first time is in
/// time within the term of the to-do that asks for it, whatever day it takes effect, and where nobody has asked yet.
async fn timeliness_of(
    tx: &mut Tx<'_>,
    timing: &Timing,
    department: Uuid,
    effective_from: NaiveDate,
    today: NaiveDate,
) -> Result<(NaiveDate, bool)> {
    let (due_on, late) = timeliness(timing, effective_from, today);
    if !late || queries::has_any(tx, department).await? {
        return Ok((due_on, late));
    }
    let asked = todos::last_due_on(tx, department, TodoKind::AppointLiaisonLeader).await?;
    let due_on = asked.unwrap_or_else(|| timeliness(timing, today, today).0);
    Ok((due_on, today > due_on))
}

/// The deadline of the report itself, explained. By the term of today, which stands for it as long as it leads to the day
/// that was given.
pub fn report_deadline(
    appointment: &Appointment,
    directory: &Directory,
    timing: &Timing,
    today: NaiveDate,
) -> Result<DeadlineView> {
    let row = &appointment.row;
    let (kind, term) = (TodoKind::AppointLiaisonLeader, timing.term(TermKey::LeaderReport));
    let counted =
        Some(timing.calendar.due(row.effective_from, term)).filter(|due| due.on == row.report_due_on);
    let rule = counted.as_ref().map(|_| DeadlineRule {
        amount: term.amount,
        unit: term.unit,
    });
    let (skipped, provisional) = counted.map_or((Vec::new(), false), |due| (due.skipped, due.provisional));
    Ok(DeadlineView {
        kind,
        label: Label::from(kind.label()),
        organization: directory.reference(row.department_id, today)?,
        started_on: rule.is_some().then_some(row.effective_from),
        started_by: None,
        ended_by: Some("create".to_owned()),
        rule,
        due_on: row.report_due_on,
        moving_to: None,
        skipped,
        provisional,
        met_at: Some(row.reported_at),
        ended_at: Some(row.reported_at),
        overdue: row.late,
        moves: Vec::new(),
    })
}

/// Reports an appointment: puts it in its place in the history, tells 市委统战部 and every party that liaises with the
/// department on the day of the change, and settles what waited for it.
///
/// # Errors
/// 403 for 市委统战部 where somebody can act for the department; 409 `appointment_exists` naming the one of the same day,
/// `department_ended`.
pub async fn report(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::CreateLiaisonLeader>,
    directory: &Directory,
    timing: &Timing,
    department: &Organization,
    content: &Content,
) -> Result<Uuid> {
    queries::lock_department(tx, department.id).await?;
    let on_behalf = is_on_behalf(tx, permit.caller(), department.id).await?;
    let today = tx.today();
    if !department.stands_on(today) && department.ended_on.is_some_and(|end| end <= today) {
        return Err(Problem::new(Code::DepartmentEnded));
    }
    if let Some(existing) = queries::on_day(tx, department.id, content.effective_from).await? {
        return Err(exists(existing, content.effective_from));
    }
    let (due_on, late) = timeliness_of(tx, timing, department.id, content.effective_from, today).await?;
    let reported = Reported {
        department: department.id,
        due_on,
        late,
        on_behalf,
    };
    let id = queries::insert(tx, permit, &reported, content).await?;
    let subject = subject(id, department, content);
    let told = recipients(directory, department.id, content.effective_from);
    tell(tx, timing, permit.caller(), &subject, &told).await?;
    let (name, day) = (&department.name_on(today).name, chinese_day(today));
    let notice = Notice {
        kind: NoticeKind::LiaisonLeaderReported,
        level: None,
        subject: &subject,
        title: format!("{name}报送联络负责人"),
        text: format!(
            "{name}于{day}报送{}：{}请签收。事项地址：{}",
            how(on_behalf),
            described(content),
            subject.kind.path(id)
        ),
    };
    notices::send(tx, &told, &notice).await?;
    if on_behalf {
        on_behalf::tell(tx, department.id, &subject, &described(content)).await?;
    }
    settle_by_change(tx, department.id, content.effective_from, id).await?;
    mind_vacancy(tx, timing, department).await?;
    Ok(id)
}

/// Puts a corrected content in the place of the one before, tells whom it concerns, and settles a request for completion.
///
/// # Errors
/// 409 `appointment_exists` where the corrected day is another's.
pub async fn correct(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::CorrectLiaisonLeader>,
    step: &Step<'_, Appointment>,
    content: &Content,
    reason: &str,
) -> Result<()> {
    let (directory, timing, before) = (step.directory, step.timing, &step.before);
    let row = &before.row;
    let department = directory.get(row.department_id).ok_or_else(Problem::not_found)?;
    let today = tx.today();
    let acting = directory
        .acting(department.id, today)
        .map_or(department.id, |acting| acting.id);
    let on_behalf = is_on_behalf(tx, permit.caller(), acting).await?;
    if let Some(existing) = queries::on_day(tx, department.id, content.effective_from).await?
        && existing != row.id
    {
        return Err(exists(existing, content.effective_from));
    }
    let reported_on = crate::clock::shanghai_day(row.reported_at);
    let as_before = content.effective_from == row.effective_from || queries::is_first(tx, row).await?;
    let (due_on, late) = match as_before {
        true => (row.report_due_on, row.late),
        false => timeliness(timing, content.effective_from, reported_on),
    };
    let reported = Reported {
        department: department.id,
        due_on,
        // Late stays late, whatever a correction makes of the day.
        late: late || row.late,
        on_behalf: row.recorded_on_behalf,
    };
    queries::correct(tx, permit, before, content, &reported, reason).await?;
    let subject = subject(row.id, department, content);
    let mut told = recipients(directory, department.id, content.effective_from);
    let known: Vec<Uuid> = before
        .receipts
        .iter()
        .map(|receipt| receipt.organization_id)
        .collect();
    let new: Vec<Uuid> = told.iter().copied().filter(|one| !known.contains(one)).collect();
    tell(tx, timing, permit.caller(), &subject, &new).await?;
    // Who was told of what is no longer so is told that, too.
    told.extend(
        known
            .into_iter()
            .filter(|one| !told.contains(one))
            .collect::<Vec<_>>(),
    );
    let (name, day) = (&department.name_on(today).name, chinese_day(today));
    let notice = Notice {
        kind: NoticeKind::LiaisonLeaderCorrected,
        level: None,
        subject: &subject,
        title: format!("{name}更正联络负责人情况"),
        text: format!(
            "{name}于{day}更正{}（原因：{reason}）：{}事项地址：{}",
            how(on_behalf),
            described(content),
            subject.kind.path(row.id)
        ),
    };
    notices::send(tx, &told, &notice).await?;
    if on_behalf {
        on_behalf::tell(tx, acting, &subject, &described(content)).await?;
    }
    let done = Done {
        kinds: &[TodoKind::CompleteLiaisonLeader],
        organization: None,
    };
    todos::close(tx, row.id, done).await?;
    mind_vacancy(tx, timing, department).await
}

/// Asks the department for what is missing.
pub async fn ask_for_completion(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::RequestLiaisonLeaderCompletion>,
    step: &Step<'_, Appointment>,
    text: &str,
) -> Result<()> {
    let (directory, timing, appointment) = (step.directory, step.timing, &step.before);
    let row = &appointment.row;
    queries::request_completion(tx, permit, row.id, text).await?;
    let today = tx.today();
    let department = directory.get(row.department_id).ok_or_else(Problem::not_found)?;
    let subject = subject(row.id, department, &appointment.content());
    let todo = NewTodo {
        organization: department.id,
        kind: TodoKind::CompleteLiaisonLeader,
        subject: &subject,
        until: Until::TermFrom(today),
    };
    todos::open(tx, timing, &[todo]).await?;
    let notice = Notice {
        kind: NoticeKind::LiaisonLeaderCompletionRequested,
        level: None,
        subject: &subject,
        title: format!("请补充：{}", subject.title),
        text: format!(
            "市委统战部于{}要求补充完善《{}》：{text}请以“更正”补报。事项地址：{}",
            chinese_day(today),
            subject.title,
            subject.kind.path(row.id)
        ),
    };
    let acting = directory
        .acting(department.id, today)
        .map_or(department.id, |acting| acting.id);
    notices::send(tx, &[acting], &notice).await
}

fn exists(id: Uuid, day: NaiveDate) -> Problem {
    Problem::new(Code::AppointmentExists).with(
        "liaison_leader",
        serde_json::json!({ "id": id, "effective_from": day }),
    )
}

/// 市委统战部, and the parties that liaise with the department on the day of the change.
fn recipients(directory: &Directory, department: Uuid, day: NaiveDate) -> Vec<Uuid> {
    let coordinator = directory.of_kind(Kind::Coordinator).map(|office| office.id);
    coordinator.chain(directory.parties_of(department, day)).collect()
}

/// Puts on record who is told, and gives each something to acknowledge; who has recorded it itself has read it.
async fn tell(
    tx: &mut Tx<'_>,
    timing: &Timing,
    caller: &Caller,
    subject: &Subject,
    told: &[Uuid],
) -> Result<()> {
    queries::tell(tx, subject.id, told).await?;
    let today = tx.today();
    let waiting: Vec<NewTodo<'_>> = told
        .iter()
        .filter(|organization| !caller.is_of(**organization))
        .map(|organization| NewTodo {
            organization: *organization,
            kind: TodoKind::AcknowledgeLiaisonLeader,
            subject,
            until: Until::TermFrom(today),
        })
        .collect();
    todos::open(tx, timing, &waiting).await?;
    let own: Vec<Uuid> = told.iter().copied().filter(|one| caller.is_of(*one)).collect();
    if own.is_empty() {
        return Ok(());
    }
    queries::acknowledge(tx, subject.id, &own, 1).await
}

/// A vacancy waits to be filled for as long as the last appointment of the department is one.
async fn mind_vacancy(tx: &mut Tx<'_>, timing: &Timing, department: &Organization) -> Result<()> {
    let today = tx.today();
    let title = format!("{}联络负责人空缺", department.name_on(today).name);
    let subject = Subject::new(SubjectType::Department, department.id, title);
    let done = Done {
        kinds: &[TodoKind::AppointLiaisonLeader, TodoKind::FillLiaisonVacancy],
        organization: None,
    };
    if queries::last_is_vacant(tx, department.id).await? {
        let todo = NewTodo {
            organization: department.id,
            kind: TodoKind::FillLiaisonVacancy,
            subject: &subject,
            until: Until::TermFrom(today),
        };
        let appointed = Done {
            kinds: &[TodoKind::AppointLiaisonLeader],
            organization: None,
        };
        todos::close(tx, department.id, appointed).await?;
        todos::open(tx, timing, &[todo]).await?;
        Ok(())
    } else {
        todos::close(tx, department.id, done).await
    }
}

/// The content in a sentence, without what is masked for some: a notice is read when links have long changed.
fn described(content: &Content) -> String {
    let titled = |name: &str, title: Option<&str>| match title {
        Some(title) => format!("{name}（{title}）"),
        None => name.to_owned(),
    };
    let mut text = format!("自{}起，", chinese_day(content.effective_from));
    match &content.leader {
        Some(leader) => text.push_str(&format!(
            "分管领导{}",
            titled(&leader.name, leader.title.as_deref())
        )),
        None => text.push_str("分管领导空缺"),
    }
    if let Some(office) = &content.office {
        text.push_str(&format!("，联络科室{}", office.name));
    }
    if !content.contacts.is_empty() {
        let contacts = content.contacts.iter();
        let names: Vec<String> = contacts
            .map(|one| titled(&one.name, one.title.as_deref()))
            .collect();
        text.push_str(&format!("，联络人员{}", names.join("、")));
    }
    if let Some(reason) = &content.reason {
        text.push_str(&format!("。原因：{reason}"));
    }
    text.push('。');
    text
}

/// 签收, for the caller's organization and those that it acts for.
pub async fn acknowledge(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::AcknowledgeLiaisonLeader>,
    step: &Step<'_, Appointment>,
) -> Result<()> {
    let row = &step.before.row;
    let receipts = step.before.receipts_of(permit.caller());
    let own: Vec<Uuid> = receipts.map(|receipt| receipt.organization_id).collect();
    queries::acknowledge(tx, row.id, &own, row.version_number).await?;
    for organization in own {
        let done = Done {
            kinds: &[TodoKind::AcknowledgeLiaisonLeader],
            organization: Some(organization),
        };
        todos::close(tx, row.id, done).await?;
    }
    Ok(())
}

impl Aggregate for Appointment {
    type Id = Uuid;
    type Recorded = LiaisonLeaderView;
    type View = LiaisonLeaderView;

    fn subject_id(&self) -> Uuid {
        self.row.id
    }

    async fn hold(tx: &mut Tx<'_>, id: &Uuid, directory: &Directory) -> Result<Self> {
        let department: Uuid = leaders::table
            .find(id)
            .select(leaders::department_id)
            .first(tx.conn)
            .await?;
        queries::lock_department(tx, department).await?;
        let today = tx.today();
        let found = queries::get(tx.conn, *id, directory, today).await?;
        tx.holds(found.row.updated_at);
        Ok(found)
    }

    async fn reread(&self, tx: &mut Tx<'_>, directory: &Directory) -> Result<Self> {
        let today = tx.today();
        queries::get(tx.conn, self.row.id, directory, today).await
    }

    // Masked: the record is read by others than the caller.
    fn recorded(&self, tx: &Tx<'_>, directory: &Directory) -> Result<LiaisonLeaderView> {
        LiaisonLeaderView::new(self, directory, tx.today(), Disclosure::Masked)
    }

    async fn shown(
        &self,
        _: &AsyncPgConnection,
        caller: &Caller,
        directory: &Directory,
        today: NaiveDate,
    ) -> Result<LiaisonLeaderView> {
        LiaisonLeaderView::for_caller(caller, self, directory, today)
    }
}
