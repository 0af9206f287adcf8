//! Inspector URLs: private URLs that show the requests they get. Only project admins see them, because
//! a request may contain credentials of its sender.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::delivery::Header;
use super::id::{InspectorRequestId, InspectorUrlId, ProjectId};
use super::string_enum;
use super::time::millis;

/// The maximum number of URLs per project.
pub const MAX_INSPECTOR_URLS: u64 = 20;
/// The maximum number of requests that are kept per URL. The oldest are dropped.
pub const MAX_KEPT_REQUESTS: u64 = 100;
/// The maximum total of the bodies that are kept per URL, in bytes. The oldest requests are dropped.
pub const MAX_KEPT_BYTES: i64 = 4 * 1024 * 1024;
/// The maximum size of a body. Of a larger one, the first part is kept.
pub const MAX_INSPECTED_BODY_BYTES: usize = 256 * 1024;
/// The maximum total of the names and values of headers that are kept of a request, in bytes.
pub const MAX_INSPECTED_HEADER_BYTES: usize = 32 * 1024;
/// How long a URL accepts requests, and by how much it is extended.
pub const INSPECTOR_DAYS: i64 = 7;
/// How far ahead the end of a URL can be.
pub const MAX_INSPECTOR_DAYS: i64 = 30;
/// How long the requests of an expired URL are kept.
pub const EXPIRED_INSPECTOR_DAYS: i64 = 7;
/// The maximum delay of a response in milliseconds.
pub const MAX_RESPONSE_DELAY_MS: u32 = 10_000;
/// The maximum size of a configured response body in bytes.
pub const MAX_RESPONSE_BODY_BYTES: usize = 16 * 1024;
/// The maximum length of a signing secret in characters.
pub const MAX_SECRET_CHARS: usize = 500;

string_enum! {
    /// The content types of configured responses. None of them can attack a browser.
    ResponseContentType {
        /// JSON.
        Json = "application/json", "application/json";
        /// Plain text.
        Text = "text/plain", "text/plain";
        /// XML.
        Xml = "application/xml", "application/xml";
        /// A form.
        Form = "application/x-www-form-urlencoded", "application/x-www-form-urlencoded";
    }
}

string_enum! {
    /// The result of checking the signature of a request.
    SignatureCheck {
        /// The signature is valid.
        Valid = "valid", "valid signature";
        /// The signature is well-formed, but made with another secret or of another body.
        WrongSecret = "wrong_secret", "wrong secret";
        /// The signature was made too long before the request arrived.
        TooOld = "too_old", "timestamp too old";
        /// The signature was made too long after the request arrived: the sender's clock is wrong.
        TooNew = "too_new", "timestamp in the future";
        /// There is a signature that can't be read.
        Malformed = "malformed", "malformed signature";
        /// There is no signature.
        Unsigned = "unsigned", "unsigned";
        /// There is a signature, but no secret to check it with, or only a part of the body.
        NotChecked = "not_checked", "signature not checked";
    }
}

/// An inspector URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct InspectorUrl {
    /// Its ID.
    pub id: InspectorUrlId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// The URL, with the token that keeps it private.
    pub url: String,
    /// The first characters of the token.
    pub token_hint: String,
    /// How it answers.
    pub response: InspectorResponse,
    /// Whether a signing secret is set. The secret itself is never shown again.
    pub has_signing_secret: bool,
    /// The number of requests that are kept.
    pub request_count: u32,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it stops accepting requests.
    #[serde(serialize_with = "millis")]
    pub expires_at: DateTime<Utc>,
    /// Whether it has stopped accepting requests.
    pub expired: bool,
    /// When an expired URL is deleted with its requests.
    #[serde(serialize_with = "millis")]
    pub purge_at: DateTime<Utc>,
}

/// How an inspector URL answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct InspectorResponse {
    /// The status, 200 to 599.
    pub status: u16,
    /// The delay in milliseconds, at most 10,000.
    pub delay_ms: u32,
    /// The content type.
    pub content_type: ResponseContentType,
    /// The body, at most 16 KiB.
    pub body: String,
}

impl Default for InspectorResponse {
    fn default() -> Self {
        Self { status: 200, delay_ms: 0, content_type: ResponseContentType::Json, body: "{\"ok\":true}".to_owned() }
    }
}

/// Changes an inspector URL, or says how a new one differs from the default. Absent fields stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateInspectorUrl {
    /// The status of its response, 200 to 599.
    pub status: Option<u32>,
    /// The delay of its response in milliseconds, at most 10,000.
    pub delay_ms: Option<u32>,
    /// The content type of its response.
    pub content_type: Option<ResponseContentType>,
    /// The body of its response, at most 16 KiB.
    pub body: Option<String>,
    /// The secret with which the sender signs; an empty one removes it. It is never shown again.
    pub signing_secret: Option<String>,
}

/// A request that an inspector URL got, in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct InspectorRequest {
    /// Its ID.
    pub id: InspectorRequestId,
    /// The inspector URL.
    pub inspector_url_id: InspectorUrlId,
    /// When it arrived.
    #[serde(serialize_with = "millis")]
    pub received_at: DateTime<Utc>,
    /// The method.
    pub method: String,
    /// What follows the token in the URL: a path and a query.
    pub path: String,
    /// The name of its event, if it can be read from the body or a header; else null.
    pub event: Option<String>,
    /// The size of the body in bytes. Of a body over 256 KiB, the part that was read.
    pub body_bytes: u32,
    /// Whether the body was larger than 256 KiB. Only its first part is kept.
    pub truncated: bool,
    /// The result of checking its signature with the secret that was set then.
    pub signature: SignatureCheck,
    /// The status of the response.
    pub status: u16,
}

/// A request with its headers and its body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct InspectorRequestDetail {
    /// The request.
    pub request: InspectorRequest,
    /// The address it came from.
    pub address: String,
    /// Details of the signature check in words.
    pub signature_detail: String,
    /// The headers, without `cookie`.
    pub headers: Vec<Header>,
    /// Whether headers were left out because they were too large.
    pub headers_truncated: bool,
    /// The body as text; null if it is not UTF-8.
    pub body: Option<String>,
    /// The body in Base64, if it is not UTF-8; else null.
    pub body_base64: Option<String>,
    /// The duration from its arrival to the response, without the configured delay, in milliseconds.
    pub duration_ms: u32,
}

/// Selects requests of an inspector URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct InspectorRequestQuery {
    /// Only those that arrived after this one, oldest first, for clients that poll.
    pub after: Option<InspectorRequestId>,
    /// Maximum number of items: 1 to 200; 50 by default.
    #[serde(deserialize_with = "super::page::limit")]
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    pub cursor: Option<String>,
}

/// What the Inspector tab shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectorPage {
    /// The project's URLs, newest first.
    pub urls: Vec<InspectorUrl>,
    /// The URL whose requests are shown.
    pub selected: Option<InspectorUrlId>,
    /// Its requests, newest first.
    pub requests: Vec<InspectorRequest>,
    /// The selected request, or the newest.
    pub detail: Option<InspectorRequestDetail>,
}

/// The number of requests that were cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClearedRequests {
    /// How many were deleted.
    pub count: u32,
}
