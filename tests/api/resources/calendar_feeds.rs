//! 日历订阅: RFC 5545, read by a parser that is not ours.

use crate::support::{Answer, TestApp, User, at, on_a_monday};
use calcard::Entry;
use calcard::Parser;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarProperty, ICalendarValue,
};
use diesel_async::SimpleAsyncConnection;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

const FEEDS: &str = "/api/v1/calendar-feeds";

async fn make(user: &User, scope: &str) -> Answer {
    user.post(FEEDS, json!({ "scope": scope })).await.expect(201)
}

/// The path of the address that an answer shows.
fn path(feed: &Answer) -> String {
    let address = feed.json["address"].as_str().expect("an address");
    let at = address.find("/api/v1/calendar/").expect("a path");
    address[at..].to_owned()
}

/// A meeting that 市教育局 and 市卫生健康局 host, as the database has it.
struct Meeting {
    id: Uuid,
    title: &'static str,
    state: &'static str,
    form: &'static str,
    starts_at: &'static str,
    invited: &'static [(&'static str, &'static str)],
}

const PLAIN: Meeting = Meeting {
    id: Uuid::from_u128(0x0193_d2a4_5c00_7000_8000_0000_0000_1001),
    title: "对口联系工作会议",
    state: "convened",
    form: "meeting",
    starts_at: "2026-03-10T01:00:00Z",
    invited: &[("minmeng", "pending")],
};

async fn put(app: &TestApp, meeting: &Meeting) {
    let Meeting {
        id,
        title,
        state,
        form,
        starts_at,
        ..
    } = meeting;
    let (place, kind, matter) = match *form {
        "written" => ("NULL", "decision_briefing", "'规划', '2026-04-01', '2026-03-20'"),
        _ => (
            "'市政府三楼会议室，武江区惠民南路1号; A区'",
            "liaison_meeting",
            "NULL, NULL, NULL",
        ),
    };
    let convened = if *state == "draft" {
        "NULL"
    } else {
        "'2026-03-01T00:00:00Z'"
    };
    let mut sql = format!(
        "INSERT INTO meetings (id, kind, title, form, state, starts_at, ends_at, place, decision_matter, decision_planned_on,
             opinions_due_on, convened_at, created_at, updated_at)
         VALUES ('{id}', '{kind}', '{title}', '{form}', '{state}', '{starts_at}', timestamptz '{starts_at}' + interval '2 hours',
             {place}, {matter}, {convened}, '2026-03-01T00:00:00Z', '2026-03-01T00:00:00Z');
         INSERT INTO meeting_agenda_items (id, meeting_id, position, title)
         VALUES (gen_random_uuid(), '{id}', 1, '通报本年度重点工作；听取意见, 建议');
         INSERT INTO meeting_hosts (meeting_id, organization_id, organization_kind, position)
         SELECT '{id}', id, kind, position FROM organizations WHERE code IN ('education', 'health');"
    );
    for (code, answer) in meeting.invited {
        sql.push_str(&format!(
            "INSERT INTO meeting_invitations (id, meeting_id, position, organization_id, organization_kind, answer, reason, created_at)
             SELECT gen_random_uuid(), '{id}', 1, id, kind, '{answer}', '另有安排', now() FROM organizations WHERE code = '{code}';"
        ));
    }
    run(app, &sql).await;
}

async fn run(app: &TestApp, sql: &str) {
    let mut conn = app.database.connect().await;
    conn.batch_execute(sql).await.expect("a statement");
}

async fn fetch(app: &TestApp, path: &str) -> String {
    let answer = app.anonymous().get(path).await.expect(200);
    assert_eq!(
        answer.header("content-type"),
        Some("text/calendar; charset=utf-8")
    );
    answer.text()
}

/// As another's parser reads it, to the end. (Its strict mode takes no component within another.)
fn parsed(text: &str) -> ICalendar {
    let mut parser = Parser::new(text);
    let Entry::ICalendar(calendar) = parser.entry() else {
        panic!("no calendar: {text}")
    };
    assert!(
        matches!(parser.entry(), Entry::Eof),
        "more than one calendar: {text}"
    );
    calendar
}

fn events(calendar: &ICalendar) -> Vec<&ICalendarComponent> {
    let components = calendar.components.iter();
    components
        .filter(|component| component.component_type == ICalendarComponentType::VEvent)
        .collect()
}

fn text_of(component: &ICalendarComponent, property: &ICalendarProperty) -> String {
    let entry = component.property(property).expect("a property");
    let value = entry.values.first().expect("a value");
    match value {
        ICalendarValue::Text(text) => text.clone(),
        ICalendarValue::Integer(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

async fn titles(app: &TestApp, path: &str) -> Vec<String> {
    let calendar = parsed(&fetch(app, path).await);
    let events = events(&calendar).into_iter();
    events
        .map(|event| text_of(event, &ICalendarProperty::Summary))
        .collect()
}

#[tokio::test]
async fn a_meeting_is_an_event_that_others_can_read() {
    let app = on_a_monday().await;
    put(&app, &PLAIN).await;
    let path = path(&make(&app.department("education").await, "organization").await);
    let text = fetch(&app, &path).await;
    // Lines end as they should, none is too long, and no character is cut.
    assert!(text.ends_with("END:VCALENDAR\r\n"));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    assert!(
        text.split("\r\n").any(|line| line.starts_with(' ')),
        "nothing was folded"
    );
    let unfolded = text.replace("\r\n ", "");
    for line in [
        "METHOD:PUBLISH",
        "X-WR-CALNAME:市教育局对口联系日程",
        "UID:0193d2a4-5c00-7000-8000-000000001001@liaison",
        "SEQUENCE:0",
        "DTSTAMP:20260301T000000Z",
        "LAST-MODIFIED:20260301T000000Z",
        "DTSTART;TZID=Asia/Shanghai:20260310T090000",
        "DTEND;TZID=Asia/Shanghai:20260310T110000",
        "LOCATION:市政府三楼会议室，武江区惠民南路1号\\; A区",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
    ] {
        assert!(
            unfolded.split("\r\n").any(|found| found == line),
            "{line} in {unfolded}"
        );
    }
    assert!(
        unfolded.contains("ORGANIZER;CN=\"市教育局\":urn:uuid:"),
        "{unfolded}"
    );
    assert!(
        !unfolded.contains("ATTENDEE") && !unfolded.contains("mailto:"),
        "{unfolded}"
    );

    let calendar = parsed(&text);
    let zone = calendar
        .components
        .iter()
        .find(|component| component.component_type == ICalendarComponentType::VTimezone);
    assert_eq!(
        text_of(zone.expect("a zone"), &ICalendarProperty::Tzid),
        "Asia/Shanghai"
    );
    let events = events(&calendar);
    let [event] = events.as_slice() else {
        panic!("{text}")
    };
    assert_eq!(text_of(event, &ICalendarProperty::Summary), "对口联系工作会议");
    assert_eq!(
        text_of(event, &ICalendarProperty::Location),
        "市政府三楼会议室，武江区惠民南路1号; A区"
    );
    let described = text_of(event, &ICalendarProperty::Description);
    let lines: Vec<&str> = described.lines().collect();
    assert_eq!(lines[0], "类别：对口联系工作会议");
    assert_eq!(lines[1], "举办单位：市教育局、市卫生健康局");
    assert_eq!(lines[2], "议程1：通报本年度重点工作；听取意见, 建议");
    assert!(
        lines[3].ends_with("/api/v1/meetings/0193d2a4-5c00-7000-8000-000000001001"),
        "{described}"
    );
}

#[tokio::test]
async fn a_change_keeps_the_uid_and_raises_the_sequence() {
    let app = on_a_monday().await;
    put(&app, &PLAIN).await;
    let path = path(&make(&app.party("minmeng").await, "organization").await);
    let seen = async || {
        let calendar = parsed(&fetch(&app, &path).await);
        let event = events(&calendar)[0].clone();
        let of = |property| text_of(&event, property);
        let sequence: u32 = of(&ICalendarProperty::Sequence).parse().expect("a number");
        (
            of(&ICalendarProperty::Uid),
            sequence,
            of(&ICalendarProperty::Summary),
        )
    };
    let (uid, first, title) = seen().await;
    assert_eq!(title, "对口联系工作会议");
    run(&app, "UPDATE meetings SET starts_at = starts_at + interval '1 day', ends_at = NULL, sequence = sequence + 1").await;
    let (same, second, _) = seen().await;
    assert_eq!(same, uid);
    assert!(second > first);
    let text = fetch(&app, &path).await;
    assert!(
        text.contains("DTSTART;TZID=Asia/Shanghai:20260311T090000\r\n") && !text.contains("DTEND"),
        "{text}"
    );
    run(
        &app,
        "UPDATE meetings SET state = 'cancelled', cancelled_at = now(), cancel_reason = '主要领导出差', sequence = sequence + 1",
    )
    .await;
    let (same, third, title) = seen().await;
    assert_eq!((same, title.as_str()), (uid, "已取消：对口联系工作会议"));
    assert!(third > second);
    let text = fetch(&app, &path).await;
    assert!(
        text.contains("STATUS:CANCELLED\r\n") && text.contains("TRANSP:TRANSPARENT\r\n"),
        "{text}"
    );
    assert!(text.contains("取消原因：主要领导出差"), "{text}");
}

/// The same by the steps that change it, as the roles take them.
#[tokio::test]
async fn steps_of_a_meeting_are_seen_in_the_feed() {
    let app = on_a_monday().await;
    let (education, minmeng) = (app.department("education").await, app.party("minmeng").await);
    let meeting = json!({
        "kind": "visit", "title": "走访民盟市委会", "starts_at": "2026-03-10T01:00:00Z", "ends_at": "2026-03-10T03:00:00Z",
        "place": "民盟市委会会议室", "invite": { "parties": ["minmeng"] },
    });
    let meeting = education.post("/api/v1/meetings", meeting).await.expect(201);
    let meeting = format!("/api/v1/meetings/{}", meeting.json["id"].as_str().expect("an id"));
    let feed = path(&make(&minmeng, "user").await);
    assert!(titles(&app, &feed).await.is_empty());
    let step = async |user: &User, step: String, body: Value| user.post(&step, body).await.expect(200);
    step(&education, format!("{meeting}/convene"), json!({})).await;
    let seen = async |lines: &[&str]| {
        let text = fetch(&app, &feed).await.replace("\r\n ", "");
        for line in lines {
            assert!(text.split("\r\n").any(|found| found == *line), "{line} in {text}");
        }
        let uid = text.split("\r\n").find(|line| line.starts_with("UID:"));
        let sequence = text.split("\r\n").find_map(|line| line.strip_prefix("SEQUENCE:"));
        let sequence: u32 = sequence.expect("a sequence").parse().expect("a number");
        (uid.expect("a UID").to_owned(), sequence)
    };
    let start = "DTSTART;TZID=Asia/Shanghai:20260310T090000";
    let (uid, convened) = seen(&[
        start,
        "STATUS:TENTATIVE",
        "CATEGORIES:走访",
        "LOCATION:民盟市委会会议室",
    ])
    .await;
    let invitations = minmeng.get(&format!("{meeting}/invitations")).await.expect(200);
    let invitation = invitations.items()[0]["id"].as_str().expect("an id");
    let respond = format!("{meeting}/invitations/{invitation}/respond");
    step(&minmeng, respond.clone(), json!({ "answer": "accepted" })).await;
    seen(&["STATUS:CONFIRMED"]).await;
    step(&minmeng, respond, json!({ "answer": "tentative" })).await;
    seen(&["STATUS:TENTATIVE"]).await;
    let to =
        json!({ "starts_at": "2026-03-12T06:30:00Z", "place": "市教育局三楼会议室", "reason": "会议冲突。" });
    step(&education, format!("{meeting}/postpone"), to).await;
    let (same, postponed) = seen(&[
        "DTSTART;TZID=Asia/Shanghai:20260312T143000",
        "DTEND;TZID=Asia/Shanghai:20260312T163000",
        "LOCATION:市教育局三楼会议室",
        "STATUS:TENTATIVE",
    ])
    .await;
    assert_eq!(same, uid);
    assert!(postponed > convened);
    step(
        &education,
        format!("{meeting}/cancel"),
        json!({ "reason": "因故取消。" }),
    )
    .await;
    let (same, cancelled) = seen(&["SUMMARY:已取消：走访民盟市委会", "STATUS:CANCELLED"]).await;
    assert_eq!(same, uid);
    assert!(cancelled > postponed);
}

#[tokio::test]
async fn a_feed_has_only_what_its_organization_hosts_or_is_invited_to() {
    let app = on_a_monday().await;
    let other = |number: u128| Uuid::from_u128(PLAIN.id.as_u128() + number);
    put(&app, &PLAIN).await;
    for meeting in [
        Meeting {
            id: other(1),
            title: "民革走访",
            invited: &[("minge", "tentative")],
            ..PLAIN
        },
        Meeting {
            id: other(2),
            title: "未召集",
            state: "draft",
            ..PLAIN
        },
        Meeting {
            id: other(3),
            title: "前年的会",
            starts_at: "2024-12-31T15:59:00Z",
            ..PLAIN
        },
        Meeting {
            id: other(4),
            title: "去年的会",
            starts_at: "2024-12-31T16:00:00Z",
            ..PLAIN
        },
        Meeting {
            id: other(5),
            title: "书面征求",
            form: "written",
            ..PLAIN
        },
    ] {
        put(&app, &meeting).await;
    }
    let of = async |user: &User| path(&make(user, "organization").await);
    let (education, minmeng) = (
        of(&app.department("education").await).await,
        of(&app.party("minmeng").await).await,
    );
    let minge = of(&app.party("minge").await).await;
    assert_eq!(
        titles(&app, &education).await,
        [
            "去年的会",
            "对口联系工作会议",
            "民革走访",
            "征求意见截止：书面征求"
        ]
    );
    assert_eq!(
        titles(&app, &minmeng).await,
        ["去年的会", "对口联系工作会议", "征求意见截止：书面征求"]
    );
    assert_eq!(titles(&app, &minge).await, ["民革走访"]);
    let text = fetch(&app, &minge).await;
    assert!(text.contains("STATUS:TENTATIVE\r\n"), "{text}");
    assert!(
        titles(&app, &of(&app.party("minjin").await).await)
            .await
            .is_empty()
    );
    // What is answered in writing takes nobody's time, and what was declined neither.
    assert_eq!(
        fetch(&app, &minmeng).await.matches("TRANSP:TRANSPARENT").count(),
        1
    );
    run(&app, "UPDATE meeting_invitations SET answer = 'declined'").await;
    assert_eq!(
        fetch(&app, &minmeng).await.matches("TRANSP:TRANSPARENT").count(),
        3
    );
    assert_eq!(
        fetch(&app, &education)
            .await
            .matches("TRANSP:TRANSPARENT")
            .count(),
        1
    );
    // It is the whole day on which opinions end, for the host as for the party, and nothing that anybody has yet to accept.
    for feed in [&education, &minmeng] {
        let text = fetch(&app, feed).await;
        let written = text
            .split("BEGIN:VEVENT")
            .find(|event| event.contains("书面征求"));
        let written = written.expect("the consultation");
        for line in [
            "DTSTART;VALUE=DATE:20260320",
            "DTEND;VALUE=DATE:20260321",
            "STATUS:CONFIRMED",
        ] {
            assert!(written.contains(&format!("{line}\r\n")), "{line} in {written}");
        }
    }
    // What calendar programs add to the address is theirs.
    for query in ["?nocache=1", "?_=1764550000&limit=0", "?a=b&a=c"] {
        assert_eq!(
            fetch(&app, &format!("{minmeng}{query}")).await,
            fetch(&app, &minmeng).await,
            "{query}"
        );
    }
    // An invitation that was taken away is gone at the next reading.
    run(
        &app,
        &format!(
            "DELETE FROM meeting_invitations WHERE meeting_id = '{}'",
            PLAIN.id
        ),
    )
    .await;
    assert_eq!(
        titles(&app, &minmeng).await,
        ["去年的会", "征求意见截止：书面征求"]
    );
}

#[tokio::test]
async fn an_address_is_shown_once_rotated_and_removed() {
    let app = on_a_monday().await;
    let education = app.department("education").await;
    let feed = make(&education, "organization").await;
    assert_eq!(feed.json["organization"]["code"], "education");
    let (first, one) = (
        path(&feed),
        format!("{FEEDS}/{}", feed.json["id"].as_str().expect("an id")),
    );
    assert_eq!(feed.header("location"), Some(one.as_str()));
    assert_eq!(feed.header("cache-control"), Some("no-store"));
    // 256 bits in base64url.
    assert_eq!(first.len(), "/api/v1/calendar/".len() + 43 + ".ics".len());
    assert_eq!(education.get(&one).await.expect(200).json["address"], Value::Null);
    let list = education.get(FEEDS).await.expect(200);
    assert_eq!(list.items().len(), 1);
    assert_eq!(list.items()[0]["address"], Value::Null);
    education
        .post(FEEDS, json!({ "scope": "organization" }))
        .await
        .problem(409, "calendar_feed_exists");
    make(&education, "user").await;

    let keyed = education.with("Idempotency-Key", "once");
    let rotate = format!("{one}/rotate");
    let rotated = keyed.post(&rotate, json!({})).await.expect(200);
    let second = path(&rotated);
    assert_ne!(first, second);
    let again = keyed.post(&rotate, json!({})).await.expect(200);
    assert_eq!(again.json["address"], Value::Null);
    fetch(&app, &second).await;

    let anybody = app.anonymous();
    let gone = anybody.get(&first).await.problem(404, "not_found");
    let plain = |answer: &Answer| {
        let mut json = answer.json.clone();
        json["request_id"] = Value::Null;
        json
    };
    for unknown in [
        "/api/v1/calendar/x.ics",
        "/api/v1/calendar/%E4%B8%AD.ics",
        "/api/v1/calendar/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.ics",
        second.trim_end_matches(".ics"),
    ] {
        let answer = anybody.get(unknown).await.problem(404, "not_found");
        assert_eq!(plain(&answer), plain(&gone), "{unknown}");
    }
    assert_eq!(gone.json["instance"], "/api/v1/calendar/***");

    let stale = education.with("If-Match", &feed.etag());
    stale
        .send(Method::DELETE, &one, None)
        .await
        .problem(412, "precondition_failed");
    education.delete(&one).await.expect(204);
    assert_eq!(
        plain(&anybody.get(&second).await.problem(404, "not_found")),
        plain(&gone)
    );
    for user in [app.department("health").await, app.coordinator().await] {
        user.get(&one).await.problem(404, "not_found");
    }
    let mut conn = app.database.connect().await;
    let secrets = first.len() - ".ics".len();
    let secret = &first["/api/v1/calendar/".len()..secrets];
    let kept: Vec<Kept> = diesel_async::RunQueryDsl::load(
        diesel::sql_query(
            "SELECT coalesce(before::text, '') || coalesce(after::text, '') AS text FROM audit_log
                           UNION ALL SELECT convert_from(body, 'UTF8') FROM idempotency_keys",
        ),
        &mut conn,
    )
    .await
    .expect("what is kept");
    assert!(
        kept.iter()
            .any(|one| one.text.contains("calendar") || one.text.contains("organization"))
    );
    assert!(
        kept.iter()
            .all(|one| !one.text.contains(secret) && !one.text.contains(&second))
    );
}

#[derive(diesel::QueryableByName)]
struct Kept {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

#[tokio::test]
async fn a_feed_goes_by_the_rights_of_the_moment() {
    let app = on_a_monday().await;
    put(&app, &PLAIN).await;
    let minmeng = app.party("minmeng").await;
    let (own, shared) = (
        path(&make(&minmeng, "user").await),
        path(&make(&minmeng, "organization").await),
    );
    assert_eq!(titles(&app, &own).await.len(), 1);
    assert!(
        fetch(&app, &own)
            .await
            .contains("X-WR-CALNAME:民盟市委会对口联系日程（个人）")
    );
    // The user moves, and the user's own feed with it.
    run(
        &app,
        "UPDATE users SET organization_id = (SELECT id FROM organizations WHERE code = 'minge') WHERE username = 'party-minmeng'",
    )
    .await;
    assert!(titles(&app, &own).await.is_empty());
    assert_eq!(titles(&app, &shared).await.len(), 1);
    run(
        &app,
        "UPDATE users SET disabled_at = now() WHERE username = 'party-minmeng'",
    )
    .await;
    app.anonymous().get(&own).await.problem(404, "not_found");
    fetch(&app, &shared).await;

    let financial = app.department("financial-affairs").await;
    let feed = path(&make(&financial, "organization").await);
    let successor = path(&make(&app.department("finance").await, "organization").await);
    run(&app, "UPDATE meeting_hosts SET organization_id = (SELECT id FROM organizations WHERE code = 'financial-affairs')
               WHERE organization_id = (SELECT id FROM organizations WHERE code = 'health')").await;
    assert_eq!(titles(&app, &feed).await.len(), 1);
    app.coordinator()
        .await
        .post(
            "/api/v1/departments/financial-affairs/merge",
            json!({ "into": "finance" }),
        )
        .await
        .expect(200);
    app.anonymous().get(&feed).await.problem(404, "not_found");
    assert_eq!(titles(&app, &successor).await.len(), 1);
    // Who acts for nobody has no meetings.
    app.admin()
        .await
        .post(FEEDS, json!({ "scope": "user" }))
        .await
        .problem(403, "role_not_allowed");
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let app = on_a_monday().await;
    put(&app, &PLAIN).await;
    let path = path(&make(&app.party("minmeng").await, "user").await);
    let anybody = app.anonymous();
    let first = anybody.get(&path).await.expect(200);
    assert_eq!(first.header("cache-control"), Some("private, no-cache"));
    app.clock.set(at("2026-03-03T01:30:00Z"));
    let known = anybody.with("If-None-Match", &first.etag());
    let again = known.get(&path).await;
    assert_eq!(again.status, 304);
    assert!(again.text().is_empty());
    let head = anybody.send(Method::HEAD, &path, None).await.expect(200);
    assert_eq!(head.header("etag"), Some(first.etag().as_str()));
    assert!(head.text().is_empty());
    anybody
        .post(&path, json!({}))
        .await
        .problem(405, "method_not_allowed");
    run(
        &app,
        "UPDATE meetings SET title = '对口联系工作座谈会', updated_at = now()",
    )
    .await;
    assert_eq!(known.get(&path).await.status, 200);
}

#[tokio::test]
async fn addresses_are_not_tried_without_end() {
    let app = TestApp::with(&["--rate-limit-of-address", "5"]).await;
    let anybody = app.anonymous();
    let mut statuses = Vec::new();
    for number in 0..8 {
        let answer = anybody.get(&format!("/api/v1/calendar/{number}.ics")).await;
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(statuses, [404, 404, 404, 404, 404, 429, 429, 429]);
}
