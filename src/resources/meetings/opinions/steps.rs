//! What opinions, answers and decisions change, whom they tell, and what waits then.

use super::model::{AnswerOpinion, NewOpinion, RecordDecision};
use crate::db::schema::{meeting_opinions as opinions, meetings};
use crate::directory::{Directory, model::Kind};
use crate::policy::{Permit, ops};
use crate::problem::Result;
use crate::resources::meetings::parts::OpinionRow;
use crate::resources::meetings::policy::Meeting;
use crate::resources::meetings::{tell, writes};
use crate::work::Tx;
use crate::workflow::Timing;
use crate::workflow::notices::NoticeKind;
use crate::workflow::step::Step;
use crate::workflow::subjects::chinese_day;
use crate::workflow::todos::{self, Done, NewTodo, TodoKind, Until};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

/// A party's opinion; the hosts are to answer it.
pub async fn give(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::GiveOpinion>,
    directory: &Directory,
    timing: &Timing,
    (meeting, party): (&Meeting, Uuid),
    new: &NewOpinion,
) -> Result<Uuid> {
    let id = Uuid::now_v7();
    diesel::insert_into(opinions::table)
        .values((
            opinions::id.eq(id),
            opinions::meeting_id.eq(meeting.row.id),
            opinions::party_id.eq(party),
            opinions::text.eq(&new.text),
            opinions::given_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    writes::touch(tx, meeting.row.id).await?;
    let given = Done {
        kinds: &[TodoKind::GiveOpinion],
        organization: Some(party),
    };
    todos::close(tx, meeting.row.id, given).await?;
    let subject = tell::subject(meeting, directory)?;
    let to_answer = meeting.hosts.iter().map(|host| NewTodo {
        organization: host.id,
        kind: TodoKind::AnswerOpinion,
        subject: &subject,
        until: Until::TermFrom(tx.today()),
    });
    todos::open(tx, timing, &to_answer.collect::<Vec<_>>()).await?;
    let who = directory.reference(party, tx.today())?.name;
    let (what, day) = (tell::what(meeting), chinese_day(tx.today()));
    let text = format!(
        "{who}于{day}对{what}提出意见：{}请研究并答复采纳情况。",
        sentence(&new.text)
    );
    let title = format!("{who}提出意见：{}", meeting.row.title);
    let told = tell::hosts_but(meeting, permit.caller());
    tell::send(tx, &told, NoticeKind::MeetingOpinionGiven, &subject, title, &text).await?;
    Ok(id)
}

/// With its full stop.
fn sentence(text: &str) -> String {
    let text = text.trim_end();
    match text.ends_with(['。', '！', '？']) {
        true => text.to_owned(),
        false => format!("{text}。"),
    }
}

/// What the hosts make of an opinion; its party is told.
pub async fn answer(
    tx: &mut Tx<'_>,
    _: &Permit<ops::AnswerOpinion>,
    directory: &Directory,
    meeting: &Meeting,
    (opinion, answer): (&OpinionRow, &AnswerOpinion),
) -> Result<()> {
    diesel::update(opinions::table.find(opinion.id))
        .set((
            opinions::answer.eq(answer.answer),
            opinions::answer_reason.eq(&answer.reason),
            opinions::answered_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    writes::touch(tx, meeting.row.id).await?;
    let others = meeting.opinions.iter().filter(|one| one.id != opinion.id);
    if !others.into_iter().any(|one| one.answer.is_none()) {
        let answered = Done {
            kinds: &[TodoKind::AnswerOpinion],
            organization: None,
        };
        todos::close(tx, meeting.row.id, answered).await?;
    }
    let party = directory.acting(opinion.party_id, tx.today());
    let told: Vec<Uuid> = party.map(|party| party.id).into_iter().collect();
    let subject = tell::subject(meeting, directory)?;
    let (hosts, what) = (tell::hosts(meeting, directory)?, tell::what(meeting));
    let (label, reason) = (&answer.answer.label().zh, sentence(&answer.reason));
    let text = format!("{hosts}答复贵单位对{what}的意见：{label}。{reason}");
    let title = format!("意见答复：{}", meeting.row.title);
    tell::send(
        tx,
        &told,
        NoticeKind::MeetingOpinionAnswered,
        &subject,
        title,
        &text,
    )
    .await
}

/// The decision as it was made; the parties that are invited are told.
pub async fn record_decision(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::RecordDecision>,
    step: &Step<'_, Meeting>,
    decision: &RecordDecision,
) -> Result<()> {
    let (directory, meeting) = (step.directory, &step.before);
    diesel::update(meetings::table.find(meeting.row.id))
        .set((
            meetings::decided_on.eq(decision.decided_on),
            meetings::decision_text.eq(&decision.text),
        ))
        .execute(tx.conn)
        .await?;
    writes::touch(tx, meeting.row.id).await?;
    let subject = tell::subject(meeting, directory)?;
    let parties = meeting
        .invitations
        .iter()
        .filter(|one| one.kind == Some(Kind::Party));
    let mut told: Vec<Uuid> = parties.filter_map(|one| one.acting).collect();
    told.extend(tell::hosts_but(meeting, permit.caller()));
    told.sort_unstable();
    told.dedup();
    let matter = meeting
        .row
        .decision_matter
        .as_deref()
        .unwrap_or(&meeting.row.title);
    let (hosts, day) = (tell::hosts(meeting, directory)?, chinese_day(decision.decided_on));
    let text = format!("{hosts}登记：{matter}已于{day}决策。{}", sentence(&decision.text));
    let title = format!("决策结果：{}", meeting.row.title);
    tell::send(
        tx,
        &told,
        NoticeKind::MeetingDecisionRecorded,
        &subject,
        title,
        &text,
    )
    .await
}
