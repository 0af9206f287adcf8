//! The cookie of a sign-in that waits for the provider. It is encrypted with the master key, so any node can complete
//! the sign-in, and nothing is stored for visitors who never come back.

use app::error::Error;
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use tower_sessions::cookie::{Cookie, SameSite, time};

use crate::app_state::AppState;
use crate::oidc::PendingSignIn;

/// How long a user may take at the provider.
const LIFETIME_MINUTES: i64 = 15;
/// The cookie's name over http.
const NAME: &str = "testbell_sign_in";
/// The cookie's name over https: browsers accept it only from this host, and only over https.
const SECURE_NAME: &str = "__Host-testbell_sign_in";
/// The associated data of the encryption.
const AAD: &str = "cookie:testbell_sign_in";

/// A sign-in that waits for the provider.
#[derive(Serialize, Deserialize)]
pub struct Pending {
    pub sign_in: PendingSignIn,
    /// The path to continue to.
    pub next: String,
    /// Unix time.
    expires_at: i64,
}

/// The `Set-Cookie` header that begins a sign-in.
///
/// # Errors
/// [`Error::Internal`] if it can't be encrypted, which can't happen.
pub fn set_cookie(state: &AppState, sign_in: PendingSignIn, next: &str) -> Result<HeaderValue, Error> {
    let expires_at = (state.clock.now() + TimeDelta::minutes(LIFETIME_MINUTES)).timestamp();
    let pending = Pending { sign_in, next: next.to_owned(), expires_at };
    let plain = serde_json::to_vec(&pending).map_err(|_| Error::Internal)?;
    let sealed = state.keys.seal(AAD, &plain).map_err(|_| Error::Internal)?;
    header(state, URL_SAFE_NO_PAD.encode(sealed), time::Duration::minutes(LIFETIME_MINUTES)).ok_or(Error::Internal)
}

/// The `Set-Cookie` header that ends it.
pub fn clear_cookie(state: &AppState) -> HeaderValue {
    header(state, String::new(), time::Duration::ZERO).unwrap_or_else(|| HeaderValue::from_static(""))
}

/// The sign-in of a request's cookie, if it has not expired.
pub fn from_headers(state: &AppState, headers: &HeaderMap) -> Option<Pending> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = cookies.flat_map(|value| Cookie::split_parse(value).filter_map(Result::ok));
    let cookie = cookies.find(|cookie| cookie.name() == name(state))?;
    let sealed = URL_SAFE_NO_PAD.decode(cookie.value()).ok()?;
    let pending: Pending = serde_json::from_slice(&state.keys.open(AAD, &sealed).ok()?).ok()?;
    (pending.expires_at > state.clock.now().timestamp()).then_some(pending)
}

fn name(state: &AppState) -> &'static str {
    if state.config.secure() { SECURE_NAME } else { NAME }
}

fn header(state: &AppState, value: String, max_age: time::Duration) -> Option<HeaderValue> {
    let cookie = Cookie::build((name(state), value))
        .path("/")
        .http_only(true)
        // The provider's redirect is a request from another site.
        .same_site(SameSite::Lax)
        .secure(state.config.secure())
        .max_age(max_age);
    HeaderValue::try_from(cookie.build().to_string()).ok()
}
