//! What the pages do with cases, runs and sessions alike.

use leptos::prelude::*;
use server_fn::codec::GetUrl;

use super::Text;
#[cfg(feature = "ssr")]
use super::{caller, told};
#[cfg(feature = "ssr")]
use crate::error::Error;
use crate::error::Result;
use crate::model::id::ProjectId;
use crate::model::item::{Deed, Item, ItemId, ItemQuery, Kind};
use crate::model::page::Page;
#[cfg(feature = "ssr")]
use crate::model::{test_case::CaseQuery, testware::WorkQuery};

/// The items of one kind of a project, the newest first.
#[server(prefix = "/ui", endpoint = "testware/list", input = GetUrl, output = Text)]
pub async fn list_items(project: ProjectId, kind: Kind, #[server(default)] query: ItemQuery) -> Result<Page<Item>> {
    let (service, actor) = caller()?;
    let ItemQuery { search, priority, label, state, completed, limit, cursor } = query;
    if kind == Kind::Case {
        let query = CaseQuery { search, priority, label, limit, cursor };
        return Ok(told(service.list_cases(&actor, project, query).await)?.map(Item::from));
    }
    let query = WorkQuery { search, state, completed, limit, cursor };
    match kind {
        Kind::Run => Ok(told(service.list_runs(&actor, project, query).await)?.map(Item::from)),
        _ => Ok(told(service.list_sessions(&actor, project, query).await)?.map(Item::from)),
    }
}

/// Duplicates, completes or deletes an item. A copy is answered with its id.
#[server(prefix = "/ui", endpoint = "testware/act", output = Text)]
pub async fn act(id: ItemId, deed: Deed) -> Result<Option<ItemId>> {
    let (service, actor) = caller()?;
    let done = match (deed, id) {
        (Deed::Duplicate, ItemId::Case(id)) => {
            service.duplicate_case(&actor, id).await.map(|copy| Some(ItemId::Case(copy.id)))
        }
        (Deed::Duplicate, ItemId::Run(id)) => {
            service.duplicate_run(&actor, id).await.map(|copy| Some(ItemId::Run(copy.id)))
        }
        (Deed::Duplicate, ItemId::Session(id)) => {
            service.duplicate_session(&actor, id).await.map(|copy| Some(ItemId::Session(copy.id)))
        }
        (Deed::Complete, ItemId::Run(id)) => service.complete_run(&actor, id).await.map(|_| None),
        (Deed::Complete, ItemId::Session(id)) => service.complete_session(&actor, id).await.map(|_| None),
        (Deed::Complete, ItemId::Case(_)) => Err(Error::invalid("A case is not completed.")),
        (Deed::Delete, ItemId::Case(id)) => service.delete_case(&actor, id).await.map(|()| None),
        (Deed::Delete, ItemId::Run(id)) => service.delete_run(&actor, id).await.map(|()| None),
        (Deed::Delete, ItemId::Session(id)) => service.delete_session(&actor, id).await.map(|()| None),
    };
    told(done)
}
