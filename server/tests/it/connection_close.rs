//! A response announces that the server closes the connection.

use app::model::people::CreateToken;
use app::service::People;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{TestServer, eventually};

async fn sent(server: &TestServer, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// A response up to the end of its head.
async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("the whole head"));
    }
    String::from_utf8(head).unwrap().to_lowercase()
}

fn announces_close(head: &str) -> bool {
    head.contains("\r\nconnection: close\r\n")
}

async fn token(server: &TestServer) -> String {
    let ada = server.user("Ada", false).await;
    let new = CreateToken { name: "test".into(), ..CreateToken::default() };
    server.state.create_token(&ada, new).await.unwrap().secret
}

#[tokio::test]
async fn an_unread_body_closes_the_connection() {
    let server = TestServer::start().await;
    for (path, headers, length, status) in [
        ("/api/v1/projects", "content-type: application/json", 1000, "401"),
        ("/api/v1/nothing", "content-type: application/json", 1000, "404"),
        ("/api/webhooks/whk_unknown", "content-type: application/json", 1000, "404"),
        ("/api/webhooks/whk_unknown", "content-type: application/json", 50_000_000, "413"),
        ("/api/webhooks/whk_unknown", "expect: 100-continue", 1000, "404"),
        ("/healthz", "", 1000, "405"),
    ] {
        let request = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n{headers}\r\n\r\n{{")
            .replace("\r\n\r\n\r\n", "\r\n\r\n");
        let mut stream = sent(&server, &request).await;
        let head = head(&mut stream).await;
        assert!(head.starts_with(&format!("http/1.1 {status} ")), "{path}: {head}");
        assert!(announces_close(&head), "{path}: {head}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_body_over_the_limit_closes_the_connection() {
    let server = TestServer::start().await;
    let authorization = format!("authorization: Bearer {}", token(&server).await);
    let request = format!(
        "POST /api/v1/projects HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{authorization}\r\n\
         content-length: 50000000\r\n\r\n"
    );
    let (mut reading, mut writing) = sent(&server, &request).await.into_split();
    let write = tokio::spawn(async move { writing.write_all(&vec![b' '; 3_000_000]).await });
    let mut line = [0; 12];
    reading.read_exact(&mut line).await.unwrap();
    assert_eq!(&line, b"HTTP/1.1 413");
    let mut rest = vec![0; 1024];
    let read = reading.read(&mut rest).await.unwrap();
    let rest = String::from_utf8_lossy(&rest[..read]).to_lowercase();
    assert!(announces_close(&rest), "{rest}");
    // Data in flight is read.
    write.await.unwrap().unwrap();
    drop(reading);
    server.stop().await;
}

#[tokio::test]
async fn a_small_unread_body_keeps_the_connection() {
    let server = TestServer::start().await;
    let request = "POST /api/webhooks/whk_unknown HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n";
    let request = format!("{request}{}", " ".repeat(1000));
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    for _ in 0..3 {
        stream.write_all(request.as_bytes()).await.unwrap();
        let head = head(&mut stream).await;
        assert!(head.starts_with("http/1.1 404 ") && !announces_close(&head), "{head}");
        let length = head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        stream.read_exact(&mut body).await.unwrap();
    }
    server.stop().await;
}

#[tokio::test]
async fn invalid_http_gets_a_response() {
    let server = TestServer::start().await;
    let long = format!("GET / HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n", "a".repeat(1_000_000));
    for request in ["GARBAGE\r\n\r\n", "GET / HTTP/1.1\r\nhost x\r\n\r\n", long.as_str()] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        // The server may close the connection before it has read everything.
        let _ = stream.write_all(request.as_bytes()).await;
        let head = head(&mut stream).await;
        assert!(head.starts_with("http/1.1 4"), "{head}");
        assert!(announces_close(&head), "{head}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_response_during_shutdown_announces_the_end() {
    let server = TestServer::start().await;
    let (address, authorization) = (server.address, format!("authorization: Bearer {}", token(&server).await));
    let body = r#"{"key":"WEB","name":"Web"}"#;
    let length = body.len();
    let request = format!(
        "POST /api/v1/projects HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{authorization}\r\n\
         expect: 100-continue\r\ncontent-length: {length}\r\n\r\n"
    );
    let mut stream = sent(&server, &request).await;
    // The server has begun to read the body.
    assert_eq!(head(&mut stream).await, "http/1.1 100 continue\r\n\r\n");
    let finish = async {
        eventually("no connection is accepted", async || TcpStream::connect(address).await.err()).await;
        stream.write_all(body.as_bytes()).await.unwrap();
        let mut received = String::new();
        stream.read_to_string(&mut received).await.unwrap();
        received.to_lowercase()
    };
    let (received, ()) = futures::join!(finish, server.stop());
    assert!(received.starts_with("http/1.1 201 "), "{received}");
    assert!(announces_close(&received), "{received}");
}
