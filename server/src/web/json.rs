//! Reads JSON bodies; an invalid one gets a message that says why.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::objects_only::ObjectsOnly;
use super::problem::refuse;
use super::{Problem, deserialize_error, fields};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
const GZIP: &[u8] = b"\x1F\x8B";
const COMPRESSED: &str = "Compressed bodies are not supported. Send plain JSON, without Content-Encoding.";

/// Reads a body.
///
/// # Errors
/// 400 for invalid JSON, 415 for a compressed body, 422 for invalid fields.
#[allow(clippy::result_large_err, reason = "the error is the response")]
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Response> {
    if body.starts_with(GZIP) {
        return Err(compressed());
    }
    if body.starts_with(BYTE_ORDER_MARK) {
        return Err(invalid("it begins with a byte order mark. Send UTF-8 without one"));
    }
    if std::str::from_utf8(body).is_err() {
        return Err(invalid("it is not UTF-8"));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    match fields::deserialize(ObjectsOnly(&mut json), "Unknown field.") {
        Ok(value) => json.end().map(|()| value).map_err(|error| invalid(&error.to_string())),
        Err((_, Some(error))) if !is_about_a_field(&error, body) => Err(invalid(&error.to_string())),
        Err((broken, _)) => Err(Problem(broken.into_error()).into_response()),
    }
}

/// Refuses a body that is compressed according to a header.
pub fn refuse_encoding(headers: &HeaderMap) -> Option<Response> {
    is_compressed(headers).then(compressed)
}

/// Whether a header says that the body is compressed.
pub fn is_compressed(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| {
        !encoding.is_empty() && !encoding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity")
    })
}

fn compressed() -> Response {
    let mut response = refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, COMPRESSED);
    response.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    response
}

fn invalid(why: &str) -> Response {
    refuse(StatusCode::BAD_REQUEST, format!("Invalid JSON: {why}."))
}

/// Some syntax errors are about the value of a field.
fn is_about_a_field(error: &serde_json::Error, body: &[u8]) -> bool {
    let is_json = || serde_json::from_slice::<IgnoredAny>(body).is_ok();
    error.is_data() || (deserialize_error::is_unfit_value(&error.to_string()) && is_json())
}
