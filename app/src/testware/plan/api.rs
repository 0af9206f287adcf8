//! Test plans.
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
use crate::service::Testware;
#[cfg(feature = "ssr")]
use crate::testware::plan::{CreatePlan as NewPlan, TestPlan, UpdatePlan as PlanChange};
use crate::testware::plan::{PlanId, PlanOverview};
#[cfg(feature = "ssr")]
use crate::{
    model::page::MAX_LIMIT,
    testware::{execution::ExecutionQuery, item::TestwareItem, run::TestRun},
};

/// One test plan with its runs.
#[server(prefix = "/ui", endpoint = "plans/get", protocol = PageCall<GetUrl>)]
pub async fn read_plan(id: PlanId) -> Result<PlanOverview> {
    let (service, actor) = authenticated()?;
    let read = async {
        let detail = Testware::<TestPlan>::read(&*service, &actor, id).await?;
        let query = ExecutionQuery { plan: Some(id), limit: Some(MAX_LIMIT), ..ExecutionQuery::default() };
        let runs = Testware::<TestRun>::list(&*service, &actor, detail.plan.project_id, query).await?.items;
        Ok(PlanOverview { detail, runs: runs.into_iter().map(TestwareItem::from).collect() })
    };
    with_status(read.await)
}

/// Creates a test plan and redirects to it.
#[server(prefix = "/ui", endpoint = "plans/create", protocol = PageCall<PostUrl>)]
pub async fn create_plan(project: ProjectId, name: String, #[server(default)] description: String) -> Result<()> {
    let (service, actor) = authenticated()?;
    let new = NewPlan { name, description: normalize_newlines(&description) };
    let created = with_status(Testware::<TestPlan>::create(&*service, &actor, project, new).await)?;
    leptos_axum::redirect(&ItemId::from(created.id).path(project));
    Ok(())
}

/// Changes the fields that were edited.
#[server(prefix = "/ui", endpoint = "plans/update", protocol = PageCall<PostUrl>)]
pub async fn update_plan(
    id: PlanId,
    name: String,
    #[server(default)] description: String,
    #[server(default)] initial: InitialValues,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let change =
        PlanChange { name: initial.changed("name", &name), description: initial.changed("description", &description) };
    let plan = with_status(Testware::<TestPlan>::update(&*service, &actor, id, change).await)?;
    leptos_axum::redirect(&ItemId::from(id).path(plan.project_id));
    Ok(())
}
