//! Refuses input that no handler reads, by the OpenAPI document: the query of an operation without
//! parameters, and the body of an operation without one. Errors have the field names.

use std::collections::HashMap;
use std::sync::Arc;

use app::model::people::Actor;
use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{Extension, MatchedPath, Request};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::V1;
use crate::web::Problem;
use crate::web::extract::MAX_BODY_BYTES;
use crate::web::fields::FieldErrors;
use crate::web::problem::refuse;

/// The input of each operation, by method and route.
#[derive(Clone)]
pub struct Contract(Arc<HashMap<(String, String), Reads>>);

#[derive(Clone, Copy)]
struct Reads {
    query: bool,
    body: bool,
}

impl Contract {
    /// The contract of a document.
    pub fn from_document(document: &Value) -> Self {
        let mut operations = HashMap::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let parameters = operation["parameters"].as_array();
                let query = parameters.is_some_and(|all| all.iter().any(|parameter| parameter["in"] == "query"));
                let body = operation.get("requestBody").is_some();
                operations.insert((method.to_uppercase(), format!("{V1}{path}")), Reads { query, body });
            }
        }
        Self(Arc::new(operations))
    }

    fn reads(&self, request: &Request) -> Option<Reads> {
        let route = request.extensions().get::<MatchedPath>()?.as_str();
        let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        self.0.get(&(method.as_str().to_owned(), route.to_owned())).copied()
    }
}

/// Refuses input that no handler reads. Anonymous callers get 401 first.
pub async fn enforce(Extension(contract): Extension<Contract>, request: Request, next: Next) -> Response {
    let is_signed_in = request.extensions().get::<Actor>().is_some();
    let Some(reads) = contract.reads(&request).filter(|_| is_signed_in) else { return next.run(request).await };
    if !reads.query
        && let Some(refusal) = refuse_query(request.uri().query().unwrap_or_default())
    {
        return refusal;
    }
    if reads.body || request.body().is_end_stream() || matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "This operation takes no body. Send none.");
    };
    match refuse_body(&body) {
        Some(refusal) => refusal,
        None => next.run(Request::from_parts(parts, Body::empty())).await,
    }
}

fn refuse_query(query: &str) -> Option<Response> {
    let names = url::form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name.into_owned());
    refuse_all(names, "Unknown parameter.")
}

/// An empty object and null are treated like an empty body.
fn refuse_body(body: &[u8]) -> Option<Response> {
    if matches!(body.trim_ascii(), b"" | b"null") {
        return None;
    }
    match serde_json::from_slice::<Map<String, Value>>(body) {
        Ok(fields) => refuse_all(fields.into_iter().map(|(name, _)| name), "Unknown field."),
        Err(_) => Some(refuse(StatusCode::UNPROCESSABLE_ENTITY, "This operation takes no body. Send none.")),
    }
}

fn refuse_all(names: impl Iterator<Item = String>, message: &str) -> Option<Response> {
    let mut names = names.peekable();
    names.peek()?;
    let mut errors = FieldErrors::default();
    names.for_each(|name| errors.add(name, message.to_owned()));
    Some(Problem(errors.into_error()).into_response())
}
