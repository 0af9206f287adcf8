//! The URL of an endpoint without its credentials.

use url::Url;

use super::REDACTED;

/// The path of an inspector URL, before its token.
pub const INSPECTOR_PATH: &str = "/inspect/";
/// The beginning of the token of an inspector URL.
pub const INSPECTOR_TOKEN_PREFIX: &str = "ins_";

/// Replaces the values of the query, which are often credentials, and the token of an inspector URL.
pub(super) fn redact(url: &Url) -> String {
    let mut plain = url.clone();
    plain.set_query(None);
    let mut text = plain.to_string();
    if let Some(token) = inspector_token(url.path()) {
        text = text.replace(token, REDACTED);
    }
    let Some(query) = url.query() else { return text };
    let redacted: Vec<_> = query
        .split('&')
        .map(|pair| pair.split_once('=').map_or(REDACTED.to_owned(), |(name, _)| format!("{name}={REDACTED}")))
        .collect();
    format!("{text}?{}", redacted.join("&"))
}

/// The token in a path, of this Testbell or another one.
fn inspector_token(path: &str) -> Option<&str> {
    let (_, rest) = path.split_once(INSPECTOR_PATH)?;
    let token = rest.split('/').next()?;
    token.starts_with(INSPECTOR_TOKEN_PREFIX).then_some(token)
}
