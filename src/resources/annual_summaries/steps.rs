//! What each step changes, and whom it tells.

use super::policy::AnnualSummary;
use super::queries;
use super::{compile::period_of, records};
use crate::directory::model::Kind;
use crate::figures::Scene;
use crate::policy::{Permit, ops};
use crate::problem::Result;
use crate::work::Tx;
use crate::workflow::notices::{self, Notice, NoticeKind};
use crate::workflow::step::Step;
use crate::workflow::subjects::{Subject, SubjectType, chinese_day};
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
