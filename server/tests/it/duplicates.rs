//! Copies of webhooks: what they have of the original, and what not.

use app::model::audit::AuditAction;
use app::model::custom_header::CustomHeader;
use app::model::delivery_policy::PolicyChange;
use app::model::webhook::CreateWebhook;
use app::model::webhook_scope::ScopeKind;
use app::service::{Projects, Webhooks};
use http::Method;
use serde_json::{Value, json};

use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;
use crate::support::scope::ScopeFixture;

const HEADER: &str = "Bearer valueOfTheOriginal";

#[tokio::test]
async fn a_copy_has_the_settings_of_the_original_and_its_own_secret() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let new = CreateWebhook {
        custom_headers: vec![CustomHeader { name: "Authorization".into(), value: Some(HEADER.into()) }],
        policy: PolicyChange { retry_delays: Some(vec![1]), timeout_seconds: Some(3), ..PolicyChange::default() },
        ..CreateWebhook::default()
    };
    let original = fixture.try_webhook_with(&receiver.url("/hook"), new).await.unwrap();
    let api = fixture.server.api(&fixture.ada).await;
    let reply = api.call(Method::POST, &format!("/webhooks/{}/duplicate", original.webhook.id), None).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let copy = &reply.json["webhook"];
    let same = serde_json::to_value(&original.webhook).unwrap();
    assert_eq!((&copy["name"], &copy["active"]), (&json!(format!("Copy of {}", original.webhook.name)), &json!(false)));
    for field in ["url", "events", "policy", "conditions", "signing", "customHeaders", "scope", "kind", "whileInactive"]
    {
        assert_eq!(copy[field], same[field], "{field}");
    }
    assert_ne!(reply.json["reveal"]["secret"], json!(original.reveal.unwrap().secret));
    assert!(reply.json["reveal"]["secret"].as_str().unwrap().starts_with("whsec_"));
    assert!(!reply.text.contains("valueOfTheOriginal"));

    fixture.issue("Only for the original").await;
    receiver.requests(1).await;
    fixture.dispatch_idle().await;
    let path = format!("/webhooks/{}", copy["id"].as_str().unwrap());
    assert_eq!(api.call(Method::POST, &format!("{path}/test"), None).await.status, 201);
    let test = receiver.requests(2).await.pop().unwrap();
    assert_eq!((test.uri.path(), test.header("authorization")), ("/hook", HEADER));
    let log = fixture.audit_log().await;
    let created = log.iter().filter(|entry| entry.action == AuditAction::WebhookCreated);
    assert!(created.map(|entry| entry.subject_name.as_str()).any(|name| name.starts_with("Copy of ")));
}

#[tokio::test]
async fn the_hidden_url_of_a_chat_tool_is_copied_and_not_shown() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let url = receiver.url("/services/T000/B000/hiddenToken");
    let new = CreateWebhook { kind: Some("slack".parse().unwrap()), ..CreateWebhook::default() };
    let original = fixture.try_webhook_with(&url, new).await.unwrap().webhook;
    let api = fixture.server.api(&fixture.ada).await;
    let reply = api.call(Method::POST, &format!("/webhooks/{}/duplicate", original.id), None).await;
    assert_eq!((reply.status, &reply.json["reveal"]), (201, &json!(null)), "{}", reply.text);
    assert!(!reply.text.contains("hiddenToken"));
    let id = reply.json["webhook"]["id"].as_str().unwrap().to_owned();
    assert_eq!(api.call(Method::POST, &format!("/webhooks/{id}/test"), None).await.status, 201);
    assert_eq!(receiver.requests(1).await[0].uri.path(), "/services/T000/B000/hiddenToken");
}

#[tokio::test]
async fn only_an_admin_of_all_projects_duplicates_a_webhook() {
    let fixture = ScopeFixture::start().await;
    let shared = fixture.shared().await;
    let duplicate = |actor| fixture.server.state.duplicate_webhook(actor, shared.id);
    assert_eq!(duplicate(&fixture.bob).await.err().unwrap().status(), 403);
    let copy = duplicate(&fixture.ada).await.unwrap().webhook;
    assert_eq!((copy.scope.kind, copy.scope.projects.len()), (ScopeKind::Projects, 2));
    let stranger = fixture.server.user("Eve", false).await;
    assert_eq!(duplicate(&stranger).await.err().unwrap().status(), 404);
    for project in [fixture.web, fixture.app] {
        fixture.server.state.delete_project(&fixture.root, project).await.unwrap();
    }
    let orphaned = duplicate(&fixture.root).await.err().unwrap();
    assert!(orphaned.status() == 409 && orphaned.to_string().contains("Select other projects"), "{orphaned}");
}

#[tokio::test]
async fn a_webhook_of_several_projects_is_created_without_naming_one_in_the_path() {
    let fixture = ScopeFixture::start().await;
    let new = |scope: Value| json!({"name": "x", "url": fixture.receiver.url("/"), "events": ["*"], "scope": scope});
    let bob = fixture.server.api(&fixture.bob).await;
    let both = json!({"kind": "projects", "projectIds": [fixture.app, fixture.web]});
    assert_eq!(bob.post("/webhooks", &new(both.clone())).await.status, 404, "a project that Bob can't see");
    assert_eq!(bob.post("/webhooks", &new(json!({"kind": "all"}))).await.status, 403);
    assert_eq!(bob.post("/webhooks", &new(Value::Null)).await.status, 422);
    let ada = fixture.server.api(&fixture.ada).await;
    let made = ada.post("/webhooks", &new(both)).await;
    assert_eq!((made.status, &made.json["webhook"]["scope"]["kind"]), (201, &json!("projects")), "{}", made.text);
    let root = fixture.server.api(&fixture.root).await;
    let made = root.post("/webhooks", &new(json!({"kind": "all"}))).await;
    assert_eq!((made.status, &made.json["webhook"]["scope"]["kind"]), (201, &json!("all")), "{}", made.text);
    assert_eq!(made.json["webhook"]["projectId"], json!(fixture.web), "the oldest project is the owner");
}
