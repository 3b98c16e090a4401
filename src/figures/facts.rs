//! What small figures are counted from: one fact for each record, with the figure that it belongs to.

use super::Figure;
use super::period::Period;
use crate::directory::Directory;
use crate::language::Text;
use crate::vocabulary::enumeration;
use chrono::NaiveDate;
use uuid::Uuid;

enumeration! {
    /// 依据类别: what kind of thing stands behind a figure.
    #[schema(as = FigureRecordType)]
    pub enum RecordType {
        Department ["部门", "Department"],
        Party ["党派团体", "Party"],
        LiaisonLeader ["联络负责人任命", "Appointment of a liaison leader"],
        Meeting ["活动", "Activity"],
        ReportingDuty ["应报事项", "What is to be reported"],
        WorkPlan ["工作计划", "Work plan"],
        Suggestion ["意见建议", "Suggestion"],
        Commitment ["办理承诺", "Commitment"],
    }
}

impl RecordType {
    /// Where the record is.
    pub fn path(self, id: Uuid) -> String {
        let collection = match self {
            Self::Department => "departments",
            Self::Party => "parties",
            Self::LiaisonLeader => "liaison-leaders",
            Self::Meeting => "meetings",
            Self::ReportingDuty => "reporting-duties",
            Self::WorkPlan => "work-plans",
            Self::Suggestion => "suggestions",
            Self::Commitment => "commitments",
        };
        format!("/api/v1/{collection}/{id}")
    }
}

/// One record behind a figure.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its place in the list, with whose figure it is in: several records can lead to one thing.
    pub key: Uuid,
    pub kind: RecordType,
    pub id: Uuid,
    pub title: String,
    pub on: Option<NaiveDate>,
    /// Why it counts or does not, where that is not plain.
    pub note: Option<Text>,
}

#[derive(Clone, Debug)]
pub struct Fact {
    pub figure: Figure,
    pub department: Option<Uuid>,
    pub party: Option<Uuid>,
    /// In the numerator; all are in the denominator.
    pub counted: bool,
    pub record: Record,
}

/// What all facts are gathered by.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    pub directory: &'a Directory,
    pub period: &'a Period,
}

impl Scene<'_> {
    /// Whose figure a department's is: that of who acts for it on the day that counts.
    pub fn acting(&self, department: Uuid) -> Uuid {
        let acting = self.directory.acting(department, self.period.settled_on);
        acting.map_or(department, |acting| acting.id)
    }

    /// As it was called on that day.
    pub fn name(&self, organization: Uuid) -> String {
        let found = self.directory.get(organization);
        found.map_or_else(String::new, |one| {
            one.name_on(self.period.settled_on).name.clone()
        })
    }

    /// The departments that owe activities, leaders, plans and reports.
    pub fn owing(&self) -> Vec<Uuid> {
        let departments = self.directory.linked_departments(self.period.settled_on);
        departments.into_iter().map(|department| department.id).collect()
    }
}
