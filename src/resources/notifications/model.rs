use crate::db::schema::{notices, notifications};
use crate::workflow::notices::{Level, NoticeKind};
use crate::workflow::subjects::SubjectType;
use chrono::{DateTime, Utc};
use diesel::Queryable;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = notices)]
pub struct NoticeRow {
    pub id: Uuid,
    pub kind: NoticeKind,
    pub level: Option<Level>,
    pub subject_type: SubjectType,
    pub subject_id: Uuid,
    pub title: String,
    pub text: String,
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = notifications)]
pub struct MarkRow {
    pub created_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
}

/// 通知
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Notification)]
pub struct NotificationView {
    pub id: Uuid,
    pub kind: NoticeKind,
    /// For whom within the organization a reminder is meant; null for all else.
    #[schema(required = true)]
    pub level: Option<Level>,
    #[schema(example = "市委统战部答复：联络科室人员变动频繁", max_length = 1000)]
    pub title: String,
    /// Stands alone: what, who, when, where.
    #[schema(
        example = "市委统战部于2026年3月9日答复《市教育局反映的问题：联络科室人员变动频繁》：请相对固定联络人员。",
        max_length = 20_000
    )]
    pub text: String,
    pub subject: NotificationSubject,
    /// Where the business record is.
    #[schema(
        example = "/api/v1/problem-reports/0193d2a4-5c00-7000-8000-000000000001",
        max_length = 200
    )]
    pub link: String,
    pub created_at: DateTime<Utc>,
    /// When the caller marked it as read; null: unread.
    #[schema(required = true)]
    pub read_at: Option<DateTime<Utc>>,
}

/// 通知事项
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NotificationSubject {
    #[serde(rename = "type")]
    pub kind: SubjectType,
    pub id: Uuid,
}

impl NotificationView {
    pub fn new((notice, mark): (NoticeRow, MarkRow)) -> Self {
        let NoticeRow {
            id,
            kind,
            level,
            subject_type,
            subject_id,
            title,
            text,
        } = notice;
        let MarkRow { created_at, read_at } = mark;
        Self {
            id,
            kind,
            level,
            title,
            text,
            subject: NotificationSubject {
                kind: subject_type,
                id: subject_id,
            },
            link: subject_type.path(subject_id),
            created_at,
            read_at,
        }
    }
}

/// 通知列表: one page, and how many are unread.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NotificationPage {
    #[schema(max_items = 200)]
    pub items: Vec<NotificationView>,
    /// For `cursor` of the next page; null on the last.
    #[schema(required = true, max_length = 1000)]
    pub next_cursor: Option<String>,
    #[schema(nullable = false, minimum = 0, maximum = 10_000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<usize>,
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_is_capped: Option<bool>,
    /// Of all, whatever the filters leave.
    #[schema(example = 2, minimum = 0)]
    pub unread_count: i64,
}

/// Filters of the list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NotificationFilter {
    /// Whether it is still to be read.
    pub unread: Option<bool>,
    #[param(inline)]
    #[serde(default)]
    pub kind: Vec<NoticeKind>,
    /// Told or read at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
}

/// 全部已读
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReadNotifications {
    /// How many were unread until now.
    #[schema(example = 2, minimum = 0)]
    pub read: usize,
}
