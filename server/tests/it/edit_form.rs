//! The forms of webhooks: the one that edits, while another admin changes the webhook, and the one that adds.

use app::model::audit::AuditAction;
use app::model::body_template::{BodyTemplate, TemplateContentType};
use app::model::custom_header::CustomHeader;
use app::model::delivery_policy::PolicyChange;
use app::model::webhook::{CreateWebhook, CreatedWebhook, UpdateWebhook, Webhook};
use app::service::Webhooks;
use serde_json::json;

use crate::support::api::Reply;
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

/// The fields of the form as the page shows them for a webhook, and the change that leaves them as they are.
fn form_of(webhook: &Webhook) -> Vec<(&'static str, String)> {
    let policy = webhook.policy.clone().unwrap();
    let initial = UpdateWebhook {
        name: Some(webhook.name.clone()),
        url: Some(webhook.url.clone()),
        policy: policy.clone().into(),
        custom_headers: Some(webhook.custom_headers.clone()),
        conditions: Some(webhook.conditions.clone()),
        body_template: Some(BodyTemplate { text: String::new(), content_type: TemplateContentType::Json }),
        allow_insecure: Some(webhook.allow_insecure),
        ..UpdateWebhook::default()
    };
    let headers = webhook.custom_headers.iter().flat_map(|header| {
        [("connection[header_names][]", header.name.clone()), ("connection[header_values][]", String::new())]
    });
    let fields = [
        ("id", webhook.id.to_string()),
        ("initial", serde_json::to_string(&initial).unwrap()),
        ("name", webhook.name.clone()),
        ("url", webhook.url.clone()),
        ("conditions[has_conditions]", "true".to_owned()),
        ("conditions[mode]", "all".to_owned()),
        ("template[has_template]", "true".to_owned()),
        ("template[content_type]", "application/json".to_owned()),
        ("template[text]", String::new()),
        ("policy[retries]", "default".to_owned()),
        ("policy[custom_retries]", String::new()),
        ("policy[timeout]", policy.timeout_seconds.to_string()),
        ("policy[degraded_after]", policy.degraded_after.to_string()),
        ("policy[disabled_after]", policy.disabled_after.to_string()),
        ("policy[disabled_after_hours]", policy.disabled_after_hours.to_string()),
        ("policy[rate_limit]", String::new()),
        ("policy[rate_period]", "second".to_owned()),
        ("connection[has_headers]", "true".to_owned()),
    ];
    fields.into_iter().chain(headers).collect()
}

async fn send(fixture: &OutboundFixture, fields: &[(&'static str, String)]) -> Webhook {
    let reply = post(fixture, "/ui/webhooks/edit", fields).await;
    serde_json::from_str(&reply.text).unwrap()
}

async fn post(fixture: &OutboundFixture, path: &str, fields: &[(&'static str, String)]) -> Reply {
    let api = fixture.server.api(&fixture.ada).await;
    let token = api.post("/tokens", &json!({"name": "x", "scope": "admin"})).await.json["secret"].clone();
    let request = fixture.server.http.post(fixture.server.url(path));
    let request = request.bearer_auth(token.as_str().unwrap());
    let body = serde_urlencoded::to_string(fields).unwrap();
    let reply = Reply::send(request.header("content-type", "application/x-www-form-urlencoded").body(body)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply
}

async fn webhook_of(fixture: &OutboundFixture, receiver: &Receiver) -> Webhook {
    let header = CustomHeader { name: "X-Env".into(), value: Some("qa".into()) };
    let new = CreateWebhook { custom_headers: vec![header], ..CreateWebhook::default() };
    fixture.try_webhook_with(&receiver.url("/"), new).await.unwrap().webhook
}

#[tokio::test]
async fn an_edit_keeps_what_another_admin_changed_meanwhile() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let shown = webhook_of(&fixture, &receiver).await;
    let header = CustomHeader { name: "X-Team".into(), value: Some("web".into()) };
    let by_other = UpdateWebhook {
        url: Some(receiver.url("/moved")),
        policy: PolicyChange { timeout_seconds: Some(7), ordered: Some(true), ..PolicyChange::default() },
        conditions: Some(
            serde_json::from_value(json!({"rules": [{"path": "data.title", "operator": "exists"}]})).unwrap(),
        ),
        body_template: Some(BodyTemplate { text: "{}".into(), content_type: TemplateContentType::Json }),
        custom_headers: Some(vec![header]),
        ..UpdateWebhook::default()
    };
    let changed = fixture.state().update_webhook(&fixture.ada, shown.id, by_other).await.unwrap();

    let mut fields = form_of(&shown);
    for (name, value) in &mut fields {
        match *name {
            "name" => "Renamed".clone_into(value),
            "policy[disabled_after]" => "20".clone_into(value),
            _ => {}
        }
    }
    let edited = send(&fixture, &fields).await;
    assert_eq!(edited.name, "Renamed");
    let policy = edited.policy.clone().unwrap();
    assert_eq!((policy.disabled_after, policy.timeout_seconds, policy.ordered), (20, 7, true));
    assert_eq!((&edited.url, &edited.conditions), (&changed.url, &changed.conditions));
    assert_eq!((&edited.body_template, &edited.custom_headers), (&changed.body_template, &changed.custom_headers));
    assert_eq!(
        fixture.audit_details(AuditAction::WebhookUpdated).await.last().unwrap(),
        "Name, Disabled after from 10 to 20"
    );
}

/// The form with other headers.
fn with_headers(
    mut fields: Vec<(&'static str, String)>,
    headers: &[(&'static str, &'static str)],
) -> Vec<(&'static str, String)> {
    fields.retain(|(name, _)| !name.starts_with("connection[header_"));
    for (name, value) in headers {
        fields.push(("connection[header_names][]", (*name).to_owned()));
        fields.push(("connection[header_values][]", (*value).to_owned()));
    }
    fields
}

#[tokio::test]
async fn two_edits_of_different_headers_are_both_kept() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let headers = ["X-Env", "X-Old", "X-Same"].map(|name| CustomHeader { name: name.into(), value: Some("1".into()) });
    let new = CreateWebhook { custom_headers: headers.into(), ..CreateWebhook::default() };
    let shown = fixture.try_webhook_with(&receiver.url("/"), new).await.unwrap().webhook;
    // An empty field keeps the stored value.
    let first = with_headers(form_of(&shown), &[("X-Env", "prod"), ("X-Old", ""), ("X-Same", "")]);
    let second = with_headers(form_of(&shown), &[("X-Env", ""), ("X-Same", ""), ("X-New", "2")]);
    send(&fixture, &first).await;
    let edited = send(&fixture, &second).await;
    let names: Vec<_> = edited.custom_headers.iter().map(|header| header.name.as_str()).collect();
    assert_eq!(names, ["X-Env", "X-Same", "X-New"]);
    fixture.issue("It breaks").await;
    let request = receiver.requests(1).await.pop().unwrap();
    assert_eq!(["x-env", "x-same", "x-new"].map(|name| request.header(name).to_owned()), ["prod", "1", "2"]);
    assert!(!request.headers.contains_key("x-old"));
}

#[tokio::test]
async fn an_unedited_form_changes_nothing() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let shown = webhook_of(&fixture, &receiver).await;
    assert_eq!(send(&fixture, &form_of(&shown)).await, shown);
    assert!(fixture.audit_details(AuditAction::WebhookUpdated).await.is_empty());
}

#[tokio::test]
async fn a_chat_tool_is_added_with_a_digest() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let fields = [
        ("project", fixture.project.to_string()),
        ("name", "qa-alerts".to_owned()),
        ("url", receiver.url("/services/T000/B000/token")),
        ("kind", "slack".to_owned()),
        ("events[]", "issue.created".to_owned()),
        ("policy[digest]", "15".to_owned()),
    ];
    let policy = form_of(&webhook_of(&fixture, &receiver).await);
    let policy = policy.into_iter().filter(|(name, _)| name.starts_with("policy["));
    let fields: Vec<_> = fields.into_iter().chain(policy).collect();
    let reply = post(&fixture, "/ui/webhooks/create", &fields).await;
    let added: CreatedWebhook = serde_json::from_str(&reply.text).unwrap();
    assert_eq!(added.webhook.policy.unwrap().digest_minutes, 15);
}
