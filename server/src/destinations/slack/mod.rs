//! Messages for Slack's incoming webhooks
//! (<https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>): Block Kit, one
//! message per event. The [layout] is the same for all events.
//!
//! User text is [escaped](text), so that it mentions nobody, and cut to [Slack's limits](blocks).

pub mod blocks;
mod layout;
mod response;
mod text;

use app::model::destination::DestinationKind;
use chrono::{DateTime, Utc};

use super::{
    AttemptResult, Destination, DestinationSettings, OutboundRequest, SigningContext, classify_explained, json_headers,
};
use crate::events::EventMessage;
use crate::net::Response;

/// A Slack channel.
pub struct Slack;

impl Destination for Slack {
    fn kind(&self) -> DestinationKind {
        DestinationKind::Slack
    }

    fn render(
        &self,
        message: &EventMessage,
        settings: &DestinationSettings,
        _: &SigningContext<'_>,
    ) -> Option<OutboundRequest> {
        let body = body(message).into();
        Some(OutboundRequest { url: settings.url.clone(), headers: json_headers(), body })
    }

    fn classify(&self, response: &Response, now: DateTime<Utc>) -> AttemptResult {
        classify_explained(response, now, response::response_error)
    }
}

/// The same event gives the same bytes.
fn body(message: &EventMessage) -> String {
    // Strings, numbers and lists always serialize.
    serde_json::to_string(&layout::message(message.content())).unwrap_or_default()
}

#[cfg(test)]
mod tests;
