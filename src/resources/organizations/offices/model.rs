use crate::directory::model::{Kind, Organization};
use crate::vocabulary::enumeration;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

enumeration! {
    /// 机构类别
    pub enum OfficeKind {
        Coordinator ["市委统战部", "United front work department"],
        GovernmentOffice ["市政府办公室", "Government office"],
    }
}

impl OfficeKind {
    /// None for departments and parties.
    pub fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Coordinator => Some(Self::Coordinator),
            Kind::GovernmentOffice => Some(Self::GovernmentOffice),
            Kind::Department | Kind::Party => None,
        }
    }
}

/// 机构
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Office)]
pub struct OfficeView {
    pub id: Uuid,
    #[schema(example = "united-front-work-department", max_length = 64)]
    pub code: String,
    #[schema(example = "市委统战部", max_length = 100)]
    pub name: String,
    #[schema(example = "统战部", max_length = 20)]
    pub short_name: String,
    pub kind: OfficeKind,
}

impl OfficeView {
    /// None for what is no office.
    pub fn new(office: &Organization, day: NaiveDate) -> Option<Self> {
        let name = office.name_on(day);
        Some(Self {
            id: office.id,
            code: office.code.clone(),
            name: name.name.clone(),
            short_name: name.short_name.clone(),
            kind: OfficeKind::of(office.kind)?,
        })
    }
}
