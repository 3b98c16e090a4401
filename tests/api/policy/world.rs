//! What the proofs call every operation with: one record of each kind, one that is another's, and bodies that are right.
//! A resource adds a function to `World::new`, which puts down what it has made.

use crate::support::conformance::request_body;
use crate::support::suggestions::{self as life, Table, raised, reply, step};
use crate::support::{Form, TestApp};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::db::schema::{self, organizations};
use liaison::directory;
use liaison::policy::Op;
use liaison::resources::reporting::duties::model::ReportingDutyKind;
use liaison::resources::reporting::duties::period::Period;
use liaison::resources::reporting::duties::watch::{self, Owed};
use liaison::work::Origin;
use liaison::workflow::notices::{self, Notice, NoticeKind};
use liaison::workflow::subjects::{Subject, SubjectType};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A department that does not liaise with 民盟.
const FOREIGN: &str = "justice";

#[derive(Default)]
pub struct World {
    /// What `{id}` is, by collection (`departments`); narrower where a role or an operation is named.
    ids: BTreeMap<(&'static str, Option<Op>, Option<&'static str>), String>,
    /// The same of what belongs to none of the roles' users.
    foreign: BTreeMap<&'static str, String>,
    /// Other parts of a path: `{year}`; narrower where an operation or a role is named.
    parts: BTreeMap<(&'static str, Option<Op>, Option<&'static str>), String>,
    /// What follows the path of an operation.
    queries: BTreeMap<Op, String>,
    bodies: BTreeMap<(Op, Option<&'static str>), Value>,
    /// Bodies that name what is another's.
    foreign_bodies: BTreeMap<Op, Value>,
    /// Operations that answer 404 for what is another's: it does not exist for the caller.
    hidden: BTreeSet<Op>,
    /// Lists, and the collection whose `get` answers the same.
    lists: Vec<(String, String)>,
}

impl World {
    pub async fn new(app: &TestApp) -> Self {
        let mut world = Self::default();
        // A Monday morning: bodies name days that are right on it.
        app.clock.set("2026-03-02T01:30:00Z".parse().expect("an instant"));
        directory(app, &mut world).await;
        accounts(app, &mut world).await;
        liaison_leaders(app, &mut world).await;
        problem_reports(app, &mut world).await;
        plans_and_reports(app, &mut world).await;
        annual_summaries(app, &mut world).await;
        bulletins(app, &mut world).await;
        calendar_feeds(app, &mut world).await;
        timing(&mut world);
        notifications(app, &mut world).await;
        meetings(app, &mut world).await;
        suggestions(app, &mut world).await;
        world.query(Op::Search, "q=%E6%95%99%E8%82%B2");
        world
    }

    pub fn knows(&mut self, collection: &'static str, id: impl ToString) {
        self.ids.insert((collection, None, None), id.to_string());
    }

    /// A record of the user of a role.
    pub fn knows_of(&mut self, collection: &'static str, role: &'static str, id: impl ToString) {
        self.ids.insert((collection, None, Some(role)), id.to_string());
    }

    /// A record in the state that an operation needs.
    pub fn knows_for(&mut self, op: Op, id: impl ToString) {
        self.ids.insert((collection(op), Some(op), None), id.to_string());
    }

    /// The same, where the roles' users need a record each.
    pub fn knows_for_of(&mut self, op: Op, role: &'static str, id: impl ToString) {
        let key = (collection(op), Some(op), Some(role));
        self.ids.insert(key, id.to_string());
    }

    /// A record that belongs to none of the roles' users; hidden from them, or for reading only.
    pub fn knows_foreign(&mut self, collection: &'static str, id: impl ToString) {
        self.foreign.insert(collection, id.to_string());
    }

    pub fn part(&mut self, name: &'static str, value: impl ToString) {
        self.parts.insert((name, None, None), value.to_string());
    }

    pub fn part_for(&mut self, name: &'static str, op: Op, role: Option<&'static str>, value: impl ToString) {
        self.parts.insert((name, Some(op), role), value.to_string());
    }

    pub fn query(&mut self, op: Op, query: impl ToString) {
        self.queries.insert(op, query.to_string());
    }

    pub fn with_body(&mut self, op: Op, body: Value) {
        self.bodies.insert((op, None), body);
    }

    pub fn with_body_of(&mut self, op: Op, role: &'static str, body: Value) {
        self.bodies.insert((op, Some(role)), body);
    }

    pub fn with_foreign_body(&mut self, op: Op, body: Value) {
        self.foreign_bodies.insert(op, body);
    }

    /// All operations on one record of a collection, for what does not exist for whom it does not concern.
    pub fn hides(&mut self, collection: &'static str) {
        let of_it = Op::ALL
            .iter()
            .filter(|op| self::collection(**op) == collection && op.row().path.contains('{'));
        self.hidden.extend(of_it);
    }

    pub fn hides_from(&mut self, op: Op) {
        self.hidden.insert(op);
    }

    /// A list at a collection's own path, with a query that leaves nothing out.
    pub fn lists_all(&mut self, collection: &'static str, query: &str) {
        let path = format!("/api/v1/{collection}");
        self.lists.push((format!("{path}?limit=200{query}"), path));
    }

    pub fn lists(&self) -> &[(String, String)] {
        &self.lists
    }

    pub fn is_hidden(&self, op: Op) -> bool {
        self.hidden.contains(&op)
    }

    /// What `{id}` is for an operation by a role; who has none of its own asks for another's.
    pub fn id(&self, op: Op, role: &str) -> String {
        let collection = collection(op);
        let of = |op, role| self.ids.get(&(collection, op, role));
        of(Some(op), self.role(role))
            .or_else(|| of(Some(op), None))
            .or_else(|| of(None, self.role(role)))
            .or_else(|| of(None, None))
            .or_else(|| of(None, Some("coordinator")))
            .cloned()
            .unwrap_or_else(|| "not_found".to_owned())
    }

    /// The role's name as the maps have it.
    fn role(&self, role: &str) -> Option<&'static str> {
        [
            "coordinator",
            "government_office",
            "department",
            "party",
            "admin",
            "security_admin",
            "auditor",
        ]
        .into_iter()
        .find(|known| *known == role)
    }

    fn path_with(&self, op: Op, role: &str, id: &str) -> String {
        let mut path = op.row().path.replace("{id}", id);
        // The narrowest first: what is replaced is gone.
        for (of_op, of_role) in [(Some(op), self.role(role)), (Some(op), None), (None, None)] {
            let parts = self.parts.iter();
            for ((name, ..), value) in parts.filter(|((_, op, role), _)| (*op, *role) == (of_op, of_role)) {
                path = path.replace(name, value);
            }
        }
        match self.queries.get(&op) {
            Some(query) => format!("{path}?{query}"),
            None => path,
        }
    }

    /// The path of an operation, with what belongs to the caller in it where that matters.
    pub fn path(&self, op: Op, role: &str) -> String {
        self.path_with(op, role, &self.id(op, role))
    }

    /// The same, of what belongs to others.
    pub fn foreign_path(&self, op: Op, role: &str) -> String {
        let own = self.id(op, role);
        self.path_with(op, role, self.foreign.get(collection(op)).unwrap_or(&own))
    }

    /// A body that is right for this world: the document's own example, but for what it cannot know.
    pub fn body(&self, op: Op, role: &str) -> Option<Value> {
        let row = op.row();
        let method = row.method.as_str().to_lowercase();
        let known = self
            .bodies
            .get(&(op, self.role(role)))
            .or_else(|| self.bodies.get(&(op, None)));
        if let Some(body) = known {
            return Some(body.clone());
        }
        let example = &request_body(op)["example"];
        match example.is_null() {
            true => (method == "post").then(|| json!({})),
            false => Some(example.clone()),
        }
    }

    pub fn foreign_body(&self, op: Op, role: &str) -> Option<Value> {
        self.foreign_bodies
            .get(&op)
            .cloned()
            .or_else(|| self.body(op, role))
    }
}

/// `departments` of `/api/v1/departments/{id}/rules`, which however is of the rules' own.
fn collection(op: Op) -> &'static str {
    let mut segments = op.row().path.split('/').skip(3);
    let first = segments.next().unwrap_or_default();
    match segments.nth(1) {
        Some("rules") => "rules",
        _ => first,
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("an id").to_owned()
}

async fn directory(app: &TestApp, world: &mut World) {
    let coordinator = app.coordinator().await;
    let scheme = text(&coordinator.get("/api/v1/schemes").await.expect(200).items()[0]["id"]);
    let draft = json!({ "title": "草案", "effective_from": "2026-12-01", "copy_from": scheme });
    let draft = coordinator.post("/api/v1/schemes", draft).await.expect(201);
    let draft = text(&draft.json["id"]);
    let pairs = coordinator.get("/api/v1/assignments?limit=1").await.expect(200);
    world.knows("assignments", text(&pairs.items()[0]["id"]));
    world.knows("schemes", &scheme);
    for op in Op::ALL {
        if collection(*op) == "schemes" && op.is_write() {
            world.knows_for(*op, &draft);
        }
    }
    world.knows("departments", "financial-affairs");
    world.knows("parties", "minmeng");
    world.knows_foreign("parties", "minge");
    let attachment = coordinator
        .send_raw(
            Method::POST,
            "/api/v1/attachments",
            Some(signed(&scheme.as_str().into())),
        )
        .await
        .expect(201);
    world.knows("attachments", text(&attachment.json["id"]));
    // What is published keeps its papers; a draft, which nobody else sees, does not.
    let removable = coordinator
        .send_raw(
            Method::POST,
            "/api/v1/attachments",
            Some(signed(&draft.as_str().into())),
        )
        .await
        .expect(201);
    world.knows_for(Op::DeleteAttachment, text(&removable.json["id"]));
    let of_scheme = format!("subject_type=scheme&subject_id={scheme}");
    world.query(Op::ListAttachments, &of_scheme);
    for collection in ["departments", "parties", "schemes", "assignments"] {
        world.lists_all(collection, "&include_ended=true");
    }
    world.lists_all("attachments", &format!("&include_ended=true&{of_scheme}"));
}

async fn accounts(app: &TestApp, world: &mut World) {
    let admin = app.admin().await;
    let user = admin.get("/api/v1/users/party-minjin").await.expect(200);
    let disabled = admin
        .post("/api/v1/users/party-jiusan/disable", json!({}))
        .await
        .expect(200);
    world.knows("users", text(&user.json["id"]));
    world.knows_for(Op::EnableUser, text(&disabled.json["id"]));
    world.with_body(
        Op::SetUserRole,
        json!({ "role": "party", "organization": "minge" }),
    );
    world.lists_all("users", "");
}

/// A department whose account is disabled: 市委统战部 records for it.
const UNATTENDED: &str = "forestry";

/// A department's appointment since long ago, as the department reports it.
fn appointment(department: &str) -> Value {
    json!({
        "department": department,
        "effective_from": "2024-01-08",
        "leader": { "name": "王建平", "title": "副局长" },
        "office": { "name": "办公室", "phone": "0751-8880000" },
        "contacts": [{ "name": "李秋霞", "mobile": "13800000009", "email": "jyj@example.gov.cn" }],
    })
}

async fn liaison_leaders(app: &TestApp, world: &mut World) {
    let coordinator = app.coordinator().await;
    let education = app.department("education").await;
    let mut leaders = Vec::new();
    for code in ["education", FOREIGN, UNATTENDED] {
        let department = app.department(code).await;
        let leader = department
            .post("/api/v1/liaison-leaders", appointment(code))
            .await;
        leaders.push(text(&leader.expect(201).json["id"]));
    }
    world.knows("liaison-leaders", &leaders[0]);
    world.knows_foreign("liaison-leaders", &leaders[1]);
    world.knows_for_of(Op::CorrectLiaisonLeader, "coordinator", &leaders[2]);
    let mut later = appointment(UNATTENDED);
    later["effective_from"] = json!("2026-03-02");
    world.with_body_of(Op::CreateLiaisonLeader, "coordinator", later);
    world.with_foreign_body(Op::CreateLiaisonLeader, appointment("health"));
    world.lists_all("liaison-leaders", "&include_ended=true");
    app.long_since_on("quarterly_confirmation").await;
    app.run_jobs().await;
    let mut confirmations = Vec::new();
    for code in ["education", FOREIGN, UNATTENDED] {
        let path = format!("/api/v1/liaison-confirmations?department={code}");
        confirmations.push(text(&coordinator.get(&path).await.expect(200).items()[0]["id"]));
    }
    world.knows("liaison-confirmations", &confirmations[0]);
    world.knows_foreign("liaison-confirmations", &confirmations[1]);
    world.knows_for_of(Op::ConfirmLiaisonLeader, "coordinator", &confirmations[2]);
    world.hides("liaison-confirmations");
    world.lists_all("liaison-confirmations", "");
    let rule = json!({ "kind": "other", "title": "对口联系工作制度", "issued_on": "2020-04-01" });
    let disable = format!("/api/v1/users/department-{UNATTENDED}/disable");
    app.admin().await.post(&disable, json!({})).await.expect(200);
    let recorded = coordinator
        .post("/api/v1/departments/forestry/rules", rule.clone())
        .await
        .expect(201);
    let rule = education
        .post("/api/v1/departments/education/rules", rule)
        .await
        .expect(201);
    for op in [Op::CreateDepartmentRule, Op::UpdateDepartmentRule] {
        world.knows_for_of(op, "coordinator", UNATTENDED);
        let recorded = text(&recorded.json["id"]);
        world.part_for("{rule}", op, Some("coordinator"), recorded);
    }
    world.knows("rules", "education");
    world.knows_foreign("rules", "health");
    world.part("{rule}", text(&rule.json["id"]));
    world.hides_from(Op::UpdateDepartmentRule);
}

async fn problem_reports(app: &TestApp, world: &mut World) {
    let coordinator = app.coordinator().await;
    let of = |organization: &str| json!({ "organization": organization, "title": "联络不畅", "text": "人员变动频繁。" });
    let mut reports = Vec::new();
    for organization in ["education", "minmeng", "education", "health"] {
        let raiser = match organization {
            "minmeng" => app.party(organization).await,
            _ => app.department(organization).await,
        };
        let report = raiser.post("/api/v1/problem-reports", of(organization)).await;
        reports.push(text(&report.expect(201).json["id"]));
    }
    coordinator
        .post(
            &format!("/api/v1/problem-reports/{}/answer", reports[2]),
            json!({ "text": "请固定人员。" }),
        )
        .await
        .expect(200);
    world.knows("problem-reports", &reports[0]);
    world.knows_of("problem-reports", "party", &reports[1]);
    world.knows_for(Op::CloseProblemReport, &reports[2]);
    world.knows_foreign("problem-reports", &reports[3]);
    world.hides("problem-reports");
    world.with_body_of(Op::CreateProblemReport, "coordinator", of(UNATTENDED));
    world.with_foreign_body(Op::CreateProblemReport, of("health"));
    world.lists_all("problem-reports", "");
}

/// A department that nobody can act for: 市委统战部 records for it.
const WITHOUT_ACCOUNT: &str = "data";

/// Plans and reports of the department of the roles' user, of one without an account, and of a third; what is owed by two.
async fn plans_and_reports(app: &TestApp, world: &mut World) {
    let coordinator = app.coordinator().await;
    let department = json!({ "code": WITHOUT_ACCOUNT, "name": "市数据局", "short_name": "大数据", "established_on": "2020-01-01" });
    coordinator
        .post("/api/v1/departments", department)
        .await
        .expect(201);
    let year =
        |year: i32| json!({ "kind": "year", "from": format!("{year}-01-01"), "to": format!("{year}-12-31") });
    let whose = [
        ("department", "education"),
        ("coordinator", WITHOUT_ACCOUNT),
        ("foreign", "health"),
    ];
    for (role, code) in whose {
        let author = match role {
            "coordinator" => coordinator.clone(),
            _ => app.department(code).await,
        };
        let plan = |year: i32| json!({ "department": code, "year": year, "items": [{ "kind": "visit", "title": "走访" }] });
        let report = |of: i32| json!({ "department": code, "period": year(of), "title": "工作情况", "text": "情况如下。" });
        let of_role = match role {
            "coordinator" => "coordinator",
            _ => "department",
        };
        let submits = [json!({}), json!({ "no_secrets": true })];
        let made = [
            ("work-plans", plan(2024), plan(2025)),
            ("work-reports", report(2024), report(2025)),
        ];
        for ((collection, draft, sent), submit) in made.into_iter().zip(submits) {
            let path = format!("/api/v1/{collection}");
            let draft = author.post(&path, draft).await.expect(201);
            if (role, collection) == ("department", "work-plans") {
                world.part("{item}", text(&draft.json["items"][0]["id"]));
            }
            let draft = text(&draft.json["id"]);
            let sent = text(&author.post(&path, sent).await.expect(201).json["id"]);
            author
                .post(&format!("{path}/{sent}/submit"), submit)
                .await
                .expect(200);
            if role == "foreign" {
                world.knows_foreign(collection, &draft);
                continue;
            }
            world.knows_of(collection, of_role, &draft);
            let (revise, office, decide) = match collection {
                "work-plans" => (
                    Op::ReviseWorkPlan,
                    None,
                    [Op::AcknowledgeWorkPlan, Op::ReturnWorkPlan],
                ),
                _ => (
                    Op::ReviseWorkReport,
                    Some(Op::AcknowledgeWorkReport),
                    [Op::ReceiveWorkReport, Op::ReturnWorkReport],
                ),
            };
            world.knows_for_of(revise, of_role, &sent);
            for op in decide.into_iter().chain(office) {
                world.knows_for(op, &sent);
            }
            world.knows_of(collection, "government_office", &sent);
        }
    }
    world.with_body_of(
        Op::CreateWorkPlan,
        "coordinator",
        json!({ "department": WITHOUT_ACCOUNT, "year": 2026 }),
    );
    world.with_body_of(
        Op::CreateWorkReport,
        "coordinator",
        json!({ "department": WITHOUT_ACCOUNT, "period": year(2026), "title": "工作情况", "text": "情况如下。" }),
    );
    world.with_foreign_body(
        Op::CreateWorkPlan,
        json!({ "department": "health", "year": 2026 }),
    );
    world.with_foreign_body(
        Op::CreateWorkReport,
        json!({ "department": "health", "period": year(2026), "title": "工作情况", "text": "情况如下。" }),
    );
    for collection in ["work-plans", "work-reports"] {
        world.hides(collection);
        world.lists_all(collection, "&include_ended=true");
    }
    let duties = duties(app, &["education", "health"]).await;
    world.knows("reporting-duties", duties[0]);
    world.knows_foreign("reporting-duties", duties[1]);
    world.hides("reporting-duties");
    world.lists_all("reporting-duties", "");
}

/// What departments owe, as the runner opens it when a year begins.
async fn duties(app: &TestApp, codes: &[&str]) -> Vec<Uuid> {
    let origin = Origin::command_line(app.clock.now());
    let opened = app.instance.db.transaction(&origin, async |tx| {
        tx.changes_nothing();
        let directory = directory::load(tx.conn).await?;
        let timing = app.instance.timing.in_transaction(tx).await?;
        let period = Period::year(2026).expect("a year");
        let owed = Owed {
            kind: ReportingDutyKind::WorkPlan,
            period,
        };
        for code in codes {
            let department = directory.find(code).expect("a department");
            watch::open(tx, &directory, &timing, owed, department, period.from).await?;
        }
        Ok(())
    });
    opened.await.expect("duties");
    let departments = organizations::table
        .filter(organizations::code.eq_any(codes))
        .order(organizations::position)
        .select(organizations::id);
    let departments: Vec<Uuid> = departments
        .load(&mut app.database.connect().await)
        .await
        .expect("departments");
    let mut ids = Vec::new();
    for department in departments {
        let id: Uuid = schema::reporting_duties::table
            .filter(schema::reporting_duties::department_id.eq(department))
            .select(schema::reporting_duties::id)
            .first(&mut app.database.connect().await)
            .await
            .expect("a duty");
        ids.push(id);
    }
    ids
}

fn timing(world: &mut World) {
    world.part("{year}", 2026);
    world.part("{key}", "leader_acknowledgement");
    world.part("{code}", "not_found");
    world.query(Op::CountWorkingDays, "from=2026-02-12&count=5");
    world.query(Op::ListFigureRecords, "figure=activities_counted");
}

/// A notice to the organization of each role's user, or to the user itself.
async fn notifications(app: &TestApp, world: &mut World) {
    let mut conn = app.database.connect().await;
    let codes = [
        ("coordinator", "united-front-work-department"),
        ("government_office", "government-office"),
        ("department", "education"),
        ("party", "minmeng"),
    ];
    for (role, code) in codes {
        let organization: Uuid = organizations::table
            .filter(organizations::code.eq(code))
            .select(organizations::id)
            .first(&mut conn)
            .await
            .expect("an organization");
        let subject = Subject::new(SubjectType::Department, organization, "通知");
        let notice = Notice {
            kind: NoticeKind::Reminder,
            level: None,
            subject: &subject,
            title: "通知".to_owned(),
            text: "通知内容。".to_owned(),
        };
        let origin = Origin::command_line(app.clock.now());
        let sent = app.instance.db.transaction(&origin, async |tx| {
            tx.changes_nothing();
            notices::send(tx, &[organization], &notice).await
        });
        sent.await.expect("a notice");
        let id: Uuid = schema::notices::table
            .filter(schema::notices::organization_id.eq(organization))
            .filter(schema::notices::text.eq("通知内容。"))
            .select(schema::notices::id)
            .first(&mut conn)
            .await
            .expect("the notice");
        world.knows_of("notifications", role, id);
    }
    for (role, username) in [
        ("admin", "admin"),
        ("security_admin", "security-admin"),
        ("auditor", "auditor"),
    ] {
        let account: Uuid = schema::users::table
            .filter(schema::users::username.eq(username))
            .select(schema::users::id)
            .first(&mut conn)
            .await
            .expect("an account");
        let subject = Subject::new(SubjectType::User, account, "本人账号");
        let notice = Notice {
            kind: NoticeKind::PasswordExpiring,
            level: None,
            subject: &subject,
            title: "通知".to_owned(),
            text: "通知内容。".to_owned(),
        };
        let origin = Origin::command_line(app.clock.now());
        let sent = app.instance.db.transaction(&origin, async |tx| {
            tx.changes_nothing();
            notices::send_to_account(tx, account, &notice).await
        });
        sent.await.expect("a notice");
        let id: Uuid = schema::notices::table
            .filter(schema::notices::subject_id.eq(account))
            .select(schema::notices::id)
            .first(&mut conn)
            .await
            .expect("the notice");
        world.knows_of("notifications", role, id);
    }
}

/// Of each sender a draft and one that it has sent, one to each recipient, and one between two others.
async fn bulletins(app: &TestApp, world: &mut World) {
    let draft = async |from: &str, to: &str| {
        let body = json!({ "title": "工作动态", "text": "通报如下。", "recipients": [to] });
        let draft = app.user(from).await.post("/api/v1/bulletins", body).await;
        text(&draft.expect(201).json["id"])
    };
    let sent = async |from: &str, to: &str| {
        let id = draft(from, to).await;
        let path = format!("/api/v1/bulletins/{id}/send");
        let body = json!({ "no_secrets": true });
        app.user(from).await.post(&path, body).await.expect(200);
        id
    };
    let (education, minmeng, office) = ("education", "minmeng", "government-office");
    for (role, from, to) in [
        ("coordinator", "coordinator", education),
        ("department", "department-education", minmeng),
        ("party", "party-minmeng", education),
    ] {
        world.knows_of("bulletins", role, sent(from, to).await);
        for op in [Op::UpdateBulletin, Op::DeleteBulletin, Op::SendBulletin] {
            world.knows_for_of(op, role, draft(from, to).await);
        }
    }
    for (role, from, to) in [
        (
            "coordinator",
            "department-education",
            "united-front-work-department",
        ),
        ("department", "party-minmeng", education),
        ("party", "department-education", minmeng),
        ("government_office", "coordinator", office),
    ] {
        let received = sent(from, to).await;
        if role == "government_office" {
            world.knows_of("bulletins", role, &received);
        }
        world.knows_for_of(Op::AcknowledgeBulletin, role, received);
    }
    world.knows_foreign("bulletins", sent("department-justice", "minge").await);
    world.hides("bulletins");
    world.lists_all("bulletins", "");
}

/// Of each organization its own; users have none yet, and can make one.
async fn calendar_feeds(app: &TestApp, world: &mut World) {
    let body = json!({ "scope": "organization" });
    for (role, user) in app.one_of_each_role().await {
        let feed = user.post("/api/v1/calendar-feeds", body.clone()).await;
        if feed.status == 201 {
            world.knows_of("calendar-feeds", role, text(&feed.json["id"]));
        }
    }
    let foreign = app.department(FOREIGN).await;
    let foreign = foreign.post("/api/v1/calendar-feeds", body).await.expect(201);
    world.knows_foreign("calendar-feeds", text(&foreign.json["id"]));
    world.with_body(Op::CreateCalendarFeed, json!({ "scope": "user" }));
    world.hides("calendar-feeds");
    world.lists_all("calendar-feeds", "");
}

/// Meetings that 市教育局 and 市委统战部 hold together, one in each state that some operation needs.
async fn meetings(app: &TestApp, world: &mut World) {
    let education = app.department("education").await;
    let days = |days: i64| (app.clock.now() + chrono::TimeDelta::days(days)).to_rfc3339();
    let draft = |starts_at: String| {
        json!({
            "kind": "decision_consultation",
            "title": "学位建设规划征求意见会",
            "hosts": ["education", "united-front-work-department"],
            "starts_at": starts_at,
            "place": "市教育局三楼会议室",
            "decision": { "matter": "学位建设规划", "planned_on": "2020-06-01" },
            "invite": {
                "parties": ["minmeng"],
                "offices": ["government-office"],
                "guests": [{ "kind": "expert", "name": "何家豪" }],
            },
        })
    };
    let mut paths = Vec::new();
    for starts_at in [days(-3), days(30), days(-3), days(-3), days(-3), days(-3)] {
        let made = education
            .post("/api/v1/meetings", draft(starts_at))
            .await
            .expect(201);
        paths.push(format!("/api/v1/meetings/{}", text(&made.json["id"])));
    }
    let step = async |path: &str, step: &str| {
        let answer = education.post(&format!("{path}/{step}"), json!({})).await;
        answer.expect(200);
    };
    let put = async |path: &str, part: &str, body: Value| {
        let answer = education
            .matching(path)
            .await
            .put(&format!("{path}/{part}"), body)
            .await;
        answer.expect(200)
    };
    // The first stays a draft, the second lies ahead, the third has begun, the fourth is held, the rest are concluded.
    for path in &paths[1..] {
        step(path, "convene").await;
    }
    let owners = [
        ("coordinator", "united-front-work-department"),
        ("government_office", "government-office"),
        ("department", "education"),
        ("party", "minmeng"),
    ];
    let follow_ups: Vec<Value> = owners
        .iter()
        .map(|(_, owner)| json!({ "text": "答复意见", "owner": owner, "due_on": "2030-01-10" }))
        .collect();
    let minutes = json!({ "text": "听取了意见。", "follow_ups": follow_ups });
    let mut written = Value::Null;
    for path in &paths[3..] {
        step(path, "hold").await;
        put(path, "attendance", json!({ "items": [] })).await;
        written = put(path, "minutes", minutes.clone()).await.json;
    }
    let planned = education.get(&format!("{}/minutes", paths[3])).await.expect(200);
    world.knows_foreign("meeting-follow-ups", text(&planned.json["follow_ups"][0]["id"]));
    for path in &paths[4..] {
        step(path, "conclude").await;
    }
    for ((role, _), follow_up) in owners
        .iter()
        .zip(written["follow_ups"].as_array().expect("follow-ups"))
    {
        world.knows_of("meeting-follow-ups", role, text(&follow_up["id"]));
    }
    let id = |path: &str| path.rsplit('/').next().expect("an id").to_owned();
    // In the order of parties, offices, guests.
    let invited = async |path: &str| -> Vec<String> {
        let list = education.get(&format!("{path}/invitations")).await.expect(200);
        list.items().iter().map(|one| text(&one["id"])).collect()
    };
    let party = app.party("minmeng").await;
    let opinion = json!({ "text": "建议优先保障东部学位。" });
    let opinion = party
        .post(&format!("{}/opinions", paths[2]), opinion)
        .await
        .expect(201);
    let (ahead, open, disputed) = (
        invited(&paths[1]).await,
        invited(&paths[4]).await,
        invited(&paths[5]).await,
    );
    let dispute = format!("{}/invitations/{}/dispute", paths[5], disputed[0]);
    party
        .post(&dispute, json!({ "reason": "已到会。" }))
        .await
        .expect(200);

    world.knows("meetings", id(&paths[1]));
    for (op, path) in [
        (Op::UpdateMeeting, &paths[0]),
        (Op::DeleteMeeting, &paths[0]),
        (Op::ConveneMeeting, &paths[0]),
        (Op::WithdrawInvitation, &paths[0]),
        (Op::HoldMeeting, &paths[2]),
        (Op::AnswerOpinion, &paths[2]),
        (Op::ConcludeMeeting, &paths[3]),
        (Op::ReplaceAttendance, &paths[3]),
        (Op::DisputeAttendance, &paths[4]),
        (Op::DecideAttendanceDispute, &paths[5]),
    ] {
        world.knows_for(op, id(path));
    }
    let drafted = invited(&paths[0]).await;
    world.part_for("{invitation}", Op::WithdrawInvitation, None, &drafted[0]);
    world.part_for("{invitation}", Op::DisputeAttendance, None, &open[0]);
    world.part_for("{invitation}", Op::DecideAttendanceDispute, None, &disputed[0]);
    world.part_for("{invitation}", Op::RespondToInvitation, None, &ahead[2]);
    for (role, invitation) in [("party", &ahead[0]), ("government_office", &ahead[1])] {
        world.part_for("{invitation}", Op::RespondToInvitation, Some(role), invitation);
    }
    world.part_for("{opinion}", Op::AnswerOpinion, None, text(&opinion.json["id"]));
    world.with_body(Op::UpdateMeeting, json!({ "title": "学位建设规划座谈会" }));
    world.with_body(Op::InviteToMeeting, json!({ "parties": ["minge"] }));
    world.with_body(Op::ReplaceAttendance, json!({ "items": [] }));
    let mut foreign = draft(days(-3));
    foreign["hosts"] = json!(["health"]);
    world.with_foreign_body(Op::CreateMeeting, foreign.clone());
    let foreign = app
        .department("health")
        .await
        .post("/api/v1/meetings", foreign)
        .await
        .expect(201);
    world.knows_foreign("meetings", text(&foreign.json["id"]));
    world.hides("meetings");
    world.hides("meeting-follow-ups");
    world.lists_all("meetings", "");
    world.lists_all("meeting-follow-ups", "");
}

/// One that is published, one that is not.
async fn annual_summaries(app: &TestApp, world: &mut World) {
    let coordinator = app.coordinator().await;
    let mut made = Vec::new();
    for year in [2025, 2024] {
        let body = json!({ "year": year, "text": "对口联系工作扎实推进。" });
        let summary = coordinator
            .post("/api/v1/annual-summaries", body)
            .await
            .expect(201);
        made.push(text(&summary.json["id"]));
    }
    let publish = format!("/api/v1/annual-summaries/{}/publish", made[0]);
    coordinator.post(&publish, json!({})).await.expect(200);
    world.knows("annual-summaries", &made[0]);
    for op in [
        Op::UpdateAnnualSummary,
        Op::DeleteAnnualSummary,
        Op::PublishAnnualSummary,
    ] {
        world.knows_for(op, &made[1]);
    }
    world.with_body(Op::CreateAnnualSummary, json!({ "year": 2023 }));
    world.lists_all("annual-summaries", "");
}

/// The signed original of a scheme, to be attached to it.
pub fn signed(scheme: &Value) -> (String, Vec<u8>) {
    Form::of(scheme).file("方案原文.pdf", b"%PDF-1.7 signed").body()
}

/// One in each state that an operation needs, and one of two others.
async fn suggestions(app: &TestApp, world: &mut World) {
    let table = Table::new(app).await;
    let raised = |title: &str| raised(title, "education");
    let drafted = table.drafted(raised("草稿")).await;
    for op in [Op::UpdateSuggestion, Op::DeleteSuggestion, Op::SubmitSuggestion] {
        world.knows_for(op, &drafted);
    }
    let mut with_others = raised("联名");
    with_others["joint_parties"] = json!(["minge"]);
    let unasked = table.drafted(with_others).await;
    world.knows_for(Op::RequestSuggestionSignatures, unasked);
    let others = Table::of(app, "minge", "education").await;
    let mut with_us = raised("受邀联名");
    with_us["joint_parties"] = json!(["minmeng"]);
    let asked = others.drafted(with_us).await;
    step(&others.party, &asked, "request-signatures", json!({})).await;
    world.knows_for(Op::CoSignSuggestion, &asked);
    world.knows_for(Op::DeclineToSignSuggestion, &asked);
    let submitted = table.submitted(raised("待签收")).await;
    world.knows("suggestions", &submitted);
    let returned = table.submitted(raised("申退")).await;
    let back = json!({ "reason": "职责不符。", "proposed_department": "health" });
    step(&table.lead, &returned, "return", back).await;
    world.knows_for(Op::DenySuggestionReturn, returned);
    handled(app, world, &table).await;
    let replied = table.replied(raised("已答复")).await;
    for op in [
        Op::FileSuggestion,
        Op::ReturnSuggestionFiling,
        Op::CorrectSuggestionReply,
    ] {
        world.knows_for(op, &replied);
    }
    world.with_body(Op::CreateFeedbackReceipt, life::receipt(&replied, "satisfied"));
    let incomplete = table.replied(raised("退回补报")).await;
    step(
        &table.coordinator,
        &incomplete,
        "return-filing",
        json!({ "reason": "缺签发稿。" }),
    )
    .await;
    world.knows_for(Op::ReportSuggestionFiling, incomplete);
    let mediated = table.dissatisfied_twice(raised("协商")).await;
    world.knows_for(Op::MediateSuggestion, mediated);
    let strangers = Table::of(app, "minge", FOREIGN).await;
    let foreign = strangers.submitted(life::raised("他人的", FOREIGN)).await;
    world.knows_foreign("suggestions", foreign);
    world.hides("suggestions");
    world.lists_all("suggestions", "");
    promises(world, &table, &strangers).await;
}

/// In the hands of the departments.
async fn handled(app: &TestApp, world: &mut World, table: &Table) {
    let accepted = table.accepted(raised("办理中", "education")).await;
    for op in [
        Op::CommunicateOnSuggestion,
        Op::GiveSuggestionInterimReply,
        Op::RequestSuggestionExtension,
    ] {
        world.knows_for(op, &accepted);
    }
    let extended = table.accepted(raised("延期", "education")).await;
    let ask = json!({ "reason": "须进一步测算。", "until": "2026-08-31" });
    step(&table.lead, &extended, "request-extension", ask).await;
    world.knows_for(Op::DecideSuggestionExtension, extended);
    let talked = table.talked(raised("已沟通", "education")).await;
    world.knows_for(Op::ReplyToSuggestion, talked);
    let elsewhere = Table::of(app, "minmeng", "health").await;
    let mut joined = raised("会办", "health");
    joined["joint_departments"] = json!(["education"]);
    let joined = elsewhere.accepted(joined).await;
    world.knows_for(Op::GiveSuggestionOpinion, joined);
}

/// What replies promise, and how they are evaluated.
async fn promises(world: &mut World, table: &Table, strangers: &Table) {
    let mut commitments = Vec::new();
    for (party, lead, title) in [
        (table, "education", "承诺"),
        (table, "education", "终止承诺"),
        (strangers, FOREIGN, "他人的承诺"),
    ] {
        let talked = party.talked(raised(title, lead)).await;
        let replied = step(&party.lead, &talked, "reply", reply("B")).await;
        commitments.push(text(&replied["commitments"][0]["id"]));
    }
    let abandon = format!("/api/v1/commitments/{}/abandon", commitments[1]);
    let reason = json!({ "reason": "用地规划调整。" });
    table.lead.post(&abandon, reason).await.expect(200);
    world.knows("commitments", &commitments[0]);
    world.knows_for(Op::DecideCommitmentAbandonment, &commitments[1]);
    world.knows_foreign("commitments", &commitments[2]);
    world.hides("commitments");
    world.lists_all("commitments", "");
    for (party, lead, own) in [(table, "education", true), (strangers, FOREIGN, false)] {
        let replied = party.replied(raised("评价", lead)).await;
        let receipt = text(&party.evaluate(&replied, "satisfied").await["id"]);
        match own {
            true => world.knows("feedback-receipts", receipt),
            false => world.knows_foreign("feedback-receipts", receipt),
        }
    }
    world.hides("feedback-receipts");
    world.lists_all("feedback-receipts", "");
}
