//! What each step changes, whom it tells, and what waits then.

use super::model::CommitmentState;
use super::queries::NewRow;
use crate::directory::Directory;
use crate::directory::model::Kind;
use crate::policy::{Caller, Permit, ops};
use crate::problem::{Problem, Result};
use crate::resources::suggestions;
use crate::resources::suggestions::commitments::model::{CommitmentView, Row};
use crate::resources::suggestions::commitments::policy::Commitment;
use crate::resources::suggestions::commitments::queries;
use crate::resources::suggestions::input::{Decision, NewCommitment};
use crate::resources::suggestions::policy::Dossier;
use crate::work::Tx;
use crate::workflow::notices::{self, Notice, NoticeKind};
use crate::workflow::step::{Aggregate, Context, Step};
use crate::workflow::subjects::{Subject, SubjectType, chinese_day};
use crate::workflow::todos::{self, Done, NewTodo, TodoKind, Until};
use chrono::NaiveDate;
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

/// What it is called in to-dos and notices.
fn subject(id: Uuid, text: &str, title: &str) -> Subject {
    let text: String = text.chars().take(60).collect();
    Subject::new(
        SubjectType::Commitment,
        id,
        format!("《{title}》办理承诺：{text}"),
    )
}

fn subject_of(commitment: &Commitment) -> Subject {
    subject(commitment.row.id, &commitment.row.text, &commitment.context.title)
}

fn is_owed(row: &Row) -> bool {
    matches!(
        row.state,
        CommitmentState::Open | CommitmentState::AbandonmentRequested
    )
}

async fn owe(
    tx: &mut Tx<'_>,
    context: Context<'_>,
    step: &str,
    (subject, department, until): (&Subject, Uuid, Until),
) -> Result<()> {
    let todo = NewTodo {
        organization: department,
        kind: TodoKind::FulfilCommitment,
        subject,
        until,
    };
    todos::open_by(tx, context.timing, &[todo], Some(step)).await?;
    Ok(())
}

async fn settle(tx: &mut Tx<'_>, id: Uuid, kinds: &[TodoKind], step: &str) -> Result<()> {
    let done = Done {
        kinds,
        organization: None,
    };
    todos::close_by(tx, id, done, Some(step)).await
}

/// What a reply promises, each with its own day.
pub async fn promise(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::ReplyToSuggestion>,
    case: &Step<'_, Dossier>,
    reply: Uuid,
    promised: &[NewCommitment],
) -> Result<()> {
    if promised.is_empty() {
        return Ok(());
    }
    let (head, now) = (&case.suggestion().head, tx.now());
    let rows = promised.iter().zip(0..).map(|(one, position)| NewRow {
        id: Uuid::now_v7(),
        suggestion_id: head.id,
        reply_id: reply,
        department_id: head.lead_department_id,
        position,
        text: &one.text,
        due_on: one.due_on,
        state: CommitmentState::Open,
        created_at: now,
        updated_at: now,
    });
    let rows: Vec<NewRow<'_>> = rows.collect();
    queries::insert(tx, permit, &rows).await?;
    for row in &rows {
        let (subject, until) = (subject(row.id, row.text, &head.title), Until::Day(row.due_on));
        owe(tx, case.context, "reply", (&subject, row.department_id, until)).await?;
    }
    Ok(())
}

/// A new lead owes what was promised before it; each day stays.
pub async fn hand_over(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::ReassignSuggestion>,
    case: &Step<'_, Dossier>,
    lead: Uuid,
) -> Result<()> {
    let owed: Vec<&Row> = case
        .before
        .commitments
        .iter()
        .filter(|row| is_owed(row))
        .collect();
    let ids: Vec<Uuid> = owed.iter().map(|row| row.id).collect();
    queries::hand_over(tx, permit, &ids, lead).await?;
    for row in owed {
        settle(tx, row.id, &[TodoKind::FulfilCommitment], "reassign").await?;
        let subject = subject(row.id, &row.text, &case.suggestion().head.title);
        let until = Until::Day(row.due_on);
        owe(tx, case.context, "reassign", (&subject, lead, until)).await?;
    }
    Ok(())
}

/// What was promised is owed no more: its suggestion was withdrawn.
pub async fn end_all(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::WithdrawSuggestion>,
    dossier: &Dossier,
) -> Result<()> {
    let owed = dossier.commitments.iter().filter(|row| is_owed(row));
    let ids: Vec<Uuid> = owed.map(|row| row.id).collect();
    queries::end(tx, permit, &ids, "意见建议已撤回").await?;
    for id in ids {
        settle(tx, id, &[], "withdraw").await?;
    }
    Ok(())
}

/// Who is told of a commitment, and in what words.
struct Told {
    kind: NoticeKind,
    to: Vec<Uuid>,
    title: String,
    text: String,
}

async fn tell(tx: &mut Tx<'_>, directory: &Directory, commitment: &Commitment, told: Told) -> Result<()> {
    let today = tx.today();
    let mut to: Vec<Uuid> = Vec::with_capacity(told.to.len());
    for organization in told.to {
        let acting = directory.acting(organization, today).map(|acting| acting.id);
        to.extend(acting.filter(|acting| !to.contains(acting) && !tx.origin.caller.is_of(*acting)));
    }
    let subject = subject_of(commitment);
    let notice = Notice {
        kind: told.kind,
        level: None,
        subject: &subject,
        title: told.title,
        text: format!("{}事项地址：{}", told.text, subject.kind.path(commitment.row.id)),
    };
    notices::send(tx, &to, &notice).await
}

fn coordinator(directory: &Directory) -> Result<Uuid> {
    let office = directory.of_kind(Kind::Coordinator).next();
    office
        .map(|office| office.id)
        .ok_or_else(|| Problem::internal("there is no coordinator in the directory"))
}

fn called(directory: &Directory, organization: Uuid, tx: &Tx<'_>) -> Result<String> {
    Ok(directory.reference(organization, tx.today())?.name)
}

/// 兑现: the party is told what was done.
pub async fn fulfil(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::FulfilCommitment>,
    step: &Step<'_, Commitment>,
    text: &str,
) -> Result<()> {
    let (context, commitment) = (step.context, &step.before);
    let id = commitment.row.id;
    queries::fulfil(tx, permit, id, text).await?;
    settle(tx, id, &[], "fulfil").await?;
    let department = called(context.directory, commitment.row.department_id, tx)?;
    let told = Told {
        kind: NoticeKind::CommitmentFulfilled,
        to: vec![commitment.context.party_id, coordinator(context.directory)?],
        title: format!("{department}报告承诺已兑现：{}", commitment.context.title),
        text: format!(
            "{department}于{}报告，{}已兑现：{text}",
            chinese_day(tx.today()),
            subject_of(commitment).title
        ),
    };
    tell(tx, context.directory, commitment, told).await
}

/// 申请终止: 市委统战部 decides, and until then it is owed.
pub async fn ask_to_abandon(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::AbandonCommitment>,
    step: &Step<'_, Commitment>,
    reason: &str,
) -> Result<()> {
    let (context, commitment) = (step.context, &step.before);
    queries::ask_to_abandon(tx, permit, commitment.row.id, reason).await?;
    let (subject, coordinator) = (subject_of(commitment), coordinator(context.directory)?);
    let todo = NewTodo {
        organization: coordinator,
        kind: TodoKind::DecideCommitmentAbandonment,
        subject: &subject,
        until: Until::TermFrom(tx.today()),
    };
    todos::open_by(tx, context.timing, &[todo], Some("abandon")).await?;
    let department = called(context.directory, commitment.row.department_id, tx)?;
    let told = Told {
        kind: NoticeKind::CommitmentAbandonmentRequested,
        to: vec![coordinator, commitment.context.party_id],
        title: format!("{department}申请终止承诺：{}", commitment.context.title),
        text: format!(
            "{department}于{}申请终止{}。理由：{reason}请市委统战部审核。",
            chinese_day(tx.today()),
            subject.title
        ),
    };
    tell(tx, context.directory, commitment, told).await
}

/// 审核终止申请: without consent it is owed as before.
pub async fn decide(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::DecideCommitmentAbandonment>,
    step: &Step<'_, Commitment>,
    decision: &Decision,
) -> Result<()> {
    let (context, commitment) = (step.context, &step.before);
    let id = commitment.row.id;
    queries::decide(tx, permit, id, (decision.granted, &decision.reason)).await?;
    let ended: &[TodoKind] = match decision.granted {
        true => &[],
        false => &[TodoKind::DecideCommitmentAbandonment],
    };
    settle(tx, id, ended, "decide-abandonment").await?;
    let how = if decision.granted { "同意" } else { "不同意" };
    let told = Told {
        kind: NoticeKind::CommitmentAbandonmentDecided,
        to: vec![commitment.row.department_id, commitment.context.party_id],
        title: format!("{how}终止承诺：{}", commitment.context.title),
        text: format!(
            "市委统战部于{}审核，{how}终止{}。{}",
            chinese_day(tx.today()),
            subject_of(commitment).title,
            decision.reason
        ),
    };
    tell(tx, context.directory, commitment, told).await
}

impl Aggregate for Commitment {
    type Id = Uuid;
    type Recorded = CommitmentView;
    type View = CommitmentView;

    fn subject_id(&self) -> Uuid {
        self.row.id
    }

    /// Its suggestion is held first, by whoever changes either.
    async fn hold(tx: &mut Tx<'_>, id: &Uuid, directory: &Directory) -> Result<Self> {
        let suggestion = queries::suggestion_of(tx.conn, *id).await?;
        let of = suggestions::queries::get_locked(tx, suggestion, directory).await?;
        let today = tx.today();
        let found = queries::get(tx.conn, *id, directory, today).await?;
        tx.holds(found.row.updated_at);
        found.seen_by(&tx.origin.caller, of.suggestion)
    }

    async fn reread(&self, tx: &mut Tx<'_>, directory: &Directory) -> Result<Self> {
        let today = tx.today();
        queries::get(tx.conn, self.row.id, directory, today).await
    }

    fn recorded(&self, tx: &Tx<'_>, directory: &Directory) -> Result<CommitmentView> {
        CommitmentView::new(&self.row, &self.context, directory, tx.today())
    }

    async fn shown(
        &self,
        _: &AsyncPgConnection,
        caller: &Caller,
        directory: &Directory,
        today: NaiveDate,
    ) -> Result<CommitmentView> {
        self.view(caller, directory, today)
    }
}
