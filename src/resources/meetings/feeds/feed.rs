//! A feed's content: meetings as events.

use super::ics::{Writer, quoted};
use super::meetings::Meeting;
use super::model::CalendarScope;
use crate::clock::shanghai_time;
use crate::directory::Directory;
use crate::problem::Result;
use chrono::{DateTime, NaiveDate, Utc};

const PRODID: &str = "-//liaison//对口联系//ZH";
const ZONE: &str = "Asia/Shanghai";

/// How soon a program may well ask again.
const REFRESH: &str = "PT1H";

/// What a feed is called, and where its links lead.
pub struct Frame<'a> {
    pub scope: CalendarScope,
    /// The organization's name today.
    pub organization: &'a str,
    pub public_url: &'a str,
    pub today: NaiveDate,
}

pub fn write(frame: &Frame<'_>, meetings: &[Meeting], directory: &Directory) -> Result<String> {
    let mut out = Writer::default();
    let own = match frame.scope {
        CalendarScope::User => "（个人）",
        CalendarScope::Organization => "",
    };
    let name = format!("{}对口联系日程{own}", frame.organization);
    out.raw("BEGIN", "VCALENDAR")
        .raw("VERSION", "2.0")
        .text("PRODID", PRODID)
        .raw("CALSCALE", "GREGORIAN")
        .raw("METHOD", "PUBLISH")
        .text("NAME", &name)
        .text("X-WR-CALNAME", &name)
        .raw("X-WR-TIMEZONE", ZONE)
        .raw("REFRESH-INTERVAL;VALUE=DURATION", REFRESH)
        .raw("X-PUBLISHED-TTL", REFRESH);
    time_zone(&mut out);
    for meeting in meetings {
        event(&mut out, frame, meeting, directory)?;
    }
    out.raw("END", "VCALENDAR");
    Ok(out.finish())
}

/// Beijing time, which has known no summer time since 1991.
fn time_zone(out: &mut Writer) {
    out.raw("BEGIN", "VTIMEZONE")
        .raw("TZID", ZONE)
        .raw("BEGIN", "STANDARD")
        .raw("DTSTART", "19910915T020000")
        .raw("TZOFFSETFROM", "+0900")
        .raw("TZOFFSETTO", "+0800")
        .raw("TZNAME", "CST")
        .raw("END", "STANDARD")
        .raw("END", "VTIMEZONE");
}

fn event(out: &mut Writer, frame: &Frame<'_>, meeting: &Meeting, directory: &Directory) -> Result<()> {
    let row = &meeting.row;
    let link = format!("{}/api/v1/meetings/{}", frame.public_url, row.id);
    out.raw("BEGIN", "VEVENT")
        .raw("UID", format_args!("{}@liaison", row.id))
        .raw("SEQUENCE", row.sequence)
        // Of the version, not of the reading: what has not changed is the same text, and 304.
        .raw("DTSTAMP", utc(row.updated_at))
        .raw("LAST-MODIFIED", utc(row.updated_at))
        .raw("CREATED", utc(row.created_at));
    times(out, meeting);
    let called_off = if meeting.is_cancelled() {
        "已取消："
    } else {
        ""
    };
    let until = match meeting.opinions_until() {
        Some(_) => "征求意见截止：",
        None => "",
    };
    out.text("SUMMARY", &format!("{called_off}{until}{}", row.title))
        .text("CATEGORIES", &meeting.kind.label().zh)
        .raw("STATUS", meeting.status())
        .raw(
            "TRANSP",
            if meeting.takes_time() {
                "OPAQUE"
            } else {
                "TRANSPARENT"
            },
        );
    if let Some(place) = row.place.as_ref().or(row.online_address.as_ref()) {
        out.text("LOCATION", place);
    }
    // One that publishes has to be named (RFC 5546 §3.2.1), and attendees are not; an organization has no mail address here.
    if let Some(host) = meeting.hosts.first() {
        let name = quoted(&directory.reference(*host, frame.today)?.name);
        out.raw(&format!("ORGANIZER;CN={name}"), format_args!("urn:uuid:{host}"));
    }
    out.text(
        "DESCRIPTION",
        &description(meeting, directory, frame.today, &link)?,
    )
    .raw("URL;VALUE=URI", &link)
    .raw("CLASS", "PRIVATE")
    .raw("END", "VEVENT");
    Ok(())
}

/// A day as a whole where opinions are given in writing until then, else from when to when.
fn times(out: &mut Writer, meeting: &Meeting) {
    let row = &meeting.row;
    if let Some(day) = meeting.opinions_until() {
        let next = day.succ_opt().unwrap_or(day);
        out.raw("DTSTART;VALUE=DATE", day.format("%Y%m%d"))
            .raw("DTEND;VALUE=DATE", next.format("%Y%m%d"));
        return;
    }
    out.raw(&format!("DTSTART;TZID={ZONE}"), local(row.starts_at));
    if let Some(end) = row.ends_at {
        out.raw(&format!("DTEND;TZID={ZONE}"), local(end));
    }
}

/// What a reader of the calendar wants to know, without any person's name.
fn description(meeting: &Meeting, directory: &Directory, today: NaiveDate, link: &str) -> Result<String> {
    let row = &meeting.row;
    let names = |ids: &[uuid::Uuid]| -> Result<String> {
        let names = ids.iter().map(|id| Ok(directory.reference(*id, today)?.name));
        Ok(names.collect::<Result<Vec<_>>>()?.join("、"))
    };
    let mut lines = Vec::new();
    if let Some(reason) = &row.cancel_reason {
        lines.push(format!("取消原因：{reason}"));
    }
    lines.push(format!("类别：{}", meeting.kind.label().zh));
    lines.push(format!("举办单位：{}", names(&meeting.hosts)?));
    if !meeting.co_hosts.is_empty() {
        lines.push(format!("联办单位：{}", names(&meeting.co_hosts)?));
    }
    if let Some(address) = &row.online_address {
        lines.push(format!("线上地址：{address}"));
    }
    for (item, number) in meeting.agenda.iter().zip(1..) {
        lines.push(format!("议程{number}：{item}"));
    }
    lines.push(format!("详情：{link}"));
    Ok(lines.join("\n"))
}

/// Years have four digits (RFC 5545 §3.3.4); what was stored before instants were bounded ends with the last one.
fn in_four_digits(at: DateTime<Utc>) -> DateTime<Utc> {
    const LAST: i64 = 253_402_271_999;
    DateTime::from_timestamp(LAST, 0).map_or(at, |last| at.min(last))
}

fn utc(at: DateTime<Utc>) -> impl std::fmt::Display {
    in_four_digits(at).format("%Y%m%dT%H%M%SZ")
}

fn local(at: DateTime<Utc>) -> impl std::fmt::Display {
    shanghai_time(in_four_digits(at)).format("%Y%m%dT%H%M%S")
}
