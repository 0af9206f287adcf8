//! What is at the other end of a webhook: a tracker or a destination.

use std::fmt;
use std::str::FromStr;

use super::destination::DestinationKind;
use super::icon::Icon;
use super::provider::Provider;
use super::text_serde::text_serde;
use super::webhook::Direction;

/// The tracker or the destination of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "ssr", derive(sea_orm::DeriveValueType), sea_orm(value_type = "String"))]
pub enum WebhookKind {
    /// The tracker of an inbound webhook.
    Tracker(Provider),
    /// The destination of an outbound webhook.
    Destination(DestinationKind),
}

impl WebhookKind {
    /// All kinds, inbound ones first.
    pub fn all() -> impl Iterator<Item = Self> {
        let trackers = Provider::ALL.iter().copied().filter(|provider| provider.has_inbound()).map(Self::Tracker);
        trackers.chain(DestinationKind::ALL.iter().copied().map(Self::Destination))
    }

    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tracker(provider) => provider.as_str(),
            Self::Destination(kind) => kind.as_str(),
        }
    }

    /// The name shown to users.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Tracker(provider) => provider.label(),
            Self::Destination(kind) => kind.label(),
        }
    }

    /// The direction of its events.
    #[must_use]
    pub const fn direction(self) -> Direction {
        match self {
            Self::Tracker(_) => Direction::Inbound,
            Self::Destination(_) => Direction::Outbound,
        }
    }

    /// Its icon on cards.
    #[must_use]
    pub const fn icon(self) -> Icon {
        match self {
            Self::Tracker(provider) => provider.spec().icon,
            Self::Destination(kind) => kind.spec().icon,
        }
    }

    /// The kind of destination.
    #[must_use]
    pub const fn destination(self) -> Option<DestinationKind> {
        match self {
            Self::Tracker(_) => None,
            Self::Destination(kind) => Some(kind),
        }
    }

    /// Whether it is a chat tool, whose messages a digest can sum up.
    #[must_use]
    pub const fn has_digests(self) -> bool {
        match self {
            Self::Tracker(_) => false,
            Self::Destination(kind) => kind.spec().has_digests,
        }
    }

    /// The tracker of an inbound webhook.
    #[must_use]
    pub const fn tracker(self) -> Option<Provider> {
        match self {
            Self::Tracker(provider) => Some(provider),
            Self::Destination(_) => None,
        }
    }
}

impl fmt::Display for WebhookKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not a kind of webhook.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of webhook")]
pub struct UnknownWebhookKind;

impl FromStr for WebhookKind {
    type Err = UnknownWebhookKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::all().find(|kind| kind.as_str() == text).ok_or(UnknownWebhookKind)
    }
}

text_serde!(WebhookKind);

#[cfg(feature = "ssr")]
impl utoipa::PartialSchema for WebhookKind {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        super::wire_enum::schema(Self::all().map(Self::as_str), "What is at the other end.")
    }
}

#[cfg(feature = "ssr")]
impl utoipa::ToSchema for WebhookKind {}

#[cfg(feature = "ssr")]
inventory::submit! {
    super::WireEnum { name: "WebhookKind", values: || serde_json::to_value(WebhookKind::all().collect::<Vec<_>>()) }
}
