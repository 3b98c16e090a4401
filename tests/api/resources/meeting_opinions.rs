//! 三(三) 重大事项决策前咨询: opinions, answers, the decision, and whether it came too early.

use super::meetings::{conclude, convened, invitation, put, step, todos};
use crate::support::{User, at, newest_notice, on_a_monday};
use chrono::NaiveDate;
use liaison::resources::meetings::opinions::timing::timing;
use liaison::vocabulary::meetings::ConsultationTiming;
use serde_json::{Value, json};

fn consultation(form: &str) -> Value {
    json!({
        "kind": "decision_consultation",
        "title": "学位建设规划征求意见",
        "form": form,
        "starts_at": "2026-03-03T01:00:00Z",
        "place": (form == "meeting").then_some("市教育局三楼会议室"),
        "decision": { "matter": "全市义务教育学位建设三年规划", "planned_on": "2026-03-20", "opinions_due_on": "2026-03-13" },
        "invite": { "parties": ["minmeng", "minjin"], "departments": ["finance"] },
    })
}

async fn opine(user: &User, path: &str, text: &str) -> crate::support::Answer {
    user.post(&format!("{path}/opinions"), json!({ "text": text }))
        .await
}

#[tokio::test]
async fn each_party_is_heard_and_answered_and_reads_its_own() {
    let app = on_a_monday().await;
    let host = app.department("education").await;
    let path = convened(&host, consultation("written")).await;
    let (first, second) = (app.party("minmeng").await, app.party("minjin").await);
    assert_eq!(todos(&first).await, ["give_opinion"]);
    let notice = newest_notice(&first).await;
    let text = notice["text"].as_str().expect("a text");
    assert!(
        text.contains("学位建设三年规划") && text.contains("2026年3月13日"),
        "{text}"
    );
    let given = opine(&first, &path, "建议优先保障东部学位。").await.expect(201);
    assert_eq!(
        (&given.json["late"], &given.json["after_decision"]),
        (&json!(false), &json!(false))
    );
    opine(&first, &path, "再提一条。")
        .await
        .problem(409, "opinion_given");
    opine(&second, &path, "建议公布年度进度。").await.expect(201);
    assert!(todos(&first).await.is_empty());
    assert_eq!(todos(&host).await, ["answer_opinion", "conclude_meeting"]);
    for (user, count) in [
        ("party-minmeng", 1),
        ("party-minjin", 1),
        ("department-finance", 0),
        ("department-education", 2),
        ("coordinator", 2),
        ("government-office", 2),
    ] {
        let list = app
            .user(user)
            .await
            .get(&format!("{path}/opinions"))
            .await
            .expect(200);
        assert_eq!(list.items().len(), count, "{user}");
    }
    let list = host.get(&format!("{path}/opinions")).await.expect(200);
    let answer = |index: usize| {
        format!(
            "{path}/opinions/{}/answer",
            list.items()[index]["id"].as_str().expect("an id")
        )
    };
    let adopted = json!({ "answer": "partly_adopted", "reason": "已写入规划第三章。" });
    let answered = host.post(&answer(0), adopted.clone()).await.expect(200);
    assert_eq!(answered.json["answer"], "partly_adopted");
    host.post(&answer(0), adopted.clone())
        .await
        .problem(409, "opinion_answered");
    let told = newest_notice(&first).await;
    assert_eq!(told["kind"], "meeting_opinion_answered");
    assert!(
        told["text"].as_str().expect("a text").contains("部分采纳"),
        "{told}"
    );
    assert_eq!(newest_notice(&second).await["kind"], "meeting_convened");
    assert_eq!(todos(&host).await, ["answer_opinion", "conclude_meeting"]);
    host.post(&answer(1), adopted).await.expect(200);
    assert_eq!(todos(&host).await, ["conclude_meeting"]);
    let bare = host
        .post(&answer(1), json!({ "answer": "adopted" }))
        .await
        .problem(422, "invalid");
    assert_eq!(bare.faults(), ["/reason required"]);

    // In writing it is concluded without being held, and never counts.
    step(&host, &path, "hold").await.problem(409, "step_not_allowed");
    put(&host, &path, "attendance", json!({ "items": [] }))
        .await
        .problem(409, "step_not_allowed");
    put(&host, &path, "minutes", json!({ "text": "已征求意见。" }))
        .await
        .expect(200);
    let concluded = step(&host, &path, "conclude").await.expect(200);
    assert_eq!(
        concluded.json["counts"],
        json!({ "counts": false, "reason": "written" })
    );
}

#[tokio::test]
async fn opinions_after_the_decision_show_it() {
    let app = on_a_monday().await;
    let host = app.department("education").await;
    let path = convened(&host, consultation("written")).await;
    app.clock.set(at("2026-03-18T01:00:00Z"));
    let host = app.department("education").await;
    let decision = json!({ "decided_on": "2026-03-17", "text": "常务会议审议通过。" });
    let future = json!({ "decided_on": "2026-03-19", "text": "将审议。" });
    let refused = host
        .post(&format!("{path}/record-decision"), future)
        .await
        .problem(422, "invalid");
    assert_eq!(refused.faults(), ["/decided_on out_of_range"]);
    let decided = host
        .post(&format!("{path}/record-decision"), decision)
        .await
        .expect(200);
    assert_eq!(decided.json["decision"]["decided_on"], "2026-03-17");
    assert_eq!(decided.json["decision"]["timing"], "before_decision");
    assert_eq!(
        newest_notice(&app.party("minjin").await).await["kind"],
        "meeting_decision_recorded"
    );
    let late = opine(&app.party("minmeng").await, &path, "建议优先保障东部学位。")
        .await
        .expect(201);
    assert_eq!(
        (&late.json["late"], &late.json["after_decision"]),
        (&json!(true), &json!(true))
    );
    let seen = host.get(&path).await.expect(200);
    assert_eq!(seen.json["decision"]["timing"], "after_decision");
    let counts = json!({ "asked": 2, "given": 1, "answered": 0, "late": 1, "after_decision": 1 });
    assert_eq!(seen.json["decision"]["opinions"], counts);
}

#[tokio::test]
async fn opinions_belong_to_invited_parties_and_consultations_that_are_open() {
    let app = on_a_monday().await;
    let host = app.department("education").await;
    let path = convened(&host, consultation("meeting")).await;
    let opinion = json!({ "text": "同意。" });
    let opinions = format!("{path}/opinions");
    app.party("minge")
        .await
        .post(&opinions, opinion.clone())
        .await
        .problem(404, "not_found");
    app.department("finance")
        .await
        .post(&opinions, opinion.clone())
        .await
        .problem(403, "role_not_allowed");
    let visit = json!({
        "kind": "visit", "title": "走访", "starts_at": "2026-03-16T01:00:00Z", "place": "民盟市委会",
        "invite": { "parties": ["minmeng"] },
    });
    let visit = convened(&host, visit).await;
    let party = app.party("minmeng").await;
    opine(&party, &visit, "同意。")
        .await
        .problem(409, "nothing_to_decide");
    let decision = json!({ "decided_on": "2026-03-01", "text": "通过。" });
    let refused = host
        .post(&format!("{visit}/record-decision"), decision.clone())
        .await;
    refused.problem(409, "nothing_to_decide");
    app.clock.set(at("2026-03-04T01:00:00Z"));
    let host = app.department("education").await;
    let own = invitation(&host, &path, "minmeng").await;
    conclude(
        &host,
        &path,
        json!([{ "invitation": own, "present": true, "persons": ["周文博"] }]),
    )
    .await;
    let party = app.party("minmeng").await;
    opine(&party, &path, "同意。")
        .await
        .problem(409, "step_not_allowed");
    let decided = host
        .post(&format!("{path}/record-decision"), decision)
        .await
        .expect(200);
    assert_eq!(
        decided.json["decision"]["timing"], "after_decision",
        "it was asked for after it was decided"
    );
    assert_eq!(decided.json["counts"]["reason"], "counted");
}

#[tokio::test]
async fn of_simultaneous_opinions_of_one_party_one_holds() {
    let app = on_a_monday().await;
    let host = app.department("education").await;
    let path = convened(&host, consultation("written")).await;
    let party = app.party("minmeng").await;
    let opinions = format!("{path}/opinions");
    let given = (0..8).map(|number| party.post(&opinions, json!({ "text": format!("意见{number}") })));
    let given = futures_util::future::join_all(given).await;
    let won = given.iter().filter(|answer| answer.status == 201).count();
    let lost = given.iter().filter(|answer| answer.status == 409).count();
    assert_eq!((won, lost), (1, 7));
}

#[test]
fn before_and_after_in_all_cases() {
    let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).expect("a day");
    let (planned, began) = (day(20), day(10));
    for (decided, opinions, expected) in [
        (None, vec![], ConsultationTiming::Pending),
        (None, vec![day(12)], ConsultationTiming::Pending),
        (None, vec![day(21)], ConsultationTiming::AfterDecision),
        (Some(day(18)), vec![day(18)], ConsultationTiming::BeforeDecision),
        (
            Some(day(18)),
            vec![day(12), day(19)],
            ConsultationTiming::PartlyAfterDecision,
        ),
        (
            Some(day(18)),
            vec![day(19), day(20)],
            ConsultationTiming::AfterDecision,
        ),
        (Some(day(18)), vec![], ConsultationTiming::BeforeDecision),
        (Some(day(9)), vec![], ConsultationTiming::AfterDecision),
    ] {
        assert_eq!(
            timing(decided, planned, began, &opinions),
            expected,
            "{decided:?} {opinions:?}"
        );
    }
}
