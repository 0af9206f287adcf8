//! Public links of test runs. The token of a link is stored encrypted, because members see it again, and found by its
//! SHA-256. A visitor sees what [`PublicRun`] has.

use app::error::{Error, Result};
use app::model::account::TokenScope;
use app::model::audit::AuditAction;
use app::model::catalog::Subject;
use app::model::page::PageQuery;
use app::model::people::Actor;
use app::service::PublicLinks;
use app::testware::run::RunId;
use app::testware::run::public_link::{PUBLIC_RUNS_PATH, PublicCase, PublicLink, PublicRun};
use async_trait::async_trait;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::cases;
use super::table::{Column, Entity, Model, public_token_aad};
use crate::access::require_scope;
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::crypto;
use crate::entity::project;
use crate::service::TxError;
use crate::storage::internal;
use crate::testware::events::{self, TestwareEvent};
use crate::testware::items;
use crate::testware::key::key;

/// Says what the token is.
const TOKEN_PREFIX: &str = "pub_";

#[async_trait]
impl PublicLinks for AppState {
    async fn public_link(&self, actor: &Actor, id: RunId) -> Result<Option<PublicLink>> {
        let (row, _) = items::active::<Model>(self, actor, id).await?;
        link_of(self, &row)
    }

    async fn enable_public_link(&self, actor: &Actor, id: RunId) -> Result<PublicLink> {
        require_scope(actor, TokenScope::Write)?;
        let project = items::active::<Model>(self, actor, id).await?.1;
        let token = crypto::token(TOKEN_PREFIX);
        let hash = crypto::sha256(token.as_bytes()).to_vec();
        let sealed = self.keys.seal(&public_token_aad(id), token.as_bytes()).map_err(|error| {
            tracing::error!(%error, run = %id, "failed to encrypt the token of a public link");
            Error::Internal
        })?;
        let (state, by) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let mut row = items::lock::<Model>(tx, id).await?;
                if row.public_token.is_some() {
                    return Ok(row);
                }
                row.public_token = Some(sealed);
                row.public_token_hash = Some(hash);
                Entity::update(row.written()).exec_without_returning(tx.db()).await?;
                let action = AuditAction::PublicLinkEnabled;
                let entry = NewAuditEntry::for_project(&by, project.id, action, row.id, &row.name);
                audit_log::record(&state, tx, entry).await?;
                events::emit(&state, tx, &project, &row, TestwareEvent::PublicLinkEnabled, &by).await?;
                Ok::<_, TxError>(row)
            })
        });
        link_of(self, &change.await?)?.ok_or(Error::Internal)
    }

    async fn revoke_public_link(&self, actor: &Actor, id: RunId) -> Result<()> {
        require_scope(actor, TokenScope::Write)?;
        let project = items::active::<Model>(self, actor, id).await?.1;
        let (state, by) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let mut row = items::lock::<Model>(tx, id).await?;
                if row.public_token.is_none() {
                    return Ok(());
                }
                row.public_token = None;
                row.public_token_hash = None;
                Entity::update(row.written()).exec_without_returning(tx.db()).await?;
                let action = AuditAction::PublicLinkRevoked;
                let entry = NewAuditEntry::for_project(&by, project.id, action, row.id, &row.name);
                audit_log::record(&state, tx, entry).await?;
                items::show(tx, &project, &row);
                Ok::<_, TxError>(())
            })
        });
        Ok(change.await?)
    }

    async fn public_run(&self, token: &str, cases: PageQuery) -> Result<PublicRun> {
        let db = self.store.read();
        let hash = crypto::sha256(token.as_bytes()).to_vec();
        let row = Entity::find()
            .filter(Column::PublicTokenHash.eq(hash))
            .filter(Column::DeletedAt.is_null())
            .one(db)
            .await
            .map_err(internal)?
            .ok_or(Error::NotFound)?;
        let project = project::Entity::find_by_id(row.project_id).one(db).await.map_err(internal)?;
        let project = project.filter(|project| project.deleted_at.is_none()).ok_or(Error::NotFound)?;
        let counts = cases::counts(db, [row.id]).await.map_err(internal)?.remove(&row.id).unwrap_or_default();
        let cases = cases::page(db, &project, row.id, cases.into()).await?;
        Ok(PublicRun {
            key: key(&project, Subject::TestRun, row.number),
            project: project.name,
            name: row.name,
            state: row.state,
            completed_at: row.completed_at,
            aborted: row.aborted,
            counts,
            updated_at: row.updated_at,
            read_at: self.clock.now(),
            cases: cases.map(|case| PublicCase { key: case.key, title: case.title, status: case.status }),
        })
    }
}

/// The link of a run, if it is enabled.
fn link_of(state: &AppState, row: &Model) -> Result<Option<PublicLink>> {
    let Some(sealed) = &row.public_token else { return Ok(None) };
    let token = state.keys.open_text(&public_token_aad(row.id), sealed).map_err(|error| {
        tracing::error!(%error, run = %row.id, "failed to decrypt the token of a public link");
        Error::Internal
    })?;
    Ok(Some(PublicLink { url: state.config.link(&format!("{PUBLIC_RUNS_PATH}{token}")) }))
}
