//! The response of each route by caller: anonymous 401, a non-member 404, members and admins what
//! their role allows.

mod etags;
mod fixture;
mod table;

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::json;

use crate::support::TestServer;
use fixture::AccessFixture;
use table::table;

#[tokio::test]
async fn every_route_checks_the_role() {
    let fixture = AccessFixture::new().await;
    fixture.check(None).await;
    fixture.check(Some((&fixture.stranger, 0))).await;
    fixture.check(Some((&fixture.member, 1))).await;
    fixture.check(Some((&fixture.owner, 2))).await;
    fixture.server.stop().await;
}

#[tokio::test]
async fn a_system_admin_is_an_admin_of_every_project() {
    let fixture = AccessFixture::new().await;
    let admin = fixture.server.user("Root", true).await;
    let api = fixture.server.api(&admin).await;
    let reply = api.get(&format!("/projects/{}", fixture.project)).await;
    assert_eq!((reply.status, reply.json["role"].as_str()), (200, Some("admin")));
    assert_eq!(api.get("/projects").await.json["items"].as_array().unwrap().len(), 1);
    assert_eq!(api.delete(&format!("/projects/{}", fixture.project)).await.status, 204);
}

/// Actions of an admin that a token with less than all rights can't do.
fn needs_full_access(method: &str, path: &str) -> bool {
    let reads_configuration = path.ends_with("/invites") || path.ends_with("/audit") || path.contains("/inspector-");
    let account = path == "/tokens" || path.starts_with("/tokens/") || path.starts_with("/me/");
    let configures = !matches!(method, "GET")
        && [
            "/members",
            "/invites",
            "/webhooks",
            "/replays",
            "/integration",
            "/custom-events",
            "/deliveries",
            "/transfer",
            "/projects/{id}",
        ]
        .iter()
        .any(|part| if *part == "/projects/{id}" { path == *part } else { path.contains(part) });
    let changes_account = path == "/me" && method != "GET";
    reads_configuration || account || configures || changes_account || (method, path) == ("POST", "/projects")
}

#[tokio::test]
async fn a_token_is_limited_to_its_scope() {
    let fixture = AccessFixture::new().await;
    let owners = fixture.server.api(&fixture.owner).await;
    for scope in ["read", "write"] {
        let new = json!({"name": scope, "scope": scope});
        let made = owners.post("/tokens", &new).await.json;
        let api = fixture.server.with_token(made["secret"].as_str().unwrap());
        for (method, path, body, expected) in table() {
            // No objects are needed: another user's token, and requests that are refused before.
            if path.contains("{tokenOfAnother}")
                || path.starts_with("/users")
                || ["/audit", "/settings", "/deliveries/clear"].contains(&path)
                || path.starts_with("/webhook-pause")
            {
                continue;
            }
            let refused = needs_full_access(method, path) || (scope == "read" && method != "GET");
            // Other tests cover the allowed requests; here they would delete the project.
            if !refused && method != "GET" && method != "POST" {
                continue;
            }
            let filled = fixture.fill_once(path).await;
            let body = match body.map(|body| body.to_string()) {
                Some(text) => serde_json::from_str(&fixture.fill_ids(&text).await).ok(),
                None => None,
            };
            let reply = api.call(Method::from_bytes(method.as_bytes()).unwrap(), &filled, body.as_ref()).await;
            let allowed = [expected[2], 404, 409, 422];
            if refused {
                assert_eq!(reply.status, 403, "{scope}: {method} {path}: {}", reply.text);
            } else {
                assert!(allowed.contains(&reply.status), "{scope}: {method} {path}: {}", reply.text);
            }
        }
    }
}

#[tokio::test]
async fn a_project_token_sees_only_its_project() {
    let server = TestServer::start().await;
    let root = server.user("Root", true).await;
    let (one, other) = (server.project(&root, "ONE").await, server.project(&root, "TWO").await);
    let roots = server.api(&root).await;
    let new = json!({"name": "ci", "scope": "admin", "projectId": one});
    let made = roots.post("/tokens", &new).await.json;
    assert_eq!((&made["token"]["scope"], &made["token"]["projectId"]), (&json!("admin"), &json!(one)));
    let api = server.with_token(made["secret"].as_str().unwrap());
    assert_eq!(api.get(&format!("/projects/{one}")).await.status, 200);
    assert_eq!(api.patch(&format!("/projects/{one}"), &json!({"name": "x"})).await.status, 200);
    assert_eq!(api.get(&format!("/projects/{other}")).await.status, 404);
    assert_eq!(api.get(&format!("/projects/{other}/issues")).await.status, 404);
    let listed = api.get("/projects").await.json;
    assert_eq!(listed["items"].as_array().unwrap().iter().map(|row| &row["id"]).collect::<Vec<_>>(), [&json!(one)]);
    let stream = server.http.get(server.url(&format!("/api/issues/stream?projectId={other}")));
    assert_eq!(stream.bearer_auth(made["secret"].as_str().unwrap()).send().await.unwrap().status(), 404);
    for path in ["/tokens", "/me/sessions", "/users", "/audit"] {
        assert_eq!(api.get(path).await.status, 403, "{path}");
    }
    for (path, body) in [("/tokens", json!({"name": "wider"})), ("/projects", json!({"key": "NEW", "name": "x"}))] {
        assert_eq!(api.post(path, &body).await.status, 403, "{path}");
    }
    // It ends with its project.
    assert_eq!(roots.delete(&format!("/projects/{one}")).await.status, 204);
    assert_eq!(api.get("/me").await.status, 401);
}

#[tokio::test]
async fn the_table_covers_every_documented_route() {
    let server = TestServer::start().await;
    let api = server.anonymous();
    let description = api.get("/openapi.json").await.json;
    let documented: BTreeSet<String> = description["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |method| shape(method, path)))
        .collect();
    let tabled: BTreeSet<String> = table().iter().map(|(method, path, ..)| shape(method, path)).collect();
    assert_eq!(documented, tabled);
}

/// A route without the names of its parameters.
fn shape(method: &str, path: &str) -> String {
    let parts: Vec<&str> = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect();
    format!("{} {}", method.to_uppercase(), parts.join("/"))
}
