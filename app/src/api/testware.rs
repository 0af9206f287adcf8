//! What cases, runs and sessions have in common.

use leptos::prelude::*;
use server_fn::codec::GetUrl;

use super::Text;
#[cfg(feature = "ssr")]
use super::{authenticated, with_status};
#[cfg(feature = "ssr")]
use crate::error::Error;
use crate::error::Result;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::model::item::{ItemAction, ItemId, ItemQuery, TestwareItem};
use crate::model::page::Page;
#[cfg(feature = "ssr")]
use crate::model::{test_case::CaseQuery, testware::ExecutionQuery};

/// Lists the items of one kind, newest first.
#[server(prefix = "/ui", endpoint = "testware/list", input = GetUrl, output = Text)]
pub async fn list_items(
    project: ProjectId,
    subject: Subject,
    #[server(default)] query: ItemQuery,
) -> Result<Page<TestwareItem>> {
    let (service, actor) = authenticated()?;
    let ItemQuery { search, priority, label, state, completed, limit, cursor } = query;
    let cases = CaseQuery { search: search.clone(), priority, label, limit, cursor: cursor.clone() };
    let executions = ExecutionQuery { search, state, completed, limit, cursor };
    with_status(match subject {
        Subject::Case => service.list_cases(&actor, project, cases).await.map(|page| page.map(TestwareItem::from)),
        Subject::TestRun => {
            service.list_runs(&actor, project, executions).await.map(|page| page.map(TestwareItem::from))
        }
        Subject::Session => {
            service.list_sessions(&actor, project, executions).await.map(|page| page.map(TestwareItem::from))
        }
        Subject::Issue => Err(Error::NotFound),
    })
}

/// Duplicates, completes or deletes an item. Returns the ID of a copy.
#[server(prefix = "/ui", endpoint = "testware/apply-action", output = Text)]
pub async fn apply_action(id: ItemId, action: ItemAction) -> Result<Option<ItemId>> {
    let (service, actor) = authenticated()?;
    let done = match (action, id) {
        (ItemAction::Duplicate, ItemId::Case(id)) => {
            service.duplicate_case(&actor, id).await.map(|copy| Some(ItemId::Case(copy.id)))
        }
        (ItemAction::Duplicate, ItemId::Run(id)) => {
            service.duplicate_run(&actor, id).await.map(|copy| Some(ItemId::Run(copy.id)))
        }
        (ItemAction::Duplicate, ItemId::Session(id)) => {
            service.duplicate_session(&actor, id).await.map(|copy| Some(ItemId::Session(copy.id)))
        }
        (ItemAction::Complete, ItemId::Run(id)) => service.complete_run(&actor, id).await.map(|_| None),
        (ItemAction::Complete, ItemId::Session(id)) => service.complete_session(&actor, id).await.map(|_| None),
        (ItemAction::Complete, ItemId::Case(_)) => Err(Error::invalid("Cases can't be completed.")),
        (ItemAction::Delete, ItemId::Case(id)) => service.delete_case(&actor, id).await.map(|()| None),
        (ItemAction::Delete, ItemId::Run(id)) => service.delete_run(&actor, id).await.map(|()| None),
        (ItemAction::Delete, ItemId::Session(id)) => service.delete_session(&actor, id).await.map(|()| None),
    };
    with_status(done)
}
