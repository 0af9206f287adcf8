//! Endpoints whose host has several addresses.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use app::model::delivery::DeliveryStatus;
use tokio::net::{TcpSocket, TcpStream};

use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;
use crate::support::{TestServer, eventually};

const HOST: &str = "hooks.example.com";

/// An address that neither accepts nor refuses connections until it is dropped, like a firewall that
/// drops packets.
struct BlackHole {
    _listener: tokio::net::TcpListener,
    _fills_the_queue: TcpStream,
}

impl BlackHole {
    async fn at(address: SocketAddr) -> Self {
        let socket = if address.is_ipv6() { TcpSocket::new_v6() } else { TcpSocket::new_v4() }.unwrap();
        socket.bind(address).unwrap();
        let listener = socket.listen(0).unwrap();
        let fills_the_queue = TcpStream::connect(address).await.unwrap();
        Self { _listener: listener, _fills_the_queue: fills_the_queue }
    }
}

/// A server for which the host has these addresses, in this order.
async fn sender_to(addresses: [IpAddr; 2]) -> OutboundFixture {
    let [first, second] = addresses.map(|address| format!("{HOST}={address}"));
    let settings = ["--allow-networks", "::1/128", "--host-overrides", &first, "--host-overrides", &second];
    OutboundFixture::on(TestServer::start_with(&settings).await).await
}

/// Sends an event to a host with a dead and a live address, in either order.
async fn reaches_the_live_address(dead: &str, live: &str, is_black_hole: bool) {
    let (dead, live): (IpAddr, IpAddr) = (dead.parse().unwrap(), live.parse().unwrap());
    for addresses in [[dead, live], [live, dead]] {
        let receiver = Receiver::at(live).await;
        let hole = if is_black_hole { Some(BlackHole::at((dead, receiver.port()).into()).await) } else { None };
        let fixture = sender_to(addresses).await;
        let url = format!("http://{HOST}:{}/", receiver.port());
        let webhook = fixture.webhook(&url).await.webhook.id;
        fixture.issue("It breaks").await;
        eventually(&format!("a request at {live} beside {dead}"), async || {
            if hole.is_some() {
                fixture.advance(Duration::from_millis(10));
            }
            (!receiver.requests_so_far().is_empty()).then_some(())
        })
        .await;
        let detail = fixture.wait_for_attempts(webhook, 1).await;
        assert_eq!((detail.delivery.status, detail.delivery.error), (DeliveryStatus::Delivered, None));
        receiver.requests(1).await;
    }
}

#[tokio::test]
async fn a_refusing_address_falls_back_to_the_others() {
    for (dead, live) in [("127.0.0.2", "127.0.0.1"), ("::1", "127.0.0.1"), ("127.0.0.1", "::1")] {
        reaches_the_live_address(dead, live, false).await;
    }
}

#[tokio::test]
async fn a_silent_address_falls_back_to_the_others() {
    for (dead, live) in [("127.0.0.2", "127.0.0.1"), ("::1", "127.0.0.1"), ("127.0.0.1", "::1")] {
        reaches_the_live_address(dead, live, true).await;
    }
}

#[tokio::test]
async fn a_host_without_a_live_address_fails_with_the_reason() {
    let fixture = sender_to(["127.0.0.2".parse().unwrap(), "::1".parse().unwrap()]).await;
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let webhook = fixture.webhook(&format!("http://{HOST}:{nobody}/")).await.webhook.id;
    fixture.issue("It breaks").await;
    let error = fixture.wait_for_attempts(webhook, 1).await.delivery.error.unwrap();
    assert_eq!(error, "The connection was refused: nothing listens there.");
}

#[tokio::test]
async fn one_private_address_among_several_refuses_the_host() {
    let fixture = sender_to(["127.0.0.1".parse().unwrap(), "10.1.2.3".parse().unwrap()]).await;
    let error = fixture.try_webhook(&format!("http://{HOST}:9/")).await.map(|_| ()).unwrap_err();
    let message = error.of_field("url").unwrap();
    assert_eq!(message, "hooks.example.com resolves to a private or reserved address, which is not allowed.");
}
