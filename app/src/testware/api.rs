//! The functions that all subjects of testware share.
#![allow(missing_docs, reason = "the macro makes a struct of each function's arguments, which have no docs")]

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use crate::api::page_call::PageCall;

#[cfg(feature = "ssr")]
use crate::api::{authenticated, with_status};
#[cfg(feature = "ssr")]
use crate::error::Error;
use crate::error::Result;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::model::item_id::ItemId;
use crate::model::page::Page;
use crate::testware::item::{ItemAction, ItemQuery, TestwareItem};
#[cfg(feature = "ssr")]
use crate::{service::Testware, testware::item::CopiedCases, with_subject};

/// Lists the items of a subject, newest first.
#[server(prefix = "/ui", endpoint = "testware/list", protocol = PageCall<GetUrl>)]
pub async fn list_items(
    project: ProjectId,
    subject: Subject,
    #[server(default)] query: ItemQuery,
) -> Result<Page<TestwareItem>> {
    let (service, actor) = authenticated()?;
    with_status(with_subject!(subject, T => {
        let page = Testware::<T>::list(&*service, &actor, project, query.into()).await;
        page.map(|page| page.map(TestwareItem::from))
    }, else Err(Error::NotFound)))
}

/// Duplicates, completes, aborts or deletes an item. Returns the ID of a copy.
#[server(prefix = "/ui", endpoint = "testware/apply-action", protocol = PageCall<PostUrl>)]
pub async fn apply_action(id: ItemId, action: ItemAction) -> Result<Option<ItemId>> {
    let (service, actor) = authenticated()?;
    let (subject, uuid) = (id.subject(), id.uuid());
    with_status(match action {
        ItemAction::Duplicate | ItemAction::DuplicateFailed => with_subject!(subject, T => {
            let cases = if action == ItemAction::Duplicate { CopiedCases::All } else { CopiedCases::Failed };
            let copy = Testware::<T>::duplicate(&*service, &actor, uuid.into(), cases).await;
            copy.map(|copy| Some(TestwareItem::from(copy).id))
        }, else Err(Error::NotFound)),
        ItemAction::Delete => with_subject!(subject, T => {
            Testware::<T>::delete(&*service, &actor, uuid.into()).await.map(|()| None)
        }, else Err(Error::NotFound)),
        ItemAction::Complete => with_subject!(subject, T => {
            Testware::<T>::complete(&*service, &actor, uuid.into()).await.map(|_| None)
        }, else Err(Error::NotFound)),
        ItemAction::Abort => with_subject!(subject, T => {
            Testware::<T>::abort(&*service, &actor, uuid.into()).await.map(|_| None)
        }, else Err(Error::NotFound)),
    })
}

/// What an item belongs to. It may have been deleted in the meantime.
#[cfg(feature = "ssr")]
pub(crate) fn unless_deleted(found: Result<TestwareItem>) -> Result<Option<TestwareItem>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
