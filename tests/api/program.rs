//! The program itself: started, stopped, killed, told nonsense.

use liaison::db::embedded::{Cluster, Options, Profile, start};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub const LIMIT: Duration = Duration::from_secs(60);

/// A folder that an unprivileged PostgreSQL can reach, too.
pub fn folder() -> TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::Builder::new()
        .prefix("liaison")
        .tempdir_in("/tmp")
        .expect("a folder");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711)).expect("permissions");
    folder
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port")
        .port()
}

pub fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_liaison"));
    // What the shell happens to have set is not for the tests.
    let set = std::env::vars_os().map(|(name, _)| name);
    for name in
        set.filter(|name| name.to_string_lossy().starts_with("LIAISON_") && name != "LIAISON_PG_BIN_DIR")
    {
        command.env_remove(name);
    }
    command
        .env_remove("DATABASE_URL")
        .env("LIAISON_DATA_DIR", data)
        .env("LIAISON_DRAIN_SECONDS", "0")
        .stdin(Stdio::null());
    command
}

/// The private PostgreSQL of a data folder, without the program.
pub async fn cluster(data: &Path) -> Cluster {
    let options = Options {
        data_dir: data.to_owned(),
        programs_dir: None,
        profile: Profile::Durable,
    };
    start(options).await.expect("a cluster")
}

pub struct Program {
    pub child: Child,
    pub base: String,
    pub client: reqwest::Client,
}

impl Program {
    pub async fn start(data: &Path, arguments: &[&str]) -> Self {
        let this = Self::spawn(data, arguments);
        this.until_status("/readyz", 200).await;
        this
    }

    pub fn spawn(data: &Path, arguments: &[&str]) -> Self {
        let port = free_port();
        let child = command(data)
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--log", "warn"])
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        Self {
            child,
            base: format!("http://127.0.0.1:{port}"),
            client: reqwest::Client::new(),
        }
    }

    pub async fn until_status(&self, path: &str, status: u16) {
        let began = Instant::now();
        loop {
            let answer = self.client.get(format!("{}{path}", self.base)).send().await;
            if answer.is_ok_and(|answer| answer.status() == status) {
                return;
            }
            assert!(began.elapsed() < LIMIT, "{path} is not {status} within {LIMIT:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub async fn log_in(&self, username: &str) -> String {
        let body = json!({ "username": username, "password": liaison::config::DEMO_PASSWORD });
        let answer = self
            .client
            .post(format!("{}/api/v1/auth/login", self.base))
            .json(&body)
            .send()
            .await;
        let answer: Value = answer.expect("an answer").json().await.expect("JSON");
        answer["access_token"].as_str().expect("a token").to_owned()
    }

    /// Renames a department; whether it was acknowledged.
    async fn rename(&self, token: &str, name: &str, key: &str) -> bool {
        let body = json!({ "name": name, "short_name": "教育", "effective_from": key });
        let request = self
            .client
            .post(format!("{}/api/v1/departments/education/rename", self.base));
        let answer = request
            .bearer_auth(token)
            .header("Idempotency-Key", key)
            .json(&body)
            .send()
            .await;
        answer.is_ok_and(|answer| answer.status() == 200)
    }

    /// Makes a department under a key of its own; whether it was acknowledged.
    async fn create(&self, token: &str, code: &str) -> bool {
        let body =
            json!({ "code": code, "name": format!("市{code}局"), "short_name": code.replace('-', "") });
        let request = self.client.post(format!("{}/api/v1/departments", self.base));
        let answer = request
            .bearer_auth(token)
            .header("Idempotency-Key", code)
            .json(&body)
            .send()
            .await;
        match answer {
            Ok(answer) if answer.status() == 201 => true,
            Ok(answer) => {
                let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap_or_default());
                assert!(
                    status == 503 || text.contains("idempotency_key_in_use"),
                    "{status} {text}"
                );
                false
            }
            Err(_) => false,
        }
    }

    /// How many departments have these words in their code.
    async fn count(&self, token: &str, words: &str) -> u64 {
        let url = format!(
            "{}/api/v1/departments?q={words}&limit=1&with_total=true",
            self.base
        );
        let answer = self
            .client
            .get(url)
            .bearer_auth(token)
            .send()
            .await
            .expect("an answer");
        let answer: Value = answer.json().await.expect("JSON");
        answer["total"].as_u64().unwrap_or_else(|| panic!("{answer}"))
    }

    async fn names(&self, token: &str) -> Vec<String> {
        let request = self
            .client
            .get(format!("{}/api/v1/departments/education", self.base))
            .bearer_auth(token);
        let answer: Value = request
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON");
        answer["names"]
            .as_array()
            .expect("names")
            .iter()
            .map(|name| name["name"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    pub fn signal(&self, signal: nix::sys::signal::Signal) {
        let pid = nix::unistd::Pid::from_raw(self.child.id().cast_signed());
        nix::sys::signal::kill(pid, signal).expect("a signal");
    }

    pub async fn ended(&mut self) -> std::process::ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(began.elapsed() < LIMIT, "the program does not end");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.child.try_wait().ok().flatten().is_none() {
            self.signal(nix::sys::signal::Signal::SIGTERM);
            let _ = self.child.wait();
        }
    }
}

fn postmaster(data: &Path) -> nix::unistd::Pid {
    let text = std::fs::read_to_string(data.join("postgres/postmaster.pid")).expect("a pid file");
    nix::unistd::Pid::from_raw(
        text.lines()
            .next()
            .and_then(|line| line.trim().parse().ok())
            .expect("a pid"),
    )
}

#[tokio::test]
async fn what_was_acknowledged_survives_kill_9_of_program_and_database() {
    let folder = folder();
    let data = folder.path().join("data");
    let mut names = Vec::new();
    for round in 0..2_u32 {
        let mut program = Program::start(&data, &["--demo"]).await;
        let token = program.log_in("coordinator").await;
        assert!(program.names(&token).await.ends_with(&names));
        let (before, after) = (
            format!("2026-0{}-01", round * 2 + 1),
            format!("2026-0{}-01", round * 2 + 2),
        );
        let name = format!("市教育局第{before}名");
        assert!(program.rename(&token, &name, &before).await);
        names.push(name);
        nix::sys::signal::kill(postmaster(&data), nix::sys::signal::Signal::SIGKILL).expect("a signal");
        // It comes back by itself, and the write that met its absence can be retried under its key.
        let name = format!("市教育局第{after}名");
        let began = Instant::now();
        while !program.rename(&token, &name, &after).await {
            assert!(began.elapsed() < LIMIT, "no write after the database was killed");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        names.push(name);
        assert!(program.names(&token).await.ends_with(&names));
        program.signal(nix::sys::signal::Signal::SIGKILL);
        program.ended().await;
    }
    let program = Program::start(&data, &["--demo"]).await;
    let token = program.log_in("coordinator").await;
    assert!(program.names(&token).await.ends_with(&names));
}

/// How often the fault tests kill: twice in the gate, as often as `script/faults` says besides.
fn rounds() -> u32 {
    std::env::var("LIAISON_FAULT_ROUNDS")
        .ok()
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(2)
}

/// Writers that go on while the database is killed: what was acknowledged is there, and what was not exists exactly
/// once after it was sent again under its key.
#[tokio::test]
async fn no_write_is_lost_or_doubled_when_the_database_is_killed_under_load() {
    let folder = folder();
    let data = folder.path().join("data");
    let program = Program::start(&data, &["--demo", "--rate-limit", "0"]).await;
    let token = program.log_in("coordinator").await;
    let (mut written, mut retried) = (0, 0);
    for round in 0..rounds() {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let writers = (0..4).map(|writer| {
            let (program, token, stopped) = (&program, &token, stopped.clone());
            async move {
                let (mut count, mut again) = (0_u32, 0_u32);
                while !*stopped.borrow() {
                    let code = format!("d-{round}-{writer}-{count}");
                    let began = Instant::now();
                    while !program.create(token, &code).await {
                        again += 1;
                        assert!(
                            began.elapsed() < LIMIT,
                            "{code} cannot be written after the database was killed"
                        );
                        tokio::time::sleep(Duration::from_millis(10)).await;
                    }
                    count += 1;
                }
                (count, again)
            }
        });
        let killer = async {
            tokio::time::sleep(Duration::from_millis(150 + u64::from(round % 7) * 20)).await;
            nix::sys::signal::kill(postmaster(&data), nix::sys::signal::Signal::SIGKILL).expect("a signal");
            tokio::time::sleep(Duration::from_millis(600)).await;
            stop.send(true).expect("the writers listen");
        };
        let (counts, ()) = tokio::join!(futures_util::future::join_all(writers), killer);
        written += counts.iter().map(|(count, _)| count).sum::<u32>();
        retried += counts.iter().map(|(_, again)| again).sum::<u32>();
    }
    // Codes are unique, so none can be there twice; the count says that none is missing and none was invented.
    assert_eq!(program.count(&token, "d-").await, u64::from(written));
    println!("{} rounds, {written} writes, {retried} sent again", rounds());
    assert!(retried > 0, "the kills met no write under way");
}

#[tokio::test]
async fn sigterm_ends_it_well_and_a_fresh_installation_has_three_accounts() {
    let folder = folder();
    let data = folder.path().join("data");
    let mut program = Program::start(&data, &[]).await;
    program.signal(nix::sys::signal::Signal::SIGTERM);
    assert_eq!(program.ended().await.code(), Some(0));
    assert!(
        !data.join("postgres/postmaster.pid").exists(),
        "PostgreSQL is stopped, too"
    );
    let file = data.join("one-time-passwords");
    let passwords = std::fs::read_to_string(&file).expect("the one-time passwords");
    let users: Vec<&str> = passwords
        .lines()
        .filter_map(|line| line.split('\t').next())
        .collect();
    assert_eq!(users, ["admin", "security-admin", "auditor"]);
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(
        std::fs::metadata(&file).expect("the file").permissions().mode() & 0o777,
        0o600
    );
    let refused = command(&data)
        .args(["serve", "--demo", "--listen", "127.0.0.1:0"])
        .output()
        .expect("a run");
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("no demo on it"));
}

#[tokio::test]
async fn commands_work_beside_a_running_service() {
    let folder = folder();
    let data = folder.path().join("data");
    let program = Program::start(&data, &["--demo"]).await;
    let list = command(&data).args(["user", "list"]).output().expect("a run");
    assert!(
        String::from_utf8_lossy(&list.stdout).contains("party-minge"),
        "{list:?}"
    );
    let token = program.log_in("coordinator").await;
    let rotated = command(&data).args(["keys", "rotate"]).output().expect("a run");
    assert!(rotated.status.success(), "{rotated:?}");
    assert!(
        !program.names(&token).await.is_empty(),
        "a token of the key before still holds"
    );
    let second = command(&data)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .output()
        .expect("a run");
    assert!(!second.status.success(), "a second service on the same data");
    program.until_status("/readyz", 200).await;
}

#[tokio::test]
async fn it_starts_without_its_database_and_says_so() {
    let folder = folder();
    let url = format!("host={} user=nobody dbname=nothing", folder.path().display());
    let program = Program::spawn(folder.path(), &["--database-url", &url]);
    program.until_status("/livez", 200).await;
    program.until_status("/readyz", 503).await;
    let answer = program
        .client
        .get(format!("{}/readyz", program.base))
        .send()
        .await
        .expect("an answer");
    assert!(answer.headers().contains_key("retry-after"));
    let body: Value = answer.json().await.expect("JSON");
    assert_eq!(body["code"], "database_unavailable");
}

#[test]
fn a_bad_setting_stops_the_start_with_one_clear_line() {
    let folder = folder();
    let file = folder.path().join("liaison.toml");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().expect("an address").to_string();
    // Whatever is wrong with them, settings are looked at before anything is opened: the port is taken by another.
    let cases: [(&[&str], &str, &str); 12] = [
        (&["serve", "--listen", &taken], "", "cannot listen on"),
        (&["serve", "--listen", "nowhere"], "", "--listen"),
        (
            &["serve", "--listen", &taken, "--secret", "short"],
            "",
            "LIAISON_SECRET",
        ),
        (
            &["serve", "--listen", &taken, "--database-url", "nonsense://x"],
            "",
            "not a PostgreSQL URL",
        ),
        (
            &[
                "serve",
                "--listen",
                &taken,
                "--database-url",
                "mysql://root:hush@127.0.0.1/liaison",
            ],
            "",
            "not a PostgreSQL URL",
        ),
        (
            &[
                "serve",
                "--listen",
                &taken,
                "--database-url",
                "127.0.0.1:5432/liaison",
            ],
            "",
            "not a PostgreSQL URL",
        ),
        (
            &[
                "serve",
                "--listen",
                &taken,
                "--migration-database-url",
                "sqlite://x",
            ],
            "",
            "not a PostgreSQL URL",
        ),
        (
            &[
                "serve",
                "--listen",
                &taken,
                "--smtp-url",
                "http://mail",
                "--mail-from",
                "liaison@example.gov.cn",
            ],
            "",
            "smtp-url",
        ),
        (
            &["serve", "--listen", &taken, "--object-store-url", "ftp://files"],
            "",
            "--object-store-url",
        ),
        (&["serve"], "colour = \"red\"", "there is no setting colour"),
        (
            &["serve"],
            "databse_url = \"postgres://localhost\"",
            "did you mean database-url?",
        ),
        (&["serve"], "listen = ", "settings file"),
    ];
    for (arguments, toml, said) in cases {
        let mut command = command(folder.path());
        command.args(arguments);
        if !toml.is_empty() {
            std::fs::write(&file, toml).expect("a file");
            command.arg("--config").arg(&file);
        }
        let output = command.output().expect("a run");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && text.contains(said),
            "{arguments:?}: {text}"
        );
        assert!(!text.contains("panicked") && !text.contains("hush"), "{text}");
        // Of a file that cannot be read its own line is shown, too.
        assert!(
            !toml.is_empty() || text.trim_end().lines().count() <= 3,
            "not one clear line: {text}"
        );
    }
}

#[test]
fn flags_weigh_more_than_variables_and_those_more_than_the_file() {
    let folder = folder();
    let file = folder.path().join("liaison.toml");
    std::fs::write(&file, "listen = \"file\"\n").expect("a file");
    let said = |with: &dyn Fn(&mut Command)| {
        let mut command = command(folder.path());
        command.args(["serve", "--config"]).arg(&file);
        with(&mut command);
        String::from_utf8_lossy(&command.output().expect("a run").stderr).into_owned()
    };
    assert!(said(&|_| {}).contains("'file'"));
    let variable = |command: &mut Command| {
        command.env("LIAISON_LISTEN", "variable");
    };
    assert!(said(&variable).contains("'variable'"));
    let flag = |command: &mut Command| {
        variable(command);
        command.args(["--listen", "flag"]);
    };
    assert!(said(&flag).contains("'flag'"));
}
