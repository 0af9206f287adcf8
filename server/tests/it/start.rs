//! The binary itself: its command line, its start and its end.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::api::Reply;
use crate::support::seed::PASSWORD;

/// The command with an environment of its own.
fn testbell(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_testbell"));
    command.env_clear().env("TESTBELL_DATA_DIR", folder).env("TESTBELL_ALLOW_HTTP", "true");
    command.env("TESTBELL_ALLOW_NETWORKS", "127.0.0.0/8").env("TESTBELL_LISTEN", "127.0.0.1:0");
    command
}

fn succeeds(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap().trim().to_owned()
}

fn fails(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

/// A server that is ended when it is dropped, whatever became of the test.
struct Running {
    process: Child,
    stdout: BufReader<ChildStdout>,
    base: String,
    http: reqwest::Client,
}

impl Running {
    fn start(folder: &Path) -> Self {
        let mut process = testbell(folder).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut ready = String::new();
        stdout.read_line(&mut ready).unwrap();
        let address = ready.split("listening on ").nth(1).unwrap().trim().trim_end_matches(").");
        #[allow(clippy::disallowed_methods, reason = "a test's own client")]
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { base: format!("http://{address}"), process, stdout, http }
    }

    async fn get(&self, path: &str, token: &str) -> Reply {
        Reply::of(self.http.get(format!("{}{path}", self.base)).bearer_auth(token)).await
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> Reply {
        Reply::of(self.http.post(format!("{}{path}", self.base)).bearer_auth(token).json(body)).await
    }

    /// Ends it as an operator would, and gives its exit status.
    fn terminate(mut self) -> bool {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let mut rest = String::new();
        // Its end closes the pipe.
        while self.stdout.read_line(&mut rest).unwrap() > 0 {}
        self.process.wait().unwrap().success()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn make_admin(folder: &Path) -> String {
    let make = ["user", "create", "--email", "root@example.com", "--name", "Root"];
    succeeds(testbell(folder).args(make).arg("--system-admin").env("TESTBELL_USER_PASSWORD", PASSWORD));
    succeeds(testbell(folder).args(["token", "create", "--email", "Root@example.com", "--name", "ci"]))
}

#[tokio::test]
async fn users_and_tokens_of_the_command_line_work_and_sigterm_ends_the_server_in_peace() {
    let folder = tempfile::tempdir().unwrap();
    let token = make_admin(folder.path());
    let running = Running::start(folder.path());
    let me = running.get("/api/v1/me", &token).await;
    assert_eq!((me.status, me.json["systemAdmin"].as_bool()), (200, Some(true)));
    assert!(running.terminate());
}

#[test]
fn the_command_line_refuses_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let make = ["user", "create", "--email", "a@example.com", "--name", "A"];
    let short = fails(testbell(folder.path()).args(make).arg("--system-admin").env("TESTBELL_USER_PASSWORD", "x"));
    assert!(short.contains("at least 12 characters"), "{short}");
    let first = fails(testbell(folder.path()).args(make).env("TESTBELL_USER_PASSWORD", PASSWORD));
    assert!(first.contains("--system-admin"), "{first}");
    let nobody = fails(testbell(folder.path()).args(["token", "create", "--email", "a@b", "--name", "x"]));
    assert!(nobody.contains("Nobody has the address"), "{nobody}");
    let admin =
        fails(testbell(folder.path()).env("TESTBELL_ADMIN_EMAIL", "a@b").env("TESTBELL_ADMIN_PASSWORD", "short"));
    assert!(admin.contains("TESTBELL_ADMIN_PASSWORD"), "{admin}");
}

#[tokio::test]
async fn a_start_without_the_key_or_with_another_one_ends_in_words() {
    let folder: TempDir = tempfile::tempdir().unwrap();
    let token = make_admin(folder.path());
    let running = Running::start(folder.path());
    let project = running.post("/api/v1/projects", &token, &json!({"key": "WEB", "name": "x"})).await;
    let path = format!("/api/v1/projects/{}/webhooks", project.json["id"].as_str().unwrap());
    let webhook = running.post(&path, &token, &json!({"name": "w", "url": "http://127.0.0.1:9/"})).await;
    assert_eq!(webhook.status, 201, "{}", webhook.text);
    assert!(running.terminate());
    let other = server::crypto::Keyring::mint();
    let with_other = fails(testbell(folder.path()).env("TESTBELL_MASTER_KEY", &other));
    assert!(with_other.contains("another master key"), "{with_other}");
    let key = folder.path().join("master.key");
    let text = std::fs::read_to_string(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    let without = fails(&mut testbell(folder.path()));
    assert!(without.contains("master key is missing"), "{without}");
    assert!(!key.exists());
    std::fs::write(&key, text).unwrap();
    assert!(Running::start(folder.path()).terminate());
}
