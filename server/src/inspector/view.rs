//! The views of inspector URLs and their requests.

use std::collections::HashMap;

use app::error::{Error, Result};
use app::model::id::InspectorUrlId;
use app::model::inspector::{
    EXPIRED_INSPECTOR_DAYS, InspectorRequest, InspectorRequestDetail, InspectorResponse, InspectorUrl,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::answer;
use crate::app_state::AppState;
use crate::destinations::INSPECTOR_PATH;
use crate::entity::{inspector_request, inspector_url};
use crate::storage::internal;

/// The views of URLs in the same order.
///
/// # Errors
/// [`Error::Internal`] if a token can't be decrypted.
pub async fn urls(state: &AppState, rows: Vec<inspector_url::Model>) -> Result<Vec<InspectorUrl>> {
    use inspector_request::Column;
    let counts: Vec<(InspectorUrlId, i64)> = inspector_request::Entity::find()
        .select_only()
        .column(Column::InspectorUrlId)
        .expr(Column::Id.count())
        .filter(Column::InspectorUrlId.is_in(rows.iter().map(|row| row.id)))
        .group_by(Column::InspectorUrlId)
        .into_tuple()
        .all(state.store.read())
        .await
        .map_err(internal)?;
    let counts: HashMap<_, _> = counts.into_iter().collect();
    rows.into_iter().map(|row| url(state, &row, counts.get(&row.id).copied().unwrap_or_default())).collect()
}

/// The view of a URL.
///
/// # Errors
/// [`Error::Internal`] if its token can't be decrypted.
pub fn url(state: &AppState, row: &inspector_url::Model, requests: i64) -> Result<InspectorUrl> {
    let token = state.keys.open_text(&inspector_url::token_aad(row.id), &row.token).map_err(|error| {
        tracing::error!(%error, url = %row.id, "failed to decrypt the token of an inspector URL");
        Error::Internal
    })?;
    Ok(InspectorUrl {
        id: row.id,
        project_id: row.project_id,
        url: state.config.link(&format!("{INSPECTOR_PATH}{token}")),
        token_hint: row.token_hint.clone(),
        response: InspectorResponse {
            status: answer::status(row).as_u16(),
            delay_ms: row.delay_ms.unsigned_abs(),
            content_type: row.content_type,
            body: row.body.clone(),
        },
        has_signing_secret: row.signing_secret.is_some(),
        request_count: u32::try_from(requests).unwrap_or_default(),
        created_at: row.created_at,
        expires_at: row.expires_at,
        expired: row.expires_at <= state.clock.now(),
        purge_at: row.expires_at + TimeDelta::days(EXPIRED_INSPECTOR_DAYS),
    })
}

/// The columns of a request in a list.
pub const LISTED: [inspector_request::Column; 10] = {
    use inspector_request::Column;
    [
        Column::Id,
        Column::InspectorUrlId,
        Column::ReceivedAt,
        Column::Method,
        Column::Path,
        Column::Event,
        Column::BodyBytes,
        Column::Truncated,
        Column::Signature,
        Column::Status,
    ]
};

/// A row of a list, without its headers and its body.
#[derive(Clone, Debug, sea_orm::FromQueryResult)]
pub struct ListedRequest {
    pub id: app::model::id::InspectorRequestId,
    pub inspector_url_id: InspectorUrlId,
    pub received_at: sea_orm::prelude::DateTimeUtc,
    pub method: String,
    pub path: String,
    pub event: Option<String>,
    pub body_bytes: i64,
    pub truncated: bool,
    pub signature: app::model::inspector::SignatureCheck,
    pub status: i32,
}

impl From<ListedRequest> for InspectorRequest {
    fn from(row: ListedRequest) -> Self {
        Self {
            id: row.id,
            inspector_url_id: row.inspector_url_id,
            received_at: row.received_at,
            method: row.method,
            path: row.path,
            event: row.event,
            body_bytes: u32::try_from(row.body_bytes).unwrap_or(u32::MAX),
            truncated: row.truncated,
            signature: row.signature,
            status: u16::try_from(row.status).unwrap_or_default(),
        }
    }
}

/// A request with its headers and its body.
pub fn request(row: inspector_request::Model) -> InspectorRequestDetail {
    let (body, body_base64) = match String::from_utf8(row.body) {
        Ok(text) => (Some(text), None),
        Err(error) => (None, Some(STANDARD.encode(error.as_bytes()))),
    };
    let listed = ListedRequest {
        id: row.id,
        inspector_url_id: row.inspector_url_id,
        received_at: row.received_at,
        method: row.method,
        path: row.path,
        event: row.event,
        body_bytes: row.body_bytes,
        truncated: row.truncated,
        signature: row.signature,
        status: row.status,
    };
    InspectorRequestDetail {
        request: listed.into(),
        address: row.address,
        signature_detail: row.signature_detail,
        headers: row.headers.0,
        headers_truncated: row.headers_truncated,
        body,
        body_base64,
        duration_ms: row.duration_ms.unsigned_abs(),
    }
}
