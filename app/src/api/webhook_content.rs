//! Tries the conditions and the template of a webhook while they are edited.

use leptos::prelude::*;
use server_fn::codec::{GetUrl, Json};

use super::page_call::PageCall;
#[cfg(feature = "ssr")]
use super::{authenticated, with_status};
use crate::error::Result;
use crate::model::body_template::{PreviewTemplate, TemplatePreview};
use crate::model::condition::{TriedConditions, TryConditions};
use crate::model::id::ProjectId;

/// Tries conditions on samples and on past events of a project.
#[server(prefix = "/ui", endpoint = "webhooks/try-conditions", protocol = PageCall<Json>)]
pub async fn read_tried_conditions(project: ProjectId, tried: TryConditions) -> Result<TriedConditions> {
    let (service, actor) = authenticated()?;
    with_status(service.try_conditions(&actor, project, tried).await)
}

/// Renders a template with the sample of an event.
#[server(prefix = "/ui", endpoint = "webhooks/preview-template", protocol = PageCall<Json>)]
pub async fn read_template_preview(project: ProjectId, preview: PreviewTemplate) -> Result<TemplatePreview> {
    let (service, actor) = authenticated()?;
    with_status(service.preview_template(&actor, project, preview).await)
}

/// The fields of all events, which conditions can name.
#[server(prefix = "/ui", endpoint = "webhooks/condition-fields", protocol = PageCall<GetUrl>)]
pub async fn read_condition_fields() -> Result<Vec<String>> {
    authenticated()?;
    Ok(crate::model::catalog::field_paths())
}
