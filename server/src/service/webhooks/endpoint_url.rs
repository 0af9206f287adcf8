//! Checks the URL of an outbound webhook before it is saved.

use std::time::Duration;

use app::error::{Error, Result};
use app::model::destination::DestinationKind;
use url::Url;

use crate::app_state::AppState;
use crate::destinations::{self, Destination, REDACTED};

/// The timeout of the DNS lookup when a URL is saved.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);

/// Parses and checks a URL and the current addresses of its host. Its destination is the selected
/// kind, or else the one that is detected.
///
/// # Errors
/// [`Error::Invalid`] for the field `url`.
pub async fn check(
    state: &AppState,
    text: &str,
    selected: Option<DestinationKind>,
) -> Result<(Url, &'static dyn Destination)> {
    let refused = |why: String| Error::field("url", why);
    if text.contains(REDACTED) {
        return Err(refused("Enter the full URL. The hidden part can't be restored.".to_owned()));
    }
    let guard = state.http.guard();
    let url = guard.check_url(text.trim()).map_err(|refusal| refused(refusal.to_string()))?;
    let destination = destinations::for_url(&url, selected).map_err(refused)?;
    match state.clock.timeout(LOOKUP_TIMEOUT, guard.resolve(&url)).await {
        Some(Ok(_)) => Ok((url, destination)),
        Some(Err(refusal)) => Err(refused(refusal.to_string())),
        None => Err(refused("The DNS lookup timed out. Try again.".to_owned())),
    }
}
