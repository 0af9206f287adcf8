//! The field that chooses an item for another one: the milestone or the plan of a run, the suite of a case.

use leptos::prelude::*;

use crate::components::dynamic::dynamic;
use crate::components::field::{FieldError, initial_value};
use crate::components::hydration::use_hydrated_effect;
use crate::components::sorting::sort_key;
use crate::error::{Error, Result};
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::model::item_id::ItemId;
use crate::model::page::MAX_LIMIT;
use crate::testware::api::list_items;
use crate::testware::case::bulk::KEEP;
use crate::testware::item::{ItemQuery, TestwareItem};
use crate::testware::suite::api::read_tree;
use crate::testware::suite::pages::tree::paths;
use crate::url_state::use_url_state;

/// A project has few open ones, so one page of them is enough. It is read when the form first opens. Without JavaScript,
/// only the present one can be kept or removed. `?in=...` preselects one in a new item.
#[component]
pub fn GroupSelect(
    project: ProjectId,
    /// What is chosen.
    of: Subject,
    /// The name of the field.
    name: &'static str,
    /// Its name in the API.
    wire: &'static str,
    label: &'static str,
    current: Option<TestwareItem>,
    sends_initial: bool,
    /// Whether the form changes several items, and keeps what each has unless an option is selected.
    #[prop(optional)]
    keeps: bool,
    #[prop(into)] open: Signal<bool>,
    error: Signal<Option<Error>>,
) -> impl IntoView {
    let url_state = use_url_state();
    let current_id = current.as_ref().map(|item| item.id);
    let preselected =
        url_state.parsed_untracked::<ItemId>("in").filter(|id| id.subject() == of && !sends_initial && !keeps);
    let value = current_id.map(|id| id.to_string()).unwrap_or_default();
    let others = RwSignal::new(None::<Vec<TestwareItem>>);
    let failed = RwSignal::new(false);
    let reading = StoredValue::new(false);
    use_hydrated_effect(move || {
        if !open.get() || reading.get_value() {
            return;
        }
        reading.set_value(true);
        leptos::task::spawn_local(async move {
            match choices(project, of).await {
                Ok(choices) => {
                    let choices = choices.into_iter().filter(|item| Some(item.id) != current_id);
                    let _ = others.try_set(Some(choices.collect()));
                }
                Err(_) => {
                    let _ = failed.try_set(true);
                }
            }
        });
    });
    let option = |item: TestwareItem, selected: bool| {
        view! { <option value=item.id.to_string() selected=selected>{item.title}</option> }.into_any()
    };
    let listed = move || {
        let others = others.get().into_iter().flatten();
        others.map(|item| (item.id, item)).map(|(id, item)| option(item, Some(id) == preselected)).collect_view()
    };
    // Until the list is there, and if it doesn't have it.
    let unlisted = move || {
        let id = preselected.filter(|id| others.with(|others| !others.iter().flatten().any(|item| item.id == *id)))?;
        let label = format!("Selected {}", of.spec().noun);
        Some(view! { <option value=id.to_string() selected=true>{label}</option> })
    };
    let id = format!("field-{name}");
    let error_id = format!("{id}-error");
    let problem = move || failed.get().then(|| format!("The other {} could not be loaded.", of.plural()));
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            {sends_initial.then(|| initial_value(name, value))}
            <select id=id name=name aria-describedby=error_id.clone()>
                {keeps.then(|| view! { <option value=KEEP>"Keep"</option> })}
                <option value="">"None"</option>
                {current.map(|item| option(item, true))}
                {dynamic(unlisted)}
                {dynamic(listed)}
            </select>
            <FieldError name=wire error id=error_id/>
            <p class="hint" role="status">{dynamic(problem)}</p>
        </div>
    }
}

/// The open ones. A suite has the suites above it in its title.
async fn choices(project: ProjectId, of: Subject) -> Result<Vec<TestwareItem>> {
    if of == Subject::Suite {
        let all = read_tree(project).await?;
        let mut paths = paths(&all);
        let mut all: Vec<_> = all
            .into_iter()
            .map(|item| TestwareItem { title: paths.remove(&item.id).unwrap_or_default(), ..item })
            .collect();
        all.sort_by_key(|item| sort_key(&item.title));
        return Ok(all);
    }
    let query = ItemQuery { completed: Some(false), limit: Some(MAX_LIMIT), ..ItemQuery::default() };
    Ok(list_items(project, of, query).await?.items)
}
