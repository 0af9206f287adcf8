//! Generic endpoints get the envelope itself, signed with Standard Webhooks 1.0.

use app::model::destination::DestinationKind;
use http::{HeaderName, HeaderValue};

use super::{Destination, DestinationSettings, OutboundRequest, SigningContext, json_headers, signature};
use crate::events::EventMessage;

/// An HTTPS endpoint that verifies signatures.
pub struct Generic;

impl Destination for Generic {
    fn kind(&self) -> DestinationKind {
        DestinationKind::Generic
    }

    fn sends_envelope(&self) -> bool {
        true
    }

    fn render(
        &self,
        message: &EventMessage,
        settings: &DestinationSettings,
        signing: &SigningContext<'_>,
    ) -> Option<OutboundRequest> {
        let (mut headers, body, id) = (json_headers(), message.envelope().clone(), signing.event.to_string());
        let signature = signature::sign(signing.keys, &id, signing.timestamp, &body);
        headers.insert(HeaderName::from_static("webhook-id"), HeaderValue::try_from(id).ok()?);
        headers.insert(HeaderName::from_static("webhook-timestamp"), HeaderValue::from(signing.timestamp));
        headers.insert(HeaderName::from_static("webhook-signature"), HeaderValue::try_from(signature).ok()?);
        Some(OutboundRequest { url: settings.url.clone(), headers, body })
    }
}
