//! The notes of sessions. A change locks the session, so that none gets into a session while it is completed.

pub mod table;

use app::error::{Error, Result};
use app::model::account::TokenScope;
use app::model::page::{Page, PageQuery};
use app::model::people::{Actor, Role};
use app::service::SessionNotes;
use app::testware::session::SessionId;
use app::testware::session::notes::{AddSessionNote, SessionNote, SessionNoteId, UpdateSessionNote};
use async_trait::async_trait;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use table::{Column, Entity, Model};

use super::table::Model as Session;
use super::timer::seconds;
use crate::access::{Access, require_member, require_scope};
use crate::app_state::AppState;
use crate::markup;
use crate::service::people::names::read_user_names;
use crate::service::{TxError, cursor, text};
use crate::storage::internal;
use crate::testware::{events, items};

#[async_trait]
impl SessionNotes for AppState {
    async fn list_notes(&self, actor: &Actor, id: SessionId, page: PageQuery) -> Result<Page<SessionNote>> {
        let access = access(self, actor, id).await?;
        let found = Entity::find().filter(Column::SessionId.eq(id));
        let by_id = (Column::Id, |row: &Model| row.id);
        let page = cursor::oldest_first(self.store.read(), found, by_id, &page).await?;
        let items = views(self, actor, access.role, page.items).await?;
        Ok(Page { items, next_cursor: page.next_cursor, previous_cursor: None })
    }

    async fn add_note(&self, actor: &Actor, id: SessionId, new: AddSessionNote) -> Result<SessionNote> {
        require_scope(actor, TokenScope::Write)?;
        let Access { project, role } = access(self, actor, id).await?;
        let text = checked(new.text)?;
        let (state, author_id) = (self.clone(), actor.id);
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let session = items::lock_open::<Session>(tx, &project, id).await?;
                let created_at = state.clock.now();
                let row = Model {
                    id: state.ids.next(),
                    session_id: id,
                    text,
                    timer_ms: session.timer_ms_at(created_at),
                    author_id,
                    created_at,
                    updated_at: None,
                };
                Entity::insert(row.clone().into_active_model()).exec_without_returning(tx.db()).await?;
                events::show_change(tx, project.id, id.into());
                Ok::<_, TxError>(row)
            })
        });
        view(self, actor, role, change.await?).await
    }

    async fn update_note(&self, actor: &Actor, id: SessionNoteId, change: UpdateSessionNote) -> Result<SessionNote> {
        require_scope(actor, TokenScope::Write)?;
        let (session, Access { project, role }) = editable(self, actor, id).await?;
        let text = checked(change.text)?;
        let state = self.clone();
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                items::lock_open::<Session>(tx, &project, session).await?;
                let row = Entity::find_by_id(id).one(tx.db()).await?.ok_or(Error::NotFound)?;
                if row.text == text {
                    return Ok(row);
                }
                let changed = Model { text, updated_at: Some(state.clock.now()), ..row };
                let mut active = changed.clone().into_active_model();
                (active.text, active.updated_at) = (Set(changed.text.clone()), Set(changed.updated_at));
                Entity::update(active).exec_without_returning(tx.db()).await?;
                events::show_change(tx, project.id, session.into());
                Ok::<_, TxError>(changed)
            })
        });
        view(self, actor, role, change.await?).await
    }

    async fn delete_note(&self, actor: &Actor, id: SessionNoteId) -> Result<()> {
        require_scope(actor, TokenScope::Write)?;
        let (session, Access { project, .. }) = editable(self, actor, id).await?;
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                items::lock_open::<Session>(tx, &project, session).await?;
                Entity::delete_by_id(id).exec(tx.db()).await?;
                events::show_change(tx, project.id, session.into());
                Ok::<_, TxError>(())
            })
        });
        Ok(change.await?)
    }
}

/// The project of a session that is not deleted, and the caller's role there.
async fn access(state: &AppState, actor: &Actor, id: SessionId) -> Result<Access> {
    let project = items::active::<Session>(state, actor, id).await?.1;
    require_member(state, actor, project.id).await
}

/// The session of a note that the caller may change.
async fn editable(state: &AppState, actor: &Actor, id: SessionNoteId) -> Result<(SessionId, Access)> {
    let row = Entity::find_by_id(id).one(state.store.read()).await.map_err(internal)?.ok_or(Error::NotFound)?;
    let access = access(state, actor, row.session_id).await?;
    if !may_change(actor, access.role, &row) {
        return Err(Error::forbidden("Only the author and admins of the project can change a note."));
    }
    Ok((row.session_id, access))
}

fn may_change(actor: &Actor, role: Role, row: &Model) -> bool {
    row.author_id == actor.id || role == Role::Admin
}

fn checked(text: String) -> Result<String> {
    let text = text::long(text).map_err(|problem| Error::field("text", problem))?;
    if text.trim().is_empty() {
        return Err(Error::field("text", "Enter a note."));
    }
    Ok(text)
}

async fn view(state: &AppState, actor: &Actor, role: Role, row: Model) -> Result<SessionNote> {
    views(state, actor, role, vec![row]).await?.pop().ok_or(Error::Internal)
}

async fn views(state: &AppState, actor: &Actor, role: Role, rows: Vec<Model>) -> Result<Vec<SessionNote>> {
    let names = read_user_names(state, rows.iter().map(|row| row.author_id)).await?;
    let view = |row: Model| SessionNote {
        id: row.id,
        session_id: row.session_id,
        text_html: markup::to_safe_html(&row.text),
        elapsed_seconds: seconds(row.timer_ms),
        author: names.get(&row.author_id).cloned().unwrap_or_default(),
        editable: may_change(actor, role, &row),
        created_at: row.created_at,
        updated_at: row.updated_at,
        text: row.text,
    };
    Ok(rows.into_iter().map(view).collect())
}
