//! The binary itself: its command line, and a server that runs in a process of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;

use super::api::Reply;
use super::seed::PASSWORD;

/// The command with an environment of its own.
pub fn testbell(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_testbell"));
    command.env_clear().env("TESTBELL_DATA_DIR", folder).env("TESTBELL_ALLOW_HTTP", "true");
    command.env("TESTBELL_ALLOW_NETWORKS", "127.0.0.0/8").env("TESTBELL_LISTEN", "127.0.0.1:0");
    command
}

pub fn succeeds(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap().trim().to_owned()
}

pub fn fails(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

/// A server that is ended when it is dropped, whatever became of the test.
pub struct Running {
    process: Child,
    stdout: BufReader<ChildStdout>,
    pub base: String,
    pub http: reqwest::Client,
}

impl Running {
    pub fn start(folder: &Path) -> Self {
        Self::run(&mut testbell(folder))
    }

    /// Starts what `command` says.
    pub fn run(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut ready = String::new();
        stdout.read_line(&mut ready).unwrap();
        let address = ready.split("listening on ").nth(1).unwrap().trim().trim_end_matches(").");
        #[allow(clippy::disallowed_methods, reason = "a test's own client")]
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { base: format!("http://{address}"), process, stdout, http }
    }

    pub async fn get(&self, path: &str, token: &str) -> Reply {
        Reply::of(self.http.get(format!("{}{path}", self.base)).bearer_auth(token)).await
    }

    pub async fn post(&self, path: &str, token: &str, body: &Value) -> Reply {
        Reply::of(self.http.post(format!("{}{path}", self.base)).bearer_auth(token).json(body)).await
    }

    /// Ends it as an operator would, and gives its exit status.
    pub fn terminate(mut self) -> bool {
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

/// An admin of the instance; gives an API token.
pub fn make_admin(folder: &Path) -> String {
    let make = ["user", "create", "--email", "root@example.com", "--name", "Root"];
    succeeds(testbell(folder).args(make).arg("--system-admin").env("TESTBELL_USER_PASSWORD", PASSWORD));
    succeeds(testbell(folder).args(["token", "create", "--email", "Root@example.com", "--name", "ci"]))
}
