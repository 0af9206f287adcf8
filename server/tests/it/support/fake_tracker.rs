//! A server that answers as a tracker's REST API does, with what a test tells it to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, Uri};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// The fake. It ends with the test's runtime.
#[derive(Clone)]
pub struct FakeTracker {
    /// Where its pages would be.
    pub base: String,
    shared: Arc<Shared>,
}

struct Shared {
    seen: Mutex<Vec<(Uri, HeaderMap)>>,
    answers: Mutex<VecDeque<Answer>>,
    /// Requests wait here until the test lets them pass.
    gate: Semaphore,
}

#[derive(Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Answer {
    pub fn json(body: &Value) -> Self {
        Self::of(200, body.to_string())
    }

    pub fn of(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// A page for people.
    pub fn html(status: u16) -> Self {
        Self::of(status, "<!doctype html><title>Sign in</title>").with("content-type", "text/html; charset=utf-8")
    }

    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }
}

impl FakeTracker {
    /// Starts one that gives these answers in order, and the last one for ever.
    pub async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let fake = Self::start_closed(answers).await;
        fake.let_pass(10_000);
        fake
    }

    /// The same, but each answer waits for [`FakeTracker::let_pass`].
    pub async fn start_closed(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let answers = Mutex::new(answers.into_iter().collect());
        let shared = Arc::new(Shared { seen: Mutex::default(), answers, gate: Semaphore::new(0) });
        let router = Router::new().fallback(respond).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base, shared }
    }

    pub fn let_pass(&self, requests: usize) {
        self.shared.gate.add_permits(requests);
    }

    /// From now on it gives these answers.
    pub fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        *self.shared.answers.lock().unwrap() = answers.into_iter().collect();
    }

    /// The paths that were asked for.
    pub fn paths(&self) -> Vec<String> {
        self.shared.seen.lock().unwrap().iter().map(|(uri, _)| uri.path().to_owned()).collect()
    }

    /// The query of the latest request.
    pub fn query(&self) -> Option<String> {
        self.shared.seen.lock().unwrap().last()?.0.query().map(str::to_owned)
    }

    /// A header of the latest request.
    pub fn header(&self, name: &str) -> Option<String> {
        let seen = self.shared.seen.lock().unwrap();
        let (_, headers) = seen.last()?;
        Some(headers.get(name)?.to_str().unwrap().to_owned())
    }
}

async fn respond(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    shared.seen.lock().unwrap().push((request.uri().clone(), request.headers().clone()));
    shared.gate.acquire().await.unwrap().forget();
    let answer = {
        let mut answers = shared.answers.lock().unwrap();
        if answers.len() > 1 { answers.pop_front().unwrap() } else { answers.front().unwrap().clone() }
    };
    let mut response = Response::builder().status(answer.status);
    if !answer.headers.iter().any(|(name, _)| *name == "content-type") {
        response = response.header("content-type", "application/json");
    }
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).unwrap()
}
