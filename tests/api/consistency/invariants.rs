//! What has to hold whatever was done, in whatever order, and whatever went wrong on the way.

use super::city::City;
use super::instant;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// Things of a kind that are looked at one by one.
const LATELY: usize = 60;

/// What there must be none of: its name, and the query that counts it.
const NONE_OF: [(&str, &str); 18] = [
    (
        "suggestions whose open to-dos do not fit their state",
        "suggestions AS s WHERE
            (state = 'draft' AND EXISTS (SELECT FROM todos WHERE subject_id = s.id AND closed_at IS NULL AND kind <> 'sign_suggestion'))
            OR (SELECT count(*) FROM todos WHERE subject_id = s.id AND closed_at IS NULL AND kind = 'accept_suggestion')
                <> (state = 'submitted')::int
            OR (SELECT count(*) FROM todos WHERE subject_id = s.id AND closed_at IS NULL AND kind = 'decide_suggestion_return')
                <> (state = 'returned')::int
            OR (SELECT count(*) FROM todos WHERE subject_id = s.id AND closed_at IS NULL AND kind = 'reply_to_suggestion')
                <> (state = 'accepted')::int
            -- What was not evaluated in time still can be, until the suggestion is concluded.
            OR (SELECT count(*) FROM todos WHERE subject_id = s.id AND closed_at IS NULL AND kind = 'evaluate_suggestion_reply')
                <> (state = 'replied' AND evaluation IN ('awaited', 'lapsed'))::int
            OR (SELECT count(*) FROM todos WHERE subject_id = s.id AND closed_at IS NULL AND kind = 'file_suggestion')
                <> (state = 'replied' AND filing = 'reported')::int",
    ),
    (
        "ended suggestions for which something still waits",
        "suggestions JOIN todos ON subject_id = suggestions.id WHERE state IN ('withdrawn', 'concluded') AND closed_at IS NULL",
    ),
    (
        "acceptances that wait for another than the lead",
        "suggestions JOIN todos ON subject_id = suggestions.id WHERE todos.kind IN ('accept_suggestion', 'reply_to_suggestion')
         AND closed_at IS NULL AND organization_id <> lead_department_id",
    ),
    (
        "plans whose to-dos do not fit their state",
        "work_plans AS p WHERE superseded_at IS NULL AND
            ((SELECT count(*) FROM todos WHERE subject_id = p.id AND closed_at IS NULL AND kind = 'acknowledge_work_plan') <> (state = 'submitted')::int
             OR (state <> 'returned' AND EXISTS (SELECT FROM todos WHERE subject_id = p.id AND closed_at IS NULL AND kind = 'revise_work_plan')))",
    ),
    (
        "reports whose to-dos do not fit their state",
        "work_reports AS r WHERE superseded_at IS NULL AND
            ((SELECT count(*) FROM todos WHERE subject_id = r.id AND closed_at IS NULL AND kind = 'receive_work_report') <> (state = 'submitted')::int
             OR (state <> 'returned' AND EXISTS (SELECT FROM todos WHERE subject_id = r.id AND closed_at IS NULL AND kind = 'revise_work_report')))",
    ),
    (
        "reports that were sent, and are still asked for",
        "reporting_duties AS d JOIN todos ON subject_id = d.id WHERE d.kind = 'work_report' AND closed_at IS NULL AND EXISTS (
            SELECT FROM work_reports AS r WHERE r.department_id = d.department_id AND r.period_from = d.period_from
                AND r.period_to = d.period_to AND r.state NOT IN ('draft', 'returned') AND r.superseded_at IS NULL)",
    ),
    (
        "reports that were not sent, or were returned, and are not asked for",
        "reporting_duties AS d WHERE d.kind = 'work_report'
            AND NOT EXISTS (SELECT FROM todos WHERE subject_id = d.id AND closed_at IS NULL)
            AND NOT EXISTS (
                SELECT FROM work_reports AS r WHERE r.department_id = d.department_id AND r.period_from = d.period_from
                    AND r.period_to = d.period_to AND r.state NOT IN ('draft', 'returned') AND r.superseded_at IS NULL)",
    ),
    (
        "plans that were sent, and are still asked for",
        "reporting_duties AS d JOIN todos ON subject_id = d.id WHERE d.kind = 'work_plan' AND closed_at IS NULL AND EXISTS (
            SELECT FROM work_plans AS p WHERE p.department_id = d.department_id AND p.year = extract(year FROM d.period_from)
                AND p.state NOT IN ('draft', 'returned') AND p.superseded_at IS NULL)",
    ),
    (
        "plans that were not sent, or were returned, and are not asked for",
        "reporting_duties AS d WHERE d.kind = 'work_plan'
            AND NOT EXISTS (SELECT FROM todos WHERE subject_id = d.id AND closed_at IS NULL)
            AND NOT EXISTS (
                SELECT FROM work_plans AS p WHERE p.department_id = d.department_id AND p.year = extract(year FROM d.period_from)
                    AND p.state NOT IN ('draft', 'returned') AND p.superseded_at IS NULL)",
    ),
    (
        "meetings that are over, and still wait for an answer",
        "meetings JOIN todos ON subject_id = meetings.id WHERE state IN ('cancelled', 'concluded') AND closed_at IS NULL
         AND todos.kind = 'answer_invitation'",
    ),
    (
        "commitments whose to-dos do not fit their state",
        "commitments AS c WHERE (SELECT count(*) FROM todos WHERE subject_id = c.id AND closed_at IS NULL AND kind = 'fulfil_commitment')
            <> (state IN ('open', 'abandonment_requested'))::int",
    ),
    (
        "suggestions whose next due day is not that of what waits",
        "suggestions AS s WHERE due_on IS DISTINCT FROM
            (SELECT min(todos.due_on) FROM todos WHERE subject_id = s.id AND closed_at IS NULL)",
    ),
    (
        "marks that a new count does not give",
        "(SELECT handling_id, department_id, party_id, received_on, open_kind, open_due_on, marks FROM suggestion_marks
          EXCEPT SELECT handling_id, department_id, party_id, received_on, open_kind, open_due_on, marks FROM suggestion_facts('infinity')) AS wrong",
    ),
    (
        "marks that are missing",
        "(SELECT handling_id, department_id, party_id, received_on, open_kind, open_due_on, marks FROM suggestion_facts('infinity')
          EXCEPT SELECT handling_id, department_id, party_id, received_on, open_kind, open_due_on, marks FROM suggestion_marks) AS wrong",
    ),
    (
        "figures that are not those of the marks",
        "(SELECT month, department_id, party_id, mark, sum(n) AS n FROM figure_tallies WHERE mark NOT LIKE 'commitment%'
            GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0) AS kept
         FULL JOIN (SELECT date_trunc('month', received_on)::date AS month, department_id, party_id, mark, count(*) AS n
            FROM suggestion_facts('infinity') CROSS JOIN LATERAL unnest(marks) AS mark GROUP BY 1, 2, 3, 4) AS anew
         USING (month, department_id, party_id, mark) WHERE kept.n IS DISTINCT FROM anew.n",
    ),
    ("changes without their place in the feed", "events WHERE position IS NULL"),
    ("corrections of the calendar that are not done", "calendar_corrections WHERE finished_at IS NULL"),
    (
        "reminders of what is done",
        "reminders JOIN todos ON todos.id = todo_id WHERE sent_at IS NULL AND closed_at IS NOT NULL",
    ),
];

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

async fn count(conn: &mut AsyncPgConnection, of: &str) -> i64 {
    let found: Result<Count, _> = diesel::sql_query(format!("SELECT count(*) AS n FROM {of}"))
        .get_result(conn)
        .await;
    found.unwrap_or_else(|error| panic!("{of}: {error}")).n
}

#[derive(diesel::QueryableByName)]
struct Rows {
    #[diesel(sql_type = diesel::sql_types::Text)]
    rows: String,
}

/// The first of them, whole.
async fn some(conn: &mut AsyncPgConnection, of: &str) -> String {
    let found: Rows = diesel::sql_query(format!(
        "SELECT coalesce(json_agg(row_to_json(found)), '[]')::text AS rows FROM (SELECT * FROM {of} LIMIT 3) AS found"
    ))
    .get_result(conn)
    .await
    .unwrap_or_else(|error| panic!("{of}: {error}"));
    found.rows
}

impl City {
    /// All of them, once the runner has nothing left to do.
    pub async fn examine(&mut self) {
        self.log_in().await;
        self.run_jobs().await;
        let mut conn = self.apps[0].database.connect().await;
        for (name, of) in NONE_OF {
            let n = count(&mut conn, of).await;
            if n > 0 {
                let some = some(&mut conn, of).await;
                self.finds(format!("{n} {name}: {some}"));
            }
        }
        self.nothing_was_made_twice(&mut conn).await;
        self.deadlines_follow_the_calendar().await;
        self.timelines_end_in_the_state().await;
        self.lists_are_what_can_be_read().await;
        self.papers_are_still_there().await;
    }

    async fn nothing_was_made_twice(&mut self, conn: &mut AsyncPgConnection) {
        for (collection, table) in [
            ("suggestions", "suggestions"),
            ("meetings", "meetings"),
            ("problem-reports", "problem_reports"),
            ("bulletins", "bulletins"),
        ] {
            let (there, known) = (count(conn, table).await, self.of(collection).len());
            if usize::try_from(there) != Ok(known) {
                self.finds(format!(
                    "{there} {collection} are there, {known} were answered for"
                ));
            }
        }
    }

    pub fn of(&self, collection: &str) -> Vec<usize> {
        (0..self.things.len())
            .filter(|index| self.things[*index].collection == collection)
            .collect()
    }

    /// The last of them: long runs make thousands.
    fn lately(&self, collection: &str) -> Vec<usize> {
        let all = self.of(collection);
        all[all.len().saturating_sub(LATELY)..].to_vec()
    }

    async fn deadlines_follow_the_calendar(&mut self) {
        for index in self.lately("suggestions") {
            let thing = self.things[index].clone();
            let deadlines = self
                .user(thing.maker)
                .get(&format!("{}/deadlines", thing.path()))
                .await;
            for one in deadlines.items().iter().filter(|one| !one["moving_to"].is_null()) {
                self.finds(format!("{}: a deadline that was not moved: {one}", thing.path()));
            }
        }
    }

    async fn timelines_end_in_the_state(&mut self) {
        for index in self.lately("suggestions") {
            let thing = self.things[index].clone();
            let user = self.user(thing.maker);
            let shown = user.get(&thing.path()).await;
            let timeline = user.get(&format!("{}/timeline", thing.path())).await;
            let items = timeline.items();
            let last = items.last().map_or(&Value::Null, |step| &step["state"]);
            if last != &shown.json["state"] && !items.is_empty() {
                self.finds(format!(
                    "{}: the timeline ends in {last}, the state is {}",
                    thing.path(),
                    shown.json["state"]
                ));
            }
            let at: Vec<_> = items.iter().map(|step| instant(&step["at"])).collect();
            if !at.is_sorted() {
                self.finds(format!("{}: the timeline is out of order: {at:?}", thing.path()));
            }
        }
    }

    /// A list shows what can be read one by one, as it is read; and neither shows what nobody but others may see.
    async fn lists_are_what_can_be_read(&mut self) {
        for (collection, query) in [
            ("suggestions", ""),
            ("meetings", ""),
            ("problem-reports", ""),
            ("bulletins", ""),
            ("work-plans", "&include_ended=true"),
            ("work-reports", "&include_ended=true"),
        ] {
            let mut invited = HashMap::new();
            for index in self.lately(collection) {
                let thing = self.things[index].clone();
                let list = match collection {
                    "meetings" => {
                        self.user(thing.maker)
                            .get(&format!("{}/invitations", thing.path()))
                            .await
                            .json
                    }
                    _ => Value::Null,
                };
                invited.insert(index, list);
            }
            for member in 0..self.members.len() {
                let user = self.user(member);
                let mut listed = Vec::new();
                let mut next = Some(format!("/api/v1/{collection}?limit=200{query}"));
                while let Some(path) = next {
                    let page = user.get(&path).await;
                    listed.extend(page.items().to_vec());
                    next = page.json["next_cursor"]
                        .as_str()
                        .map(|cursor| format!("/api/v1/{collection}?limit=200{query}&cursor={cursor}"));
                }
                let ids: BTreeSet<&str> = listed.iter().filter_map(|one| one["id"].as_str()).collect();
                for index in self.lately(collection) {
                    let thing = self.things[index].clone();
                    let read = user.get(&thing.path()).await;
                    let who = self.members[member].name;
                    if (read.status == 200) != ids.contains(thing.id.as_str()) {
                        self.finds(format!(
                            "{} is {} for {who}, in the list: {}",
                            thing.path(),
                            read.status,
                            ids.contains(thing.id.as_str())
                        ));
                    }
                    let row = listed.iter().find(|one| one["id"] == thing.id.as_str());
                    for field in ["state", "updated_at", "number"] {
                        if let Some(row) =
                            row.filter(|row| row.get(field).is_some() && read.json.get(field).is_some())
                            && row[field] != read.json[field]
                        {
                            self.finds(format!(
                                "{} has {field} {} and in the list {}",
                                thing.path(),
                                read.json[field],
                                row[field]
                            ));
                        }
                    }
                    if read.status == 200 && !self.may_see(member, index, &read.json, &invited[&index]) {
                        self.finds(format!(
                            "{} is seen by {who}: {}",
                            thing.path(),
                            read.json["state"]
                        ));
                    }
                }
            }
        }
    }

    /// Whom a thing concerns, by what it says itself.
    fn may_see(&self, member: usize, index: usize, view: &Value, invited: &Value) -> bool {
        let (member_at, thing) = (member, &self.things[index]);
        let member = &self.members[member];
        let named = |text: &Value| text.to_string().contains(&format!("\"{}\"", member.code));
        let coordinates = member.name == "coordinator";
        let office = member.name == "government-office";
        match (thing.collection, view["state"].as_str().unwrap_or_default()) {
            _ if member_at == thing.maker => true,
            ("suggestions", "draft") => named(&view["joint_parties"]) || named(&view["signatures"]),
            ("work-plans" | "work-reports", "draft") => false,
            ("meetings" | "bulletins", "draft") => named(&view["hosts"]) || named(&view["sender"]),
            ("suggestions" | "meetings" | "work-plans" | "work-reports", _) if coordinates || office => true,
            ("problem-reports" | "bulletins", _) if coordinates => true,
            // A former lead reads up to its reassignment.
            ("suggestions", _) if member.name.starts_with("department-") => true,
            ("suggestions" | "meetings" | "bulletins", _) => named(view) || named(invited) || office,
            _ => false,
        }
    }

    async fn papers_are_still_there(&mut self) {
        for thing in self.things.clone().iter().filter(|thing| thing.submitted) {
            for paper in &thing.papers {
                let user = self.user(thing.maker);
                let status = user.get(&format!("/api/v1/attachments/{paper}")).await.status;
                let content = user
                    .get(&format!("/api/v1/attachments/{paper}/content"))
                    .await
                    .status;
                if status != 200 || content != 200 {
                    self.finds(format!(
                        "{}: the paper {paper} is {status}, its content {content}",
                        thing.path()
                    ));
                }
            }
        }
    }
}
