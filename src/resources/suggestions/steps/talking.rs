//! What is said while it is handled: communications, joint opinions, interim replies, extensions, urging.

use super::super::input::{Communicate, Decision, InterimReply, RequestExtension, Words};
use super::super::timeline::Details;
use super::super::writes::{self, Advance, Line, advance, write_line};
use super::Told;
use crate::clock::shanghai_day;
use crate::db::schema::suggestion_communications as communications;
use crate::directory::model::Kind;
use crate::policy::{Permit, ops};
use crate::problem::{Fault, Problem, Result};
use crate::resources::suggestions::model::Extension;
use crate::resources::suggestions::policy::Dossier;
use crate::work::Tx;
use crate::workflow::TermKey;
use crate::workflow::notices::NoticeKind;
use crate::workflow::step::Step;
use crate::workflow::subjects::chinese_day;
use crate::workflow::todos::{self, Done, TodoKind, Until};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

fn fault(at: &'static str, code: &'static str, zh: &'static str, en: &'static str) -> Problem {
    Problem::invalid(vec![Fault::at(at, code, zh, en)])
}

/// A day that lies ahead.
fn ahead(day: NaiveDate, today: NaiveDate, at: &'static str) -> Result<()> {
    match day > today {
        true => Ok(()),
        false => Err(fault(
            at,
            "not_ahead",
            "应晚于今天。",
            "Must be later than today.",
        )),
    }
}

/// 沟通, recorded by the lead or the party.
pub async fn communicate(
    tx: &mut Tx<'_>,
    _: &Permit<ops::CommunicateOnSuggestion>,
    case: &Step<'_, Dossier>,
    body: &Communicate,
) -> Result<()> {
    let (head, today) = (&case.suggestion().head, tx.today());
    if body.on > today {
        return Err(fault("/on", "in_future", "不得晚于今天。", "Must not lie ahead."));
    }
    let own = tx.origin.caller.organization.as_ref();
    let own = own
        .ok_or_else(|| Problem::internal("a communication by nobody"))?
        .id;
    let id = Uuid::now_v7();
    diesel::insert_into(communications::table)
        .values((
            communications::id.eq(id),
            communications::suggestion_id.eq(head.id),
            communications::round.eq(head.round),
            communications::way.eq(body.way),
            communications::held_on.eq(body.on),
            communications::persons.eq(serde_json::Value::from(body.persons.clone())),
            communications::gist.eq(&body.gist),
            communications::organization_id.eq(own),
            communications::created_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    let changes = Advance {
        communicated_round: Some(head.round),
        ..Advance::default()
    };
    advance(tx, head.id, changes).await?;
    let line = Line {
        details: Details {
            way: Some(body.way),
            day: Some(body.on),
            persons: Some(body.persons.clone()),
            communication: Some(id),
            ..Details::default()
        },
        ..case.line("communicate", Some(&body.gist))
    };
    write_line(tx, head.id, line).await?;
    let actor = case.actor(tx);
    let told = Told {
        kind: NoticeKind::SuggestionCommunicated,
        to: vec![case.lead(), case.party()],
        title: format!("{actor}记录沟通情况：{}", head.title),
        text: format!(
            "{actor}于{}记录{}的沟通情况（{}）：{}",
            chinese_day(today),
            case.name(),
            chinese_day(body.on),
            body.gist
        ),
    };
    case.tell(tx, told).await
}

/// 会办意见, to the lead: parties learn that it was given.
pub async fn opinion(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::GiveSuggestionOpinion>,
    case: &Step<'_, Dossier>,
    body: &Words,
) -> Result<()> {
    let own = case.suggestion().joint_of(&tx.origin.caller);
    let own = own.ok_or_else(Problem::not_found)?;
    let (handling, department) = (own.id, own.department_id);
    writes::give_opinion(tx, permit, handling, &body.text).await?;
    advance(tx, case.id(), Advance::default()).await?;
    let line = case.line("opinion", Some(&body.text));
    write_line(tx, case.id(), line).await?;
    let done = Done {
        kinds: &[TodoKind::GiveSuggestionOpinion],
        organization: Some(department),
    };
    todos::close_by(tx, case.id(), done, Some("opinion")).await?;
    let (who, day) = (case.called(department), chinese_day(tx.today()));
    let told = Told {
        kind: NoticeKind::SuggestionOpinionGiven,
        to: vec![case.lead()],
        title: format!("{who}提出会办意见：{}", case.suggestion().head.title),
        text: format!("{who}于{day}就{}提出会办意见：{}", case.name(), body.text),
    };
    case.tell(tx, told).await
}

/// 阶段性答复: the clock runs on.
pub async fn interim_reply(
    tx: &mut Tx<'_>,
    _: &Permit<ops::GiveSuggestionInterimReply>,
    case: &Step<'_, Dossier>,
    body: &InterimReply,
) -> Result<()> {
    ahead(body.next_on, tx.today(), "/next_on")?;
    advance(tx, case.id(), Advance::default()).await?;
    let line = Line {
        details: Details {
            day: Some(body.next_on),
            ..Details::default()
        },
        ..case.line("interim-reply", Some(&body.text))
    };
    write_line(tx, case.id(), line).await?;
    let lead = case.called(case.lead());
    let told = Told {
        kind: NoticeKind::SuggestionInterimReplied,
        to: case.parties(),
        title: format!("{lead}阶段性答复：{}", case.suggestion().head.title),
        text: format!(
            "{lead}于{}就{}作出阶段性答复：{}预计{}前再次告知进展。",
            chinese_day(tx.today()),
            case.name(),
            body.text,
            chinese_day(body.next_on)
        ),
    };
    case.tell(tx, told).await
}

/// The last day that an extension can reach: by its term, in all, from acceptance.
fn last_day(case: &Step<'_, Dossier>) -> Option<NaiveDate> {
    let accepted_on = shanghai_day(case.suggestion().head.accepted_at?);
    let timing = case.timing;
    Some(
        timing
            .calendar
            .due(accepted_on, timing.term(TermKey::SuggestionExtension))
            .on,
    )
}

/// 申请延期: 市委统战部 decides; until then the clock runs on.
pub async fn request_extension(
    tx: &mut Tx<'_>,
    _: &Permit<ops::RequestSuggestionExtension>,
    case: &Step<'_, Dossier>,
    body: &RequestExtension,
) -> Result<()> {
    let (suggestion, today) = (case.suggestion(), tx.today());
    let running = suggestion
        .running(TodoKind::ReplyToSuggestion)
        .map(|one| one.due_on);
    ahead(body.until, today, "/until")?;
    if running.is_some_and(|due_on| body.until <= due_on) {
        let (zh, en) = (
            "应晚于现在的答复期限。",
            "Must be later than the reply is due now.",
        );
        return Err(fault("/until", "not_later", zh, en));
    }
    if last_day(case).is_some_and(|last| body.until > last) {
        let (zh, en) = (
            "自签收起总计不得超过延期后的答复期限（默认六个月）。",
            "In all it must not exceed the term of a reply with an extension, from acceptance (six months by default).",
        );
        return Err(fault("/until", "too_late", zh, en));
    }
    let changes = Advance {
        extension: Some(Extension::Requested),
        extension_until: Some(Some(body.until)),
        extension_reason: Some(Some(body.reason.clone())),
        ..Advance::default()
    };
    advance(tx, case.id(), changes).await?;
    let line = Line {
        details: Details {
            day: Some(body.until),
            ..Details::default()
        },
        ..case.line("request-extension", Some(&body.reason))
    };
    write_line(tx, case.id(), line).await?;
    let coordinator = case.coordinator()?;
    let decision = (TodoKind::DecideSuggestionExtension, Until::TermFrom(today));
    case.ask(tx, "request-extension", decision, &[coordinator])
        .await?;
    let lead = case.called(case.lead());
    let told = Told {
        kind: NoticeKind::SuggestionExtensionRequested,
        to: vec![coordinator, case.party()],
        title: format!("{lead}申请延期：{}", suggestion.head.title),
        text: format!(
            "{lead}于{}申请将{}的答复期限延至{}。理由：{}请市委统战部审核。",
            chinese_day(today),
            case.name(),
            chinese_day(body.until),
            body.reason
        ),
    };
    case.tell(tx, told).await
}

/// 审核延期: once it is granted, the reply is due on the new day, whatever the calendar becomes.
pub async fn decide_extension(
    tx: &mut Tx<'_>,
    _: &Permit<ops::DecideSuggestionExtension>,
    case: &Step<'_, Dossier>,
    body: &Decision,
) -> Result<()> {
    let suggestion = case.suggestion();
    let asked = suggestion
        .head
        .extension_until
        .zip(suggestion.head.extension_reason.as_ref());
    let (until, reason) = asked.ok_or_else(|| Problem::internal("an extension without its day"))?;
    let decided = match body.granted {
        true => Extension::Granted,
        false => Extension::Denied,
    };
    let changes = Advance {
        extension: Some(decided),
        ..Advance::default()
    };
    advance(tx, case.id(), changes).await?;
    let line = Line {
        details: Details {
            granted: Some(body.granted),
            day: Some(until),
            ..Details::default()
        },
        ..case.line("decide-extension", Some(&body.reason))
    };
    write_line(tx, case.id(), line).await?;
    case.settle(tx, "decide-extension", &[TodoKind::DecideSuggestionExtension])
        .await?;
    if body.granted {
        let (subject, kind) = (case.subject(), TodoKind::ReplyToSuggestion);
        todos::extend(tx, case.timing, &subject, kind, until, reason).await?;
    }
    let (lead, how) = (
        case.called(case.lead()),
        if body.granted { "同意" } else { "不同意" },
    );
    let told = Told {
        kind: NoticeKind::SuggestionExtensionDecided,
        to: [case.parties(), vec![case.lead()]].concat(),
        title: format!("{how}延期：{}", suggestion.head.title),
        text: format!(
            "市委统战部于{}审核，{how}{lead}将{}的答复期限延至{}。{}",
            chinese_day(tx.today()),
            case.name(),
            chinese_day(until),
            body.reason
        ),
    };
    case.tell(tx, told).await
}

/// 催办: whoever something waits for is told, the lead in any case.
pub async fn urge(
    tx: &mut Tx<'_>,
    _: &Permit<ops::UrgeSuggestion>,
    case: &Step<'_, Dossier>,
    body: &Words,
) -> Result<()> {
    advance(tx, case.id(), Advance::default()).await?;
    let line = case.line("urge", Some(&body.text));
    write_line(tx, case.id(), line).await?;
    let directory = case.directory;
    let waiting = case.suggestion().deadlines.iter();
    let waiting = waiting
        .filter(|one| one.closed_at.is_none())
        .map(|one| one.organization_id)
        // A party is not urged by another: its silence is its own.
        .filter(|id| directory.get(*id).is_some_and(|one| one.kind != Kind::Party));
    let actor = case.actor(tx);
    let told = Told {
        kind: NoticeKind::SuggestionUrged,
        to: std::iter::once(case.lead()).chain(waiting).collect(),
        title: format!("{actor}催办：{}", case.suggestion().head.title),
        text: format!(
            "{actor}于{}对{}催办：{}",
            chinese_day(tx.today()),
            case.name(),
            body.text
        ),
    };
    case.tell(tx, told).await
}
