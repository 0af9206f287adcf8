use std::time::Duration;

use sea_orm::EntityTrait;
use serde_json::{Value, json};
use server::entity::idempotency_key;

use crate::support::TestServer;
use crate::support::api::{Api, Reply};

async fn post(api: &Api, path: &str, key: &str, body: &Value) -> Reply {
    let headers = [("idempotency-key", key), ("content-type", "application/json")];
    api.raw("POST", path, &headers, body.to_string()).await
}

async fn titles(api: &Api, cases: &str) -> Vec<String> {
    let items = api.all(cases, 200).await;
    items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_repeated_post_gets_the_first_response_and_changes_nothing() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let api = server.api(&ada).await;
    let cases = format!("/projects/{}/cases", server.project(&ada, "WEB").await);
    let first = post(&api, &cases, "k1", &json!({"title": "Pay"})).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, ""));
    let again = post(&api, &cases, "k1", &json!({"title": "Pay"})).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
    assert_eq!((&again.json, again.location()), (&first.json, first.location()));
    assert_eq!(titles(&api, &cases).await, ["Pay"]);
    // Another user has keys of their own, and so has another request of the same user.
    let other = post(&api, &cases, "k1", &json!({"title": "Refund"})).await;
    assert_eq!(other.status, 422, "{}", other.text);
    assert_eq!(post(&api, &cases, "k2", &json!({"title": "Pay"})).await.status, 201);
    assert_eq!(titles(&api, &cases).await.len(), 2);
    let ben = server.user("Ben", false).await;
    let theirs = format!("/projects/{}/cases", server.project(&ben, "APP").await);
    let api = server.api(&ben).await;
    assert_eq!(post(&api, &theirs, "k1", &json!({"title": "Pay"})).await.header("idempotency-replayed"), "");
}

#[tokio::test]
async fn a_refusal_is_repeated_too_and_a_key_ends_after_a_day() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let api = server.api(&ada).await;
    let cases = format!("/projects/{}/cases", server.project(&ada, "WEB").await);
    let refused = post(&api, &cases, "k", &json!({"title": ""})).await;
    let again = post(&api, &cases, "k", &json!({"title": ""})).await;
    assert_eq!((again.status, again.text), (422, refused.text));
    assert_eq!(again.headers["content-type"], "application/problem+json");
    server.state.clock.advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!(post(&api, &cases, "k", &json!({"title": "Pay"})).await.status, 201);
}

#[tokio::test]
async fn requests_with_one_key_at_the_same_time_have_one_effect() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let api = server.api(&ada).await;
    let cases = format!("/projects/{}/cases", server.project(&ada, "WEB").await);
    let body = json!({"title": "Pay"});
    let all = (0..8).map(|_| post(&api, &cases, "same", &body));
    for reply in futures::future::join_all(all).await {
        assert!([201, 409].contains(&reply.status), "{} {}", reply.status, reply.text);
    }
    assert_eq!(titles(&api, &cases).await, ["Pay"]);
    assert_eq!(post(&api, &cases, "same", &body).await.status, 201);
}

#[tokio::test]
async fn an_invalid_key_is_refused() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let api = server.api(&ada).await;
    let cases = format!("/projects/{}/cases", server.project(&ada, "WEB").await);
    for key in ["", "a b", &"x".repeat(256)] {
        assert_eq!(post(&api, &cases, key, &json!({"title": "Pay"})).await.status, 400, "{key:?}");
    }
    assert_eq!(post(&api, &cases, &"x".repeat(255), &json!({"title": "Pay"})).await.status, 201);
}

#[tokio::test]
async fn a_repeated_post_gets_the_same_secret_which_is_stored_encrypted() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let api = server.api(&ada).await;
    let first = post(&api, "/tokens", "t", &json!({"name": "ci"})).await;
    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!(post(&api, "/tokens", "t", &json!({"name": "ci"})).await.json, first.json);
    let secret = first.json["secret"].as_str().unwrap();
    let row = idempotency_key::Entity::find().one(server.state.store.read()).await.unwrap().unwrap();
    let stored = row.response.unwrap();
    assert!(!stored.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()));
}
