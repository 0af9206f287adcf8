//! The service of custom events.

use async_trait::async_trait;

use crate::custom_events::{
    AcceptedEvent, CreateCustomEvent, CustomEvent, CustomEventId, PublishEvent, UpdateCustomEvent,
};
use crate::error::Result;
use crate::model::id::ProjectId;
use crate::model::page::{Page, PageQuery};
use crate::model::people::Actor;

/// Custom events.
#[async_trait]
pub trait CustomEvents {
    /// Publishes an event: it is stored, and sent to the webhooks that subscribe to it.
    async fn publish_event(&self, actor: &Actor, project: ProjectId, new: PublishEvent) -> Result<AcceptedEvent>;
    /// The registered events, newest first.
    async fn list_custom_events(&self, actor: &Actor, project: ProjectId, page: PageQuery)
    -> Result<Page<CustomEvent>>;
    /// One registered event.
    async fn custom_event(&self, actor: &Actor, id: CustomEventId) -> Result<CustomEvent>;
    /// Registers an event. This and the following functions are for project admins.
    async fn create_custom_event(
        &self,
        actor: &Actor,
        project: ProjectId,
        new: CreateCustomEvent,
    ) -> Result<CustomEvent>;
    /// Changes its description or its schema.
    async fn update_custom_event(
        &self,
        actor: &Actor,
        id: CustomEventId,
        change: UpdateCustomEvent,
    ) -> Result<CustomEvent>;
    /// Deletes it. Events of its type can still be published.
    async fn delete_custom_event(&self, actor: &Actor, id: CustomEventId) -> Result<()>;
}
