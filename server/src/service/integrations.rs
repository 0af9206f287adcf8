//! The project's connection to its tracker.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::id::ProjectId;
use app::model::integration::{ConnectionTest, Integration, Provider, PutIntegration};
use app::model::live::{Change, What};
use app::model::people::Actor;
use app::model::webhook::Direction;
use app::service::Integrations;
use async_trait::async_trait;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect,
};

use super::ChangeError;
use super::audit::{Deed, of_webhook};
use super::integration_fields::{self, Fields};
use crate::core::Core;
use crate::entity::issue::Deletion;
use crate::entity::{integration, issue, webhook};
use crate::storage::{Effect, Tx, internal};
use crate::tracker::place;

#[async_trait]
impl Integrations for Core {
    async fn integration(&self, actor: &Actor, project: ProjectId) -> Result<Option<Integration>> {
        self.reader(actor, project).await?;
        match self.stored_integration(project).await? {
            Some(row) => self.shown_integration(row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn put_integration(&self, actor: &Actor, project: ProjectId, new: PutIntegration) -> Result<Integration> {
        self.admin(actor, project).await?;
        let fields = integration_fields::check(new, self.http.guard())?;
        let (core, who) = (self.clone(), actor.clone());
        let row =
            self.store.write(move |tx| Box::pin(async move { core.put(tx, &who, project, fields).await })).await?;
        if row.credentials.is_some() {
            // A change of its own: a reading holds its issue before its integration, and so the
            // two never wait for each other.
            let (core, row) = (self.clone(), row.clone());
            self.store
                .write::<_, ChangeError, _>(move |tx| {
                    Box::pin(async move { Ok(core.read_failed_again(tx, &row).await?) })
                })
                .await?;
        }
        self.shown_integration(row).await
    }

    async fn delete_integration(&self, actor: &Actor, project: ProjectId) -> Result<()> {
        self.admin(actor, project).await?;
        let (core, actor) = (self.clone(), actor.clone());
        let deleted = self.store.write(move |tx| {
            Box::pin(async move {
                let row = find(project).one(tx.db()).await?.ok_or(Error::NotFound)?;
                core.leave_tracker(tx, &actor, &row).await?;
                Ok::<_, ChangeError>(())
            })
        });
        Ok(deleted.await?)
    }

    async fn test_integration(&self, actor: &Actor, project: ProjectId) -> Result<ConnectionTest> {
        self.admin(actor, project).await?;
        let row = self.stored_integration(project).await?.ok_or(Error::NotFound)?;
        let tested = self.read_site(&row).await;
        self.note_test(row.clone(), tested.as_ref().err().map(|unread| unread.sentence().to_owned())).await?;
        Ok(match tested {
            Ok(found) if row.credentials.is_none() => {
                let detail =
                    format!("{found} Without a token, issues follow events alone: enter one to read them, too.");
                ConnectionTest { ok: true, detail }
            }
            Ok(detail) => ConnectionTest { ok: true, detail },
            Err(unread) => ConnectionTest { ok: false, detail: unread.sentence().to_owned() },
        })
    }
}

impl Core {
    async fn stored_integration(&self, project: ProjectId) -> Result<Option<integration::Model>> {
        find(project).one(self.store.read()).await.map_err(internal)
    }

    async fn shown_integration(&self, row: integration::Model) -> Result<Integration> {
        let waiting = issue::Entity::find()
            .filter(issue::Column::ProjectId.eq(row.project_id))
            .filter(issue::Column::SyncDueAt.is_not_null())
            .count(self.store.read())
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
            created_at: row.created_at,
        })
    }

    async fn put(
        &self,
        tx: &Tx<'_>,
        actor: &Actor,
        project: ProjectId,
        new: Fields,
    ) -> Result<integration::Model, ChangeError> {
        let known = match find(project).one(tx.db()).await? {
            Some(row) if row.provider != new.provider => {
                self.leave_tracker(tx, actor, &row).await?;
                None
            }
            Some(row) => find(project).filter(integration::Column::Id.eq(row.id)).lock_exclusive().one(tx.db()).await?,
            None => None,
        };
        let mut row = match known {
            Some(row) => row,
            None => self.blank_integration(tx, project, new.provider).await?,
        };
        if row.credentials.is_some() && new.credentials.is_none() && row.base_url != new.base_url {
            // Whoever may change the address could send the token to a server of their own.
            return Err(Error::field("credentials.token", "The address is another one: enter the token again.").into());
        }
        if new.credentials.is_some() || row.base_url != new.base_url || row.repository != new.repository {
            // Nothing was read as it is now.
            row.synced_at = None;
        }
        if let Some(credentials) = &new.credentials {
            row.credentials = Some(self.sealed(&row, credentials)?);
        }
        row.base_url = new.base_url;
        row.repository = new.repository;
        row.sync_error = None;
        row.paused_until = None;
        let row = row.into_active_model().reset_all().update(tx.db()).await?;
        let detail = new.credentials.is_some().then(|| "With new credentials.".to_owned());
        self.audit(tx, deed(actor, AuditAction::IntegrationSaved, &row, detail)).await?;
        tell(tx, project, What::IntegrationChanged);
        Ok(row)
    }

    /// Notes on the card what a test came to, as a reading does; without credentials nothing is read,
    /// and a test changes nothing.
    async fn note_test(&self, tested: integration::Model, failure: Option<String>) -> Result<()> {
        if tested.credentials.is_none() {
            return Ok(());
        }
        let now = self.clock.now();
        let noted = self.store.write::<_, ChangeError, _>(move |tx| {
            Box::pin(async move {
                let mut change = integration::ActiveModel { sync_error: Set(failure.clone()), ..Default::default() };
                if failure.is_none() {
                    change.synced_at = Set(Some(now));
                }
                integration::Entity::update_many()
                    .set(change)
                    .filter(integration::Column::Id.eq(tested.id))
                    // What was set up anew meanwhile knows nothing of this test.
                    .filter(integration::Column::BaseUrl.eq(tested.base_url))
                    .filter(integration::Column::Repository.eq(tested.repository))
                    .filter(integration::Column::Credentials.eq(tested.credentials))
                    .exec(tx.db())
                    .await?;
                tell(tx, tested.project_id, What::IntegrationChanged);
                Ok(())
            })
        });
        Ok(noted.await?)
    }

    fn sealed(&self, row: &integration::Model, credentials: &app::model::integration::Credentials) -> Result<Vec<u8>> {
        let sealed = serde_json::to_vec(credentials)
            .map_err(|error| error.to_string())
            .and_then(|json| self.keys.seal(&place(row), &json).map_err(|error| error.to_string()));
        sealed.map_err(|error| {
            tracing::error!(error, "credentials could not be encrypted");
            Error::Internal
        })
    }

    async fn blank_integration(
        &self,
        tx: &Tx<'_>,
        project_id: ProjectId,
        provider: Provider,
    ) -> Result<integration::Model, ChangeError> {
        let row = integration::Model {
            id: self.ids.next(),
            project_id,
            provider,
            base_url: String::new(),
            repository: String::new(),
            credentials: None,
            sync_error: None,
            synced_at: None,
            paused_until: None,
            created_at: self.clock.now(),
        };
        let insert = integration::Entity::insert(row.clone().into_active_model().reset_all())
            .on_conflict(OnConflict::new().do_nothing().to_owned());
        match insert.exec_without_returning(tx.db()).await {
            Ok(1..) => Ok(row),
            Ok(0) | Err(DbErr::RecordNotInserted) => {
                Err(Error::conflict("Somebody else has just set up the integration. Look at it again.").into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What could not be read before gets another chance with what was entered now.
    async fn read_failed_again(&self, tx: &Tx<'_>, row: &integration::Model) -> Result<(), DbErr> {
        issue::Entity::update_many()
            .col_expr(issue::Column::SyncDueAt, Expr::value(self.clock.now()))
            .col_expr(issue::Column::SyncAttempts, Expr::value(0))
            .filter(issue::Column::ProjectId.eq(row.project_id))
            .filter(issue::Column::Provider.eq(row.provider))
            .filter(issue::Column::SyncError.is_not_null())
            .filter(issue::Column::DeletedAt.is_null().or(issue::Column::Deletion.eq(Deletion::Unread)))
            .exec(tx.db())
            .await?;
        tx.after_commit(Effect::Sync);
        Ok(())
    }

    /// Removes the integration with what rests on it: the inbound webhook, which only this
    /// tracker's events can come in by, and the readings that wait. The issues stay.
    async fn leave_tracker(&self, tx: &Tx<'_>, actor: &Actor, row: &integration::Model) -> Result<(), DbErr> {
        let nothing_to_read = issue::ActiveModel {
            sync_due_at: Set(None),
            sync_lease_until: Set(None),
            sync_attempts: Set(0),
            sync_error: Set(None),
            ..Default::default()
        };
        issue::Entity::update_many()
            .set(nothing_to_read)
            .filter(issue::Column::ProjectId.eq(row.project_id))
            .filter(issue::Column::SyncDueAt.is_not_null().or(issue::Column::SyncError.is_not_null()))
            .exec(tx.db())
            .await?;
        // Before the webhooks are looked for: who makes one holds this row until it is made.
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
            let detail = Some("With its integration.".to_owned());
            self.audit(tx, of_webhook(actor, AuditAction::WebhookDeleted, &webhook, detail)).await?;
            let mut change = webhook.into_active_model();
            change.deleted_at = Set(Some(self.clock.now()));
            change.update(tx.db()).await?;
            tell(tx, row.project_id, What::WebhookChanged { webhook_id });
        }
        self.audit(tx, deed(actor, AuditAction::IntegrationRemoved, row, None)).await?;
        tell(tx, row.project_id, What::IntegrationChanged);
        Ok(())
    }
}

fn find(project: ProjectId) -> sea_orm::Select<integration::Entity> {
    integration::Entity::find().filter(integration::Column::ProjectId.eq(project))
}

fn deed<'a>(actor: &'a Actor, action: AuditAction, row: &'a integration::Model, detail: Option<String>) -> Deed<'a> {
    let (project, subject, name) = (Some(row.project_id), row.id.to_string(), row.provider.label());
    Deed { project, actor: Some(actor), action, subject, name, detail }
}

fn tell(tx: &Tx<'_>, project_id: ProjectId, what: What) {
    tx.after_commit(Effect::Live(Change { project_id, what }));
}
