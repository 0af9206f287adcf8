//! The timer and the notes of sessions.
#![allow(missing_docs, reason = "the macro makes a struct of each function's arguments, which have no docs")]

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use super::SessionId;
#[cfg(feature = "ssr")]
use super::notes::{AddSessionNote as NewNote, UpdateSessionNote as NoteChange};
use super::notes::{SessionNote, SessionNoteId};
use crate::api::page_call::PageCall;
#[cfg(feature = "ssr")]
use crate::api::{authenticated, normalize_newlines, with_status};
use crate::error::Result;
use crate::model::id::ProjectId;
#[cfg(feature = "ssr")]
use crate::model::item_id::ItemId;
use crate::model::page::Page;
#[cfg(feature = "ssr")]
use crate::model::page::{MAX_LIMIT, PageQuery};

/// Starts or stops the timer of a session and redirects to it.
#[server(prefix = "/ui", endpoint = "session-timer/set", protocol = PageCall<PostUrl>)]
pub async fn set_session_timer(project: ProjectId, id: SessionId, running: bool) -> Result<()> {
    let (service, actor) = authenticated()?;
    let changed = if running { service.start_timer(&actor, id).await } else { service.stop_timer(&actor, id).await };
    with_status(changed)?;
    leptos_axum::redirect(&ItemId::from(id).path(project));
    Ok(())
}

/// A page of the notes of a session, oldest first.
#[server(prefix = "/ui", endpoint = "session-notes/list", protocol = PageCall<GetUrl>)]
pub async fn list_session_notes(id: SessionId, #[server(default)] cursor: Option<String>) -> Result<Page<SessionNote>> {
    let (service, actor) = authenticated()?;
    with_status(service.list_notes(&actor, id, PageQuery { limit: Some(MAX_LIMIT), cursor }).await)
}

/// Adds a note and redirects to the session.
#[server(prefix = "/ui", endpoint = "session-notes/add", protocol = PageCall<PostUrl>)]
pub async fn add_session_note(project: ProjectId, id: SessionId, new_note: String) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.add_note(&actor, id, NewNote { text: normalize_newlines(&new_note) }).await)?;
    leptos_axum::redirect(&ItemId::from(id).path(project));
    Ok(())
}

/// Changes a note and redirects to its session.
#[server(prefix = "/ui", endpoint = "session-notes/update", protocol = PageCall<PostUrl>)]
pub async fn update_session_note(project: ProjectId, id: SessionNoteId, edited_note: String) -> Result<()> {
    let (service, actor) = authenticated()?;
    let change = NoteChange { text: normalize_newlines(&edited_note) };
    let note = with_status(service.update_note(&actor, id, change).await)?;
    leptos_axum::redirect(&ItemId::from(note.session_id).path(project));
    Ok(())
}

/// Deletes a note.
#[server(prefix = "/ui", endpoint = "session-notes/delete", protocol = PageCall<PostUrl>)]
pub async fn delete_session_note(id: SessionNoteId) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.delete_note(&actor, id).await)
}
