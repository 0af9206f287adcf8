//! The integration of a project: saved, tested and removed by its admins.

mod remove;
mod save;

use std::time::Duration;

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::id::ProjectId;
use app::model::integration::{ConnectionTest, Integration, PutIntegration};
use app::model::live::{ChangeKind, ProjectChange};
use app::model::people::Actor;
use app::service::Integrations;
use async_trait::async_trait;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Select};

use crate::access::{require_admin, require_member};
use crate::app_state::AppState;
use crate::audit_log::NewAuditEntry;
use crate::entity::{integration, issue};
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
            .write(move |tx| Box::pin(async move { save::save(&state, tx, &who, project, settings).await }))
            .await?;
        if row.credentials.is_some() {
            // A transaction of its own: a sync locks its issue before its integration, and the two
            // must not wait for each other.
            let (state, row) = (self.clone(), row.clone());
            self.store
                .write::<_, TxError, _>(move |tx| {
                    Box::pin(async move { Ok(save::reschedule_failed_syncs(&state, tx, &row).await?) })
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
                remove::remove(&state, tx, &actor, &row).await?;
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

/// Rejects a tracker whose host resolves to a private or reserved address now. With an outbound proxy, which resolves
/// names, only such an address itself or a local name is rejected. A name that doesn't
/// resolve is accepted: events arrive without it, and each sync resolves it again.
async fn check_tracker_host(state: &AppState, settings: &IntegrationSettings) -> Result<()> {
    if settings.provider.spec().credentials.is_none() {
        // Only browsers open the URL.
        return Ok(());
    }
    let Ok(url) = settings.base_url.parse() else { return Ok(()) };
    match state.clock.timeout(LOOKUP_TIMEOUT, state.http.guard().route(&url)).await {
        Some(Err(refusal @ (UrlRefusal::Address { .. } | UrlRefusal::LocalName { .. }))) => {
            Err(Error::field("baseUrl", refusal.to_string()))
        }
        _ => Ok(()),
    }
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
        sync_milestones: row.sync_milestones,
        issues_from_elsewhere: u32::try_from(from_elsewhere).unwrap_or(u32::MAX),
        created_at: row.created_at,
    })
}

fn integration_of(project: ProjectId) -> Select<integration::Entity> {
    integration::Entity::find().filter(integration::Column::ProjectId.eq(project))
}

fn audit_entry<'a>(
    actor: &'a Actor,
    action: AuditAction,
    row: &'a integration::Model,
    detail: Option<String>,
) -> NewAuditEntry<'a> {
    let entry = NewAuditEntry::for_project(actor, row.project_id, action, row.id, row.provider.label());
    NewAuditEntry { detail, ..entry }
}

fn notify_change(tx: &Tx<'_>, project_id: ProjectId, kind: ChangeKind) {
    tx.after_commit(Effect::Live(ProjectChange { project_id, kind }));
}
