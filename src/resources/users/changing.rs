//! What the changes of an account share: the leave, the lock, the record, and tokens that are out at once.

use super::model::{UserRow, UserView};
use super::queries;
use crate::directory::Directory;
use crate::http::call::Call;
use crate::http::idempotency::Answer;
use crate::policy::{Operation, Permit, Role};
use crate::problem::{Code, Problem, Result};
use crate::work::{Change, Tx};
use serde_json::Value;
use std::cell::Cell;
use std::sync::Arc;
use uuid::Uuid;

/// What the changes of an account share.
pub(super) struct Changing<'c, O> {
    call: &'c Call,
    pub(super) permit: Permit<O>,
    pub(super) directory: Arc<Directory>,
    pub(super) id: Uuid,
    pub(super) username: String,
    /// The account and its new epoch, where the change takes rights away: for `withdraw`.
    pub(super) withdrawn: Cell<Option<(Uuid, i64)>>,
}

/// An account before a change.
pub(super) struct Before {
    pub(super) row: UserRow,
    pub(super) view: UserView,
}

impl<'c, O: Operation> Changing<'c, O> {
    pub(super) async fn new(call: &'c Call, id_or_name: &str) -> Result<Self> {
        let permit = call.caller.permit_any::<O>()?;
        let connection = call.reads().await?;
        let (row, _) = queries::find(&mut &*connection, id_or_name, call.now).await?;
        Ok(Self {
            call,
            permit,
            directory: call.directory().await?,
            id: row.id,
            username: row.username,
            withdrawn: Cell::new(None),
        })
    }

    /// The account, with whoever else changes it kept out: 428 or 412 where the client knows another version.
    pub(super) async fn locked(&self, tx: &mut Tx<'_>) -> Result<Before> {
        queries::lock(tx, self.id).await?;
        let (row, view) = self.read(tx).await?;
        tx.matches(row.version)?;
        Ok(Before { row, view })
    }

    async fn read(&self, tx: &mut Tx<'_>) -> Result<(UserRow, UserView)> {
        let (now, today) = (tx.now(), tx.today());
        let (row, locked) = queries::find(tx.conn, &self.id.to_string(), now).await?;
        let view = UserView::new(&row, locked, &self.directory, today)?;
        Ok((row, view))
    }

    pub(super) fn refuse_own(&self, account: &Before) -> Result<()> {
        if self.call.caller.user_id() == Some(account.row.id) {
            return Err(Problem::new(Code::OwnAccount));
        }
        Ok(())
    }

    /// Whoever sets the password of another administrator could become that one.
    pub(super) fn refuse_administrator(&self, account: &Before) -> Result<()> {
        match account.row.role {
            Some(Role::Admin | Role::SecurityAdmin | Role::Auditor) => Err(Problem::new(Code::NotYours).detail(
                "三员分立：管理员的密码只能在服务器上用 liaison user reset-password 重置。",
                "The passwords of the three administrators are reset on the server: liaison user reset-password.",
            )),
            _ => Ok(()),
        }
    }

    /// Whoever grants an administrator's role learns a one-time password, which is good together with the one from before: who
    /// knows that one as well would be two administrators.
    pub(super) fn refuse_known_password(&self, account: &Before) -> Result<()> {
        let set_by_caller = account.row.password_set_by.as_ref() == Some(&self.call.caller.username);
        if set_by_caller && account.row.grant_proof.is_none() {
            return Err(Problem::new(Code::NotYours).detail(
                "三员分立：该账号现在的密码由您设置，管理员角色须由另一位安全管理员授予。",
                "You have set this account's password: another security administrator grants it an administrator's role.",
            ));
        }
        Ok(())
    }

    /// Puts the change on record, with what its view does not show, and answers with the account as it is then.
    pub(super) async fn finish(
        &self,
        tx: &mut Tx<'_>,
        event: &'static str,
        before: &Before,
        besides: Value,
        answer: impl Fn(i64, &UserView) -> Result<Answer>,
    ) -> Result<Answer> {
        let (row, view) = self.read(tx).await?;
        let mut change = Change::new(event, row.id, Some(&before.view), Some(&view))?;
        if let (Some(Value::Object(after)), Value::Object(besides)) = (&mut change.after, besides) {
            after.extend(besides);
        }
        tx.record(&self.permit, change).await?;
        answer(row.version, &view)
    }

    /// After the commit: tokens that carry what was taken away are out on this instance.
    pub(super) fn withdraw(&self) {
        if let Some((id, epoch)) = self.withdrawn.get() {
            self.call.worker.revocations.withdraw_account(id, epoch);
        }
    }
}
