//! What hangs together: agenda items with suggestions and reports, suggestions with the meeting that they came of, reports with
//! the meetings that they tell of, planned items with what came of them.

use super::meetings::{MEETINGS, clinic, conclude, convened, draft};
use crate::support::suggestions::{self as raising, Table, raised};
use crate::support::{User, at, last, on_a_monday};
use serde_json::{Value, json};

const REPORTS: &str = "/api/v1/work-reports";
const PLANS: &str = "/api/v1/work-plans";
const NOWHERE: &str = "0193d2a4-5c00-7000-8000-00000000ffff";

fn special(title: &str, meetings: Value) -> Value {
    json!({
        "period": { "kind": "special", "from": "2026-01-01", "to": "2026-03-31" },
        "title": title,
        "text": "一季度开展义诊一次。",
        "meetings": meetings,
    })
}

async fn submitted(user: &User, body: Value) -> String {
    let report = user.post(REPORTS, body).await.expect(201).id();
    user.post(
        &format!("{REPORTS}/{report}/submit"),
        json!({ "no_secrets": true }),
    )
    .await
    .expect(200);
    report
}

#[tokio::test]
async fn agenda_items_are_about_what_their_hosts_may_read_and_show_it_to_who_may() {
    let app = on_a_monday().await;
    let (host, other) = (
        app.department("civil-affairs").await,
        app.department("education").await,
    );
    let own = Table::of(&app, "minge", "civil-affairs").await;
    let suggestion = own.submitted(raised("关于社区养老的建议", "civil-affairs")).await;
    let foreign = Table::of(&app, "minmeng", "education").await;
    let hidden = foreign.submitted(raised("关于午餐的建议", "education")).await;
    let report = submitted(&host, special("一季度工作情况", json!([]))).await;
    let elsewhere = submitted(&other, special("教育一季度工作情况", json!([]))).await;

    // All faults at once: what is hidden, what does not exist, and who is unknown.
    let mut wrong = clinic();
    wrong["agenda"] = json!([
        { "title": "一", "suggestion": hidden },
        { "title": "二", "suggestion": NOWHERE, "work_report": elsewhere },
    ]);
    wrong["invite"]["parties"] = json!(["nobody"]);
    let refused = host.post(MEETINGS, wrong).await.problem(422, "invalid");
    assert_eq!(
        refused.faults(),
        [
            "/agenda/0/suggestion unknown_reference",
            "/agenda/1/suggestion unknown_reference",
            "/agenda/1/work_report unknown_reference",
            "/invite/parties/0 unknown_reference",
        ]
    );

    let mut body = clinic();
    body["agenda"] = json!([
        { "title": "通报建议办理", "suggestion": suggestion, "work_report": report },
        { "title": "义诊" },
    ]);
    let path = convened(&host, body).await;
    let about = async |user: &User| user.get(&path).await.expect(200).json["agenda"].clone();
    let shown = about(&host).await;
    assert_eq!(shown[0]["suggestion"]["id"], suggestion.as_str());
    assert_eq!(shown[0]["suggestion"]["title"], "关于社区养老的建议");
    assert_eq!(shown[0]["work_report"]["department"]["code"], "civil-affairs");
    assert_eq!(shown[1]["suggestion"], Value::Null);
    // The party that raised it reads the suggestion, no party a report, the other parties neither.
    let shown = about(&app.party("minge").await).await;
    assert_eq!(shown[0]["suggestion"]["id"], suggestion.as_str());
    assert_eq!(shown[0]["work_report"], Value::Null);
    let shown = about(&app.party("minmeng").await).await;
    assert_eq!(shown[0]["suggestion"], Value::Null);
    assert_eq!(shown[0]["title"], "通报建议办理");
    let shown = about(&app.government_office().await).await;
    assert_eq!(shown[0]["work_report"]["id"], report.as_str());
    let listed = app.party("minmeng").await.get(MEETINGS).await.expect(200);
    assert!(!listed.text().contains(&suggestion));
}

#[tokio::test]
async fn a_draft_keeps_its_links_and_a_deleted_report_leaves_its_item() {
    let app = on_a_monday().await;
    let host = app.department("civil-affairs").await;
    let report = host
        .post(REPORTS, special("草稿", json!([])))
        .await
        .expect(201)
        .id();
    let mut body = clinic();
    body["agenda"] = json!([{ "title": "讨论报告", "work_report": report }]);
    let path = draft(&host, body).await;
    let patched = host.matching(&path).await;
    let patched = patched
        .patch(&path, json!({ "title": "另一题目" }))
        .await
        .expect(200);
    assert_eq!(patched.json["agenda"][0]["work_report"]["id"], report.as_str());
    let at = format!("{REPORTS}/{report}");
    host.matching(&at).await.delete(&at).await.expect(204);
    let kept = host.get(&path).await.expect(200);
    assert_eq!(kept.json["agenda"][0]["title"], "讨论报告");
    assert_eq!(kept.json["agenda"][0]["work_report"], Value::Null);
    let patch = json!({ "agenda": [{ "title": "讨论报告", "work_report": report }] });
    let refused = host.matching(&path).await.patch(&path, patch).await;
    assert_eq!(
        refused.problem(422, "invalid").faults(),
        ["/agenda/0/work_report unknown_reference"]
    );
}

#[tokio::test]
async fn a_result_becomes_a_suggestion_and_each_shows_the_other() {
    let app = on_a_monday().await;
    let host = app.department("civil-affairs").await;
    let path = convened(&host, clinic()).await;
    let meeting = last(&path);
    let invited = Table::of(&app, "minge", "education").await;
    let stranger = Table::of(&app, "jiusan", "education").await;
    let mut body = raised("关于义诊常态化的建议", "education");
    body["from_meeting"] = json!(meeting);
    // Not invited, not there, or a draft: all the same.
    let refused = stranger.party.post("/api/v1/suggestions", body.clone()).await;
    assert_eq!(
        refused.problem(422, "invalid").faults(),
        ["/from_meeting unknown_reference"]
    );
    let hidden = draft(&host, clinic()).await;
    let mut wrong = body.clone();
    wrong["from_meeting"] = json!(last(&hidden));
    wrong["lead_department"] = json!("nobody");
    let refused = invited.party.post("/api/v1/suggestions", wrong).await;
    assert_eq!(
        refused.problem(422, "invalid").faults(),
        [
            "/from_meeting unknown_reference",
            "/lead_department unknown_reference"
        ]
    );

    let suggestion = invited.drafted(body).await;
    let at = raising::path(&suggestion);
    let seen = invited.party.get(&at).await.expect(200);
    assert_eq!(seen.json["from_meeting"]["title"], "医疗义诊进乡镇");
    let results = async |user: &User| user.get(&path).await.expect(200).json["suggestions"].clone();
    assert_eq!(results(&invited.party).await[0]["id"], suggestion.as_str());
    assert_eq!(results(&host).await, json!([]));
    // It is its party's to change while it is a draft.
    let patch = async |body: Value| invited.party.matching(&at).await.patch(&at, body).await;
    let gone = patch(json!({ "from_meeting": null })).await.expect(200);
    assert_eq!(gone.json["from_meeting"], Value::Null);
    let refused = patch(json!({ "from_meeting": NOWHERE })).await;
    assert_eq!(
        refused.problem(422, "invalid").faults(),
        ["/from_meeting unknown_reference"]
    );
    patch(json!({ "from_meeting": meeting })).await.expect(200);
    raising::step(
        &invited.party,
        &suggestion,
        "submit",
        json!({ "no_secrets": true }),
    )
    .await;

    // The lead was not at the meeting, and does not hear of it; the host does not read the suggestion.
    let lead = app.department("education").await;
    assert_eq!(lead.get(&at).await.expect(200).json["from_meeting"], Value::Null);
    assert_eq!(results(&host).await, json!([]));
    let coordinator = app.coordinator().await;
    let seen = coordinator.get(&at).await.expect(200);
    assert_eq!(seen.json["from_meeting"]["id"], meeting);
    let shown = results(&coordinator).await;
    assert_eq!(shown[0]["id"], suggestion.as_str());
    assert_eq!(shown[0]["state"], "submitted");
}

#[tokio::test]
async fn a_report_names_the_meetings_that_it_tells_of_and_begins_with_what_counted() {
    let app = on_a_monday().await;
    let (host, other) = (
        app.department("civil-affairs").await,
        app.department("education").await,
    );
    let story = Table::of(&app, "minge", "civil-affairs").await;
    story
        .submitted(raised("关于社区养老的建议", "civil-affairs"))
        .await;
    let path = convened(&host, clinic()).await;
    let meeting = last(&path);
    let refused = other.post(REPORTS, special("教育", json!([meeting]))).await;
    assert_eq!(
        refused.problem(422, "invalid").faults(),
        ["/meetings/0 unknown_reference"]
    );
    let refused = host
        .post(REPORTS, special("民政", json!([meeting, meeting])))
        .await;
    assert_eq!(refused.problem(422, "invalid").faults(), ["/meetings/1 repeated"]);

    let made = host
        .post(REPORTS, special("民政", json!([meeting])))
        .await
        .expect(201);
    assert_eq!(made.json["meetings"][0]["title"], "医疗义诊进乡镇");
    let facts = &made.json["facts"];
    // What has not begun yet is no fact.
    assert_eq!(
        facts["activities"],
        json!({ "convened": 0, "counted": 0, "meetings": [] })
    );
    assert_eq!(facts["suggestions"]["received"], 1);
    assert_eq!(
        facts["suggestions"]["results"],
        json!({ "a": 0, "b": 0, "c": 0, "d": 0 })
    );
    app.clock.set(at("2026-03-17T01:30:00Z"));
    // Tokens do not last a fortnight.
    let host = app.department("civil-affairs").await;
    let at = format!("{REPORTS}/{}", made.id());
    let begun = host.get(&at).await.expect(200).json["facts"]["activities"].clone();
    assert_eq!(begun["convened"], 1);
    assert_eq!(begun["counted"], 0);
    assert_eq!(begun["meetings"][0]["counts"]["reason"], "not_concluded");
    let came = super::meetings::invitation(&host, &path, "minjian").await;
    conclude(
        &host,
        &path,
        json!([{ "invitation": came, "present": true, "persons": ["何家豪"] }]),
    )
    .await;
    let seen = host.get(&at).await.expect(200);
    assert_eq!(seen.json["facts"]["activities"]["counted"], 1);
    assert_eq!(seen.json["meetings"][0]["state"], "concluded");

    // The meeting shows who tells of it, to who may read that.
    let told = async |user: &User| user.get(&path).await.expect(200).json["work_reports"].clone();
    let coordinator = app.coordinator().await;
    assert_eq!(told(&coordinator).await, json!([]));
    host.post(&format!("{at}/submit"), json!({ "no_secrets": true }))
        .await
        .expect(200);
    assert_eq!(told(&coordinator).await[0]["id"], made.json["id"]);
    assert_eq!(told(&app.party("minjian").await).await, json!([]));
    // The next version begins with the same meetings, and can leave them out; what was submitted keeps its own.
    let next = host.post(&format!("{at}/revise"), json!({})).await.expect(200);
    assert_eq!(next.json["meetings"], seen.json["meetings"]);
    let newer = format!("{REPORTS}/{}", next.id());
    let patched = host.matching(&newer).await;
    let patched = patched.patch(&newer, json!({ "meetings": [] })).await.expect(200);
    assert_eq!(patched.json["meetings"], json!([]));
    let kept = host.get(&at).await.expect(200);
    assert_eq!(kept.json["meetings"], seen.json["meetings"]);
}

#[tokio::test]
async fn planned_items_have_the_meetings_that_came_of_them() {
    let app = on_a_monday().await;
    let (host, other) = (
        app.department("civil-affairs").await,
        app.department("education").await,
    );
    let plan = json!({ "year": 2026, "items": [{ "kind": "social_service", "title": "义诊" }, { "kind": "visit", "title": "走访" }] });
    let plan = host.post(PLANS, plan).await.expect(201);
    let at = format!("{PLANS}/{}", plan.id());
    let item = raising::id(&plan.json["items"][0]);
    let put = async |user: &User, meetings: Value| {
        let body = json!({ "meetings": meetings });
        let user = user.with("If-Match", "*");
        user.put(&format!("{at}/items/{item}/meetings"), body).await
    };
    let path = convened(&host, clinic()).await;
    let meeting = last(&path);
    let hidden = draft(&host, clinic()).await;
    let refused = put(&host, json!([last(&hidden), NOWHERE, meeting, meeting])).await;
    assert_eq!(
        refused.problem(422, "invalid").faults(),
        [
            "/meetings/0 unknown_reference",
            "/meetings/1 unknown_reference",
            "/meetings/3 repeated",
        ]
    );
    let body = json!({ "meetings": [meeting] });
    host.put(&format!("{at}/items/{item}/meetings"), body.clone())
        .await
        .problem(428, "precondition_required");
    let unknown = format!("{at}/items/{NOWHERE}/meetings");
    host.with("If-Match", "*")
        .put(&unknown, body)
        .await
        .problem(404, "not_found");
    // A draft is its department's; to what another holds nothing is linked.
    put(&other, json!([])).await.problem(404, "not_found");
    let mut theirs = clinic();
    theirs["hosts"] = json!(["education"]);
    theirs["invite"]["departments"] = json!(["civil-affairs"]);
    let theirs = convened(&other, theirs).await;
    put(&host, json!([last(&theirs)])).await.problem(403, "not_yours");

    let linked = put(&host, json!([meeting])).await.expect(200);
    assert_eq!(linked.json["items"][0]["meetings"][0]["id"], meeting);
    assert_eq!(linked.json["items"][0]["done"], false);
    assert_eq!(linked.json["progress"], json!({ "items": 2, "done": 0 }));
    host.post(&format!("{at}/submit"), json!({})).await.expect(200);
    app.clock.set(crate::support::at("2026-03-17T01:30:00Z"));
    let host = app.department("civil-affairs").await;
    conclude(&host, &path, json!([])).await;
    let done = host.get(&at).await.expect(200);
    assert_eq!(done.json["items"][0]["done"], true);
    assert_eq!(done.json["progress"], json!({ "items": 2, "done": 1 }));
    // These and no others, also of a plan that is submitted, and kept by the next version.
    let next = host.post(&format!("{at}/revise"), json!({})).await.expect(200);
    assert_eq!(next.json["items"][0]["meetings"][0]["id"], meeting);
    let none = put(&host, json!([])).await.expect(200);
    assert_eq!(none.json["progress"], json!({ "items": 2, "done": 0 }));
}
