//! Adds a shared step to the steps of a case. It needs JavaScript.

use leptos::prelude::*;

use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::hydration::{use_hydrated, use_hydrated_effect};
use crate::components::icon::{Icon, icon};
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::model::page::MAX_LIMIT;
use crate::testware::api::list_items;
use crate::testware::item::ItemQuery;
use crate::testware::shared_step::{SharedStep, SharedStepId};

/// Which shared steps a form can add.
pub struct Sharing {
    /// Their project.
    pub project: ProjectId,
    /// Whether the form is open. They are read when it first is.
    pub open: Signal<bool>,
    /// Those that the case has already.
    pub known: Vec<SharedStep>,
}

impl Sharing {
    /// The names of those that the case has already.
    pub fn names(&self) -> Vec<(SharedStepId, String)> {
        self.known.iter().map(|shared| (shared.id, label(&shared.key, &shared.name))).collect()
    }
}

fn label(key: &str, name: &str) -> String {
    format!("{key} {name}")
}

/// A select field with the shared steps of the project, at most 200, and a button to add one.
#[component]
pub fn SharedStepChoice(
    project: ProjectId,
    open: Signal<bool>,
    names: RwSignal<Vec<(SharedStepId, String)>>,
    add: Callback<SharedStepId>,
) -> impl IntoView {
    let hydrated = use_hydrated();
    let choices = RwSignal::new(Vec::<(SharedStepId, String)>::new());
    let chosen = RwSignal::new(None::<SharedStepId>);
    let failed = RwSignal::new(false);
    let reading = StoredValue::new(false);
    use_hydrated_effect(move || {
        if !open.get() || reading.get_value() {
            return;
        }
        reading.set_value(true);
        leptos::task::spawn_local(async move {
            let query = ItemQuery { limit: Some(MAX_LIMIT), ..ItemQuery::default() };
            match list_items(project, Subject::SharedStep, query).await {
                Ok(page) => {
                    let read =
                        page.items.iter().map(|item| (SharedStepId(item.id.uuid()), label(&item.key, &item.title)));
                    let read: Vec<_> = read.collect();
                    let _ = choices.try_set(read.clone());
                    let _ = names.try_update(|names| names.extend(read));
                }
                Err(_) => {
                    let _ = failed.try_set(true);
                }
            }
        });
    });
    let options = move || {
        let all = choices.get().into_iter();
        all.map(|(id, label)| view! { <option value=id.to_string()>{label}</option> }).collect_view()
    };
    let add_chosen = move |_| {
        if let Some(id) = chosen.get_untracked() {
            add.run(id);
        }
    };
    let problem = move || failed.get().then_some("The shared steps could not be loaded.");
    view! {
        <div class="row needs-script shared-step-choice">
            <label for="step-shared">"Shared step"</label>
            <select id="step-shared" on:change=move |event| chosen.set(event_target_value(&event).parse().ok())>
                <option value="">"Choose one"</option>
                {dynamic(options)}
            </select>
            <button type="button" class="button small" disabled=dynamic_value(move || !hydrated.get() || chosen.with(Option::is_none)) on:click=add_chosen>
                {icon(Icon::Plus)}"Add shared step"
            </button>
            <p class="hint" role="status">{dynamic(problem)}</p>
        </div>
    }
}
