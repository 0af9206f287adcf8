//! Senders to one inbound webhook don't delay those to another one.

use std::task::Poll;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::inbound::{Github, answer, event, sign};
use crate::support::raw::read_to_end;
use crate::support::{TestServer, eventually};

const ATTACKER: &str = "198.51.100.7";
const TRACKER: &str = "203.0.113.5";
const MIB: usize = 1024 * 1024;

/// A server behind a proxy, so that tests can set the address of a client.
async fn server() -> TestServer {
    TestServer::start_with(&["--trusted-proxies", "127.0.0.0/8"]).await
}

/// An unsigned request that declares one length and sends another one, after the server has begun
/// to read it: the server responds 100 Continue first.
async fn stalled(server: &TestServer, github: &Github, from: &str, declared: usize, sent: usize) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let token = &github.token;
    let head = format!(
        "POST /api/webhooks/{token} HTTP/1.1\r\nhost: x\r\nx-forwarded-for: {from}\r\nexpect: 100-continue\r\n\
         content-length: {declared}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    let reading = tokio::time::timeout(Duration::from_secs(20), stream.read_exact(&mut go_on));
    reading.await.expect("the server reads the body").unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(&vec![b' '; sent]).await.unwrap();
    stream
}

/// Sends a signed event of this size from an address; returns the status and the response.
async fn deliver(server: &TestServer, github: &Github, from: &str, title: &str, size: usize) -> (u16, Value) {
    let body = event("opened", title, 1);
    let body = format!("{body}{}", " ".repeat(size.saturating_sub(body.len())));
    let request = server
        .inbound(&github.token)
        .header("x-forwarded-for", from)
        .header("content-type", "application/json")
        .header("x-github-event", "issues")
        .header("x-hub-signature-256", sign(&github.secret, body.as_bytes()))
        .body(body);
    let answered = tokio::time::timeout(Duration::from_secs(20), answer(request)).await;
    answered.unwrap_or_else(|_| panic!("{title} is held up"))
}

async fn is_taken(server: &TestServer, github: &Github, from: &str, title: &str, size: usize) {
    let (status, answer) = deliver(server, github, from, title, size).await;
    assert_eq!(status, 200, "{title}: {answer}");
}

#[tokio::test]
async fn large_declared_lengths_delay_nobody() {
    let server = server().await;
    let (attacked, other) = (server.github().await, server.github().await);
    let mut streams = Vec::new();
    for _ in 0..6 {
        streams.push(stalled(&server, &attacked, ATTACKER, 25 * MIB, 1).await);
    }
    is_taken(&server, &other, TRACKER, "Another project", 0).await;
    is_taken(&server, &attacked, TRACKER, "The same project", 0).await;
    is_taken(&server, &other, ATTACKER, "The same address", 0).await;
    is_taken(&server, &attacked, ATTACKER, "Both the same", 0).await;
    is_taken(&server, &other, TRACKER, "A large one", 20 * MIB).await;
    drop(streams);
    server.stop().await;
}

#[tokio::test]
async fn stalled_bodies_delay_only_their_own_source() {
    let server = server().await;
    let (attacked, other) = (server.github().await, server.github().await);
    let mut streams = Vec::new();
    for _ in 0..128 {
        streams.push(stalled(&server, &attacked, ATTACKER, 1000, 1).await);
    }
    is_taken(&server, &other, TRACKER, "Another project", 0).await;
    is_taken(&server, &attacked, TRACKER, "The same project", 0).await;
    is_taken(&server, &other, ATTACKER, "The same address", 0).await;
    // The limit of a source: later requests of other sources overtake it.
    let mut held_up = Box::pin(deliver(&server, &attacked, ATTACKER, "Both the same", 0));
    assert!(futures::poll!(held_up.as_mut()).is_pending());
    for n in 0..3 {
        is_taken(&server, &attacked, TRACKER, &format!("A later one {n}"), 0).await;
        assert!(futures::poll!(held_up.as_mut()).is_pending(), "the limit of a source");
    }
    // The slow requests of the same source are ended, which makes room.
    let (status, _) = eventually("an answer", async || {
        server.state.clock.advance(Duration::from_secs(1));
        match futures::poll!(held_up.as_mut()) {
            Poll::Ready(answer) => Some(answer),
            Poll::Pending => None,
        }
    })
    .await;
    assert_eq!(status, 200);
    drop((streams, held_up));
    server.stop().await;
}

#[tokio::test]
async fn large_bodies_do_not_delay_small_ones() {
    let server = server().await;
    let (attacked, other) = (server.github().await, server.github().await);
    let mut streams = Vec::new();
    for _ in 0..4 {
        streams.push(stalled(&server, &attacked, ATTACKER, 25 * MIB, MIB + 100_000).await);
    }
    is_taken(&server, &attacked, ATTACKER, "A small one of the same source", 0).await;
    is_taken(&server, &attacked, ATTACKER, "A medium one of the same source", 300_000).await;
    is_taken(&server, &attacked, TRACKER, "A large one of another address", 2 * MIB).await;
    is_taken(&server, &other, ATTACKER, "A large one of another project", 2 * MIB).await;
    drop(streams);
    server.stop().await;
}

#[tokio::test]
async fn a_slow_body_gets_408_and_a_closed_connection() {
    let server = server().await;
    let github = server.github().await;
    let stream = stalled(&server, &github, ATTACKER, 25 * MIB, 1).await;
    let response = read_to_end(&server, stream, Duration::from_secs(1)).await.to_lowercase();
    assert!(response.starts_with("http/1.1 408 "), "{response}");
    assert!(response.contains("\r\nconnection: close\r\n"), "{response}");
    assert!(response.contains("arrived too slowly"), "{response}");
    server.stop().await;
}
