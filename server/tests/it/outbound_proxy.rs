//! The outbound proxy: what is sent through it, what is refused before, and whose errors they are.

use app::model::delivery::DeliveryStatus;
use app::model::webhook::{CreateWebhook, Health};
use app::service::Webhooks;
use reqwest::Method;
use serde_json::json;

use crate::support::TestServer;
use crate::support::binary::{ServerProcess, create_admin_token, run_failing, testbell};
use crate::support::certificate::Certificate;
use crate::support::eventually;
use crate::support::fake_tracker::{FakeResponse, FakeTracker};
use crate::support::forward_proxy::ForwardProxy;
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

/// A name that only the proxy can resolve.
const HOST: &str = "hooks.partner.example";

/// A server whose requests go through `proxy`, with credentials.
async fn start(proxy: &ForwardProxy) -> OutboundFixture {
    OutboundFixture::on(TestServer::start_with(&["--outbound-proxy", &proxy.url("http", "bell:s3cret%21@")]).await)
        .await
}

#[tokio::test]
async fn http_requests_are_forwarded_with_credentials_for_the_proxy_only() {
    let (proxy, receiver) = (ForwardProxy::start().await, Receiver::start().await);
    let fixture = start(&proxy).await;
    let authority = format!("{HOST}:{}", receiver.port());
    let webhook = fixture.webhook(&format!("http://{authority}/hook?a=b")).await.webhook.id;
    for number in 1..=2 {
        fixture.issue("It breaks").await;
        receiver.requests(number).await;
    }
    let request = receiver.requests(2).await.pop().unwrap();
    assert_eq!((request.uri.to_string().as_str(), request.header("host")), ("/hook?a=b", authority.as_str()));
    assert!(request.headers.keys().all(|name| !name.as_str().starts_with("proxy-")), "{:?}", request.headers);
    let head = proxy.heads().pop().unwrap();
    assert!(head.starts_with(&format!("POST http://{authority}/hook?a=b HTTP/1.1\r\n")), "{head}");
    assert!(head.contains("proxy-authorization: Basic YmVsbDpzM2NyZXQh\r\n"), "{head}");
    fixture.dispatch_idle().await;
    let details = fixture.deliveries(webhook).await;
    assert!(details.iter().all(|detail| detail.delivery.status == DeliveryStatus::Delivered));
    let shown = serde_json::to_string(&details).unwrap();
    assert!(!shown.contains("s3cret") && !shown.contains("YmVsbDpz") && !shown.to_lowercase().contains("proxy-"));
}

#[tokio::test]
async fn https_requests_go_through_a_tunnel() {
    let (proxy, receiver) = (ForwardProxy::start().await, Receiver::self_signed().await);
    let fixture = start(&proxy).await;
    let url = format!("https://{HOST}:{}/hook", receiver.port());
    let insecure = CreateWebhook { allow_insecure: true, ..CreateWebhook::default() };
    let open = fixture.try_webhook_with(&url, insecure).await.unwrap().webhook.id;
    for number in 1..=2 {
        fixture.issue("It breaks").await;
        let request = receiver.requests(number).await.pop().unwrap();
        assert_eq!(request.uri.to_string(), "/hook");
        assert!(request.headers.get("proxy-authorization").is_none());
        fixture.dispatch_idle().await;
    }
    let heads = proxy.heads();
    assert!(heads.iter().all(|head| head.starts_with(&format!("CONNECT {HOST}:{} HTTP/1.1\r\n", receiver.port()))));
    assert_eq!(heads.len(), 1, "the tunnel is kept");
    // The certificate is that of the endpoint, not of the proxy.
    let strict = fixture.webhook(&url).await.webhook.id;
    fixture.issue("It breaks").await;
    let failed = fixture.wait_for_newest_attempt(strict).await;
    assert!(failed.delivery.error.as_ref().is_some_and(|error| error.starts_with("TLS failed")), "{failed:?}");
    assert_eq!(fixture.wait_for_newest_attempt(open).await.delivery.status, DeliveryStatus::Delivered);
}

#[tokio::test]
async fn exceptions_are_reached_without_the_proxy() {
    let (proxy, receiver) = (ForwardProxy::start().await, Receiver::start().await);
    let url = proxy.url("http", "");
    let except = ["--outbound-proxy", &url, "--outbound-proxy-except", "127.0.0.0/8,tracker.corp"];
    let overridden = [&except[..], &["--host-overrides", "tracker.corp=127.0.0.1"]].concat();
    let fixture = OutboundFixture::on(TestServer::start_with(&overridden).await).await;
    for url in [receiver.url("/"), format!("http://tracker.corp:{}/", receiver.port())] {
        let webhook = fixture.webhook(&url).await.webhook.id;
        fixture.issue("It breaks").await;
        fixture.dispatch_idle().await;
        assert_eq!(fixture.wait_for_newest_attempt(webhook).await.delivery.status, DeliveryStatus::Delivered);
    }
    assert_eq!(proxy.heads(), Vec::<String>::new());
    // The addresses of an exception are checked here.
    let strict = TestServer::start_strict_with(&overridden).await;
    let fixture = OutboundFixture::on(strict).await;
    let refused = fixture.try_webhook("https://tracker.corp/").await.map(drop).unwrap_err();
    assert!(refused.of_field("url").is_some_and(|message| message.contains("private or reserved address")));
}

#[tokio::test]
async fn private_addresses_and_local_names_do_not_reach_the_proxy() {
    let proxy = ForwardProxy::start().await;
    let server = TestServer::start_strict_with(&["--outbound-proxy", &proxy.url("http", "")]).await;
    let fixture = OutboundFixture::on(server).await;
    for host in
        ["127.0.0.1", "10.0.0.1", "[::1]", "169.254.169.254", "2130706433", "localhost", "intranet", "db.internal"]
    {
        let refused = fixture.try_webhook(&format!("https://{host}/hook")).await.map(drop).expect_err(host);
        assert!(refused.of_field("url").is_some(), "{host}: {refused}");
        let integration = json!({"provider": "jira", "baseUrl": format!("https://{host}"), "repository": "WEB",
            "credentials": {"token": "t"}});
        let api = fixture.server.api(&fixture.ada).await;
        let path = format!("/projects/{}/integration", fixture.project);
        let refused = api.call(Method::PUT, &path, Some(&integration)).await;
        assert_eq!(refused.status, 422, "{host}: {}", refused.text);
        assert!(refused.json["errors"]["baseUrl"].is_string(), "{host}: {}", refused.text);
    }
    // A name that this machine can't resolve can be saved: the proxy resolves it.
    fixture.try_webhook("https://nothing.invalid/hook").await.unwrap();
    assert_eq!(proxy.heads(), Vec::<String>::new());
}

#[tokio::test]
async fn errors_of_the_proxy_are_told_apart_from_errors_of_the_endpoint() {
    let proxy = ForwardProxy::start().await;
    let fixture = start(&proxy).await;
    for (response, http_error, https_error, counts) in [
        ("HTTP/1.1 407 x\r\n\r\n", "rejected the credentials", "rejected the credentials", false),
        ("SSH-2.0\r\n\r\n", "not valid HTTP", "could not be used: The response is not valid HTTP", false),
        (
            "HTTP/1.1 403 x\r\nX-Squid-Error: ERR_ACCESS_DENIED 0\r\n\r\n",
            "refused to connect to the host (403 Forbidden)",
            "refused to connect to the host (403 Forbidden)",
            true,
        ),
        (
            "HTTP/1.1 503 x\r\nProxy-Status: p; error=dns_error\r\n\r\n",
            "could not connect to the host (503 Service Unavailable)",
            "could not connect to the host (503 Service Unavailable)",
            true,
        ),
    ] {
        proxy.respond(response);
        for (scheme, expected) in [("http", http_error), ("https", https_error)] {
            let webhook = fixture.webhook(&format!("{scheme}://{HOST}/")).await.webhook.id;
            fixture.issue("It breaks").await;
            let failed = fixture.wait_for_newest_attempt(webhook).await;
            let attempt = &failed.attempts[0];
            let error = attempt.error.as_deref().unwrap_or_default();
            assert!(error.contains(expected), "{scheme} {response}: {error}");
            assert_eq!((attempt.status_code, &attempt.response_body), (None, &None));
            let counts = counts || error.starts_with("The response");
            let card = fixture.wait_for_card(webhook, "a failure", |card| card.last_failure_at.is_some()).await;
            assert_eq!((card.health, card.consecutive_failures), (Health::Healthy, u32::from(counts)), "{error}");
            fixture.state().delete_webhook(&fixture.ada, webhook).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_proxy_that_is_down_disables_no_webhook() {
    let settings = ["--outbound-proxy", "http://bell:s3cret@127.0.0.1:9"];
    let fixture = OutboundFixture::on(TestServer::start_with(&settings).await).await;
    let webhook = fixture.webhook(&format!("https://{HOST}/")).await.webhook.id;
    for number in 0..12 {
        fixture.issue(&format!("Issue {number}")).await;
    }
    fixture.dispatch_idle().await;
    let details = fixture.deliveries(webhook).await;
    assert_eq!(details.len(), 12);
    for detail in details {
        let error = detail.delivery.error.unwrap();
        assert!(error.contains("outbound proxy of this Testbell server could not be used"), "{error}");
        assert!(error.contains("The endpoint is not to blame") && !error.contains("s3cret"), "{error}");
        assert_eq!((detail.delivery.status, detail.delivery.attempt_count), (DeliveryStatus::Failed, 1));
    }
    let card = fixture.card(webhook).await;
    assert_eq!((card.health, card.consecutive_failures), (Health::Healthy, 0));
}

#[tokio::test]
async fn trackers_are_read_through_the_proxy() {
    let proxy = ForwardProxy::start().await;
    let tracker = FakeTracker::start([FakeResponse::json(&json!({"full_name": "acme/shop"}))]).await;
    let fixture = start(&proxy).await;
    let api = fixture.server.api(&fixture.ada).await;
    let path = format!("/projects/{}/integration", fixture.project);
    let port = tracker.base.rsplit(':').next().unwrap();
    let integration = json!({"provider": "gitea", "baseUrl": format!("http://git.partner.example:{port}"),
        "repository": "acme/shop", "credentials": {"token": "t"}});
    assert_eq!(api.call(Method::PUT, &path, Some(&integration)).await.status, 200);
    let tested = api.post(&format!("{path}/test"), &json!({})).await;
    assert_eq!(tested.json["ok"], true, "{}", tested.text);
    assert!(proxy.heads().iter().all(|head| head.starts_with("GET http://git.partner.example")), "{:?}", proxy.heads());
    proxy.respond("HTTP/1.1 407 x\r\n\r\n");
    let tested = api.post(&format!("{path}/test"), &json!({})).await;
    assert!(tested.json["detail"].as_str().unwrap().contains("outbound proxy"), "{}", tested.text);
}

#[tokio::test]
async fn system_admins_see_the_proxy_without_its_credentials() {
    let settings =
        ["--outbound-proxy", "http://bell:s3cret@proxy.corp:3128", "--outbound-proxy-except", ".corp,10.0.0.0/8"];
    let server = TestServer::start_with(&settings).await;
    let root = server.user("Root", true).await;
    let shown = server.api(&root).await.get("/settings").await;
    let expected = json!({"url": "http://proxy.corp:3128", "except": ["corp", "10.0.0.0/8"]});
    assert_eq!(shown.json["outboundProxy"], expected, "{}", shown.text);
    assert!(!format!("{:?}", server.state.config).contains("s3cret"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_binary_uses_an_https_proxy_and_logs_no_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::new(&["127.0.0.1", HOST]);
    let trusted = folder.path().join("trusted.pem");
    std::fs::write(&trusted, &certificate.pem).unwrap();
    let receiver = Receiver::with_certificate(&certificate).await;
    let proxy = ForwardProxy::with_tls(certificate.acceptor.clone()).await;
    let token = create_admin_token(folder.path());
    let log = folder.path().join("log");
    let server = ServerProcess::run(
        testbell(folder.path())
            .env("SSL_CERT_FILE", &trusted)
            .env("TESTBELL_OUTBOUND_PROXY", proxy.url("https", "bell:s3cret@"))
            .env("TESTBELL_OUTBOUND_PROXY_EXCEPT", "corp")
            .env("RUST_LOG", "trace")
            .stderr(std::fs::File::create(&log).unwrap()),
    );
    let project = server.post("/api/v1/projects", &token, &json!({"key": "WEB", "name": "Web"})).await.json;
    let project = format!("/api/v1/projects/{}", project["id"].as_str().unwrap());
    let url = format!("https://{HOST}:{}/hook", receiver.port());
    let webhook = json!({"name": "Receiver", "url": url, "events": ["issue.created"]});
    assert_eq!(server.post(&format!("{project}/webhooks"), &token, &webhook).await.status, 201);
    assert_eq!(server.post(&format!("{project}/issues"), &token, &json!({"title": "It breaks"})).await.status, 201);
    receiver.requests(1).await;
    assert!(proxy.heads()[0].starts_with(&format!("CONNECT {HOST}:")), "{:?}", proxy.heads());
    let delivered = eventually("the delivery is recorded", async || {
        let page = server.get(&format!("{project}/deliveries"), &token).await.json;
        (page["items"][0]["status"] == "delivered").then_some(())
    });
    delivered.await;
    assert!(server.terminate());
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("go through the outbound proxy, which resolves host names"), "{log}");
    assert!(log.contains("the proxy has to refuse private addresses") && log.contains("except=\"corp\""), "{log}");
    assert!(!log.contains("s3cret") && !log.contains("YmVsbDpz"), "{log}");
}

#[test]
fn an_invalid_proxy_is_refused_without_its_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let refused = run_failing(testbell(folder.path()).env("TESTBELL_OUTBOUND_PROXY", "socks5://bell:s3cret@p:1080"));
    assert!(refused.contains("TESTBELL_OUTBOUND_PROXY: the URL must begin with http"), "{refused}");
    assert!(!refused.contains("s3cret"), "{refused}");
}
