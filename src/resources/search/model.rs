use crate::search::Highlight;
use crate::vocabulary::enumeration;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

enumeration! {
    /// 搜索结果类型
    pub enum HitType ("search_hit_type") {
        Department ["政府部门", "Department"],
        Party ["党派团体", "Party"],
        Suggestion ["意见建议", "Suggestion"],
        Meeting ["对口联系活动", "Meeting"],
        Bulletin ["日常信息", "Bulletin"],
        WorkReport ["工作情况报告", "Work report"],
    }
}

/// 搜索结果: something in which all words were found.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SearchHit)]
pub struct HitView {
    #[serde(rename = "type")]
    pub kind: HitType,
    pub id: Uuid,
    #[schema(example = "关于骑楼街区保护利用的建议", max_length = 300)]
    pub title: String,
    /// The texts in which the words stand, the title first. Plain text, never HTML.
    #[schema(max_items = 10)]
    pub highlights: Vec<Highlight>,
    /// Where it is.
    #[schema(
        example = "/api/v1/suggestions/01980d2e-6f00-7000-8000-000000000001",
        max_length = 200
    )]
    pub link: String,
    /// Since when others than its author see it; null in the directory and of drafts.
    #[schema(required = true)]
    pub at: Option<DateTime<Utc>>,
}

/// What to look for.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchFilter {
    /// Words, which all have to stand in a hit; those of two characters and single ones too. Nothing in it is an operator.
    #[param(min_length = 1, max_length = 100, example = "校车")]
    pub q: String,
    /// Hits of that type alone.
    #[serde(rename = "type")]
    #[param(inline)]
    #[serde(default)]
    pub kind: Vec<HitType>,
}
