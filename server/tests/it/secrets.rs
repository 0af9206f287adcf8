//! Uses everything that has a secret. Afterwards no secret is in the log (at its most verbose
//! level), in the database's files, in a page, in an API response or in the metrics, except in the
//! response that reveals it.

use std::fs::File;
use std::path::Path;

use app::model::signing::SigningScheme;
use http::Method;
use reqwest::header::COOKIE;
use serde_json::{Value, json};

use crate::support::api::Reply;
use crate::support::binary::{ServerProcess, create_admin_token, run_ok, testbell};
use crate::support::eventually;
use crate::support::inbound::{event, sign};
use crate::support::leaks::{Haystack, Secret, find};
use crate::support::receiver::Receiver;
use crate::support::seed::PASSWORD;

const SLACK_TOKEN: &str = "T0LEAK/B0LEAK/slackTokenThatMustNotLeak";
const URL_TOKEN: &str = "urlTokenThatMustNotLeak";
const SHARED_SECRET: &str = "sharedSecretThatMustNotLeak";
const HEADER_VALUE: &str = "headerValueThatMustNotLeak";
const NEW_PASSWORD: &str = "another horse of battery";

struct LeakCheck {
    running: ServerProcess,
    token: String,
    secrets: Vec<Secret>,
    answers: Vec<Haystack>,
}

impl LeakCheck {
    fn hides(&mut self, name: &str, plain: &str) {
        self.secrets.push(Secret::new(name, plain));
    }

    /// Calls the API for a response that must not contain secrets.
    async fn get(&mut self, path: &str) -> Value {
        let reply = self.running.get(&format!("/api/v1{path}"), &self.token).await;
        self.answers
            .push(Haystack::new(format!("the answer of {path}"), format!("{:?} {}", reply.headers, reply.text)));
        reply.json
    }

    /// Calls the API for a response that may reveal a secret.
    async fn change(&self, method: Method, path: &str, body: &Value) -> Value {
        let request = self.running.http.request(method, format!("{}/api/v1{path}", self.running.base));
        let reply = Reply::send(request.bearer_auth(&self.token).json(body)).await;
        assert!((200..300).contains(&reply.status), "{path}: {}", reply.text);
        reply.json
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.change(Method::POST, path, &body).await
    }

    async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = serde_urlencoded::to_string(fields).unwrap();
        let request = self.running.http.post(format!("{}{path}", self.running.base)).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        Reply::send(request.header("sec-fetch-site", "same-origin")).await
    }

    /// A page for a signed-in user.
    async fn page(&mut self, cookie: &str, path: &str) -> bool {
        let request = self.running.http.get(format!("{}{path}", self.running.base)).header(COOKIE, cookie);
        let reply = Reply::send(request).await;
        let found = reply.status == 200;
        self.answers.push(Haystack::new(format!("the page {path}"), format!("{:?} {}", reply.headers, reply.text)));
        found
    }

    /// A project whose tracker sends signed events, one with an invalid signature, and a test.
    async fn tracker(&mut self, key: &str, integration: Value, inbound: Value) -> String {
        let id = self.post("/projects", json!({"key": key, "name": key})).await["id"].as_str().unwrap().to_owned();
        let project = format!("/projects/{id}");
        self.hides(&format!("{key}'s credentials"), integration["credentials"]["token"].as_str().unwrap());
        self.change(Method::PUT, &format!("{project}/integration"), &integration).await;
        let made = self.post(&format!("{project}/webhooks/inbound"), inbound).await;
        self.inbound(key, &made["reveal"]).await;
        let webhook = format!("/webhooks/{}", made["webhook"]["id"].as_str().unwrap());
        self.post(&format!("{webhook}/test"), json!({})).await;
        if made["webhook"]["kind"] != "azure_devops" {
            let rotated = self.post(&format!("{webhook}/rotate"), json!({})).await;
            self.inbound(key, &rotated["reveal"]).await;
        }
        project
    }

    /// Uses the revealed secret as the tracker does.
    async fn inbound(&mut self, key: &str, reveal: &Value) {
        let url = reveal["url"].as_str().unwrap();
        let token = url.rsplit('/').next().unwrap();
        self.hides(&format!("{key}'s inbound token"), token);
        let secret = reveal["secret"].as_str().unwrap_or("none").to_owned();
        if secret != "none" {
            self.hides(&format!("{key}'s inbound secret"), &secret);
        }
        let body = event("opened", "Signed", 1);
        for secret in [secret.as_str(), "a wrong one"] {
            let request = self.running.http.post(format!("{}/api/webhooks/{token}", self.running.base));
            let request = request.header("content-type", "application/json").header("x-github-event", "issues");
            let signature = sign(secret, body.as_bytes());
            let request = request.header("x-hub-signature", &signature).header("x-hub-signature-256", &signature);
            let request = request.basic_auth("hook", Some(secret)).body(body.clone());
            let reply = Reply::send(request).await;
            self.answers.push(Haystack::new(format!("an answer to {key}"), reply.text));
        }
    }
}

fn files(folder: &Path) -> Vec<Haystack> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name != "master.key" {
            found.push(Haystack::new(name, std::fs::read(path).unwrap()));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_leaks_anywhere() {
    let (folder, logs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let log = logs.path().join("log");
    let token = create_admin_token(folder.path());
    let mut command = testbell(folder.path());
    command.env("RUST_LOG", "trace").env("TESTBELL_HOST_OVERRIDES", "hooks.slack.com=127.0.0.1");
    let running = ServerProcess::run(command.stderr(File::create(&log).unwrap()));
    let mut run = LeakCheck { running, token: token.clone(), secrets: Vec::new(), answers: Vec::new() };
    run.hides("the password", PASSWORD);
    run.hides("the API token of the command line", &token);
    run.hides("the first master key", std::fs::read_to_string(folder.path().join("master.key")).unwrap().trim());

    // People.
    let signed_in = run.form("/session", &[("email", "root@example.com"), ("password", PASSWORD)]).await;
    let cookie = signed_in.cookie().unwrap();
    run.hides("the session", cookie.split_once('=').unwrap().1);
    run.form("/session", &[("email", "root@example.com"), ("password", "a wrong password")]).await;
    run.hides("a wrong password", "a wrong password");
    let made = run.post("/tokens", json!({"name": "ci"})).await;
    run.hides("an API token", made["secret"].as_str().unwrap());

    // Trackers.
    let credentials = |token: &str| json!({"email": "root@example.com", "token": token});
    let github = json!({"provider": "github", "baseUrl": run.running.base, "repository": "acme/checkout",
        "credentials": credentials("ghp_tokenThatMustNotLeak")});
    let project = run.tracker("GIT", github, json!({})).await;
    let jira = json!({"provider": "jira", "baseUrl": run.running.base, "repository": "WEB",
        "credentials": credentials("jiraTokenThatMustNotLeak")});
    run.tracker("JIR", jira, json!({})).await;
    let azure = json!({"provider": "azure_devops", "baseUrl": run.running.base, "repository": "acme/Checkout",
        "credentials": credentials("azureTokenThatMustNotLeak")});
    run.hides("Azure's inbound password", "azurePasswordThatMustNotLeak");
    run.tracker("AZU", azure, json!({"username": "hook", "password": "azurePasswordThatMustNotLeak"})).await;

    // An invite that is accepted, and one that is not.
    for email in ["bob@example.com", "eve@example.com"] {
        let made = run.post(&format!("{project}/invites"), json!({"email": email, "role": "member"})).await;
        let link = made["url"].as_str().unwrap();
        run.hides("an invite", link.rsplit('/').next().unwrap());
        if email.starts_with("bob") {
            let path = &link[link.find("/invites/").unwrap()..];
            let accepted = run.form(path, &[("name", "Bob"), ("password", NEW_PASSWORD)]).await;
            run.hides("the session of who was invited", accepted.cookie().unwrap().split_once('=').unwrap().1);
        }
    }
    run.hides("the password of who was invited", NEW_PASSWORD);

    // Endpoints: one that succeeds, one that fails, Slack.
    let receiver = Receiver::start().await;
    run.hides("a token in an address", URL_TOKEN);
    run.hides("the address of Slack", SLACK_TOKEN);
    run.hides("the end of Slack's address", SLACK_TOKEN.rsplit('/').next().unwrap());
    let slack = receiver.url(&format!("/services/{SLACK_TOKEN}")).replace("127.0.0.1", "hooks.slack.com");
    let generic = receiver.url(&format!("/hook?token={URL_TOKEN}"));
    for url in [generic.as_str(), &format!("http://127.0.0.1:9/?token={URL_TOKEN}"), &slack] {
        let new = json!({"name": "Endpoint", "url": url, "events": ["issue.created", "issue.updated"]});
        let made = run.post(&format!("{project}/webhooks"), new).await;
        let webhook = format!("/webhooks/{}", made["webhook"]["id"].as_str().unwrap());
        if let Some(secret) = made["reveal"]["secret"].as_str() {
            run.hides("a signing secret", secret.trim_start_matches("whsec_"));
            let rotated = run.post(&format!("{webhook}/rotate"), json!({})).await;
            let secret = rotated["reveal"]["secret"].as_str().unwrap();
            run.hides("a rotated signing secret", secret.trim_start_matches("whsec_"));
        }
        run.post(&format!("{webhook}/test"), json!({})).await;
        run.change(Method::PATCH, &webhook, &json!({"name": "Renamed"})).await;
    }
    // Every way to sign, and a custom header.
    run.hides("an entered secret", SHARED_SECRET);
    run.hides("the value of a header", HEADER_VALUE);
    for &scheme in SigningScheme::ALL {
        let signing = json!({"scheme": scheme, "header": scheme.has_header().then_some("X-Key")});
        let secret = scheme.sends_secret().then_some(SHARED_SECRET);
        let new = json!({"name": scheme, "url": generic, "events": ["issue.created"], "signing": signing,
            "secret": secret, "customHeaders": [{"name": "X-Custom", "value": HEADER_VALUE}]});
        let made = run.post(&format!("{project}/webhooks"), new).await;
        if let Some(secret) = made["reveal"]["secret"].as_str() {
            run.hides("a secret of a scheme", secret.trim_start_matches("whsec_"));
        }
    }
    let all = 4 + SigningScheme::ALL.len();
    run.post(&format!("{project}/issues"), json!({"title": "Plain text that is found"})).await;
    eventually("the event at all", async || (receiver.requests_so_far().len() >= all).then_some(())).await;

    // Keys.
    let output = run_ok(testbell(folder.path()).args(["keys", "rotate"]));
    run.answers.push(Haystack::new("what keys rotate output", output));
    let keys = std::fs::read_to_string(folder.path().join("master.key")).unwrap();
    run.hides("the second master key", keys.split(',').next().unwrap());
    run.post(&format!("{project}/issues"), json!({"title": "After the rotation"})).await;
    let all = 6 + 2 * SigningScheme::ALL.len();
    eventually("the event at all", async || (receiver.requests_so_far().len() >= all).then_some(())).await;

    // Every page and response that can be read.
    let lists = ["", "/integration", "/webhooks", "/deliveries", "/issues", "/members", "/invites", "/audit"]
        .map(|list| format!("{project}{list}"));
    for path in lists.iter().map(String::as_str).chain(["/me", "/tokens", "/projects", "/audit", "/openapi.json"]) {
        run.get(path).await;
    }
    let deliveries = run.get(&format!("{project}/deliveries?limit=100")).await["items"].as_array().unwrap().clone();
    assert!(deliveries.len() >= 8, "{deliveries:?}");
    for delivery in &deliveries {
        run.get(&format!("/deliveries/{}", delivery["id"].as_str().unwrap())).await;
    }
    for webhook in run.get(&format!("{project}/webhooks")).await["items"].as_array().unwrap().clone() {
        run.get(&format!("/webhooks/{}", webhook["id"].as_str().unwrap())).await;
    }
    let first = deliveries[0]["id"].as_str().unwrap();
    let settings = format!("{project}/settings/webhooks");
    for path in ["", "/issues", "/settings", "/settings/integration", "/settings/members"] {
        run.page(&cookie, &format!("{project}{path}")).await;
    }
    for path in ["/", "/account/tokens", &settings, &format!("{settings}?tab=deliveries&delivery={first}")] {
        assert!(run.page(&cookie, path).await, "{path}");
    }
    let metrics = run.running.get("/metrics", &token).await.text;
    run.answers.push(Haystack::new("the metrics", metrics));

    let mut haystacks = files(folder.path());
    assert!(haystacks.iter().any(|file| file.place.ends_with("-wal")), "the WAL is looked at while it is there");
    let LeakCheck { running, secrets, answers, .. } = run;
    assert!(running.terminate());
    haystacks.extend(files(folder.path()));
    haystacks.push(Haystack::new("the log", std::fs::read(&log).unwrap()));
    haystacks.extend(answers);

    // The searched texts are not empty.
    let is_in = |place: &str, text: &str| haystacks.iter().any(|hay| hay.place.contains(place) && hay.contains(text));
    assert!(is_in("testbell.db", "Plain text that is found") && is_in("/issues", "Plain text that is found"));
    assert!(is_in("the log", "TRACE") && is_in("the metrics", "testbell_delivery_attempts_total"));
    assert!(is_in("the page", "hooks.slack.com") && is_in("the answer of /webhooks/", "/services/••••"));
    let size: usize = haystacks.iter().map(Haystack::len).sum();
    println!("{} secrets were looked for in {} places, {size} bytes", secrets.len(), haystacks.len());
    let found = find(&secrets, &haystacks);
    assert!(found.is_empty(), "{} times:\n{}", found.len(), found.join("\n"));
}
