//! The destinations of outbound webhooks. Forms, cards, validation, redaction and the documentation
//! derive from the [`DestinationSpec`] of a kind. A new kind is one entry here and one module in
//! the server's `destinations`.

use std::time::Duration;

use super::icon::Icon;
use super::policy::{MAX_ENDPOINT_PAUSE, MAX_IN_FLIGHT_PER_ENDPOINT};
use super::string_enum;

/// How a destination verifies the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// Requests are signed as selected for each webhook.
    Selected,
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

/// The URLs of a kind of destination, by which it is detected.
#[derive(Clone, Copy, Debug)]
pub struct UrlPattern {
    /// Hosts in lower case; one that begins with a dot stands for all its subdomains. Empty if it can
    /// be on any host.
    pub hosts: &'static [&'static str],
    /// Whether these hosts serve nothing else. If so, a URL with another path is refused.
    pub has_own_hosts: bool,
    /// The beginnings of the path; empty if it doesn't matter.
    pub path_prefixes: &'static [&'static str],
    /// The end of the path; empty if it doesn't matter.
    pub path_suffix: &'static str,
    /// The error for a URL on one of its hosts with another path.
    pub path_error: &'static str,
    /// Hosts that accept no more messages, with the error for their URLs.
    pub retired: Option<(&'static [&'static str], &'static str)>,
}

/// Matches any URL.
const ANY_URL: UrlPattern =
    UrlPattern { hosts: &[], has_own_hosts: false, path_prefixes: &[], path_suffix: "", path_error: "", retired: None };

/// Everything that is specific to a kind of destination.
#[derive(Clone, Copy, Debug)]
pub struct DestinationSpec {
    /// Its icon on cards.
    pub icon: Icon,
    /// What it is for, in a few words.
    pub summary: &'static str,
    /// Its URLs.
    pub url: UrlPattern,
    /// An example of its URL.
    pub placeholder: &'static str,
    /// How to get its URL, in steps.
    pub url_steps: &'static [&'static str],
    /// Whether the URL is the credential. It is then never shown.
    pub url_is_credential: bool,
    /// How it verifies the sender.
    pub signing: Signing,
    /// Headers that it sets itself, in lower case; `None` if headers can't be added to its requests.
    pub reserved_headers: Option<&'static [&'static str]>,
    /// Whether a template can replace its body.
    pub takes_template: bool,
    /// Whether http and unverified certificates can be allowed. It is then often on an internal network.
    pub allows_insecure: bool,
    /// What else to do with the new secret. `{timeout}` is the time to respond, in seconds.
    pub setup_steps: &'static [&'static str],
    /// Whether people read its messages, so that a digest can sum up many events.
    pub has_digests: bool,
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
    /// Any endpoint, which verifies signatures.
    Generic = "generic", "Generic", GENERIC;
    /// A Slack incoming webhook.
    Slack = "slack", "Slack", SLACK;
    /// A workflow of Microsoft Teams.
    Teams = "teams", "Microsoft Teams", TEAMS;
    /// A webhook of a Discord channel.
    Discord = "discord", "Discord", DISCORD;
    /// A webhook of a Google Chat space.
    GoogleChat = "google_chat", "Google Chat", GOOGLE_CHAT;
    /// Jobs in Jenkins, through its Generic Webhook Trigger plugin.
    Jenkins = "jenkins", "Jenkins", JENKINS;
}

const GENERIC: DestinationSpec = DestinationSpec {
    icon: Icon::Generic,
    summary: "Signed JSON to any endpoint",
    url: ANY_URL,
    placeholder: "https://",
    url_steps: &[],
    url_is_credential: false,
    signing: Signing::Selected,
    reserved_headers: Some(&[]),
    takes_template: true,
    allows_insecure: true,
    setup_steps: &["Respond with 2xx within {timeout} seconds. Other responses are retried, except most 4xx."],
    has_digests: false,
    limits: DeliveryLimits {
        max_in_flight: MAX_IN_FLIGHT_PER_ENDPOINT,
        min_interval: Duration::ZERO,
        max_pause: MAX_ENDPOINT_PAUSE,
    },
};

const SLACK: DestinationSpec = DestinationSpec {
    icon: Icon::Hash,
    summary: "Messages to a channel",
    url: UrlPattern {
        hosts: &["hooks.slack.com", "hooks.slack-gov.com"],
        has_own_hosts: true,
        // Other paths on these hosts are workflows, which accept no messages.
        path_prefixes: &["/services/"],
        path_error: "Enter the URL of an incoming webhook: its path begins with /services/.",
        ..ANY_URL
    },
    placeholder: "https://hooks.slack.com/services/…",
    url_steps: &[
        "At api.slack.com/apps, create an app in your workspace.",
        "Turn on Incoming Webhooks, and add a webhook to a channel.",
        "Copy its URL.",
    ],
    // <https://docs.slack.dev/apis/web-api/rate-limits#overview>
    limits: chat_limits(Duration::from_secs(1)),
    ..CHAT
};

const TEAMS: DestinationSpec = DestinationSpec {
    icon: Icon::Teams,
    summary: "Cards to a channel or chat",
    url: UrlPattern {
        hosts: &[".logic.azure.com", ".environment.api.powerplatform.com"],
        path_prefixes: &["/workflows/", "/powerautomate/automations/direct/workflows/"],
        path_error: "Enter the URL of a workflow: its path contains /workflows/.",
        // <https://devblogs.microsoft.com/microsoft365dev/retirement-of-office-365-connectors-within-microsoft-teams/>
        retired: Some((
            &[".webhook.office.com", "outlook.office.com", "outlook.office365.com"],
            "Microsoft has retired this type of URL. In Teams, open Workflows for the channel, select \"Send webhook alerts to a channel\", and enter the URL shown there.",
        )),
        ..ANY_URL
    },
    placeholder: "https://….environment.api.powerplatform.com/…/workflows/…",
    url_steps: &[
        "In Teams, open the menu of the channel, and select Workflows.",
        "Select \"Send webhook alerts to a channel\", and save the workflow.",
        "Copy its URL.",
    ],
    // <https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook#rate-limiting>
    limits: chat_limits(Duration::from_millis(500)),
    ..CHAT
};

const DISCORD: DestinationSpec = DestinationSpec {
    icon: Icon::Discord,
    summary: "Messages to a channel",
    url: UrlPattern {
        hosts: &["discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"],
        has_own_hosts: true,
        path_prefixes: &["/api/webhooks/"],
        path_error: "Enter the URL of a webhook: its path is /api/webhooks/, an ID, and a token.",
        ..ANY_URL
    },
    placeholder: "https://discord.com/api/webhooks/…",
    url_steps: &[
        "In Discord, open the settings of the channel, and select Integrations.",
        "Select Webhooks, then New Webhook.",
        "Copy its URL.",
    ],
    // <https://docs.discord.com/developers/topics/rate-limits>: about 30 messages a minute.
    limits: chat_limits(Duration::from_secs(2)),
    ..CHAT
};

const GOOGLE_CHAT: DestinationSpec = DestinationSpec {
    icon: Icon::Chat,
    summary: "Cards to a space",
    url: UrlPattern {
        hosts: &["chat.googleapis.com"],
        has_own_hosts: true,
        path_prefixes: &["/v1/spaces/"],
        path_suffix: "/messages",
        path_error: "Enter the URL of a space's webhook: its path begins with /v1/spaces/ and ends with /messages.",
        ..ANY_URL
    },
    placeholder: "https://chat.googleapis.com/v1/spaces/…",
    url_steps: &[
        "In Google Chat, open the space's menu, and select Apps & integrations.",
        "Select Webhooks, and add one.",
        "Copy its URL.",
    ],
    // <https://developers.google.com/workspace/chat/limits>: one message a second and space.
    limits: chat_limits(Duration::from_secs(1)),
    ..CHAT
};

const JENKINS: DestinationSpec = DestinationSpec {
    icon: Icon::Jenkins,
    summary: "Starts jobs",
    url: UrlPattern { path_suffix: "/generic-webhook-trigger/invoke", ..ANY_URL },
    placeholder: "https://jenkins.example.com/generic-webhook-trigger/invoke?token=…",
    url_steps: &[
        "In Jenkins, install the plugin Generic Webhook Trigger.",
        "In the job, select it as the trigger, set a token, and add a variable with the JSONPath $.",
        "Enter the address of Jenkins, then /generic-webhook-trigger/invoke?token= and the token.",
    ],
    signing: Signing::None,
    reserved_headers: Some(&["gwt-dry-run", "token"]),
    takes_template: false,
    setup_steps: &[],
    ..GENERIC
};

/// What all chat tools have in common.
const CHAT: DestinationSpec = DestinationSpec {
    icon: Icon::Hash,
    summary: "",
    url: ANY_URL,
    placeholder: "",
    url_steps: &[],
    url_is_credential: true,
    signing: Signing::None,
    reserved_headers: None,
    takes_template: false,
    allows_insecure: false,
    setup_steps: &[],
    has_digests: true,
    limits: chat_limits(Duration::from_secs(1)),
};

/// Messages are sent in order, one at a time.
const fn chat_limits(min_interval: Duration) -> DeliveryLimits {
    DeliveryLimits { max_in_flight: 1, min_interval, max_pause: MAX_ENDPOINT_PAUSE }
}

impl UrlPattern {
    /// Whether a host, given in lower case, is one of its own.
    #[must_use]
    pub fn has_host(&self, host: &str) -> bool {
        is_one_of(self.hosts, host)
    }

    /// Whether a path is one of its own.
    #[must_use]
    pub fn has_path(&self, path: &str) -> bool {
        let begins = self.path_prefixes.is_empty() || self.path_prefixes.iter().any(|prefix| path.starts_with(prefix));
        begins && path.trim_end_matches('/').ends_with(self.path_suffix)
    }

    /// Whether a URL is one of its own. A pattern without hosts and paths has none.
    fn detects(&self, host: &str, path: &str) -> bool {
        match (self.hosts, self.path_suffix) {
            ([], "") => false,
            ([], _) => self.has_path(path),
            _ => self.has_host(host) && (self.has_own_hosts || self.has_path(path)),
        }
    }
}

/// Whole hosts are compared: `hooks.slack.com.example.org` is not Slack's.
fn is_one_of(hosts: &[&str], host: &str) -> bool {
    // A trailing dot is part of the same host name.
    let host = host.strip_suffix('.').unwrap_or(host);
    hosts.iter().any(|own| host == *own || own.starts_with('.') && host.ends_with(own))
}

impl DestinationKind {
    /// The kind of a URL with a host, given in lower case, and a path.
    #[must_use]
    pub fn detect(host: &str, path: &str) -> Self {
        Self::ALL.iter().copied().find(|kind| kind.spec().url.detects(host, path)).unwrap_or(Self::Generic)
    }

    /// The error for a host that accepts no more messages.
    #[must_use]
    pub fn retired(host: &str) -> Option<&'static str> {
        let retired = Self::ALL.iter().filter_map(|kind| kind.spec().url.retired);
        retired.into_iter().find(|(hosts, _)| is_one_of(hosts, host)).map(|(_, error)| error)
    }

    /// What to do with the new secret. `timeout` is in seconds.
    #[must_use]
    pub fn setup_steps(self, timeout: u32) -> Vec<String> {
        let timeout = timeout.to_string();
        self.spec().setup_steps.iter().map(|step| step.replace("{timeout}", &timeout)).collect()
    }

    /// Whether requests can be signed.
    #[must_use]
    pub const fn can_sign(self) -> bool {
        matches!(self.spec().signing, Signing::Selected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_url_is_detected() {
        for (host, path, kind) in [
            ("hooks.slack.com", "/services/T0", DestinationKind::Slack),
            ("hooks.slack-gov.com", "/services/T0", DestinationKind::Slack),
            ("hooks.slack.com.", "/workflows/T0", DestinationKind::Slack),
            ("discord.com", "/api/webhooks/1/x", DestinationKind::Discord),
            ("discordapp.com", "/", DestinationKind::Discord),
            ("chat.googleapis.com", "/v1/spaces/S/messages", DestinationKind::GoogleChat),
            ("prod-1.westeurope.logic.azure.com", "/workflows/a/triggers/manual", DestinationKind::Teams),
            ("prod-1.westeurope.logic.azure.com", "/other", DestinationKind::Generic),
            (
                "a.1.environment.api.powerplatform.com",
                "/powerautomate/automations/direct/workflows/a/triggers/manual/paths/invoke",
                DestinationKind::Teams,
            ),
            ("ci.example.org", "/jenkins/generic-webhook-trigger/invoke", DestinationKind::Jenkins),
            ("ci.example.org", "/generic-webhook-trigger/invoke/", DestinationKind::Jenkins),
            ("ci.example.org", "/generic-webhook-trigger/other", DestinationKind::Generic),
        ] {
            assert_eq!(DestinationKind::detect(host, path), kind, "{host}{path}");
        }
    }

    #[test]
    fn hosts_are_compared_whole() {
        for host in [
            "hooks.slack.com.example.org",
            "nothooks.slack.com",
            "a.hooks.slack.com",
            "slack.com",
            "notdiscord.com",
            "logic.azure.com",
            "notlogic.azure.com",
            "",
        ] {
            assert_eq!(DestinationKind::detect(host, "/workflows/x"), DestinationKind::Generic, "{host}");
        }
    }

    #[test]
    fn retired_hosts_of_teams_are_known() {
        for host in ["acme.webhook.office.com", "outlook.office.com", "outlook.office365.com."] {
            assert!(DestinationKind::retired(host).is_some_and(|error| error.contains("Workflows")), "{host}");
        }
        assert_eq!(DestinationKind::retired("office.com"), None);
    }

    #[test]
    fn setup_steps_name_the_time_to_respond() {
        let steps = DestinationKind::Generic.setup_steps(30);
        assert!(steps.iter().any(|step| step.contains("within 30 seconds")), "{steps:?}");
    }

    #[test]
    fn only_one_kind_may_be_anywhere() {
        let anywhere = DestinationKind::ALL.iter().filter(|kind| {
            let url = kind.spec().url;
            url.hosts.is_empty() && url.path_suffix.is_empty()
        });
        assert_eq!(anywhere.collect::<Vec<_>>(), [&DestinationKind::Generic]);
    }
}
