//! Accounts from the command line: import, the passwords that it hands over, and what it refuses.

use crate::support::TestApp;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use encoding_rs::GB18030;
use liaison::accounts::import::{ImportError, parse};
use liaison::accounts::{Accounts, OneTime};
use liaison::db::schema::{audit_log, events, users};
use liaison::policy::Role;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

const CHINESE: &str = "用户名,显示名,角色,单位\r\n\
    education-2,市教育局 䶮𠮷,政府部门,市教育局\r\n\
    minge-2,民革市委会,party,minge\r\n\
    ,,,\r\n\
    office-2,\"市政府, 办公室\",government_office,\r\n\
    nobody-yet,待定,,\r\n";

async fn import(app: &TestApp, file: &[u8]) -> Result<Vec<OneTime>, ImportError> {
    let accounts = Accounts {
        db: &app.instance.db,
        passwords: &app.instance.passwords,
        now: app.clock.now(),
    };
    accounts.import(file).await
}

/// `3 /role not_allowed`
async fn faults(app: &TestApp, file: &[u8]) -> Vec<String> {
    match import(app, file).await {
        Err(ImportError::Faults(faults)) => faults
            .iter()
            .map(|fault| {
                let text = fault.to_string();
                assert!(text.contains("第 ") && text.contains(" / "), "{text}");
                let place = match &fault.fault.place {
                    liaison::problem::Place::Pointer(place) => place.as_str(),
                    _ => "?",
                };
                format!("{} {place} {}", fault.line, fault.fault.code)
            })
            .collect(),
        Err(ImportError::Problem(problem)) => panic!("{problem}"),
        Ok(made) => panic!("{} accounts were made", made.len()),
    }
}

async fn count(app: &TestApp) -> i64 {
    let mut conn = app.database.connect().await;
    users::table.count().get_result(&mut conn).await.expect("users")
}

#[tokio::test]
async fn a_table_as_people_save_it() {
    let gb18030 = GB18030.encode(CHINESE).0.into_owned();
    let marked = format!("\u{feff}{CHINESE}").into_bytes();
    for file in [CHINESE.as_bytes(), &marked, &gb18030] {
        let app = TestApp::new().await;
        let before = app.counts().await;
        let made = import(&app, file).await.expect("an import");
        let names: Vec<&str> = made.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["education-2", "minge-2", "office-2", "nobody-yet"]);
        let after = app.counts().await;
        assert_eq!((after.0 - before.0, after.1 - before.1), (4, 4));
        let admin = app.admin().await;
        let one = admin.get("/api/v1/users/education-2").await.expect(200);
        assert_eq!(one.json["display_name"], "市教育局 䶮𠮷");
        assert_eq!(one.json["role"], "department");
        assert_eq!(one.json["organization"]["code"], "education");
        assert_eq!(one.json["must_change_password"], true);
        let office = admin.get("/api/v1/users/office-2").await.expect(200);
        assert_eq!(office.json["organization"]["code"], "government-office");
        app.anonymous()
            .post(
                "/api/v1/auth/login",
                json!({ "username": made[0].0, "password": made[0].1 }),
            )
            .await
            .expect(200);
        let recorded: Vec<(String, String)> = audit_log::table
            .filter(audit_log::subject_type.eq("user"))
            .order(audit_log::id.desc())
            .limit(1)
            .select((audit_log::principal_name, audit_log::operation))
            .load(&mut app.database.connect().await)
            .await
            .expect("audit_log");
        assert_eq!(recorded, [("command line".to_owned(), "create_user".to_owned())]);
    }
}

#[tokio::test]
async fn every_fault_with_its_line_and_nothing_imported() {
    let app = TestApp::new().await;
    let before = count(&app).await;
    let file = "name,display_name,role,organization\n\
        Upper,某人,party,minge\n\
        party-minge,某人,party,minge\n\
        one,,party,minge\n\
        two,某人,king,\n\
        three,某人,party,education\n\
        four,某人,party,\n\
        five,某人,auditor,education\n\
        six,某\u{202e}人,,\n\
        one,某人,,\n\
        seven,某人,,,more\n\
        good,某人,party,minge\n";
    assert_eq!(
        faults(&app, file.as_bytes()).await,
        [
            "2 /username malformed",
            "3 /username taken",
            "4 /display_name blank",
            "5 /role not_allowed",
            "6 /organization unknown_reference",
            "7 /organization required",
            "8 /organization not_allowed",
            "9 /display_name forbidden_character",
            "10 /username repeated",
            "11  too_many",
        ]
    );
    assert_eq!(count(&app).await, before);
}

#[tokio::test]
async fn headers_and_encodings_are_taken_strictly() {
    let app = TestApp::new().await;
    assert_eq!(faults(&app, b"").await, ["1  empty"]);
    assert_eq!(
        faults(&app, b"name,display_name,role,organization\n").await,
        ["1  empty"]
    );
    assert_eq!(
        faults(&app, b"name,name,colour\nx,y,z\n").await,
        [
            "1 name repeated",
            "1 colour unknown_column",
            "1 display_name required",
            "1 role required"
        ]
    );
    // UTF-8 with one broken line is not taken for another encoding, in which it would be other characters.
    let broken = [
        CHINESE.as_bytes(),
        b"x1,\xe5\xb8,,\r\n",
        "x2,某人,,\r\n".as_bytes(),
    ]
    .concat();
    assert_eq!(faults(&app, &broken).await, ["7  encoding"]);
    let marked = [b"\xef\xbb\xbf".as_slice(), &GB18030.encode(CHINESE).0].concat();
    assert_eq!(
        faults(&app, &marked).await,
        [
            "1  encoding",
            "2  encoding",
            "3  encoding",
            "5  encoding",
            "6  encoding"
        ]
    );
    for bad in [
        b"\x80".as_slice(),
        b"\xff",
        b"\xb5\xb0\xff\xff",
        b"\xe3\x32\x9a\x36",
    ] {
        let file = [&GB18030.encode(CHINESE).0, b"x1,".as_slice(), bad, b",,\r\n"].concat();
        assert_eq!(faults(&app, &file).await, ["7  encoding"], "{bad:x?}");
    }
}

/// A guess where a mark ends makes one account of many: nothing is guessed, and nothing imported.
#[tokio::test]
async fn what_is_no_table_is_refused_with_its_line() {
    let app = TestApp::new().await;
    let before = count(&app).await;
    let header = "name,display_name,role,organization\n";
    for (rows, expected) in [
        (
            "one,\"甲,party,minge\ntwo,乙,party,minge\nthree,丙,,\n",
            vec!["2  quotation_mark"],
        ),
        ("one,甲,,\ntwo,\"乙,,\nthree,丙,,\n", vec!["3  quotation_mark"]),
        ("one,甲\"乙\"丙,,\n", vec!["2  quotation_mark"]),
        ("one,\"甲\"乙,,\n", vec!["2  quotation_mark"]),
        ("one,甲\ntwo,乙,,\n", vec!["2  too_few"]),
        ("one\n", vec!["2  too_few"]),
        ("one,甲,,,丙\n", vec!["2  too_many"]),
        (
            "one,\"甲\n乙\",,\ntwo,,,\n",
            vec!["2 /display_name line_break", "4 /display_name blank"],
        ),
        ("one,\u{200b}\u{3000},,\n", vec!["2 /display_name blank"]),
    ] {
        assert_eq!(
            faults(&app, format!("{header}{rows}").as_bytes()).await,
            expected,
            "{rows}"
        );
    }
    for header in [
        "name,display_name,role,organization,备注",
        "备注,name,display_name,role",
    ] {
        let unknown = faults(&app, format!("{header}\none,甲,,,\n").as_bytes()).await;
        assert_eq!(unknown, ["1 备注 unknown_column"]);
    }
    assert_eq!(count(&app).await, before);
}

#[test]
fn tables_are_taken_as_programs_write_them() {
    for file in [
        "用户名,显示名,角色\rone,甲,\rtwo,\"乙\"\"二\"\"\",\r",
        "sep=;\r\n用户名;显示名;角色\r\none;甲;\r\ntwo;\"乙\"\"二\"\"\";",
        "用户名,显示名,角色,,\none,甲,,,\n,,,,\ntwo, \"乙\"\"二\"\"\" ,,,\n\n",
        "\u{feff}用户名 ,显示名,角色\n\u{200b}one,甲\u{3000},\ntwo,\"乙\"\"二\"\"\",",
    ] {
        let (lines, faults) = parse(file.as_bytes());
        assert!(faults.is_empty(), "{file} {faults:?}");
        let made: Vec<(&str, &str)> = lines
            .iter()
            .map(|(_, one)| (one.username.as_str(), one.display_name.as_str()))
            .collect();
        assert_eq!(made, [("one", "甲"), ("two", "乙\"二\"")], "{file}");
    }
}

proptest::proptest! {
    #[test]
    fn no_file_makes_it_panic(file in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        let (_, _) = parse(&file);
    }

    #[test]
    fn gb18030_brings_back_every_name(name in "[\u{4e00}-\u{9fa5}\u{3400}-\u{4dbf}\u{20000}-\u{2a6df}€A-z]{1,20}") {
        let name = name.replace(['\\', '"'], "").trim().to_owned();
        let text = format!("用户名,显示名,角色\nsomeone,{name}某人姓名,\n");
        let (lines, faults) = parse(&GB18030.encode(&text).0);
        proptest::prop_assert!(faults.is_empty(), "{:?}", faults);
        proptest::prop_assert_eq!(&lines[0].1.display_name, &format!("{name}某人姓名"));
    }
}

#[tokio::test]
async fn the_last_administrator_stays_on_the_command_line_too() {
    let app = TestApp::new().await;
    let accounts = Accounts {
        db: &app.instance.db,
        passwords: &app.instance.passwords,
        now: app.clock.now(),
    };
    let refused = accounts
        .set_role("auditor", None, None)
        .await
        .expect_err("a refusal");
    assert_eq!(refused.code().as_str(), "last_administrator");
    let token = app.token("party-minge").await;
    accounts
        .set_role("party-minge", Some(Role::Party), Some("民盟市委会"))
        .await
        .expect("a new organization");
    let of = app
        .admin()
        .await
        .get("/api/v1/users/party-minge")
        .await
        .expect(200);
    assert_eq!(of.json["organization"]["code"], "minmeng");
    // Another process, as a running instance sees it: out within a second.
    let limit = std::time::Instant::now() + std::time::Duration::from_secs(1);
    while app.with_token(&token).get("/api/v1/me").await.status != 401 {
        assert!(
            std::time::Instant::now() < limit,
            "still in a second after the command"
        );
    }
}

fn run(app: &TestApp, data: &std::path::Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_liaison"))
        .arg("user")
        .args(arguments)
        .env("LIAISON_DATA_DIR", data)
        .env("LIAISON_DATABASE_URL", app.database.url())
        .output()
        .expect("the program runs")
}

#[tokio::test]
async fn passwords_go_to_a_file_that_only_its_owner_reads() {
    let app = TestApp::new().await;
    let data = tempfile::tempdir().expect("a folder");
    let csv = data.path().join("accounts.csv");
    std::fs::write(&csv, GB18030.encode(CHINESE).0).expect("a file");
    let csv = csv.to_str().expect("a path");
    let list = data.path().join("list");
    let list = list.to_str().expect("a path");

    let done = run(&app, data.path(), &["import", csv, "--output", list]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(done.stdout.is_empty() && String::from_utf8_lossy(&done.stderr).contains(list));
    let mode = std::fs::metadata(list).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let given = std::fs::read_to_string(list).expect("the file");
    let (username, password) = given
        .lines()
        .next()
        .and_then(|line| line.split_once('\t'))
        .expect("a line");
    app.anonymous()
        .post(
            "/api/v1/auth/login",
            json!({ "username": username, "password": password }),
        )
        .await
        .expect(200);

    // Again: nothing is made, no empty file stays, the first file is not touched.
    let other = data.path().join("other");
    let again = run(
        &app,
        data.path(),
        &["import", csv, "--output", other.to_str().expect("a path")],
    );
    assert!(!again.status.success() && !other.exists());
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(
        said.contains("第 2 行 / line 2") && said.contains("第 6 行 / line 6"),
        "{said}"
    );
    assert!(
        !run(
            &app,
            data.path(),
            &["reset-password", "party-minge", "--output", list]
        )
        .status
        .success()
    );
    assert_eq!(std::fs::read_to_string(list).expect("the file"), given);
    for name in ["one-time-passwords", "one-time-passwords-2"] {
        assert!(
            run(&app, data.path(), &["reset-password", "party-minge"])
                .status
                .success()
        );
        assert!(data.path().join(name).exists(), "{name}");
    }
}

#[tokio::test]
async fn accounts_one_by_one() {
    let app = TestApp::new().await;
    let data = tempfile::tempdir().expect("a folder");
    let add = [
        "add",
        "someone",
        "--display-name",
        "某人",
        "--role",
        "party",
        "--organization",
        "minge",
    ];
    assert!(run(&app, data.path(), &add).status.success());
    let again = run(&app, data.path(), &add);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("用户名已被使用"));
    assert!(
        run(&app, data.path(), &["set-role", "someone", "--role", "auditor"])
            .status
            .success()
    );
    let listed = run(&app, data.path(), &["list"]);
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("someone\t某人\tauditor\t\tactive\n"), "{listed}");
    assert_eq!(listed.lines().count(), 38);
    assert!(
        !run(&app, data.path(), &["set-role", "nobody", "--role", "auditor"])
            .status
            .success()
    );
    let announced: i64 = events::table
        .filter(events::type_.eq("user.role_changed"))
        .count()
        .get_result(&mut app.database.connect().await)
        .await
        .expect("events");
    assert_eq!(announced, 1);
}
