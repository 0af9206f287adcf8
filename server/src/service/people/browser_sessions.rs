//! The browser sessions of a user. The user lists and ends them; they also end when the user loses
//! access.

use app::error::{Error, Result};
use app::model::account::{BrowserSession, Credential};
use app::model::audit::AuditAction;
use app::model::id::{BrowserSessionId, UserId};
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};

use crate::access::require_whole_account;
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::entity::session;
use crate::service::TxError;
use crate::service::cursor;
use crate::storage::{Effect, Revoked, Tx, internal};

pub(crate) async fn list(state: &AppState, actor: &Actor, page: PageQuery) -> Result<Page<BrowserSession>> {
    require_whole_account(actor)?;
    let sessions = session::Entity::find()
        .filter(session::Column::UserId.eq(actor.id))
        .filter(session::Column::ExpiresAt.gt(state.clock.now()));
    let by_id = (session::Column::PublicId, |row: &session::Model| row.public_id);
    let page = cursor::newest_first(state.store.read(), sessions, by_id, &page).await?;
    Ok(page.map(|row| BrowserSession {
        id: row.public_id,
        device: row.device,
        current: actor.credential == Credential::Session(row.public_id),
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        expires_at: row.expires_at,
    }))
}

/// The browser of a session that is still active.
pub(crate) async fn device(state: &AppState, id: BrowserSessionId) -> Result<Option<String>> {
    let row = session::Entity::find().filter(session::Column::PublicId.eq(id));
    Ok(row.one(state.store.read()).await.map_err(internal)?.map(|row| row.device))
}

pub(crate) async fn end(state: &AppState, actor: &Actor, id: BrowserSessionId) -> Result<()> {
    require_whole_account(actor)?;
    let (audit, actor) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let own = session::Entity::find().filter(session::Column::PublicId.eq(id));
            let own = own.filter(session::Column::UserId.eq(actor.id)).one(tx.db()).await?;
            let row = own.ok_or(Error::NotFound)?;
            session::Entity::delete_by_id(row.id).exec(tx.db()).await?;
            tx.after_commit(Effect::Revoked(Revoked::Session { session_id: id }));
            let entry = NewAuditEntry::for_user(
                Some(&actor),
                AuditAction::SessionEnded,
                actor.id,
                &actor.name,
                Some(row.device),
            );
            Ok::<_, TxError>(audit_log::record(&audit, tx, entry).await?)
        })
    });
    Ok(change.await?)
}

/// Ends all sessions of the caller except the current one.
pub(crate) async fn end_others(state: &AppState, actor: &Actor) -> Result<()> {
    require_whole_account(actor)?;
    let (audit, actor) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            if end_all_but(tx, actor.id, actor.credential).await? > 0 {
                let detail = Some("All other sessions.".to_owned());
                let entry =
                    NewAuditEntry::for_user(Some(&actor), AuditAction::SessionEnded, actor.id, &actor.name, detail);
                audit_log::record(&audit, tx, entry).await?;
            }
            Ok::<_, TxError>(())
        })
    });
    Ok(change.await?)
}

/// Ends the sessions of a user, except `kept`, and their streams.
pub(crate) async fn end_all_but(tx: &Tx<'_>, user: UserId, kept: Credential) -> Result<usize, DbErr> {
    let rows = session::Entity::find().filter(session::Column::UserId.eq(user)).all(tx.db()).await?;
    let mut ended = 0;
    for row in rows {
        if kept == Credential::Session(row.public_id) {
            continue;
        }
        session::Entity::delete_by_id(row.id).exec(tx.db()).await?;
        tx.after_commit(Effect::Revoked(Revoked::Session { session_id: row.public_id }));
        ended += 1;
    }
    Ok(ended)
}
