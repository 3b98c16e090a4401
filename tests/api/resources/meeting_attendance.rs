//! 到会情况: recorded, corrected, disputed, decided.

use super::meetings::{MEETINGS, convened, invitation, put, step, todos};
use crate::support::{TestApp, User, at, newest_notice, on_a_monday};
use serde_json::{Value, json};

/// 市教育局's visit of a fortnight ago, held.
async fn held(host: &User) -> String {
    let body = json!({
        "kind": "visit", "title": "走访党派机关", "starts_at": "2026-02-16T01:00:00Z", "place": "党派机关",
        "invite": { "parties": ["minmeng", "minjin"], "guests": [{ "kind": "expert", "name": "何家豪" }] },
    });
    let path = convened(host, body).await;
    step(host, &path, "hold").await.expect(200);
    path
}

async fn concluded(app: &TestApp, items: Value) -> (User, User, String, String) {
    let (host, party) = (app.department("education").await, app.party("minmeng").await);
    let path = held(&host).await;
    put(&host, &path, "attendance", json!({ "items": items }))
        .await
        .expect(200);
    put(&host, &path, "minutes", json!({ "text": "已走访。" }))
        .await
        .expect(200);
    step(&host, &path, "conclude").await.expect(200);
    let own = invitation(&party, &path, "minmeng").await;
    (host, party, path.clone(), format!("{path}/invitations/{own}"))
}

#[tokio::test]
async fn attendance_is_put_as_a_whole_and_shares_the_meetings_version() {
    let app = on_a_monday().await;
    let host = app.department("education").await;
    let path = held(&host).await;
    let own = invitation(&host, &path, "minmeng").await;
    let other = invitation(&host, &path, "minjin").await;
    let attendance = format!("{path}/attendance");
    let before = host.get(&attendance).await.expect(200);
    assert!(before.items().iter().all(|one| one["recorded"] == false));
    let wrong = json!({ "items": [
        { "invitation": own, "present": true },
        { "invitation": own, "present": false, "persons": ["周文博"] },
        { "invitation": "0193d2a4-5c00-7000-8000-00000000ffff", "present": true },
    ]});
    let refused = host.put(&attendance, wrong).await.problem(422, "invalid");
    assert_eq!(
        refused.faults(),
        [
            "/items/1/invitation repeated",
            "/items/1/persons not_allowed",
            "/items/2/invitation unknown_reference"
        ]
    );
    let stranger =
        json!({ "items": [{ "invitation": "0193d2a4-5c00-7000-8000-00000000ffff", "present": true }] });
    let refused = host.put(&attendance, stranger).await.problem(422, "invalid");
    assert_eq!(refused.faults(), ["/items/0/invitation unknown_reference"]);
    let items = json!({ "items": [{ "invitation": own, "present": true, "persons": ["周文博"] }] });
    host.put(&attendance, items.clone())
        .await
        .problem(428, "precondition_required");
    let tag = host.get(&path).await.etag();
    let matching = host.with("If-Match", &tag);
    let put = matching.put(&attendance, items.clone()).await.expect(200);
    matching
        .put(&attendance, items)
        .await
        .problem(412, "precondition_failed");
    assert_eq!(
        put.etag().split('-').next(),
        host.get(&path).await.etag().split('-').next()
    );
    let line = |of: &str| {
        put.items()
            .iter()
            .find(|one| one["invitation"] == of)
            .cloned()
            .expect("a line")
    };
    assert_eq!(line(&own)["persons"], json!(["周文博"]));
    assert_eq!(line(&own)["disputable_until"], "2026-03-16");
    assert_eq!(line(&other)["present"], false);
    assert_eq!(line(&other)["recorded"], true);
    assert_eq!(
        newest_notice(&app.party("minjin").await).await["kind"],
        "meeting_attendance_recorded"
    );
    // Corrected with what is new, until it is concluded.
    let items = json!({ "items": [{ "invitation": other, "present": false, "online": true }] });
    let corrected = super::meetings::put(&host, &path, "attendance", items)
        .await
        .expect(200);
    let line = corrected
        .items()
        .iter()
        .find(|one| one["invitation"] == own.as_str())
        .expect("a line");
    assert_eq!((&line["present"], &line["persons"]), (&json!(false), &json!([])));
}

#[tokio::test]
async fn what_was_not_recorded_was_absence_and_nothing_is_recorded_before_or_after() {
    let app = on_a_monday().await;
    let host = app.department("education").await;
    let path = held(&host).await;
    let early = json!({
        "kind": "visit", "title": "走访", "starts_at": "2026-02-16T01:00:00Z", "place": "党派机关",
        "invite": { "parties": ["minmeng"] },
    });
    let early = convened(&host, early).await;
    put(&host, &early, "attendance", json!({ "items": [] }))
        .await
        .problem(409, "step_not_allowed");
    put(&host, &path, "minutes", json!({ "text": "已走访。" }))
        .await
        .expect(200);
    let done = step(&host, &path, "conclude").await.expect(200);
    assert_eq!(done.json["counts"]["reason"], "no_party_present");
    let sheet = host.get(&format!("{path}/attendance")).await.expect(200);
    assert!(
        sheet
            .items()
            .iter()
            .all(|one| one["recorded"] == true && one["present"] == false)
    );
    put(&host, &path, "attendance", json!({ "items": [] }))
        .await
        .problem(409, "step_not_allowed");
    put(&host, &path, "minutes", json!({ "text": "更正。" }))
        .await
        .problem(409, "step_not_allowed");
}

#[tokio::test]
async fn a_dispute_that_is_granted_changes_the_record_and_the_count() {
    let app = on_a_monday().await;
    let (host, party, path, own) = concluded(&app, json!([])).await;
    let coordinator = app.coordinator().await;
    let decide = json!({ "granted": true, "reason": "签到表可查。" });
    coordinator
        .post(&format!("{own}/decide-dispute"), decide.clone())
        .await
        .problem(409, "no_open_dispute");
    let dispute = json!({ "reason": "我单位派员到会。", "persons": ["周文博"] });
    let disputed = party
        .post(&format!("{own}/dispute"), dispute.clone())
        .await
        .expect(200);
    assert_eq!(disputed.json["dispute"]["state"], "open");
    assert_eq!(disputed.json["dispute"]["present"], true);
    assert_eq!(disputed.json["attendance"]["present"], false);
    party
        .post(&format!("{own}/dispute"), dispute)
        .await
        .problem(409, "already_disputed");
    assert_eq!(todos(&coordinator).await, ["decide_attendance_dispute"]);
    for user in [&coordinator, &host] {
        let notice = newest_notice(user).await;
        assert_eq!(notice["kind"], "meeting_attendance_disputed");
        assert!(
            notice["text"]
                .as_str()
                .expect("a text")
                .contains("我单位派员到会。"),
            "{notice}"
        );
    }
    // Others who are invited do not see it.
    let other = app
        .party("minjin")
        .await
        .get(&format!("{path}/attendance"))
        .await
        .expect(200);
    assert!(other.items().iter().all(|one| one["dispute"].is_null()));
    let decided = coordinator
        .post(&format!("{own}/decide-dispute"), decide.clone())
        .await
        .expect(200);
    assert_eq!(decided.json["dispute"]["state"], "granted");
    assert_eq!(decided.json["attendance"]["present"], true);
    assert_eq!(decided.json["attendance"]["persons"], json!(["周文博"]));
    assert!(todos(&coordinator).await.is_empty());
    assert_eq!(newest_notice(&party).await["kind"], "meeting_dispute_decided");
    coordinator
        .post(&format!("{own}/decide-dispute"), decide)
        .await
        .problem(409, "no_open_dispute");
    let meeting = host.get(&path).await.expect(200);
    assert_eq!(
        meeting.json["counts"],
        json!({ "counts": true, "reason": "counted" })
    );
    let counted = party
        .get(&format!("{MEETINGS}?counts=true&attended_by=minmeng"))
        .await
        .expect(200);
    assert_eq!(counted.items().len(), 1);
}

#[tokio::test]
async fn a_dispute_that_is_dismissed_changes_nothing() {
    let app = on_a_monday().await;
    let (_, party, path, own) = concluded(&app, json!([])).await;
    party
        .post(&format!("{own}/dispute"), json!({ "reason": "已到会。" }))
        .await
        .expect(200);
    let decide = json!({ "granted": false, "reason": "签到表无签名。" });
    let decided = app
        .coordinator()
        .await
        .post(&format!("{own}/decide-dispute"), decide)
        .await
        .expect(200);
    assert_eq!(decided.json["dispute"]["state"], "dismissed");
    assert_eq!(decided.json["attendance"]["present"], false);
    assert_eq!(party.get(&path).await.json["counts"]["counts"], false);
}

#[tokio::test]
async fn the_term_for_disputes_ends() {
    let app = on_a_monday().await;
    let (_, _, _, own) = concluded(&app, json!([])).await;
    app.clock.set(at("2026-03-16T16:00:00Z"));
    let late = app
        .party("minmeng")
        .await
        .post(&format!("{own}/dispute"), json!({ "reason": "已到会。" }))
        .await;
    late.problem(409, "dispute_too_late");
    app.clock.set(at("2026-03-16T15:59:59Z"));
    let in_time = app
        .party("minmeng")
        .await
        .post(&format!("{own}/dispute"), json!({ "reason": "已到会。" }))
        .await;
    in_time.expect(200);
}

#[tokio::test]
async fn of_simultaneous_decisions_one_wins() {
    let app = on_a_monday().await;
    let (_, party, _, own) = concluded(&app, json!([])).await;
    party
        .post(&format!("{own}/dispute"), json!({ "reason": "已到会。" }))
        .await
        .expect(200);
    let (coordinator, decide) = (app.coordinator().await, format!("{own}/decide-dispute"));
    let decisions = (0..8).map(|number| {
        let body = json!({ "granted": number % 2 == 0, "reason": "签到表可查。" });
        coordinator.post(&decide, body)
    });
    let decisions = futures_util::future::join_all(decisions).await;
    let won = decisions.iter().filter(|answer| answer.status == 200).count();
    let lost = decisions.iter().filter(|answer| answer.status == 409).count();
    assert_eq!((won, lost), (1, 7));
}
