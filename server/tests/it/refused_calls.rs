//! What an admin sees of refused inbound calls.

use std::time::Duration;

use app::model::id::WebhookId;
use app::model::people::Role;
use app::model::provider::Provider;
use axum::http::header::ACCEPT;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use server::entity::refused_call;

use crate::support::any_tracker::base_url;
use crate::support::api::{Api, Reply};
use crate::support::inbound::{Github, NOTHING, answer, event, sign};
use crate::support::seed::PASSWORD;
use crate::support::tracker::{BASIC, Tracker};
use crate::support::{TestServer, eventually};

/// Waits until that many refused calls are recorded; returns the record as REST shows it.
async fn recorded(api: &Api, webhook: &str, count: u32) -> Value {
    let path = format!("/webhooks/{webhook}");
    eventually("a record of refused calls", async || {
        let refused = api.get(&path).await.json["lastRefused"].clone();
        (refused["count"] == count).then_some(refused)
    })
    .await
}

async fn records(server: &TestServer) -> u64 {
    refused_call::Entity::find().count(server.state.store.read()).await.unwrap()
}

/// A request with only the given headers and body.
fn call(server: &TestServer, github: &Github, headers: &[(&str, &str)], body: &str) -> reqwest::RequestBuilder {
    let request = server.inbound(&github.token).header("x-github-event", "issues");
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).body(body.to_owned())
}

#[tokio::test]
async fn each_refused_github_call_says_what_to_change() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let api = server.api(&github.owner).await;
    let body = event("opened", "One", 1);
    let form = "payload=%7B%7D";
    let (good, wrong) = (sign(&github.secret, body.as_bytes()), sign("another secret", body.as_bytes()));
    let (of_form, of_text) = (sign(&github.secret, form.as_bytes()), sign(&github.secret, b"text"));
    let json = ("content-type", "application/json");
    let urlencoded = ("content-type", "application/x-www-form-urlencoded");
    let sha256 = "x-hub-signature-256";
    let sha1 = ("x-hub-signature", "sha1=d03207e4b030cf234e3447bac4d93add4c6643d8");
    let mut count = 0;
    for (status, headers, body, expected) in [
        (401, vec![json], body.as_str(), &["isn't signed", "enter its secret"] as &[&str]),
        (401, vec![json, (sha256, &wrong)], &body, &["doesn't match", "secret again", "rotate"]),
        (401, vec![json, sha1], &body, &["SHA-1 only", "proxy"]),
        (401, vec![json, (sha256, "sha256=7")], &body, &["isn't in the form"]),
        (401, vec![json, (sha256, &good), (sha256, &good)], &body, &["more than one"]),
        (401, vec![urlencoded], form, &["isn't signed", "Content type"]),
        (415, vec![urlencoded, (sha256, &of_form)], form, &["form", "Content type", "application/json"]),
        (415, vec![("content-type", "text/xml"), (sha256, &good)], &body, &["application/json"]),
        (400, vec![json, (sha256, &of_text)], "text", &["Invalid JSON", "between GitHub and Testbell"]),
    ] {
        count += 1;
        server.state.clock.advance(Duration::from_secs(2));
        assert_eq!(answer(call(&server, &github, &headers, body)).await.0, status, "{headers:?}");
        let refused = recorded(&api, &github.webhook.to_string(), count).await;
        let reason = refused["reason"].as_str().unwrap();
        assert!(expected.iter().all(|word| reason.contains(word)), "{headers:?}: {reason}");
        assert_eq!(refused["at"].as_str().unwrap().parse(), Ok(server.state.clock.now()));
        let values = headers.iter().filter(|(name, _)| *name != "content-type").map(|(_, value)| *value);
        assert!(values.into_iter().all(|value| !reason.contains(value)), "{reason}");
    }
    assert_eq!(records(&server).await, 1);
    server.stop().await;
}

async fn webhook_of(api: &Api, tracker: &Tracker) -> String {
    let all = api.get(&format!("/projects/{}/webhooks", tracker.project)).await.json;
    all["items"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_refused_azure_devops_call_says_what_to_change() {
    let server = TestServer::start().await;
    let azure = server.tracker(Provider::AzureDevops, "", None).await;
    let api = server.api(&azure.owner).await;
    let webhook = webhook_of(&api, &azure).await;
    let post = || server.http.post(&azure.url).header("content-type", "application/json").body("{}");
    let mut count = 0;
    for (request, word) in [
        (post(), "no credentials"),
        (post().basic_auth(BASIC.0, Some("wrong")), "username or the password is wrong"),
        (post().basic_auth("wrong", Some(BASIC.1)), "username or the password is wrong"),
        (post().bearer_auth(BASIC.1), "Basic authentication"),
        (post().header("authorization", "Basic ???"), "can't be decoded"),
        (post().basic_auth(BASIC.0, Some(BASIC.1)).header("authorization", "Basic YTpi"), "more than one"),
    ] {
        count += 1;
        server.state.clock.advance(Duration::from_secs(2));
        assert_eq!(answer(request).await.0, 401);
        let reason = recorded(&api, &webhook, count).await["reason"].as_str().unwrap().to_owned();
        assert!(reason.contains(word) && !reason.contains("wrong:") && !reason.contains(BASIC.1), "{reason}");
    }
    server.stop().await;
}

#[tokio::test]
async fn each_refused_gitlab_call_says_what_to_change() {
    let server = TestServer::start().await;
    let gitlab = server.tracker(Provider::Gitlab, "", None).await;
    let api = server.api(&gitlab.owner).await;
    let webhook = webhook_of(&api, &gitlab).await;
    let post = || server.http.post(&gitlab.url).header("content-type", "application/json").body("{}");
    let mut count = 0;
    for (request, word) in [
        (post(), "no secret token"),
        (post().header("x-gitlab-token", "another"), "token is wrong"),
        (post().header("x-gitlab-token", &gitlab.secret).header("x-gitlab-token", &gitlab.secret), "more than one"),
    ] {
        count += 1;
        server.state.clock.advance(Duration::from_secs(2));
        assert_eq!(answer(request).await.0, 401);
        let reason = recorded(&api, &webhook, count).await["reason"].as_str().unwrap().to_owned();
        assert!(reason.contains(word) && !reason.contains(&gitlab.secret), "{reason}");
    }
    server.stop().await;
}

#[tokio::test]
async fn each_refused_gitea_call_says_what_to_change() {
    let server = TestServer::start().await;
    let gitea = server.tracker(Provider::Gitea, base_url(Provider::Gitea), None).await;
    let api = server.api(&gitea.owner).await;
    let webhook = webhook_of(&api, &gitea).await;
    let post = || server.http.post(&gitea.url).header("content-type", "application/json").body("{}");
    let name = "x-gitea-signature";
    let other = sign("another", b"{}").replace("sha256=", "");
    let mut count = 0;
    for (request, word) in [
        (post(), "isn't signed"),
        (post().header("x-hub-signature", "sha1=d03207e4b030cf234e3447bac4d93add4c6643d8"), "isn't signed"),
        (post().header(name, ""), "is empty"),
        (post().header(name, &other), "doesn't match"),
        (post().header(name, &other).header(name, &other), "more than once"),
    ] {
        count += 1;
        server.state.clock.advance(Duration::from_secs(2));
        assert_eq!(answer(request).await.0, 401);
        let reason = recorded(&api, &webhook, count).await["reason"].as_str().unwrap().to_owned();
        assert!(reason.contains(word), "{reason}");
    }
    server.stop().await;
}

#[tokio::test]
async fn each_refused_jira_call_says_what_to_change() {
    let server = TestServer::start().await;
    let jira = server.tracker(Provider::Jira, "https://jira.example.com", None).await;
    let api = server.api(&jira.owner).await;
    let webhook = webhook_of(&api, &jira).await;
    let post = || server.http.post(&jira.url).header("content-type", "application/json").body("{}");
    let sha1 = "sha1=d03207e4b030cf234e3447bac4d93add4c6643d8";
    let mut count = 0;
    for (request, word) in [
        (post(), "isn't signed"),
        (post().header("x-hub-signature", sign("another", b"{}")), "doesn't match"),
        (post().header("x-hub-signature", sha1), "SHA-1"),
        (post().header("x-hub-signature", "7"), "isn't in the form"),
    ] {
        count += 1;
        server.state.clock.advance(Duration::from_secs(2));
        assert_eq!(answer(request).await.0, 401);
        let reason = recorded(&api, &webhook, count).await["reason"].as_str().unwrap().to_owned();
        assert!(reason.contains(word), "{reason}");
    }
    server.stop().await;
}

#[tokio::test]
async fn refused_calls_are_stored_once_a_second() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let api = server.api(&github.owner).await;
    let webhook = github.webhook.to_string();
    let refuse = async || assert_eq!(answer(call(&server, &github, &[], "{}")).await.0, 401);
    refuse().await;
    recorded(&api, &webhook, 1).await;
    for _ in 0..200 {
        refuse().await;
    }
    let count = async || {
        let row = refused_call::Entity::find_by_id(github.webhook).one(server.state.store.read()).await.unwrap();
        row.unwrap().count
    };
    assert_eq!(count().await, 1);
    server.state.clock.advance(Duration::from_secs(1));
    recorded(&api, &webhook, 201).await;
    assert_eq!((server.rows().await, records(&server).await), (NOTHING, 1));
    server.stop().await;
}

#[tokio::test]
async fn pending_refused_calls_are_stored_on_shutdown() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let api = server.api(&github.owner).await;
    assert_eq!(answer(call(&server, &github, &[], "{}")).await.0, 401);
    recorded(&api, &github.webhook.to_string(), 1).await;
    for _ in 0..3 {
        assert_eq!(answer(call(&server, &github, &[], "{}")).await.0, 401);
    }
    let server = server.restart(async |_| {}).await;
    let row = refused_call::Entity::find_by_id(github.webhook).one(server.state.store.read()).await.unwrap();
    assert_eq!(row.unwrap().count, 4);
    server.stop().await;
}

#[tokio::test]
async fn an_unknown_token_leaves_no_record() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let api = server.api(&github.owner).await;
    let unknown =
        Github { token: "whk_unknown".to_owned(), owner: github.owner.clone(), secret: String::new(), ..github };
    assert_eq!(answer(call(&server, &unknown, &[], "{}")).await.0, 404);
    let github = Github { token: server.github().await.token, ..unknown };
    assert_eq!(answer(call(&server, &github, &[], "{}")).await.0, 401);
    let others = eventually("the record of the known one", async || {
        let all = refused_call::Entity::find().all(server.state.store.read()).await.unwrap();
        (!all.is_empty()).then_some(all)
    });
    assert_eq!(others.await.len(), 1);
    assert_eq!(api.get(&format!("/webhooks/{}", github.webhook)).await.json["lastRefused"], Value::Null);
    server.stop().await;
}

#[tokio::test]
async fn a_refused_call_notifies_browsers() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let mut stream = server.stream(&github.owner, github.project).await;
    // A webhook changes at most once per second.
    server.state.clock.advance(Duration::from_secs(1));
    assert_eq!(answer(call(&server, &github, &[], "{}")).await.0, 401);
    let webhook = json!(github.webhook);
    stream.until(|message| message.data["type"] == "webhook.changed" && message.data["webhookId"] == webhook).await;
    server.stop().await;
}

/// A page for a member of the project.
async fn page(server: &TestServer, github: &Github, path: &str) -> String {
    let name = format!("Person{}", server.state.ids.next::<WebhookId>());
    let person = server.user_with_password(&name).await;
    server.join(github.project, &person, Role::Admin).await;
    let signed_in = server.form("/session", None, &[("email", &person.email), ("password", PASSWORD)]).await;
    let cookie = signed_in.cookie().unwrap();
    let url = server.url(&format!("/projects/{}/settings/webhooks{path}", github.project));
    Reply::send(server.http.get(url).header("cookie", cookie).header(ACCEPT, "text/html")).await.text
}

#[tokio::test]
async fn the_page_shows_the_latest_refused_call() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let api = server.api(&github.owner).await;
    for path in ["", "?tab=deliveries"] {
        assert!(!page(&server, &github, path).await.contains("Last refused"), "{path}");
    }
    assert_eq!(answer(call(&server, &github, &[], "{}")).await.0, 401);
    recorded(&api, &github.webhook.to_string(), 1).await;
    for path in ["", "?tab=deliveries", "?tab=deliveries&direction=inbound"] {
        let html = page(&server, &github, path).await;
        assert!(html.contains("Last refused") && html.contains("(1 in total)"), "{path}");
        assert!(!html.contains("Later requests were accepted"), "{path}");
    }
    assert!(!page(&server, &github, "?tab=deliveries&direction=outbound").await.contains("Last refused"));
    server.state.clock.advance(Duration::from_secs(1));
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    for path in ["", "?tab=deliveries"] {
        let html = page(&server, &github, path).await;
        assert!(html.contains("Last refused") && html.contains("Later requests were accepted"), "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn an_inbound_delivery_shows_the_trackers_id() {
    let server = TestServer::start().await;
    let long = "x".repeat(300);
    for (provider, header, body, sent, expected) in [
        (Provider::Github, "x-github-delivery", json!({}), "72d3162e-cc78-11e3", Some("72d3162e-cc78-11e3")),
        (Provider::Github, "x-github-delivery", json!({}), &long, Some(&long[..100])),
        (Provider::Github, "x-unrelated", json!({}), "1", None),
        (Provider::Linear, "linear-delivery", json!({}), "234d1a4e-b617-4388", Some("234d1a4e-b617-4388")),
        (Provider::Gitea, "x-gitea-delivery", json!({}), "f6266f16", Some("f6266f16")),
        (Provider::Gitlab, "x-gitlab-event-uuid", json!({}), "13792a34", Some("13792a34")),
        (Provider::Jira, "x-atlassian-webhook-identifier", json!({"webhookEvent": "x"}), "a b<i>", Some("ab<i>")),
        (Provider::AzureDevops, "x-unrelated", json!({"notificationId": 8, "eventType": "x"}), "1", Some("8")),
        (Provider::AzureDevops, "x-unrelated", json!({"notificationId": [8], "eventType": "x"}), "1", None),
    ] {
        let tracker = server.tracker(provider, base_url(provider), None).await;
        let body = body.to_string();
        let request = server.http.post(&tracker.url).header("content-type", "application/json").header(header, sent);
        let request = match provider {
            Provider::AzureDevops => request.basic_auth(BASIC.0, Some(BASIC.1)),
            Provider::Gitlab => request.header("x-gitlab-token", &tracker.secret),
            Provider::Linear => {
                request.header("linear-signature", sign(&tracker.secret, body.as_bytes()).replace("sha256=", ""))
            }
            Provider::Jira => request.header("x-hub-signature", sign(&tracker.secret, body.as_bytes())),
            _ => request
                .header("x-github-event", "ping")
                .header("x-hub-signature-256", sign(&tracker.secret, body.as_bytes())),
        };
        assert_eq!(answer(request.body(body)).await.0, 200);
        let api = server.api(&tracker.owner).await;
        let list = api.get(&format!("/projects/{}/deliveries", tracker.project)).await.json;
        assert_eq!(list["items"][0]["trackerDeliveryId"], json!(expected), "{provider:?}");
        let one = api.get(&format!("/deliveries/{}", list["items"][0]["id"].as_str().unwrap())).await.json;
        assert_eq!(one["trackerDeliveryId"], json!(expected), "{provider:?}");
    }
    server.stop().await;
}
