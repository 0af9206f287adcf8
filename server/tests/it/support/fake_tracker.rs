//! A fake of a tracker's REST API, which sends the responses that a test gives it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, Uri};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// The fake server. It ends with the test's runtime.
#[derive(Clone)]
pub struct FakeTracker {
    /// Its base URL.
    pub base: String,
    shared: Arc<Shared>,
}

struct Shared {
    requests: Mutex<Vec<(Uri, HeaderMap)>>,
    responses: Mutex<VecDeque<FakeResponse>>,
    /// Requests wait here until the test releases them.
    gate: Semaphore,
}

#[derive(Clone)]
pub struct FakeResponse {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl FakeResponse {
    pub fn json(body: &Value) -> Self {
        Self::new(200, body.to_string())
    }

    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// A web page.
    pub fn html(status: u16) -> Self {
        Self::new(status, "<!doctype html><title>Sign in</title>").with("content-type", "text/html; charset=utf-8")
    }

    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }
}

impl FakeTracker {
    /// Starts a server that sends these responses in order, and then repeats the last one.
    pub async fn start(responses: impl IntoIterator<Item = FakeResponse>) -> Self {
        let fake = Self::start_gated(responses).await;
        fake.release(10_000);
        fake
    }

    /// The same, but each response waits for [`FakeTracker::release`].
    pub async fn start_gated(responses: impl IntoIterator<Item = FakeResponse>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let responses = Mutex::new(responses.into_iter().collect());
        let shared = Arc::new(Shared { requests: Mutex::default(), responses, gate: Semaphore::new(0) });
        let router = Router::new().fallback(respond).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base, shared }
    }

    pub fn release(&self, requests: usize) {
        self.shared.gate.add_permits(requests);
    }

    /// Replaces the responses.
    pub fn respond_with(&self, responses: impl IntoIterator<Item = FakeResponse>) {
        *self.shared.responses.lock().unwrap() = responses.into_iter().collect();
    }

    /// The paths of all requests.
    pub fn paths(&self) -> Vec<String> {
        self.shared.requests.lock().unwrap().iter().map(|(uri, _)| uri.path().to_owned()).collect()
    }

    /// The query of the latest request.
    pub fn query(&self) -> Option<String> {
        self.shared.requests.lock().unwrap().last()?.0.query().map(str::to_owned)
    }

    /// A header of the latest request.
    pub fn header(&self, name: &str) -> Option<String> {
        let requests = self.shared.requests.lock().unwrap();
        let (_, headers) = requests.last()?;
        Some(headers.get(name)?.to_str().unwrap().to_owned())
    }
}

async fn respond(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    shared.requests.lock().unwrap().push((request.uri().clone(), request.headers().clone()));
    shared.gate.acquire().await.unwrap().forget();
    let fake = {
        let mut responses = shared.responses.lock().unwrap();
        if responses.len() > 1 { responses.pop_front().unwrap() } else { responses.front().unwrap().clone() }
    };
    let mut response = Response::builder().status(fake.status);
    if !fake.headers.iter().any(|(name, _)| *name == "content-type") {
        response = response.header("content-type", "application/json");
    }
    for (name, value) in fake.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(fake.body)).unwrap()
}
