//! 三(三), 三(四)1: the life of a meeting, whom it concerns, and whether it counts.

use crate::support::{Answer, TestApp, User, actions, at, newest_notice, on_a_monday};
use liaison::figures::counting::{CountsReason, Facts, Presence, judged, verdict};
use liaison::vocabulary::meetings::{MeetingForm, MeetingState};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub const MEETINGS: &str = "/api/v1/meetings";

/// 市民政局's free clinic a fortnight later, with its four parties and a guest.
pub fn clinic() -> Value {
    json!({
        "kind": "social_service",
        "social_service_kind": "free_clinic",
        "title": "医疗义诊进乡镇",
        "hosts": ["civil-affairs"],
        "starts_at": "2026-03-16T01:00:00Z",
        "ends_at": "2026-03-16T04:00:00Z",
        "place": "乳源瑶族自治县大桥镇",
        "agenda": [{ "title": "启动仪式" }, { "title": "分科义诊", "presenter": "民建市委会" }],
        "invite": {
            "parties": ["minge", "minmeng", "minjian", "gongshanglian"],
            "guests": [{ "kind": "expert", "name": "吴思远", "organization": "粤北人民医院" }],
        },
    })
}

pub async fn draft(user: &User, body: Value) -> String {
    let made = user.post(MEETINGS, body).await.expect(201);
    format!("{MEETINGS}/{}", made.json["id"].as_str().expect("an id"))
}

pub async fn step(user: &User, path: &str, step: &str) -> Answer {
    user.post(&format!("{path}/{step}"), json!({})).await
}

/// A meeting that is convened.
pub async fn convened(user: &User, body: Value) -> String {
    let path = draft(user, body).await;
    step(user, &path, "convene").await.expect(200);
    path
}

/// The invitation of an organization, or of a guest by name.
pub async fn invitation(user: &User, path: &str, whom: &str) -> String {
    let list = user.get(&format!("{path}/invitations")).await.expect(200);
    let found = list
        .items()
        .iter()
        .find(|one| one["organization"]["code"] == whom || one["guest"]["name"] == whom);
    found.expect("an invitation")["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

pub async fn put(user: &User, path: &str, part: &str, body: Value) -> Answer {
    user.matching(path)
        .await
        .put(&format!("{path}/{part}"), body)
        .await
}

/// Held, with who came, and concluded.
pub async fn conclude(user: &User, path: &str, attendance: Value) -> Answer {
    step(user, path, "hold").await.expect(200);
    put(user, path, "attendance", json!({ "items": attendance }))
        .await
        .expect(200);
    put(user, path, "minutes", json!({ "text": "活动顺利举行。" }))
        .await
        .expect(200);
    step(user, path, "conclude").await.expect(200)
}

pub async fn todos(user: &User) -> Vec<String> {
    let list = user.get("/api/v1/me/todos").await.expect(200);
    let meetings = list.items().iter().filter(|item| {
        item["subject"]["type"]
            .as_str()
            .is_some_and(|kind| kind.starts_with("meeting"))
    });
    let kinds = meetings.map(|item| item["kind"].as_str().expect("a kind").to_owned());
    let mut kinds: Vec<String> = kinds.collect();
    kinds.sort();
    kinds
}

async fn titles(user: &User, query: &str) -> Vec<String> {
    let list = user.get(&format!("{MEETINGS}{query}")).await;
    list.expect(200).titles()
}

#[tokio::test]
async fn a_free_clinic_from_its_draft_to_its_place_in_the_count() {
    let app = on_a_monday().await;
    let (host, party) = (app.department("civil-affairs").await, app.party("minjian").await);
    let made = host.post(MEETINGS, clinic()).await.expect(201);
    assert_eq!(made.json["state"], "draft");
    assert_eq!(made.json["hosts"][0]["code"], "civil-affairs");
    assert_eq!(made.json["social_service_way"], "taken_part");
    assert_eq!(made.json["outside_assignment"], false);
    assert_eq!(
        made.json["counts"],
        json!({ "counts": false, "reason": "not_concluded" })
    );
    assert_eq!(made.json["agenda"][1]["presenter"], "民建市委会");
    assert_eq!(actions(&made), ["convene"]);
    let path = made.header("location").expect("a location").to_owned();
    // A draft is its hosts' alone.
    for other in [&party, &app.coordinator().await, &app.government_office().await] {
        other.get(&path).await.problem(404, "not_found");
    }
    assert_eq!(newest_notice(&party).await, Value::Null);

    let convened = step(&host, &path, "convene").await.expect(200);
    assert_eq!(convened.json["state"], "convened");
    assert_eq!(actions(&convened), ["postpone", "cancel"]);
    assert_eq!(todos(&party).await, ["answer_invitation"]);
    assert_eq!(todos(&host).await, ["answer_invitation", "conclude_meeting"]);
    let notice = newest_notice(&party).await;
    assert_eq!(notice["kind"], "meeting_convened");
    let text = notice["text"].as_str().expect("a text");
    for part in [
        "市民政局",
        "2026年3月16日9时00分",
        "乳源瑶族自治县大桥镇",
        "医疗义诊进乡镇",
        "2026年3月11日",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let deadlines = party.get(&format!("{path}/deadlines")).await.expect(200);
    assert_eq!(deadlines.items().len(), 1);
    assert_eq!(deadlines.items()[0]["due_on"], "2026-03-11");

    // The organization answers, and names who stands in for whom.
    let own = invitation(&party, &path, "minjian").await;
    let answer = json!({
        "answer": "accepted",
        "attendees": [{ "name": "何家豪", "title": "副主委", "stands_in_for": "林若溪" }],
    });
    let respond = format!("{path}/invitations/{own}/respond");
    let answered = party.post(&respond, answer.clone()).await.expect(200);
    assert_eq!(answered.json["answer"], "accepted");
    assert_eq!(answered.json["attendees"][0]["stands_in_for"], "林若溪");
    assert!(todos(&party).await.is_empty());
    let notice = newest_notice(&host).await;
    assert!(
        notice["text"]
            .as_str()
            .expect("a text")
            .contains("何家豪（代林若溪）"),
        "{notice}"
    );

    // A postponement reaches all, and all answers are pending again.
    let later = json!({
        "starts_at": "2026-03-23T01:00:00Z",
        "reason": "连日暴雨，道路不便",
    });
    let postponed = host.post(&format!("{path}/postpone"), later).await.expect(200);
    assert_eq!(postponed.json["state"], "convened");
    assert_eq!(postponed.json["ends_at"], "2026-03-23T04:00:00Z");
    assert_eq!(postponed.json["invitations"]["pending"], 5);
    assert_eq!(
        postponed.json["postponements"][0]["starts_before"],
        "2026-03-16T01:00:00Z"
    );
    for code in ["minge", "minmeng", "minjian", "gongshanglian"] {
        let invited = app.party(code).await;
        let notice = newest_notice(&invited).await;
        assert_eq!(notice["kind"], "meeting_postponed", "{code}");
        let text = notice["text"].as_str().expect("a text");
        assert!(
            text.contains("2026年3月16日9时00分") && text.contains("2026年3月23日9时00分"),
            "{text}"
        );
        assert_eq!(todos(&invited).await, ["answer_invitation"], "{code}");
    }
    party.post(&respond, answer).await.expect(200);

    step(&host, &path, "hold").await.problem(409, "meeting_not_begun");
    app.clock.set(at("2026-03-23T01:00:00Z"));
    let party = app.party("minjian").await;
    let host = app.department("civil-affairs").await;
    party
        .post(&respond, json!({ "answer": "tentative" }))
        .await
        .problem(409, "meeting_begun");
    step(&host, &path, "hold").await.expect(200);
    assert!(todos(&party).await.is_empty());
    let items = json!([{ "invitation": own, "present": true, "persons": ["何家豪"] }]);
    let sheet = put(&host, &path, "attendance", json!({ "items": items }))
        .await
        .expect(200);
    let there: Vec<&Value> = sheet
        .items()
        .iter()
        .filter(|one| one["present"] == true)
        .collect();
    assert_eq!(there.len(), 1);
    assert_eq!(there[0]["persons"], json!(["何家豪"]));
    assert!(sheet.items().iter().all(|one| one["recorded"] == true));

    step(&host, &path, "conclude")
        .await
        .problem(409, "minutes_missing");
    let minutes = json!({
        "text": "义诊服务群众三百余人次。",
        "decisions": ["每半年开展一次义诊。"],
        "follow_ups": [{ "text": "整理就诊情况", "owner": "minjian", "due_on": "2026-04-10" }],
    });
    put(&host, &path, "minutes", minutes).await.expect(200);
    let unread = party.get(&format!("{path}/minutes")).await.expect(200);
    assert_eq!(unread.json["text"], Value::Null);
    let concluded = step(&host, &path, "conclude").await.expect(200);
    assert_eq!(concluded.json["state"], "concluded");
    assert_eq!(
        concluded.json["counts"],
        json!({ "counts": true, "reason": "counted" })
    );
    assert!(actions(&concluded).is_empty());
    let minutes = party.get(&format!("{path}/minutes")).await.expect(200);
    assert_eq!(minutes.json["decisions"], json!(["每半年开展一次义诊。"]));
    assert_eq!(todos(&party).await, ["complete_meeting_follow_up"]);
    assert!(todos(&host).await.is_empty());
    assert_eq!(titles(&host, "?counts=true&year=2026").await, ["医疗义诊进乡镇"]);
    assert!(titles(&host, "?counts=true&year=2025").await.is_empty());
}

/// One meeting, recorded afterwards, as it is concluded with this attendance of 民盟.
async fn recorded(app: &TestApp, hosts: Value, attendance: impl Fn(&str) -> Value) -> Value {
    let code = hosts[0].as_str().expect("a host").to_owned();
    let host = match code.as_str() {
        "united-front-work-department" => app.coordinator().await,
        code => app.department(code).await,
    };
    let body = json!({
        "kind": "visit",
        "title": "走访民盟市委会",
        "hosts": hosts,
        "starts_at": "2026-02-10T01:00:00Z",
        "place": "民盟市委会",
        "invite": { "parties": ["minmeng"] },
    });
    let path = convened(&host, body).await;
    let own = invitation(&host, &path, "minmeng").await;
    conclude(&host, &path, attendance(&own)).await.json
}

#[tokio::test]
async fn what_counts_for_whom_and_why_not() {
    let app = on_a_monday().await;
    let in_person = |own: &str| json!([{ "invitation": own, "present": true, "persons": ["周文博"] }]);
    let jointly = recorded(&app, json!(["education", "science-technology"]), in_person).await;
    assert_eq!(jointly["counts"]["reason"], "counted");
    let alone = recorded(&app, json!(["united-front-work-department"]), in_person).await;
    assert_eq!(alone["counts"]["reason"], "hosted_by_coordinator");
    let nobody = recorded(&app, json!(["education"]), |_| json!([])).await;
    assert_eq!(
        nobody["counts"],
        json!({ "counts": false, "reason": "no_party_present" })
    );
    let online =
        |own: &str| json!([{ "invitation": own, "present": false, "online": true, "persons": ["周文博"] }]);
    let online = recorded(&app, json!(["education"]), online).await;
    assert_eq!(online["counts"]["reason"], "online_only");
    let unnamed = |own: &str| json!([{ "invitation": own, "present": true, "persons": [] }]);
    let unnamed = recorded(&app, json!(["education"]), unnamed).await;
    assert_eq!(unnamed["counts"]["reason"], "no_person_named");
    // 市司法局 does not liaise with 民盟: marked, and counted.
    let outside = recorded(&app, json!(["justice"]), in_person).await;
    assert_eq!(outside["outside_assignment"], true);
    assert_eq!(outside["counts"]["counts"], true);
    assert_eq!(jointly["outside_assignment"], false);

    // The same verdicts in the list's filter and in the figures.
    let coordinator = app.coordinator().await;
    let listed = coordinator
        .get(&format!("{MEETINGS}?counts=true"))
        .await
        .expect(200);
    assert_eq!(listed.items().len(), 2);
    assert!(listed.items().iter().all(|one| one["counts"]["counts"] == true));
    let others = coordinator
        .get(&format!("{MEETINGS}?counts=false"))
        .await
        .expect(200);
    assert_eq!(others.items().len(), 4);
    assert!(others.items().iter().all(|one| one["counts"]["counts"] == false));
    let reads = app.database.connect().await;
    let (from, until) = (at("2025-12-31T16:00:00Z"), at("2026-12-31T16:00:00Z"));
    let judged = judged(&reads, from, until, None).await.expect("verdicts");
    let counted: Vec<_> = judged.iter().filter(|one| one.counts.counts).collect();
    assert_eq!(
        judged.len(),
        6,
        "jointly held for each host, 市委统战部's for none"
    );
    assert_eq!(counted.len(), 3);
    assert!(counted.iter().all(|one| one.met.len() == 1));
    let missed: Vec<_> = judged
        .iter()
        .filter(|one| one.counts.reason == CountsReason::OnlineOnly)
        .collect();
    assert_eq!((missed[0].met.len(), missed[0].attended.len()), (0, 1));
}

#[test]
fn the_rule_in_all_its_cases() {
    let came = |in_person, online, named| Presence {
        in_person,
        online,
        named,
    };
    let facts = |parties: &[Presence]| Facts {
        state: MeetingState::Concluded,
        form: MeetingForm::Meeting,
        by_department: true,
        parties: parties.to_vec(),
    };
    let (there, absent) = (came(true, false, true), Presence::default());
    let remote = came(false, true, true);
    for (parties, reason) in [
        (vec![], CountsReason::NoPartyPresent),
        (vec![absent], CountsReason::NoPartyPresent),
        (vec![absent, there], CountsReason::Counted),
        (vec![remote], CountsReason::OnlineOnly),
        (vec![remote, there], CountsReason::Counted),
        (vec![came(true, false, false)], CountsReason::NoPersonNamed),
        (
            vec![came(true, false, false), remote],
            CountsReason::NoPersonNamed,
        ),
        // Named without having come.
        (vec![came(false, false, true)], CountsReason::NoPartyPresent),
    ] {
        let verdict = verdict(&facts(&parties));
        assert_eq!(verdict.reason, reason, "{parties:?}");
        assert_eq!(verdict.counts, reason == CountsReason::Counted);
    }
    let mut other = facts(&[there]);
    other.by_department = false;
    assert_eq!(verdict(&other).reason, CountsReason::HostedByCoordinator);
    other.by_department = true;
    for state in [MeetingState::Draft, MeetingState::Convened, MeetingState::Held] {
        other.state = state;
        assert_eq!(verdict(&other).reason, CountsReason::NotConcluded);
    }
    other.state = MeetingState::Cancelled;
    assert_eq!(verdict(&other).reason, CountsReason::Cancelled);
    other.form = MeetingForm::Written;
    other.state = MeetingState::Concluded;
    assert_eq!(verdict(&other).reason, CountsReason::Written);
}

#[tokio::test]
async fn what_a_kind_demands_and_every_fault_at_once() {
    let app = on_a_monday().await;
    let host = app.department("education").await;
    let wrong = json!({
        "kind": "social_service",
        "title": " ",
        "form": "meeting",
        "starts_at": "2026-03-16T01:00:00Z",
        "ends_at": "2026-03-16T01:00:00Z",
        "decision": { "matter": "学位", "planned_on": "2026-04-01" },
        "invite": { "parties": ["minmeng", "minmeng"] },
        "state": "convened",
    });
    let refused = host.post(MEETINGS, wrong).await.problem(422, "invalid");
    assert_eq!(
        refused.faults(),
        [
            "/decision not_allowed",
            "/ends_at out_of_range",
            "/invite/parties/1 repeated",
            "/place required",
            "/social_service_kind required",
            "/state unknown_field",
            "/title blank",
        ]
    );
    let body = |kind: &str| json!({ "kind": kind, "title": "活动", "starts_at": "2026-03-16T01:00:00Z" });
    for kind in ["decision_consultation", "decision_briefing"] {
        let mut written = body(kind);
        written["form"] = "written".into();
        let refused = host.post(MEETINGS, written.clone()).await.problem(422, "invalid");
        assert_eq!(refused.faults(), ["/decision required"]);
        written["decision"] = json!({ "matter": "学位", "planned_on": "2026-04-10" });
        let made = host.post(MEETINGS, written.clone()).await.expect(201);
        // Five working days before the planned day, over 清明节.
        assert_eq!(made.json["decision"]["opinions_due_on"], "2026-04-02");
        written["place"] = "三楼".into();
        let refused = host.post(MEETINGS, written).await.problem(422, "invalid");
        assert_eq!(refused.faults(), ["/place not_allowed"]);
    }
    for kind in [
        "liaison_meeting",
        "important_meeting",
        "major_event",
        "joint_research",
        "foreign_affairs_event",
        "visit",
        "other",
    ] {
        let mut held = body(kind);
        held["online_address"] = "腾讯会议 123-456".into();
        host.post(MEETINGS, held.clone()).await.expect(201);
        held["form"] = "written".into();
        let refused = host.post(MEETINGS, held).await.problem(422, "invalid");
        assert_eq!(
            refused.faults(),
            ["/form not_allowed", "/online_address not_allowed"]
        );
    }
    // What is not there, of another kind, or a host itself.
    let mut people = body("visit");
    people["place"] = "三楼".into();
    people["hosts"] = json!(["education", "minmeng"]);
    people["co_hosts"] = json!(["health"]);
    people["invite"] = json!({
        "parties": ["nothing"], "departments": ["education"], "offices": ["health"],
        "quotas": [{ "organization": "minge", "quota": 2 }],
    });
    let refused = host.post(MEETINGS, people).await.problem(422, "invalid");
    assert_eq!(
        refused.faults(),
        [
            "/co_hosts/0 unknown_reference",
            "/hosts/1 unknown_reference",
            "/invite/departments/0 repeated",
            "/invite/offices/0 unknown_reference",
            "/invite/parties/0 unknown_reference",
            "/invite/quotas/0/organization unknown_reference",
        ]
    );
    let mut others = body("visit");
    others["place"] = "三楼".into();
    others["hosts"] = json!(["health"]);
    host.post(MEETINGS, others).await.problem(403, "not_yours");
}

#[tokio::test]
async fn a_draft_is_changed_and_deleted_and_what_is_convened_is_not() {
    let app = on_a_monday().await;
    let host = app.department("civil-affairs").await;
    let path = draft(&host, clinic()).await;
    let patch = json!({
        "title": "医疗义诊进社区",
        "place": null,
        "online_address": "腾讯会议 123-456",
        "hosts": ["civil-affairs", "health"],
        "co_hosts": ["minjian"],
        "invite": { "guests": [] },
    });
    let patched = host.patch(&path, patch).await.expect(200);
    assert_eq!(patched.json["title"], "医疗义诊进社区");
    assert_eq!(patched.json["place"], Value::Null);
    assert_eq!(patched.json["social_service_way"], "jointly_organized");
    assert_eq!(patched.json["co_hosts"][0]["code"], "minjian");
    assert_eq!(patched.json["invitations"]["invited"], 4);
    assert_eq!(patched.json["agenda"].as_array().map(Vec::len), Some(2));
    // The other host sees it, acts on it, and cannot put itself out of it.
    let other = app.department("health").await;
    let refused = other.patch(&path, json!({ "hosts": ["civil-affairs"] })).await;
    refused.problem(403, "not_yours");
    let refused = other
        .patch(&path, json!({ "kind": "visit", "online_address": null }))
        .await;
    let refused = refused.problem(422, "invalid");
    assert_eq!(
        refused.faults(),
        ["/place required", "/social_service_kind not_allowed"]
    );
    let stale = other.with("If-Match", "\"1-0000000000000000\"");
    let patch = json!({ "title": "x" });
    stale
        .send(reqwest::Method::PATCH, &path, Some(patch.clone()))
        .await
        .problem(412, "precondition_failed");
    other
        .send(reqwest::Method::PATCH, &path, Some(patch))
        .await
        .problem(428, "precondition_required");

    let convened = step(&other, &path, "convene").await.expect(200);
    assert_eq!(
        convened.json["invitations"]["accepted"], 1,
        "who organizes it has accepted"
    );
    assert_eq!(todos(&app.party("minjian").await).await, Vec::<String>::new());
    assert_eq!(newest_notice(&host).await["kind"], "meeting_convened");
    host.patch(&path, json!({ "title": "x" }))
        .await
        .problem(409, "step_not_allowed");
    host.delete(&path).await.problem(409, "step_not_allowed");
    let second = draft(&host, clinic()).await;
    host.delete(&second).await.expect(204);
    host.get(&second).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_cancellation_says_why_and_nothing_waits_any_longer() {
    let app = on_a_monday().await;
    let (host, party) = (app.department("civil-affairs").await, app.party("minge").await);
    let path = convened(&host, clinic()).await;
    let refused = host
        .post(&format!("{path}/cancel"), json!({}))
        .await
        .problem(422, "invalid");
    assert_eq!(refused.faults(), ["/reason required"]);
    let reason = json!({ "reason": "因防汛应急响应取消。" });
    let cancelled = host.post(&format!("{path}/cancel"), reason).await.expect(200);
    assert_eq!(cancelled.json["state"], "cancelled");
    assert_eq!(cancelled.json["counts"]["reason"], "cancelled");
    let notice = newest_notice(&party).await;
    assert!(
        notice["text"]
            .as_str()
            .expect("a text")
            .contains("因防汛应急响应取消。"),
        "{notice}"
    );
    assert!(todos(&party).await.is_empty() && todos(&host).await.is_empty());
    party.get(&path).await.expect(200);
}

#[tokio::test]
async fn who_is_invited_sees_it_and_nobody_else_does() {
    let app = on_a_monday().await;
    let host = app.department("civil-affairs").await;
    let mut body = clinic();
    body["invite"]["departments"] = json!(["health"]);
    body["invite"]["offices"] = json!(["government-office"]);
    let path = convened(&host, body).await;
    for user in [
        "department-health",
        "party-gongshanglian",
        "coordinator",
        "government-office",
    ] {
        let seen = app.user(user).await.get(&path).await.expect(200);
        let invited = !matches!(user, "coordinator");
        assert_eq!(seen.json["own_invitation"].is_object(), invited, "{user}");
        assert!(actions(&seen).is_empty(), "{user}");
    }
    let nowhere = format!("{MEETINGS}/0193d2a4-5c00-7000-8000-00000000ffff");
    for user in ["department-education", "party-minjin"] {
        let user = app.user(user).await;
        for part in [
            "",
            "/invitations",
            "/attendance",
            "/minutes",
            "/opinions",
            "/deadlines",
        ] {
            let hidden = user.get(&format!("{path}{part}")).await.problem(404, "not_found");
            let nothing = user
                .get(&format!("{nowhere}{part}"))
                .await
                .problem(404, "not_found");
            assert_eq!(hidden.json["detail"], nothing.json["detail"]);
        }
        assert!(titles(&user, "").await.is_empty());
    }
}

#[tokio::test]
async fn lists_are_filtered_sorted_paged_and_taken_away() {
    let app = on_a_monday().await;
    let (education, health) = (app.department("education").await, app.department("health").await);
    let body = |title: &str, starts_at: &str, ends_at: Option<&str>| {
        json!({
            "kind": "visit", "title": title, "starts_at": starts_at, "ends_at": ends_at, "place": "机关会议室",
            "invite": { "parties": ["minmeng"] },
        })
    };
    convened(&education, body("一月", "2026-01-20T01:00:00Z", None)).await;
    // Begins on 31 December in Beijing, and lasts into the year.
    convened(
        &education,
        body("跨年", "2025-12-31T15:00:00Z", Some("2025-12-31T17:00:00Z")),
    )
    .await;
    convened(&health, body("三月", "2026-03-20T01:00:00Z", None)).await;
    draft(&health, body("草稿", "2026-03-21T01:00:00Z", None)).await;
    let (party, coordinator) = (app.party("minmeng").await, app.coordinator().await);
    for (query, expected) in [
        ("", vec!["三月", "一月", "跨年"]),
        ("?sort=starts_at", vec!["跨年", "一月", "三月"]),
        ("?sort=created_at", vec!["一月", "跨年", "三月"]),
        ("?sort=-created_at", vec!["三月", "跨年", "一月"]),
        ("?host=education", vec!["一月", "跨年"]),
        ("?party=minmeng&state=convened", vec!["三月", "一月", "跨年"]),
        ("?party=minge", vec![]),
        ("?kind=joint_research", vec![]),
        ("?year=2025", vec!["跨年"]),
        ("?year=2026", vec!["三月", "一月"]),
        ("?from=2026-01-01&to=2026-01-01", vec!["跨年"]),
        ("?from=2026-01-02&to=2026-01-20", vec!["一月"]),
        ("?to=2025-12-30", vec![]),
        ("?counts=true", vec![]),
        ("?form=written", vec![]),
        ("?attended_by=minmeng", vec![]),
    ] {
        assert_eq!(titles(&coordinator, query).await, expected, "{query}");
        assert_eq!(titles(&party, query).await, expected, "{query}");
    }
    assert_eq!(titles(&health, "").await, ["草稿", "三月"]);
    assert_eq!(titles(&party, "?to_answer=true").await, ["三月", "一月", "跨年"]);
    let page = party
        .get(&format!("{MEETINGS}?limit=2&with_total=true"))
        .await
        .expect(200);
    assert_eq!(page.json["total"], 3);
    let cursor = page.json["next_cursor"].as_str().expect("a cursor");
    assert_eq!(
        titles(&party, &format!("?limit=2&cursor={cursor}")).await,
        ["跨年"]
    );
    let unknown = party
        .get(&format!("{MEETINGS}?host=nothing"))
        .await
        .problem(422, "invalid");
    assert_eq!(unknown.faults(), ["host unknown_reference"]);
    let csv = party
        .with("Accept", "text/csv")
        .get(MEETINGS)
        .await
        .expect(200)
        .text();
    assert!(
        csv.contains("活动类别") && csv.contains("走访") && csv.contains("尚未办结"),
        "{csv}"
    );
}

#[tokio::test]
async fn conflicts_are_pointed_out_to_whom_they_concern_and_never_refused() {
    let app = on_a_monday().await;
    let (host, other) = (
        app.department("civil-affairs").await,
        app.department("education").await,
    );
    convened(&host, clinic()).await;
    let body = |starts_at: &str| {
        json!({
            "kind": "visit", "title": "走访", "starts_at": starts_at, "place": "民盟市委会",
            "invite": { "parties": ["minmeng", "minjin"] },
        })
    };
    let path = convened(&other, body("2026-03-16T03:30:00Z")).await;
    let seen = other.get(&path).await.expect(200);
    // 市教育局 learns that 民盟 has something else, and not what.
    assert_eq!(seen.json["conflicts"].as_array().map(Vec::len), Some(1));
    assert_eq!(seen.json["conflicts"][0]["organization"]["code"], "minmeng");
    assert_eq!(seen.json["conflicts"][0]["meeting"], Value::Null);
    let seen = app.party("minmeng").await.get(&path).await.expect(200);
    assert_eq!(seen.json["conflicts"][0]["meeting"]["title"], "医疗义诊进乡镇");
    let seen = app.party("minjin").await.get(&path).await.expect(200);
    assert_eq!(seen.json["conflicts"], json!([]));
    let seen = app.coordinator().await.get(&path).await.expect(200);
    assert_eq!(seen.json["conflicts"][0]["meeting"]["title"], "医疗义诊进乡镇");
    // One that begins when the other ends does not clash, and who has declined is free.
    let after = convened(&other, body("2026-03-16T04:00:00Z")).await;
    let party = app.party("minmeng").await;
    let own = invitation(&party, &path, "minmeng").await;
    let declined = json!({ "answer": "declined", "reason": "另有安排。" });
    party
        .post(&format!("{path}/invitations/{own}/respond"), declined)
        .await
        .expect(200);
    let seen = other.get(&path).await.expect(200);
    let conflicts = seen.json["conflicts"].as_array().expect("conflicts");
    let whom = conflicts.iter().map(|one| one["organization"]["code"].as_str());
    let whom: BTreeSet<&str> = whom.flatten().collect();
    assert_eq!(
        whom,
        BTreeSet::from(["education", "minjin"]),
        "those of the one that follows within two hours"
    );
    let seen = app.coordinator().await.get(&after).await.expect(200);
    assert!(!seen.text().contains("医疗义诊"), "{}", seen.text());
}

#[tokio::test]
async fn of_simultaneous_conclusions_one_wins() {
    let app = on_a_monday().await;
    let host = app.department("education").await;
    let body = json!({
        "kind": "visit", "title": "走访", "starts_at": "2026-02-16T03:30:00Z", "place": "民盟市委会",
        "invite": { "parties": ["minmeng"] },
    });
    let path = convened(&host, body).await;
    step(&host, &path, "hold").await.expect(200);
    put(&host, &path, "minutes", json!({ "text": "已走访。" }))
        .await
        .expect(200);
    let conclude = format!("{path}/conclude");
    let answers = (0..8).map(|_| host.post(&conclude, json!({})));
    let answers = futures_util::future::join_all(answers).await;
    let won = answers.iter().filter(|answer| answer.status == 200).count();
    let lost = answers.iter().filter(|answer| answer.status == 409).count();
    assert_eq!((won, lost), (1, 7));
}

#[tokio::test]
async fn a_successor_takes_over_and_without_one_nothing_is_left_open() {
    let app = on_a_monday().await;
    let coordinator = app.coordinator().await;
    let old = app.department("financial-affairs").await;
    let body = json!({
        "kind": "visit", "title": "走访民建", "starts_at": "2026-03-16T01:00:00Z", "place": "民建市委会",
        "invite": { "parties": ["minjian"] },
    });
    let path = convened(&old, body.clone()).await;
    let merge = "/api/v1/departments/financial-affairs/merge";
    coordinator
        .post(merge, json!({ "into": "finance" }))
        .await
        .expect(200);
    let successor = app.department("finance").await;
    assert_eq!(todos(&successor).await, ["conclude_meeting"]);
    let postponed = json!({ "starts_at": "2026-03-01T01:00:00Z" });
    successor
        .post(&format!("{path}/postpone"), postponed)
        .await
        .expect(200);
    step(&successor, &path, "hold").await.expect(200);

    let department =
        json!({ "code": "data", "name": "市数据局", "short_name": "数据", "established_on": "2026-01-05" });
    coordinator
        .post("/api/v1/departments", department)
        .await
        .expect(201);
    let mut jointly = body;
    jointly["hosts"] = json!(["united-front-work-department", "data"]);
    let path = convened(&coordinator, jointly).await;
    let abolish = "/api/v1/departments/data/abolish";
    let refused = coordinator
        .post(abolish, json!({}))
        .await
        .problem(409, "successor_needed");
    assert_eq!(refused.json["open_meetings"], 1);
    let cancel = json!({ "reason": "机构撤销。" });
    coordinator
        .post(&format!("{path}/cancel"), cancel)
        .await
        .expect(200);
    coordinator.post(abolish, json!({})).await.expect(200);
}
