//! Accounts in tests: sign-in, API calls with a session, invites.

use app::model::id::ProjectId;
use reqwest::Method;
use reqwest::header::COOKIE;
use serde_json::json;

use super::TestServer;
use super::api::{Api, Reply};
use super::live::Stream;
use super::seed::PASSWORD;

pub async fn sign_in(server: &TestServer, email: &str, password: &str) -> Option<String> {
    server.form("/session", None, &[("email", email), ("password", password)]).await.cookie()
}

/// An open stream of a browser.
pub async fn stream(server: &TestServer, cookie: &str, project: ProjectId) -> Stream {
    let url = server.url(&format!("/api/issues/stream?projectId={project}"));
    let mut stream = Stream::open(server.http.get(url).header(COOKIE, cookie)).await;
    assert_eq!(stream.next().await.unwrap().event, "sync");
    stream
}

/// A call of the API by a browser.
pub async fn call(server: &TestServer, cookie: &str, method: Method, path: &str, body: &serde_json::Value) -> Reply {
    let request = server.http.request(method, server.url(&format!("/api/v1{path}"))).header(COOKIE, cookie);
    Reply::send(request.header("sec-fetch-site", "same-origin").json(body)).await
}

pub async fn invite(api: &Api, project: ProjectId, email: &str) -> String {
    let reply = api.post(&format!("/projects/{project}/invites"), &json!({"email": email, "role": "admin"})).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let url = reply.json["url"].as_str().unwrap();
    url[url.find("/invites/").unwrap()..].to_owned()
}

pub async fn accept(server: &TestServer, link: &str) -> Reply {
    server.form(link, None, &[("name", "New"), ("password", PASSWORD)]).await
}
