//! What attachments hang on, and what a caller may do with them. Which rights a record gives stands in `resources::carriers`.

use super::model::AttachmentRow;
use crate::db::schema::{self, suggestion_communications as communications, suggestion_replies as replies};
use crate::directory::Directory;
use crate::policy::{Caller, Governed, Reach};
use crate::problem::{Code, Problem, Result};
use crate::vocabulary::enumeration;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

enumeration! {
    /// 附件所属对象: the kind of record that an attachment hangs on.
    #[schema(as = AttachmentCarrier)]
    pub enum Carrier {
        /// 方案原文
        Scheme ["对口联系方案", "Scheme"],
        /// 任命依据: the paper that an appointment rests on
        LiaisonLeader ["联络负责人任命", "Appointment of a liaison leader"],
        /// 问题反映材料
        ProblemReport ["问题反映", "Problem report"],
        /// 日常信息附件
        Bulletin ["日常信息", "Bulletin"],
        /// 会议材料及成果: papers of a meeting, and what came of it
        Meeting ["对口联系活动", "Meeting"],
        /// 意见建议材料
        Suggestion ["意见建议", "Suggestion"],
        /// 沟通记录材料
        SuggestionCommunication ["意见建议沟通", "Communication on a suggestion"],
        /// 答复原件: the signed PDF or OFD of a reply
        SuggestionReply ["意见建议答复", "Reply to a suggestion"],
        /// 计划附件
        WorkPlan ["年度工作计划", "Work plan"],
        /// 报告附件
        WorkReport ["工作情况报告", "Work report"],
    }
}

/// What a caller may do with the attachments of a record that it sees. Who sees the record reads them.
#[derive(Clone, Copy, Debug)]
pub struct Rights {
    /// Upload; replace and remove what one has attached oneself.
    pub attach: bool,
    /// It has been submitted, sent, signed or concluded, or something was built on it: what hangs on it may be superseded, but
    /// is never removed. The database function `attachment_is_kept` says the same.
    pub kept: bool,
    /// Other systems learn of changes; of a draft's they do not.
    pub announced: bool,
    /// They may hold personal data, so that each download is put on record.
    pub personal: bool,
}

/// Whether a record has to stay while it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// For a read.
    No,
    /// Until the end of the transaction (`FOR NO KEY UPDATE`): nothing is attached to what is just being deleted, and two who
    /// replace the same version come one after the other.
    Yes,
}

impl Carrier {
    /// Version and last change of a record, which what hangs on it shares; of a communication or reply those of its suggestion.
    ///
    /// # Errors
    /// 404 where there is none.
    pub async fn mark(self, mut conn: &AsyncPgConnection, id: Uuid) -> Result<(i64, DateTime<Utc>)> {
        macro_rules! of {
            ($table:ident, $id:expr) => {
                schema::$table::table
                    .find($id)
                    .select((schema::$table::version, schema::$table::updated_at))
                    .first(&mut conn)
                    .await?
            };
        }
        Ok(match self {
            Self::Scheme => of!(schemes, id),
            Self::LiaisonLeader => of!(liaison_leaders, id),
            Self::ProblemReport => of!(problem_reports, id),
            Self::Bulletin => of!(bulletins, id),
            Self::Meeting => of!(meetings, id),
            Self::Suggestion => of!(suggestions, id),
            Self::SuggestionCommunication => {
                let of = communications::table
                    .find(id)
                    .select(communications::suggestion_id);
                let suggestion: Uuid = of.first(&mut conn).await?;
                of!(suggestions, suggestion)
            }
            Self::SuggestionReply => {
                let of = replies::table.find(id).select(replies::suggestion_id);
                let suggestion: Uuid = of.first(&mut conn).await?;
                of!(suggestions, suggestion)
            }
            Self::WorkPlan => of!(work_plans, id),
            Self::WorkReport => of!(work_reports, id),
        })
    }
}

impl Governed for Rights {
    fn within(&self, _: &Caller, reach: Reach) -> bool {
        reach == Reach::Carrier && self.attach
    }
}

/// One paper that hangs on a record, in the hands of who would replace or remove it: nobody but who attached it, or acts for
/// that organization today.
#[derive(Clone, Copy, Debug)]
pub struct Paper {
    pub rights: Rights,
    /// Who acts today for the organization that attached it.
    pub acting: Option<Uuid>,
}

impl Paper {
    pub fn new(rights: Rights, row: &AttachmentRow, directory: &Directory, today: NaiveDate) -> Self {
        let attached_by = row.organization_id;
        let acting = attached_by.and_then(|organization| directory.acting(organization, today));
        Self {
            rights,
            acting: acting.map(|organization| organization.id),
        }
    }

    fn is_of(&self, caller: &Caller) -> bool {
        self.acting.is_some_and(|organization| caller.is_of(organization))
    }

    /// # Errors
    /// 409: it stays with its record.
    pub fn removable(&self) -> Result<()> {
        match self.rights.kept {
            true => Err(Problem::new(Code::AttachmentKept)),
            false => Ok(()),
        }
    }
}

impl Governed for Paper {
    /// Who attached to what is kept by now is told so (409), rather than that it is not theirs.
    fn within(&self, caller: &Caller, reach: Reach) -> bool {
        reach == Reach::Carrier && self.is_of(caller) && (self.rights.attach || self.rights.kept)
    }
}
