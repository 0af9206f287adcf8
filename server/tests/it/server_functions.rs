//! All registered server functions of the pages: a call that doesn't reach its function gets the
//! same response as in the REST API, and never 500.

use std::collections::BTreeSet;

use app::api::PUBLIC;
use app::error::Error;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use http::Method;
use leptos::server_fn::axum::server_fn_paths;
use leptos::server_fn::error::FromServerFnError;
use reqwest::RequestBuilder;
use serde_json::json;

use crate::support::TestServer;
use crate::support::api::Reply;
use crate::support::seed::PASSWORD;

const FORM: &str = "application/x-www-form-urlencoded";

fn functions() -> Vec<(&'static str, Method)> {
    let all: Vec<_> = server_fn_paths().collect();
    assert!(all.len() >= 50, "{}", all.len());
    all
}

struct Caller {
    server: TestServer,
    token: String,
}

impl Caller {
    async fn start() -> Self {
        let server = TestServer::start().await;
        let api = server.api(&server.user("Root", true).await).await;
        let token = api.post("/tokens", &json!({"name": "x"})).await.json["secret"].as_str().unwrap().to_owned();
        Self { server, token }
    }

    fn anonymous(&self, method: &Method, path: &str) -> RequestBuilder {
        self.server.http.request(method.clone(), self.server.url(path))
    }

    fn request(&self, method: &Method, path: &str) -> RequestBuilder {
        self.anonymous(method, path).bearer_auth(&self.token)
    }
}

fn assert_error(reply: &Reply, status: u16, context: &str) {
    assert_eq!(reply.status, status, "{context}: {}", reply.text);
    let error: Error = serde_json::from_str(&reply.text).unwrap_or_else(|_| panic!("{context}: {}", reply.text));
    assert!(!matches!(error, Error::Internal | Error::Transport { .. }), "{context}: {error:?}");
    let message = error.to_string();
    for word in ["deserializ", "line 1", "u32", "struct"] {
        assert!(!message.contains(word), "{context}: {message}");
    }
}

#[tokio::test]
async fn server_functions_require_sign_in() {
    let caller = Caller::start().await;
    for (path, method) in functions() {
        let request = caller.anonymous(&method, &format!("{path}?id=x")).header("content-type", FORM).body("%%%");
        let reply = Reply::send(request).await;
        match PUBLIC.contains(&path) {
            true => assert_ne!(reply.status, 500, "{path}: {}", reply.text),
            false => assert_error(&reply, 401, path),
        }
    }
    let unknown = Reply::send(caller.anonymous(&Method::GET, "/ui/no/such")).await;
    assert_error(&unknown, 401, "unknown");
    caller.server.stop().await;
}

#[tokio::test]
async fn bad_arguments_are_explained() {
    let caller = Caller::start().await;
    let mut refused = BTreeSet::new();
    for (path, method) in functions() {
        for (query, kind, body) in [
            ("?id=x&project=x&token=", FORM, "id=x&project=x"),
            ("?", FORM, ""),
            ("?id[a]=1&project[b][c]=2", FORM, "id[a]=1&project[b][c]=2"),
            ("?%FF=%FF", FORM, "%FF=%FF"),
            ("?id", "application/json", "{\"id\":"),
            ("?id=1&id=2&project=1&project=2", "application/json", "[]"),
            ("", "text/plain", "\u{0}"),
        ] {
            let request = caller.request(&method, &format!("{path}{query}")).header("content-type", kind).body(body);
            let reply = Reply::send(request).await;
            let context = format!("{method} {path}{query}");
            // A function without arguments accepts anything.
            if reply.status != 200 {
                // 409: it needs settings that the instance does not have.
                assert!([404, 409, 422].contains(&reply.status), "{context}: {} {}", reply.status, reply.text);
                assert_error(&reply, reply.status, &context);
                refused.insert(path);
            }
        }
    }
    assert!(refused.len() + 5 >= functions().len(), "{refused:?}");
    let raw =
        Reply::send(caller.request(&Method::POST, "/ui/projects/create").header("content-type", FORM).body(vec![0xFF]))
            .await;
    assert_error(&raw, 422, "no UTF-8");
    caller.server.stop().await;
}

#[tokio::test]
async fn a_long_or_compressed_body_is_refused() {
    let caller = Caller::start().await;
    let long = format!("name={}", "x".repeat(1024 * 1024));
    for (path, method) in functions().into_iter().filter(|(_, method)| *method == Method::POST) {
        let request = caller.request(&method, path).header("content-type", FORM);
        assert_error(&Reply::send(request.body(long.clone())).await, 413, path);
        let request = caller.request(&method, path).header("content-type", FORM).header("content-encoding", "gzip");
        assert_error(&Reply::send(request.body("x")).await, 415, path);
    }
    caller.server.stop().await;
}

#[tokio::test]
async fn an_unknown_function_or_method_is_not_found() {
    let caller = Caller::start().await;
    for path in ["/ui/no/such", "/ui/", "/ui/cases/get/", "/ui/cases"] {
        assert_eq!(Reply::send(caller.request(&Method::GET, path)).await.status, 404, "{path}");
    }
    for (path, method) in functions() {
        let other = if method == Method::GET { Method::POST } else { Method::GET };
        assert_error(&Reply::send(caller.request(&other, path)).await, 405, path);
    }
    // A browser that opens the URL itself is not redirected to a page.
    let request = caller.request(&Method::GET, "/ui/cases/get?id=x").header("accept", "text/html");
    assert_error(&Reply::send(request).await, 422, "in the address bar");
    caller.server.stop().await;
}

/// Sends a form as a browser does before the WASM has loaded; returns the cookie and the location.
async fn bare_form(server: &TestServer, cookie: Option<&str>, fields: &[(&str, &str)]) -> Reply {
    let request = server.form_request("/ui/projects/create", cookie, fields);
    Reply::send(request.header("accept", "text/html").header("referer", server.url("/?new=project"))).await
}

async fn signed_in(server: &TestServer) -> String {
    let ada = server.user_with_password("Ada").await;
    let reply = server.form("/session", None, &[("email", &ada.email), ("password", PASSWORD)]).await;
    reply.cookie().unwrap()
}

#[tokio::test]
async fn a_form_without_script_redirects_with_errors() {
    let server = TestServer::start().await;
    let cookie = signed_in(&server).await;
    let reply = bare_form(&server, Some(&cookie), &[("key", "1"), ("name", "<b>Call us</b>")]).await;
    assert!((300..400).contains(&reply.status), "{} {}", reply.status, reply.text);
    let to = reply.location().strip_prefix(&server.url("")).unwrap().to_owned();
    let page = server.get_with(&cookie, &to).await;
    assert_eq!(page.status, 200, "{}", page.location());
    assert!(page.text.contains("Check this value."), "{}", page.text);
    let unreadable = bare_form(&server, Some(&cookie), &[("nonsense", "1")]).await;
    assert!(unreadable.location().contains("__err="), "{}", unreadable.location());
    let signed_out = bare_form(&server, None, &[("key", "WEB"), ("name", "Web")]).await;
    assert_eq!(signed_out.location(), "/sign-in");
    server.stop().await;
}

#[tokio::test]
async fn no_page_shows_error_text_from_its_url() {
    let server = TestServer::start().await;
    let cookie = signed_in(&server).await;
    let forged = [
        Error::conflict("Your account is locked. Call us."),
        Error::field("name", "Your account is locked. Call us."),
        Error::Transport { detail: "Your account is locked. Call us.".into() },
    ];
    for (path, _) in functions() {
        for error in &forged {
            let query = [("__path", path), ("__err", &URL_SAFE.encode(error.ser())), ("new", "project")];
            let query = serde_urlencoded::to_string(query).unwrap();
            for (page, cookie) in [("/", cookie.as_str()), ("/sign-in", "")] {
                let reply = server.get_with(cookie, &format!("{page}?{query}")).await;
                assert!(!reply.text.contains("locked"), "{path}");
                assert_eq!(reply.location(), format!("{page}?new=project"), "{path}");
            }
        }
    }
    server.stop().await;
}
