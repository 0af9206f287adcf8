//! Refused inbound requests: the response, and what is stored.

use std::time::Duration;

use app::model::id::WebhookId;
use axum::body::Bytes;
use chrono::{DateTime, Utc};
use futures::{StreamExt, stream};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use server::entity::{integration, project, webhook};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::inbound::{Github, NOTHING, answer, event, sign};
use crate::support::{TestServer, eventually};

const LIMIT: usize = 25 * 1024 * 1024;

async fn post(server: &TestServer, github: &Github, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
    let mut request = server.inbound(&github.token);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    answer(request.body(body.to_owned())).await
}

#[tokio::test]
async fn an_invalid_signature_is_401_and_writes_nothing() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let body = event("opened", "One", 1);
    let good = sign(&github.secret, body.as_bytes());
    let wrong = sign("another secret", body.as_bytes());
    let of_other_body = sign(&github.secret, event("opened", "Two", 1).as_bytes());
    let sha256 = "x-hub-signature-256";
    let sha1 = "sha1=d03207e4b030cf234e3447bac4d93add4c6643d8";
    for signature in [
        &[] as &[(&str, &str)],
        &[(sha256, &wrong)],
        &[(sha256, &of_other_body)],
        &[(sha256, good.trim_start_matches("sha256="))],
        &[(sha256, &good[..good.len() - 1])],
        &[(sha256, "sha256=")],
        &[(sha256, &good), (sha256, &good)],
        &[(sha256, &wrong), (sha256, &good)],
        &[("x-hub-signature", sha1)],
        &[("x-hub-signature", &good)],
        &[(sha256, sha1)],
    ] {
        let headers = [&[("content-type", "application/json"), ("x-github-event", "issues")], signature].concat();
        let (status, answer) = post(&server, &github, &headers, &body).await;
        assert_eq!((status, &answer["ok"]), (401, &json!(false)), "{signature:?}");
    }
    assert_eq!(server.rows().await, NOTHING);
    assert_eq!(server.webhook_row(github.webhook).await.last_dispatched_at, None);
    server.stop().await;
}

#[tokio::test]
async fn githubs_example_signature_is_accepted() {
    let server = TestServer::start().await;
    let github = server.github_with("It's a Secret to Everybody", "https://github.com", None).await;
    let published = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let headers = |signature| [("content-type", "application/json"), ("x-hub-signature-256", signature)];
    // Verified, but not JSON.
    assert_eq!(post(&server, &github, &headers(published), "Hello, World!").await.0, 400);
    assert_eq!(post(&server, &github, &headers(&published.replace("17", "16")), "Hello, World!").await.0, 401);
    assert_eq!(server.rows().await.deliveries, 1);
    server.stop().await;
}

#[tokio::test]
async fn an_unknown_token_is_404_with_the_body_of_401() {
    let server = TestServer::start().await;
    let body = event("opened", "One", 1);
    let github = server.github().await;
    let (_, unverified) = post(&server, &github, &[("content-type", "application/json")], &body).await;
    let now = server.state.clock.now();
    let gone: [(&str, RowChange); 4] = [
        ("deleted webhook", |github, now| Row::Webhook(github.webhook, now)),
        ("deleted project", |github, now| Row::Project(github.project, now)),
        ("removed integration", |github, _| Row::Integration(github.integration, None)),
        ("integration of another tracker", |github, _| Row::Integration(github.integration, Some("jira"))),
    ];
    for (what, change) in gone {
        let github = server.github().await;
        change_row(&server, change(&github, now)).await;
        assert_eq!(server.deliver(&github, "issues", body.clone()).await, (404, unverified.clone()), "{what}");
    }
    let unknown = Github { token: "whk_unknown".to_owned(), ..github };
    assert_eq!(server.deliver(&unknown, "issues", body).await, (404, unverified));
    assert_eq!(server.rows().await, NOTHING);
    server.stop().await;
}

type RowChange = fn(&Github, DateTime<Utc>) -> Row;

enum Row {
    Webhook(WebhookId, DateTime<Utc>),
    Project(app::model::id::ProjectId, DateTime<Utc>),
    Integration(app::model::id::IntegrationId, Option<&'static str>),
}

async fn change_row(server: &TestServer, row: Row) {
    server
        .insert(move |db| {
            Box::pin(async move {
                match row {
                    Row::Webhook(id, now) => webhook::Entity::update_many()
                        .col_expr(webhook::Column::DeletedAt, Expr::value(now))
                        .filter(webhook::Column::Id.eq(id))
                        .exec(db)
                        .await
                        .map(drop),
                    Row::Project(id, now) => project::Entity::update_many()
                        .col_expr(project::Column::DeletedAt, Expr::value(now))
                        .filter(project::Column::Id.eq(id))
                        .exec(db)
                        .await
                        .map(drop),
                    Row::Integration(id, Some(provider)) => integration::Entity::update_many()
                        .col_expr(integration::Column::Provider, Expr::value(provider))
                        .filter(integration::Column::Id.eq(id))
                        .exec(db)
                        .await
                        .map(drop),
                    Row::Integration(id, None) => integration::Entity::delete_by_id(id).exec(db).await.map(drop),
                }
            })
        })
        .await;
}

#[tokio::test]
async fn a_form_is_415_and_says_which_setting_to_change() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let body = "payload=%7B%22action%22%3A%22opened%22%7D";
    let signature = sign(&github.secret, body.as_bytes());
    let form = ("content-type", "application/x-www-form-urlencoded");
    let signed = [form, ("x-github-event", "issues"), ("x-hub-signature-256", signature.as_str())];
    let (status, answer) = post(&server, &github, &signed, body).await;
    assert_eq!(status, 415);
    let sentence = answer["error"].as_str().unwrap();
    assert!(sentence.contains("Content type") && sentence.contains("application/json"), "{sentence}");
    assert_eq!(server.refused(github.project).await, (415, sentence.to_owned()));
    let webhook = server.webhook_row(github.webhook).await;
    assert_eq!((webhook.last_success_at, webhook.last_failure_at), (None, Some(server.state.clock.now())));
    assert_eq!(post(&server, &github, &[form], body).await.0, 401);
    assert_eq!((server.rows().await.deliveries, server.rows().await.receipts), (1, 0));
    server.stop().await;
}

#[tokio::test]
async fn invalid_payloads_are_400_and_shown_to_admins() {
    for body in [
        String::new(),
        "not json".to_owned(),
        "[".repeat(200_000),
        format!("{}1{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000)),
        format!(r#"{{"action":"opened","issue":{},"deep":{}{}}}"#, "{}", "[".repeat(500), "]".repeat(500)),
        "[]".to_owned(),
        r#"{"action":"opened"}"#.to_owned(),
        r#"{"action":"opened","issue":{"id":"x","title":7}}"#.to_owned(),
        r#"{"action":"deleted","issue":null}"#.to_owned(),
    ] {
        let server = TestServer::start().await;
        let github = server.github().await;
        let shown: String = body.chars().take(60).collect();
        let (status, answer) = server.deliver(&github, "issues", body).await;
        assert_eq!((status, &answer["ok"]), (400, &json!(false)), "{shown}");
        let sentence = answer["error"].as_str().unwrap().to_owned();
        assert_eq!(server.refused(github.project).await, (400, sentence), "{shown}");
        assert_eq!(server.rows().await.issues, 0, "{shown}");
        server.stop().await;
    }
}

#[tokio::test]
async fn an_event_without_its_name_is_400() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let body = event("opened", "One", 1);
    let signature = sign(&github.secret, body.as_bytes());
    let headers = [("content-type", "application/json; charset=utf-8"), ("x-hub-signature-256", signature.as_str())];
    assert_eq!(post(&server, &github, &headers, &body).await.0, 400);
    assert!(server.refused(github.project).await.1.contains("X-GitHub-Event"));
    server.stop().await;
}

/// Opens a connection and sends the head of a request, which may be invalid.
async fn open(server: &TestServer, token: &str, headers: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!("POST /api/webhooks/{token} HTTP/1.1\r\nhost: x\r\n{headers}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

async fn status_of(mut stream: TcpStream) -> String {
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.unwrap();
    String::from_utf8(head.to_vec()).unwrap()
}

#[tokio::test]
async fn a_declared_length_over_the_limit_is_413_at_once() {
    let server = TestServer::start().await;
    let github = server.github().await;
    for token in [github.token.as_str(), "whk_unknown"] {
        let declared = format!("content-length: {}", LIMIT + 1);
        assert_eq!(status_of(open(&server, token, &declared).await).await, "HTTP/1.1 413");
    }
    assert_eq!(server.rows().await, NOTHING);
    server.stop().await;
}

#[tokio::test]
async fn a_413_reaches_a_sender_that_sends_everything_first() {
    let server = TestServer::start().await;
    for (token, length, status) in [("whk_unknown", 5_000_000, 404), ("whk_unknown", LIMIT + 1, 413)] {
        let request = server.inbound(token).body(vec![b' '; length]);
        assert_eq!(answer(request).await.0, status);
    }
    server.stop().await;
}

#[tokio::test]
async fn an_unknown_token_is_404_without_reading_the_body() {
    let server = TestServer::start().await;
    let stream = open(&server, "whk_unknown", "content-length: 1000").await;
    assert_eq!(status_of(stream).await, "HTTP/1.1 404");
    server.stop().await;
}

#[tokio::test]
async fn an_undeclared_body_over_the_limit_is_413() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let mut stream = open(&server, &github.token, "transfer-encoding: chunked").await;
    let chunk = [format!("{:x}\r\n", 1 << 20).into_bytes(), vec![b' '; 1 << 20], b"\r\n".to_vec()].concat();
    for _ in 0..30 {
        stream.write_all(&chunk).await.unwrap();
    }
    assert_eq!(status_of(stream).await, "HTTP/1.1 413");
    assert_eq!(server.rows().await, NOTHING);
    server.stop().await;
}

#[tokio::test]
async fn a_large_chunked_body_is_accepted() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let body = event("opened", "One", 1) + &" ".repeat(8 * 1024 * 1024);
    let signature = sign(&github.secret, body.as_bytes());
    let parts: Vec<_> = body.as_bytes().chunks(300_000).map(Bytes::copy_from_slice).collect();
    let request = server
        .inbound(&github.token)
        .header("content-type", "application/json")
        .header("x-github-event", "issues")
        .header("x-hub-signature-256", signature)
        .body(reqwest::Body::wrap_stream(stream::iter(parts).map(Ok::<_, std::io::Error>)));
    assert_eq!(answer(request).await, (200, json!({"ok": true, "outcome": "created"})));
    server.stop().await;
}

#[tokio::test]
async fn a_slow_sender_gets_408_and_writes_nothing() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let mut stream = open(&server, &github.token, "content-length: 1000").await;
    stream.write_all(b"{").await.unwrap();
    let mut head = [0; 12];
    let mut reading = std::pin::pin!(stream.read_exact(&mut head));
    // The server starts to wait at some time after the bytes were sent, so time advances until it
    // has.
    eventually("an answer to the slow sender", async || {
        server.state.clock.advance(Duration::from_secs(31));
        match futures::poll!(reading.as_mut()) {
            std::task::Poll::Ready(read) => Some(read.unwrap()),
            std::task::Poll::Pending => None,
        }
    })
    .await;
    assert_eq!(&head, b"HTTP/1.1 408");
    assert_eq!(server.rows().await, NOTHING);
    server.stop().await;
}
