//! Milestones.
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
use crate::testware::milestone::{CreateMilestone as NewMilestone, Milestone, UpdateMilestone as MilestoneChange};
use crate::testware::milestone::{MilestoneId, MilestoneOverview};
#[cfg(feature = "ssr")]
use crate::{
    model::page::MAX_LIMIT,
    testware::{execution::ExecutionQuery, item::TestwareItem, run::TestRun, session::TestSession},
};

/// One milestone with its runs and sessions.
#[server(prefix = "/ui", endpoint = "milestones/get", protocol = PageCall<GetUrl>)]
pub async fn read_milestone(id: MilestoneId) -> Result<MilestoneOverview> {
    let (service, actor) = authenticated()?;
    let read = async {
        let detail = Testware::<Milestone>::read(&*service, &actor, id).await?;
        let project = detail.milestone.project_id;
        let query = || ExecutionQuery { milestone: Some(id), limit: Some(MAX_LIMIT), ..ExecutionQuery::default() };
        let runs = Testware::<TestRun>::list(&*service, &actor, project, query()).await?.items;
        let sessions = Testware::<TestSession>::list(&*service, &actor, project, query()).await?.items;
        let runs = runs.into_iter().map(TestwareItem::from);
        Ok(MilestoneOverview { detail, items: runs.chain(sessions.into_iter().map(TestwareItem::from)).collect() })
    };
    with_status(read.await)
}

/// Creates a milestone and redirects to it.
#[server(prefix = "/ui", endpoint = "milestones/create", protocol = PageCall<PostUrl>)]
pub async fn create_milestone(
    project: ProjectId,
    name: String,
    #[server(default)] description: String,
    #[server(default)] due_on: String,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let new = NewMilestone { name, description: normalize_newlines(&description), due_on };
    let created = with_status(Testware::<Milestone>::create(&*service, &actor, project, new).await)?;
    leptos_axum::redirect(&ItemId::from(created.id).path(project));
    Ok(())
}

/// Changes the fields that were edited.
#[server(prefix = "/ui", endpoint = "milestones/update", protocol = PageCall<PostUrl>)]
pub async fn update_milestone(
    id: MilestoneId,
    name: String,
    #[server(default)] description: String,
    #[server(default)] due_on: String,
    #[server(default)] initial: InitialValues,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let change = MilestoneChange {
        name: initial.changed("name", &name),
        description: initial.changed("description", &description),
        due_on: initial.changed("due_on", &due_on),
    };
    let milestone = with_status(Testware::<Milestone>::update(&*service, &actor, id, change).await)?;
    leptos_axum::redirect(&ItemId::from(id).path(milestone.project_id));
    Ok(())
}
