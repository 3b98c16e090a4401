use super::carriers::Carrier;
use crate::db::schema::attachments;
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::files::name::{self, NameFault};
use crate::http::extract::Input;
use crate::problem::{Fault, Problem, Result};
use crate::resources::no_secrets;
use crate::text;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = attachments)]
pub struct AttachmentRow {
    pub id: Uuid,
    pub subject_type: Carrier,
    pub subject_id: Uuid,
    pub chain_id: Uuid,
    pub version_number: i32,
    pub file_name: String,
    pub media_type: String,
    pub size: i64,
    pub sha256: Vec<u8>,
    pub object_key: Uuid,
    pub organization_id: Option<Uuid>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl AttachmentRow {
    /// The strong `ETag` of the bytes.
    pub fn content_etag(&self) -> String {
        format!("\"{}\"", hex(&self.sha256))
    }
}

/// As digests are shown.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// 附件
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Attachment)]
pub struct AttachmentView {
    pub id: Uuid,
    pub subject: SubjectView,
    /// As it was given, character by character.
    #[schema(example = "韶府办发函〔2020〕20号.pdf", max_length = 200)]
    pub file_name: String,
    /// By the content of the file.
    #[schema(example = "application/pdf", max_length = 100)]
    pub media_type: String,
    /// In bytes.
    #[schema(example = 183_204, minimum = 1, maximum = 1_073_741_824)]
    pub size: i64,
    /// SHA-256 in lower-case hexadecimal.
    #[schema(
        example = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        pattern = "^[0-9a-f]{64}$",
        min_length = 64,
        max_length = 64
    )]
    pub sha256: String,
    /// 1 for the first; never given twice.
    #[schema(example = 1, minimum = 1)]
    pub version_number: i32,
    /// The version before this one.
    #[schema(required = true, example = json!(null))]
    pub replaces: Option<Uuid>,
    /// The version after this one; null for the current one.
    #[schema(required = true, example = json!(null))]
    pub superseded_by: Option<Uuid>,
    pub uploaded_by: UploaderView,
    pub created_at: DateTime<Utc>,
    /// When a version beside it was added or removed, or its uploader was renamed.
    pub updated_at: DateTime<Utc>,
}

/// 附件所属对象
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AttachmentSubject)]
pub struct SubjectView {
    #[serde(rename = "type")]
    pub kind: Carrier,
    pub id: Uuid,
}

/// 上传单位
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AttachmentUploader)]
pub struct UploaderView {
    /// Null: an account that acts for no organization.
    #[schema(required = true)]
    pub organization: Option<OrganizationRef>,
}

/// Neighbours of a version among those that were not removed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Neighbours {
    pub before: Option<Uuid>,
    pub after: Option<Uuid>,
}

impl AttachmentView {
    pub fn new(
        row: &AttachmentRow,
        neighbours: Neighbours,
        directory: &Directory,
        day: NaiveDate,
    ) -> Result<Self> {
        let kind = row.subject_type;
        let AttachmentRow {
            id,
            subject_type: _,
            subject_id,
            chain_id: _,
            version_number,
            file_name,
            media_type,
            size,
            sha256,
            object_key: _,
            organization_id,
            version: _,
            created_at,
            updated_at,
        } = row.clone();
        Ok(Self {
            id,
            subject: SubjectView { kind, id: subject_id },
            file_name,
            media_type,
            size,
            sha256: hex(&sha256),
            version_number,
            replaces: neighbours.before,
            superseded_by: neighbours.after,
            uploaded_by: UploaderView {
                organization: organization_id
                    .map(|organization| directory.reference(organization, day))
                    .transpose()?,
            },
            created_at,
            updated_at: directory.changed_at(updated_at, organization_id, day),
        })
    }
}

/// 上传附件: the parts of the form; `file` is the last.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAttachment {
    pub subject_type: Carrier,
    pub subject_id: Uuid,
    /// That the file holds no state secrets (涉密), which are not handled here.
    #[schema(example = true)]
    pub no_secrets: bool,
    /// The attachment of which this is the new version; it hangs on the same record.
    #[schema(nullable = false)]
    #[serde(default)]
    pub replaces: Option<Uuid>,
    /// PDF, OFD, DOC, DOCX, XLS, XLSX, PNG, JPEG or ZIP, with a name that ends accordingly (`filename*` or `filename`, 200
    /// characters). In the service this member is the name alone.
    #[schema(value_type = String, format = Binary)]
    pub file: String,
}

impl Input for NewAttachment {
    fn check(&self, faults: &mut Vec<Fault>) {
        no_secrets::check(self.no_secrets, faults);
        // Control characters and blanks are every text's fault, and named by then.
        let named = text::fault_of(&self.file).is_some() || text::is_blank(&self.file);
        if let Some(fault) = name::check(&self.file).err().filter(|_| !named) {
            faults.push(name_fault(fault));
        }
    }
}

fn name_fault(fault: NameFault) -> Fault {
    let (code, zh, en) = match fault {
        NameFault::Missing => ("blank", "文件须有文件名。", "The file needs a name."),
        NameFault::TooLong => (
            "name_too_long",
            "文件名不得超过 200 个字。",
            "The file's name may have 200 characters at most.",
        ),
        NameFault::Path => (
            "name_is_path",
            "文件名不得含有路径。",
            "The file's name must not be a path.",
        ),
        NameFault::Reserved => (
            "name_reserved",
            "文件名不得是 . 或 ..，首尾不得有空格。",
            "The file's name must not be . or .., nor begin or end with a space.",
        ),
        NameFault::ForbiddenCharacter => (
            "forbidden_character",
            "文件名含有不允许的字符。",
            "The file's name holds a character that is not allowed.",
        ),
    };
    Fault::at("/file", code, zh, en)
}

/// What the name says is not what the content says.
pub fn type_mismatch() -> Problem {
    Problem::invalid(vec![Fault::at(
        "/file",
        "type_mismatch",
        "文件名的扩展名与内容的类型不符。",
        "The ending of the file's name does not fit its content.",
    )])
}

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AttachmentFilter {
    /// The kind of record.
    pub subject_type: Carrier,
    /// The record.
    pub subject_id: Uuid,
    /// Superseded versions, too.
    #[param(default = false)]
    #[serde(default)]
    pub include_ended: bool,
    /// Changed at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
    #[param(inline)]
    #[serde(default)]
    pub sort: AttachmentSort,
}

/// Order of the list; `created_at` where not given.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
pub enum AttachmentSort {
    #[default]
    #[serde(rename = "created_at")]
    Oldest,
    #[serde(rename = "-created_at")]
    Newest,
}
