//! What admins do with the history. Project admins clear and erase the history of their project; system admins also
//! the history of all projects, and how long it is kept.

use app::error::{Checks, Error, Result};
use app::model::audit::AuditAction;
use app::model::history::{
    CLEAR_ALL_CONFIRMATION, ClearAllHistory, ClearHistory, EraseContent, HistoryPurge, InstanceSettings,
    OutboundProxySettings, RETENTION_CHOICES, UpdateInstanceSettings,
};
use app::model::id::{DeliveryId, ProjectId};
use app::model::live::{ChangeKind, ProjectChange, WORKSPACE};
use app::model::people::Actor;
use app::model::webhook_scope::{MAX_ACTIVE_WEBHOOK_LIMIT, ScopeKind};
use app::service::History;
use async_trait::async_trait;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use super::erase;
use crate::access::{require_admin, require_system_admin};
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::entity::{delivery, history_purge, instance_setting, webhook, webhook_project};
use crate::operations::instance_settings::{self, MAX_ACTIVE_WEBHOOKS, RETENTION_DAYS};
use crate::service::TxError;
use crate::storage::{Effect, internal};

#[async_trait]
impl History for AppState {
    async fn instance_settings(&self, actor: &Actor) -> Result<InstanceSettings> {
        require_system_admin(actor)?;
        let stored = instance_settings::stored_retention_days(self).await.map_err(internal)?;
        Ok(InstanceSettings {
            retention_days: stored.unwrap_or(self.config.retention_days),
            retention_days_set: stored.is_some(),
            max_active_webhooks: instance_settings::max_active_webhooks(self.store.read()).await.map_err(internal)?,
            outbound_proxy: outbound_proxy(self),
        })
    }

    async fn update_instance_settings(
        &self,
        actor: &Actor,
        change: UpdateInstanceSettings,
    ) -> Result<InstanceSettings> {
        require_system_admin(actor)?;
        let mut checks = Checks::default();
        let days = change.retention_days;
        let is_choice = days.is_none_or(|days| RETENTION_CHOICES.contains(&days));
        checks.require(is_choice, "retentionDays", "Select 7, 14, 30, 90 or 365 days.");
        let limit = change.max_active_webhooks;
        let is_limit = limit.is_none_or(|limit| limit <= MAX_ACTIVE_WEBHOOK_LIMIT);
        checks.require(is_limit, "maxActiveWebhooks", "Use 1 to 1000, or 0 for no limit.");
        checks.finish()?;
        let before = self.instance_settings(actor).await?;
        if let Some(days) = days.filter(|days| before.retention_days != *days || !before.retention_days_set) {
            let detail = format!("From {} to {days} days.", before.retention_days);
            let name = "Delete webhook delivery history after";
            store(self, actor, (RETENTION_DAYS, days), (name, detail)).await?;
        }
        let limit_before = before.max_active_webhooks.unwrap_or_default();
        if let Some(limit) = limit.filter(|limit| limit_before != *limit) {
            let shown = |limit: u32| if limit == 0 { "no limit".to_owned() } else { limit.to_string() };
            let detail = format!("From {} to {}.", shown(limit_before), shown(limit));
            store(self, actor, (MAX_ACTIVE_WEBHOOKS, limit), ("Active webhooks per project", detail)).await?;
        }
        self.instance_settings(actor).await
    }

    async fn clear_history(&self, actor: &Actor, project: ProjectId, clear: ClearHistory) -> Result<HistoryPurge> {
        let access = require_admin(self, actor, project).await?;
        let (expected, name) = match clear.webhook_id {
            None => (access.project.key.clone(), access.project.name.clone()),
            Some(id) => {
                // A deleted one has its history as well.
                let row = webhook::Entity::find_by_id(id).one(self.store.read()).await.map_err(internal)?;
                let row = match row {
                    Some(row) if is_of(self, &row, project).await.map_err(internal)? => Some(row),
                    _ => None,
                };
                let row = row.ok_or_else(|| Error::field("webhookId", "This project has no such webhook."))?;
                (row.name.clone(), row.name)
            }
        };
        check_confirmation(&clear.confirm, &expected)?;
        let row = history_purge::Model {
            project_id: Some(project),
            webhook_id: clear.webhook_id,
            subject_name: name,
            ..new_purge(self, actor)
        };
        request(self, row).await
    }

    async fn clear_all_history(&self, actor: &Actor, clear: ClearAllHistory) -> Result<HistoryPurge> {
        require_system_admin(actor)?;
        check_confirmation(&clear.confirm, CLEAR_ALL_CONFIRMATION)?;
        request(self, history_purge::Model { subject_name: "All projects".to_owned(), ..new_purge(self, actor) }).await
    }

    async fn erase_content(&self, actor: &Actor, id: DeliveryId, content: EraseContent) -> Result<()> {
        erase::erase(self, actor, id, content).await
    }
}

/// Whether a webhook sends or sent the events of a project.
async fn is_of(state: &AppState, row: &webhook::Model, project: ProjectId) -> std::result::Result<bool, DbErr> {
    if row.project_id == project || row.scope == ScopeKind::All {
        return Ok(true);
    }
    let db = state.store.read();
    if webhook_project::Entity::find_by_id((project, row.id)).one(db).await?.is_some() {
        return Ok(true);
    }
    // The project was removed from it.
    let sent = delivery::Entity::find()
        .filter(delivery::Column::ProjectId.eq(project))
        .filter(delivery::Column::WebhookId.eq(row.id));
    Ok(sent.one(db).await?.is_some())
}

/// The proxy, whose URL was checked at the start.
fn outbound_proxy(state: &AppState) -> Option<OutboundProxySettings> {
    let proxy = state.config.outbound_proxy().ok().flatten()?;
    Some(OutboundProxySettings { url: proxy.display_url().to_owned(), except: proxy.exceptions() })
}

fn check_confirmation(typed: &str, expected: &str) -> Result<()> {
    if typed.trim() == expected.trim() {
        return Ok(());
    }
    Err(Error::field("confirm", format!("Type \"{}\" to confirm.", expected.trim())))
}

/// A request for everything up to now.
fn new_purge(state: &AppState, actor: &Actor) -> history_purge::Model {
    history_purge::Model {
        id: state.ids.next(),
        project_id: None,
        webhook_id: None,
        up_to: Some(state.ids.next()),
        actor_id: Some(actor.id),
        actor_name: actor.name.clone(),
        subject_name: String::new(),
        deleted: 0,
        requested_at: state.clock.now(),
        finished_at: None,
    }
}

async fn request(state: &AppState, row: history_purge::Model) -> Result<HistoryPurge> {
    let stored = row.clone().into_active_model().reset_all();
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            history_purge::Entity::insert(stored).exec_without_returning(tx.db()).await?;
            Ok::<_, TxError>(())
        })
    });
    change.await?;
    state.history.notify_one();
    Ok(HistoryPurge {
        id: row.id,
        project_id: row.project_id,
        webhook_id: row.webhook_id,
        requested_at: row.requested_at,
    })
}

/// Stores a setting, and writes the audit log with its label and what changed.
async fn store(
    state: &AppState,
    actor: &Actor,
    (setting, value): (&'static str, u32),
    (label, detail): (&'static str, String),
) -> Result<()> {
    let (state_in_tx, actor, now) = (state.clone(), actor.clone(), state.clock.now());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let row = instance_setting::ActiveModel {
                name: Set(setting.to_owned()),
                value: Set(value.to_string()),
                secret: Set(None),
                updated_at: Set(now),
            };
            let replace = OnConflict::column(instance_setting::Column::Name)
                .update_columns([instance_setting::Column::Value, instance_setting::Column::UpdatedAt])
                .to_owned();
            instance_setting::Entity::insert(row).on_conflict(replace).exec_without_returning(tx.db()).await?;
            let entry = NewAuditEntry {
                project: None,
                actor: Some(&actor),
                action: AuditAction::SettingsUpdated,
                subject: setting.to_owned(),
                name: label,
                detail: Some(detail),
            };
            audit_log::record(&state_in_tx, tx, entry).await?;
            tx.after_commit(Effect::Live(ProjectChange { project_id: WORKSPACE, kind: ChangeKind::SettingsChanged }));
            Ok::<_, TxError>(())
        })
    });
    Ok(change.await?)
}
