//! 邀请: who answers, until when, for whom.

use super::meetings::{clinic, conclude, convened, draft, invitation, put, step, todos};
use crate::support::{User, at, newest_notice, on_a_monday};
use serde_json::{Value, json};

async fn respond(user: &User, path: &str, invitation: &str, body: Value) -> crate::support::Answer {
    user.post(&format!("{path}/invitations/{invitation}/respond"), body)
        .await
}

#[tokio::test]
async fn each_answers_for_itself_and_the_host_for_guests() {
    let app = on_a_monday().await;
    let host = app.department("civil-affairs").await;
    let mut body = clinic();
    body["invite"]["offices"] = json!(["government-office", "united-front-work-department"]);
    body["invite"]["departments"] = json!(["health"]);
    let path = convened(&host, body).await;
    let accepted = json!({ "answer": "accepted", "attendees": [{ "name": "李秋霞" }] });
    for (user, whom) in [
        ("party-minge", "minge"),
        ("department-health", "health"),
        ("government-office", "government-office"),
        ("coordinator", "united-front-work-department"),
        ("department-civil-affairs", "吴思远"),
    ] {
        let user = app.user(user).await;
        let own = invitation(&user, &path, whom).await;
        let answered = respond(&user, &path, &own, accepted.clone()).await.expect(200);
        assert_eq!(answered.json["answer"], "accepted", "{whom}");
        assert_eq!(answered.json["allowed_actions"][0]["code"], "respond");
    }
    assert_eq!(
        todos(&host).await,
        ["conclude_meeting"],
        "no guest waits for an answer"
    );
    // Another's is seen, and not answered.
    let party = app.party("minmeng").await;
    let other = invitation(&party, &path, "minge").await;
    respond(&party, &path, &other, accepted.clone())
        .await
        .problem(403, "not_yours");
    respond(&host, &path, &other, accepted.clone())
        .await
        .problem(403, "not_yours");
    let guest = invitation(&party, &path, "吴思远").await;
    respond(&party, &path, &guest, accepted.clone())
        .await
        .problem(403, "not_yours");
    // Of another meeting, it is no invitation of this one.
    let second = convened(&host, clinic()).await;
    let elsewhere = invitation(&party, &second, "minmeng").await;
    respond(&party, &path, &elsewhere, accepted)
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn the_coordinator_answers_for_whom_nobody_can_act() {
    let app = on_a_monday().await;
    let (host, coordinator) = (app.department("civil-affairs").await, app.coordinator().await);
    let path = convened(&host, clinic()).await;
    let own = invitation(&host, &path, "minge").await;
    let accepted = json!({ "answer": "accepted", "attendees": [{ "name": "陈晓岚" }] });
    respond(&coordinator, &path, &own, accepted.clone())
        .await
        .problem(403, "not_yours");
    let account = |step: &str| format!("/api/v1/users/party-minge/{step}");
    let admin = app.admin().await;
    admin.post(&account("disable"), json!({})).await.expect(200);
    let list = coordinator.get(&format!("{path}/invitations")).await.expect(200);
    let open = |one: &&Value| one["allowed_actions"] != json!([]);
    let open: Vec<&Value> = list.items().iter().filter(open).map(|one| &one["id"]).collect();
    assert_eq!(open, [&json!(own)]);
    let answered = respond(&coordinator, &path, &own, accepted).await.expect(200);
    assert_eq!(answered.json["recorded_on_behalf"], true);
    assert_eq!(answered.json["answer"], "accepted");
    let told = newest_notice(&host).await;
    assert!(
        told["text"]
            .as_str()
            .expect("a text")
            .contains("由市委统战部代录"),
        "{told}"
    );
    admin.post(&account("enable"), json!({})).await.expect(200);
    let party = app.party("minge").await;
    assert_eq!(newest_notice(&party).await["kind"], "recorded_on_behalf");
    // Its own answer takes the place of what was recorded.
    let tentative = json!({ "answer": "tentative" });
    let answered = respond(&party, &path, &own, tentative).await.expect(200);
    assert_eq!(answered.json["recorded_on_behalf"], false);
}

#[tokio::test]
async fn an_answer_says_what_it_has_to_and_keeps_to_the_quota() {
    let app = on_a_monday().await;
    let (host, party) = (app.department("civil-affairs").await, app.party("minge").await);
    let mut body = clinic();
    body["invite"]["quotas"] = json!([{ "organization": "minge", "quota": 1 }]);
    let path = convened(&host, body).await;
    let own = invitation(&party, &path, "minge").await;
    for (body, fault) in [
        (json!({ "answer": "pending" }), "/answer not_allowed"),
        (json!({ "answer": "declined" }), "/reason required"),
        (json!({}), "/answer required"),
        (
            json!({ "answer": "accepted", "attendees": [{ "title": "主委" }] }),
            "/attendees/0/name required",
        ),
        (
            json!({ "answer": "accepted", "attendees": [{ "name": "陈晓岚" }, { "name": "黄立新" }] }),
            "/attendees too_many",
        ),
    ] {
        let refused = respond(&party, &path, &own, body).await.problem(422, "invalid");
        assert_eq!(refused.faults(), [fault]);
    }
    let declined = json!({ "answer": "declined", "reason": "届时换届。" });
    let answered = respond(&party, &path, &own, declined).await.expect(200);
    assert_eq!(answered.json["reason"], "届时换届。");
    assert_eq!(answered.json["quota"], 1);
    // Why it does not come is for itself and the hosts.
    let list = async |user: &User| -> Value {
        let list = user.get(&format!("{path}/invitations")).await.expect(200);
        let of = list.items().iter().find(|one| one["id"] == own.as_str()).cloned();
        of.expect("the invitation")["reason"].clone()
    };
    assert_eq!(list(&host).await, "届时换届。");
    assert_eq!(list(&app.party("minmeng").await).await, Value::Null);
}

#[tokio::test]
async fn invitations_are_taken_back_before_and_added_after_convening() {
    let app = on_a_monday().await;
    let host = app.department("civil-affairs").await;
    let path = draft(&host, clinic()).await;
    let invitations = format!("{path}/invitations");
    let own = invitation(&host, &path, "gongshanglian").await;
    let one = format!("{invitations}/{own}");
    host.send(reqwest::Method::DELETE, &one, None)
        .await
        .problem(428, "precondition_required");
    let matching = host.matching(&path).await;
    matching
        .send(reqwest::Method::DELETE, &one, None)
        .await
        .expect(204);
    step(&host, &path, "convene").await.expect(200);
    let gongshanglian = app.party("gongshanglian").await;
    gongshanglian.get(&path).await.problem(404, "not_found");
    let further = json!({ "parties": ["gongshanglian"], "guests": [{ "kind": "special_supervisor", "name": "区文静" }] });
    let added = host.post(&invitations, further.clone()).await.expect(201);
    assert_eq!(added.items().len(), 6);
    assert_eq!(newest_notice(&gongshanglian).await["kind"], "meeting_convened");
    assert_eq!(todos(&gongshanglian).await, ["answer_invitation"]);
    host.post(&invitations, further)
        .await
        .problem(409, "already_invited");
    host.post(&invitations, json!({})).await.problem(422, "invalid");
    let own = invitation(&host, &path, "gongshanglian").await;
    let matching = host.matching(&path).await;
    let late = matching
        .send(reqwest::Method::DELETE, &format!("{invitations}/{own}"), None)
        .await;
    late.problem(409, "step_not_allowed");
    gongshanglian
        .post(&invitations, json!({ "parties": ["minjin"] }))
        .await
        .problem(403, "role_not_allowed");
}

#[tokio::test]
async fn nobody_is_asked_about_the_past_and_who_came_unasked_is_added() {
    let app = on_a_monday().await;
    let (host, party) = (app.department("civil-affairs").await, app.party("minge").await);
    let mut body = clinic();
    body["starts_at"] = "2026-02-09T01:00:00Z".into();
    body["ends_at"] = Value::Null;
    let path = convened(&host, body).await;
    assert!(todos(&party).await.is_empty());
    let notice = newest_notice(&party).await;
    assert!(
        notice["text"].as_str().expect("a text").contains("现予补充登记"),
        "{notice}"
    );
    let own = invitation(&party, &path, "minge").await;
    let late = respond(&party, &path, &own, json!({ "answer": "accepted" })).await;
    late.problem(409, "meeting_begun");
    step(&host, &path, "hold").await.expect(200);
    let late = json!({ "parties": ["minjin"] });
    host.post(&format!("{path}/invitations"), late).await.expect(201);
    let own = invitation(&host, &path, "minjin").await;
    let items = json!([{ "invitation": own, "present": true, "persons": ["林若溪"] }]);
    put(&host, &path, "attendance", json!({ "items": items }))
        .await
        .expect(200);
    put(&host, &path, "minutes", json!({ "text": "已义诊。" }))
        .await
        .expect(200);
    let concluded = step(&host, &path, "conclude").await.expect(200);
    assert_eq!(concluded.json["counts"]["reason"], "counted");
    host.post(&format!("{path}/invitations"), json!({ "parties": ["minjian"] }))
        .await
        .problem(409, "step_not_allowed");
}

#[tokio::test]
async fn of_eight_answers_at_once_none_is_lost() {
    let app = on_a_monday().await;
    let host = app.department("civil-affairs").await;
    let mut body = clinic();
    body["invite"]["parties"] = json!([
        "minge",
        "minmeng",
        "minjian",
        "minjin",
        "nonggong",
        "jiusan",
        "gongshanglian",
        "zhilianhui"
    ]);
    let path = convened(&host, body).await;
    let mut parties = Vec::new();
    for code in [
        "minge",
        "minmeng",
        "minjian",
        "minjin",
        "nonggong",
        "jiusan",
        "gongshanglian",
        "zhilianhui",
    ] {
        let party = app.party(code).await;
        let own = invitation(&party, &path, code).await;
        parties.push((party, own));
    }
    let answers = parties
        .iter()
        .map(|(party, own)| respond(party, &path, own, json!({ "answer": "accepted" })));
    for answer in futures_util::future::join_all(answers).await {
        answer.expect(200);
    }
    let seen = host.get(&path).await.expect(200);
    assert_eq!(seen.json["invitations"]["accepted"], 8);
    let version = seen.etag();
    assert!(
        version.starts_with("\"10-"),
        "each answer is a version of its own: {version}"
    );
}

/// Every state × step × party to it.
#[tokio::test]
async fn answers_and_disputes_in_every_state_by_everybody() {
    let app = on_a_monday().await;
    let host = app.department("civil-affairs").await;
    let mut paths = vec![("draft", draft(&host, clinic()).await)];
    for state in ["convened", "held", "concluded", "cancelled"] {
        paths.push((state, convened(&host, clinic()).await));
    }
    let cancel = json!({ "reason": "因故取消。" });
    host.post(&format!("{}/cancel", paths[4].1), cancel)
        .await
        .expect(200);
    app.clock.set(at("2026-03-16T01:00:00Z"));
    let host = app.department("civil-affairs").await;
    step(&host, &paths[2].1, "hold").await.expect(200);
    put(&host, &paths[2].1, "attendance", json!({ "items": [] }))
        .await
        .expect(200);
    conclude(&host, &paths[3].1, json!([])).await;
    // Convened and not begun: put off again.
    let later = json!({ "starts_at": "2026-03-30T01:00:00Z" });
    host.post(&format!("{}/postpone", paths[1].1), later)
        .await
        .expect(200);
    let users = [
        "party-minge",
        "party-minmeng",
        "department-civil-affairs",
        "department-education",
        "coordinator",
        "government-office",
    ];
    let mut calls = 0;
    for (state, path) in &paths {
        let own = invitation(&host, path, "minge").await;
        for name in users {
            let user = app.user(name).await;
            let offered = |answer: &crate::support::Answer, step: &str| {
                let one = answer.items().iter().find(|one| one["id"] == own.as_str());
                one.is_some_and(|one| {
                    let actions = one["allowed_actions"].as_array().expect("actions");
                    actions.iter().any(|action| action["code"] == step)
                })
            };
            for (step, body) in [
                ("respond", json!({ "answer": "tentative" })),
                ("dispute", json!({ "reason": "已到会。" })),
            ] {
                let before = user.get(&format!("{path}/invitations")).await;
                let answer = user.post(&format!("{path}/invitations/{own}/{step}"), body).await;
                let open = matches!(
                    (step, *state),
                    ("respond", "convened") | ("dispute", "held" | "concluded")
                );
                let sees = match name {
                    "department-civil-affairs" => true,
                    "department-education" => false,
                    _ => *state != "draft",
                };
                let may = step == "respond" || name.starts_with("party-");
                let expected = match () {
                    () if !may => 403,
                    () if !sees => 404,
                    () if name != "party-minge" => 403,
                    () if !open => 409,
                    () => 200,
                };
                assert_eq!(
                    answer.status.as_u16(),
                    expected,
                    "{step} in {state} by {name}: {}",
                    answer.text()
                );
                assert_eq!(
                    offered(&before, step),
                    expected == 200,
                    "{step} in {state} by {name}"
                );
                calls += 1;
            }
        }
    }
    assert_eq!(calls, 60);
}
