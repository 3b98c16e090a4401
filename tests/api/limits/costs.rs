//! Bodies that are made to cost more than they say.

use crate::support::client::{Answer, User};
use crate::support::conformance::DOCUMENT;
use crate::support::suggestions::Table;
use crate::support::{TestApp, method};
use liaison::http::contract::Contract;
use liaison::limits;
use liaison::policy::{Op, Role};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Bytes of the greatest body that is read.
const MOST: usize = 1_048_576;

/// What a release build does in 50 ms, one without optimization does in this; what compares each with each takes minutes.
const BAR: Duration = Duration::from_millis(1_500);

/// Of an answer that refuses.
const REFUSAL: usize = 64 * 1024;

fn path(op: Op) -> String {
    let id = "0193d2a4-5c00-7000-8000-00000000ffff";
    let parts = op.row().path.split('/');
    let filled = parts.map(|part| if part.starts_with('{') { id } else { part });
    filled.collect::<Vec<_>>().join("/")
}

fn schema(op: Op) -> Option<&'static Value> {
    let method = op.row().method.as_str().to_ascii_lowercase();
    DOCUMENT.pointer(&format!(
        "/paths/{}/{method}/requestBody/content/application~1json/schema",
        op.row().path.replace('/', "~1")
    ))
}

/// As often as there is room, with commas between.
fn filled(unit: impl Fn(usize) -> String, room: usize) -> String {
    let mut text = String::with_capacity(room);
    let mut index = 0;
    loop {
        let next = unit(index);
        if text.len() + next.len() + 1 > room {
            return text;
        }
        if index > 0 {
            text.push(',');
        }
        text.push_str(&next);
        index += 1;
    }
}

fn resolved(schema: &'static Value) -> &'static Value {
    match schema["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(&reference[1..]).expect("a schema"),
        None => match schema["oneOf"].as_array() {
            Some(branches) => branches
                .iter()
                .find(|branch| branch["type"] != "null")
                .map_or(schema, resolved),
            None => schema,
        },
    }
}

/// A list that fills a body, at every place where a schema has one: `{"items": [{"persons": [0,0,…]}]}`.
fn lists(schema: &'static Value, wrap: &dyn Fn(String) -> String, found: &mut Vec<String>) {
    let schema = resolved(schema);
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let inside = |text: String| wrap(format!("{{\"{name}\":{text}}}"));
        let member = resolved(member);
        if member["items"].is_object() {
            let room = MOST - inside("[]".to_owned()).len();
            // In turn, since each takes its time.
            let item = |at: usize| match found.len() % 3 {
                0 => "0".to_owned(),
                1 => "{}".to_owned(),
                _ => format!("\"{at}\""),
            };
            let list = inside(format!("[{}]", filled(item, room)));
            found.push(list);
            lists(&member["items"], &|text| inside(format!("[{text}]")), found);
        } else {
            lists(member, &inside, found);
        }
    }
}

/// Members that no schema knows.
fn unknown(room: usize) -> String {
    format!("{{{}}}", filled(|at| format!("\"a{at}\":0"), room - 2))
}

fn worst(op: Op) -> Vec<String> {
    let mut bodies = vec![unknown(MOST / 16)];
    if let Some(schema) = schema(op) {
        lists(schema, &|text| text, &mut bodies);
    }
    bodies
}

/// Of any operation, since they do not depend on what it takes.
fn of_any_shape() -> Vec<String> {
    let nested = MOST / 2 - 10;
    vec![
        unknown(MOST),
        " ".repeat(MOST),
        format!("{{\"{}\":0}}", "\\u0001".repeat((MOST - 6) / 6)),
        format!("{}1{}", "[".repeat(nested), "]".repeat(nested)),
        format!("{{\"title\":{}1{}}}", "[".repeat(nested), "]".repeat(nested)),
        format!(
            "{{\"title\":{}1{}}}",
            "{\"a\":".repeat(MOST / 6 - 10),
            "}".repeat(MOST / 6 - 10)
        ),
        format!("{{\"title\":{}}}", "9".repeat(MOST - 20)),
        format!("{{\"title\":0.{}}}", "9".repeat(MOST - 20)),
        format!("{{\"title\":\"{}\"}}", "\\ud83d\\ude00".repeat(MOST / 12 - 10)),
        format!("{{\"title\":\"{}\"}}", "\\u200b".repeat(MOST / 6 - 10)),
        format!("{{\"title\":\"{}\"}}", "对".repeat(MOST / 3 - 10)),
        format!("{{{}}}", filled(|_| "\"a\":0".to_owned(), MOST - 2)),
        format!(
            "{{{}}}",
            filled(
                |at| format!("\"{}{at}\":0", "/~\"".replace('"', "\\\"")),
                MOST - 2
            )
        ),
        format!("[{}]", filled(|_| "{}".to_owned(), MOST - 2)),
        "\"".repeat(MOST),
        "[".repeat(MOST),
        "{\"a\":".repeat(MOST / 5),
    ]
}

/// The processor time that this process has used, client and all.
fn used() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("our own account");
    let fields: Vec<u64> = stat
        .rsplit(") ")
        .next()
        .expect("fields")
        .split(' ')
        .filter_map(|field| field.parse().ok())
        .collect();
    // utime and stime, in hundredths; state, the first field, is no number.
    Duration::from_millis((fields[10] + fields[11]) * 10)
}

async fn refused(user: &User, op: Op, body: &str) {
    let before = used();
    let sent = Some(("application/json".to_owned(), body.as_bytes().to_vec()));
    let answer = user.send_raw(method(op), &path(op), sent).await;
    let took = used() - before;
    let shown: String = body.chars().take(60).collect();
    let status = answer.status.as_u16();
    assert!(
        [400, 413, 422].contains(&status),
        "{op:?} {shown}: {status} {}",
        answer.text()
    );
    assert!(
        answer.bytes.len() <= REFUSAL,
        "{op:?} {shown}: {} bytes",
        answer.bytes.len()
    );
    let named = answer.json["errors"].as_array().map_or(0, Vec::len);
    assert!(named <= limits::FAULTS, "{op:?} {shown}: {named} faults");
    assert!(took <= BAR, "{op:?} {shown}: {took:?}");
}

async fn callers(app: &TestApp) -> Vec<(&'static str, User)> {
    app.one_of_each_role().await
}

fn caller<'u>(op: Op, users: &'u [(&'static str, User)], nobody: &'u User) -> &'u User {
    let role = op.roles().first().copied();
    let found = users
        .iter()
        .find(|(name, _)| role.map(Role::as_str) == Some(*name));
    found.map_or(nobody, |(_, user)| user)
}

#[tokio::test]
async fn no_operation_pays_more_for_a_body_than_its_bytes() {
    let app = TestApp::new().await;
    let users = callers(&app).await;
    let nobody = app.anonymous();
    let mut called = 0;
    for op in Op::ALL.iter().copied().filter(|op| schema(*op).is_some()) {
        for body in worst(op) {
            refused(caller(op, &users, &nobody), op, &body).await;
            called += 1;
        }
    }
    assert!(called > 120, "{called}");
}

#[tokio::test]
async fn a_body_of_any_shape_costs_what_its_bytes_cost() {
    let app = TestApp::new().await;
    let (party, nobody) = (app.party("minge").await, app.anonymous());
    for body in of_any_shape() {
        refused(&party, Op::CreateSuggestion, &body).await;
        refused(&nobody, Op::LogIn, &body).await;
        refused(&nobody, Op::RefreshSession, &body).await;
    }
}

#[tokio::test]
async fn a_hundred_faults_are_named_and_the_rest_is_counted() {
    let app = TestApp::new().await;
    let user = app.party("minge").await;
    let members = |count: usize| {
        (0..count)
            .map(|at| (format!("m{at}"), json!(0)))
            .collect::<serde_json::Map<_, _>>()
    };
    let send = async |count| {
        user.post("/api/v1/suggestions", Value::Object(members(count)))
            .await
            .problem(422, "invalid")
    };
    // Four fields are required.
    let answer = send(40_000).await;
    assert_eq!(answer.json["errors"].as_array().map(Vec::len), Some(100));
    assert_eq!(answer.json["errors_omitted"], 39_904);
    let answer = send(96).await;
    assert_eq!(answer.json["errors"].as_array().map(Vec::len), Some(100));
    assert!(answer.json.get("errors_omitted").is_none(), "{}", answer.json);
    let answer = send(97).await;
    assert_eq!(answer.json["errors_omitted"], 1);
    // Long names are cut, and an answer stays short however they are written.
    let long: serde_json::Map<_, _> = (0..100)
        .map(|at| (format!("{at}{}", "\u{1}".repeat(1_500)), json!(0)))
        .collect();
    let answer = user
        .post("/api/v1/suggestions", long.into())
        .await
        .problem(422, "invalid");
    assert!(answer.bytes.len() <= REFUSAL, "{}", answer.bytes.len());
}

#[tokio::test]
async fn a_query_costs_what_its_bytes_cost() {
    let app = TestApp::new().await;
    let user = app.party("minge").await;
    let many = (0..8_000)
        .map(|at| format!("p{at}=1"))
        .collect::<Vec<_>>()
        .join("&");
    let same = vec!["limit=1"; 7_000].join("&");
    let long = format!("q={}", "%E5%AF%B9".repeat(6_000));
    let before = used();
    let answer = user
        .get(&format!("/api/v1/suggestions?{many}"))
        .await
        .problem(422, "invalid");
    assert_eq!(answer.json["errors_omitted"], 7_900);
    for query in [many, same, long] {
        for path in ["/api/v1/suggestions", "/livez"] {
            let answer = user.get(&format!("{path}?{query}")).await.problem(422, "invalid");
            assert!(answer.bytes.len() <= REFUSAL, "{}", answer.bytes.len());
        }
    }
    let answer = user
        .get(&format!("/api/v1/{}", "a".repeat(60_000)))
        .await
        .problem(404, "not_found");
    assert!(answer.bytes.len() < 4_096, "{}", answer.bytes.len());
    assert!(used() - before <= BAR * 4);
}

#[tokio::test]
async fn the_service_answers_while_bodies_of_any_shape_arrive() {
    let app = TestApp::new().await;
    let nobody = app.anonymous();
    for body in of_any_shape() {
        let sent = || Some(("application/json".to_owned(), body.clone().into_bytes()));
        let log_in = || nobody.send_raw(Method::POST, "/api/v1/auth/login", sent());
        let alive = async {
            let began = Instant::now();
            nobody.get("/livez").await.expect(200);
            began.elapsed()
        };
        let (one, other, waited) = tokio::join!(log_in(), log_in(), alive);
        assert!(one.status.is_client_error() && other.status.is_client_error());
        assert!(waited < BAR, "{waited:?}");
    }
}

/// Kilobytes of this process that are in memory.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("our own account");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    number.and_then(|number| number.parse().ok()).expect("a number")
}

#[test]
fn all_schemas_compiled_stay_small() {
    let contract = Contract::new(&DOCUMENT);
    let before = resident();
    let mut compiled = 0;
    for op in Op::ALL {
        contract.check_body(*op, &json!(0));
        compiled += 1;
        let method = op.row().method.as_str().to_ascii_lowercase();
        for parameter in DOCUMENT["paths"][op.row().path][&method]["parameters"]
            .as_array()
            .into_iter()
            .flatten()
        {
            if parameter["in"] == "query" {
                let name = parameter["name"].as_str().expect("a name").to_owned();
                let refused = contract.check_query(*op, vec![(name, "\u{1}".to_owned())]);
                assert!(refused.is_err());
                compiled += 1;
            }
        }
    }
    let grown = resident().saturating_sub(before);
    assert!(compiled > 400, "{compiled}");
    assert!(grown < 25 * 1024, "{grown} kB for {compiled} schemas");
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no poison").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_line_of_the_log_has_4_kb_at_most() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_writer(move || writer.clone())
        .try_init()
        .expect("the only log of this process");
    let app = TestApp::new().await;
    let (party, nobody) = (app.party("minge").await, app.anonymous());
    let long = "\u{1}".repeat(700);
    let members: serde_json::Map<_, _> = (0..100).map(|at| (format!("{at}{long}"), json!(long))).collect();
    party
        .post("/api/v1/suggestions", members.into())
        .await
        .problem(422, "invalid");
    for (user, path) in [
        (&party, format!("/api/v1/{}", "%01".repeat(20_000))),
        (&party, format!("/api/v1/suggestions?{}=1", "%01".repeat(20_000))),
        (&nobody, format!("/livez?{}", "a%22&".repeat(10_000))),
        (&nobody, format!("/api/v1/departments/{}", "对".repeat(5_000))),
    ] {
        assert!(user.get(&path).await.status.is_client_error());
    }
    let written = log.0.lock().expect("no poison").clone();
    let lines: Vec<&[u8]> = written
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .collect();
    assert!(lines.len() >= 5, "{}", lines.len());
    for line in lines {
        assert!(
            line.len() <= 4_096,
            "{} bytes: {}",
            line.len(),
            String::from_utf8_lossy(&line[..200])
        );
    }
}

/// The longest that a body may say is answered in full, and stays small.
#[tokio::test]
async fn the_longest_bodies_are_answered_with_200_kb_at_most() {
    let app = TestApp::new().await;
    let table = Table::new(&app).await;
    let text = |length: usize| "对".repeat(length);
    let names = |count: usize| {
        (0..count)
            .map(|at| format!("{at:03}{}", text(97)))
            .collect::<Vec<_>>()
    };
    let codes = async |path: &str| {
        let listed = table.party.get(&format!("{path}?limit=200")).await.expect(200);
        let codes = listed
            .items()
            .iter()
            .map(|one| one["code"].as_str().expect("a code").to_owned());
        codes.collect::<Vec<_>>()
    };
    let (mut departments, mut parties) = (codes("/api/v1/departments").await, codes("/api/v1/parties").await);
    departments.retain(|code| code != "education");
    parties.retain(|code| code != "minmeng");
    let small = |answer: Answer| {
        assert!(answer.bytes.len() <= 200_000, "{} bytes", answer.bytes.len());
        answer
    };
    let raised = json!({
        "title": text(200), "background": text(20_000), "proposal": text(20_000), "authors": names(20),
        "lead_department": "education", "joint_departments": departments, "joint_parties": parties,
    });
    small(table.party.post("/api/v1/suggestions", raised).await.expect(201));
    let alone = json!({
        "title": text(200), "background": text(20_000), "proposal": text(20_000), "authors": names(20),
        "lead_department": "education",
    });
    let id = table.talked(alone).await;
    let commitments = vec![json!({ "text": text(300), "due_on": "2026-12-31" }); 20];
    let reply = json!({
        "text": text(10_000), "document_number": "韶教函〔2026〕58号", "signatory": "王建平", "result": "B",
        "commitments": commitments,
    });
    small(
        table
            .lead
            .post(&format!("/api/v1/suggestions/{id}/reply"), reply)
            .await
            .expect(200),
    );

    let items =
        vec![json!({ "kind": "joint_research", "title": text(200), "month": 5, "parties": parties }); 100];
    let plan = json!({ "year": 2026, "items": items });
    small(table.lead.post("/api/v1/work-plans", plan).await.expect(201));
    let agenda = vec![json!({ "title": text(200), "presenter": text(100) }); 50];
    let guests = vec![json!({ "kind": "expert", "name": text(60), "organization": text(200) }); 100];
    let meeting = json!({
        "kind": "liaison_meeting", "title": text(200), "description": text(4_000), "starts_at": "2026-03-09T01:30:00Z",
        "place": text(100), "agenda": agenda,
        "invite": { "parties": parties, "departments": departments, "guests": guests },
    });
    let made = small(table.lead.post("/api/v1/meetings", meeting).await.expect(201));
    let path = format!("/api/v1/meetings/{}", made.json["id"].as_str().expect("an id"));
    small(
        table
            .lead
            .post(&format!("{path}/convene"), json!({}))
            .await
            .expect(200),
    );
    let follow_ups = vec![json!({ "text": text(300), "owner": "education", "due_on": "2026-04-30" }); 50];
    let decisions = vec![text(100); 50];
    let minutes = json!({ "text": text(20_000), "decisions": decisions, "follow_ups": follow_ups });
    let lead = table.lead.matching(&path).await;
    small(lead.put(&format!("{path}/minutes"), minutes).await.expect(200));
}
