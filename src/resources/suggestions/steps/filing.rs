//! 备案, its return, and 协商会: 市委统战部's part after the reply.

use super::super::input::{Reason, Words};
use super::super::timeline::Details;
use super::super::writes::{self, Advance, Line, advance, write_line};
use super::Told;
use crate::policy::{Permit, ops};
use crate::problem::Result;
use crate::resources::suggestions::model::{Filing, Mediation};
use crate::resources::suggestions::policy::Dossier;
use crate::work::Tx;
use crate::workflow::notices::NoticeKind;
use crate::workflow::step::Step;
use crate::workflow::subjects::chinese_day;
use crate::workflow::todos::{TodoKind, Until};
use chrono::Datelike;

/// 备案: a number is given.
pub async fn file(tx: &mut Tx<'_>, _: &Permit<ops::FileSuggestion>, case: &Step<'_, Dossier>) -> Result<()> {
    let year = tx.today().year();
    let serial = writes::next_number(tx, year, "备案").await?;
    let number = format!("〔{year}〕备案-{serial:03}");
    let changes = Advance {
        filing: Some(Filing::Filed),
        filing_number: Some(number.clone()),
        ..Advance::default()
    };
    advance(tx, case.id(), changes).await?;
    let line = Line {
        details: Details {
            number: Some(number.clone()),
            ..Details::default()
        },
        ..case.line("file", None)
    };
    write_line(tx, case.id(), line).await?;
    case.settle(tx, "file", &[TodoKind::FileSuggestion]).await?;
    let told = Told {
        kind: NoticeKind::SuggestionFiled,
        to: [case.parties(), vec![case.lead()]].concat(),
        title: format!("已备案：{}", case.suggestion().head.title),
        text: format!(
            "市委统战部于{}对{}办理情况予以备案，备案编号{number}。",
            chinese_day(tx.today()),
            case.name()
        ),
    };
    case.tell(tx, told).await
}

/// 退回补报
pub async fn return_filing(
    tx: &mut Tx<'_>,
    _: &Permit<ops::ReturnSuggestionFiling>,
    case: &Step<'_, Dossier>,
    body: &Reason,
) -> Result<()> {
    let changes = Advance {
        filing: Some(Filing::Returned),
        ..Advance::default()
    };
    advance(tx, case.id(), changes).await?;
    let line = case.line("return-filing", Some(&body.reason));
    write_line(tx, case.id(), line).await?;
    case.settle(tx, "return-filing", &[TodoKind::FileSuggestion])
        .await?;
    let report = (TodoKind::ReportSuggestionFiling, Until::TermFrom(tx.today()));
    case.ask(tx, "return-filing", report, &[case.lead()]).await?;
    let told = Told {
        kind: NoticeKind::SuggestionFilingReturned,
        to: vec![case.lead()],
        title: format!("备案退回补报：{}", case.suggestion().head.title),
        text: format!(
            "市委统战部于{}将{}的备案退回补报。原因：{}",
            chinese_day(tx.today()),
            case.name(),
            body.reason
        ),
    };
    case.tell(tx, told).await
}

/// 补报
pub async fn report_filing(
    tx: &mut Tx<'_>,
    _: &Permit<ops::ReportSuggestionFiling>,
    case: &Step<'_, Dossier>,
    body: &Words,
) -> Result<()> {
    let changes = Advance {
        filing: Some(Filing::Reported),
        ..Advance::default()
    };
    advance(tx, case.id(), changes).await?;
    let line = case.line("report-filing", Some(&body.text));
    write_line(tx, case.id(), line).await?;
    case.settle(tx, "report-filing", &[TodoKind::ReportSuggestionFiling])
        .await?;
    let coordinator = case.coordinator()?;
    let filing = (TodoKind::FileSuggestion, Until::TermFrom(tx.today()));
    case.ask(tx, "report-filing", filing, &[coordinator]).await?;
    let lead = case.called(case.lead());
    let told = Told {
        kind: NoticeKind::SuggestionFilingReported,
        to: vec![coordinator],
        title: format!("{lead}补报备案：{}", case.suggestion().head.title),
        text: format!(
            "{lead}于{}就{}补报备案材料：{}",
            chinese_day(tx.today()),
            case.name(),
            body.text
        ),
    };
    case.tell(tx, told).await
}

/// 协商会, after the second dissatisfaction.
pub async fn mediate(
    tx: &mut Tx<'_>,
    _: &Permit<ops::MediateSuggestion>,
    case: &Step<'_, Dossier>,
    body: &Words,
) -> Result<()> {
    let changes = Advance {
        mediation: Some(Mediation::Held),
        ..Advance::default()
    };
    advance(tx, case.id(), changes).await?;
    let line = case.line("mediate", Some(&body.text));
    write_line(tx, case.id(), line).await?;
    case.settle(tx, "mediate", &[TodoKind::MediateSuggestion]).await?;
    let told = Told {
        kind: NoticeKind::SuggestionMediated,
        to: [case.parties(), case.departments()].concat(),
        title: format!("协商会情况：{}", case.suggestion().head.title),
        text: format!(
            "市委统战部于{}就{}召开协商会：{}",
            chinese_day(tx.today()),
            case.name(),
            body.text
        ),
    };
    case.tell(tx, told).await
}
