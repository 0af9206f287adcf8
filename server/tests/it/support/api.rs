//! A client for the REST API and the forms.

use app::model::people::{Actor, CreateToken};
use app::service::People;
use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::{TestServer, contract};

/// With a token, or anonymous.
pub struct Api {
    http: reqwest::Client,
    base: String,
    pub token: Option<String>,
}

/// A response.
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// Null if the body is not JSON.
    pub json: Value,
}

impl Reply {
    pub async fn send(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Self { status, headers, text, json }
    }

    pub fn header(&self, name: impl reqwest::header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn location(&self) -> &str {
        self.header(LOCATION)
    }

    /// The session cookie, if one was set.
    pub fn cookie(&self) -> Option<String> {
        let set = self.header(SET_COOKIE);
        set.starts_with("testbell_session=").then(|| set.split(';').next().unwrap().to_owned())
    }
}

impl Api {
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Reply {
        let mut request = self.http.request(method.clone(), format!("{}/api/v1{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let reply = Reply::send(request).await;
        contract::check(method.as_str(), path, &reply);
        reply
    }

    /// A request with custom headers and body. Its response is checked against the document too.
    pub async fn raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Reply {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method.clone(), format!("{}/api/v1{path}", self.base)).body(body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let reply = Reply::send(request).await;
        contract::check(method.as_str(), path, &reply);
        reply
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.call(Method::DELETE, path, None).await
    }

    /// All items of a list, `limit` at a time.
    pub async fn all(&self, path: &str, limit: usize) -> Vec<Value> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let mut cursor = String::new();
        let mut items = Vec::new();
        loop {
            let reply = self.get(&format!("{path}{joint}limit={limit}{cursor}")).await;
            assert_eq!(reply.status, 200, "{}", reply.text);
            let page = reply.json["items"].as_array().unwrap();
            assert!(page.len() <= limit);
            items.extend(page.iter().cloned());
            match reply.json["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }
}

impl TestServer {
    /// The API without a token.
    pub fn anonymous(&self) -> Api {
        Api { http: self.http.clone(), base: self.url(""), token: None }
    }

    /// The API with this token.
    pub fn with_token(&self, token: &str) -> Api {
        Api { token: Some(token.to_owned()), ..self.anonymous() }
    }

    /// The API as a user.
    pub async fn api(&self, user: &Actor) -> Api {
        let new = CreateToken { name: "test".into(), never_expires: true, ..CreateToken::default() };
        self.with_token(&self.state.create_token(user, new).await.unwrap().secret)
    }

    /// Sends a form as a browser does, with the session cookie.
    pub async fn form(&self, path: &str, cookie: Option<&str>, fields: &[(&str, &str)]) -> Reply {
        Reply::send(self.form_request(path, cookie, fields)).await
    }

    pub fn form_request(&self, path: &str, cookie: Option<&str>, fields: &[(&str, &str)]) -> RequestBuilder {
        let body = serde_urlencoded::to_string(fields).unwrap();
        let request = self.http.post(self.url(path)).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = request.header("sec-fetch-site", "same-origin").body(body);
        match cookie {
            Some(cookie) => request.header(COOKIE, cookie),
            None => request,
        }
    }

    /// The email of the session's user; `None` without a valid session.
    pub async fn me(&self, cookie: &str) -> Option<String> {
        let reply = self.get_with(cookie, "/api/v1/me").await;
        (reply.status == 200).then(|| reply.json["email"].as_str().unwrap().to_owned())
    }

    pub async fn get_with(&self, cookie: &str, path: &str) -> Reply {
        Reply::send(self.http.get(self.url(path)).header(COOKIE, cookie)).await
    }
}
