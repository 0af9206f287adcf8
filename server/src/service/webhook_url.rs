//! The address of an outbound webhook: whether it may be saved, and what of it may be shown.

use std::time::Duration;

use app::error::{Error, Result};
use url::Url;

use crate::core::Core;

/// How long a host's name is looked up when its address is saved.
const PATIENCE: Duration = Duration::from_secs(5);

/// What stands for what is not shown.
pub const COVER: &str = "••••";

/// The hosts of Slack's incoming webhooks, for which an exact match is asked: `contains` would
/// take `hooks.slack.com.example.org` for Slack.
const SLACK_HOSTS: [&str; 2] = ["hooks.slack.com", "hooks.slack-gov.com"];

/// Reads an address and judges it, and the addresses that its host leads to now.
///
/// # Errors
/// [`Error::Invalid`] with what is wrong with the field `url`.
pub async fn check(core: &Core, text: &str) -> Result<Url> {
    let refused = |why: String| Error::field("url", why);
    let guard = core.http.guard();
    let url = guard.check_url(text.trim()).map_err(|refusal| refused(refusal.to_string()))?;
    if url.host_str().is_some_and(|host| SLACK_HOSTS.contains(&host)) {
        return Err(refused("Slack webhooks are not available yet.".to_owned()));
    }
    match core.clock.timeout(PATIENCE, guard.resolve(&url)).await {
        Some(Ok(_)) => Ok(url),
        Some(Err(refusal)) => Err(refused(refusal.to_string())),
        None => Err(refused("Looking up the host's name took too long. Try again.".to_owned())),
    }
}

/// The address with the values of its query covered, which often are credentials.
#[must_use]
pub fn shown(url: &Url) -> String {
    let Some(query) = url.query() else { return url.as_str().to_owned() };
    let covered: Vec<_> = query
        .split('&')
        .map(|pair| pair.split_once('=').map_or(COVER.to_owned(), |(name, _)| format!("{name}={COVER}")))
        .collect();
    let mut plain = url.clone();
    plain.set_query(None);
    format!("{plain}?{}", covered.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_a_query_are_covered_and_nothing_else() {
        for (url, expected) in [
            ("https://example.com/a%2Fb", "https://example.com/a%2Fb"),
            ("https://example.com:8443/h?token=s3cret&v=1", "https://example.com:8443/h?token=••••&v=••••"),
            ("https://example.com/?s3cret", "https://example.com/?••••"),
            ("https://example.com/?a=b=c&", "https://example.com/?a=••••&••••"),
        ] {
            assert_eq!(shown(&url.parse().unwrap()), expected);
        }
    }
}
