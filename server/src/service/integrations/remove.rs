//! Removes an integration within a transaction.

use app::model::audit::AuditAction;
use app::model::live::ChangeKind;
use app::model::people::Actor;
use app::model::webhook::Direction;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

use super::{audit_entry, notify_change};
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::entity::{integration, issue, webhook};
use crate::storage::Tx;

/// Removes the integration with its inbound webhook and its sync queue. The issues stay.
pub async fn remove(state: &AppState, tx: &Tx<'_>, actor: &Actor, row: &integration::Model) -> Result<(), DbErr> {
    let not_scheduled = issue::ActiveModel {
        sync_due_at: Set(None),
        sync_lease_until: Set(None),
        sync_attempts: Set(0),
        sync_error: Set(None),
        ..Default::default()
    };
    issue::Entity::update_many()
        .set(not_scheduled)
        .filter(issue::Column::ProjectId.eq(row.project_id))
        .filter(issue::Column::SyncDueAt.is_not_null().or(issue::Column::SyncError.is_not_null()))
        .exec(tx.db())
        .await?;
    // Before the webhooks are read: a request that creates one locks this row until it commits.
    integration::Entity::delete_by_id(row.id).exec(tx.db()).await?;
    let inbound = webhook::Entity::find()
        .filter(webhook::Column::ProjectId.eq(row.project_id))
        .filter(webhook::Column::Direction.eq(Direction::Inbound))
        .filter(webhook::Column::DeletedAt.is_null())
        .lock_exclusive()
        .all(tx.db())
        .await?;
    for webhook in inbound {
        let webhook_id = webhook.id;
        let detail = Some("Removed with the integration.".to_owned());
        audit_log::record(state, tx, NewAuditEntry::for_webhook(actor, AuditAction::WebhookDeleted, &webhook, detail))
            .await?;
        let mut change = webhook.into_active_model();
        change.deleted_at = Set(Some(state.clock.now()));
        change.update(tx.db()).await?;
        notify_change(tx, row.project_id, ChangeKind::WebhookChanged { webhook_id });
    }
    audit_log::record(state, tx, audit_entry(actor, AuditAction::IntegrationRemoved, row, None)).await?;
    notify_change(tx, row.project_id, ChangeKind::IntegrationChanged);
    Ok(())
}
