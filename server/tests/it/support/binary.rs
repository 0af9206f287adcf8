//! The binary: its command line, and a server in its own process.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;

use super::api::Reply;
use super::seed::PASSWORD;

/// The command with a clean environment.
pub fn testbell(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_testbell"));
    command.env_clear().env("TESTBELL_DATA_DIR", folder).env("TESTBELL_ALLOW_HTTP", "true");
    command.env("TESTBELL_ALLOW_NETWORKS", "127.0.0.0/8").env("TESTBELL_LISTEN", "127.0.0.1:0");
    command
}

pub fn run_ok(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap().trim().to_owned()
}

pub fn run_failing(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

/// A server that is killed when it is dropped.
pub struct ServerProcess {
    process: Child,
    stdout: BufReader<ChildStdout>,
    pub base: String,
    pub http: reqwest::Client,
}

impl ServerProcess {
    pub fn start(folder: &Path) -> Self {
        Self::run(&mut testbell(folder))
    }

    /// Starts `command`.
    pub fn run(command: &mut Command) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        #[allow(clippy::disallowed_methods, reason = "a test's own client")]
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let mut running = Self { process, stdout, base: String::new(), http };
        let mut ready = String::new();
        running.stdout.read_line(&mut ready).unwrap();
        let address = ready.split("listening on ").nth(1).unwrap().trim().trim_end_matches(").");
        running.base = format!("http://{address}");
        running
    }

    pub async fn get(&self, path: &str, token: &str) -> Reply {
        Reply::send(self.http.get(format!("{}{path}", self.base)).bearer_auth(token)).await
    }

    pub async fn post(&self, path: &str, token: &str, body: &Value) -> Reply {
        Reply::send(self.http.post(format!("{}{path}", self.base)).bearer_auth(token).json(body)).await
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Kills it, as a crash does.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Sends a signal, e.g. `STOP`.
    pub fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Stops it gracefully. Returns whether it succeeded.
    pub fn terminate(mut self) -> bool {
        self.signal("TERM");
        let mut rest = String::new();
        // The pipe closes when the process ends.
        while self.stdout.read_line(&mut rest).unwrap() > 0 {}
        self.process.wait().unwrap().success()
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Creates a system admin. Returns an API token.
pub fn create_admin_token(folder: &Path) -> String {
    create_admin_token_with(|| testbell(folder))
}

/// The same with another command.
pub fn create_admin_token_with(command: impl Fn() -> Command) -> String {
    let make = ["user", "create", "--email", "root@example.com", "--name", "Root"];
    run_ok(command().args(make).arg("--system-admin").env("TESTBELL_USER_PASSWORD", PASSWORD));
    run_ok(command().args(["token", "create", "--email", "Root@example.com", "--name", "ci"]))
}
