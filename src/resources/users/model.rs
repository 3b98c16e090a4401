use crate::auth::password_policy::PasswordFault;
use crate::db::schema::users;
use crate::directory::Directory;
use crate::directory::model::{Kind, Organization as DirectoryEntry, OrganizationRef};
use crate::http::extract::Input;
use crate::language::Text;
use crate::policy::Role;
use crate::problem::{Fault, Place, Result};
use crate::vocabulary::enumeration;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// No `Debug`: the hash is no matter for a log.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct UserRow {
    pub id: Uuid,
    pub username: String,
    pub display_name: String,
    pub role: Option<Role>,
    pub organization_id: Option<Uuid>,
    pub password_hash: String,
    pub password_changed_at: DateTime<Utc>,
    pub must_change_password: bool,
    pub disabled_at: Option<DateTime<Utc>>,
    pub token_epoch: i64,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by: Option<String>,
    pub password_set_by: Option<String>,
    pub grant_proof: Option<String>,
}

enumeration! {
    /// 账号状态
    pub enum UserState {
        Active ["正常", "Active"],
        Disabled ["已停用", "Disabled"],
        /// From one address at least, after failed log-ins; passes by itself.
        Locked ["已锁定", "Locked after failed log-ins"],
    }
}

/// 账号
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserView {
    pub id: Uuid,
    #[schema(example = "department-education", max_length = 64)]
    pub username: String,
    #[schema(example = "市教育局联络员", max_length = 100)]
    pub display_name: String,
    /// Null: it can log in and see itself, nothing else.
    #[schema(required = true)]
    pub role: Option<Role>,
    /// For which it acts; null for the three administrators.
    #[schema(required = true)]
    pub organization: Option<OrganizationRef>,
    pub state: UserState,
    /// Whether its password is a one-time one, still to be replaced by its owner.
    pub must_change_password: bool,
    pub password_changed_at: DateTime<Utc>,
    /// User name of whoever set the password: its owner, or who may know it. `command line` is the server's own; null: from
    /// before this was kept.
    #[schema(required = true, example = "admin", max_length = 64)]
    pub password_set_by: Option<String>,
    pub created_at: DateTime<Utc>,
    /// User name of whoever made the account.
    #[schema(required = true, example = "admin", max_length = 64)]
    pub created_by: Option<String>,
    pub updated_at: DateTime<Utc>,
}

impl UserView {
    pub fn new(row: &UserRow, locked: bool, directory: &Directory, day: NaiveDate) -> Result<Self> {
        let UserRow {
            id,
            username,
            display_name,
            role: _,
            organization_id,
            password_hash: _,
            password_changed_at,
            must_change_password,
            disabled_at,
            token_epoch: _,
            version: _,
            created_at,
            updated_at,
            created_by,
            password_set_by,
            grant_proof: _,
        } = row;
        Ok(Self {
            id: *id,
            username: username.clone(),
            display_name: display_name.clone(),
            role: row.role,
            organization: organization_id
                .map(|id| directory.reference(id, day))
                .transpose()?,
            state: match () {
                () if disabled_at.is_some() => UserState::Disabled,
                () if locked => UserState::Locked,
                () => UserState::Active,
            },
            must_change_password: *must_change_password,
            password_changed_at: *password_changed_at,
            password_set_by: password_set_by.clone(),
            created_at: *created_at,
            created_by: created_by.clone(),
            updated_at: directory.changed_at(*updated_at, *organization_id, day),
        })
    }
}

/// 账号及一次性密码. No `Debug`: the password is shown once, to its asker.
#[derive(Serialize, ToSchema)]
pub struct UserWithPassword {
    #[serde(flatten)]
    pub user: UserView,
    /// Shown once, and good only to set another; null where none was made, and in a repeated answer.
    #[schema(required = true, example = "Kx7mP-w3Rt-9fHd-Qe4n", max_length = 128)]
    pub one_time_password: Option<String>,
    /// With the grant of an administrator's role: who had set the password from before, and may know it beside its owner.
    #[schema(required = true, example = json!(null), max_length = 64)]
    pub former_password_set_by: Option<String>,
}

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UserFilter {
    #[serde(default)]
    pub role: Vec<Role>,
    /// Id or code of the organization that they act for.
    #[param(min_length = 1, max_length = 64)]
    #[serde(default)]
    pub organization: Vec<String>,
    /// Only the disabled, or only those that are not.
    pub disabled: Option<bool>,
    /// Only those that have no role yet.
    #[param(default = false)]
    #[serde(default)]
    pub without_role: bool,
    /// Part of the user name or the display name.
    #[param(min_length = 1, max_length = 50)]
    pub q: Option<String>,
    /// Changed at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
    #[param(inline)]
    #[serde(default)]
    pub sort: UserSort,
}

/// Order of the list; `username` where not given.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
pub enum UserSort {
    #[default]
    #[serde(rename = "username")]
    Username,
    #[serde(rename = "-created_at")]
    Newest,
}

/// 新账号. No `Debug`: it may hold a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    #[schema(
        example = "department-data",
        min_length = 2,
        max_length = 64,
        pattern = "^[a-z][a-z0-9._-]{1,63}$"
    )]
    pub username: String,
    #[schema(example = "市政务和数据局联络员", max_length = 100)]
    pub display_name: String,
    /// First password, to be changed at the first log-in; one is made where not given.
    #[schema(example = json!(null), max_length = 1000, format = Password)]
    #[serde(default)]
    pub password: Option<String>,
}

impl Input for NewUser {}

/// 账号更正 (RFC 7396)
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchUser {
    #[schema(example = "市教育局办公室", max_length = 100, nullable = false)]
    #[serde(default)]
    pub display_name: Option<String>,
}

impl Input for PatchUser {}

/// 停用
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisableUser {
    /// Goes on record.
    #[schema(example = "调离", max_length = 500)]
    #[serde(default)]
    pub reason: Option<String>,
}

impl Input for DisableUser {}

/// 角色与单位
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUserRole {
    /// Null takes the role away.
    #[schema(required = true, example = "department")]
    pub role: Option<Role>,
    /// Id or code; of the kind that the role acts for. The two offices need not be named, the three administrators
    /// have none.
    #[schema(example = "education", max_length = 64, extensions(("x-reference" = json!("organization"))))]
    #[serde(default)]
    pub organization: Option<String>,
}

impl Input for SetUserRole {
    fn check(&self, faults: &mut Vec<Fault>) {
        faults.extend(self.fits().err().map(|fault| fault.at("/organization")));
    }
}

/// What is wrong with the organization of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleFault {
    /// The role acts for none.
    NotForRole,
    /// The role acts for one, and there are many of the kind.
    Missing,
    /// There is none of that name and kind, or it has ended.
    Unknown,
}

impl RoleFault {
    pub fn at(self, pointer: &str) -> Fault {
        match self {
            Self::NotForRole => Fault::at(
                pointer,
                "not_allowed",
                "该角色不代表任何单位。",
                "This role acts for no organization.",
            ),
            Self::Missing => Fault::at(
                pointer,
                "required",
                "该角色须指明所代表的单位。",
                "This role needs the organization that it acts for.",
            ),
            Self::Unknown => Fault::unknown_reference(pointer),
        }
    }
}

impl SetUserRole {
    /// What can be said without the directory.
    fn fits(&self) -> std::result::Result<(), RoleFault> {
        match (self.role, &self.organization) {
            (Some(Role::Department | Role::Party), None) => Err(RoleFault::Missing),
            (Some(role), Some(_)) if !role.acts_for_organization() => Err(RoleFault::NotForRole),
            (None, Some(_)) => Err(RoleFault::NotForRole),
            _ => Ok(()),
        }
    }

    /// The organization that goes with the role: the one that is named, or the one office of its kind.
    ///
    /// # Errors
    /// Why the two do not go together.
    pub fn organization<'d>(
        &self,
        directory: &'d Directory,
        day: NaiveDate,
    ) -> std::result::Result<Option<&'d DirectoryEntry>, RoleFault> {
        self.fits()?;
        let Some(kind) = self.role.and_then(kind_of) else {
            return Ok(None);
        };
        match &self.organization {
            Some(named) => directory.find_kind(kind, named),
            None => directory.of_kind(kind).next(),
        }
        .filter(|found| found.ended_on.is_none_or(|end| day < end))
        .map(Some)
        .ok_or(RoleFault::Unknown)
    }
}

/// The kind of organization that a role acts for.
fn kind_of(role: Role) -> Option<Kind> {
    match role {
        Role::Coordinator => Some(Kind::Coordinator),
        Role::GovernmentOffice => Some(Kind::GovernmentOffice),
        Role::Department => Some(Kind::Department),
        Role::Party => Some(Kind::Party),
        Role::Admin | Role::SecurityAdmin | Role::Auditor => None,
    }
}

/// What the schema of [`NewUser`] says of a user name, for where there is no schema.
pub fn is_username(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && (2..=64).contains(&text.len())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte))
}

/// The words for what is wrong with a password.
pub fn password_fault(pointer: &str, fault: PasswordFault) -> Fault {
    let detail = match fault {
        PasswordFault::TooShort { min } => Text::new(
            format!("密码少于 {min} 个字符。"),
            format!("Shorter than {min} characters."),
        ),
        PasswordFault::TooLong { max } => Text::new(
            format!("密码超过 {max} 个字符。"),
            format!("Longer than {max} characters."),
        ),
        PasswordFault::TooFewClasses { min, found } => Text::new(
            format!("大写字母、小写字母、数字和其他字符中至少要有 {min} 类，现有 {found} 类。"),
            format!(
                "Of capital letters, small letters, digits and other characters {min} are needed, {found} found."
            ),
        ),
        PasswordFault::TooCommon => Text::fixed(
            "密码过于常见，容易被猜中。",
            "Too common: it would be guessed early.",
        ),
        PasswordFault::ContainsUsername => {
            Text::fixed("密码不能包含用户名。", "It must not contain the user name.")
        }
        PasswordFault::ControlCharacter => Text::fixed(
            "密码含有不允许的字符。",
            "It holds a character that is not allowed.",
        ),
        PasswordFault::Reused { last } => Text::new(
            format!("不能使用最近 {last} 次用过的密码。"),
            format!("One of the last {last} passwords of this account."),
        ),
    };
    Fault {
        place: Place::Pointer(pointer.to_owned()),
        code: fault.code(),
        detail,
    }
}
