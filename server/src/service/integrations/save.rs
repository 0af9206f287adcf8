//! Saves an integration within a transaction. Another tracker replaces the integration.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::id::ProjectId;
use app::model::integration::Credentials;
use app::model::live::ChangeKind;
use app::model::people::Actor;
use app::model::provider::Provider;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

use super::remove::remove;
use super::{audit_entry, integration_of, notify_change};
use crate::app_state::AppState;
use crate::audit_log;
use crate::entity::issue::HiddenReason;
use crate::entity::{integration, issue};
use crate::providers::settings::IntegrationSettings;
use crate::service::TxError;
use crate::storage::{Effect, Tx};

/// Stores the settings. Credentials that are absent stay.
///
/// # Errors
/// [`Error::Invalid`] for another URL without its credentials, [`Error::Conflict`] if another
/// request has just created the integration.
pub async fn save(
    state: &AppState,
    tx: &Tx<'_>,
    actor: &Actor,
    project: ProjectId,
    new: IntegrationSettings,
) -> Result<integration::Model, TxError> {
    let known = match integration_of(project).one(tx.db()).await? {
        Some(row) if row.provider != new.provider => {
            remove(state, tx, actor, &row).await?;
            None
        }
        Some(row) => {
            integration_of(project).filter(integration::Column::Id.eq(row.id)).lock_exclusive().one(tx.db()).await?
        }
        None => None,
    };
    let mut row = match known {
        Some(row) => row,
        None => new_integration(state, tx, project, new.provider).await?,
    };
    if row.credentials.is_some() && new.credentials.is_none() && row.base_url != new.base_url {
        // Otherwise an admin could send the stored token to a server of their own.
        return Err(Error::field("credentials.token", "The URL has changed. Enter the token again.").into());
    }
    if new.credentials.is_some() || row.base_url != new.base_url || row.repository != new.repository {
        // No sync has succeeded with these settings yet.
        row.synced_at = None;
    }
    if let Some(credentials) = &new.credentials {
        row.credentials = Some(seal_credentials(state, &row, credentials)?);
    }
    let switched = new.only_from_repository.filter(|only| *only != row.only_from_repository);
    row.only_from_repository = new.only_from_repository.unwrap_or(row.only_from_repository);
    let sync_switched = new.sync_milestones.filter(|sync| *sync != row.sync_milestones);
    row.sync_milestones = new.sync_milestones.unwrap_or(row.sync_milestones);
    if row.base_url != new.base_url || row.repository != new.repository {
        row.tracker_project_id = None;
    }
    row.base_url = new.base_url;
    row.repository = new.repository;
    row.sync_error = None;
    row.paused_until = None;
    let row = row.into_active_model().reset_all().update(tx.db()).await?;
    let detail = saved_detail(&row, new.credentials.is_some(), (switched, sync_switched));
    audit_log::record(state, tx, audit_entry(actor, AuditAction::IntegrationSaved, &row, detail)).await?;
    notify_change(tx, project, ChangeKind::IntegrationChanged);
    Ok(row)
}

fn seal_credentials(state: &AppState, row: &integration::Model, credentials: &Credentials) -> Result<Vec<u8>> {
    let sealed = serde_json::to_vec(credentials).map_err(|error| error.to_string()).and_then(|json| {
        state.keys.seal(&integration::credentials_aad(row.id), &json).map_err(|error| error.to_string())
    });
    sealed.map_err(|error| {
        tracing::error!(error, "failed to encrypt the credentials of an integration");
        Error::Internal
    })
}

async fn new_integration(
    state: &AppState,
    tx: &Tx<'_>,
    project_id: ProjectId,
    provider: Provider,
) -> Result<integration::Model, TxError> {
    let row = integration::Model {
        id: state.ids.next(),
        project_id,
        provider,
        base_url: String::new(),
        repository: String::new(),
        only_from_repository: false,
        sync_milestones: false,
        tracker_project_id: None,
        credentials: None,
        sync_error: None,
        synced_at: None,
        paused_until: None,
        created_at: state.clock.now(),
    };
    let insert = integration::Entity::insert(row.clone().into_active_model().reset_all())
        .on_conflict(OnConflict::new().do_nothing().to_owned());
    match insert.exec_without_returning(tx.db()).await {
        Ok(1..) => Ok(row),
        Ok(0) | Err(DbErr::RecordNotInserted) => {
            Err(Error::conflict("Someone else has just set up the integration. Reload the page.").into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Syncs that failed are tried again with the new settings.
pub async fn reschedule_failed_syncs(state: &AppState, tx: &Tx<'_>, row: &integration::Model) -> Result<(), DbErr> {
    issue::Entity::update_many()
        .col_expr(issue::Column::SyncDueAt, Expr::value(state.clock.schedule_now()))
        .col_expr(issue::Column::SyncAttempts, Expr::value(0))
        .filter(issue::Column::ProjectId.eq(row.project_id))
        .filter(issue::Column::Provider.eq(row.provider))
        .filter(issue::Column::SyncError.is_not_null())
        .filter(issue::Column::DeletedAt.is_null().or(issue::Column::HiddenReason.eq(HiddenReason::AwaitingFetch)))
        .exec(tx.db())
        .await?;
    tx.after_commit(Effect::Sync);
    Ok(())
}

/// What the audit log says about saved settings.
fn saved_detail(
    row: &integration::Model,
    has_new_credentials: bool,
    (imports, sync): (Option<bool>, Option<bool>),
) -> Option<String> {
    let credentials = has_new_credentials.then(|| "New credentials.".to_owned());
    let imports = imports.map(|only| match only {
        true => format!("Only issues from {} are imported.", row.repository),
        false => format!("Issues from outside {} are imported too.", row.repository),
    });
    let sync = sync.map(|sync| match sync {
        true => "Milestones are kept in sync.".to_owned(),
        false => "Milestones are no longer kept in sync.".to_owned(),
    });
    let parts: Vec<_> = credentials.into_iter().chain(imports).chain(sync).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}
