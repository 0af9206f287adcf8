//! `testbell apply` and `testbell export`.

use std::fs;
use std::process::{Command, Output, Stdio};

use app::model::audit::AuditAction;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::api::Api;
use crate::support::inbound::sign;
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

/// A project with an API token, and a folder for files.
struct Fixture {
    outbound: OutboundFixture,
    api: Api,
    token: String,
    folder: TempDir,
}

impl Fixture {
    async fn start() -> Self {
        let outbound = OutboundFixture::start().await;
        let api = outbound.server.api(&outbound.ada).await;
        let token = api.post("/tokens", &json!({"name": "ci"})).await.json["secret"].as_str().unwrap().to_owned();
        Self { outbound, api, token, folder: tempfile::tempdir().unwrap() }
    }

    /// Runs a command, with variables.
    async fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_testbell"));
        command.env_clear().env("TESTBELL_TOKEN", &self.token).env("TESTBELL_SERVER", self.outbound.server.url(""));
        command.envs(variables.iter().copied()).args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    /// Applies a file; returns what was printed.
    async fn apply(&self, yaml: &str, arguments: &[&str], variables: &[(&str, &str)]) -> (bool, String) {
        fs::write(self.folder.path().join("webhooks.yaml"), yaml).unwrap();
        let done = self.run(&[&["apply", "webhooks.yaml"], arguments].concat(), variables).await;
        let text = [done.stdout, done.stderr].concat();
        (done.status.success(), String::from_utf8(text).unwrap())
    }

    async fn webhooks(&self) -> Vec<Value> {
        self.api.all(&format!("/projects/{}/webhooks", self.outbound.project), 50).await
    }
}

fn file(url: &str) -> String {
    format!(
        r#"
projects:
  WEB:
    webhooks:
      - name: CI trigger
        url: {url}?key=${{CI_KEY}}
        events: [issue.created]
        secret: ${{CI_SECRET}}
        customHeaders:
          - name: X-Team
            value: ${{CI_TEAM}}
        policy:
          timeoutSeconds: 5
        active: false
        whileInactive: drop
"#
    )
}

const VARIABLES: [(&str, &str); 3] =
    [("CI_KEY", "k3y"), ("CI_SECRET", "a secret of twenty-four bytes"), ("CI_TEAM", "blue team")];

const GENERATED: &str = "a secret was generated";

#[tokio::test]
async fn a_file_creates_webhooks_once() {
    let fixture = Fixture::start().await;
    let receiver = Receiver::start().await;
    let yaml = file(&receiver.url("/hook"));
    let (ok, text) = fixture.apply(&yaml, &["--dry-run"], &VARIABLES).await;
    assert!(ok && text.contains("+ create CI trigger") && text.contains("Nothing was changed."), "{text}");
    assert!(fixture.webhooks().await.is_empty());
    let (ok, text) = fixture.apply(&yaml, &[], &VARIABLES).await;
    assert!(!ok && text.contains("--yes"), "{text}");
    assert!(fixture.webhooks().await.is_empty());

    let (ok, text) = fixture.apply(&yaml, &["--yes"], &VARIABLES).await;
    assert!(ok && text.contains("CI trigger: done"), "{text}");
    for (_, secret) in VARIABLES {
        assert!(!text.contains(secret), "{text}");
    }
    assert!(!text.contains(GENERATED), "the file has one: {text}");
    let all = fixture.webhooks().await;
    let webhook = &all[0];
    assert_eq!((webhook["active"].as_bool(), webhook["whileInactive"].as_str()), (Some(false), Some("drop")));
    assert_eq!((&webhook["policy"]["timeoutSeconds"], &webhook["events"]), (&json!(5), &json!(["issue.created"])));

    let (ok, text) = fixture.apply(&yaml, &["--yes"], &VARIABLES).await;
    assert!(ok && text.contains("1 unchanged") && text.contains("Nothing to change."), "{text}");
    let active = yaml.replace("active: false", "active: true");
    let (ok, text) = fixture.apply(&active, &["--yes"], &VARIABLES).await;
    assert!(ok && text.contains("active: false -> true"), "{text}");
    assert_eq!(fixture.webhooks().await.len(), 1);
    let details = fixture.outbound.audit_details(AuditAction::WebhookCreated).await;
    assert!(details[0].contains("Inactive"), "it was never active: {details:?}");
    fixture.outbound.issue("One").await;
    let sent = receiver.requests(1).await.remove(0);
    assert_eq!((sent.uri.query(), sent.header("x-team")), (Some("key=k3y"), "blue team"));
    let signed =
        [sent.header("webhook-id"), sent.header("webhook-timestamp"), str::from_utf8(&sent.body).unwrap()].join(".");
    let signature = sign(VARIABLES[1].1, signed.as_bytes()).replace("sha256=", "");
    let signature = STANDARD.encode(hex::decode(signature).unwrap());
    assert_eq!(sent.header("webhook-signature"), format!("v1,{signature}"));
}

#[tokio::test]
async fn apply_says_that_a_secret_was_generated() {
    let fixture = Fixture::start().await;
    let yaml = file("http://127.0.0.1:9/hook").replace("        secret: ${CI_SECRET}\n", "");
    let (ok, text) = fixture.apply(&yaml, &["--yes"], &VARIABLES).await;
    assert!(ok && text.contains(GENERATED), "{text}");
}

#[tokio::test]
async fn a_changed_file_changes_only_what_differs() {
    let fixture = Fixture::start().await;
    let yaml = file("http://127.0.0.1:9/hook");
    assert!(fixture.apply(&yaml, &["--yes"], &VARIABLES).await.0);
    let id = fixture.webhooks().await[0]["id"].clone();
    let moved = yaml.replace("/hook", "/new").replace("[issue.created]", "[issue.created, case.created]");
    let (ok, text) = fixture.apply(&moved, &["--yes"], &VARIABLES).await;
    assert!(ok, "{text}");
    for line in ["url: http://127.0.0.1:9/hook?key=•••• -> http://127.0.0.1:9/new?key=••••", "events: +case.created"]
    {
        assert!(text.contains(line), "{text}");
    }
    let all = fixture.webhooks().await;
    assert_eq!((all.len(), &all[0]["id"]), (1, &id));
    assert_eq!(all[0]["url"], "http://127.0.0.1:9/new?key=••••");

    let empty = "projects: {WEB: {webhooks: []}}";
    let (ok, text) = fixture.apply(empty, &["--yes"], &[]).await;
    assert!(ok && text.contains("CI trigger is not in the file and stays"), "{text}");
    let (ok, text) = fixture.apply(empty, &["--yes", "--prune"], &[]).await;
    assert!(ok && text.contains("- delete CI trigger"), "{text}");
    assert!(fixture.webhooks().await.is_empty());
}

#[tokio::test]
async fn an_invalid_file_changes_nothing_and_says_what_to_fix() {
    let fixture = Fixture::start().await;
    let yaml = file("http://127.0.0.1:9/hook");
    for (yaml, word) in [
        (yaml.as_str(), "environment variable CI_"),
        ("projects: {WEB: {webhooks: [{name: A, colour: red}]}}", "unknown field: colour"),
        ("projects: {NONE: {webhooks: []}}", "no project with the key NONE"),
        ("projects: {WEB: {webhooks: [{name: A, url: 'ftp://a', events: []}]}}", "url: "),
        ("projects: [", "line"),
    ] {
        let (ok, text) = fixture.apply(yaml, &["--yes"], &[]).await;
        assert!(!ok && text.contains(word), "{word}: {text}");
    }
    assert!(fixture.webhooks().await.is_empty());
}

#[tokio::test]
async fn a_refused_webhook_is_named_with_what_was_done_before() {
    let fixture = Fixture::start().await;
    let yaml = "projects: {WEB: {webhooks: [{name: A, url: 'http://127.0.0.1:9/', events: [issue.created]}, \
                {name: B, url: 'ftp://a', events: [issue.created]}, {name: C, url: 'ftp://a', events: [issue.created]}]}}";
    let (ok, text) = fixture.apply(yaml, &["--yes"], &[]).await;
    assert!(!ok && text.contains("B: failed. 1 of 3 changes were made."), "{text}");
    assert_eq!(fixture.webhooks().await.len(), 1);
}

#[tokio::test]
async fn an_exported_file_changes_nothing_when_it_is_applied() {
    let fixture = Fixture::start().await;
    assert!(fixture.apply(&file("http://127.0.0.1:9/hook"), &["--yes"], &VARIABLES).await.0);
    fixture.outbound.webhook("http://127.0.0.1:9/b").await;
    let done = fixture.run(&["export", "--project", "web", "--output", "out.yaml"], &[]).await;
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let yaml = fs::read_to_string(fixture.folder.path().join("out.yaml")).unwrap();
    assert!(yaml.contains("${WEB_CI_TRIGGER_URL}") && yaml.contains("${WEB_CI_TRIGGER_X_TEAM}"), "{yaml}");
    for (_, secret) in VARIABLES {
        assert!(!yaml.contains(secret), "{yaml}");
    }
    let variables = [("WEB_CI_TRIGGER_URL", "http://127.0.0.1:9/hook?key=k3y"), ("WEB_CI_TRIGGER_X_TEAM", "blue team")];
    let (ok, text) = fixture.apply(&yaml, &["--dry-run"], &variables).await;
    assert!(ok && text.contains("2 unchanged") && text.contains("Nothing to change."), "{text}\n{yaml}");
}
