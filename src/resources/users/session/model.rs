use crate::auth::refresh::RefreshToken;
use crate::auth::token::{Issuer, Subject};
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::http::extract::Input;
use crate::policy::{Caller, Organization, Principal, Role};
use crate::problem::{Problem, Result};
use crate::resources::users::model::UserRow;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// 登录. No `Debug`: it holds a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    #[schema(example = "party-minge", max_length = 200)]
    pub username: String,
    #[schema(example = "Liaison-demo-2020!", max_length = 1000, format = Password)]
    pub password: String,
}

impl Input for LogIn {}

/// 刷新. No `Debug`: it holds a token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshSession {
    #[schema(
        example = "AZOSoFwAcACAAAAAAAAAAZTJ1ZmZ5LXBpbmstZWxlcGhhbnRzLWluLWEtcm93",
        max_length = 200
    )]
    pub refresh_token: String,
}

impl Input for RefreshSession {}

/// 令牌. No `Debug`: it holds two.
#[derive(Serialize, ToSchema)]
pub struct Tokens {
    /// JWT for the `Authorization` header.
    #[schema(
        example = "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImsxIn0.e30.c2lnbmF0dXJl",
        max_length = 8192
    )]
    pub access_token: String,
    #[schema(example = "Bearer", max_length = 20)]
    pub token_type: &'static str,
    /// Seconds that the access token is good for.
    #[schema(example = 900, minimum = 1)]
    pub expires_in: i64,
    /// Good for one use at `POST /api/v1/auth/refresh`.
    #[schema(
        example = "AZOSoFwAcACAAAAAAAAAAZTJ1ZmZ5LXBpbmstZWxlcGhhbnRzLWluLWEtcm93",
        max_length = 200
    )]
    pub refresh_token: String,
}

impl Tokens {
    pub fn new(access_token: String, issuer: &Issuer, refresh_token: &RefreshToken) -> Self {
        Self {
            access_token,
            token_type: "Bearer",
            expires_in: issuer.lifetime_seconds(),
            refresh_token: refresh_token.expose(),
        }
    }
}

/// 修改密码. No `Debug`: it holds two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    #[schema(example = "correct-Horse-battery-9", max_length = 1000, format = Password)]
    pub current_password: String,
    /// By the profile that is set: 12 characters with 3 of 4 classes and none of the last 5 (`dengbao3`), or 15
    /// characters (`nist`); 128 at most, no common one, without the user name.
    #[schema(example = "Blue-kettle-sings-4-tea", max_length = 128, format = Password)]
    pub new_password: String,
    /// The password from before an administrator's role was granted: asked for once, at the first change after the grant
    /// (`must_show_former_password` of `GET /api/v1/me`). The one-time password is known to the granter, this one is not.
    #[schema(example = json!(null), max_length = 1000, format = Password)]
    #[serde(default)]
    pub former_password: Option<String>,
}

impl Input for ChangePassword {}

/// 本人
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Me)]
pub struct MeView {
    pub id: Uuid,
    #[schema(example = "party-minge", max_length = 64)]
    pub username: String,
    #[schema(example = "民革市委会联络员", max_length = 100)]
    pub display_name: String,
    /// Null until 安全管理员 gives one.
    #[schema(required = true)]
    pub role: Option<Role>,
    #[schema(required = true)]
    pub organization: Option<OrganizationRef>,
    /// The password is a one-time or expired one: until it is changed at `PUT /api/v1/me/password`, nothing else is open.
    pub must_change_password: bool,
    /// An administrator's role was granted: the first change of the password needs the one from before the grant as well.
    pub must_show_former_password: bool,
    /// The day on which the password expires, and must be changed; null where none does.
    #[schema(required = true, example = "2027-03-01")]
    pub password_expires_on: Option<NaiveDate>,
    /// `operationId` of all that this account may call now.
    #[schema(example = json!(["get_me", "list_departments"]), max_items = 1000)]
    pub operations: Vec<String>,
}

/// An account in a session of its own: what its tokens say, and who it is on record.
pub struct Session<'a> {
    pub id: Uuid,
    pub user: &'a UserRow,
    pub directory: &'a Directory,
    pub today: NaiveDate,
    pub must_change_password: bool,
}

impl Session<'_> {
    fn organization(&self) -> Option<&crate::directory::model::Organization> {
        self.user.organization_id.and_then(|id| self.directory.get(id))
    }

    pub fn subject(&self) -> Subject {
        let organization = self.organization();
        Subject {
            sub: self.user.id,
            username: self.user.username.clone(),
            sid: Some(self.id),
            role: self.user.role.map(|role| role.as_str().to_owned()),
            org: organization.map(|one| one.code.clone()),
            org_id: organization.map(|one| one.id),
            org_kind: organization.map(|one| <&str>::from(one.kind).to_owned()),
            scope: None,
            epoch: self.user.token_epoch,
            pwd_change: self.must_change_password,
        }
    }

    /// # Errors
    /// 500 for a role that the database does not let in.
    pub fn caller(&self) -> Result<Arc<Caller>> {
        if self.user.organization_id.is_some() && self.organization().is_none() {
            return Err(Problem::internal(
                "an account of an organization that is not there",
            ));
        }
        Ok(Arc::new(Caller {
            principal: Principal::User {
                id: self.user.id,
                session: self.id,
            },
            username: self.user.username.clone(),
            role: self.user.role,
            organization: self.organization().map(|one| Organization {
                id: one.id,
                code: one.code.clone(),
                ended: one.ended_on.is_some_and(|end| end <= self.today),
            }),
            must_change_password: self.must_change_password,
        }))
    }
}
