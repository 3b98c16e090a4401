//! The proofs of the policy: what the matrix says is what the service does.

use crate::support::conformance::DOCUMENT;
use crate::support::{Form, TestApp, User, golden};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::db::schema::{self, organizations};
use liaison::db::transaction::Origin;
use liaison::events::notices::{self, Notice, NoticeKind};
use liaison::policy::matrix::Access;
use liaison::policy::{Caller, Op, Principal, Reach, Role};
use liaison::workflow::subjects::{Subject, SubjectType};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use strum::IntoEnumIterator;
use uuid::Uuid;

/// Pages and their parts, which are no operations of the API. May only become fewer.
const NOT_IN_THE_DOCUMENT: [Op; 3] = [Op::GetDocs, Op::GetDocsPage, Op::GetDocsAsset];

/// Operations whose outcome is not a matter of policy alone: they are tested with their resource. May only become fewer.
const SESSION: [Op; 5] = [
    Op::LogIn,
    Op::RefreshSession,
    Op::LogOut,
    Op::ChangeMyPassword,
    Op::GetMe,
];

#[test]
fn the_matrix_and_the_document_have_the_same_operations() {
    let in_document: BTreeSet<(String, String, String)> = DOCUMENT["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .expect("an item")
                .iter()
                .filter(|(_, operation)| operation.is_object())
                .map(move |(method, operation)| {
                    (
                        operation["operationId"].as_str().unwrap_or_default().to_owned(),
                        method.to_uppercase(),
                        path.clone(),
                    )
                })
        })
        .collect();
    let in_matrix: BTreeSet<(String, String, String)> = Op::ALL
        .iter()
        .filter(|op| !NOT_IN_THE_DOCUMENT.contains(op))
        .map(|op| {
            (
                op.id().to_owned(),
                op.row().method.to_string(),
                op.row().path.to_owned(),
            )
        })
        .collect();
    assert_eq!(in_document, in_matrix);
}

#[test]
fn the_readable_table_is_the_matrix() {
    let mut text =
        "# Who may do what\n\nMade from `src/policy/matrix.rs`; a test compares the two. `-`: 403. \
                    Blank: public or every logged-in account.\n\n| operation | method and path |"
            .to_owned();
    for role in Role::iter() {
        let _ = write!(text, " {role} |");
    }
    text.push_str("\n| --- | --- |");
    text.push_str(&" --- |".repeat(Role::iter().count()));
    for op in Op::ALL {
        let row = op.row();
        let _ = write!(text, "\n| `{}` | `{} {}` |", op.id(), row.method, row.path);
        for role in Role::iter() {
            let cell = match &row.access {
                Access::Public | Access::LoggedIn => String::new(),
                Access::ByRole(reaches) => match reaches[role as usize] {
                    Reach::Never => "-".to_owned(),
                    reach => reach.to_string(),
                },
            };
            let _ = write!(text, " {cell} |");
        }
    }
    text.push('\n');
    golden::compare("docs/policy.md", &text);
}

#[test]
fn roles_and_permits_agree() {
    for op in Op::ALL {
        for role in Role::iter() {
            let caller = Caller {
                principal: Principal::User {
                    id: Uuid::nil(),
                    session: Uuid::nil(),
                },
                username: "x".into(),
                role: Some(role),
                organization: None,
                must_change_password: false,
            };
            let listed = op.is_public() || op.roles().contains(&role);
            assert_eq!(listed, op.reach(&caller) != Reach::Never, "{} {role}", op.id());
        }
    }
}

/// A department that does not liaise with 民盟.
const FOREIGN: &str = "justice";

/// One record of each kind, and how a call of each operation names it.
struct World {
    draft_scheme: String,
    scheme: String,
    assignment: String,
    user: String,
    disabled_user: String,
    attachment: String,
    leader: String,
    confirmation: String,
    rule: String,
    /// Of a department that liaises neither with `education` nor with 民盟.
    foreign_leader: String,
    foreign_confirmation: String,
    /// By role, of its user's organization.
    reports: BTreeMap<&'static str, String>,
    notices: BTreeMap<&'static str, String>,
    answered_report: String,
    foreign_report: String,
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

impl World {
    async fn new(app: &TestApp) -> Self {
        let coordinator = app.coordinator().await;
        let scheme = coordinator.get("/api/v1/schemes").await.expect(200).items()[0]["id"].clone();
        let draft = json!({ "title": "草案", "effective_from": "2026-12-01", "copy_from": scheme });
        let draft = coordinator.post("/api/v1/schemes", draft).await.expect(201);
        let assignment = coordinator
            .get("/api/v1/assignments?limit=1")
            .await
            .expect(200)
            .items()[0]["id"]
            .clone();
        let user = app
            .admin()
            .await
            .get("/api/v1/users/party-minjin")
            .await
            .expect(200);
        let disabled = app
            .admin()
            .await
            .post("/api/v1/users/party-jiusan/disable", json!({}))
            .await
            .expect(200);
        let attachment = coordinator
            .send_raw(Method::POST, "/api/v1/attachments", Some(signed(&scheme)))
            .await
            .expect(201);
        let text = |value: &Value| value.as_str().expect("an id").to_owned();
        let mut leaders = Vec::new();
        for code in ["education", FOREIGN] {
            let department = app.department(code).await;
            let leader = department
                .post("/api/v1/liaison-leaders", appointment(code))
                .await;
            leaders.push(text(&leader.expect(201).json["id"]));
        }
        app.run_jobs().await;
        let mut confirmations = Vec::new();
        for code in ["education", FOREIGN] {
            let path = format!("/api/v1/liaison-confirmations?department={code}");
            confirmations.push(text(&coordinator.get(&path).await.expect(200).items()[0]["id"]));
        }
        let mut reports = Vec::new();
        for organization in ["education", "minmeng", "education", "health"] {
            let body = json!({ "organization": organization, "title": "联络不畅", "text": "人员变动频繁。" });
            let report = coordinator
                .post("/api/v1/problem-reports", body)
                .await
                .expect(201);
            reports.push(text(&report.json["id"]));
        }
        coordinator
            .post(
                &format!("/api/v1/problem-reports/{}/answer", reports[2]),
                json!({ "text": "请固定人员。" }),
            )
            .await
            .expect(200);
        let rule = json!({ "kind": "liaison", "title": "对口联系工作制度", "issued_on": "2020-04-01" });
        let education = app.department("education").await;
        let rule = education
            .post("/api/v1/departments/education/rules", rule)
            .await
            .expect(201);
        Self {
            leader: leaders[0].clone(),
            foreign_leader: leaders[1].clone(),
            confirmation: confirmations[0].clone(),
            foreign_confirmation: confirmations[1].clone(),
            rule: text(&rule.json["id"]),
            notices: tell_each_role(app).await,
            reports: BTreeMap::from([
                ("coordinator", reports[0].clone()),
                ("department", reports[0].clone()),
                ("party", reports[1].clone()),
            ]),
            answered_report: reports[2].clone(),
            foreign_report: reports[3].clone(),
            draft_scheme: text(&draft.json["id"]),
            scheme: text(&scheme),
            assignment: text(&assignment),
            user: text(&user.json["id"]),
            disabled_user: text(&disabled.json["id"]),
            attachment: text(&attachment.json["id"]),
        }
    }

    /// The path of an operation, with what belongs to the caller in it where that matters.
    fn path(&self, op: Op, role: &str) -> String {
        let path = op.row().path;
        // Who has none asks for another's.
        let of_role = |ids: &BTreeMap<&str, String>| {
            let found = ids.get(role).or_else(|| ids.get("coordinator"));
            found.cloned().expect("one of each")
        };
        let (report, notice) = (of_role(&self.reports), of_role(&self.notices));
        let id = match path.split('/').nth(3).unwrap_or_default() {
            "departments" if path.contains("/rules") => "education",
            "liaison-leaders" => &self.leader,
            "liaison-confirmations" => &self.confirmation,
            "problem-reports" if op == Op::CloseProblemReport => &self.answered_report,
            "problem-reports" => &report,
            "notifications" => &notice,
            "departments" => "financial-affairs",
            "parties" => "minmeng",
            "schemes" if op.is_write() => &self.draft_scheme,
            "schemes" => &self.scheme,
            "assignments" => &self.assignment,
            "attachments" if op == Op::ListAttachments => {
                return format!("{path}?subject_type=scheme&subject_id={}", self.scheme);
            }
            "working-days" if op == Op::CountWorkingDays => {
                return format!("{path}?from=2026-02-12&count=5");
            }
            "attachments" => &self.attachment,
            "users" if op == Op::EnableUser => &self.disabled_user,
            "users" => &self.user,
            _ => "not_found",
        };
        path.replace("{id}", id)
            .replace("{rule}", &self.rule)
            .replace("{year}", "2026")
            .replace("{key}", "leader_acknowledgement")
            .replace("{code}", "not_found")
    }

    /// The same, of what belongs to others.
    fn foreign_path(&self, op: Op, role: &str) -> String {
        let report = self.reports.get(role).map_or("-", String::as_str);
        [
            (report, self.foreign_report.as_str()),
            ("minmeng", "minge"),
            ("/departments/education", "/departments/health"),
            (self.leader.as_str(), self.foreign_leader.as_str()),
            (self.confirmation.as_str(), self.foreign_confirmation.as_str()),
        ]
        .iter()
        .fold(self.path(op, role), |path, (own, foreign)| {
            path.replace(own, foreign)
        })
    }

    /// A body that is right for this world: the document's own example, but for what it cannot know.
    fn body(&self, op: Op, role: &str) -> Option<Value> {
        let row = op.row();
        let method = row.method.as_str().to_lowercase();
        let example =
            &DOCUMENT["paths"][row.path][&method]["requestBody"]["content"]["application/json"]["example"];
        match op {
            Op::CreateProblemReport if role == "coordinator" => {
                let mut body = example.clone();
                body["organization"] = "education".into();
                Some(body)
            }
            Op::SetUserRole => Some(json!({ "role": "party", "organization": "minge" })),
            _ if example.is_null() => (method == "post").then(|| json!({})),
            _ => Some(example.clone()),
        }
    }
}

/// A notice to the organization of each role's user, by the role's name.
async fn tell_each_role(app: &TestApp) -> BTreeMap<&'static str, String> {
    let mut conn = app.database.connect().await;
    let codes = [
        ("coordinator", "united-front-work-department"),
        ("government_office", "government-office"),
        ("department", "education"),
        ("party", "minmeng"),
    ];
    let mut told = BTreeMap::new();
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
        told.insert(role, id.to_string());
    }
    told
}

/// The signed original of a scheme, to be attached to it.
fn signed(scheme: &Value) -> (String, Vec<u8>) {
    Form::of(scheme).file("方案原文.pdf", b"%PDF-1.7 signed").body()
}

async fn call(user: &User, world: &World, op: Op, role: &str, path: &str) -> crate::support::Answer {
    let method = Method::from_bytes(op.row().method.as_str().as_bytes()).expect("a method");
    let user = user.with("If-Match", "*");
    if op == Op::CreateAttachment {
        let body = signed(&json!(world.scheme));
        return user.send_raw(method, path, Some(body)).await;
    }
    user.send(method, path, world.body(op, role)).await
}

fn tested() -> impl Iterator<Item = Op> {
    Op::ALL
        .iter()
        .copied()
        .filter(|op| !op.is_public() && !SESSION.contains(op))
}

#[tokio::test]
async fn who_is_out_of_reach_is_refused_and_changes_nothing() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let users = app.one_of_each_role().await;
    let before = app.counts().await;
    let mut refusals = 0;
    for op in tested() {
        for (role, user) in users
            .iter()
            .filter(|(role, _)| !op.roles().iter().any(|allowed| allowed.as_str() == *role))
        {
            let answer = call(user, &world, op, role, &world.path(op, role)).await;
            assert_eq!(
                answer.json["code"],
                "role_not_allowed",
                "{} by {role}: {}",
                op.id(),
                answer.text()
            );
            refusals += 1;
        }
    }
    assert!(refusals > 80, "{refusals} refusals");
    assert_eq!(app.counts().await, before);
}

#[tokio::test]
async fn who_is_within_reach_reads() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let users = app.one_of_each_role().await;
    for op in tested().filter(|op| !op.is_write()) {
        for (role, user) in users
            .iter()
            .filter(|(role, _)| op.roles().iter().any(|allowed| allowed.as_str() == *role))
        {
            let answer = call(user, &world, op, role, &world.path(op, role)).await;
            assert_eq!(answer.status, 200, "{} by {role}: {}", op.id(), answer.text());
            if op.row().path.ends_with("{id}") {
                let nowhere = op
                    .row()
                    .path
                    .replace("{id}", "0193d2a4-5c00-7000-8000-00000000ffff");
                call(user, &world, op, role, &nowhere)
                    .await
                    .problem(404, "not_found");
            }
        }
    }
}

#[tokio::test]
async fn who_is_within_reach_writes() {
    let mut writes = 0;
    for op in tested().filter(|op| op.is_write()) {
        for role in op.roles() {
            // A service each: what one write changes is in no other's way.
            let app = TestApp::new().await;
            let world = World::new(&app).await;
            let users = app.one_of_each_role().await;
            let (_, user) = users
                .iter()
                .find(|(name, _)| *name == role.as_str())
                .expect("a user");
            let before = app.counts().await;
            let answer = call(user, &world, op, role.as_str(), &world.path(op, role.as_str())).await;
            if op.row().path.starts_with("/api/v1/attachments") && role != Role::Coordinator {
                // A scheme lets 市委统战部 alone attach; other carriers are tested with their resources.
                answer.problem(403, "not_yours");
                assert_eq!(app.counts().await, before);
                continue;
            }
            assert!(
                answer.status.is_success(),
                "{} by {role}: {}",
                op.id(),
                answer.text()
            );
            let after = app.counts().await;
            assert!(after.0 > before.0, "{} by {role} leaves no audit record", op.id());
            writes += 1;
        }
    }
    assert!(writes > 15, "{writes} writes");
}

#[tokio::test]
async fn what_is_anothers_is_refused_by_relation() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let users = app.one_of_each_role().await;
    let before = app.counts().await;
    let mut refusals = 0;
    for op in tested() {
        let Access::ByRole(reaches) = &op.row().access else {
            continue;
        };
        // Lists leave out what is another's.
        if !op.is_write() && !op.row().path.contains('{') {
            continue;
        }
        for (role, user) in &users {
            let name = *role;
            let role: Role = role.parse().expect("a role");
            // 市委统战部 is party to everything.
            if reaches[role as usize] != Reach::Own || role == Role::Coordinator {
                continue;
            }
            let mut body = world.body(op, name);
            if op == Op::CreateLiaisonLeader {
                body = Some(appointment("health"));
            }
            if op == Op::CreateProblemReport {
                body =
                    Some(json!({ "organization": "health", "title": "联络不畅", "text": "人员变动频繁。" }));
            }
            let method = Method::from_bytes(op.row().method.as_str().as_bytes()).expect("a method");
            let answer = user
                .with("If-Match", "*")
                .send(method, &world.foreign_path(op, name), body)
                .await;
            match op.row().path.split('/').nth(3) {
                // What it may not see does not exist for it.
                Some("liaison-confirmations") => answer.problem(404, "not_found"),
                Some("problem-reports") if !op.is_write() => answer.problem(404, "not_found"),
                _ if op == Op::UpdateDepartmentRule => answer.problem(404, "not_found"),
                _ => answer.problem(403, "not_yours"),
            };
            refusals += 1;
        }
    }
    assert!(refusals > 8, "{refusals} refusals");
    assert_eq!(app.counts().await, before);
}

/// For each user, the ids of the list are those that `get` answers.
#[tokio::test]
async fn lists_show_what_get_answers() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let of_scheme = world.path(Op::ListAttachments, "") + "&include_ended=true";
    for (list, one) in [
        (
            "/api/v1/departments?limit=200&include_ended=true",
            "/api/v1/departments",
        ),
        ("/api/v1/parties?limit=200&include_ended=true", "/api/v1/parties"),
        ("/api/v1/schemes?limit=200&include_ended=true", "/api/v1/schemes"),
        (
            "/api/v1/assignments?limit=200&include_ended=true",
            "/api/v1/assignments",
        ),
        ("/api/v1/users?limit=200", "/api/v1/users"),
        (
            "/api/v1/liaison-leaders?limit=200&include_ended=true",
            "/api/v1/liaison-leaders",
        ),
        (
            "/api/v1/liaison-confirmations?limit=200",
            "/api/v1/liaison-confirmations",
        ),
        ("/api/v1/problem-reports?limit=200", "/api/v1/problem-reports"),
        (&of_scheme, "/api/v1/attachments"),
    ] {
        let of = async |user: &User| -> Option<BTreeSet<String>> {
            let answer = user.get(list).await;
            (answer.status == 200).then(|| {
                answer
                    .items()
                    .iter()
                    .map(|item| item["id"].as_str().unwrap_or_default().to_owned())
                    .collect()
            })
        };
        let users = app.one_of_each_role().await;
        let mut all = BTreeSet::new();
        for (_, user) in &users {
            all.extend(of(user).await.unwrap_or_default());
        }
        assert!(!all.is_empty(), "{list}");
        for (role, user) in &users {
            let Some(listed) = of(user).await else { continue };
            for id in &all {
                let got = user.get(&format!("{one}/{id}")).await.status == 200;
                assert_eq!(got, listed.contains(id), "{one}/{id} by {role}");
            }
        }
    }
}
