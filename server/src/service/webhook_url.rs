//! The address of an outbound webhook: whether it may be saved, and what of it may be shown.

use std::time::Duration;

use app::error::{Error, Result};
use app::model::webhook::WebhookKind;
use url::Url;

use crate::core::Core;

/// How long a host's name is looked up when its address is saved.
const PATIENCE: Duration = Duration::from_secs(5);

/// What stands for what is not shown.
pub const COVER: &str = "••••";

/// Where incoming webhooks are; elsewhere on the host are workflows, which take no messages.
const SLACK_PATH: &str = "/services/";

/// Reads an address and judges it, and the addresses that its host leads to now.
///
/// # Errors
/// [`Error::Invalid`] with what is wrong with the field `url`.
pub async fn check(core: &Core, text: &str) -> Result<Url> {
    let refused = |why: String| Error::field("url", why);
    if text.contains(COVER) {
        return Err(refused("Enter the whole URL: what is covered by dots can't be read back.".to_owned()));
    }
    let guard = core.http.guard();
    let url = guard.check_url(text.trim()).map_err(|refusal| refused(refusal.to_string()))?;
    if kind(&url) == WebhookKind::Slack && !url.path().starts_with(SLACK_PATH) {
        return Err(refused(format!("Enter the address of an incoming webhook: its path begins with {SLACK_PATH}.")));
    }
    match core.clock.timeout(PATIENCE, guard.resolve(&url)).await {
        Some(Ok(_)) => Ok(url),
        Some(Err(refusal)) => Err(refused(refusal.to_string())),
        None => Err(refused("Looking up the host's name took too long. Try again.".to_owned())),
    }
}

/// What is at an address.
#[must_use]
pub fn kind(url: &Url) -> WebhookKind {
    WebhookKind::at_host(url.host_str().unwrap_or_default())
}

/// The address without its credentials: of Slack's nothing but the host, of any other the values
/// of its query are covered, which often are some.
#[must_use]
pub fn shown(url: &Url) -> String {
    if kind(url) == WebhookKind::Slack {
        return format!("{}{SLACK_PATH}{COVER}", url.origin().ascii_serialization());
    }
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
    fn slack_is_known_by_its_exact_host_and_nothing_of_its_address_is_shown() {
        for (url, expected) in [
            ("https://hooks.slack.com/services/T0/B0/x", "https://hooks.slack.com/services/••••"),
            ("https://HOOKS.slack-gov.com:443/services/T0/B0/x?y=z", "https://hooks.slack-gov.com/services/••••"),
            ("https://hooks.slack.com./services/T0/B0/x", "https://hooks.slack.com./services/••••"),
        ] {
            let url = url.parse().unwrap();
            assert_eq!((kind(&url), shown(&url).as_str()), (WebhookKind::Slack, expected));
        }
        for url in [
            "https://hooks.slack.com.example.org/services/x",
            "https://example.org/hooks.slack.com/services/x",
            "https://nothooks.slack.com/services/x",
            "https://slack.com/services/x",
            "https://a.hooks.slack.com/services/x",
        ] {
            assert_eq!(kind(&url.parse().unwrap()), WebhookKind::Generic, "{url}");
        }
    }

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
