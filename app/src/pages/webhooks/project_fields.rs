//! The projects of an outbound webhook as checkboxes, of those that the user may select.

use leptos::prelude::*;

use crate::api;
use crate::api::projects::list_projects;
use crate::components::dynamic::ShowWhen;
use crate::error::Error;
use crate::model::id::ProjectId;
use crate::model::page::{MAX_LIMIT, PageQuery};
use crate::model::project::Project;
use crate::model::webhook_scope::ScopeProject;
use serde::{Deserialize, Serialize};

/// The projects that the caller may select.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectChoices {
    /// Those that the caller administers.
    pub projects: Vec<ScopeProject>,
    /// Whether all projects can be selected.
    pub all: bool,
}

impl ProjectChoices {
    /// Reads them. Each time a form opens, because other projects may have been created.
    ///
    /// # Errors
    /// Those of the service.
    pub async fn read() -> Result<Self, Error> {
        let (mut projects, mut cursor) = (Vec::new(), None);
        loop {
            let page = list_projects(PageQuery { limit: Some(MAX_LIMIT), cursor }).await?;
            let administered = page.items.into_iter().filter(Project::is_admin);
            projects.extend(administered.map(|Project { id, key, name, .. }| ScopeProject { id, key, name }));
            cursor = page.next_cursor;
            if cursor.is_none() {
                let all = api::session::current_actor().await?.is_some_and(|actor| actor.system_admin);
                return Ok(Self { projects, all });
            }
        }
    }

    /// Whether more than this project can be selected.
    pub fn has_others(&self, project: ProjectId) -> bool {
        self.all || self.projects.iter().any(|other| other.id != project)
    }
}

/// What is selected.
#[derive(Clone, Copy)]
pub struct ProjectSelection {
    /// All projects.
    pub all: RwSignal<bool>,
    /// These projects, in the order in which they were selected.
    pub projects: RwSignal<Vec<ProjectId>>,
}

impl ProjectSelection {
    /// These projects at first.
    pub fn new(all: bool, projects: Vec<ProjectId>) -> Self {
        Self { all: RwSignal::new(all), projects: RwSignal::new(projects) }
    }

    fn toggle(self, project: ProjectId, on: bool) {
        self.projects.update(|projects| {
            projects.retain(|other| *other != project);
            if on {
                projects.push(project);
            }
        });
    }
}

/// The checkboxes. `fixed` stays selected.
pub fn project_fields(selection: ProjectSelection, choices: ProjectChoices, fixed: Option<ProjectId>) -> AnyView {
    let ProjectSelection { all, projects: selected } = selection;
    let every = choices.all.then(|| {
        view! {
            <label class="choice">
                <input
                    type="checkbox"
                    name="all"
                    value="true"
                    checked=all.get_untracked()
                    on:change=move |event| all.set(event_target_checked(&event))
                />
                <span>"All projects"<span class="hint">"Also those that are created later"</span></span>
            </label>
        }
    });
    let projects = StoredValue::new(choices.projects);
    let list = move || {
        let items = projects.get_value().into_iter().map(|ScopeProject { id, key, name }| {
            let is_fixed = fixed == Some(id);
            let checked = is_fixed || selected.with_untracked(|selected| selected.contains(&id));
            // A disabled checkbox isn't sent.
            let sent = is_fixed.then(|| view! { <input type="hidden" name="projects[]" value=id.to_string()/> });
            view! {
                <label class="choice">
                    <input
                        type="checkbox"
                        name="projects[]"
                        value=id.to_string()
                        checked=checked
                        disabled=is_fixed
                        on:change=move |event| selection.toggle(id, event_target_checked(&event))
                    />
                    <span dir="auto">{name}<span class="hint">{key}</span></span>
                </label>
                {sent}
            }
        });
        view! { <fieldset class="choices stacked scope-projects"><legend class="visually-hidden">"Projects"</legend>{items.collect_view()}</fieldset> }
    };
    view! {
        {every}
        <ShowWhen when=move || !all.get()>{list()}</ShowWhen>
    }
    .into_any()
}
