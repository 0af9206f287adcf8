//! `ETag`, `If-Match` and `If-None-Match`: an item is not changed if it differs from what the caller read (RFC 9110).
//!
//! The ETag of an item is the hash of its representation, as GET sends it. A change with `If-Match` compares it with the
//! representation that is committed while the change holds its locks ([`Precondition`]). So this works for each item of the
//! API, without code of its own.

mod docs;
mod header;

use std::collections::HashSet;
use std::sync::Arc;

use app::error::Error;
use app::model::people::Actor;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header as headers};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use header::Wanted;
use serde_json::{Map, Value};
use tower::ServiceExt;

pub use docs::describe;

use super::V1;
use crate::crypto::sha256;
use crate::storage::Precondition;
use crate::web::Problem;
use crate::web::problem::refuse;

/// Hex digits of the hash in an ETag.
const ETAG_CHARS: usize = 32;
/// An item is smaller: its texts are limited.
const MAX_ITEM_BYTES: usize = 64 * 1024 * 1024;

/// The paths whose items have an ETag.
#[derive(Clone)]
pub struct TaggedPaths(Arc<HashSet<String>>);

impl TaggedPaths {
    /// Those of a document.
    pub fn from_document(document: &Value) -> Self {
        let paths = document["paths"].as_object().into_iter().flatten();
        Self(Arc::new(paths.filter(|(_, item)| docs::is_tagged(item)).map(|(path, _)| format!("{V1}{path}")).collect()))
    }

    fn contains(&self, request: &Request) -> bool {
        request.extensions().get::<MatchedPath>().is_some_and(|route| self.0.contains(route.as_str()))
    }
}

/// What the middleware needs.
#[derive(Clone)]
pub struct ETags {
    paths: TaggedPaths,
    /// The routes, to read an item as GET does.
    routes: Router,
}

impl ETags {
    /// `routes` read through [`Store::for_checks`](crate::storage::Store::for_checks).
    pub fn new(paths: TaggedPaths, routes: Router) -> Self {
        Self { paths, routes }
    }
}

/// Adds ETags to responses, and checks the conditions of requests. Anonymous callers get 401.
pub async fn handle(State(etags): State<ETags>, request: Request, next: Next) -> Response {
    let Some(actor) = request.extensions().get::<Actor>().cloned() else { return next.run(request).await };
    let is_tagged = etags.paths.contains(&request);
    match *request.method() {
        Method::GET | Method::HEAD if is_tagged => read(request, next).await,
        Method::PATCH | Method::PUT | Method::DELETE if is_tagged => {
            let item = Item { routes: etags.routes, actor, path: request.uri().path().to_owned() };
            change(item, request, next).await
        }
        Method::GET | Method::HEAD => next.run(request).await,
        _ if request.headers().contains_key(headers::IF_MATCH) => {
            refuse(StatusCode::BAD_REQUEST, "This operation doesn't support If-Match. Send the request without it.")
        }
        _ => next.run(request).await,
    }
}

async fn read(mut request: Request, next: Next) -> Response {
    let Ok(wanted) = Wanted::read(request.headers(), &headers::IF_NONE_MATCH) else {
        return malformed("If-None-Match");
    };
    // The response to HEAD has no body, but the ETag of GET.
    *request.method_mut() = Method::GET;
    let response = next.run(request).await;
    if response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, MAX_ITEM_BYTES).await else { return Problem(Error::Internal).into_response() };
    let etag = etag(&body);
    let is_known = wanted.is_some_and(|wanted| wanted.matches_weak(&etag));
    parts.headers.extend(HeaderValue::try_from(etag).ok().map(|etag| (headers::ETAG, etag)));
    if is_known {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(headers::CONTENT_TYPE);
        parts.headers.remove(headers::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(body))
}

async fn change(item: Item, request: Request, next: Next) -> Response {
    let Ok(wanted) = Wanted::read(request.headers(), &headers::IF_MATCH) else { return malformed("If-Match") };
    let response = match wanted {
        Some(wanted) => guarded(&item, wanted, next.run(request)).await,
        None => next.run(request).await,
    };
    if response.status() == StatusCode::OK { with_new_etag(item, response).await } else { response }
}

/// Runs a change that is committed only if the item is as the caller wants it.
async fn guarded(item: &Item, wanted: Wanted, change: impl Future<Output = Response>) -> Response {
    let reader = item.clone();
    let precondition = Precondition::new(move || {
        let (item, wanted) = (reader.clone(), wanted.clone());
        Box::pin(async move {
            let current = item.read().await.ok()?;
            Some(current.is_some_and(|body| wanted.matches_strong(&etag(&body))))
        })
    });
    let response = precondition.clone().guard(change).await;
    let holds = match precondition.outcome() {
        None if response.status().is_success() => precondition.holds().await,
        outcome => Some(outcome != Some(false)),
    };
    match holds {
        Some(true) => response,
        Some(false) => refuse(StatusCode::PRECONDITION_FAILED, item.has_changed()),
        None => Problem(Error::Busy { retry_after: 1 }).into_response(),
    }
}

/// Adds the ETag that the item has after its change. It is left out if another change came in between: the caller hasn't
/// seen what that one changed.
async fn with_new_etag(item: Item, response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, MAX_ITEM_BYTES).await else { return Problem(Error::Internal).into_response() };
    if let Ok(Some(current)) = item.read().await
        && agree(&body, &current)
        && let Ok(etag) = HeaderValue::try_from(etag(&current))
    {
        parts.headers.insert(headers::ETAG, etag);
    }
    Response::from_parts(parts, Body::from(body))
}

/// Whether what a change returned is what GET returns, which may have more fields.
fn agree(changed: &[u8], current: &[u8]) -> bool {
    if changed == current {
        return true;
    }
    let fields = |json| serde_json::from_slice::<Map<String, Value>>(json);
    let (Ok(changed), Ok(current)) = (fields(changed), fields(current)) else { return false };
    changed.iter().all(|(name, value)| current.get(name) == Some(value))
}

fn etag(body: &[u8]) -> String {
    let hash = hex::encode(sha256(body));
    format!("\"{}\"", &hash[..ETAG_CHARS])
}

fn malformed(name: &str) -> Response {
    let detail = format!("{name} must be * or a list of ETags, each in double quotes as the response has it.");
    refuse(StatusCode::BAD_REQUEST, detail)
}

/// The item of a request.
#[derive(Clone)]
struct Item {
    routes: Router,
    actor: Actor,
    path: String,
}

/// It can't be read at the moment.
struct Unreadable;

impl Item {
    /// Its representation for the caller. `None` if it doesn't exist.
    async fn read(&self) -> Result<Option<Bytes>, Unreadable> {
        let mut request = Request::get(&self.path).body(Body::empty()).map_err(|_| Unreadable)?;
        request.extensions_mut().insert(self.actor.clone());
        let Ok(response) = self.routes.clone().oneshot(request).await;
        match response.status() {
            StatusCode::OK => to_bytes(response.into_body(), MAX_ITEM_BYTES).await.map(Some).map_err(|_| Unreadable),
            status if status.is_client_error() => Ok(None),
            _ => Err(Unreadable),
        }
    }

    fn has_changed(&self) -> String {
        let noun = noun(&self.path);
        format!("The {noun} has changed since you read it. Read it again, and send your change with its new ETag.")
    }
}

/// `shared step` for `/shared-steps/shs_...`.
fn noun(path: &str) -> String {
    match path {
        "/me" => return "account".to_owned(),
        "/settings" => return "workspace".to_owned(),
        "/email-settings" => return "email server".to_owned(),
        _ => {}
    }
    let is_id = |part: &&str| part.contains('_');
    let thing = path.rsplit('/').find(|part| !part.is_empty() && !is_id(part)).unwrap_or("item");
    thing.strip_suffix('s').unwrap_or(thing).replace('-', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_agrees_with_a_representation_that_has_its_fields() {
        assert!(agree(br#"{"id":1,"title":"a"}"#, br#"{"title":"a","id":1,"cases":2}"#));
        assert!(!agree(br#"{"id":1,"title":"a"}"#, br#"{"id":1,"title":"b"}"#));
        assert!(!agree(br#"{"id":1,"title":"a"}"#, br#"{"id":1}"#));
    }

    #[test]
    fn an_item_is_called_by_its_noun() {
        let nouns =
            ["/cases/cas_01", "/custom-fields/cfd_01", "/runs/run_01/public-link", "/projects/prj_01/integration"];
        assert_eq!(nouns.map(noun), ["case", "custom field", "public link", "integration"]);
        assert_eq!(noun("/me"), "account");
    }
}
