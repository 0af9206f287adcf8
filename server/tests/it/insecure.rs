//! Insecure connections: http and certificates that nobody trusts, only for webhooks that allow them.

use app::model::audit::AuditAction;
use app::model::delivery::DeliveryStatus;
use app::model::destination::DestinationKind;
use app::model::webhook::{ChangeDestination, CreateWebhook, UpdateWebhook};
use app::service::Webhooks;

use crate::support::TestServer;
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

const JENKINS: &str = "/generic-webhook-trigger/invoke?token=t0k3n";

fn insecure() -> CreateWebhook {
    CreateWebhook { allow_insecure: true, ..CreateWebhook::default() }
}

/// A server that may send to loopback, but over http only for webhooks that allow it.
async fn start() -> OutboundFixture {
    OutboundFixture::on(TestServer::start_without_http().await).await
}

#[tokio::test]
async fn a_self_signed_certificate_is_accepted_only_if_allowed() {
    let (fixture, receiver) = (start().await, Receiver::self_signed().await);
    for path in ["/", JENKINS] {
        let before = receiver.requests_so_far().len();
        let allowed = fixture.try_webhook_with(&receiver.tls_url(path), insecure()).await.unwrap().webhook;
        assert!(allowed.allow_insecure);
        fixture.issue("It breaks").await;
        receiver.requests(before + 1).await;
        fixture.dispatch_idle().await;
        let newest = fixture.wait_for_newest_attempt(allowed.id).await;
        assert_eq!(newest.delivery.status, DeliveryStatus::Delivered);
        fixture.state().delete_webhook(&fixture.ada, allowed.id).await.unwrap();
    }
    let strict = fixture.webhook(&receiver.tls_url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    let failed = fixture.wait_for_newest_attempt(strict).await;
    assert_eq!(failed.delivery.status_code, None);
    assert!(failed.delivery.error.as_ref().is_some_and(|error| error.contains("TLS failed")), "{failed:?}");
    receiver.requests(2).await;
}

#[tokio::test]
async fn an_open_insecure_connection_is_not_used_for_a_secure_webhook() {
    let (fixture, receiver) = (start().await, Receiver::self_signed().await);
    let open = fixture.try_webhook_with(&receiver.tls_url("/"), insecure()).await.unwrap().webhook.id;
    for number in 1..=2 {
        fixture.issue("Keeps a connection open").await;
        receiver.requests(number).await;
        fixture.dispatch_idle().await;
    }
    let strict = fixture.webhook(&receiver.tls_url("/")).await.webhook.id;
    fixture.issue("For both").await;
    assert_eq!(fixture.wait_for_newest_attempt(open).await.delivery.status, DeliveryStatus::Delivered);
    let failed = fixture.wait_for_newest_attempt(strict).await;
    assert!(failed.delivery.error.is_some_and(|error| error.contains("TLS failed")));
    receiver.requests(3).await;

    // The option of a webhook applies to its next request.
    let change = UpdateWebhook { allow_insecure: Some(false), ..UpdateWebhook::default() };
    fixture.state().update_webhook(&fixture.ada, open, change).await.unwrap();
    fixture.advance(std::time::Duration::from_secs(1));
    fixture.issue("For none").await;
    let failed = fixture.wait_for_newest_attempt(open).await;
    assert!(failed.delivery.error.is_some_and(|error| error.contains("TLS failed")));
    receiver.requests(3).await;
}

#[tokio::test]
async fn http_is_sent_only_if_allowed() {
    let (fixture, receiver) = (start().await, Receiver::start().await);
    let refused = fixture.try_webhook(&receiver.url("/")).await.map(drop).unwrap_err();
    assert!(refused.of_field("url").is_some_and(|message| message.contains("or allow insecure connections")));
    let id = fixture.try_webhook_with(&receiver.url("/"), insecure()).await.unwrap().webhook.id;
    fixture.issue("It breaks").await;
    receiver.requests(1).await;
    assert_eq!(fixture.wait_for_attempts(id, 1).await.delivery.status, DeliveryStatus::Delivered);
}

#[tokio::test]
async fn the_permission_is_audited_and_ends_only_with_an_https_url() {
    let (fixture, receiver) = (start().await, Receiver::start().await);
    let id = fixture.try_webhook_with(&receiver.url("/"), insecure()).await.unwrap().webhook.id;
    assert_eq!(fixture.audit_details(AuditAction::WebhookCreated).await, ["Insecure connections allowed"]);
    let change = async |url: Option<String>, allow_insecure| {
        let change = UpdateWebhook { url, allow_insecure: Some(allow_insecure), ..UpdateWebhook::default() };
        fixture.state().update_webhook(&fixture.ada, id, change).await
    };
    let refused = change(None, false).await.unwrap_err();
    assert!(refused.of_field("allowInsecure").is_some_and(|message| message.contains("Use https")));
    assert!(change(Some(receiver.url("/other")), false).await.unwrap_err().of_field("url").is_some());
    assert!(!change(Some("https://127.0.0.1:9/".into()), false).await.unwrap().allow_insecure);
    assert!(change(Some(receiver.url("/")), true).await.unwrap().allow_insecure);
    let details = fixture.audit_details(AuditAction::WebhookUpdated).await;
    assert_eq!(details, ["URL, Insecure connections no longer allowed", "URL, Insecure connections allowed"]);
}

#[tokio::test]
async fn chat_tools_always_refuse_http_and_untrusted_certificates() {
    let (fixture, receiver) = (start().await, Receiver::start().await);
    for &kind in DestinationKind::ALL.iter().filter(|kind| !kind.spec().allows_insecure) {
        let new = |allow_insecure| CreateWebhook { kind: Some(kind), allow_insecure, ..CreateWebhook::default() };
        let http = fixture.try_webhook_with(&receiver.url("/hook"), new(false)).await.map(drop).unwrap_err();
        assert!(http.of_field("url").is_some_and(|message| !message.contains("allow insecure")), "{kind}: {http}");
        let allowed = fixture.try_webhook_with("https://127.0.0.1:9/hook", new(true)).await.map(drop).unwrap_err();
        assert!(allowed.of_field("allowInsecure").is_some(), "{kind}: {allowed}");
    }
    // A webhook that becomes one loses the permission.
    let id = fixture.try_webhook_with(&receiver.url("/"), insecure()).await.unwrap().webhook.id;
    let change = |url: String, kind| ChangeDestination { url, kind: Some(kind), allow_insecure: None };
    let (state, ada) = (fixture.state(), &fixture.ada);
    let http = state.change_destination(ada, id, change(receiver.url("/"), DestinationKind::Slack)).await;
    assert!(http.map(drop).unwrap_err().of_field("url").is_some());
    let slack = change("https://127.0.0.1:9/hook".into(), DestinationKind::Slack);
    assert!(!state.change_destination(ada, id, slack).await.unwrap().webhook.allow_insecure);
    let update = UpdateWebhook { allow_insecure: Some(true), ..UpdateWebhook::default() };
    assert!(state.update_webhook(ada, id, update).await.unwrap_err().of_field("allowInsecure").is_some());
}

#[tokio::test]
async fn a_changed_destination_keeps_the_permission() {
    let (fixture, receiver) = (start().await, Receiver::start().await);
    let id = fixture.try_webhook_with(&receiver.url("/"), insecure()).await.unwrap().webhook.id;
    let change = ChangeDestination { url: receiver.url(JENKINS), kind: None, allow_insecure: None };
    let jenkins = fixture.state().change_destination(&fixture.ada, id, change).await.unwrap().webhook;
    assert!(jenkins.allow_insecure);
    fixture.issue("It breaks").await;
    assert_eq!(receiver.requests(1).await[0].header("token"), "t0k3n");
    let change = ChangeDestination { url: receiver.url("/"), kind: None, allow_insecure: Some(false) };
    let refused = fixture.state().change_destination(&fixture.ada, id, change).await.map(drop).unwrap_err();
    assert!(refused.of_field("url").is_some());
}

#[tokio::test]
async fn private_addresses_stay_refused() {
    let fixture = OutboundFixture::on(TestServer::start_strict().await).await;
    for url in ["http://127.0.0.1/", "http://10.0.0.1/", "https://192.168.1.1/", "http://[::1]/", "http://localhost/"] {
        let refused = fixture.try_webhook_with(url, insecure()).await.map(drop).unwrap_err();
        let message = refused.of_field("url").unwrap();
        assert!(message.contains("private or reserved address") || message.contains("resolved"), "{url}: {message}");
    }
    fixture.try_webhook_with("http://8.8.8.8/", insecure()).await.unwrap();
}
