//! What each step changes, whom it tells, and what waits then.

pub mod drafting;
pub mod evaluating;
pub mod filing;
pub mod handling;
pub mod replying;
pub mod signing;
pub mod talking;

use super::policy::Suggestion;
use super::writes::{Advance, Line, advance, write_line};
use crate::directory::Directory;
use crate::directory::model::Kind;
use crate::policy::{Caller, Operation, Permit};
use crate::problem::{Problem, Result};
use crate::resources::suggestions::model::{Evaluation, Filing, HandlingRole, Mediation, SuggestionState};
use crate::resources::suggestions::policy::Dossier;
use crate::resources::suggestions::view::SuggestionView;
use crate::resources::suggestions::{found, queries, steps};
use crate::work::{Change, Tx};
use crate::workflow::notices::{self, Notice, NoticeKind};
use crate::workflow::step::{self, Aggregate, Context, Step};
use crate::workflow::subjects::{Subject, SubjectType, chinese_day};
use crate::workflow::todos::{self, Done, NewTodo, TodoKind, Until};
use chrono::NaiveDate;
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

/// A change for audit log and outbox; of a draft for the audit log alone.
pub fn changed(
    event: &'static str,
    directory: &Directory,
    before: Option<&Dossier>,
    after: &Dossier,
) -> Result<Change> {
    let shown = |one: &Dossier| SuggestionView::announced(one, directory);
    let before = before.map(shown).transpose()?;
    let id = after.suggestion.head.id;
    let change = Change::new(event, id, before.as_ref(), Some(&shown(after)?))?;
    Ok(match after.suggestion.state {
        SuggestionState::Draft => change.kept_quiet(),
        _ => change,
    })
}

fn is_complete(suggestion: &Suggestion) -> bool {
    suggestion.state == SuggestionState::Replied
        && suggestion.filing == Filing::Filed
        && matches!(suggestion.evaluation, Evaluation::Received | Evaluation::Lapsed)
        && suggestion.mediation != Mediation::Needed
}

/// 办结: filed, evaluated or lapsed, and mediated where that was needed. Nothing waits any longer but what was promised.
pub async fn conclude_if_complete(
    tx: &mut Tx<'_>,
    context: Context<'_>,
    dossier: &Dossier,
) -> Result<Option<(Dossier, Change)>> {
    let suggestion = &dossier.suggestion;
    if !is_complete(suggestion) {
        return Ok(None);
    }
    let id = suggestion.head.id;
    let changes = Advance {
        state: Some(SuggestionState::Concluded),
        concluded_at: Some(tx.now()),
        ..Advance::default()
    };
    advance(tx, id, changes).await?;
    let line = Line {
        step: "conclude",
        round: suggestion.head.round,
        state: SuggestionState::Concluded,
        by_nobody: true,
        ..Line::default()
    };
    write_line(tx, id, line).await?;
    todos::close_by(tx, id, Done::default(), Some("conclude")).await?;
    let case = Step {
        context,
        before: dossier.clone(),
    };
    let (name, day) = (case.name(), chinese_day(tx.today()));
    let told = Told {
        kind: NoticeKind::SuggestionConcluded,
        to: case.everybody(),
        title: format!("意见建议已办结：{}", suggestion.head.title),
        text: format!("{name}已于{day}办结。"),
    };
    case.tell(tx, told).await?;
    let after = queries::get(tx.conn, id, context.directory, tx.today()).await?;
    let change = changed("suggestion.concluded", context.directory, Some(dossier), &after)?;
    Ok(Some((after, change)))
}

/// A notice: of what kind, to whom, in what words. Where the suggestion is found is added.
pub struct Told {
    pub kind: NoticeKind,
    pub to: Vec<Uuid>,
    pub title: String,
    pub text: String,
}

impl Step<'_, Dossier> {
    pub fn suggestion(&self) -> &Suggestion {
        &self.before.suggestion
    }

    pub fn id(&self) -> Uuid {
        self.suggestion().head.id
    }

    /// What it is called in to-dos and notices: 民盟市委会意见建议〔2026〕民盟-教育-003《关于……的建议》
    pub fn name(&self) -> String {
        let head = &self.suggestion().head;
        let number = head.number.as_deref().unwrap_or_default();
        format!("{}意见建议{number}《{}》", self.called(head.party_id), head.title)
    }

    pub fn subject(&self) -> Subject {
        Subject::new(SubjectType::Suggestion, self.id(), self.name())
    }

    /// An organization by its name of today.
    pub fn called(&self, organization: Uuid) -> String {
        let found = self.context.directory.get(organization);
        found.map_or_else(String::new, |found| {
            found.name_on(self.suggestion().today).name.clone()
        })
    }

    /// Several of them: 市教育局、市卫生健康局
    pub fn called_together(&self, organizations: &[Uuid]) -> String {
        let names: Vec<String> = organizations.iter().map(|id| self.called(*id)).collect();
        names.join("、")
    }

    /// By whom a step is taken, as notices say it.
    pub fn actor(&self, tx: &Tx<'_>) -> String {
        let own = tx.origin.caller.organization.as_ref();
        own.map_or_else(|| "系统".to_owned(), |own| self.called(own.id))
    }

    pub fn coordinator(&self) -> Result<Uuid> {
        let office = self.context.directory.of_kind(Kind::Coordinator).next();
        office
            .map(|office| office.id)
            .ok_or_else(|| Problem::internal("there is no coordinator in the directory"))
    }

    pub fn party(&self) -> Uuid {
        self.suggestion().head.party_id
    }

    pub fn lead(&self) -> Uuid {
        self.suggestion().head.lead_department_id
    }

    /// The parties that are to sign, too.
    pub fn joint_parties(&self) -> Vec<Uuid> {
        let signing = self.suggestion().signatures.iter();
        signing.map(|one| one.party_id).collect()
    }

    /// The party that raises it and those that have signed.
    pub fn parties(&self) -> Vec<Uuid> {
        std::iter::once(self.party())
            .chain(self.joint_parties())
            .collect()
    }

    pub fn joint(&self) -> Vec<Uuid> {
        self.suggestion().joint().map(|one| one.department_id).collect()
    }

    /// Those departments that handle it now, the lead first.
    pub fn departments(&self) -> Vec<Uuid> {
        std::iter::once(self.lead()).chain(self.joint()).collect()
    }

    /// All whom it concerns, but for who only receives copies.
    pub fn everybody(&self) -> Vec<Uuid> {
        let coordinator = self.coordinator().ok();
        let all = self.parties().into_iter().chain(self.departments());
        all.chain(coordinator).collect()
    }

    /// Tells who acts for them today, each once; who takes the step knows.
    pub async fn tell(&self, tx: &mut Tx<'_>, told: Told) -> Result<()> {
        let directory = self.context.directory;
        let mut to: Vec<Uuid> = Vec::with_capacity(told.to.len());
        for organization in told.to {
            let acting = directory.acting(organization, tx.today()).map(|acting| acting.id);
            if let Some(acting) = acting
                && !tx.origin.caller.is_of(acting)
                && !to.contains(&acting)
            {
                to.push(acting);
            }
        }
        if to.is_empty() {
            return Ok(());
        }
        let subject = self.subject();
        let notice = Notice {
            kind: told.kind,
            level: None,
            subject: &subject,
            title: told.title,
            text: format!("{}事项地址：{}", told.text, subject.kind.path(self.id())),
        };
        notices::send(tx, &to, &notice).await
    }

    /// Something to do, for each of some organizations.
    pub async fn ask(
        &self,
        tx: &mut Tx<'_>,
        step: &str,
        (kind, until): (TodoKind, Until),
        of: &[Uuid],
    ) -> Result<()> {
        let subject = self.subject();
        let new: Vec<NewTodo<'_>> = of
            .iter()
            .map(|organization| NewTodo {
                organization: *organization,
                kind,
                subject: &subject,
                until,
            })
            .collect();
        todos::open_by(tx, self.context.timing, &new, Some(step)).await?;
        Ok(())
    }

    /// What waited no longer does.
    pub async fn settle(&self, tx: &mut Tx<'_>, step: &str, kinds: &[TodoKind]) -> Result<()> {
        let done = Done {
            kinds,
            organization: None,
        };
        todos::close_by(tx, self.id(), done, Some(step)).await
    }

    /// A line of the timeline that leaves state and round as they are.
    pub fn line<'l>(&self, step: &'static str, text: Option<&'l str>) -> Line<'l> {
        Line {
            step,
            round: self.suggestion().head.round,
            state: self.suggestion().state,
            text,
            ..Line::default()
        }
    }

    /// The joint departments that have not spoken.
    pub fn silent(&self) -> Vec<Uuid> {
        let joint = self
            .suggestion()
            .joint()
            .filter(|one| one.role == HandlingRole::Joint);
        joint
            .filter(|one| one.opinion_at.is_none())
            .map(|one| one.department_id)
            .collect()
    }
}

impl Aggregate for Dossier {
    type Id = Uuid;
    type Recorded = SuggestionView;
    type View = SuggestionView;

    fn subject_id(&self) -> Uuid {
        self.suggestion.head.id
    }

    async fn hold(tx: &mut Tx<'_>, id: &Uuid, directory: &Directory) -> Result<Self> {
        let found = queries::get_locked(tx, *id, directory).await?;
        found.seen_by(&tx.origin.caller)
    }

    async fn reread(&self, tx: &mut Tx<'_>, directory: &Directory) -> Result<Self> {
        let today = tx.today();
        queries::get(tx.conn, self.subject_id(), directory, today).await
    }

    fn recorded(&self, _: &Tx<'_>, directory: &Directory) -> Result<SuggestionView> {
        SuggestionView::announced(self, directory)
    }

    async fn shown(
        &self,
        _: &AsyncPgConnection,
        caller: &Caller,
        directory: &Directory,
        _: NaiveDate,
    ) -> Result<SuggestionView> {
        SuggestionView::for_caller(caller, self, directory)
    }

    fn is_draft(&self) -> bool {
        self.suggestion.state == SuggestionState::Draft
    }

    /// It is found by what it says now, and concluded where the step was the last that it waited for.
    async fn settled<O: Operation>(
        self,
        tx: &mut Tx<'_>,
        permit: &Permit<O>,
        context: step::Context<'_>,
    ) -> Result<Self> {
        found::follow(tx, O::OP, &self).await?;
        match steps::conclude_if_complete(tx, context, &self).await? {
            None => Ok(self),
            Some((concluded, change)) => {
                tx.record(permit, change).await?;
                Ok(concluded)
            }
        }
    }
}
