//! What the proofs call every operation with: one record of each kind, one that is another's, and bodies that are right.
//! A resource adds a function to `World::new`, which puts down what it has made.

use crate::support::conformance::DOCUMENT;
use crate::support::suggestions::{self as life, Table, raised, reply, step};
use crate::support::{Form, TestApp};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::db::schema::{self, organizations};
use liaison::db::transaction::Origin;
use liaison::events::notices::{self, Notice, NoticeKind};
use liaison::policy::Op;
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
    /// Other parts of a path: `{year}`.
    parts: BTreeMap<&'static str, String>,
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
        timing(&mut world);
        notifications(app, &mut world).await;
        suggestions(app, &mut world).await;
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

    /// A record that belongs to none of the roles' users; hidden from them, or for reading only.
    pub fn knows_foreign(&mut self, collection: &'static str, id: impl ToString) {
        self.foreign.insert(collection, id.to_string());
    }

    pub fn part(&mut self, name: &'static str, value: impl ToString) {
        self.parts.insert(name, value.to_string());
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
        of(Some(op), None)
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

    fn path_with(&self, op: Op, id: &str) -> String {
        let path = op.row().path.replace("{id}", id);
        let path = self
            .parts
            .iter()
            .fold(path, |path, (name, value)| path.replace(name, value));
        match self.queries.get(&op) {
            Some(query) => format!("{path}?{query}"),
            None => path,
        }
    }

    /// The path of an operation, with what belongs to the caller in it where that matters.
    pub fn path(&self, op: Op, role: &str) -> String {
        self.path_with(op, &self.id(op, role))
    }

    /// The same, of what belongs to others.
    pub fn foreign_path(&self, op: Op, role: &str) -> String {
        let own = self.id(op, role);
        self.path_with(op, self.foreign.get(collection(op)).unwrap_or(&own))
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
        let example =
            &DOCUMENT["paths"][row.path][&method]["requestBody"]["content"]["application/json"]["example"];
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
    for code in ["education", FOREIGN] {
        let department = app.department(code).await;
        let leader = department
            .post("/api/v1/liaison-leaders", appointment(code))
            .await;
        leaders.push(text(&leader.expect(201).json["id"]));
    }
    world.knows("liaison-leaders", &leaders[0]);
    world.knows_foreign("liaison-leaders", &leaders[1]);
    world.with_foreign_body(Op::CreateLiaisonLeader, appointment("health"));
    world.lists_all("liaison-leaders", "&include_ended=true");
    app.run_jobs().await;
    let mut confirmations = Vec::new();
    for code in ["education", FOREIGN] {
        let path = format!("/api/v1/liaison-confirmations?department={code}");
        confirmations.push(text(&coordinator.get(&path).await.expect(200).items()[0]["id"]));
    }
    world.knows("liaison-confirmations", &confirmations[0]);
    world.knows_foreign("liaison-confirmations", &confirmations[1]);
    world.hides("liaison-confirmations");
    world.lists_all("liaison-confirmations", "");
    let rule = json!({ "kind": "liaison", "title": "对口联系工作制度", "issued_on": "2020-04-01" });
    let rule = education
        .post("/api/v1/departments/education/rules", rule)
        .await
        .expect(201);
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
        let report = coordinator
            .post("/api/v1/problem-reports", of(organization))
            .await;
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
    world.with_body_of(Op::CreateProblemReport, "coordinator", of("education"));
    world.with_foreign_body(Op::CreateProblemReport, of("health"));
    world.lists_all("problem-reports", "");
}

fn timing(world: &mut World) {
    world.part("{year}", 2026);
    world.part("{key}", "leader_acknowledgement");
    world.part("{code}", "not_found");
    world.query(Op::CountWorkingDays, "from=2026-02-12&count=5");
}

/// A notice to the organization of each role's user.
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
