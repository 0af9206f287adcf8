//! Outbound requests can't reach private addresses: checked when a URL is saved and when connecting.

use std::time::Duration;

use app::model::delivery::DeliveryStatus;

use crate::support::TestServer;
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

#[tokio::test]
async fn private_addresses_are_refused_in_any_spelling() {
    let fixture = OutboundFixture::on(TestServer::start_strict().await).await;
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[0:0:0:0:0:ffff:127.0.0.1]",
        "[64:ff9b::10.0.0.1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[fd00::1]",
        "[::1%25lo]",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "%31%32%37.0.0.1",
        "localhost",
        "localhost.",
        "LOCALHOST",
    ] {
        let refused = fixture.try_webhook(&format!("https://{host}/hook")).await.map(|created| created.webhook.url);
        let error = refused.expect_err(host);
        assert_eq!(error.status(), 422, "{host}");
        assert!(error.of_field("url").is_some(), "{host}");
    }
}

#[tokio::test]
async fn invalid_urls_are_refused_when_saved() {
    let fixture = OutboundFixture::on(TestServer::start_strict().await).await;
    for (url, word) in [
        ("http://8.8.8.8/", "https"),
        ("https://ada:secret@8.8.8.8/", "username"),
        ("https://8.8.8.8:0/", "Port 0"),
        ("https://8.8.8.8/#part", "after #"),
        ("8.8.8.8/hook", "full URL"),
        ("https://nothing.invalid/", "could not be resolved"),
    ] {
        let error = fixture.try_webhook(url).await.map(|created| created.webhook.url).expect_err(url);
        let message = error.of_field("url").unwrap();
        assert!(message.contains(word), "{url}: {message}");
        assert!(!message.contains("secret"));
    }
    fixture.try_webhook("https://8.8.8.8/hook").await.unwrap();
}

#[tokio::test]
async fn only_the_allowed_network_is_reachable() {
    let fixture = OutboundFixture::start().await;
    fixture.try_webhook("http://127.0.0.1:9/").await.unwrap();
    fixture.try_webhook("http://[::ffff:127.0.0.1]:9/").await.unwrap();
    for url in ["http://10.0.0.1/", "http://[::1]:9/", "http://169.254.169.254/latest/meta-data/"] {
        assert_eq!(fixture.try_webhook(url).await.map(|_| ()).map_err(|error| error.status()), Err(422), "{url}");
    }
}

#[tokio::test]
async fn a_saved_address_is_checked_again_when_connecting() {
    let server = TestServer::start_with(&["--allow-networks", "::1/128"]).await;
    let receiver = Receiver::start().await;
    let by_name = receiver.url("/").replace("127.0.0.1", "localhost");
    let by_address = receiver.url("/");
    let fixture = OutboundFixture::on(server).await;
    let named = fixture.webhook(&by_name).await.webhook.id;
    let literal = fixture.webhook(&by_address).await.webhook.id;
    fixture.issue("Allowed").await;
    for webhook in [named, literal] {
        assert_eq!(fixture.wait_for_attempts(webhook, 1).await.delivery.status, DeliveryStatus::Delivered);
    }
    receiver.requests(2).await;

    // The operator revokes the permission.
    let OutboundFixture { server, ada, project } = fixture;
    let fixture = OutboundFixture { server: server.restart_strict().await, ada, project };
    // IDs ascend with the time.
    fixture.advance(Duration::from_secs(1));
    fixture.issue("Refused").await;
    for webhook in [named, literal] {
        let detail = fixture.wait_for_newest_attempt(webhook).await;
        let error = detail.delivery.error.unwrap();
        assert!(error.contains("resolves to a private or reserved address"), "{error}");
        assert_eq!(detail.delivery.status_code, None);
        assert_eq!(detail.delivery.status, DeliveryStatus::Failed);
    }
    fixture.dispatch_idle().await;
    receiver.requests(2).await;
}

#[tokio::test]
async fn one_refused_address_refuses_the_name() {
    // localhost is 127.0.0.1 and, if the machine has it, ::1: only the first is allowed here.
    let both = tokio::net::lookup_host("localhost:0").await.unwrap().any(|address| address.is_ipv6());
    let fixture = OutboundFixture::start().await;
    let saved = fixture.try_webhook("http://localhost:9/").await.map(|_| ());
    assert_eq!(saved.map_err(|error| error.status()), if both { Err(422) } else { Ok(()) });
}
