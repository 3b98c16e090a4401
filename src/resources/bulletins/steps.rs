//! What each step changes, whom it tells, and what waits then.

use super::found;
use super::model::WithdrawBulletin;
use crate::db::schema::bulletins;
use crate::directory::Directory;
use crate::directory::model::Organization;
use crate::language::Language;
use crate::policy::{Caller, Permit, ops};
use crate::problem::{Code, Problem, Result};
use crate::resources::bulletins::model::BulletinView;
use crate::resources::bulletins::policy::Bulletin;
use crate::resources::bulletins::{queries, recipients};
use crate::resources::organizations::on_behalf::{self, how};
use crate::work::Tx;
use crate::workflow::notices::{self, Notice, NoticeKind};
use crate::workflow::step::{Aggregate, Step};
use crate::workflow::subjects::{Subject, SubjectType, chinese_day};
use crate::workflow::todos::{self, Done, NewTodo, TodoKind, Until};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Characters of the text that a notice quotes.
const QUOTED: usize = 200;

fn subject(id: Uuid, sender: &str, title: &str) -> Subject {
    Subject::new(SubjectType::Bulletin, id, format!("{sender}发来的信息：{title}"))
}

/// Sends a draft: to those that it names, or that liaise with the sender today. Each has it to acknowledge.
///
/// # Errors
/// 409 `no_recipients`.
pub async fn send(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::SendBulletin>,
    step: &Step<'_, Bulletin>,
) -> Result<()> {
    let (draft, directory) = (&step.before, step.directory);
    let (id, today) = (draft.row.id, tx.today());
    let sender = directory
        .acting(draft.row.sender_id, today)
        .ok_or_else(Problem::not_found)?;
    let to: Vec<Uuid> = draft.recipients.iter().map(|one| one.organization_id).collect();
    if to.is_empty() {
        return Err(Problem::new(Code::NoRecipients));
    }
    let rows = recipients::rows(directory, sender, id, &to, today);
    queries::send(tx, permit, id, sender, rows).await?;
    found::follow(tx, &draft.row, sender.id, &to).await?;
    let subject = subject(id, &sender.name_on(today).name, &draft.row.title);
    let waiting: Vec<NewTodo<'_>> = to
        .iter()
        .map(|organization| NewTodo {
            organization: *organization,
            kind: TodoKind::AcknowledgeBulletin,
            subject: &subject,
            until: Until::TermFrom(today),
        })
        .collect();
    todos::open(tx, step.timing, &waiting).await?;
    let notice = notice_of_sending(tx, directory, sender, draft, &subject)?;
    notices::send(tx, &to, &notice).await?;
    if draft.row.recorded_on_behalf {
        let what = format!("《{}》，已发送主送单位。", draft.row.title);
        on_behalf::tell(tx, sender.id, &subject, &what).await?;
    }
    Ok(())
}

fn notice_of_sending<'a>(
    tx: &Tx<'_>,
    directory: &Directory,
    sender: &Organization,
    draft: &Bulletin,
    subject: &'a Subject,
) -> Result<Notice<'a>> {
    let view = BulletinView::new(draft, directory)?;
    let category = view.category.label().get(Language::Chinese);
    let name = &sender.name_on(tx.today()).name;
    let title = &view.title;
    Ok(Notice {
        kind: NoticeKind::BulletinSent,
        level: None,
        subject,
        title: format!("{name}发来信息：{title}"),
        text: format!(
            "{name}于{}发来《{title}》（{category}）{}：{}请查阅并签收。信息地址：{}",
            chinese_day(tx.today()),
            how(draft.row.recorded_on_behalf),
            quoted(&view.text),
            subject.kind.path(view.id)
        ),
    })
}

/// The beginning of a long text.
fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}……", &text[..end]),
        None => text.to_owned(),
    }
}

/// 签收, for the caller's organization and those that it acts for.
pub async fn acknowledge(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::AcknowledgeBulletin>,
    step: &Step<'_, Bulletin>,
) -> Result<()> {
    let bulletin = &step.before;
    let own: Vec<Uuid> = bulletin
        .receipts_of(permit.caller())
        .map(|receipt| receipt.organization_id)
        .collect();
    queries::acknowledge(tx, permit, bulletin.row.id, &own).await?;
    for organization in own {
        let done = Done {
            kinds: &[TodoKind::AcknowledgeBulletin],
            organization: Some(organization),
        };
        todos::close(tx, bulletin.row.id, done).await?;
    }
    Ok(())
}

/// 撤回: nobody has to acknowledge it any longer, and all who got it are told why.
pub async fn withdraw(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::WithdrawBulletin>,
    step: &Step<'_, Bulletin>,
    body: &WithdrawBulletin,
) -> Result<()> {
    let (bulletin, directory) = (&step.before, step.directory);
    let row = &bulletin.row;
    queries::withdraw(tx, permit, row.id, &body.reason).await?;
    todos::close(tx, row.id, Done::default()).await?;
    let sender = directory.reference(row.sender_id, bulletin.day())?.name;
    let subject = subject(row.id, &sender, &row.title);
    let notice = Notice {
        kind: NoticeKind::BulletinWithdrawn,
        level: None,
        subject: &subject,
        title: format!("{sender}撤回信息：{}", row.title),
        text: format!(
            "{sender}于{}撤回{}发出的《{}》，请勿再行引用。撤回原因：{} 信息地址：{}",
            chinese_day(tx.today()),
            chinese_day(bulletin.day()),
            row.title,
            body.reason,
            subject.kind.path(row.id)
        ),
    };
    notices::send(tx, &bulletin.told(), &notice).await
}

impl Aggregate for Bulletin {
    type Id = Uuid;
    type Recorded = BulletinView;
    type View = BulletinView;

    fn subject_id(&self) -> Uuid {
        self.row.id
    }

    async fn hold(tx: &mut Tx<'_>, id: &Uuid, directory: &Directory) -> Result<Self> {
        let changed_at = bulletins::table
            .find(id)
            .select(bulletins::updated_at)
            .for_update()
            .first(tx.conn)
            .await?;
        tx.holds(changed_at);
        let today = tx.today();
        let found = queries::get(tx.conn, *id, directory, today).await?;
        found.seen_by(&tx.origin.caller)
    }

    async fn reread(&self, tx: &mut Tx<'_>, directory: &Directory) -> Result<Self> {
        let today = tx.today();
        queries::get(tx.conn, self.row.id, directory, today).await
    }

    fn recorded(&self, _: &Tx<'_>, directory: &Directory) -> Result<BulletinView> {
        BulletinView::new(self, directory)
    }

    async fn shown(
        &self,
        _: &AsyncPgConnection,
        caller: &Caller,
        directory: &Directory,
        _: NaiveDate,
    ) -> Result<BulletinView> {
        BulletinView::for_caller(caller, self, directory)
    }

    fn is_draft(&self) -> bool {
        Bulletin::is_draft(self)
    }

    fn is_author(&self, caller: &Caller) -> bool {
        self.is_from(caller)
    }
}
