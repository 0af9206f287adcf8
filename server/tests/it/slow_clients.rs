//! Clients that send their body slowly.

use std::time::Duration;

use app::model::people::CreateToken;
use app::service::People;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::TestServer;
use crate::support::raw::read_to_end;

/// Sends a head and the first byte of its body.
async fn begin(server: &TestServer, path: &str, headers: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n{headers}\r\n\r\n{{");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_late_body_gets_408_on_every_route() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let new = CreateToken { name: "test".into(), never_expires: true, ..CreateToken::default() };
    let token = server.state.create_token(&ada, new).await.unwrap().secret;
    let json = format!("content-type: application/json\r\nauthorization: Bearer {token}");
    let form = "content-type: application/x-www-form-urlencoded\r\nsec-fetch-site: same-origin".to_owned();
    let function = format!("{form}\r\nauthorization: Bearer {token}");
    for (path, headers) in [("/api/v1/projects", json), ("/session", form), ("/ui/projects/create", function)] {
        let response = read_to_end(&server, begin(&server, path, &headers).await, Duration::from_secs(31)).await;
        assert!(response.starts_with("HTTP/1.1 408 "), "{path}: {response}");
        assert!(response.contains("within 30 seconds"), "{path}: {response}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_slow_body_within_its_time_is_accepted() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let token = server
        .state
        .create_token(&ada, CreateToken { name: "test".into(), never_expires: true, ..CreateToken::default() })
        .await;
    let authorization = format!("authorization: Bearer {}", token.unwrap().secret);
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let body = r#"{"key":"WEB","name":"Web"}"#;
    let length = body.len();
    let head = format!(
        "POST /api/v1/projects HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
         {authorization}\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    server.state.clock.advance(Duration::from_secs(29));
    for byte in body.as_bytes() {
        stream.write_all(&[*byte]).await.unwrap();
    }
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 201 "), "{response}");
    server.stop().await;
}
