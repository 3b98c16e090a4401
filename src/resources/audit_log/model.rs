use crate::db::schema::audit_log;
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::http::negotiate::table;
use crate::policy::Role;
use crate::problem::Result;
use crate::vocabulary::enumeration;
use chrono::{DateTime, Utc};
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

enumeration! {
    /// 审计结果
    pub enum AuditOutcome {
        Done ["已办理", "Done"],
        Refused ["被拒绝", "Refused"],
        Read ["查阅", "Read"],
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_log)]
pub struct AuditRow {
    pub id: Uuid,
    pub occurred_at: DateTime<Utc>,
    pub request_id: String,
    pub principal_id: Option<Uuid>,
    pub principal_name: String,
    pub role: Option<Role>,
    pub organization_id: Option<Uuid>,
    pub address: Option<String>,
    pub operation: String,
    pub outcome: AuditOutcome,
    pub problem: Option<String>,
    pub subject_type: Option<String>,
    pub subject_id: Option<Uuid>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// 审计记录
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AuditRecord)]
pub struct AuditView {
    pub id: Uuid,
    pub occurred_at: DateTime<Utc>,
    #[schema(example = "0193d2a4-5c00-7000-8000-000000000001", max_length = 128)]
    pub request_id: String,
    pub principal: PrincipalView,
    /// What it acted as.
    #[schema(required = true)]
    pub role: Option<Role>,
    #[schema(required = true)]
    pub organization: Option<OrganizationRef>,
    #[schema(required = true, example = "10.1.2.3", max_length = 64)]
    pub address: Option<String>,
    /// `operationId`
    #[schema(example = "rename_department", max_length = 64)]
    pub operation: String,
    pub outcome: AuditOutcome,
    /// `code` of the problem that a refused call was answered with.
    #[schema(required = true, example = json!(null), max_length = 64)]
    pub problem: Option<String>,
    #[schema(required = true, example = "department", max_length = 64)]
    pub subject_type: Option<String>,
    #[schema(required = true)]
    pub subject_id: Option<Uuid>,
    /// As it was.
    #[schema(required = true, value_type = Option<Object>)]
    pub before: Option<Value>,
    /// As it became; of an export, what was taken away.
    #[schema(required = true, value_type = Option<Object>)]
    pub after: Option<Value>,
}

/// 操作者
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AuditPrincipal)]
pub struct PrincipalView {
    /// Null for the command line.
    #[schema(required = true)]
    pub id: Option<Uuid>,
    #[schema(example = "coordinator", max_length = 200)]
    pub name: String,
}

impl AuditView {
    pub fn new(row: AuditRow, directory: &Directory) -> Result<Self> {
        let AuditRow {
            id,
            occurred_at,
            request_id,
            principal_id,
            principal_name,
            role,
            organization_id,
            address,
            operation,
            outcome,
            problem,
            subject_type,
            subject_id,
            before,
            after,
        } = row;
        let day = crate::clock::shanghai_day(occurred_at);
        let organization = organization_id.and_then(|id| directory.get(id));
        Ok(Self {
            id,
            occurred_at,
            request_id,
            principal: PrincipalView {
                id: principal_id,
                name: principal_name,
            },
            role,
            organization: organization.map(|one| OrganizationRef::new(one, day)),
            address,
            operation,
            outcome,
            problem,
            subject_type,
            subject_id,
            before,
            after,
        })
    }
}

table! { |view: AuditView, language| ("审计日志", "Audit log"):
    ("时间（北京时间）", "Time (Beijing time)") => view.occurred_at,
    ("操作者", "Principal") => view.principal.name.as_str(),
    ("角色", "Role") => view.role.map(|role| role.label().get(language)),
    ("单位", "Organization") => view.organization.as_ref().map(|one| one.name.as_str()),
    ("地址", "Address") => view.address.as_deref(),
    ("操作", "Operation") => view.operation.as_str(),
    ("结果", "Outcome") => view.outcome.label().get(language),
    ("问题代码", "Problem") => view.problem.as_deref(),
    ("对象类型", "Subject type") => view.subject_type.as_deref(),
    ("对象标识", "Subject id") => view.subject_id.map(|id| id.to_string()),
    ("变更前", "Before") => view.before.as_ref().map(Value::to_string),
    ("变更后", "After") => view.after.as_ref().map(Value::to_string),
    ("请求标识", "Request id") => view.request_id.as_str(),
    ("记录标识", "Record id") => view.id.to_string(),
}

/// Filters of the list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditFilter {
    /// Id or user name of an account.
    #[param(min_length = 1, max_length = 200)]
    #[serde(default)]
    pub principal: Vec<String>,
    /// `operationId`
    #[param(min_length = 1, max_length = 64)]
    #[serde(default)]
    pub operation: Vec<String>,
    #[serde(default)]
    pub outcome: Vec<AuditOutcome>,
    #[param(min_length = 1, max_length = 64)]
    #[serde(default)]
    pub subject_type: Vec<String>,
    #[serde(default)]
    pub subject_id: Vec<Uuid>,
    #[param(min_length = 1, max_length = 128)]
    pub request_id: Option<String>,
    /// At or after that instant.
    pub from: Option<DateTime<Utc>>,
    /// Before that instant.
    pub until: Option<DateTime<Utc>>,
    /// The same as `from`: a record never changes.
    pub updated_since: Option<DateTime<Utc>>,
    #[param(inline)]
    #[serde(default)]
    pub sort: AuditSort,
}

/// Order of the list; `-occurred_at` where not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub enum AuditSort {
    #[default]
    #[serde(rename = "-occurred_at")]
    Newest,
    #[serde(rename = "occurred_at")]
    Oldest,
}
