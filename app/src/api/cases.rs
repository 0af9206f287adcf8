//! Test cases.
#![allow(clippy::too_many_arguments, reason = "the arguments are the fields of a form")]

use leptos::prelude::*;
use server_fn::codec::GetUrl;

use super::{Text, Was};
#[cfg(feature = "ssr")]
use super::{caller, plain, separated, told};
use crate::error::Result;
use crate::model::id::{CaseId, ProjectId};
use crate::model::test_case::{Priority, Step, TestCase};
#[cfg(feature = "ssr")]
use crate::model::{
    item::ItemId,
    test_case::{CreateCase as NewCase, UpdateCase as CaseChange},
};

/// One test case.
#[server(prefix = "/ui", endpoint = "cases/get", input = GetUrl, output = Text)]
pub async fn read_case(id: CaseId) -> Result<TestCase> {
    let (service, actor) = caller()?;
    told(service.case(&actor, id).await)
}

/// Makes a test case and goes to it; `labels` are separated by commas, steps that say nothing are
/// left out.
#[server(prefix = "/ui", endpoint = "cases/create", output = Text)]
pub async fn create_case(
    project: ProjectId,
    title: String,
    priority: Priority,
    #[server(default)] preconditions: String,
    #[server(default)] labels: String,
    #[server(default)] steps: Vec<Step>,
) -> Result<()> {
    let (service, actor) = caller()?;
    let new = NewCase {
        title,
        preconditions: plain(&preconditions),
        steps: filled_steps(steps),
        priority: Some(priority),
        labels: separated(&labels),
    };
    let case = told(service.create_case(&actor, project, new).await)?;
    leptos_axum::redirect(&ItemId::Case(case.id).path(project));
    Ok(())
}

/// Changes what differs from what the form was opened with.
#[server(prefix = "/ui", endpoint = "cases/update", output = Text)]
pub async fn update_case(
    id: CaseId,
    title: String,
    priority: Priority,
    #[server(default)] preconditions: String,
    #[server(default)] labels: String,
    #[server(default)] steps: Vec<Step>,
    #[server(default)] was: Was,
    #[server(default)] was_steps: Vec<Step>,
) -> Result<()> {
    let (service, actor) = caller()?;
    let steps = filled_steps(steps);
    let same_steps = was.is_told() && filled_steps(was_steps) == steps;
    let change = CaseChange {
        title: was.changed("title", &title),
        preconditions: was.changed("preconditions", &preconditions),
        steps: (!same_steps).then_some(steps),
        priority: was.chosen("priority", priority, Priority::as_str),
        labels: was.changed("labels", &labels).map(|labels| separated(&labels)),
    };
    let case = told(service.update_case(&actor, id, change).await)?;
    leptos_axum::redirect(&ItemId::Case(id).path(case.project_id));
    Ok(())
}

#[cfg(feature = "ssr")]
fn filled_steps(steps: Vec<Step>) -> Vec<Step> {
    let steps = steps.into_iter().map(|step| Step { action: plain(&step.action), expected: plain(&step.expected) });
    steps.filter(|step| !(step.action.trim().is_empty() && step.expected.trim().is_empty())).collect()
}
