//! Each item that can be changed has an ETag, and `If-Match` protects it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::fixture::AccessFixture;
use super::table::table;
use crate::support::api::{Api, Reply};
use crate::support::contract::operations;

/// The operations of which the document says that they check `If-Match`, without the IDs.
fn conditional() -> BTreeSet<String> {
    let has_condition = |operation: &Value| {
        operation["parameters"].as_array().into_iter().flatten().any(|parameter| parameter["name"] == "If-Match")
    };
    let all = operations().iter().filter(|operation| has_condition(operation.json));
    all.map(|operation| super::shape(&operation.method, &operation.path)).collect()
}

async fn send(api: &Api, method: &str, path: &str, body: Option<&Value>, header: (&str, &str)) -> Reply {
    let headers = [header, ("content-type", "application/json")];
    api.raw(method, path, &headers, body.map(Value::to_string).unwrap_or_default()).await
}

async fn check(api: &Api, method: &str, path: &str, body: Option<&Value>) {
    let context = format!("{method} {path}");
    let read = api.get(path).await;
    let etag = read.header("etag").to_owned();
    assert!(read.status == 200 && etag.len() > 2 && etag.starts_with('"'), "{context}: {etag} {}", read.text);
    let known = send(api, "GET", path, None, ("if-none-match", &etag)).await;
    assert_eq!((known.status, known.text.as_str(), known.header("etag")), (304, "", &*etag), "{context}");
    for stale in ["\"stale\"", &format!("W/{etag}")] {
        let refused = send(api, method, path, body, ("if-match", stale)).await;
        assert_eq!(refused.status, 412, "{context}: {}", refused.text);
        let detail = refused.json["detail"].as_str().unwrap();
        assert!(detail.contains("has changed since you read it. Read it again"), "{context}: {detail}");
        assert_eq!(api.get(path).await.header("etag"), etag, "{context}");
    }
    let condition = ("if-match", &*etag);
    if method == "PUT" {
        // Two equal ones would change nothing but once.
        assert_eq!(send(api, method, path, body, condition).await.status, 200, "{context}");
        return;
    }
    let (one, other) = tokio::join!(send(api, method, path, body, condition), send(api, method, path, body, condition));
    let (done, refused) = if one.status < 400 { (one, other) } else { (other, one) };
    assert!(done.status < 300, "{context}: {} {}", done.status, done.text);
    let late: &[u16] = if method == "DELETE" { &[412, 404] } else { &[412] };
    assert!(late.contains(&refused.status), "{context}: {} {}", refused.status, refused.text);
    if done.status == 200 {
        let now = api.get(path).await;
        assert_ne!(now.header("etag"), etag, "{context}");
        assert_eq!(done.header("etag"), now.header("etag"), "{context}: {} {}", done.text, now.text);
    }
}

#[tokio::test]
async fn each_item_is_protected_against_lost_updates() {
    let fixture = AccessFixture::new().await;
    let api = fixture.server.api(&fixture.owner).await;
    let mut open = conditional();
    assert!(open.len() >= 30, "{open:?}");
    for (method, path, body, expected) in table() {
        let shape = super::shape(method, path);
        if !open.contains(&shape) || expected[2] >= 300 {
            continue;
        }
        let filled = fixture.fill_once(path).await;
        let body: Option<Value> = match body {
            Some(body) => serde_json::from_str(&fixture.fill_ids(&body.to_string()).await).ok(),
            None => None,
        };
        if api.get(&filled).await.status == 404 {
            let none = send(&api, method, &filled, body.as_ref(), ("if-match", "*")).await;
            assert_eq!(none.status, 412, "{shape}: nothing exists");
            assert_eq!(send(&api, method, &filled, body.as_ref(), ("accept", "*/*")).await.status, 200, "{shape}");
        }
        check(&api, method, &filled, body.as_ref()).await;
        open.remove(&shape);
    }
    let root = fixture.server.user("Root", true).await;
    let user = format!("/users/{}", fixture.member.id);
    let api = fixture.server.api(&root).await;
    let email = json!({"host": "smtp.example.com", "port": 25, "encryption": "none", "from": "a@example.com"});
    assert_eq!(send(&api, "PUT", "/email-settings", Some(&email), ("accept", "*/*")).await.status, 200);
    for (method, path, body) in [
        ("PATCH", &*user, Some(json!({"active": false}))),
        ("PATCH", "/settings", Some(json!({"retentionDays": 7}))),
        ("PUT", "/webhook-pause", Some(json!({"paused": true}))),
        ("PUT", "/email-settings", Some(email)),
        ("DELETE", "/email-settings", None),
    ] {
        check(&api, method, path, body.as_ref()).await;
        open.remove(&super::shape(method, if path == user { "/users/{id}" } else { path }));
    }
    assert!(open.is_empty(), "not tried: {open:?}");
    fixture.server.stop().await;
}
