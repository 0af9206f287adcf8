//! Suites.
#![allow(missing_docs, reason = "the macro makes a struct of each function's arguments, which have no docs")]

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use crate::api::InitialValues;
use crate::api::page_call::PageCall;
#[cfg(feature = "ssr")]
use crate::api::{authenticated, normalize_newlines, with_status};
use crate::error::Result;
use crate::model::id::ProjectId;
#[cfg(feature = "ssr")]
use crate::model::item_id::ItemId;
#[cfg(feature = "ssr")]
use crate::model::{page::MAX_LIMIT, people::Actor};
#[cfg(feature = "ssr")]
use crate::service::Testware;
use crate::testware::item::TestwareItem;
use crate::testware::suite::{SuiteId, SuiteOverview};
#[cfg(feature = "ssr")]
use crate::testware::{
    case::{CaseQuery, TestCase},
    suite::{CreateSuite as NewSuite, Suite, SuiteQuery, UpdateSuite as SuiteChange},
};

/// All suites of a project, newest first.
#[server(prefix = "/ui", endpoint = "suites/tree", protocol = PageCall<GetUrl>)]
pub async fn read_tree(project: ProjectId) -> Result<Vec<TestwareItem>> {
    let (service, actor) = authenticated()?;
    with_status(all(&*service, &actor, project).await)
}

/// One suite with what is in it.
#[server(prefix = "/ui", endpoint = "suites/get", protocol = PageCall<GetUrl>)]
pub async fn read_suite(id: SuiteId, #[server(default)] cases: Option<String>) -> Result<SuiteOverview> {
    let (service, actor) = authenticated()?;
    let read = async {
        let detail = Testware::<Suite>::read(&*service, &actor, id).await?;
        let project = detail.suite.project_id;
        let query = CaseQuery { suite: Some(id), cursor: cases, ..CaseQuery::default() };
        let cases = Testware::<TestCase>::list(&*service, &actor, project, query).await?.map(TestwareItem::from);
        Ok(SuiteOverview { detail, tree: all(&*service, &actor, project).await?, cases })
    };
    with_status(read.await)
}

#[cfg(feature = "ssr")]
async fn all(
    service: &(impl Testware<Suite> + ?Sized),
    actor: &Actor,
    project: ProjectId,
) -> Result<Vec<TestwareItem>> {
    let mut all = Vec::new();
    let mut cursor = None;
    loop {
        let query = SuiteQuery { limit: Some(MAX_LIMIT), cursor, ..SuiteQuery::default() };
        let page = Testware::<Suite>::list(service, actor, project, query).await?;
        all.extend(page.items.into_iter().map(TestwareItem::from));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

/// Creates a suite and redirects to it.
#[server(prefix = "/ui", endpoint = "suites/create", protocol = PageCall<PostUrl>)]
pub async fn create_suite(
    project: ProjectId,
    name: String,
    #[server(default)] description: String,
    #[server(default)] parent: String,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let new = NewSuite { name, description: normalize_newlines(&description), parent_id: parent.parse().ok() };
    let created = with_status(Testware::<Suite>::create(&*service, &actor, project, new).await)?;
    leptos_axum::redirect(&ItemId::from(created.id).path(project));
    Ok(())
}

/// Changes the fields that were edited.
#[server(prefix = "/ui", endpoint = "suites/update", protocol = PageCall<PostUrl>)]
pub async fn update_suite(
    id: SuiteId,
    name: String,
    #[server(default)] description: String,
    #[server(default)] parent: String,
    #[server(default)] initial: InitialValues,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let change = SuiteChange {
        name: initial.changed("name", &name),
        description: initial.changed("description", &description),
        parent_id: initial.changed("parent", &parent),
    };
    let suite = with_status(Testware::<Suite>::update(&*service, &actor, id, change).await)?;
    leptos_axum::redirect(&ItemId::from(id).path(suite.project_id));
    Ok(())
}

/// Moves a suite into another one, or to the top.
#[server(prefix = "/ui", endpoint = "suites/move", protocol = PageCall<PostUrl>)]
pub async fn move_suite(id: SuiteId, #[server(default)] parent: String) -> Result<()> {
    let (service, actor) = authenticated()?;
    let change = SuiteChange { parent_id: Some(parent), ..SuiteChange::default() };
    with_status(Testware::<Suite>::update(&*service, &actor, id, change).await.map(drop))
}
