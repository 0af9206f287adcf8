//! Chat tools and Jenkins: detection, messages, answers, and changes of the destination.

use std::time::Duration;

use app::error::Error;
use app::model::audit::AuditAction;
use app::model::catalog::{EventType, Subscription};
use app::model::delivery::DeliveryStatus;
use app::model::destination::DestinationKind;
use app::model::webhook::{ChangeDestination, CreateWebhook, Health, SendTest, WebhookKind};
use app::service::Webhooks;
use axum::response::IntoResponse;
use http::StatusCode;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::Value;
use server::entity::webhook_secret;

use crate::support::outbound::OutboundFixture;
use crate::support::platform::{Platform, TOKEN};
use crate::support::receiver::Receiver;

/// All kinds with a format of their own.
fn platforms() -> impl Iterator<Item = DestinationKind> {
    DestinationKind::ALL.iter().copied().filter(|kind| *kind != DestinationKind::Generic)
}

/// The messages are also written to `target/tmp/messages`, where `cargo xtask test interop` checks
/// them with packages of the platforms.
#[tokio::test]
async fn every_event_arrives_on_every_platform() {
    for kind in platforms() {
        let platform = Platform::start(kind).await;
        let id = platform.webhook().await.webhook.id;
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("messages").join(kind.as_str());
        std::fs::create_dir_all(&folder).unwrap();
        for (number, &event) in EventType::ALL.iter().enumerate() {
            let data = serde_json::to_value(event.sample()).unwrap()["data"].take();
            let name = data["title"].as_str().or(data["name"].as_str()).unwrap().to_owned();
            // Webhooks have no key.
            let key = data["key"].as_str().unwrap_or_default().to_owned();
            platform.emit(event, data).await;
            let request = platform.receiver.requests(number + 1).await.pop().unwrap();
            let said = texts(&request.json()).join("\n");
            for part in [&*key, &name, &event.headline(), "Ada", "WEB"] {
                assert!(said.replace('\\', "").contains(part), "{kind} {event}: {part} in {said}");
            }
            std::fs::write(folder.join(format!("{event}.json")), &request.body).unwrap();
            platform.fixture.dispatch_idle().await;
            platform.fixture.advance(Duration::from_secs(2));
        }
        let delivered = platform.fixture.deliveries(id).await;
        assert!(delivered.iter().all(|detail| detail.delivery.status == DeliveryStatus::Delivered), "{kind}");

        platform.fixture.state().test_webhook(&platform.fixture.ada, id, SendTest::default()).await.unwrap();
        let test = platform.receiver.requests(EventType::ALL.len() + 1).await.pop().unwrap();
        assert!(texts(&test.json()).join("\n").contains("Test from Testbell"), "{kind}");
        std::fs::write(folder.join("test.json"), &test.body).unwrap();
    }
}

#[tokio::test]
async fn a_completed_run_has_its_counts_and_a_link_on_every_platform() {
    for kind in platforms() {
        let platform = Platform::start(kind).await;
        platform.webhook().await;
        let mut data = serde_json::to_value(EventType::TestRunCompleted.sample()).unwrap()["data"].take();
        data["counts"]["passed"] = 137.into();
        let link = data["link"].as_str().unwrap().to_owned();
        platform.emit(EventType::TestRunCompleted, data).await;
        let request = platform.receiver.requests(1).await.pop().unwrap();
        let message = request.json().to_string().replace('\\', "");
        assert!(message.contains("137") && message.contains(&link), "{kind}: {message}");
    }
}

/// All texts of a message.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn the_credential_in_a_url_is_never_shown() {
    for kind in platforms() {
        let platform = Platform::start(kind).await;
        let created = platform.webhook().await;
        assert_eq!(created.webhook.kind, WebhookKind::Destination(kind));
        assert!(created.reveal.is_none() && created.webhook.secrets.is_empty());
        platform.fixture.issue("Total is wrong").await;
        let detail = platform.fixture.wait_for_attempts(created.webhook.id, 1).await;
        let request = platform.receiver.requests(1).await.pop().unwrap();
        let sent = format!("{} {:?}", request.uri, request.headers);
        assert!(sent.contains(TOKEN), "{kind}: {sent}");
        assert!(!request.headers.contains_key("webhook-signature"));
        for shown in [serde_json::to_string(&created).unwrap(), serde_json::to_string(&detail).unwrap()] {
            assert!(shown.contains("••••") && !shown.contains(TOKEN), "{kind}: {shown}");
        }
    }
}

#[tokio::test]
async fn jenkins_gets_its_token_in_a_header_and_only_tests_are_dry_runs() {
    let jenkins = Platform::start(DestinationKind::Jenkins).await;
    let id = jenkins.webhook().await.webhook.id;
    jenkins.fixture.issue("Total is wrong").await;
    let event = jenkins.receiver.requests(1).await.pop().unwrap();
    assert_eq!(event.uri.to_string(), "/jenkins/generic-webhook-trigger/invoke");
    assert_eq!(event.header("token"), TOKEN);
    assert!(!event.headers.contains_key("gwt-dry-run"));
    jenkins.fixture.dispatch_idle().await;
    jenkins.fixture.state().test_webhook(&jenkins.fixture.ada, id, SendTest::default()).await.unwrap();
    let test = jenkins.receiver.requests(2).await.pop().unwrap();
    assert_eq!(test.header("gwt-dry-run"), "true");
}

#[tokio::test]
async fn urls_keep_their_parameters_and_get_those_of_the_platform() {
    for (kind, query) in [
        (DestinationKind::Teams, format!("?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sig={TOKEN}")),
        (DestinationKind::Discord, "?wait=true".to_owned()),
        (DestinationKind::GoogleChat, format!("?key=k&token={TOKEN}&requestId=dlv_")),
    ] {
        let platform = Platform::start(kind).await;
        platform.webhook().await;
        platform.fixture.issue("One").await;
        let uri = platform.receiver.requests(1).await.pop().unwrap().uri.to_string();
        assert!(uri.contains(&query), "{kind}: {query} in {uri}");
    }
}

#[tokio::test]
async fn errors_of_platforms_are_explained() {
    let cases = [
        (DestinationKind::Teams, 404, "", "The workflow was deleted."),
        (
            DestinationKind::Teams,
            200,
            "Webhook message delivery failed with error: HTTP 413",
            "did not post the message",
        ),
        (DestinationKind::Discord, 404, r#"{"message":"Unknown Webhook","code":10015}"#, "was deleted in Discord"),
        (
            DestinationKind::GoogleChat,
            403,
            r#"{"error":{"code":403,"message":"x","status":"PERMISSION_DENIED"}}"#,
            "its key or token is wrong",
        ),
        (DestinationKind::Jenkins, 404, r#"{"jobs":null,"message":"Did not find any jobs"}"#, "No job has this token"),
        (DestinationKind::Jenkins, 500, "", "The endpoint responded with 500"),
    ];
    for (kind, status, body, words) in cases {
        let status = StatusCode::from_u16(status).unwrap();
        let platform = Platform::answering(kind, move |_| (status, body)).await;
        let id = platform.webhook().await.webhook.id;
        platform.fixture.issue("It breaks").await;
        let error = platform.fixture.wait_for_attempts(id, 1).await.delivery.error.unwrap();
        assert!(error.contains(words), "{kind} {status}: {error}");
    }
}

#[tokio::test]
async fn a_rate_limit_of_discord_pauses_as_long_as_its_body_says() {
    let discord = Platform::answering(DestinationKind::Discord, |n| match n {
        0 => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "30")], r#"{"retry_after":4.25}"#).into_response(),
        _ => StatusCode::NO_CONTENT.into_response(),
    })
    .await;
    discord.webhook().await;
    discord.fixture.issue("One").await;
    discord.receiver.requests(1).await;
    discord.fixture.dispatch_idle().await;
    discord.fixture.issue("Two").await;
    discord.fixture.advance(Duration::from_secs(4));
    discord.fixture.dispatch_idle().await;
    discord.receiver.requests(1).await;
    discord.fixture.advance(Duration::from_secs(1));
    discord.receiver.requests(2).await;
}

fn refusal<T>(result: app::error::Result<T>) -> String {
    let error: Error = result.map(drop).unwrap_err();
    error.of_field("url").unwrap().to_owned()
}

#[tokio::test]
async fn a_type_can_be_selected_where_the_url_leaves_a_choice() {
    let teams = Platform::start(DestinationKind::Teams).await;
    let create = |url: String, kind| {
        let events = vec![Subscription::All];
        let new = CreateWebhook { name: "w".into(), url, kind, events, ..CreateWebhook::default() };
        teams.fixture.state().create_webhook(&teams.fixture.ada, teams.fixture.project, new)
    };
    let generic = create(teams.url(), Some(DestinationKind::Generic)).await.unwrap();
    assert_eq!(generic.webhook.kind, WebhookKind::Destination(DestinationKind::Generic));
    assert!(generic.reveal.is_some_and(|reveal| reveal.secret.is_some()));
    // Other services accept Slack's messages.
    let compatible = create(teams.receiver.url("/hooks/x"), Some(DestinationKind::Slack)).await.unwrap();
    assert_eq!(compatible.webhook.kind, WebhookKind::Destination(DestinationKind::Slack));
    assert_eq!(compatible.webhook.url, format!("{}••••", teams.receiver.url("/")));

    let discord = "https://discord.com/api/webhooks/1/x".to_owned();
    assert!(refusal(create(discord.clone(), Some(DestinationKind::Generic)).await).contains("belongs to Discord"));
    assert!(refusal(create(format!("{discord}/slack"), None).await).contains("an ID, and a token"));
    assert!(refusal(create(teams.receiver.url("/"), Some(DestinationKind::Jenkins)).await).contains("generic-webhook"));
    for host in ["acme.webhook.office.com", "outlook.office.com"] {
        let retired = create(format!("https://{host}/webhookb2/x"), None).await;
        assert!(refusal(retired).contains("open Workflows"), "{host}");
    }
}

#[tokio::test]
async fn a_changed_destination_keeps_the_webhook_and_gets_what_waits() {
    let slack = Platform::answering(DestinationKind::Slack, |_| StatusCode::BAD_GATEWAY).await;
    let (state, ada) = (slack.fixture.state(), &slack.fixture.ada);
    let id = slack.webhook().await.webhook.id;
    slack.fixture.issue("Waits").await;
    slack.receiver.requests(1).await;
    slack.fixture.dispatch_idle().await;

    let endpoint = Receiver::start().await;
    let change = ChangeDestination { url: endpoint.url("/hook"), kind: None, allow_insecure: None };
    let changed = state.change_destination(ada, id, change).await.unwrap();
    assert_eq!(changed.webhook.kind, WebhookKind::Destination(DestinationKind::Generic));
    assert_eq!((changed.webhook.url.as_str(), changed.webhook.name.as_str()), (endpoint.url("/hook").as_str(), "#qa"));
    let secret = changed.reveal.unwrap().secret.unwrap();
    assert!(secret.starts_with("whsec_"));
    slack.fixture.advance(Duration::from_secs(3600));
    let request = endpoint.requests(1).await.pop().unwrap();
    assert_eq!(request.json()["type"], "issue.created");
    assert!(request.headers.contains_key("webhook-signature"));
    let audit = slack.fixture.audit_details(AuditAction::WebhookUpdated).await;
    assert_eq!(audit, ["Destination: Generic"]);

    // Without a signature, no secret is kept.
    let back = ChangeDestination { url: slack.url(), kind: None, allow_insecure: None };
    let back = state.change_destination(ada, id, back).await.unwrap();
    assert!(back.reveal.is_none() && back.webhook.secrets.is_empty());
    let secrets = webhook_secret::Entity::find().filter(webhook_secret::Column::WebhookId.eq(id));
    assert_eq!(secrets.count(state.store.read()).await.unwrap(), 0);
}

#[tokio::test]
async fn an_endpoint_keeps_its_secret_when_its_url_changes() {
    let fixture = OutboundFixture::start().await;
    let (first, second) = (Receiver::start().await, Receiver::start().await);
    let created = fixture.webhook(&first.url("/")).await;
    let change = ChangeDestination { url: second.url("/"), kind: Some(DestinationKind::Generic), allow_insecure: None };
    let changed = fixture.state().change_destination(&fixture.ada, created.webhook.id, change).await.unwrap();
    assert!(changed.reveal.is_none());
    assert_eq!(changed.webhook.secrets, created.webhook.secrets);
}

#[tokio::test]
async fn a_late_result_of_the_old_endpoint_does_not_count_for_the_new_one() {
    let fixture = OutboundFixture::start().await;
    let clock = fixture.state().clock.clone();
    let (old, new) = (Receiver::gone_after(clock, Duration::from_secs(5)).await, Receiver::start().await);
    let id = fixture.webhook(&old.url("/")).await.webhook.id;
    fixture.issue("In flight").await;
    old.requests(1).await;
    let change = ChangeDestination { url: new.url("/"), kind: None, allow_insecure: None };
    fixture.state().change_destination(&fixture.ada, id, change).await.unwrap();
    fixture.advance(Duration::from_secs(5));
    fixture.dispatch_idle().await;
    fixture.advance(Duration::from_secs(1));
    new.requests(1).await;
    let detail = fixture.wait_for_attempts(id, 2).await;
    assert_eq!(detail.delivery.status, DeliveryStatus::Delivered);
    assert_eq!(fixture.card(id).await.health, Health::Healthy);
}

#[tokio::test]
async fn another_type_for_the_same_url_hides_its_credential() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::start().await;
    let id = fixture.webhook(&receiver.url("/hooks/secretOfChat")).await.webhook.id;
    let change = ChangeDestination {
        url: receiver.url("/hooks/secretOfChat"),
        kind: Some(DestinationKind::Slack),
        allow_insecure: None,
    };
    let changed = fixture.state().change_destination(&fixture.ada, id, change).await.unwrap();
    assert_eq!(changed.webhook.url, receiver.url("/••••"));
}

#[tokio::test]
async fn a_second_test_of_google_chat_is_another_message() {
    let chat = Platform::start(DestinationKind::GoogleChat).await;
    let id = chat.webhook().await.webhook.id;
    for sent in 1..=2 {
        chat.fixture.state().test_webhook(&chat.fixture.ada, id, SendTest::default()).await.unwrap();
        chat.receiver.requests(sent).await;
        chat.fixture.dispatch_idle().await;
        chat.fixture.advance(Duration::from_secs(1));
    }
    let [first, second] = &chat.receiver.requests(2).await[..] else { unreachable!() };
    assert_ne!(first.uri, second.uri, "Google Chat ignores a repeated request ID");
    assert_eq!(first.body, second.body);
}
