//! One runner for the steps of every life cycle: hold and see the thing (404), leave by relation (403), `If-Match` (428, 412), state
//! (409), the step's own work, what came of it, the record. A step says its name and its work; the rest stands here.

use super::Timing;
use super::machine::{Flow, Related, enter};
use crate::directory::Directory;
use crate::policy::{Caller, Operation, Permit};
use crate::problem::{Code, Problem, Result};
use crate::work::{Change, Tx};
use chrono::NaiveDate;
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use std::ops::Deref;
use uuid::Uuid;

/// What a write stands on: directory and calendar, which nobody changes while it runs.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub directory: &'a Directory,
    pub timing: &'a Timing,
}

/// A thing in the hands of whoever takes a step on it, as it was before.
pub struct Step<'a, T> {
    pub context: Context<'a>,
    pub before: T,
}

impl<'a, T> Deref for Step<'a, T> {
    type Target = Context<'a>;
    fn deref(&self) -> &Context<'a> {
        &self.context
    }
}

#[expect(
    async_fn_in_trait,
    reason = "a request stays on its worker's thread: nothing asks whether these futures are Send"
)]
/// A thing whose life is a machine: how a step finds it, and what is told of it afterwards.
pub trait Aggregate: Flow + Sized {
    type Id;
    /// As the audit record has it and others are told.
    type Recorded: Serialize;
    /// As the caller is answered.
    type View: Serialize;

    fn subject_id(&self) -> Uuid;

    /// The thing as the caller sees it, held against all who would change it.
    ///
    /// # Errors
    /// 404 where there is none, or none for the caller.
    async fn hold(tx: &mut Tx<'_>, id: &Self::Id, directory: &Directory) -> Result<Self>;

    /// As the step has left it.
    async fn reread(&self, tx: &mut Tx<'_>, directory: &Directory) -> Result<Self>;

    fn recorded(&self, tx: &Tx<'_>, directory: &Directory) -> Result<Self::Recorded>;

    async fn shown(
        &self,
        conn: &AsyncPgConnection,
        caller: &Caller,
        directory: &Directory,
        today: NaiveDate,
    ) -> Result<Self::View>;

    /// Nobody else's yet: its author edits and deletes it, and its changes are in the audit log alone.
    fn is_draft(&self) -> bool {
        false
    }

    /// Whether a draft is the caller's to edit and delete, where these are no steps of the machine.
    fn is_author(&self, _caller: &Caller) -> bool {
        false
    }

    /// Puts on record what has become of it; `after` is none where it is deleted.
    async fn record<O: Operation>(
        tx: &mut Tx<'_>,
        permit: &Permit<O>,
        event: &'static str,
        directory: &Directory,
        (before, after): (Option<&Self>, Option<&Self>),
    ) -> Result<()> {
        let Some(thing) = after.or(before) else {
            return Ok(());
        };
        let shown = |one: &Self| one.recorded(tx, directory);
        let (was, is) = (before.map(shown).transpose()?, after.map(shown).transpose()?);
        let change = Change::new(event, thing.subject_id(), was.as_ref(), is.as_ref())?;
        let change = if thing.is_draft() {
            change.kept_quiet()
        } else {
            change
        };
        tx.record(permit, change).await
    }

    /// What follows from a step in the same transaction; answers the thing as it is then.
    async fn settled<O: Operation>(
        self,
        _tx: &mut Tx<'_>,
        _permit: &Permit<O>,
        _context: Context<'_>,
    ) -> Result<Self> {
        Ok(self)
    }
}

/// Leave for a step, or for an edit of a draft by its author.
///
/// # Errors
/// 403 by relation, 428 and 412 by `If-Match`, 409 by state.
pub fn leave<O: Operation>(tx: &mut Tx<'_>, thing: &impl Aggregate) -> Result<Permit<O>> {
    if thing.knows(O::OP) {
        return enter::<O>(tx, thing);
    }
    let caller = &tx.origin.caller;
    let is_author = thing.is_author(caller);
    let permit = caller.permit::<O>(&Related(is_author))?;
    if !is_author {
        return Err(Problem::new(Code::NotYours));
    }
    tx.matches(thing.version())?;
    match thing.is_draft() {
        true => Ok(permit),
        false => Err(thing.refusal(O::OP, caller)),
    }
}

/// Takes the step that `O` carries out, and answers the thing as it is afterwards.
///
/// # Errors
/// 404, 403, 428, 412 and 409 in this order, and those of the work.
pub async fn take<O: Operation, T: Aggregate>(
    tx: &mut Tx<'_>,
    context: Context<'_>,
    (id, event): (&T::Id, &'static str),
    work: impl AsyncFn(&mut Tx<'_>, &Permit<O>, &Step<'_, T>) -> Result<()>,
) -> Result<T> {
    let before = T::hold(tx, id, context.directory).await?;
    let permit = leave::<O>(tx, &before)?;
    let step = Step { context, before };
    work(tx, &permit, &step).await?;
    let after = step.before.reread(tx, context.directory).await?;
    T::record(
        tx,
        &permit,
        event,
        context.directory,
        (Some(&step.before), Some(&after)),
    )
    .await?;
    after.settled(tx, &permit, context).await
}

/// Takes the step that deletes the thing.
///
/// # Errors
/// As `take`.
pub async fn delete<O: Operation, T: Aggregate>(
    tx: &mut Tx<'_>,
    context: Context<'_>,
    (id, event): (&T::Id, &'static str),
    work: impl AsyncFn(&mut Tx<'_>, &Permit<O>, &Step<'_, T>) -> Result<()>,
) -> Result<()> {
    let before = T::hold(tx, id, context.directory).await?;
    let permit = leave::<O>(tx, &before)?;
    let step = Step { context, before };
    work(tx, &permit, &step).await?;
    T::record(tx, &permit, event, context.directory, (Some(&step.before), None)).await
}
