//! `/inspect/{token}`: receives a request of any method.

use std::sync::Arc;
use std::time::Duration;

use app::model::inspector::MAX_INSPECTED_BODY_BYTES;
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};

use super::limits::InspectorLimits;
use super::received::{self, ReceivedBody};
use super::record::{self, NewRequest};
use super::{answer, signature_check};
use crate::app_state::AppState;
use crate::crypto;
use crate::entity::{inspector_url, project};
use crate::storage::internal;
use crate::web::{Client, Problem, refuse};

/// The handler.
pub async fn receive(
    State(state): State<AppState>,
    Extension(limits): Extension<Arc<InspectorLimits>>,
    Client(origin): Client,
    request: Request,
) -> Response {
    let response = handle(&state, &limits, origin.address.to_string(), request).await;
    response.unwrap_or_else(|refusal| answer::guarded(refusal.into_response()))
}

/// Why a request is not kept.
enum Refusal {
    UnknownToken,
    Expired,
    TooMany(Duration),
    BrokenBody,
    Database(DbErr),
}

impl From<DbErr> for Refusal {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::UnknownToken => refuse(StatusCode::NOT_FOUND, "There is no inspector URL here."),
            Self::Expired => refuse(StatusCode::GONE, "This inspector URL has expired. A project admin can extend it."),
            Self::TooMany(wait) => {
                let mut response = refuse(StatusCode::TOO_MANY_REQUESTS, "Too many requests for this inspector URL.");
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
                response
            }
            Self::BrokenBody => refuse(StatusCode::BAD_REQUEST, "The request body is incomplete."),
            Self::Database(error) => Problem(internal(error)).into_response(),
        }
    }
}

async fn handle(
    state: &AppState,
    limits: &Arc<InspectorLimits>,
    address: String,
    request: Request,
) -> Result<Response, Refusal> {
    let (started, received_at) = (state.clock.instant(), state.clock.now());
    let url = find(state, received::token(request.uri())).await?.ok_or(Refusal::UnknownToken)?;
    if url.expires_at <= received_at {
        return Err(Refusal::Expired);
    }
    // Held until the response is sent, so that delayed responses are limited as well.
    let permit = limits.admit(url.id, started).map_err(Refusal::TooMany)?;
    let (parts, body) = request.into_parts();
    let body = received::read_body(body).await.map_err(|_| Refusal::BrokenBody)?;
    let secret = signing_secret(state, &url);
    let signature = signature_check::check(&parts.headers, body.complete(), secret.as_deref(), received_at);
    let (headers, headers_truncated) = received::kept_headers(&parts.headers);
    let ReceivedBody { bytes, truncated } = body;
    let status = if truncated { StatusCode::PAYLOAD_TOO_LARGE } else { answer::status(&url) };
    let new = NewRequest {
        received_at,
        method: parts.method.to_string(),
        path: received::path_after_token(&parts.uri),
        address,
        event: received::event_name(&parts.headers, &bytes),
        headers,
        headers_truncated,
        body: bytes,
        truncated,
        signature,
        status: status.as_u16(),
        duration: state.clock.instant() - started,
    };
    if !record::record(state, &url, new).await? {
        return Err(Refusal::UnknownToken);
    }
    let delay = Duration::from_millis(u64::from(url.delay_ms.unsigned_abs()));
    if !delay.is_zero() {
        state.clock.sleep(delay).await;
    }
    drop(permit);
    if truncated {
        let sentence = format!("Inspector URLs take bodies of up to {} KiB.", MAX_INSPECTED_BODY_BYTES / 1024);
        return Ok(answer::guarded(refuse(StatusCode::PAYLOAD_TOO_LARGE, sentence)));
    }
    Ok(answer::configured(&url))
}

/// The URL of a token, unless its project was deleted. The token has 256 random bits, so the timing of an index
/// lookup of its hash reveals nothing useful.
async fn find(state: &AppState, token: &str) -> Result<Option<inspector_url::Model>, DbErr> {
    let db = state.store.read();
    let hash = crypto::sha256(token.as_bytes()).to_vec();
    let found = inspector_url::Entity::find().filter(inspector_url::Column::TokenHash.eq(hash)).one(db).await?;
    let Some(url) = found else { return Ok(None) };
    let project = project::Entity::find_by_id(url.project_id).one(db).await?;
    Ok(project.filter(|project| project.deleted_at.is_none()).map(|_| url))
}

/// A secret that can't be decrypted counts as none.
fn signing_secret(state: &AppState, url: &inspector_url::Model) -> Option<String> {
    let sealed = url.signing_secret.as_ref()?;
    let opened = state.keys.open_text(&inspector_url::secret_aad(url.id), sealed);
    opened.inspect_err(|error| tracing::error!(%error, url = %url.id, "failed to decrypt a signing secret")).ok()
}
