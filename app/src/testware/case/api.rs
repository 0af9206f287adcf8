//! Test cases.
#![allow(missing_docs, reason = "the macro makes a struct of each function's arguments, which have no docs")]
#![allow(clippy::too_many_arguments, reason = "the arguments are the fields of a form")]

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use crate::api::InitialValues;
use crate::api::page_call::PageCall;
#[cfg(feature = "ssr")]
use crate::api::{authenticated, normalize_newlines, separated, with_status};
use crate::error::Result;
use crate::model::id::ProjectId;
#[cfg(feature = "ssr")]
use crate::model::item_id::ItemId;
#[cfg(feature = "ssr")]
use crate::service::Testware;
use crate::testware::case::{CaseId, Priority, Step, TestCase};
#[cfg(feature = "ssr")]
use crate::testware::case::{CreateCase as NewCase, UpdateCase as CaseChange};

/// One test case.
#[server(prefix = "/ui", endpoint = "cases/get", protocol = PageCall<GetUrl>)]
pub async fn read_case(id: CaseId) -> Result<TestCase> {
    let (service, actor) = authenticated()?;
    with_status(Testware::<TestCase>::read(&*service, &actor, id).await)
}

/// Creates a test case and redirects to it. `labels` are separated by commas; empty steps are
/// dropped.
#[server(prefix = "/ui", endpoint = "cases/create", protocol = PageCall<PostUrl>)]
pub async fn create_case(
    project: ProjectId,
    title: String,
    priority: Priority,
    #[server(default)] preconditions: String,
    #[server(default)] labels: String,
    #[server(default)] steps: Vec<Step>,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let new = NewCase {
        title,
        preconditions: normalize_newlines(&preconditions),
        steps: filled_steps(steps),
        priority: Some(priority),
        labels: separated(&labels),
    };
    let case = with_status(Testware::<TestCase>::create(&*service, &actor, project, new).await)?;
    leptos_axum::redirect(&ItemId::from(case.id).path(project));
    Ok(())
}

/// Changes the fields that were edited.
#[server(prefix = "/ui", endpoint = "cases/update", protocol = PageCall<PostUrl>)]
pub async fn update_case(
    id: CaseId,
    title: String,
    priority: Priority,
    #[server(default)] preconditions: String,
    #[server(default)] labels: String,
    #[server(default)] steps: Vec<Step>,
    #[server(default)] initial: InitialValues,
    #[server(default)] initial_steps: Vec<Step>,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let steps = filled_steps(steps);
    let same_steps = initial.is_known() && filled_steps(initial_steps) == steps;
    let change = CaseChange {
        title: initial.changed("title", &title),
        preconditions: initial.changed("preconditions", &preconditions),
        steps: (!same_steps).then_some(steps),
        priority: initial.selected("priority", priority, Priority::as_str),
        labels: initial.changed("labels", &labels).map(|labels| separated(&labels)),
    };
    let case = with_status(Testware::<TestCase>::update(&*service, &actor, id, change).await)?;
    leptos_axum::redirect(&ItemId::from(id).path(case.project_id));
    Ok(())
}

#[cfg(feature = "ssr")]
fn filled_steps(steps: Vec<Step>) -> Vec<Step> {
    let steps = steps
        .into_iter()
        .map(|step| Step { action: normalize_newlines(&step.action), expected: normalize_newlines(&step.expected) });
    steps.filter(|step| !(step.action.trim().is_empty() && step.expected.trim().is_empty())).collect()
}
