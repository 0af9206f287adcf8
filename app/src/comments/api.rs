//! Comments on issues and testware.
#![allow(missing_docs, reason = "the macro makes a struct of each function's arguments, which have no docs")]

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use crate::api::page_call::PageCall;
#[cfg(feature = "ssr")]
use crate::api::{authenticated, normalize_newlines, with_status};
#[cfg(feature = "ssr")]
use crate::comments::{AddComment as NewComment, CommentQuery, UpdateComment as CommentChange};
use crate::comments::{Comment, CommentId};
use crate::error::Result;
use crate::model::id::ProjectId;
use crate::model::item_id::ItemId;
use crate::model::page::Page;

/// A page of the comments of an item, newest first.
#[server(prefix = "/ui", endpoint = "comments/list", protocol = PageCall<GetUrl>)]
pub async fn list_comments(
    project: ProjectId,
    item: ItemId,
    #[server(default)] cursor: Option<String>,
) -> Result<Page<Comment>> {
    let (service, actor) = authenticated()?;
    with_status(service.list_comments(&actor, project, CommentQuery { item: Some(item), limit: None, cursor }).await)
}

/// Adds a comment and redirects to the item.
#[server(prefix = "/ui", endpoint = "comments/add", protocol = PageCall<PostUrl>)]
pub async fn add_comment(project: ProjectId, item: ItemId, new_comment: String) -> Result<()> {
    let (service, actor) = authenticated()?;
    let new = NewComment { item_id: item, text: normalize_newlines(&new_comment) };
    with_status(service.add_comment(&actor, project, new).await)?;
    leptos_axum::redirect(&item.path(project));
    Ok(())
}

/// Changes a comment and redirects to the item.
#[server(prefix = "/ui", endpoint = "comments/update", protocol = PageCall<PostUrl>)]
pub async fn update_comment(project: ProjectId, id: CommentId, edited_comment: String) -> Result<()> {
    let (service, actor) = authenticated()?;
    let change = CommentChange { text: normalize_newlines(&edited_comment) };
    let comment = with_status(service.update_comment(&actor, id, change).await)?;
    leptos_axum::redirect(&comment.item_id.path(project));
    Ok(())
}

/// Deletes a comment.
#[server(prefix = "/ui", endpoint = "comments/delete", protocol = PageCall<PostUrl>)]
pub async fn delete_comment(id: CommentId) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.delete_comment(&actor, id).await)
}
