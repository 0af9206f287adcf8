//! Test cases.
#![allow(missing_docs, reason = "the macro makes a struct of each function's arguments, which have no docs")]
#![allow(clippy::too_many_arguments, reason = "the arguments are the fields of a form")]

use std::collections::BTreeMap;

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use crate::api::InitialValues;
use crate::api::page_call::PageCall;
#[cfg(feature = "ssr")]
use crate::api::{authenticated, lines, normalize_newlines, separated, with_status};
#[cfg(feature = "ssr")]
use crate::error::Error;
use crate::error::Result;
use crate::model::id::ProjectId;
#[cfg(feature = "ssr")]
use crate::model::item_id::ItemId;
use crate::model::page::Page;
#[cfg(feature = "ssr")]
use crate::model::page::PageQuery;
#[cfg(feature = "ssr")]
use crate::service::Testware;
use crate::testware::case::bulk::{ChangedCases, DeletedCases};
use crate::testware::case::history::CaseVersion;
use crate::testware::case::{CaseId, CaseOverview, CaseState, Priority, Step};
use crate::testware::custom_field::CustomFieldId;
#[cfg(feature = "ssr")]
use crate::testware::{
    api::unless_deleted,
    case::bulk::{DeleteCases as CasesDeletion, KEEP, UpdateCases as CasesChange},
    case::{CreateCase as NewCase, TestCase, UpdateCase as CaseChange},
    custom_field::{CustomValues, api::read_field_choices},
    item::TestwareItem,
    review::{Review, ReviewQuery},
    shared_step::{SharedStep, SharedStepId},
    suite::Suite,
};

/// The number of reviews that the page of a case shows.
#[cfg(feature = "ssr")]
const SHOWN_REVIEWS: u32 = 20;
/// The number of changes on a page of the history.
#[cfg(feature = "ssr")]
const HISTORY_LIMIT: u32 = 20;

/// One test case.
#[server(prefix = "/ui", endpoint = "cases/get", protocol = PageCall<GetUrl>)]
pub async fn read_case(id: CaseId) -> Result<CaseOverview> {
    let (service, actor) = authenticated()?;
    let read = async {
        let case = Testware::<TestCase>::read(&*service, &actor, id).await?;
        let suite = match case.suite_id {
            Some(suite) => {
                let found = Testware::<Suite>::read(&*service, &actor, suite).await;
                unless_deleted(found.map(|found| found.suite.into()))?
            }
            None => None,
        };
        let query = ReviewQuery { case: Some(id), limit: Some(SHOWN_REVIEWS), ..ReviewQuery::default() };
        let reviews = Testware::<Review>::list(&*service, &actor, case.project_id, query).await?.items;
        let reviews = reviews.into_iter().map(TestwareItem::from).collect();
        let mut shared_steps: Vec<SharedStep> = Vec::new();
        for id in shared_step_ids(&case.steps) {
            match Testware::<SharedStep>::read(&*service, &actor, id).await {
                Ok(shared) => shared_steps.push(shared),
                // It was deleted in the meantime.
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        let choices = read_field_choices(case.project_id).await?;
        Ok(CaseOverview { case, suite, shared_steps, choices, reviews })
    };
    with_status(read.await)
}

/// A page of the changes of a test case, newest first.
#[server(prefix = "/ui", endpoint = "cases/history", protocol = PageCall<GetUrl>)]
pub async fn read_history(id: CaseId, #[server(default)] cursor: Option<String>) -> Result<Page<CaseVersion>> {
    let (service, actor) = authenticated()?;
    with_status(service.case_history(&actor, id, PageQuery { limit: Some(HISTORY_LIMIT), cursor }).await)
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
    #[server(default)] suite: String,
    #[server(default)] steps: Vec<Step>,
    #[server(default)] automation_links: String,
    #[server(default)] custom: BTreeMap<CustomFieldId, String>,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let new = NewCase {
        title,
        preconditions: normalize_newlines(&preconditions),
        steps: filled_steps(steps),
        suite_id: suite.parse().ok(),
        priority: Some(priority),
        labels: separated(&labels),
        automation_links: lines(&automation_links),
        custom_fields: custom_values(project, custom, &BTreeMap::new()).await?,
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
    #[server(default)] automation_links: String,
    #[server(default)] suite: String,
    #[server(default)] state: Option<CaseState>,
    #[server(default)] initial: InitialValues,
    #[server(default)] initial_steps: Vec<Step>,
    #[server(default)] custom: BTreeMap<CustomFieldId, String>,
    #[server(default)] initial_custom: BTreeMap<CustomFieldId, String>,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let steps = filled_steps(steps);
    let same_steps = initial.is_known() && filled_steps(initial_steps) == steps;
    let custom_fields = if custom.is_empty() {
        CustomValues::new()
    } else {
        let project = with_status(Testware::<TestCase>::read(&*service, &actor, id).await)?.project_id;
        custom_values(project, custom, &initial_custom).await?
    };
    let change = CaseChange {
        title: initial.changed("title", &title),
        preconditions: initial.changed("preconditions", &preconditions),
        steps: (!same_steps).then_some(steps),
        suite_id: initial.changed("suite", &suite),
        priority: initial.selected("priority", priority, Priority::as_str),
        labels: initial.changed("labels", &labels).map(|labels| separated(&labels)),
        state: state.and_then(|state| initial.selected("state", state, CaseState::as_str)),
        automation_links: initial.changed("automation_links", &automation_links).map(|links| lines(&links)),
        custom_fields,
    };
    let case = with_status(Testware::<TestCase>::update(&*service, &actor, id, change).await)?;
    leptos_axum::redirect(&ItemId::from(id).path(case.project_id));
    Ok(())
}

/// Changes several test cases. Empty fields stay, and so does the suite if it is [`KEEP`]. Labels are separated by commas.
#[server(prefix = "/ui", endpoint = "cases/update-several", protocol = PageCall<PostUrl>)]
pub async fn update_cases(
    project: ProjectId,
    #[server(default)] ids: Vec<CaseId>,
    #[server(default)] suite: String,
    #[server(default)] state: String,
    #[server(default)] priority: String,
    #[server(default)] add_labels: String,
    #[server(default)] remove_labels: String,
    #[server(default)] custom: BTreeMap<CustomFieldId, String>,
    #[server(default)] initial_custom: BTreeMap<CustomFieldId, String>,
) -> Result<ChangedCases> {
    let (service, actor) = authenticated()?;
    let change = CasesChange {
        ids,
        suite_id: (suite != KEEP).then_some(suite),
        priority: chosen("priority", &priority)?,
        state: chosen("state", &state)?,
        labels: None,
        add_labels: separated(&add_labels),
        remove_labels: separated(&remove_labels),
        custom_fields: custom_values(project, custom, &initial_custom).await?,
    };
    with_status(service.update_cases(&actor, project, change).await)
}

/// Deletes several test cases.
#[server(prefix = "/ui", endpoint = "cases/delete-several", protocol = PageCall<PostUrl>)]
pub async fn delete_cases(project: ProjectId, #[server(default)] ids: Vec<CaseId>) -> Result<DeletedCases> {
    let (service, actor) = authenticated()?;
    with_status(service.delete_cases(&actor, project, CasesDeletion { ids }).await)
}

/// The selected option of a field; `None` for the one that keeps the value.
#[cfg(feature = "ssr")]
fn chosen<T: std::str::FromStr>(field: &str, text: &str) -> Result<Option<T>> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Error::field(field, "Select one of the options."))
}

/// The values of a form that differ from the initial ones, by the type of their field.
#[cfg(feature = "ssr")]
async fn custom_values(
    project: ProjectId,
    texts: BTreeMap<CustomFieldId, String>,
    initial: &BTreeMap<CustomFieldId, String>,
) -> Result<CustomValues> {
    if texts.is_empty() {
        return Ok(CustomValues::new());
    }
    let kinds: BTreeMap<_, _> =
        read_field_choices(project).await?.fields.into_iter().map(|field| (field.id, field.kind)).collect();
    let changed = texts.into_iter().filter(|(id, text)| initial.get(id).map_or("", String::as_str) != text);
    Ok(changed.map(|(id, text)| (id, kinds.get(&id).and_then(|kind| kind.parse(&text)))).collect())
}

/// The steps of a form without empty ones.
#[cfg(feature = "ssr")]
pub(crate) fn filled_steps(steps: Vec<Step>) -> Vec<Step> {
    let steps = steps.into_iter().map(|step| Step {
        action: normalize_newlines(&step.action),
        expected: normalize_newlines(&step.expected),
        ..step
    });
    steps.filter(|step| !step.is_empty()).collect()
}

/// The shared steps that these steps refer to, each once.
#[cfg(feature = "ssr")]
fn shared_step_ids(steps: &[Step]) -> std::collections::BTreeSet<SharedStepId> {
    steps.iter().filter_map(|step| step.shared_step_id).collect()
}
