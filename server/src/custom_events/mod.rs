//! Custom events: publishes them through the outbox like any other event, and registers them with the schemas that their
//! data must match.
#![allow(missing_docs, reason = "the columns of the table are documented where their name does not say it all")]

mod check;
mod schema;
pub mod table;

use app::custom_events::{
    AcceptedEvent, CreateCustomEvent, CustomEvent, CustomEventId, MAX_CUSTOM_EVENTS, MAX_EVENT_DESCRIPTION_CHARS,
    PublishEvent, UpdateCustomEvent,
};
use app::error::{Checks, Error, Result};
use app::model::account::TokenScope;
use app::model::audit::AuditAction;
use app::model::catalog::{CustomEventName, EventType};
use app::model::id::ProjectId;
use app::model::live::{ChangeKind, ProjectChange};
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::service::CustomEvents;
use async_trait::async_trait;
use check::{CheckedEvent, mismatch};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect, SqlErr,
};
use serde_json::Value;
use table::{Column, Entity, Model};
use tokio::sync::Semaphore;

use crate::access::{Access, require_admin, require_member, require_scope};
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::events::outbox::{self, NewEvent};
use crate::service::{TxError, TxResult, cursor};
use crate::storage::{Effect, Tx, internal};

#[async_trait]
impl CustomEvents for AppState {
    async fn publish_event(&self, actor: &Actor, project: ProjectId, new: PublishEvent) -> Result<AcceptedEvent> {
        require_scope(actor, TokenScope::Write)?;
        let Access { project, .. } = require_member(self, actor, project).await?;
        let checked = CheckedEvent::new(new)?;
        let checked = match_schema(self, project.id, checked).await?;
        let event = EventType::Custom(checked.name);
        let (state, by, data) = (self.clone(), actor.clone(), checked.into_data());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let new = NewEvent { project: &project, event, actor: Some(&by), data };
                Ok::<_, TxError>(outbox::publish_counted(&state, tx, new).await?)
            })
        });
        let (id, deliveries) = change.await?;
        Ok(AcceptedEvent { id, event: event.to_string(), deliveries })
    }

    async fn list_custom_events(
        &self,
        actor: &Actor,
        project: ProjectId,
        page: PageQuery,
    ) -> Result<Page<CustomEvent>> {
        require_member(self, actor, project).await?;
        let found = Entity::find().filter(Column::ProjectId.eq(project));
        let page = cursor::newest_first(self.store.read(), found, (Column::Id, |row: &Model| row.id), &page).await?;
        let items = page.items.into_iter().map(view).collect();
        Ok(Page { items, next_cursor: page.next_cursor, previous_cursor: None })
    }

    async fn custom_event(&self, actor: &Actor, id: CustomEventId) -> Result<CustomEvent> {
        let row = find(self, id).await?;
        require_member(self, actor, row.project_id).await?;
        Ok(view(row))
    }

    async fn create_custom_event(
        &self,
        actor: &Actor,
        project: ProjectId,
        new: CreateCustomEvent,
    ) -> Result<CustomEvent> {
        require_admin(self, actor, project).await?;
        let mut checks = Checks::default();
        let name = checks.take("type", new.event.parse::<CustomEventName>());
        let description = checks.take("description", checked_description(new.description));
        let schema = checks.take("schema", checked_schema(new.schema).await?);
        let (Some(name), Some(description), Some(schema)) = (name, description, schema) else {
            return Err(checks.into_error());
        };
        let now = self.clock.now();
        let row = Model {
            id: self.ids.next(),
            project_id: project,
            event_type: name.to_string(),
            description,
            schema,
            created_at: now,
            updated_at: now,
        };
        let (state, actor, stored) = (self.clone(), actor.clone(), row.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                check_count(tx, project).await?;
                record(&state, tx, &actor, (AuditAction::CustomEventCreated, &stored), None).await?;
                match Entity::insert(stored.into_active_model().reset_all()).exec_without_returning(tx.db()).await {
                    // This is the last statement of the transaction, so a failed transaction does no harm.
                    Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                        Err(Error::conflict(format!("The project has {name} already. Change it instead.")).into())
                    }
                    Err(error) => Err(error.into()),
                    Ok(_) => Ok::<_, TxError>(()),
                }
            })
        });
        change.await?;
        Ok(view(row))
    }

    async fn update_custom_event(
        &self,
        actor: &Actor,
        id: CustomEventId,
        change: UpdateCustomEvent,
    ) -> Result<CustomEvent> {
        managed(self, actor, id).await?;
        let mut checks = Checks::default();
        let description = change.description.map(checked_description).transpose();
        let description = checks.take("description", description);
        let is_schema_sent = change.schema.is_some();
        let schema = checks.take("schema", checked_schema(change.schema).await?);
        let (Some(description), Some(schema)) = (description, schema) else { return Err(checks.into_error()) };
        let (state, actor) = (self.clone(), actor.clone());
        let write = self.store.write(move |tx| {
            Box::pin(async move {
                let before = lock(tx, id).await?;
                let mut after = before.clone();
                after.description = description.unwrap_or(after.description);
                if is_schema_sent {
                    after.schema = schema;
                }
                if after == before {
                    return Ok::<_, TxError>(before);
                }
                after.updated_at = state.clock.now();
                Entity::update(after.clone().into_active_model().reset_all()).exec_without_returning(tx.db()).await?;
                let detail = Some(changed_fields(&before, &after));
                record(&state, tx, &actor, (AuditAction::CustomEventUpdated, &after), detail).await?;
                Ok(after)
            })
        });
        Ok(view(write.await?))
    }

    async fn delete_custom_event(&self, actor: &Actor, id: CustomEventId) -> Result<()> {
        managed(self, actor, id).await?;
        let (state, actor) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = lock(tx, id).await?;
                Entity::delete_by_id(id).exec(tx.db()).await?;
                record(&state, tx, &actor, (AuditAction::CustomEventDeleted, &row), None).await?;
                Ok::<_, TxError>(())
            })
        });
        Ok(change.await?)
    }
}

/// A check may take a core for a moment, so few run at the same time.
static CONCURRENT_CHECKS: Semaphore = Semaphore::const_new(2);

/// Compares the data with the schema of its event, if that is registered with one.
async fn match_schema(state: &AppState, project: ProjectId, event: CheckedEvent) -> Result<CheckedEvent> {
    let name = event.name;
    let registered = Entity::find().filter(Column::ProjectId.eq(project)).filter(Column::EventType.eq(name.as_str()));
    let registered = registered.one(state.store.read()).await.map_err(internal)?;
    let Some(schema) = registered.and_then(|row| row.schema) else { return Ok(event) };
    // The queue ends with the program.
    let _permit = CONCURRENT_CHECKS.acquire().await.map_err(|_| Error::Internal)?;
    let compare = move || schema::violations(&schema, &event.data).map(|found| (event, found));
    let compared = tokio::task::spawn_blocking(compare).await.map_err(|_| Error::Internal)?;
    match compared {
        Ok((event, found)) if found.is_empty() => Ok(event),
        Ok((_, found)) => Err(mismatch(name, found)),
        Err(problem) => Err(Error::conflict(format!("The schema of {name} can't be used. {problem}"))),
    }
}

fn checked_description(text: String) -> std::result::Result<String, String> {
    let text = text.trim().to_owned();
    if text.chars().nth(MAX_EVENT_DESCRIPTION_CHARS).is_some() {
        return Err(format!("Use at most {MAX_EVENT_DESCRIPTION_CHARS} characters."));
    }
    if text.chars().any(char::is_control) {
        return Err("Use one line of text without control characters.".to_owned());
    }
    Ok(text)
}

/// The text of a schema to store; `None` for one that accepts any object.
async fn checked_schema(schema: Option<Value>) -> Result<std::result::Result<Option<String>, String>> {
    let Some(schema) = schema.filter(|schema| schema.as_object().is_none_or(|fields| !fields.is_empty())) else {
        return Ok(Ok(None));
    };
    let check = move || {
        check::storable_value(&schema).map_err(str::to_owned)?;
        schema::check(&schema).map(|()| Some(schema.to_string()))
    };
    tokio::task::spawn_blocking(check).await.map_err(|_| Error::Internal)
}

async fn check_count(tx: &Tx<'_>, project: ProjectId) -> TxResult<()> {
    if Entity::find().filter(Column::ProjectId.eq(project)).count(tx.db()).await? < MAX_CUSTOM_EVENTS {
        return Ok(());
    }
    let message = format!("A project can register {MAX_CUSTOM_EVENTS} events. Delete one that is not needed.");
    Err(Error::conflict(message).into())
}

async fn find(state: &AppState, id: CustomEventId) -> Result<Model> {
    Entity::find_by_id(id).one(state.store.read()).await.map_err(internal)?.ok_or(Error::NotFound)
}

/// Requires an admin of the project of a registered event.
async fn managed(state: &AppState, actor: &Actor, id: CustomEventId) -> Result<()> {
    let row = find(state, id).await?;
    require_admin(state, actor, row.project_id).await.map(drop)
}

async fn lock(tx: &Tx<'_>, id: CustomEventId) -> TxResult<Model> {
    Ok(Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?.ok_or(Error::NotFound)?)
}

/// Writes the audit log and notifies the open browsers.
async fn record(
    state: &AppState,
    tx: &Tx<'_>,
    actor: &Actor,
    (action, row): (AuditAction, &Model),
    detail: Option<String>,
) -> TxResult<()> {
    let entry = NewAuditEntry::for_project(actor, row.project_id, action, row.id, &row.event_type);
    audit_log::record(state, tx, NewAuditEntry { detail, ..entry }).await?;
    let kind = ChangeKind::ItemChanged(row.id.into());
    tx.after_commit_once(Effect::Live(ProjectChange { project_id: row.project_id, kind }));
    Ok(())
}

/// What changed, for the audit log.
fn changed_fields(before: &Model, after: &Model) -> String {
    let mut parts = Vec::new();
    if before.description != after.description {
        parts.push("Description changed.");
    }
    match (&before.schema, &after.schema) {
        (before, after) if before == after => {}
        (_, None) => parts.push("Schema removed."),
        (None, Some(_)) => parts.push("Schema added."),
        _ => parts.push("Schema changed."),
    }
    parts.join(" ")
}

fn view(row: Model) -> CustomEvent {
    CustomEvent {
        id: row.id,
        project_id: row.project_id,
        event: row.event_type,
        description: row.description,
        schema: row.schema.and_then(|schema| serde_json::from_str(&schema).ok()),
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
