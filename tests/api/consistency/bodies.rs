//! What a step is sent with: right in form, and now and then what the rules refuse.

use super::city::City;
use chrono::{Datelike, TimeDelta};
use serde_json::{Value, json};

const DEPARTMENTS: [&str; 4] = ["education", "health", "justice", "finance"];
const PARTIES: [&str; 4] = ["minmeng", "minge", "jiusan", "zhilianhui"];

impl City {
    fn day(&mut self, spread: i64) -> String {
        let days = i64::try_from(self.dice.below(usize::try_from(spread).unwrap_or(1))).unwrap_or(0);
        (self.apps[0].clock.today() + TimeDelta::days(days + 1)).to_string()
    }

    fn today(&self) -> String {
        self.apps[0].clock.today().to_string()
    }

    /// Some hours before now, or after.
    fn instant(&mut self) -> String {
        let hours = i64::try_from(self.dice.below(96)).unwrap_or(0) - 48;
        (self.apps[0].clock.now() + TimeDelta::hours(hours)).to_rfc3339()
    }

    /// A new thing of one's own.
    pub fn new_thing(&mut self, collection: &str, maker: usize) -> Value {
        let code = self.members[maker].code;
        let year = self.apps[0].clock.today().year() - i32::from(self.dice.chance(15));
        match collection {
            "suggestions" => {
                let lead = *self.dice.pick(&DEPARTMENTS);
                let joint: Vec<&str> = DEPARTMENTS
                    .into_iter()
                    .filter(|one| *one != lead && self.dice.chance(20))
                    .collect();
                let with: Vec<&str> = PARTIES
                    .into_iter()
                    .filter(|one| *one != code && self.dice.chance(15))
                    .collect();
                json!({
                    "title": "关于设立中心配餐点的建议", "background": "部分小学没有食堂。", "proposal": "分批建设。",
                    "lead_department": lead, "joint_departments": joint, "joint_parties": with,
                })
            }
            "meetings" => json!({
                "kind": *self.dice.pick(&["liaison_meeting", "joint_research", "visit"]), "title": "对口联系工作会议",
                "hosts": [code], "starts_at": self.instant(), "place": "三楼会议室",
                "invite": { "parties": [*self.dice.pick(&PARTIES)], "offices": ["government-office"] },
            }),
            "work-plans" => {
                json!({ "department": code, "year": year, "items": [{ "kind": "visit", "title": "走访" }] })
            }
            "work-reports" => {
                let halves = [("01-01", "06-30"), ("07-01", "12-31")];
                let (kind, (from, to)) = match self.dice.chance(60) {
                    true => ("year", ("01-01", "12-31")),
                    false => ("half_year", *self.dice.pick(&halves)),
                };
                let period =
                    json!({ "kind": kind, "from": format!("{year}-{from}"), "to": format!("{year}-{to}") });
                json!({ "department": code, "period": period, "title": "工作情况", "text": "情况如下。" })
            }
            "bulletins" => {
                json!({ "title": "工作动态", "text": "通报如下。", "recipients": [*self.dice.pick(&PARTIES), "education"] })
            }
            "liaison-leaders" => json!({
                "department": code, "effective_from": self.day(60), "reason": "分工调整",
                "leader": { "name": "王建平", "title": "副局长" }, "office": { "name": "办公室", "phone": "0751-8880000" },
                "contacts": [{ "name": "李秋霞", "mobile": "13800000009" }],
            }),
            _ => json!({ "title": "联络不畅", "text": "人员变动频繁。" }),
        }
    }

    /// The body of a step; none where the step is taken otherwise.
    pub fn body(&mut self, collection: &str, step: &str, id: &str) -> Option<Value> {
        let text = json!({ "text": "情况已核实。" });
        let reason = json!({ "reason": "情况有变。" });
        Some(match step {
            "submit" | "send" if collection == "work-plans" => json!({}),
            "submit" | "send" => json!({ "no_secrets": true }),
            "accept" => json!({ "handler": "李秋霞", "office": "综合科" }),
            "return" if collection == "suggestions" => {
                json!({ "reason": "职责不符。", "proposed_department": *self.dice.pick(&DEPARTMENTS) })
            }
            "reassign" => {
                json!({ "lead_department": *self.dice.pick(&DEPARTMENTS), "reason": "按职责改派。" })
            }
            "communicate" => {
                json!({ "way": "phone", "on": self.today(), "persons": ["李秋霞"], "gist": "交换意见。" })
            }
            "interim-reply" => json!({ "text": "正在测算。", "next_on": self.day(20) }),
            "request-extension" => json!({ "reason": "须进一步测算。", "until": self.day(150) }),
            "decide-extension" | "decide-abandonment" => {
                json!({ "granted": self.dice.chance(60), "reason": "经研究。" })
            }
            "reply" => {
                let result = *self.dice.pick(&["A", "B", "C"]);
                let promises = match result {
                    "B" => json!([{ "text": "开展试点。", "due_on": self.day(60) }]),
                    _ => json!([]),
                };
                json!({
                    "text": "建议收悉，现答复如下。", "document_number": "韶教函〔2026〕1号", "signatory": "王建平", "result": result,
                    "commitments": promises, "missing_opinions_reason": "会办单位意见已口头征询。",
                })
            }
            "feedback-receipts" => {
                let result = *self.dice.pick(&["satisfied", "mostly_satisfied", "dissatisfied"]);
                json!({ "suggestion": id, "attitude": "satisfied", "result": result, "comment": "没有时间表。", "signatory": "陈志远" })
            }
            "correct" if collection == "suggestions" => {
                json!({ "text": "更正如下。", "reason": "文字有误。" })
            }
            "postpone" => json!({ "starts_at": self.instant(), "reason": "另有会议。" }),
            "create" | "edit" | "delete" | "correct" | "record-decision" => return None,
            "return" | "deny-return" | "return-filing" | "withdraw" | "cancel" | "abandon" => reason,
            "opinion" | "mediate" | "urge" | "report-filing" | "answer" | "fulfil" | "request-completion" => {
                text
            }
            _ => json!({}),
        })
    }
}
