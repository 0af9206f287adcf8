//! `testbell listen`: the requests of an inspector URL reach a local server.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

/// The command, which is killed when it is dropped.
struct Listener {
    process: Child,
    stdout: BufReader<ChildStdout>,
}

impl Listener {
    fn start(fixture: &OutboundFixture, token: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_testbell"));
        command.env_clear().env("TESTBELL_TOKEN", token).arg("listen").args(["--server", &fixture.server.url("")]);
        let mut process = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        Self { process, stdout }
    }

    /// The next line that contains a text.
    async fn line(self, text: &'static str) -> (Self, String) {
        let reading = tokio::task::spawn_blocking(move || {
            let mut listener = self;
            loop {
                let mut line = String::new();
                assert!(listener.stdout.read_line(&mut line).unwrap() > 0, "no line with {text}");
                if line.contains(text) {
                    return (listener, line.trim().to_owned());
                }
            }
        });
        reading.await.unwrap()
    }

    /// Ends it as Ctrl-C does. Returns the rest of its output.
    async fn interrupt(self) -> String {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let reading = tokio::task::spawn_blocking(move || {
            let mut listener = self;
            let mut rest = String::new();
            while listener.stdout.read_line(&mut rest).unwrap() > 0 {}
            assert!(listener.process.wait().unwrap().success());
            rest
        });
        reading.await.unwrap()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn urls(fixture: &OutboundFixture) -> Vec<Value> {
    let api = fixture.server.api(&fixture.ada).await;
    api.all(&format!("/projects/{}/inspector-urls", fixture.project), 50).await
}

async fn token(fixture: &OutboundFixture) -> String {
    let api = fixture.server.api(&fixture.ada).await;
    api.post("/tokens", &json!({"name": "listen"})).await.json["secret"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn requests_are_forwarded_until_ctrl_c() {
    let fixture = OutboundFixture::start().await;
    let local = Receiver::start().await;
    let forward = local.url("/base");
    let token = token(&fixture).await;
    let listener = Listener::start(&fixture, &token, &["--project", "web", "--forward", &forward]);
    let (listener, line) = listener.line("Inspector URL: ").await;
    let url = line.trim_start_matches("Inspector URL: ").to_owned();
    let (listener, _) = listener.line("not the one of your server").await;
    let request =
        fixture.server.http.put(format!("{url}/hooks?a=b")).header("x-own", "1").body("{\"type\":\"x.created\"}");
    assert_eq!(request.send().await.unwrap().status(), 200);
    let received = local.requests(1).await.remove(0);
    assert_eq!((received.uri.path(), received.uri.query()), ("/base/hooks", Some("a=b")));
    assert_eq!((received.header("x-own"), &*received.body), ("1", b"{\"type\":\"x.created\"}".as_slice()));
    let (listener, line) = listener.line(" -> ").await;
    assert!(line.contains("PUT /hooks?a=b x.created, 20 bytes -> 200 in "), "{line}");
    assert_eq!(urls(&fixture).await.len(), 1);
    let rest = listener.interrupt().await;
    assert!(rest.contains("The inspector URL was deleted."), "{rest}");
    assert!(urls(&fixture).await.is_empty());
}

#[tokio::test]
async fn an_existing_url_is_kept_and_failures_are_reported() {
    let fixture = OutboundFixture::start().await;
    let token = token(&fixture).await;
    let api = fixture.server.api(&fixture.ada).await;
    let created = api.post(&format!("/projects/{}/inspector-urls", fixture.project), &json!({})).await.json;
    let url = created["url"].as_str().unwrap();
    fixture.server.http.post(format!("{url}?before")).send().await.unwrap();
    let project = fixture.project.to_string();
    // Nothing listens there.
    let arguments = ["--project", &project, "--url", url, "--forward", "http://127.0.0.1:9/"];
    let (listener, _) = Listener::start(&fixture, &token, &arguments).line("accepts requests until").await;
    fixture.server.http.post(format!("{url}?after")).send().await.unwrap();
    let (listener, line) = listener.line(" -> ").await;
    assert!(line.contains("?after") && line.contains("-> failed: "), "only new requests are forwarded: {line}");
    listener.interrupt().await;
    assert_eq!(urls(&fixture).await.len(), 1);
}

#[tokio::test]
async fn a_wrong_token_is_reported() {
    let fixture = OutboundFixture::start().await;
    let mut listener = Listener::start(&fixture, "tb_wrong", &["--project", "WEB", "--forward", "http://127.0.0.1:9/"]);
    let ended = tokio::task::spawn_blocking(move || {
        let status = listener.process.wait().unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut listener.process.stderr.take().unwrap(), &mut text).unwrap();
        (status.success(), text)
    });
    let (success, text) = ended.await.unwrap();
    assert!(!success && text.contains("401"), "{text}");
}
