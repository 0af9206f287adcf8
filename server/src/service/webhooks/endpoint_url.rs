//! Checks the URL of an outbound webhook before it is saved.

use std::time::Duration;

use app::error::{Error, Result};
use url::Url;

use crate::app_state::AppState;
use crate::destinations::{self, REDACTED};

/// The timeout of the DNS lookup when a URL is saved.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);

/// Parses and checks a URL and the current addresses of its host.
///
/// # Errors
/// [`Error::Invalid`] for the field `url`.
pub async fn check(state: &AppState, text: &str) -> Result<Url> {
    let refused = |why: String| Error::field("url", why);
    if text.contains(REDACTED) {
        return Err(refused("Enter the full URL. The hidden part can't be restored.".to_owned()));
    }
    let guard = state.http.guard();
    let url = guard.check_url(text.trim()).map_err(|refusal| refused(refusal.to_string()))?;
    destinations::at_url(&url).validate_url(&url).map_err(refused)?;
    match state.clock.timeout(LOOKUP_TIMEOUT, guard.resolve(&url)).await {
        Some(Ok(_)) => Ok(url),
        Some(Err(refusal)) => Err(refused(refusal.to_string())),
        None => Err(refused("The DNS lookup timed out. Try again.".to_owned())),
    }
}
