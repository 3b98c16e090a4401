//! What each step changes, and whom it tells.

use super::{compile::period_of, records};
use crate::db::schema::annual_summaries as summaries;
use crate::directory::Directory;
use crate::directory::model::Kind;
use crate::figures::Scene;
use crate::policy::{Caller, Permit, ops};
use crate::problem::Result;
use crate::resources::annual_summaries::model::{
    AnnualSummaryOutline, AnnualSummaryState, AnnualSummaryView, Row,
};
use crate::resources::annual_summaries::policy::AnnualSummary;
use crate::resources::annual_summaries::policy::Sight;
use crate::resources::annual_summaries::queries;
use crate::work::Tx;
use crate::workflow::notices::{self, Notice, NoticeKind};
use crate::workflow::step::{Aggregate, Step};
use crate::workflow::subjects::{Subject, SubjectType, chinese_day};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Freezes the year as it is known today, and tells all who take part.
pub async fn publish(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::PublishAnnualSummary>,
    step: &Step<'_, AnnualSummary>,
) -> Result<()> {
    let (directory, summary) = (step.directory, &step.before);
    let (row, today) = (&summary.row, tx.today());
    let period = period_of(row.year, today)?;
    let scene = Scene {
        directory,
        period: &period,
    };
    let (compiled, behind) = records::as_they_are(tx.conn, &scene).await?;
    queries::publish(tx, permit, row, &compiled, &behind).await?;
    let title = format!("{}年度对口联系工作汇总", row.year);
    let subject = Subject::new(SubjectType::AnnualSummary, row.id, title.as_str());
    let notice = Notice {
        kind: NoticeKind::AnnualSummaryPublished,
        level: None,
        subject: &subject,
        title: format!("{title}已发布"),
        text: format!(
            "市委统战部于{}发布{title}，统计截至{}。各单位可查阅全文和本单位各项指标的依据；对数据有疑问的，请径向市委统战部反映。事项地址：{}",
            chinese_day(today),
            chinese_day(period.settled_on),
            subject.kind.path(row.id)
        ),
    };
    let readers = [Kind::GovernmentOffice, Kind::Department, Kind::Party];
    let told: Vec<Uuid> = readers
        .into_iter()
        .flat_map(|kind| directory.of_kind(kind))
        .filter(|one| one.stands_on(today))
        .map(|one| one.id)
        .collect();
    notices::send(tx, &told, &notice).await
}

impl Aggregate for AnnualSummary {
    type Id = String;
    type Recorded = AnnualSummaryOutline;
    type View = AnnualSummaryView;

    fn subject_id(&self) -> Uuid {
        self.row.id
    }

    async fn hold(tx: &mut Tx<'_>, id: &String, _: &Directory) -> Result<Self> {
        let id = queries::get(tx.conn, id).await?.row.id;
        let row = summaries::table.find(id).select(Row::as_select());
        let row: Row = row.for_update().first(tx.conn).await?;
        tx.holds(row.updated_at);
        Self::new(row).seen_by(&tx.origin.caller)
    }

    async fn reread(&self, tx: &mut Tx<'_>, _: &Directory) -> Result<Self> {
        queries::get(tx.conn, &self.row.id.to_string()).await
    }

    fn recorded(&self, _: &Tx<'_>, _: &Directory) -> Result<AnnualSummaryOutline> {
        Ok(AnnualSummaryOutline::new(self))
    }

    async fn shown(
        &self,
        conn: &AsyncPgConnection,
        caller: &Caller,
        directory: &Directory,
        today: NaiveDate,
    ) -> Result<AnnualSummaryView> {
        let compiled = queries::compiled(conn, self, directory, today).await?;
        let sight = Sight::of(caller, directory, today);
        Ok(AnnualSummaryView::new(caller, self, compiled, &sight))
    }

    fn is_draft(&self) -> bool {
        self.row.state != AnnualSummaryState::Published
    }
}
