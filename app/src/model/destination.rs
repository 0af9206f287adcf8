//! The destinations of outbound webhooks. Forms, cards, validation, redaction and the documentation
//! derive from the [`DestinationSpec`] of a kind. A new kind is one entry here and one module in
//! the server's `destinations`.

use std::time::Duration;

use super::icon::Icon;
use super::policy::{ATTEMPT_TIMEOUT, MAX_ENDPOINT_PAUSE, MAX_IN_FLIGHT_PER_ENDPOINT};
use super::string_enum;

/// How a destination verifies the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// A secret signs each request (Standard Webhooks 1.0).
    StandardWebhooks,
    /// Requests are not signed: the URL is the credential.
    None,
}

/// How fast deliveries may be sent to a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryLimits {
    /// The maximum number of requests in flight to one endpoint.
    pub max_in_flight: usize,
    /// The minimum time between two requests.
    pub min_interval: Duration,
    /// The longest pause that a response can ask for.
    pub max_pause: Duration,
}

/// Everything that is specific to a kind of destination.
#[derive(Clone, Copy, Debug)]
pub struct DestinationSpec {
    /// Its icon on cards.
    pub icon: Icon,
    /// The hosts of its URLs, in lower case; empty if any host is allowed.
    pub hosts: &'static [&'static str],
    /// The prefix of its URLs' paths.
    pub path_prefix: &'static str,
    /// The error for a URL on one of its hosts with another path.
    pub path_error: &'static str,
    /// An example of its URL.
    pub placeholder: &'static str,
    /// Shown when its URL is recognized in the form.
    pub detected: &'static str,
    /// Whether the URL is the credential. It is then never shown and can't be edited.
    pub url_is_credential: bool,
    /// How it verifies the sender.
    pub signing: Signing,
    /// What to do with the new secret. `{timeout}` is the time to respond, in seconds.
    pub setup_steps: &'static [&'static str],
    /// What the card says about its credential.
    pub credential_hint: Option<&'static str>,
    /// How fast deliveries may be sent.
    pub limits: DeliveryLimits,
}

macro_rules! destinations {
    ($($(#[doc = $doc:literal])* $variant:ident = $text:literal, $label:literal, $spec:expr;)+) => {
        string_enum! {
            /// The kind of destination.
            DestinationKind { $($(#[doc = $doc])* $variant = $text, $label;)+ }
        }

        impl DestinationKind {
            /// Its specification.
            #[must_use]
            pub const fn spec(self) -> &'static DestinationSpec {
                match self { $(Self::$variant => &$spec),+ }
            }
        }
    };
}

destinations! {
    /// An HTTPS endpoint that verifies Standard Webhooks signatures.
    Generic = "generic", "Generic HMAC", GENERIC;
    /// A Slack incoming webhook.
    Slack = "slack", "Slack", SLACK;
}

const GENERIC: DestinationSpec = DestinationSpec {
    icon: Icon::Generic,
    hosts: &[],
    path_prefix: "",
    path_error: "",
    placeholder: "https://",
    detected: "",
    url_is_credential: false,
    signing: Signing::StandardWebhooks,
    setup_steps: &[
        "Use this secret to verify the webhook-signature header (Standard Webhooks 1.0).",
        "Respond with 2xx within {timeout} seconds. Any other response is retried.",
    ],
    credential_hint: None,
    limits: DeliveryLimits {
        max_in_flight: MAX_IN_FLIGHT_PER_ENDPOINT,
        min_interval: Duration::ZERO,
        max_pause: MAX_ENDPOINT_PAUSE,
    },
};

const SLACK: DestinationSpec = DestinationSpec {
    icon: Icon::Hash,
    hosts: &["hooks.slack.com", "hooks.slack-gov.com"],
    // Other paths on these hosts are workflows, which accept no messages.
    path_prefix: "/services/",
    path_error: "Enter the URL of an incoming webhook: its path begins with /services/.",
    placeholder: "https://hooks.slack.com/services/…",
    detected: "Slack URL detected. No signing secret is needed.",
    url_is_credential: true,
    signing: Signing::None,
    setup_steps: &[],
    credential_hint: Some("The URL is the credential. To change it, delete this webhook and add it again."),
    limits: DeliveryLimits {
        max_in_flight: 1,
        // <https://docs.slack.dev/apis/web-api/rate-limits#overview>
        min_interval: Duration::from_secs(1),
        max_pause: MAX_ENDPOINT_PAUSE,
    },
};

impl DestinationKind {
    /// The kind of destination on a host, given in lower case. Whole hosts are compared:
    /// `hooks.slack.com.example.org` is not Slack's.
    #[must_use]
    pub fn at_host(host: &str) -> Self {
        // A trailing dot is part of the same host name.
        let host = host.strip_suffix('.').unwrap_or(host);
        Self::ALL.iter().copied().find(|kind| kind.spec().hosts.contains(&host)).unwrap_or(Self::Generic)
    }

    /// What to do with the new secret.
    #[must_use]
    pub fn setup_steps(self) -> Vec<String> {
        let timeout = ATTEMPT_TIMEOUT.as_secs().to_string();
        self.spec().setup_steps.iter().map(|step| step.replace("{timeout}", &timeout)).collect()
    }

    /// Whether requests are signed with a secret.
    #[must_use]
    pub const fn is_signed(self) -> bool {
        matches!(self.spec().signing, Signing::StandardWebhooks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_compared_whole() {
        for host in ["hooks.slack.com", "hooks.slack-gov.com", "hooks.slack.com."] {
            assert_eq!(DestinationKind::at_host(host), DestinationKind::Slack, "{host}");
        }
        for host in ["hooks.slack.com.example.org", "nothooks.slack.com", "a.hooks.slack.com", "slack.com", ""] {
            assert_eq!(DestinationKind::at_host(host), DestinationKind::Generic, "{host}");
        }
    }

    #[test]
    fn setup_steps_name_the_time_to_respond() {
        let steps = DestinationKind::Generic.setup_steps();
        assert!(steps.iter().any(|step| step.contains("within 10 seconds")), "{steps:?}");
    }

    #[test]
    fn only_one_kind_may_be_anywhere() {
        let anywhere = DestinationKind::ALL.iter().filter(|kind| kind.spec().hosts.is_empty());
        assert_eq!(anywhere.collect::<Vec<_>>(), [&DestinationKind::Generic]);
    }
}
