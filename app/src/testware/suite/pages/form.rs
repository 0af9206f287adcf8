//! The forms to create and edit a suite. The URL says which one is open: `?new=suite`, `?edit=suite`.

use leptos::prelude::*;

use crate::components::dialog::Dialog;
use crate::components::failure::FormError;
use crate::components::field::{Buttons, TextField};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::error::Error;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::testware::group::pages::select::GroupSelect;
use crate::testware::item::TestwareItem;
use crate::testware::suite::api::{CreateSuite, UpdateSuite};
use crate::testware::suite::{Suite, SuiteOverview};
use crate::url_state::use_url_state;

/// Creates a suite.
#[component]
pub fn NewSuiteDialog(project: ProjectId) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("new").as_deref() == Some("suite"));
    let create = PageAction::<CreateSuite>::new();
    let error = create.error();
    view! {
        <Dialog open title="New suite" wide=true on_close=move |()| url_state.replace(&[("new", None)])>
            <PageForm action=create>
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                {fields(None, project, open, error)}
                <Buttons cancel="new" pending=create.pending() submit_label="Create suite"/>
            </PageForm>
        </Dialog>
    }
}

/// Edits a suite.
#[component]
pub fn EditSuiteDialog(suite: RwSignal<SuiteOverview>, changed: Callback<()>) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("edit").as_deref() == Some("suite"));
    let update = PageAction::<UpdateSuite>::new();
    let error = update.error();
    update.on_success(move |()| changed.run(()));
    let content = move || {
        let SuiteOverview { detail, tree, .. } = suite.get_untracked();
        let suite = detail.suite;
        let (id, project) = (suite.id, suite.project_id);
        let parent = suite.parent_id.and_then(|id| tree.into_iter().find(|item| item.id == id.into()));
        view! {
            <PageForm action=update>
                <FormError error/>
                <input type="hidden" name="id" value=id.to_string()/>
                {fields(Some((suite, parent)), project, open, error)}
                <Buttons cancel="edit" pending=update.pending() submit_label="Save changes"/>
            </PageForm>
        }
    };
    view! {
        <Dialog open title="Edit suite" wide=true on_close=move |()| url_state.replace(&[("edit", None)])>
            {content()}
        </Dialog>
    }
}

fn fields(
    suite: Option<(Suite, Option<TestwareItem>)>,
    project: ProjectId,
    open: Signal<bool>,
    error: Signal<Option<Error>>,
) -> AnyView {
    let sends_initial = suite.is_some();
    let (name, description, current) =
        suite.map_or_else(Default::default, |(suite, parent)| (suite.name, suite.description, parent));
    view! {
        <TextField name="name" label="Name" value=name required=true autofocus=true sends_initial error/>
        <GroupSelect project of=Subject::Suite name="parent" wire="parentId" label="Suite above" current sends_initial open error/>
        <TextField name="description" label="Description" hint="Markdown" value=description rows=4 sends_initial error/>
    }
    .into_any()
}
