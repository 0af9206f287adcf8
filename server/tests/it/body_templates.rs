//! The template of a webhook's body.

use app::model::audit::AuditAction;
use app::model::body_template::{BodyTemplate, TemplateContentType};
use app::model::delivery::DeliveryStatus;
use app::model::delivery_policy::PolicyChange;
use app::model::destination::DestinationKind;
use app::model::webhook::{ChangeDestination, CreateWebhook, CreatedWebhook, Health, SendTest, UpdateWebhook};
use app::service::Webhooks;
use serde_json::json;
use standardwebhooks::Webhook;

use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

fn template(text: &str) -> BodyTemplate {
    BodyTemplate { text: text.to_owned(), content_type: TemplateContentType::Json }
}

async fn webhook_with(fixture: &OutboundFixture, receiver: &Receiver, text: &str) -> CreatedWebhook {
    let body_template = Some(template(text));
    let policy = PolicyChange { retry_client_errors: Some(true), ..PolicyChange::default() };
    let new = CreateWebhook { body_template, policy, ..CreateWebhook::default() };
    fixture.try_webhook_with(&receiver.url("/"), new).await.unwrap()
}

const TITLE: &str = r#"{"text": {{ "New: " ~ data.title }}, "labels": {{ data.labels }}}"#;

#[tokio::test]
async fn the_rendered_body_is_signed_sent_and_recorded() {
    let fixture = OutboundFixture::start().await;
    fixture.server.advance_to_system_time();
    let receiver = Receiver::start().await;
    let created = webhook_with(&fixture, &receiver, TITLE).await;
    fixture.issue("A \"quote\" & {{ 7 * 7 }}").await;
    let request = receiver.requests(1).await.pop().unwrap();
    assert_eq!(request.json(), json!({"text": "New: A \"quote\" & {{ 7 * 7 }}", "labels": []}));
    assert_eq!(request.header("content-type"), "application/json");
    assert!(request.header("webhook-id").starts_with("evt_"));
    let secret = created.reveal.unwrap().secret.unwrap();
    assert!(Webhook::new(&secret).unwrap().verify(&request.body, &request.headers).is_ok());
    let detail = fixture.wait_for_attempts(created.webhook.id, 1).await;
    let sent = String::from_utf8(request.body.to_vec()).unwrap();
    assert_eq!((detail.attempts[0].request_body.as_deref(), detail.body.as_deref()), (Some(&*sent), Some(&*sent)));
}

#[tokio::test]
async fn a_change_applies_to_waiting_deliveries() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let id = webhook_with(&fixture, &receiver, TITLE).await.webhook.id;
    fixture.state().deactivate_webhook(&fixture.ada, id).await.unwrap();
    fixture.issue("Held").await;
    let body = fixture.deliveries(id).await[0].body.clone().unwrap();
    assert!(body.starts_with(r#"{"text": "New: Held""#), "{body}");
    let form = BodyTemplate { text: "title={{ data.title }}".into(), content_type: TemplateContentType::Form };
    let change = |template| UpdateWebhook { body_template: Some(template), ..UpdateWebhook::default() };
    let changed = fixture.state().update_webhook(&fixture.ada, id, change(form.clone())).await.unwrap();
    assert_eq!(changed.body_template, Some(form));
    fixture.state().test_webhook(&fixture.ada, id, SendTest::default()).await.unwrap();
    let request = receiver.requests(1).await.pop().unwrap();
    assert_eq!(request.header("content-type"), "application/x-www-form-urlencoded");
    assert!(request.body.starts_with(b"title="));
    let removed = fixture.state().update_webhook(&fixture.ada, id, change(template(" "))).await.unwrap();
    assert_eq!(removed.body_template, None);
    let body = fixture.deliveries(id).await.pop().unwrap().body.unwrap();
    assert!(body.starts_with(r#"{"id":"evt_"#), "{body}");
    assert_eq!(fixture.audit_details(AuditAction::WebhookUpdated).await, ["Body", "Body"]);
}

#[tokio::test]
async fn a_template_that_fails_is_one_failed_attempt() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    // The samples have labels.
    let id = webhook_with(&fixture, &receiver, "{\n\"n\": {{ 10 / data.labels|length }}}").await.webhook.id;
    fixture.issue("Without labels").await;
    let detail = fixture.wait_for_attempts(id, 1).await;
    assert_eq!(detail.delivery.status, DeliveryStatus::Exhausted, "also if 4xx responses are retried");
    let error = detail.attempts[0].error.as_deref().unwrap();
    assert!(error.starts_with("Nothing was sent: the body template can't be rendered. Line 2: "), "{error}");
    assert_eq!((detail.delivery.error.as_deref(), detail.delivery.next_attempt_at), (Some(error), None));
    fixture.dispatch_idle().await;
    let card = fixture.card(id).await;
    assert_eq!((card.health, card.consecutive_failures), (Health::Healthy, 0), "the endpoint is not to blame");
    assert!(receiver.requests_so_far().is_empty());
}

#[tokio::test]
async fn an_invalid_template_is_refused_with_its_line() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let id = webhook_with(&fixture, &receiver, TITLE).await.webhook.id;
    let api = fixture.server.api(&fixture.ada).await;
    let long = "x".repeat(16 * 1024 + 1);
    for (text, expected) in [
        ("{\n{% if %}", "Line 2: syntax error"),
        ("{\n\n{{ data.titel }}}", "Line 3: the event has no such field"),
        ("{{ data.statusKind }}{{ 1 }}", "not valid JSON"),
        ("{% include 'x' %}", "Line 1: syntax error"),
        ("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "too much work"),
        (&long, "at most 16 KiB"),
        ("\0", "U+0000"),
    ] {
        let body_template = json!({"text": text});
        let new =
            json!({"name": "x", "url": "http://127.0.0.1:9/", "events": ["issue.*"], "bodyTemplate": body_template});
        for reply in [
            api.post(&format!("/projects/{}/webhooks", fixture.project), &new).await,
            api.patch(&format!("/webhooks/{id}"), &json!({"bodyTemplate": body_template})).await,
        ] {
            let error = reply.json["errors"]["bodyTemplate"].as_str().unwrap_or_default();
            assert!(reply.status == 422 && error.contains(expected), "{text:.40}: {}", reply.text);
        }
    }
    // The template has to suit events that are added later.
    let reply = api.patch(&format!("/webhooks/{id}"), &json!({"addEvents": ["test_run.completed"]})).await;
    let error = reply.json["errors"]["bodyTemplate"].as_str().unwrap_or_default();
    assert!(error.contains("test_run.completed") && error.contains("data.title"), "the line is quoted: {}", reply.text);
    assert_eq!(fixture.card(id).await.events.len(), 2);
}

#[tokio::test]
async fn a_preview_renders_a_sample_and_saves_nothing() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let api = fixture.server.api(&fixture.ada).await;
    let path = format!("/projects/{}/webhooks/template/preview", fixture.project);
    let run = json!({"template": {"text": "{{ data.name }}: {{ data.counts.failed }} failed", "contentType": "text/plain"},
        "event": "test_run.completed"});
    assert_eq!(api.post(&path, &run).await.json["body"], "Release 4.2: 1 failed");
    let test = json!({"template": {"text": "[{{ type }}]"}});
    assert_eq!(api.post(&path, &test).await.json["body"], "[\"webhook.test\"]");
    let wrong = json!({"template": {"text": "\n{{ data.name"}});
    let reply = api.post(&path, &wrong).await;
    assert!(reply.json["errors"]["bodyTemplate"].as_str().unwrap().starts_with("Line 2: "), "{}", reply.text);
    assert!(receiver.requests_so_far().is_empty() && fixture.audit_log().await.len() <= 1);
}

#[tokio::test]
async fn only_generic_endpoints_take_a_template() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let api = fixture.server.api(&fixture.ada).await;
    let slack = json!({"name": "x", "url": "http://127.0.0.1:9/", "kind": "slack", "events": ["*"],
        "bodyTemplate": {"text": "x", "contentType": "text/plain"}});
    let reply = api.post(&format!("/projects/{}/webhooks", fixture.project), &slack).await;
    assert!(reply.json["errors"]["bodyTemplate"].is_string(), "{}", reply.text);
    let id = webhook_with(&fixture, &receiver, TITLE).await.webhook.id;
    for (kind, kept) in [(DestinationKind::Generic, true), (DestinationKind::Slack, false)] {
        let change = ChangeDestination { url: receiver.url("/hook"), kind: Some(kind), allow_insecure: None };
        let changed = fixture.state().change_destination(&fixture.ada, id, change).await.unwrap().webhook;
        assert_eq!(changed.body_template.is_some(), kept, "{kind}");
    }
}
