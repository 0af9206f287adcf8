//! What does not fit is answered by a problem that says what to send instead.

use reqwest::Method;
use serde_json::json;

use crate::support::TestServer;
use crate::support::api::Reply;

fn assert_problem(reply: &Reply, status: u16) {
    assert_eq!(reply.status, status, "{}", reply.text);
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_eq!(reply.json["status"], status);
    assert_eq!(reply.json["type"], "about:blank");
    assert!(reply.json["title"].as_str().is_some_and(|title| !title.is_empty()));
    assert!(reply.json["detail"].as_str().is_some_and(|detail| detail.ends_with('.')), "{}", reply.text);
}

#[tokio::test]
async fn a_body_that_does_not_fit_is_told_what_to_send() {
    let server = TestServer::start().await;
    let user = server.user("Ada", false).await;
    let api = server.api(&user).await;
    let token = api.post("/tokens", &json!({"name": "raw"})).await.json["secret"].as_str().unwrap().to_owned();
    let send = |kind: &'static str, body: Vec<u8>| {
        let request = server.http.post(server.url("/api/v1/projects")).bearer_auth(&token);
        Reply::of(request.header("content-type", kind).body(body))
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
async fn all_broken_fields_are_told_at_once() {
    let server = TestServer::start().await;
    let api = server.api(&server.user("Ada", false).await).await;
    let reply = api.post("/projects", &json!({"key": "1", "name": " "})).await;
    assert_problem(&reply, 422);
    let errors = reply.json["errors"].as_object().unwrap();
    assert_eq!(errors.keys().collect::<Vec<_>>(), ["key", "name"]);
}

#[tokio::test]
async fn what_is_no_route_or_no_id_is_a_problem_and_not_a_page() {
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
async fn a_query_that_does_not_fit_is_told_which_parameter() {
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
async fn a_limit_beyond_its_bounds_is_taken_as_the_bound_as_the_description_says() {
    let server = TestServer::start().await;
    let user = server.user("Ada", false).await;
    let project = server.project(&user, "WEB").await;
    let api = server.api(&user).await;
    for title in ["One", "Two"] {
        assert_eq!(api.post(&format!("/projects/{project}/issues"), &json!({"title": title})).await.status, 201);
    }
    for (limit, items) in [("0", 1), ("100000", 2)] {
        let reply = api.get(&format!("/projects/{project}/issues?limit={limit}")).await;
        assert_eq!(reply.json["items"].as_array().map(Vec::len), Some(items), "{}", reply.text);
    }
    let description = server.nobody().get("/openapi.json").await.json;
    let limits: Vec<_> = description["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values())
        .filter_map(|operation| operation["parameters"].as_array())
        .flatten()
        .filter(|parameter| parameter["name"] == "limit")
        .collect();
    assert!(limits.len() > 5);
    for limit in limits {
        assert!(limit["description"].as_str().unwrap().contains("taken as the"), "{limit}");
    }
}

#[tokio::test]
async fn a_stream_of_no_project_is_a_problem_like_any_other() {
    let server = TestServer::start().await;
    let api = server.api(&server.user("Ada", false).await).await;
    let token = api.post("/tokens", &json!({"name": "raw"})).await.json["secret"].as_str().unwrap().to_owned();
    let reply = Reply::of(server.http.get(server.url("/api/issues/stream")).bearer_auth(&token)).await;
    assert_problem(&reply, 422);
    assert!(reply.json["errors"]["projectId"].is_string(), "{}", reply.text);
    assert_problem(&Reply::of(server.http.get(server.url("/api/issues/stream"))).await, 401);
}

#[tokio::test]
async fn each_misfit_is_told_at_its_field_with_what_to_send() {
    let server = TestServer::start().await;
    let user = server.user("Ada", false).await;
    let project = server.project(&user, "WEB").await;
    let api = server.api(&user).await;
    let body = json!({"name": "CI", "url": "https://ci.example.com/", "events": ["issue.exploded"]});
    let reply = api.post(&format!("/projects/{project}/webhooks"), &body).await;
    assert_problem(&reply, 422);
    let said = reply.json["errors"]["events[0]"].as_str().unwrap();
    assert!(said.contains("issue.exploded") && said.contains("issue.created"), "{said}");
    for (path, field, expected) in [
        ("issues?status=zzz", "status", "open"),
        ("deliveries?since=2026", "since", "RFC 3339"),
        ("issues?limit=many", "limit", "whole number"),
    ] {
        let reply = api.get(&format!("/projects/{project}/{path}")).await;
        assert_problem(&reply, 422);
        assert!(reply.json["errors"][field].as_str().is_some_and(|said| said.contains(expected)), "{}", reply.text);
        assert!(!reply.text.contains("deserialize"), "{}", reply.text);
    }
}

#[tokio::test]
async fn the_description_is_openapi_3_1_with_every_parameter_in_its_place() {
    let server = TestServer::start().await;
    let reply = server.nobody().get("/openapi.json").await;
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
                assert_eq!(parameter["in"], if in_path { "path" } else { "query" }, "{path} {parameter}");
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
async fn the_page_that_shows_the_description_loads_nothing_from_elsewhere() {
    let server = TestServer::start().await;
    let page = Reply::of(server.http.get(server.url("/api/docs/"))).await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("http://") && !page.text.contains("https://"), "{}", page.text);
    let start = Reply::of(server.http.get(server.url("/api/docs/swagger-initializer.js"))).await;
    assert!(start.text.contains("/api/v1/openapi.json"), "{}", start.text);
    assert_eq!(Reply::of(server.http.get(server.url("/api/docs"))).await.location(), "/api/docs/");
}

#[tokio::test]
async fn answers_of_the_api_are_not_kept_by_caches() {
    let server = TestServer::start().await;
    let api = server.api(&server.user("Ada", false).await).await;
    assert_eq!(api.get("/me").await.header("cache-control"), "no-store");
}
