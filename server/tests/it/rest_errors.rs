//! Invalid requests get a problem that says what to send instead.

use reqwest::Method;
use serde_json::json;

use crate::support::TestServer;
use crate::support::api::Reply;
use crate::support::inbound::{Github, event};

fn assert_problem(reply: &Reply, status: u16) {
    assert_eq!(reply.status, status, "{}", reply.text);
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_eq!(reply.json["status"], status);
    assert_eq!(reply.json["type"], "about:blank");
    assert!(reply.json["title"].as_str().is_some_and(|title| !title.is_empty()));
    assert!(reply.json["detail"].as_str().is_some_and(|detail| detail.ends_with('.')), "{}", reply.text);
}

#[tokio::test]
async fn an_invalid_body_is_explained() {
    let server = TestServer::start().await;
    let user = server.user("Ada", false).await;
    let api = server.api(&user).await;
    let token = api.post("/tokens", &json!({"name": "raw"})).await.json["secret"].as_str().unwrap().to_owned();
    let send = |kind: &'static str, body: Vec<u8>| {
        let request = server.http.post(server.url("/api/v1/projects")).bearer_auth(&token);
        Reply::send(request.header("content-type", kind).body(body))
    };
    assert_problem(&send("text/plain", b"{}".to_vec()).await, 415);
    assert_problem(&send("application/x-www-form-urlencoded", b"key=WEB".to_vec()).await, 415);
    assert_problem(&send("application/json", b"{\"key\":".to_vec()).await, 400);
    let reply = send("application/json", b"{\"key\": 7, \"name\": \"x\"}".to_vec()).await;
    assert_problem(&reply, 422);
    assert!(reply.json["detail"].as_str().unwrap().contains("key"), "{}", reply.text);
    let long = format!("{{\"key\":\"WEB\",\"name\":\"{}\"}}", "x".repeat(1024 * 1024));
    assert_problem(&send("application/json", long.into_bytes()).await, 413);
}

#[tokio::test]
async fn all_invalid_fields_are_reported() {
    let server = TestServer::start().await;
    let api = server.api(&server.user("Ada", false).await).await;
    let reply = api.post("/projects", &json!({"key": "1", "name": " "})).await;
    assert_problem(&reply, 422);
    let errors = reply.json["errors"].as_object().unwrap();
    assert_eq!(errors.keys().collect::<Vec<_>>(), ["key", "name"]);
}

#[tokio::test]
async fn unknown_routes_and_ids_are_problems() {
    let server = TestServer::start().await;
    let user = server.user("Ada", false).await;
    let api = server.api(&user).await;
    assert_problem(&api.get("/nothing").await, 404);
    assert_problem(&api.get("/projects/nonsense").await, 404);
    assert_problem(&api.get(&format!("/projects/{}", user.id)).await, 404);
    assert_problem(&api.get("/projects/%FF").await, 404);
    let reply = api.call(Method::PUT, "/projects", None).await;
    assert_problem(&reply, 405);
    assert!(reply.header("allow").contains("GET"), "{}", reply.header("allow"));
}

#[tokio::test]
async fn an_invalid_query_names_the_parameter() {
    let server = TestServer::start().await;
    let user = server.user("Ada", false).await;
    let project = server.project(&user, "WEB").await;
    let api = server.api(&user).await;
    for (query, word) in [("status=done", "status"), ("limit=many", "limit"), ("cursor=x", "nextCursor")] {
        let reply = api.get(&format!("/projects/{project}/issues?{query}")).await;
        assert_problem(&reply, 422);
        assert!(reply.text.contains(word), "{query}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_trailing_slash_does_not_change_the_inbound_address() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let github = Github { token: format!("{}/", github.token), ..github };
    assert_eq!(server.outcome(&github, "issues", event("opened", "One", 1)).await, "created");
    server.stop().await;
}

#[tokio::test]
async fn a_replay_needs_a_filter_or_all() {
    let server = TestServer::start().await;
    let user = server.user("Ada", false).await;
    let project = server.project(&user, "WEB").await;
    let api = server.api(&user).await;
    let path = format!("/projects/{project}/deliveries/replay");
    for (body, message) in
        [(json!({}), "all: true"), (json!({"all": false}), "all: true"), (json!({"all": true, "event": "x"}), "either")]
    {
        let reply = api.post(&path, &body).await;
        assert_problem(&reply, 422);
        assert!(reply.json["errors"]["all"].as_str().unwrap().contains(message), "{body}: {}", reply.text);
    }
    for body in [json!({"all": true}), json!({"event": "issue.created"})] {
        assert_eq!(api.post(&path, &body).await.status, 200, "{body}");
    }
    assert_problem(&api.call(Method::POST, &path, None).await, 422);
}

#[tokio::test]
async fn a_stream_without_project_is_a_problem() {
    let server = TestServer::start().await;
    let api = server.api(&server.user("Ada", false).await).await;
    let token = api.post("/tokens", &json!({"name": "raw"})).await.json["secret"].as_str().unwrap().to_owned();
    let reply = Reply::send(server.http.get(server.url("/api/issues/stream")).bearer_auth(&token)).await;
    assert_problem(&reply, 422);
    assert!(reply.json["errors"]["projectId"].is_string(), "{}", reply.text);
    assert_problem(&Reply::send(server.http.get(server.url("/api/issues/stream"))).await, 401);
}

#[tokio::test]
async fn each_invalid_field_is_explained() {
    let server = TestServer::start().await;
    let user = server.user("Ada", false).await;
    let project = server.project(&user, "WEB").await;
    let api = server.api(&user).await;
    let body = json!({"name": "CI", "url": "https://ci.example.com/", "events": ["issue.exploded"]});
    let reply = api.post(&format!("/projects/{project}/webhooks"), &body).await;
    assert_problem(&reply, 422);
    let message = reply.json["errors"]["events[0]"].as_str().unwrap();
    assert!(message.contains("issue.exploded") && message.contains("issue.created"), "{message}");
    for (path, field, expected) in [
        ("issues?status=zzz", "status", "open"),
        ("deliveries?since=2026", "since", "RFC 3339"),
        ("issues?limit=many", "limit", "whole number"),
    ] {
        let reply = api.get(&format!("/projects/{project}/{path}")).await;
        assert_problem(&reply, 422);
        assert!(
            reply.json["errors"][field].as_str().is_some_and(|message| message.contains(expected)),
            "{}",
            reply.text
        );
        assert!(!reply.text.contains("deserialize"), "{}", reply.text);
    }
}

#[tokio::test]
async fn the_document_is_valid_openapi_3_1() {
    let server = TestServer::start().await;
    let reply = server.anonymous().get("/openapi.json").await;
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/json"));
    let description = &reply.json;
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(description["servers"][0]["url"], "/api/v1");
    let mut references = Vec::new();
    collect(description, &mut references);
    for reference in references {
        let pointer = reference.trim_start_matches('#');
        assert!(description.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    for (path, item) in description["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let in_path = path.contains(&format!("{{{}}}", parameter["name"].as_str().unwrap()));
                let headers = ["Idempotency-Key", "If-Match", "If-None-Match"];
                let expected = if in_path {
                    "path"
                } else if headers.iter().any(|name| parameter["name"] == *name) {
                    "header"
                } else {
                    "query"
                };
                assert_eq!(parameter["in"], expected, "{path} {parameter}");
            }
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{path}");
        }
    }
}

fn collect(value: &serde_json::Value, references: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            references.extend(fields.get("$ref").and_then(|r| r.as_str()).map(str::to_owned));
            fields.values().for_each(|value| collect(value, references));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}

#[tokio::test]
async fn the_api_reference_shows_every_operation() {
    let server = TestServer::start().await;
    let page = Reply::send(server.http.get(server.url("/api/docs"))).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Back to Testbell") && !page.text.contains("<script"), "{}", page.text);
    let document = server.anonymous().get("/openapi.json").await.json;
    let html = scraper::Html::parse_document(&page.text);
    let endpoint = scraper::Selector::parse(".endpoint").unwrap();
    let endpoints: Vec<String> = html.select(&endpoint).map(|endpoint| endpoint.text().collect()).collect();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            let endpoint = format!("{} /api/v1{path}", method.to_uppercase());
            assert!(endpoints.contains(&endpoint), "{endpoint}");
        }
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(page.text.contains(&format!("id=\"schema-{name}\"")), "{name}");
    }
    assert_eq!(Reply::send(server.http.get(server.url("/api/docs/"))).await.location(), "/api/docs");
}

#[tokio::test]
async fn api_responses_are_not_cached() {
    let server = TestServer::start().await;
    let api = server.api(&server.user("Ada", false).await).await;
    assert_eq!(api.get("/me").await.header("cache-control"), "no-store");
}
