//! Endpoints whose host has several addresses.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use app::model::delivery::DeliveryStatus;
use tokio::net::{TcpSocket, TcpStream};

use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;
use crate::support::{TestServer, eventually};

const HOST: &str = "hooks.example.com";

/// Pairs of a dead and a live address. No other test listens at them, so nobody accepts at the port of a dead one.
const DEAD_AND_LIVE: [(&str, &str); 3] = [("127.0.0.2", "127.0.0.3"), ("::1", "127.0.0.3"), ("127.0.0.3", "::1")];

/// An address that neither accepts nor refuses connections until it is dropped, like a firewall that
/// drops packets.
struct BlackHole {
    _listener: tokio::net::TcpListener,
    _fills_the_queue: TcpStream,
}

impl BlackHole {
    async fn at(address: SocketAddr) -> io::Result<Self> {
        let socket = if address.is_ipv6() { TcpSocket::new_v6() } else { TcpSocket::new_v4() }?;
        socket.bind(address)?;
        let listener = socket.listen(0)?;
        let fills_the_queue = TcpStream::connect(address).await?;
        Ok(Self { _listener: listener, _fills_the_queue: fills_the_queue })
    }

    /// A receiver, and a black hole at the same port of another address.
    async fn beside_a_receiver(dead: IpAddr, live: IpAddr) -> (Self, Receiver) {
        loop {
            let receiver = Receiver::at(live).await;
            match Self::at((dead, receiver.port()).into()).await {
                Ok(hole) => return (hole, receiver),
                // A connection of another test uses the port.
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::AddrInUse, "{error}"),
            }
        }
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
        let (hole, receiver) = if is_black_hole {
            let (hole, receiver) = BlackHole::beside_a_receiver(dead, live).await;
            (Some(hole), receiver)
        } else {
            (None, Receiver::at(live).await)
        };
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
    for (dead, live) in DEAD_AND_LIVE {
        reaches_the_live_address(dead, live, false).await;
    }
}

#[tokio::test]
async fn a_silent_address_falls_back_to_the_others() {
    for (dead, live) in DEAD_AND_LIVE {
        reaches_the_live_address(dead, live, true).await;
    }
}

#[tokio::test]
async fn a_host_without_a_live_address_fails_with_the_reason() {
    let fixture = sender_to(["127.0.0.2".parse().unwrap(), "::1".parse().unwrap()]).await;
    let webhook = fixture.webhook(&format!("http://{HOST}:9/")).await.webhook.id;
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
