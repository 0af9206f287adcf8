//! Shared steps.
#![allow(missing_docs, reason = "the macro makes a struct of each function's arguments, which have no docs")]

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use crate::api::InitialValues;
use crate::api::page_call::PageCall;
#[cfg(feature = "ssr")]
use crate::api::{authenticated, with_status};
use crate::error::Result;
use crate::model::id::ProjectId;
#[cfg(feature = "ssr")]
use crate::model::item_id::ItemId;
#[cfg(feature = "ssr")]
use crate::service::Testware;
use crate::testware::case::Step;
use crate::testware::shared_step::{SharedStepId, SharedStepOverview};
#[cfg(feature = "ssr")]
use crate::{
    model::page::MAX_LIMIT,
    testware::case::{CaseQuery, TestCase, api::filled_steps},
    testware::item::TestwareItem,
    testware::shared_step::{CreateSharedStep as NewSharedStep, SharedStep, UpdateSharedStep as SharedStepChange},
};

/// A shared step with the test cases that use it.
#[server(prefix = "/ui", endpoint = "shared-steps/get", protocol = PageCall<GetUrl>)]
pub async fn read_shared_step(id: SharedStepId) -> Result<SharedStepOverview> {
    let (service, actor) = authenticated()?;
    let read = async {
        let shared = Testware::<SharedStep>::read(&*service, &actor, id).await?;
        let query = CaseQuery { shared_step: Some(id), limit: Some(MAX_LIMIT), ..CaseQuery::default() };
        let cases = Testware::<TestCase>::list(&*service, &actor, shared.project_id, query).await?.items;
        Ok(SharedStepOverview { shared, cases: cases.into_iter().map(TestwareItem::from).collect() })
    };
    with_status(read.await)
}

/// Creates a shared step and redirects to it. Empty steps are dropped.
#[server(prefix = "/ui", endpoint = "shared-steps/create", protocol = PageCall<PostUrl>)]
pub async fn create_shared_step(project: ProjectId, name: String, #[server(default)] steps: Vec<Step>) -> Result<()> {
    let (service, actor) = authenticated()?;
    let new = NewSharedStep { name, steps: filled_steps(steps) };
    let shared = with_status(Testware::<SharedStep>::create(&*service, &actor, project, new).await)?;
    leptos_axum::redirect(&ItemId::from(shared.id).path(project));
    Ok(())
}

/// Changes the fields that were edited.
#[server(prefix = "/ui", endpoint = "shared-steps/update", protocol = PageCall<PostUrl>)]
pub async fn update_shared_step(
    id: SharedStepId,
    name: String,
    #[server(default)] steps: Vec<Step>,
    #[server(default)] initial: InitialValues,
    #[server(default)] initial_steps: Vec<Step>,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let steps = filled_steps(steps);
    let same_steps = initial.is_known() && filled_steps(initial_steps) == steps;
    let change = SharedStepChange { name: initial.changed("name", &name), steps: (!same_steps).then_some(steps) };
    let shared = with_status(Testware::<SharedStep>::update(&*service, &actor, id, change).await)?;
    leptos_axum::redirect(&ItemId::from(id).path(shared.project_id));
    Ok(())
}
