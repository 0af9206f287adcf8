//! Generic endpoints get the envelope itself, or the body from the webhook's template, signed as selected for the
//! webhook.

use app::model::destination::DestinationKind;
use http::{HeaderName, HeaderValue, header};

use super::{CustomBody, Destination, DestinationSettings, OutboundRequest, SigningContext, json_headers};
use crate::events::EventMessage;

/// An endpoint that verifies signatures.
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
        let (mut headers, id) = (json_headers(), signing.event.to_string());
        let body = match &settings.body {
            Some(CustomBody { content_type, bytes }) => {
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type.header()));
                bytes.clone()
            }
            None => message.envelope().clone(),
        };
        let signature = signing.signer.header(&id, signing.timestamp, &body);
        headers.insert(HeaderName::from_static("webhook-id"), HeaderValue::try_from(id).ok()?);
        headers.insert(HeaderName::from_static("webhook-timestamp"), HeaderValue::from(signing.timestamp));
        headers.extend(signature);
        Some(OutboundRequest { url: settings.url.clone(), headers, body })
    }
}
