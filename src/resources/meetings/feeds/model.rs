use super::policy::Feed;
use crate::db::schema::calendar_feeds;
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::http::extract::Input;
use crate::problem::Result;
use crate::vocabulary::enumeration;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = calendar_feeds)]
pub struct Row {
    pub id: Uuid,
    pub user_id: Option<Uuid>,
    pub organization_id: Option<Uuid>,
    pub rotated_at: Option<DateTime<Utc>>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

enumeration! {
    /// 订阅范围: whose address it is.
    pub enum CalendarScope {
        /// 个人: the caller's own, which ends with the account.
        User ["个人", "The caller alone"],
        /// 本单位: all accounts of the organization see and manage it.
        Organization ["本单位", "The organization"],
    }
}

/// 日历订阅
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CalendarFeed)]
pub struct CalendarFeedView {
    pub id: Uuid,
    pub scope: CalendarScope,
    /// Whose meetings it shows.
    pub organization: OrganizationRef,
    /// Where calendar programs subscribe. Shown when it is made or rotated, and never again: whoever knows it reads.
    #[schema(
        required = true,
        example = "https://liaison.example.gov.cn/api/v1/calendar/VmVyeS1zZWNyZXQtYW5kLW5vdC1mb3ItdXNlLWFueXdoZXI.ics",
        max_length = 2000
    )]
    pub address: Option<String>,
    /// When it last got another address; null: never.
    #[schema(required = true)]
    pub rotated_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl CalendarFeedView {
    /// Without the address, which nobody can tell any more.
    pub fn new(feed: &Feed, directory: &Directory, today: NaiveDate) -> Result<Self> {
        let Row {
            id,
            user_id: _,
            organization_id: _,
            rotated_at,
            version: _,
            created_at,
            updated_at,
        } = feed.row.clone();
        Ok(Self {
            id,
            scope: feed.scope(),
            organization: directory.reference(feed.organization, today)?,
            address: None,
            rotated_at,
            created_at,
            updated_at: directory.changed_at(updated_at, [feed.organization], today),
        })
    }

    pub fn with_address(self, address: String) -> Self {
        Self {
            address: Some(address),
            ..self
        }
    }
}

/// 新订阅
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCalendarFeed {
    pub scope: CalendarScope,
}

impl Input for NewCalendarFeed {}
