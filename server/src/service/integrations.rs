//! The integration of a project: saved, tested and removed by its admins.

use std::time::Duration;

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::id::ProjectId;
use app::model::integration::{ConnectionTest, Credentials, Integration, PutIntegration};
use app::model::live::{ChangeKind, ProjectChange};
use app::model::people::Actor;
use app::model::provider::Provider;
use app::model::webhook::Direction;
use app::service::Integrations;
use async_trait::async_trait;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect,
};

use crate::access::{require_admin, require_member};
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::entity::issue::HiddenReason;
use crate::entity::{integration, issue, webhook};
use crate::inbound::origin::own_origin;
use crate::net::UrlRefusal;
use crate::providers::client::test_connection;
use crate::providers::settings::{self, IntegrationSettings};
use crate::service::TxError;
use crate::storage::{Effect, Tx, internal};

/// For the DNS lookup when an integration is saved.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);

#[async_trait]
impl Integrations for AppState {
    async fn integration(&self, actor: &Actor, project: ProjectId) -> Result<Option<Integration>> {
        require_member(self, actor, project).await?;
        match stored_integration(self, project).await? {
            Some(row) => integration_view(self, row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn put_integration(&self, actor: &Actor, project: ProjectId, new: PutIntegration) -> Result<Integration> {
        require_admin(self, actor, project).await?;
        let settings = settings::check(new, self.http.guard())?;
        check_tracker_host(self, &settings).await?;
        let (state, who) = (self.clone(), actor.clone());
        let row = self
            .store
            .write(move |tx| Box::pin(async move { save_integration(&state, tx, &who, project, settings).await }))
            .await?;
        if row.credentials.is_some() {
            // A transaction of its own: a sync locks its issue before its integration, and the two
            // must not wait for each other.
            let (state, row) = (self.clone(), row.clone());
            self.store
                .write::<_, TxError, _>(move |tx| {
                    Box::pin(async move { Ok(reschedule_failed_syncs(&state, tx, &row).await?) })
                })
                .await?;
        }
        integration_view(self, row).await
    }

    async fn delete_integration(&self, actor: &Actor, project: ProjectId) -> Result<()> {
        require_admin(self, actor, project).await?;
        let (state, actor) = (self.clone(), actor.clone());
        let deleted = self.store.write(move |tx| {
            Box::pin(async move {
                let row = integration_of(project).one(tx.db()).await?.ok_or(Error::NotFound)?;
                remove_integration(&state, tx, &actor, &row).await?;
                Ok::<_, TxError>(())
            })
        });
        Ok(deleted.await?)
    }

    async fn test_integration(&self, actor: &Actor, project: ProjectId) -> Result<ConnectionTest> {
        require_admin(self, actor, project).await?;
        let row = stored_integration(self, project).await?.ok_or(Error::NotFound)?;
        let tested = test_connection(self, &row).await;
        record_test(self, row.clone(), tested.as_ref().err().map(|error| error.sentence().to_owned())).await?;
        Ok(match tested {
            Ok(found) if row.credentials.is_none() => {
                let detail = format!("{found} Without a token, issues update only from webhook events.");
                ConnectionTest { ok: true, detail }
            }
            Ok(detail) => ConnectionTest { ok: true, detail },
            Err(error) => ConnectionTest { ok: false, detail: error.sentence().to_owned() },
        })
    }
}

/// Rejects a tracker whose host resolves to a private or reserved address now. A name that doesn't
/// resolve is accepted: events arrive without it, and each sync resolves it again.
async fn check_tracker_host(state: &AppState, settings: &IntegrationSettings) -> Result<()> {
    if settings.provider.spec().credentials.is_none() {
        // Only browsers open the URL.
        return Ok(());
    }
    let Ok(url) = settings.base_url.parse() else { return Ok(()) };
    match state.clock.timeout(LOOKUP_TIMEOUT, state.http.guard().resolve(&url)).await {
        Some(Err(refusal @ UrlRefusal::Address { .. })) => Err(Error::field("baseUrl", refusal.to_string())),
        _ => Ok(()),
    }
}

async fn stored_integration(state: &AppState, project: ProjectId) -> Result<Option<integration::Model>> {
    integration_of(project).one(state.store.read()).await.map_err(internal)
}

async fn integration_view(state: &AppState, row: integration::Model) -> Result<Integration> {
    let waiting = issue::Entity::find()
        .filter(issue::Column::ProjectId.eq(row.project_id))
        .filter(issue::Column::SyncDueAt.is_not_null())
        .count(state.store.read())
        .await
        .map_err(internal)?;
    let from_elsewhere = issue::Entity::find()
        .filter(issue::Column::ProjectId.eq(row.project_id))
        .filter(issue::Column::Provider.eq(row.provider))
        .filter(issue::Column::Origin.is_not_null())
        .filter(issue::Column::Origin.ne(own_origin(&row)))
        .filter(issue::Column::DeletedAt.is_null())
        .count(state.store.read())
        .await
        .map_err(internal)?;
    Ok(Integration {
        id: row.id,
        provider: row.provider,
        base_url: row.base_url,
        repository: row.repository,
        has_credentials: row.credentials.is_some(),
        sync_error: row.sync_error,
        synced_at: row.synced_at,
        sync_waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
        only_from_repository: row.only_from_repository,
        issues_from_elsewhere: u32::try_from(from_elsewhere).unwrap_or(u32::MAX),
        created_at: row.created_at,
    })
}

async fn save_integration(
    state: &AppState,
    tx: &Tx<'_>,
    actor: &Actor,
    project: ProjectId,
    new: IntegrationSettings,
) -> Result<integration::Model, TxError> {
    let known = match integration_of(project).one(tx.db()).await? {
        Some(row) if row.provider != new.provider => {
            remove_integration(state, tx, actor, &row).await?;
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
    row.base_url = new.base_url;
    row.repository = new.repository;
    row.sync_error = None;
    row.paused_until = None;
    let row = row.into_active_model().reset_all().update(tx.db()).await?;
    let detail = saved_detail(&row, new.credentials.is_some(), switched);
    audit_log::record(state, tx, audit_entry(actor, AuditAction::IntegrationSaved, &row, detail)).await?;
    notify_change(tx, project, ChangeKind::IntegrationChanged);
    Ok(row)
}

/// Records the result of a test for the card, as a sync does. Without credentials nothing is
/// synced, and a test changes nothing.
async fn record_test(state: &AppState, tested: integration::Model, failure: Option<String>) -> Result<()> {
    if tested.credentials.is_none() {
        return Ok(());
    }
    let now = state.clock.now();
    let noted = state.store.write::<_, TxError, _>(move |tx| {
        Box::pin(async move {
            let mut change = integration::ActiveModel { sync_error: Set(failure.clone()), ..Default::default() };
            if failure.is_none() {
                change.synced_at = Set(Some(now));
            }
            integration::Entity::update_many()
                .set(change)
                .filter(integration::Column::Id.eq(tested.id))
                // Settings that were saved meanwhile were not tested.
                .filter(integration::Column::BaseUrl.eq(tested.base_url))
                .filter(integration::Column::Repository.eq(tested.repository))
                .filter(integration::Column::Credentials.eq(tested.credentials))
                .exec(tx.db())
                .await?;
            notify_change(tx, tested.project_id, ChangeKind::IntegrationChanged);
            Ok(())
        })
    });
    Ok(noted.await?)
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
async fn reschedule_failed_syncs(state: &AppState, tx: &Tx<'_>, row: &integration::Model) -> Result<(), DbErr> {
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

/// Removes the integration with its inbound webhook and its sync queue. The issues stay.
async fn remove_integration(
    state: &AppState,
    tx: &Tx<'_>,
    actor: &Actor,
    row: &integration::Model,
) -> Result<(), DbErr> {
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

fn integration_of(project: ProjectId) -> sea_orm::Select<integration::Entity> {
    integration::Entity::find().filter(integration::Column::ProjectId.eq(project))
}

fn audit_entry<'a>(
    actor: &'a Actor,
    action: AuditAction,
    row: &'a integration::Model,
    detail: Option<String>,
) -> NewAuditEntry<'a> {
    let (project, subject, name) = (Some(row.project_id), row.id.to_string(), row.provider.label());
    NewAuditEntry { project, actor: Some(actor), action, subject, name, detail }
}

/// What the audit log says about saved settings.
fn saved_detail(row: &integration::Model, has_new_credentials: bool, switched: Option<bool>) -> Option<String> {
    let credentials = has_new_credentials.then(|| "New credentials.".to_owned());
    let imports = switched.map(|only| match only {
        true => format!("Only issues from {} are imported.", row.repository),
        false => format!("Issues from outside {} are imported too.", row.repository),
    });
    let parts: Vec<_> = credentials.into_iter().chain(imports).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn notify_change(tx: &Tx<'_>, project_id: ProjectId, kind: ChangeKind) {
    tx.after_commit(Effect::Live(ProjectChange { project_id, kind }));
}
