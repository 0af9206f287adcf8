//! Issues of other repositories and projects than the integration's, which a webhook of an
//! organization or site also sends.

use std::time::Duration;

use app::model::id::WebhookId;
use app::model::people::Role;
use app::model::provider::Provider;
use axum::http::header::ACCEPT;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::TestServer;
use crate::support::any_tracker::{base_url, credentials, event_about, event_of, issue_in, trackers};
use crate::support::api::Reply;
use crate::support::eventually;
use crate::support::fake_tracker::{FakeResponse, FakeTracker};
use crate::support::seed::PASSWORD;
use crate::support::tracker::Tracker;

const JIRA: &str = "https://jira.example.com";

fn time(second: u32) -> String {
    format!("2026-01-05T10:00:{second:02}Z")
}

/// Another repository or project than the integration's.
fn elsewhere(provider: Provider) -> &'static str {
    match provider {
        Provider::Github | Provider::Gitlab | Provider::Gitea => "acme/other",
        Provider::Linear => "OPS",
        Provider::Jira => "OTHER",
        _ => "Other",
    }
}

fn foreign(provider: Provider, title: &str, second: u32) -> Value {
    event_about(provider, issue_in(provider, elsewhere(provider), title, &time(second)))
}

async fn start(provider: Provider, only: bool) -> (TestServer, Tracker) {
    let server = TestServer::start().await;
    let tracker = server.tracker(provider, base_url(provider), None).await;
    if only {
        switch(&server, &tracker, json!(true)).await;
    }
    (server, tracker)
}

fn path(tracker: &Tracker) -> String {
    format!("/projects/{}/integration", tracker.project)
}

/// Saves the integration with the setting, over REST.
async fn switch(server: &TestServer, tracker: &Tracker, only: Value) -> Value {
    let api = server.api(&tracker.owner).await;
    let stored = api.get(&path(tracker)).await.json;
    let mut put =
        json!({"provider": stored["provider"], "baseUrl": stored["baseUrl"], "repository": stored["repository"]});
    if !only.is_null() {
        put["onlyFromRepository"] = only;
    }
    let reply = api.call(Method::PUT, &path(tracker), Some(&put)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json
}

async fn from_elsewhere(server: &TestServer, tracker: &Tracker) -> Value {
    server.api(&tracker.owner).await.get(&path(tracker)).await.json["issuesFromElsewhere"].clone()
}

#[tokio::test]
async fn issues_from_elsewhere_are_imported_by_default() {
    for provider in trackers() {
        let (server, tracker) = start(provider, false).await;
        assert_eq!(from_elsewhere(&server, &tracker).await, 0);
        assert_eq!(server.send_event(&tracker, foreign(provider, "One", 1)).await, "created", "{provider:?}");
        assert_eq!(from_elsewhere(&server, &tracker).await, 1, "{provider:?}");
        let moved_in = event_about(provider, issue_in(provider, &own_in_capitals(provider), "One", &time(2)));
        server.send_event(&tracker, moved_in).await;
        assert_eq!(from_elsewhere(&server, &tracker).await, 0, "{provider:?}");
        server.stop().await;
    }
}

/// The integration's own repository or project, in other capitals.
fn own_in_capitals(provider: Provider) -> String {
    crate::support::any_tracker::own(provider).to_uppercase()
}

#[tokio::test]
async fn the_setting_limits_imports_to_own_issues() {
    for provider in trackers() {
        let (server, tracker) = start(provider, true).await;
        assert_eq!(server.send_event(&tracker, foreign(provider, "One", 1)).await, "ignored", "{provider:?}");
        let reason = server.latest_delivery(&tracker).await.error.unwrap();
        assert!(reason.contains(elsewhere(provider)) && reason.contains("Issue integration"), "{reason}");
        assert_eq!(server.rows().await.issues, 0);
        let own = event_about(provider, issue_in(provider, &own_in_capitals(provider), "Two", &time(2)));
        assert_eq!(server.send_event(&tracker, own).await, "created", "{provider:?}");
        assert_eq!(from_elsewhere(&server, &tracker).await, 0);
        server.stop().await;
    }
}

#[tokio::test]
async fn an_imported_issue_from_elsewhere_keeps_updating() {
    for provider in trackers() {
        let (server, tracker) = start(provider, false).await;
        server.send_event(&tracker, foreign(provider, "One", 1)).await;
        switch(&server, &tracker, json!(true)).await;
        assert_eq!(server.send_event(&tracker, foreign(provider, "Two", 2)).await, "applied", "{provider:?}");
        assert_eq!(server.only_issue(&tracker).await.title, "Two");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_resend_with_the_setting_off_imports_the_issue() {
    for provider in trackers() {
        let (server, tracker) = start(provider, true).await;
        let event = foreign(provider, "One", 1);
        for _ in 0..2 {
            assert_eq!(server.send_event(&tracker, &event).await, "ignored", "{provider:?}");
        }
        switch(&server, &tracker, json!(false)).await;
        assert_eq!(server.send_event(&tracker, &event).await, "created", "{provider:?}");
        server.stop().await;
    }
}

#[tokio::test]
async fn other_events_from_elsewhere_import_nothing() {
    let work_item = issue_in(Provider::AzureDevops, "Other", "One", &time(1));
    for (provider, event) in [
        (
            Provider::Github,
            json!({"action": "deleted", "issue": issue_in(Provider::Github, "acme/other", "One", &time(1))}),
        ),
        (Provider::Jira, json!({"webhookEvent": "jira:issue_deleted", "issue": {"id": "5", "key": "OTHER-7"}})),
        (
            Provider::Jira,
            json!({"webhookEvent": "comment_created", "issue": issue_in(Provider::Jira, "OTHER", "One", &time(1))}),
        ),
        (Provider::AzureDevops, json!({"eventType": "workitem.deleted", "resource": work_item})),
        (Provider::AzureDevops, json!({"eventType": "workitem.restored", "resource": work_item})),
    ] {
        let (server, tracker) = start(provider, true).await;
        assert_eq!(server.send_event(&tracker, &event).await, "ignored", "{event}");
        assert_eq!(server.rows().await.issues, 0, "{event}");
        server.stop().await;
    }
}

#[tokio::test]
async fn transfers_out_are_followed_and_in_are_imported() {
    let github = Provider::Github;
    let mut there = issue_in(github, "acme/other", "One", &time(2));
    there["id"] = json!(9);
    let out = json!({"action": "transferred", "issue": issue_in(github, "acme/Shop", "One", &time(2)),
        "changes": {"new_issue": there, "new_repository": {"full_name": "acme/other"}}});
    let mut here = issue_in(github, "acme/Shop", "One", &time(2));
    here["id"] = json!(9);
    let into = json!({"action": "opened", "issue": here, "repository": {"full_name": "acme/Shop"},
        "changes": {"old_issue": issue_in(github, "acme/other", "One", &time(1))}});

    let (server, tracker) = start(github, true).await;
    assert_eq!(server.send_event(&tracker, &out).await, "ignored");
    assert_eq!(server.rows().await.issues, 0);
    assert_eq!(server.send_event(&tracker, into).await, "created");
    server.stop().await;

    let (server, tracker) = start(github, true).await;
    server.send_event(&tracker, event_of(github, "One", &time(1))).await;
    assert_eq!(server.send_event(&tracker, out).await, "applied");
    assert_eq!(server.only_issue(&tracker).await.key.as_deref(), Some("acme/other#7"));
    assert_eq!(from_elsewhere(&server, &tracker).await, 1);
    server.stop().await;
}

#[tokio::test]
async fn jira_moves_out_are_followed_and_in_are_imported() {
    let (server, jira) = start(Provider::Jira, true).await;
    assert_eq!(server.send_event(&jira, foreign(Provider::Jira, "One", 1)).await, "ignored");
    assert_eq!(server.send_event(&jira, event_of(Provider::Jira, "One", &time(2))).await, "created");
    assert_eq!(server.send_event(&jira, foreign(Provider::Jira, "One", 3)).await, "applied");
    assert_eq!(server.only_issue(&jira).await.key.as_deref(), Some("OTHER-7"));
    assert_eq!(from_elsewhere(&server, &jira).await, 1);
    server.stop().await;
}

#[tokio::test]
async fn an_unknown_origin_without_credentials_is_ignored() {
    let (server, azure) = start(Provider::AzureDevops, true).await;
    let changed = json!({"System.Title": {"newValue": "One"}});
    for resource in [json!({"id": 2, "workItemId": 5}), json!({"id": 2, "workItemId": 5, "fields": changed})] {
        let event = json!({"eventType": "workitem.updated", "resource": resource});
        assert_eq!(server.send_event(&azure, event).await, "ignored");
        assert!(server.latest_delivery(&azure).await.error.unwrap().contains("which project the issue belongs to"));
    }
    assert_eq!(server.rows().await.issues, 0);
    server.stop().await;
}

#[tokio::test]
async fn an_unknown_origin_is_decided_by_the_sync() {
    let changed = json!({"System.Title": {"newValue": "One"}});
    for (project, shown) in [("Other", false), ("shop", true)] {
        let server = TestServer::start().await;
        let read = issue_in(Provider::AzureDevops, project, "Read", &time(2));
        let fake = FakeTracker::start([FakeResponse::json(&read)]).await;
        let azure = server.tracker(Provider::AzureDevops, &fake.base, credentials()).await;
        switch(&server, &azure, json!(true)).await;
        for resource in [json!({"id": 2, "workItemId": 5}), json!({"id": 2, "workItemId": 5, "fields": changed})] {
            server.send_event(&azure, json!({"eventType": "workitem.updated", "resource": resource})).await;
            assert!(server.issues(azure.project).await.is_empty());
        }
        server.state.clock.advance(Duration::from_secs(1));
        eventually("the reading is over", async || {
            let waiting = server.api(&azure.owner).await.get(&path(&azure)).await.json["syncWaiting"].clone();
            (fake.paths().len() == 1 && waiting == 0).then_some(())
        })
        .await;
        let titles: Vec<_> = server.issues(azure.project).await.into_iter().map(|issue| issue.title).collect();
        assert_eq!(titles, if shown { vec!["Read".to_owned()] } else { vec![] });
        server.stop().await;
    }
}

#[tokio::test]
async fn the_setting_is_kept_per_provider() {
    let (server, github) = start(Provider::Github, false).await;
    for (sent, stored) in [(Value::Null, false), (json!(true), true), (Value::Null, true), (json!(false), false)] {
        assert_eq!(switch(&server, &github, sent).await["onlyFromRepository"], stored);
    }
    switch(&server, &github, json!(true)).await;
    let api = server.api(&github.owner).await;
    let simple =
        json!({"provider": "simple_url", "baseUrl": "https://bugs.example.com/{key}", "onlyFromRepository": true});
    let refused = api.call(Method::PUT, &path(&github), Some(&simple)).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(
        refused.json["errors"]["onlyFromRepository"].is_string()
            || refused.json["errors"]["onlyFromRepository"].is_array()
    );
    let jira = json!({"provider": "jira", "baseUrl": JIRA, "repository": "WEB"});
    let reply = api.call(Method::PUT, &path(&github), Some(&jira)).await;
    assert_eq!((reply.status, &reply.json["onlyFromRepository"]), (200, &json!(false)));
    let audit = api.get(&format!("/projects/{}/audit", github.project)).await.json;
    assert!(audit.to_string().contains("Only issues from acme/Shop are imported."), "{audit}");
    server.stop().await;
}

/// A page for an admin of the project.
async fn page(server: &TestServer, tracker: &Tracker, path: &str) -> String {
    let person = server.user_with_password(&format!("Person{}", server.state.ids.next::<WebhookId>())).await;
    server.join(tracker.project, &person, Role::Admin).await;
    let signed_in = server.form("/session", None, &[("email", &person.email), ("password", PASSWORD)]).await;
    let url = server.url(&format!("/projects/{}/settings/{path}", tracker.project));
    Reply::send(server.http.get(url).header("cookie", signed_in.cookie().unwrap()).header(ACCEPT, "text/html"))
        .await
        .text
}

#[tokio::test]
async fn both_cards_count_issues_from_elsewhere() {
    for provider in trackers() {
        let (server, tracker) = start(provider, false).await;
        let link = "settings/integration#field-only_from_repository";
        for path in ["integration", "webhooks"] {
            assert!(!page(&server, &tracker, path).await.contains("not from"), "{path}");
        }
        server.send_event(&tracker, foreign(provider, "One", 1)).await;
        for path in ["integration", "webhooks"] {
            let html = page(&server, &tracker, path).await;
            assert!(html.contains("1 issue is not from") && html.contains(link), "{provider:?} {path}");
        }
        let form = page(&server, &tracker, "integration").await;
        assert!(form.contains("Only import issues from this"), "{provider:?}");
        switch(&server, &tracker, json!(true)).await;
        let html = page(&server, &tracker, "webhooks").await;
        assert!(html.contains("keeps updating") && !html.contains(link), "{provider:?}");
        server.stop().await;
    }
}
