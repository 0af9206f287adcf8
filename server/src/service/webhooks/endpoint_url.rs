//! Checks the URL of an outbound webhook before it is saved.

use std::time::Duration;

use app::error::{Error, Result};
use app::model::destination::DestinationKind;
use url::Url;

use crate::app_state::AppState;
use crate::destinations::{self, Destination, REDACTED};
use crate::net::{Guard, UrlRefusal};

/// The timeout of the DNS lookup when a URL is saved.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);

/// Parses and checks a URL and the current addresses of its host. Its destination is the selected
/// kind, or else the one that is detected. It has to be https unless insecure connections are allowed.
///
/// # Errors
/// [`Error::Invalid`] for the field `url`, and for `allowInsecure` if the kind doesn't support it.
pub async fn check(
    state: &AppState,
    text: &str,
    selected: Option<DestinationKind>,
    allow_insecure: bool,
) -> Result<(Url, &'static dyn Destination)> {
    let refused = |why: String| Error::field("url", why);
    if text.contains(REDACTED) {
        return Err(refused("Enter the full URL. The hidden part can't be restored.".to_owned()));
    }
    let guard = state.http.guard();
    let url = guard.check_insecure_url(text.trim()).map_err(|refusal| refused(refusal.to_string()))?;
    let destination = destinations::for_url(&url, selected).map_err(refused)?;
    let kind = destination.kind();
    if allow_insecure {
        require_support(kind)?;
    } else {
        require_https(guard, &url, kind).map_err(refused)?;
    }
    match state.clock.timeout(LOOKUP_TIMEOUT, guard.route(&url)).await {
        Some(Ok(_)) => Ok((url, destination)),
        Some(Err(refusal)) => Err(refused(refusal.to_string())),
        None => Err(refused("The DNS lookup timed out. Try again.".to_owned())),
    }
}

/// Checks that insecure connections to a kind of destination can be allowed.
///
/// # Errors
/// [`Error::Invalid`] for the field `allowInsecure`.
pub fn require_support(kind: DestinationKind) -> Result<()> {
    let message = || format!("{} is always reached over https with a valid certificate.", kind.label());
    if kind.spec().allows_insecure { Ok(()) } else { Err(Error::field("allowInsecure", message())) }
}

/// Checks that a URL is secure enough for a webhook that doesn't allow insecure connections.
///
/// # Errors
/// A message for the user.
pub fn require_https(guard: &Guard, url: &Url, kind: DestinationKind) -> std::result::Result<(), String> {
    if guard.allows_scheme(url) {
        return Ok(());
    }
    let or_allow =
        "Use https, or allow insecure connections. Anyone on the network could read and change http requests.";
    let no_other = UrlRefusal::NotHttps.to_string();
    Err(if kind.spec().allows_insecure { or_allow.to_owned() } else { no_other })
}

/// The kind of a URL: the selected one, or else the one that is detected. `None` if it is not a URL.
pub fn kind_of(text: &str, selected: Option<DestinationKind>) -> Option<DestinationKind> {
    let detected = || {
        let url: Url = text.trim().parse().ok()?;
        Some(DestinationKind::detect(url.host_str().unwrap_or_default(), url.path()))
    };
    selected.or_else(detected)
}
