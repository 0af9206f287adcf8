//! Checks the template of a webhook's body, and renders previews.

use app::error::{Error, Result};
use app::model::body_template::{BodyTemplate, MAX_TEMPLATE_BYTES, PreviewTemplate, TemplatePreview};
use app::model::catalog::{EventType, Subscription, describe};
use app::model::destination::DestinationKind;

use crate::destinations::template::{check_syntax, render};
use crate::service::text;

/// The name of the field in the API.
const FIELD: &str = "bodyTemplate";

/// The template that is stored for a kind of destination; `None` for an empty one.
///
/// # Errors
/// [`Error::Invalid`] for the field `bodyTemplate`.
pub fn accepted(kind: DestinationKind, template: BodyTemplate) -> Result<Option<BodyTemplate>> {
    if template.text.trim().is_empty() {
        return Ok(None);
    }
    if !kind.spec().takes_template {
        return Err(Error::field(FIELD, format!("The body for {} can't be changed.", kind.label())));
    }
    check_text(&template)?;
    Ok(Some(template))
}

fn check_text(template: &BodyTemplate) -> Result<()> {
    if template.text.len() > MAX_TEMPLATE_BYTES {
        return Err(Error::field(FIELD, format!("Use at most {} KiB.", MAX_TEMPLATE_BYTES / 1024)));
    }
    text::storable(&template.text).map_err(|message| Error::field(FIELD, message))?;
    check_syntax(template).map_err(|error| Error::field(FIELD, error.to_string()))
}

/// Checks that the samples of all subscribed events can be rendered, so that no delivery fails because of a
/// misspelt field. Custom events have no samples.
///
/// # Errors
/// [`Error::Invalid`] for the field `bodyTemplate`.
pub fn check(template: Option<&BodyTemplate>, events: &[Subscription]) -> Result<()> {
    let Some(template) = template else { return Ok(()) };
    let subscribed = EventType::ALL.iter().filter(|event| events.iter().any(|entry| entry.matches(**event)));
    for event in subscribed {
        let sample = serde_json::to_vec(&event.sample()).map_err(|_| Error::Internal)?;
        render(template, &sample).map_err(|error| Error::field(FIELD, format!("{error} The event is {event}.")))?;
    }
    Ok(())
}

/// Renders the sample of an event.
///
/// # Errors
/// [`Error::Invalid`] for the field `bodyTemplate`.
pub fn preview(PreviewTemplate { template, event }: &PreviewTemplate) -> Result<TemplatePreview> {
    check_text(template)?;
    let sample = match event {
        Some(event) => serde_json::to_vec(&event.sample()),
        // The test event is the last one.
        None => serde_json::to_vec(&describe().pop().map(|event| event.sample)),
    };
    let body = render(template, &sample.map_err(|_| Error::Internal)?);
    let body = body.map_err(|error| Error::field(FIELD, error.to_string()))?;
    Ok(TemplatePreview { body: String::from_utf8_lossy(&body).into_owned() })
}
