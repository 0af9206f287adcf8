//! Milestones that are kept in sync with those of GitHub and the versions of Jira.

use app::model::id::ProjectId;
use app::model::integration::PutIntegration;
use app::model::people::Actor;
use app::model::provider::Provider;
use app::service::Integrations;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};
use server::entity::event;

use crate::support::TestServer;
use crate::support::api::Api;
use crate::support::contract;
use crate::support::inbound::Github;
use crate::support::tracker::Tracker;

const JIRA: &str = "https://jira.example.com";

async fn set_sync(server: &TestServer, owner: &Actor, project: ProjectId, provider: Provider, is_on: bool) {
    let (base_url, repository) = match provider {
        Provider::Jira => (JIRA, "WEB"),
        _ => ("", "acme/checkout"),
    };
    let new = PutIntegration {
        provider,
        base_url: base_url.to_owned(),
        repository: repository.to_owned(),
        only_from_repository: None,
        sync_milestones: Some(is_on),
        credentials: None,
    };
    server.state.put_integration(owner, project, new).await.unwrap();
}

/// A project with the sync of GitHub's milestones.
async fn github() -> (TestServer, Github, Api) {
    let server = TestServer::start().await;
    let github = server.github().await;
    set_sync(&server, &github.owner, github.project, Provider::Github, true).await;
    let api = server.api(&github.owner).await;
    (server, github, api)
}

/// A `milestone` event, changed `second` seconds past ten, with other fields.
fn milestone(action: &str, second: u32, fields: Value) -> String {
    let mut milestone = json!({
        "id": 1_002_604,
        "number": 1,
        "title": "v1.0",
        "description": "All payment methods",
        "state": "open",
        "html_url": "https://github.com/acme/checkout/milestone/1",
        "due_on": null,
        "updated_at": format!("2026-01-05T10:00:{second:02}Z"),
    });
    let mut repository = json!({"full_name": "acme/checkout"});
    for (name, value) in fields.as_object().unwrap() {
        if name == "full_name" {
            repository["full_name"] = value.clone();
        } else {
            milestone[name] = value.clone();
        }
    }
    json!({"action": action, "milestone": milestone, "repository": repository}).to_string()
}

/// A version event at a millisecond after the start of the clock.
fn version(event: &str, millis: i64, fields: Value) -> Value {
    let mut version = json!({
        "self": "https://jira.example.com/rest/api/2/version/10000",
        "id": "10000",
        "name": "1.0",
        "description": "All payment methods",
        "archived": false,
        "released": false,
        "projectId": 10_010,
    });
    for (name, value) in fields.as_object().unwrap() {
        version[name] = value.clone();
    }
    let timestamp = crate::support::start_time().timestamp_millis() + millis;
    json!({"timestamp": timestamp, "webhookEvent": format!("jira:version_{event}"), "version": version})
}

async fn milestones(api: &Api, project: ProjectId) -> Vec<Value> {
    let reply = api.get(&format!("/projects/{project}/milestones")).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json["items"].as_array().unwrap().clone()
}

async fn only_milestone(api: &Api, project: ProjectId) -> Value {
    let all = milestones(api, project).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all[0].clone()
}

/// The events of milestones so far, oldest first. Each has the documented data and no actor.
async fn events(server: &TestServer) -> Vec<Value> {
    let rows = event::Entity::find().order_by_asc(event::Column::Id).all(server.state.store.read()).await.unwrap();
    let of_milestones = rows.into_iter().filter(|row| row.event_type.starts_with("milestone."));
    let envelopes: Vec<Value> = of_milestones.map(|row| serde_json::from_str(&row.body).unwrap()).collect();
    for envelope in &envelopes {
        let errors = contract::event_errors(envelope["type"].as_str().unwrap(), envelope);
        assert!(errors.is_empty(), "{errors:?} {envelope}");
        assert_eq!(envelope["actor"], Value::Null);
    }
    envelopes
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap().trim_start_matches("milestone.")).collect()
}

/// What the latest inbound delivery says: the reason and the subject.
async fn latest(server: &TestServer, project: ProjectId) -> (String, Option<String>) {
    let row = server.received(project).await.pop().unwrap();
    (row.error.unwrap_or_default(), row.subject)
}

#[tokio::test]
async fn github_milestones_are_created_changed_and_completed_here() {
    let (server, github, api) = github().await;
    let send =
        async |action, second, fields| server.outcome(&github, "milestone", milestone(action, second, fields)).await;
    assert_eq!(send("created", 1, json!({})).await, "created");
    let made = only_milestone(&api, github.project).await;
    assert_eq!((&made["name"], &made["description"]), (&json!("v1.0"), &json!("All payment methods")));
    let url = "https://github.com/acme/checkout/milestone/1";
    assert_eq!(made["source"], json!({"provider": "github", "url": url, "state": "synced"}));
    let (reason, subject) = latest(&server, github.project).await;
    let key = made["key"].as_str().unwrap();
    assert_eq!((reason.as_str(), subject), ("Milestone created.", Some(format!("{key} v1.0"))));

    assert_eq!(send("edited", 3, json!({"title": "v1.1", "due_on": "2026-03-08T08:00:00Z"})).await, "applied");
    assert_eq!(latest(&server, github.project).await.0, "Milestone updated.");
    assert_eq!(send("edited", 2, json!({"title": "old"})).await, "unchanged", "older");
    let closed = json!({"title": "v1.1", "due_on": "2026-03-08T08:00:00Z", "state": "closed"});
    assert_eq!(send("closed", 4, closed.clone()).await, "applied");
    assert_eq!(send("closed", 4, closed).await, "duplicate");
    let now = only_milestone(&api, github.project).await;
    assert_eq!((&now["name"], &now["dueOn"]), (&json!("v1.1"), &json!("2026-03-08")));
    assert!(now["completedAt"].is_string());
    assert_eq!(send("opened", 5, json!({"title": "v1.1", "due_on": "2026-03-08T08:00:00Z"})).await, "applied");
    assert_eq!(only_milestone(&api, github.project).await["completedAt"], Value::Null);
    assert_eq!(
        send("edited", 6, json!({"title": "v1.1", "due_on": "2026-03-08T08:00:00Z"})).await,
        "unchanged",
        "same"
    );

    let events = events(&server).await;
    assert_eq!(types(&events), ["created", "updated", "due_date_changed", "completed", "updated"]);
    assert_eq!(events[4]["data"]["changed"], json!(["completedAt"]));
    assert_eq!(events[2]["data"]["changes"], json!({"dueOn": {"from": null, "to": "2026-03-08"}}));
    server.stop().await;
}

#[tokio::test]
async fn a_synced_milestone_is_changed_only_in_its_tracker() {
    let (server, github, api) = github().await;
    let send = async |action, second| server.outcome(&github, "milestone", milestone(action, second, json!({}))).await;
    send("created", 1).await;
    let made = only_milestone(&api, github.project).await;
    let path = format!("/milestones/{}", made["id"].as_str().unwrap());
    for reply in [
        api.patch(&path, &json!({"name": "mine"})).await,
        api.patch(&path, &json!({"dueOn": "2026-12-24"})).await,
        api.post(&format!("{path}/complete"), &Value::Null).await,
    ] {
        assert_eq!(reply.status, 409, "{}", reply.text);
        assert!(reply.text.contains("kept in sync with GitHub"), "{}", reply.text);
    }
    assert_eq!(api.patch(&path, &json!({"name": "v1.0"})).await.status, 200, "no change");

    // While the sync is off, it is an ordinary milestone.
    set_sync(&server, &github.owner, github.project, Provider::Github, false).await;
    assert_eq!(api.patch(&path, &json!({"name": "mine"})).await.json["source"]["state"], "off");
    assert_eq!(send("edited", 2).await, "ignored");
    set_sync(&server, &github.owner, github.project, Provider::Github, true).await;
    assert_eq!(send("edited", 2).await, "applied", "the same body again");
    assert_eq!(only_milestone(&api, github.project).await["name"], "v1.0");

    // Deleted there: it stays here.
    assert_eq!(send("deleted", 3).await, "applied");
    assert!(latest(&server, github.project).await.0.contains("stays here"));
    assert_eq!(api.get(&path).await.json["source"]["state"], "deleted");
    assert_eq!(api.patch(&path, &json!({"name": "mine"})).await.status, 200);
    assert_eq!(send("edited", 4).await, "ignored", "late");
    assert_eq!(only_milestone(&api, github.project).await["name"], "mine");
    server.stop().await;
}

#[tokio::test]
async fn only_milestones_of_the_own_repository_are_synced() {
    let (server, github, api) = github().await;
    let send = async |fields| server.outcome(&github, "milestone", milestone("created", 1, fields)).await;
    assert_eq!(send(json!({"full_name": "acme/other"})).await, "ignored");
    assert!(latest(&server, github.project).await.0.contains("acme/other"));
    set_sync(&server, &github.owner, github.project, Provider::Github, false).await;
    assert_eq!(send(json!({})).await, "ignored");
    assert!(latest(&server, github.project).await.0.contains("turn on Keep milestones in sync"));
    assert!(milestones(&api, github.project).await.is_empty());
    let (status, _) = server.deliver(&github, "milestone", r#"{"action":"created"}"#).await;
    assert_eq!(status, 400);
    server.stop().await;
}

#[tokio::test]
async fn a_milestone_that_was_deleted_stays_deleted() {
    let (server, github, api) = github().await;
    let send = async |id: u32, action, second| {
        server.outcome(&github, "milestone", milestone(action, second, json!({"id": id}))).await
    };
    // Its deletion arrives first.
    assert_eq!(send(1, "deleted", 2).await, "ignored");
    assert_eq!(send(1, "created", 1).await, "ignored");
    assert!(milestones(&api, github.project).await.is_empty());
    // A person deletes it here.
    assert_eq!(send(2, "created", 1).await, "created");
    let made = only_milestone(&api, github.project).await;
    assert_eq!(api.delete(&format!("/milestones/{}", made["id"].as_str().unwrap())).await.status, 204);
    assert_eq!(send(2, "edited", 2).await, "ignored");
    assert!(milestones(&api, github.project).await.is_empty());
    server.stop().await;
}

async fn jira() -> (TestServer, Tracker, Api) {
    let server = TestServer::start().await;
    let jira = server.tracker(Provider::Jira, JIRA, None).await;
    set_sync(&server, &jira.owner, jira.project, Provider::Jira, true).await;
    let api = server.api(&jira.owner).await;
    (server, jira, api)
}

fn issue(key: &str, project_key: &str, project: &str) -> Value {
    let fields = json!({"summary": "T", "project": {"id": project, "key": project_key}});
    json!({"webhookEvent": "jira:issue_created", "issue": {"id": project, "key": key, "fields": fields}})
}

#[tokio::test]
async fn jira_versions_are_milestones_of_the_project_that_issues_name() {
    let (server, jira, api) = jira().await;
    let created = version("created", 1, json!({"releaseDate": "2026-03-08"}));
    server.send_event(&jira, issue("OTHER-1", "OTHER", "10020")).await;
    assert_eq!(server.send_event(&jira, &created).await, "ignored");
    let (reason, _) = latest(&server, jira.project).await;
    assert!(reason.contains("learns the project's ID"), "{reason}");
    server.send_event(&jira, issue("WEB-1", "WEB", "10010")).await;
    assert_eq!(server.send_event(&jira, &created).await, "created", "the same body again");
    assert_eq!(
        server.send_event(&jira, version("created", 2, json!({"id": "10001", "projectId": 10_020}))).await,
        "ignored"
    );
    let made = only_milestone(&api, jira.project).await;
    assert_eq!((&made["name"], &made["dueOn"]), (&json!("1.0"), &json!("2026-03-08")));
    assert_eq!(made["source"]["url"], "https://jira.example.com/projects/WEB/versions/10000");

    assert_eq!(server.send_event(&jira, version("released", 9, json!({"released": true}))).await, "applied");
    assert_eq!(server.send_event(&jira, version("updated", 8, json!({"name": "late"}))).await, "unchanged");
    assert_eq!(server.send_event(&jira, version("unreleased", 10, json!({}))).await, "applied");
    assert_eq!(server.send_event(&jira, version("moved", 11, json!({"name": "1.1"}))).await, "applied");
    let now = only_milestone(&api, jira.project).await;
    assert_eq!((&now["name"], &now["dueOn"], &now["completedAt"]), (&json!("1.1"), &Value::Null, &Value::Null));
    assert_eq!(server.send_event(&jira, version("deleted", 12, json!({}))).await, "applied");
    assert_eq!(only_milestone(&api, jira.project).await["source"]["state"], "deleted");
    let events = events(&server).await;
    assert_eq!(types(&events), ["created", "due_date_changed", "completed", "updated", "updated"]);
    server.stop().await;
}

#[tokio::test]
async fn the_sync_is_a_setting_of_github_and_jira() {
    let (server, jira, api) = jira().await;
    let path = format!("/projects/{}/integration", jira.project);
    assert_eq!(api.get(&path).await.json["syncMilestones"], true);
    let kept = json!({"provider": "jira", "baseUrl": JIRA, "repository": "WEB"});
    let put = async |body: &Value| api.call(reqwest::Method::PUT, &path, Some(body)).await;
    assert_eq!(put(&kept).await.json["syncMilestones"], true);
    let audit = api.get(&format!("/projects/{}/audit", jira.project)).await.text;
    assert!(audit.contains("Milestones are kept in sync."), "{audit}");
    let gitlab = json!({"provider": "gitlab", "repository": "acme/checkout", "syncMilestones": true});
    let reply = put(&gitlab).await;
    assert_eq!(reply.status, 422);
    assert_eq!(reply.json["errors"]["syncMilestones"], "GitLab sends no milestones. Turn this off.");
    server.stop().await;
}
