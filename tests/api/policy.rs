//! The proofs of the policy: what the matrix says is what the service does.

mod examples;
mod preconditions;
mod world;

use crate::support::conformance::DOCUMENT;
use crate::support::{Answer, TestApp, User, golden};
use liaison::policy::matrix::Access;
use liaison::policy::{Caller, Op, Principal, Reach, Role};
use reqwest::Method;
use std::collections::BTreeSet;
use std::fmt::Write;
use strum::IntoEnumIterator;
use uuid::Uuid;
use world::{World, signed};

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
        .filter(|op| !op.is_page())
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

async fn call(user: &User, world: &World, op: Op, role: &str, path: &str) -> Answer {
    send(&user.with("If-Match", "*"), world, op, role, path).await
}

async fn call_with(user: &User, tag: &str, world: &World, op: Op, role: &str) -> Answer {
    send(
        &user.with("If-Match", tag),
        world,
        op,
        role,
        &world.path(op, role),
    )
    .await
}

async fn send(user: &User, world: &World, op: Op, role: &str, path: &str) -> Answer {
    let method = Method::from_bytes(op.row().method.as_str().as_bytes()).expect("a method");
    if op == Op::CreateAttachment {
        let body = signed(&world.id(Op::GetScheme, role).into());
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

/// In parts, which run side by side: each write has a service of its own.
const PARTS: usize = 4;

#[tokio::test]
async fn who_is_within_reach_writes_1_of_4() {
    who_is_within_reach_writes(0).await;
}

#[tokio::test]
async fn who_is_within_reach_writes_2_of_4() {
    who_is_within_reach_writes(1).await;
}

#[tokio::test]
async fn who_is_within_reach_writes_3_of_4() {
    who_is_within_reach_writes(2).await;
}

#[tokio::test]
async fn who_is_within_reach_writes_4_of_4() {
    who_is_within_reach_writes(3).await;
}

async fn who_is_within_reach_writes(part: usize) {
    let mut writes = 0;
    let original = TestApp::new().await;
    let world = World::new(&original).await;
    // Logged in before all the copies are made, so that their tokens hold everywhere.
    let users = original.one_of_each_role().await;
    let ops = tested().filter(|op| op.is_write()).skip(part).step_by(PARTS);
    for op in ops {
        for role in op.roles() {
            // A service each: what one write changes is in no other's way.
            let app = original.copy().await;
            let known = users.iter().find(|(name, _)| *name == role.as_str());
            let token = known
                .and_then(|(_, user)| user.token.as_deref())
                .expect("a token");
            let user = app.with_token(token);
            let before = app.counts().await;
            let answer = call(&user, &world, op, role.as_str(), &world.path(op, role.as_str())).await;
            if op.row().path.starts_with("/api/v1/attachments") && role != Role::Coordinator {
                // A scheme lets 市委统战部 alone attach; other carriers are tested with their resources.
                match op {
                    Op::DeleteAttachment => answer.problem(404, "not_found"),
                    _ => answer.problem(403, "not_yours"),
                };
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
    assert!(writes > 8, "{writes} writes");
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
            let method = Method::from_bytes(op.row().method.as_str().as_bytes()).expect("a method");
            let answer = user
                .with("If-Match", "*")
                .send(
                    method,
                    &world.foreign_path(op, name),
                    world.foreign_body(op, name),
                )
                .await;
            // What it may not see does not exist for it.
            match world.is_hidden(op) {
                true => answer.problem(404, "not_found"),
                false => answer.problem(403, "not_yours"),
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
    for (list, one) in world.lists() {
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
