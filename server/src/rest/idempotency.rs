//! `Idempotency-Key`: a POST that is sent again with the same key gets the response of the first one, and changes nothing
//! (draft-ietf-httpapi-idempotency-key-header). A key belongs to a token, or to the user in the browser, and is kept for
//! 24 hours.

use std::time::Duration;

use app::error::Error;
use app::imports::MAX_IMPORT_BYTES;
use app::model::account::Credential;
use app::model::people::Actor;
use app::testware::attachment::MAX_ATTACHMENT_BYTES;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, IntoActiveModel};
use serde::{Deserialize, Serialize};
use tracing::Instrument;
use uuid::{Builder, Uuid};

use crate::app_state::AppState;
use crate::crypto::sha256;
use crate::entity::idempotency_key::{ActiveModel, Column, Entity, Model, response_aad};
use crate::storage::{internal, report_outage};
use crate::web::Problem;
use crate::web::extract::{MAX_BODY_BYTES, MAX_REPORT_BYTES};
use crate::web::problem::refuse;

/// The name of the request header.
pub const KEY_HEADER: &str = "idempotency-key";
/// Says that a response is that of an earlier request.
const REPLAYED_HEADER: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The maximum length of a key in characters.
pub const MAX_KEY_CHARS: usize = 255;
/// For how long a key is kept.
pub const KEY_RETENTION: Duration = Duration::from_secs(24 * 60 * 60);
/// No request takes longer, so the response of an older one will never come.
const MAX_REQUEST_DURATION: Duration = Duration::from_secs(5 * 60);
/// Larger responses are not kept.
const MAX_RESPONSE_BYTES: usize = 16 * 1024 * 1024;

/// A response that can be sent again.
#[derive(Serialize, Deserialize)]
struct StoredResponse {
    status: u16,
    content_type: Option<String>,
    location: Option<String>,
    body: String,
}

/// Handles each POST with a key once.
pub async fn handle_once(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let actor = request.extensions().get::<Actor>().cloned();
    let key = request.headers().get(KEY_HEADER).cloned();
    // Anonymous callers get 401.
    let (Some(actor), Some(key), &Method::POST) = (actor, key, request.method()) else {
        return next.run(request).await;
    };
    let Some(key) = valid_key(&key) else {
        let detail = "Use an Idempotency-Key of 1 to 255 visible ASCII characters, such as a UUID.";
        return refuse(StatusCode::BAD_REQUEST, detail);
    };
    let (parts, body) = request.into_parts();
    let limit = max_body_bytes(parts.uri.path());
    let Ok(body) = to_bytes(body, limit).await else {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large or incomplete.");
    };
    let row = Model {
        id: key_id(&actor, key),
        user_id: actor.id,
        request: fingerprint(&parts.uri.to_string(), &body).to_vec(),
        response: None,
        created_at: state.clock.now(),
    };
    match reserve(&state, &row).await {
        Ok(None) => {}
        Ok(Some(earlier)) => return earlier_response(&state, &row, &earlier),
        Err(error) => return Problem(error).into_response(),
    }
    let id = row.id;
    // The caller may disconnect. The response must be stored all the same.
    let handling = async move {
        let response = next.run(Request::from_parts(parts, Body::from(body))).await;
        keep(&state, id, response).await
    };
    tokio::spawn(handling.in_current_span()).await.unwrap_or_else(|_| Problem(Error::Internal).into_response())
}

/// Only files are larger than JSON bodies.
fn max_body_bytes(path: &str) -> usize {
    if path.contains("/automation-runs") {
        MAX_REPORT_BYTES
    } else if path.contains("/imports") {
        MAX_IMPORT_BYTES
    } else if path.ends_with("/attachments") {
        MAX_ATTACHMENT_BYTES
    } else {
        MAX_BODY_BYTES
    }
}

fn valid_key(key: &HeaderValue) -> Option<&str> {
    let key = key.to_str().ok()?;
    ((1..=MAX_KEY_CHARS).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())).then_some(key)
}

fn key_id(actor: &Actor, key: &str) -> Uuid {
    // A response may contain more than another credential of the user may read.
    let credential = match actor.credential {
        Credential::Token { id, .. } => id.to_string(),
        Credential::Session(_) | Credential::Internal => String::new(),
    };
    let digest = sha256(format!("{}\n{credential}\n{key}", actor.id).as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

fn fingerprint(uri: &str, body: &Bytes) -> [u8; 32] {
    let mut request = format!("{uri}\n").into_bytes();
    request.extend_from_slice(body);
    sha256(&request)
}

/// Stores that the request is being handled. Returns the earlier request with its key, if there is one.
async fn reserve(state: &AppState, row: &Model) -> Result<Option<Model>, Error> {
    let row = row.clone();
    let change = state.store.write(move |tx| {
        let row = row.clone();
        Box::pin(async move {
            let earlier = Entity::find_by_id(row.id).one(tx.db()).await?;
            if let Some(earlier) = earlier {
                if row.created_at < earlier.created_at + KEY_RETENTION {
                    return Ok(Some(earlier));
                }
                Entity::delete_by_id(row.id).exec(tx.db()).await?;
            }
            let insert = Entity::insert(row.clone().into_active_model())
                .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
                .exec_without_returning(tx.db())
                .await?;
            // Another request with the key was first, on another node.
            if insert == 0 { Entity::find_by_id(row.id).one(tx.db()).await } else { Ok(None) }
        })
    });
    change.await.map_err(internal)
}

/// The response to a request with a known key.
fn earlier_response(state: &AppState, row: &Model, earlier: &Model) -> Response {
    if row.request != earlier.request {
        let detail = "This Idempotency-Key was sent with another request. Use a new key.";
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, detail);
    }
    let Some(sealed) = &earlier.response else {
        if row.created_at < earlier.created_at + MAX_REQUEST_DURATION {
            let detail = "A request with this Idempotency-Key is being handled. Try again in a moment.";
            let retry_after = [(header::RETRY_AFTER, HeaderValue::from_static("1"))];
            return (retry_after, refuse(StatusCode::CONFLICT, detail)).into_response();
        }
        return unknown_outcome();
    };
    let opened = state.keys.open(&response_aad(row.id), sealed).ok();
    let stored = opened.and_then(|json| serde_json::from_slice::<StoredResponse>(&json).ok());
    stored.map_or_else(unknown_outcome, replayed)
}

/// The request may have taken effect, so it must not be handled again.
fn unknown_outcome() -> Response {
    let detail = "The response to the first request with this Idempotency-Key is not known. Check whether it took \
        effect. To send it again, use a new key.";
    refuse(StatusCode::CONFLICT, detail)
}

fn replayed(stored: StoredResponse) -> Response {
    let status = StatusCode::from_u16(stored.status).unwrap_or(StatusCode::OK);
    let mut headers = HeaderMap::new();
    headers.insert(REPLAYED_HEADER, HeaderValue::from_static("true"));
    for (name, value) in [(header::CONTENT_TYPE, stored.content_type), (header::LOCATION, stored.location)] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    (status, headers, stored.body).into_response()
}

/// Stores a response, so that it can be sent again. So is a failure of Testbell, because the request may have taken
/// effect. A refusal that says to try again is not stored: the key can be used again.
async fn keep(state: &AppState, id: Uuid, response: Response) -> Response {
    let status = response.status();
    if status == StatusCode::TOO_MANY_REQUESTS {
        release(state, id).await;
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, MAX_RESPONSE_BYTES).await else {
        return Problem(Error::Internal).into_response();
    };
    let text = |name: HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let stored = StoredResponse {
        status: status.as_u16(),
        content_type: text(header::CONTENT_TYPE),
        location: text(header::LOCATION),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let sealed = serde_json::to_vec(&stored).ok().and_then(|json| state.keys.seal(&response_aad(id), &json).ok());
    let change = state.store.write(move |tx| {
        let row = ActiveModel { id: Set(id), response: Set(sealed.clone()), ..ActiveModel::default() };
        Box::pin(async move { Entity::update(row).exec_without_returning(tx.db()).await })
    });
    if let Err(error) = change.await {
        report_outage(&error, "failed to store the response of a request with an Idempotency-Key");
    }
    Response::from_parts(parts, Body::from(body))
}

async fn release(state: &AppState, id: Uuid) {
    let change = state.store.write(move |tx| Box::pin(async move { Entity::delete_by_id(id).exec(tx.db()).await }));
    if let Err(error) = change.await {
        report_outage(&error, "failed to delete an Idempotency-Key");
    }
}
