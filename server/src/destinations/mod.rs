//! Renders requests for each kind of destination, and classifies responses. All of it is pure.
//!
//! A new kind is one file or folder with an implementation of [`Destination`], one arm of
//! [`implementation`], and one entry in [`app::model::destination`]. Chat tools lay out the message
//! in [`chat`].
//!
//! The envelope is stored once with its event. An attempt stores its body only if it differs from
//! the envelope.

pub mod chat;
mod discord;
mod generic;
mod google_chat;
mod jenkins;
mod redacted_url;
pub mod signature;
pub mod slack;
mod teams;
pub mod template;

use std::time::Duration;

use app::model::body_template::{BodyTemplate, TemplateContentType};
use app::model::destination::{DeliveryLimits, DestinationKind};
use app::model::id::{DeliveryId, EventId};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use url::Url;
use uuid::Uuid;

use crate::events::EventMessage;
use crate::net::Response;
pub use redacted_url::{INSPECTOR_PATH, INSPECTOR_TOKEN_PREFIX};
use signature::Signer;
use template::TemplateError;

/// Replaces hidden text.
pub const REDACTED: &str = "••••";

const USER_AGENT: &str = concat!("Testbell/", env!("CARGO_PKG_VERSION"));

/// A kind of destination.
pub trait Destination: Send + Sync {
    /// The kind. Its [spec](DestinationKind::spec) provides the defaults below.
    fn kind(&self) -> DestinationKind;

    /// Checks a URL before it is saved. On a host that is not its own, any path is valid, because
    /// there may be a compatible service or a proxy.
    ///
    /// # Errors
    /// A message for the user.
    fn validate_url(&self, url: &Url) -> Result<(), String> {
        let pattern = &self.kind().spec().url;
        let is_foreign = !pattern.has_host(url.host_str().unwrap_or_default());
        if is_foreign || pattern.has_path(url.path()) { Ok(()) } else { Err(pattern.path_error.to_owned()) }
    }

    /// The URL without its credentials.
    fn redact(&self, url: &Url) -> String {
        let spec = self.kind().spec();
        if !spec.url_is_credential {
            return redacted_url::redact(url);
        }
        let prefix = spec.url.path_prefixes.iter().find(|prefix| url.path().starts_with(**prefix));
        format!("{}{}{REDACTED}", url.origin().ascii_serialization(), prefix.unwrap_or(&"/"))
    }

    /// Renders the request for an event; `None` if a header is invalid.
    fn render(
        &self,
        message: &EventMessage,
        settings: &DestinationSettings,
        signing: &SigningContext<'_>,
    ) -> Option<OutboundRequest>;

    /// Classifies a response. It sees every response, including 2xx.
    fn classify(&self, response: &Response, now: DateTime<Utc>) -> AttemptResult {
        classify_status(response, now)
    }

    /// Whether the body of its requests is the envelope itself.
    fn sends_envelope(&self) -> bool {
        false
    }

    /// How fast deliveries may be sent.
    fn limits(&self) -> DeliveryLimits {
        self.kind().spec().limits
    }
}

/// The registry.
#[must_use]
pub fn implementation(kind: DestinationKind) -> &'static dyn Destination {
    match kind {
        DestinationKind::Generic => &generic::Generic,
        DestinationKind::Slack => &slack::Slack,
        DestinationKind::Teams => &teams::Teams,
        DestinationKind::Discord => &discord::Discord,
        DestinationKind::GoogleChat => &google_chat::GoogleChat,
        DestinationKind::Jenkins => &jenkins::Jenkins,
    }
}

/// The destination of a URL: the selected kind, or the detected one.
///
/// # Errors
/// A message for the user, if messages can't be sent there.
pub fn for_url(url: &Url, selected: Option<DestinationKind>) -> Result<&'static dyn Destination, String> {
    let host = url.host_str().unwrap_or_default();
    if let Some(error) = DestinationKind::retired(host) {
        return Err(error.to_owned());
    }
    let detected = DestinationKind::detect(host, url.path());
    let kind = selected.unwrap_or(detected);
    if kind != detected && detected.spec().url.has_own_hosts {
        let label = detected.label();
        return Err(format!("This URL belongs to {label}. Select {label} as the type, or enter another URL."));
    }
    let destination = implementation(kind);
    destination.validate_url(url)?;
    Ok(destination)
}

/// The settings of a webhook.
#[derive(Clone, Debug)]
pub struct DestinationSettings {
    /// Its URL.
    pub url: Url,
    /// The body from its template, if it has one.
    pub body: Option<CustomBody>,
}

/// A body from a template, which replaces the envelope.
#[derive(Clone, Debug)]
pub struct CustomBody {
    /// The content type.
    pub content_type: TemplateContentType,
    /// The body, byte for byte.
    pub bytes: Bytes,
}

impl CustomBody {
    /// Renders the body of an event.
    ///
    /// # Errors
    /// See [`template::render`].
    pub fn render(template: &BodyTemplate, envelope: &[u8]) -> Result<Self, TemplateError> {
        Ok(Self { content_type: template.content_type, bytes: template::render(template, envelope)? })
    }
}

/// Signs a request. Destinations without signatures ignore it.
#[derive(Clone, Copy)]
pub struct SigningContext<'a> {
    /// The scheme with the active keys.
    pub signer: &'a Signer,
    /// The `webhook-id`.
    pub event: EventId,
    /// The delivery, the same over all its attempts.
    pub delivery: DeliveryId,
    /// The time of the attempt in Unix seconds.
    pub timestamp: i64,
}

/// A request to send.
#[derive(Clone, Debug)]
pub struct OutboundRequest {
    /// The URL.
    pub url: Url,
    /// All headers but host and content-length.
    pub headers: HeaderMap,
    /// The body, byte for byte.
    pub body: Bytes,
}

/// The result of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptResult {
    /// The endpoint accepted it.
    Success,
    /// The endpoint asked to wait.
    RetryAfter {
        /// For how long, if it said so.
        delay: Option<Duration>,
        /// An explanation for users.
        explanation: String,
    },
    /// The endpoint wants no more deliveries (410).
    Gone {
        /// An explanation for users.
        explanation: String,
    },
    /// The endpoint refused the request (4xx), and would refuse the same request again.
    Refused {
        /// An explanation for users.
        explanation: String,
    },
    /// The request could not be written, and the same request never can be.
    Unsendable {
        /// An explanation for users.
        explanation: String,
    },
    /// Any other result.
    Failed {
        /// An explanation for users.
        explanation: String,
    },
}

impl AttemptResult {
    /// A failure.
    pub fn failed(explanation: impl Into<String>) -> Self {
        Self::Failed { explanation: explanation.into() }
    }

    /// The explanation of a result that is not a success.
    #[must_use]
    pub fn explanation(&self) -> Option<&str> {
        match self {
            Self::Success => None,
            Self::RetryAfter { explanation, .. }
            | Self::Gone { explanation }
            | Self::Refused { explanation }
            | Self::Unsendable { explanation }
            | Self::Failed { explanation } => Some(explanation),
        }
    }

    /// The same with another explanation. A success becomes a failure.
    #[must_use]
    pub fn with_explanation(self, explanation: String) -> Self {
        match self {
            Self::RetryAfter { delay, .. } => Self::RetryAfter { delay, explanation },
            Self::Gone { .. } => Self::Gone { explanation },
            Self::Refused { .. } => Self::Refused { explanation },
            Self::Unsendable { .. } => Self::Unsendable { explanation },
            Self::Success | Self::Failed { .. } => Self::Failed { explanation },
        }
    }

    /// The same with no pause longer than `max`.
    #[must_use]
    pub fn with_max_delay(self, max: Duration) -> Self {
        match self {
            Self::RetryAfter { delay, explanation } => {
                Self::RetryAfter { delay: delay.map(|delay| delay.min(max)), explanation }
            }
            result => result,
        }
    }
}

/// The body as it would be sent now, to show it before the first attempt. An event that the template can't render
/// is shown as it is.
#[must_use]
pub fn preview_body(kind: DestinationKind, template: Option<&BodyTemplate>, envelope: String) -> String {
    let body = template.map(|template| CustomBody::render(template, envelope.as_bytes()));
    let body = body.and_then(Result::ok);
    let message = EventMessage::new(envelope.clone().into());
    // The body doesn't depend on the URL or the signature.
    let Ok(url) = Url::parse("https://endpoint.invalid/") else { return envelope };
    let signing = SigningContext {
        signer: &Signer::None,
        event: EventId(Uuid::nil()),
        delivery: DeliveryId(Uuid::nil()),
        timestamp: 0,
    };
    let request = implementation(kind).render(&message, &DestinationSettings { url, body }, &signing);
    request.map_or(envelope, |request| String::from_utf8_lossy(&request.body).into_owned())
}

/// The headers of a JSON request.
fn json_headers() -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    headers
}

/// The result of a request to a platform that explains its errors in the body: `explain` gets the
/// status and the body of a failure, and says what to do.
fn classify_explained(
    response: &Response,
    now: DateTime<Utc>,
    explain: impl FnOnce(StatusCode, &[u8]) -> Option<String>,
) -> AttemptResult {
    match classify_status(response, now) {
        AttemptResult::Success => AttemptResult::Success,
        result => match explain(response.status, &response.body) {
            Some(explanation) => result.with_explanation(explanation),
            None => result,
        },
    }
}

/// Classifies a status code.
fn classify_status(response: &Response, now: DateTime<Utc>) -> AttemptResult {
    let status = response.status;
    if status.is_success() {
        return AttemptResult::Success;
    }
    let explanation = match status.is_redirection() {
        true => format!("The endpoint responded with {status}. Redirects are not followed: enter the final URL."),
        false => format!("The endpoint responded with {status}."),
    };
    let value = response.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    match (status, value.and_then(|value| retry_after(value, now))) {
        (StatusCode::GONE, _) => AttemptResult::Gone { explanation },
        (StatusCode::TOO_MANY_REQUESTS, delay) => AttemptResult::RetryAfter { delay, explanation },
        (StatusCode::SERVICE_UNAVAILABLE, delay @ Some(_)) => AttemptResult::RetryAfter { delay, explanation },
        // The same request may succeed later (RFC 9110, 15.5.9, and RFC 8470, 5.2).
        (StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY, _) => AttemptResult::Failed { explanation },
        _ if status.is_client_error() => AttemptResult::Refused { explanation },
        _ => AttemptResult::Failed { explanation },
    }
}

/// Parses `Retry-After`: seconds or an HTTP date (RFC 9110, 10.2.3).
fn retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date: DateTime<Utc> = httpdate::parse_http_date(value).ok()?.into();
    Some((date - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests;
