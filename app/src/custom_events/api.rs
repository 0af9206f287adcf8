//! Custom events on their page.
#![allow(missing_docs, reason = "the macro makes a struct of each function's arguments, which have no docs")]

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use super::{AcceptedEvent, CustomEventId, ListedEvent};
#[cfg(feature = "ssr")]
use super::{CreateCustomEvent, CustomEvent, PublishEvent, UpdateCustomEvent as CustomEventChange};
use crate::api::page_call::PageCall;
#[cfg(feature = "ssr")]
use crate::api::{authenticated, normalize_newlines, with_status};
#[cfg(feature = "ssr")]
use crate::error::Error;
use crate::error::Result;
use crate::model::catalog::EventType;
use crate::model::id::ProjectId;
#[cfg(feature = "ssr")]
use crate::model::page::{MAX_LIMIT, PageQuery};

/// The registered events, newest first.
#[server(prefix = "/ui", endpoint = "custom-events/list", protocol = PageCall<GetUrl>)]
pub async fn list_custom_events(project: ProjectId) -> Result<Vec<ListedEvent>> {
    let (service, actor) = authenticated()?;
    // A project has at most 100.
    let all = PageQuery { limit: Some(MAX_LIMIT), cursor: None };
    let page = with_status(service.list_custom_events(&actor, project, all).await)?;
    Ok(page.items.into_iter().map(listed).collect())
}

/// The types of the registered events, by name.
#[server(prefix = "/ui", endpoint = "custom-events/types", protocol = PageCall<GetUrl>)]
pub async fn custom_event_types(project: ProjectId) -> Result<Vec<EventType>> {
    let (service, actor) = authenticated()?;
    let all = PageQuery { limit: Some(MAX_LIMIT), cursor: None };
    let page = with_status(service.list_custom_events(&actor, project, all).await)?;
    let mut types: Vec<EventType> = page.items.iter().filter_map(|event| event.event.parse().ok()).collect();
    types.sort_unstable();
    Ok(types)
}

/// Registers an event and redirects to the list.
#[server(prefix = "/ui", endpoint = "custom-events/add", protocol = PageCall<PostUrl>)]
pub async fn add_custom_event(
    project: ProjectId,
    new_type: String,
    #[server(default)] new_description: String,
    #[server(default)] new_schema: String,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let schema = with_status(parse_json("schema", &new_schema))?;
    let new = CreateCustomEvent { event: new_type.trim().to_owned(), description: new_description, schema };
    with_status(service.create_custom_event(&actor, project, new).await)?;
    leptos_axum::redirect(&page_path(project));
    Ok(())
}

/// Changes a registered event and redirects to the list.
#[server(prefix = "/ui", endpoint = "custom-events/update", protocol = PageCall<PostUrl>)]
pub async fn update_custom_event(
    project: ProjectId,
    id: CustomEventId,
    #[server(default)] edited_description: String,
    #[server(default)] edited_schema: String,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let schema = with_status(parse_json("schema", &edited_schema))?;
    // An empty field removes the schema.
    let schema = schema.or_else(|| Some(serde_json::json!({})));
    let change = CustomEventChange { description: Some(edited_description), schema };
    with_status(service.update_custom_event(&actor, id, change).await)?;
    leptos_axum::redirect(&page_path(project));
    Ok(())
}

/// Deletes a registered event.
#[server(prefix = "/ui", endpoint = "custom-events/delete", protocol = PageCall<PostUrl>)]
pub async fn delete_custom_event(id: CustomEventId) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.delete_custom_event(&actor, id).await)
}

/// Publishes an event.
#[server(prefix = "/ui", endpoint = "custom-events/send", protocol = PageCall<PostUrl>)]
pub async fn send_custom_event(
    project: ProjectId,
    sent_type: String,
    #[server(default)] sent_title: String,
    #[server(default)] sent_link: String,
    #[server(default)] sent_data: String,
) -> Result<AcceptedEvent> {
    let (service, actor) = authenticated()?;
    let data = with_status(parse_json("data", &sent_data))?.unwrap_or_else(|| serde_json::json!({}));
    let filled = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let new =
        PublishEvent { event: sent_type.trim().to_owned(), data, title: filled(sent_title), link: filled(sent_link) };
    with_status(service.publish_event(&actor, project, new).await.map_err(in_data))
}

#[cfg(feature = "ssr")]
fn listed(event: CustomEvent) -> ListedEvent {
    let schema = event.schema.and_then(|schema| serde_json::to_string_pretty(&schema).ok()).unwrap_or_default();
    ListedEvent { id: event.id, event: event.event, description: event.description, schema }
}

#[cfg(feature = "ssr")]
fn page_path(project: ProjectId) -> String {
    crate::model::catalog::Subject::Custom.list_path(project)
}

/// The JSON of a field; `None` if it is empty.
#[cfg(feature = "ssr")]
fn parse_json(field: &str, text: &str) -> Result<Option<serde_json::Value>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let parsed = serde_json::from_str(&normalize_newlines(text));
    parsed.map(Some).map_err(|error| Error::field(field, format!("This is not JSON: {error}.")))
}

/// The form has one field for all of the data, so it gets the problems of all of its parts.
#[cfg(feature = "ssr")]
fn in_data(error: Error) -> Error {
    let Error::Invalid { detail, errors } = error else { return error };
    let mut by_field = std::collections::BTreeMap::<String, String>::new();
    for (name, problem) in errors {
        let (field, problem) = match name.strip_prefix("data/") {
            Some(path) => ("data".to_owned(), format!("/{path}: {problem}")),
            None => (name, problem),
        };
        by_field
            .entry(field)
            .and_modify(|problems| {
                problems.push(' ');
                problems.push_str(&problem);
            })
            .or_insert(problem);
    }
    Error::Invalid { detail, errors: by_field }
}
