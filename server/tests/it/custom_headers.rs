//! Headers that an admin adds to a webhook's requests.

use app::model::audit::AuditAction;
use app::model::custom_header::CustomHeader;
use app::model::destination::DestinationKind;
use app::model::webhook::{ChangeDestination, CreateWebhook, UpdateWebhook, Webhook};
use app::service::Webhooks;
use sea_orm::EntityTrait;
use serde_json::json;
use server::entity::{attempt, webhook};

use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

const VALUE: &str = "Bearer headerValueThatMustNotLeak";

fn header(name: &str, value: Option<&str>) -> CustomHeader {
    CustomHeader { name: name.into(), value: value.map(Into::into) }
}

/// A webhook with two headers.
async fn webhook_of(fixture: &OutboundFixture, receiver: &Receiver) -> Webhook {
    let custom_headers = vec![header("Authorization", Some(VALUE)), header("X-Env", Some("qa"))];
    let new = CreateWebhook { custom_headers, ..CreateWebhook::default() };
    fixture.try_webhook_with(&receiver.url("/"), new).await.unwrap().webhook
}

#[tokio::test]
async fn headers_are_sent_and_their_values_never_shown() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let created = webhook_of(&fixture, &receiver).await;
    assert_eq!(created.custom_headers, [header("Authorization", None), header("X-Env", None)]);
    fixture.issue("It breaks").await;
    let request = receiver.requests(1).await.pop().unwrap();
    assert_eq!((request.header("authorization"), request.header("x-env")), (VALUE, "qa"));
    assert_eq!(request.header("content-type"), "application/json");
    fixture.dispatch_idle().await;

    let detail = fixture.wait_for_attempts(created.id, 1).await;
    let hidden = detail.attempts[0].request_headers.iter().filter(|header| header.value == "••••");
    assert_eq!(hidden.map(|header| header.name.as_str()).collect::<Vec<_>>(), ["authorization", "x-env"]);
    let api = fixture.server.api(&fixture.ada).await;
    for path in [format!("/webhooks/{}", created.id), format!("/deliveries/{}", detail.delivery.id)] {
        assert!(!api.get(&path).await.text.contains("headerValueThatMustNotLeak"), "{path}");
    }
    let db = fixture.state().store.read();
    let stored = webhook::Entity::find_by_id(created.id).one(db).await.unwrap().unwrap();
    assert!(!stored.header_values.unwrap().windows(11).any(|part| part == b"headerValue"));
    let attempts = attempt::Entity::find().all(db).await.unwrap();
    assert!(!format!("{attempts:?}").contains("headerValueThatMustNotLeak"));
}

#[tokio::test]
async fn a_change_keeps_values_that_are_not_entered_again() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let id = webhook_of(&fixture, &receiver).await.id;
    let change = async |custom_headers: Vec<CustomHeader>| {
        let change = UpdateWebhook { custom_headers: Some(custom_headers), ..UpdateWebhook::default() };
        fixture.state().update_webhook(&fixture.ada, id, change).await
    };
    change(vec![header("authorization", None), header("X-New", Some("1"))]).await.unwrap();
    fixture.issue("It breaks").await;
    let request = receiver.requests(1).await.pop().unwrap();
    assert_eq!((request.header("authorization"), request.header("x-new")), (VALUE, "1"));
    assert!(!request.headers.contains_key("x-env"));

    // What is read can be sent back.
    let read = fixture.card(id).await.custom_headers;
    change(read).await.unwrap();
    assert_eq!(fixture.audit_details(AuditAction::WebhookUpdated).await, ["Custom headers"], "nothing changed");

    let unknown = change(vec![header("X-Unknown", None)]).await.unwrap_err();
    assert!(unknown.of_field("customHeaders").is_some_and(|message| message.contains("X-Unknown")));
    assert!(change(Vec::new()).await.unwrap().custom_headers.is_empty());
    let stored = webhook::Entity::find_by_id(id).one(fixture.state().store.read()).await.unwrap().unwrap();
    assert_eq!(stored.header_values, None);
}

#[tokio::test]
async fn reserved_and_unbounded_headers_are_refused() {
    let fixture = OutboundFixture::start().await;
    let api = fixture.server.api(&fixture.ada).await;
    let path = format!("/projects/{}/webhooks", fixture.project);
    let many: Vec<_> = (0..21).map(|n| json!({"name": format!("X-{n}"), "value": "1"})).collect();
    for headers in [
        json!([{"name": "Host", "value": "x"}]),
        json!([{"name": "content-type", "value": "x"}]),
        json!([{"name": "Content-Length", "value": "1"}]),
        json!([{"name": "Webhook-Id", "value": "x"}]),
        json!([{"name": "webhook-other", "value": "x"}]),
        json!([{"name": "X-Sig", "value": "x"}]),
        json!([{"name": "X-A", "value": "x"}, {"name": "x-a", "value": "y"}]),
        json!([{"name": "X-A", "value": "a\r\nHost: b"}]),
        json!([{"name": "X-A", "value": ""}]),
        json!([{"name": "X-A"}]),
        json!([{"name": "X-A", "value": "x".repeat(1_025)}]),
        json!(many),
    ] {
        let new = json!({"name": "x", "url": "http://127.0.0.1:9/", "events": ["*"], "customHeaders": headers,
            "signing": {"scheme": "shared_secret", "header": "X-Sig"}});
        let refused = api.post(&path, &new).await;
        assert!(
            refused.status == 422 && refused.json["errors"]["customHeaders"].is_string(),
            "{headers}: {}",
            refused.text
        );
    }
    let slack = json!({"name": "x", "url": "http://127.0.0.1:9/", "kind": "slack", "events": ["*"],
        "customHeaders": [{"name": "X-A", "value": "1"}]});
    assert!(api.post(&path, &slack).await.json["errors"]["customHeaders"].is_string());

    // The other way round: the signature can't take the name of a header.
    let receiver = Receiver::start().await;
    let id = webhook_of(&fixture, &receiver).await.id;
    let taken = json!({"signing": {"scheme": "shared_secret", "header": "x-env"}});
    let refused = api.post(&format!("/webhooks/{id}/signing"), &taken).await;
    assert!(refused.json["errors"]["header"].is_string(), "{}", refused.text);
}

#[tokio::test]
async fn a_chat_tool_loses_the_headers_and_jenkins_keeps_them() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let id = webhook_of(&fixture, &receiver).await.id;
    let change = async |path: &str, kind| {
        let change = ChangeDestination { url: receiver.url(path), kind: Some(kind), allow_insecure: None };
        fixture.state().change_destination(&fixture.ada, id, change).await.unwrap().webhook
    };
    let jenkins = change("/generic-webhook-trigger/invoke?token=t0k3n", DestinationKind::Jenkins).await;
    assert_eq!(jenkins.custom_headers.len(), 2);
    fixture.issue("It breaks").await;
    let request = receiver.requests(1).await.pop().unwrap();
    assert_eq!((request.header("authorization"), request.header("token")), (VALUE, "t0k3n"));
    assert!(change("/hook", DestinationKind::Slack).await.custom_headers.is_empty());
    assert!(change("/hook", DestinationKind::Generic).await.custom_headers.is_empty());
}

#[tokio::test]
async fn stored_values_do_not_go_to_another_server() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let other = Receiver::start().await;
    let id = webhook_of(&fixture, &receiver).await.id;
    let update = async |custom_headers: Option<Vec<CustomHeader>>| {
        let change = UpdateWebhook { url: Some(other.url("/")), custom_headers, ..UpdateWebhook::default() };
        fixture.state().update_webhook(&fixture.ada, id, change).await
    };
    let kept = vec![header("Authorization", None), header("X-Env", Some("qa"))];
    for headers in [None, Some(kept)] {
        let refused = update(headers).await.unwrap_err();
        assert!(refused.of_field("url").is_some_and(|why| why.contains("custom headers again")), "{refused}");
    }
    let change = ChangeDestination { url: other.url("/"), kind: None, allow_insecure: None };
    let refused = fixture.state().change_destination(&fixture.ada, id, change).await.err().unwrap();
    assert!(refused.of_field("url").is_some(), "{refused}");
    update(Some(vec![header("Authorization", Some("Bearer of the new one"))])).await.unwrap();
    fixture.issue("It breaks").await;
    assert_eq!(other.requests(1).await[0].header("authorization"), "Bearer of the new one");

    let secret = json!({"signing": {"scheme": "shared_secret", "header": "X-Secret"}});
    let api = fixture.server.api(&fixture.ada).await;
    assert_eq!(api.post(&format!("/webhooks/{id}/signing"), &secret).await.status, 200);
    let moved = json!({"url": receiver.url("/"), "customHeaders": []});
    let refused = api.patch(&format!("/webhooks/{id}"), &moved).await;
    assert!(refused.json["errors"]["url"].as_str().unwrap().contains("stored secret"), "{}", refused.text);
}

#[tokio::test]
async fn single_headers_are_set_and_removed() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let other = Receiver::start().await;
    let id = webhook_of(&fixture, &receiver).await.id;
    let api = fixture.server.api(&fixture.ada).await;
    let patch = async |change: serde_json::Value| api.patch(&format!("/webhooks/{id}"), &change).await;
    let changed =
        patch(json!({"setHeaders": [{"name": "x-env", "value": "prod"}, {"name": "X-New", "value": "1"}]})).await;
    let expected = json!([{"name": "Authorization"}, {"name": "x-env"}, {"name": "X-New"}]);
    assert_eq!(changed.json["customHeaders"], expected, "{}", changed.text);
    fixture.issue("It breaks").await;
    let request = receiver.requests(1).await.pop().unwrap();
    let sent = ["authorization", "x-env", "x-new"].map(|name| request.header(name).to_owned());
    assert_eq!(sent, [VALUE, "prod", "1"]);
    let removed = patch(json!({"removeHeaders": ["X-NEW", "X-Unknown"]})).await;
    assert_eq!(removed.json["customHeaders"].as_array().map(Vec::len), Some(2), "{}", removed.text);
    for (change, field) in [
        (json!({"customHeaders": [], "removeHeaders": ["X-Env"]}), "customHeaders"),
        (json!({"setHeaders": [{"name": "X-A", "value": "1"}], "removeHeaders": ["x-a"]}), "removeHeaders"),
        (json!({"setHeaders": [{"name": "X-A"}]}), "customHeaders"),
        (json!({"setHeaders": [{"name": "Host", "value": "x"}]}), "customHeaders"),
        (json!({"setHeaders": [{"name": "X-A", "value": "1"}, {"name": "x-a", "value": "2"}]}), "customHeaders"),
        // The stored value of Authorization would go to another server.
        (json!({"url": other.url("/"), "setHeaders": [{"name": "X-Env", "value": "qa"}]}), "url"),
    ] {
        let refused = patch(change.clone()).await;
        assert!(refused.status == 422 && refused.json["errors"][field].is_string(), "{change}: {}", refused.text);
    }
    let moved = json!({"url": other.url("/"), "setHeaders": [{"name": "X-Env", "value": "qa"}], "removeHeaders": ["Authorization"]});
    assert_eq!(patch(moved).await.json["customHeaders"], json!([{"name": "X-Env"}]));
}
