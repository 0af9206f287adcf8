//! The forms to create and edit a run or session. The URL says which one is open: `?new=run`,
//! `?edit=session`.

use leptos::prelude::*;

use super::ExecutionPages;
use crate::components::dialog::Dialog;
use crate::components::dynamic::ShowWhen;
use crate::components::failure::FormError;
use crate::components::field::{Buttons, SelectField, TextField};
use crate::components::hydration::use_hydrated_effect;
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::error::Error;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::model::item_id::ItemId;
use crate::testware::execution::api::{CreateExecution, UpdateExecution};
use crate::testware::execution::{State, api};
use crate::testware::group::pages::select::GroupSelect;
use crate::testware::item::{Execution, TestwareItem};
use crate::testware::pages::item_picker::ItemPicker;
use crate::testware::pages::picker_search::{PickerItem, PickerSource};
use crate::url_state::use_url_state;

/// Creates a run or a session.
#[component]
pub fn NewExecutionDialog(project: ProjectId, subject: Subject, pages: &'static ExecutionPages) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("new").as_deref() == Some(subject.spec().param));
    let create = PageAction::<CreateExecution>::new();
    let error = create.error();
    let noun = subject.spec().noun;
    let content = move || {
        let selected = RwSignal::new(Vec::new());
        view! {
            <PageForm action=create>
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <input type="hidden" name="subject" value=subject.as_str()/>
                {fields(pages, None, error)}
                {groups(pages, project, None, open, error)}
                {pages.cases.then(|| cases(project, selected, open, error))}
                <Buttons cancel="new" pending=create.pending() submit_label=format!("Create {noun}")/>
            </PageForm>
        }
        .into_any()
    };
    view! {
        <Dialog open title=format!("New {noun}") wide=true on_close=move |()| url_state.replace(&[("new", None)])>
            {content()}
        </Dialog>
    }
}

/// Edits a run or a session.
#[component]
pub fn EditExecutionDialog(
    execution: RwSignal<Execution>,
    pages: &'static ExecutionPages,
    changed: Callback<()>,
) -> impl IntoView {
    let url_state = use_url_state();
    let (id, project) = execution.with_untracked(|execution| (execution.item.id, execution.item.project_id));
    let subject = id.subject();
    let open = Signal::derive(move || url_state.param("edit").as_deref() == Some(subject.spec().param));
    let update = PageAction::<UpdateExecution>::new();
    let error = update.error();
    update.on_success(move |()| changed.run(()));
    let content = move || {
        let now = execution.get_untracked();
        let state = now.item.state.unwrap_or(State::New);
        let current = (now.milestone.clone(), now.plan.clone());
        let states = State::ALL.iter().map(|it| (it.as_str().to_owned(), it.label().to_owned())).collect();
        view! {
            <PageForm action=update>
                <FormError error/>
                <input type="hidden" name="id" value=id.to_string()/>
                {fields(pages, Some(now), error)}
                {groups(pages, project, Some(current), open, error)}
                <SelectField name="state" label="State" options=states value=state.as_str() sends_initial=true/>
                {pages.cases.then(|| view! { <RunCases id project error/> }.into_any())}
                <Buttons cancel="edit" pending=update.pending() submit_label="Save changes"/>
            </PageForm>
        }
        .into_any()
    };
    view! {
        <Dialog
            open
            title=format!("Edit {}", subject.spec().noun)
            wide=true
            on_close=move |()| url_state.replace(&[("edit", None)])
        >
            {content()}
        </Dialog>
    }
}

/// The cases of a run. The form sends them only if all of them are loaded and the selection
/// changed.
#[component]
fn RunCases(id: ItemId, project: ProjectId, error: Signal<Option<Error>>) -> impl IntoView {
    let selected = RwSignal::new(Vec::new());
    let first = RwSignal::new(Vec::<PickerItem>::new());
    let known = RwSignal::new(false);
    use_hydrated_effect(move || {
        leptos::task::spawn_local(async move {
            let mut cursor = None;
            loop {
                let Ok(execution) = api::read_execution(id, cursor, None, false, None).await else { return };
                let cases = execution.cases.items.into_iter();
                let cases =
                    cases.map(|case| PickerItem { id: case.case_id.to_string(), key: case.key, title: case.title });
                if selected.try_update(|selected| selected.extend(cases)).is_none() {
                    return;
                }
                cursor = execution.cases.next_cursor;
                if cursor.is_none() {
                    let _ = first.try_set(selected.get_untracked());
                    let _ = known.try_set(true);
                    return;
                }
            }
        });
    });
    let others = move || first.with(|first| selected.with(|selected| first != selected));
    view! {
        <ShowWhen when=move || known.get() fallback=|| view! { <p class="hint needs-script">"Loading cases…"</p> }>
            <ShowWhen when=others><input type="hidden" name="with_cases" value="true"/></ShowWhen>
            <ItemPicker from=PickerSource::Cases project selected error/>
        </ShowWhen>
        <noscript class="hint">"Changing the cases needs JavaScript."</noscript>
    }
}

/// The cases of a new run: all of a suite, and those that are selected.
fn cases(
    project: ProjectId,
    selected: RwSignal<Vec<PickerItem>>,
    open: Signal<bool>,
    error: Signal<Option<Error>>,
) -> AnyView {
    view! {
        <GroupSelect project of=Subject::Suite name="suite" wire="suiteIds" label="All cases of a suite" current=None sends_initial=false open error/>
        <ItemPicker from=PickerSource::Cases project selected error/>
    }
    .into_any()
}

/// What it belongs to. `current` has the milestone and the plan of one that is edited.
fn groups(
    pages: &'static ExecutionPages,
    project: ProjectId,
    current: Option<(Option<TestwareItem>, Option<TestwareItem>)>,
    open: Signal<bool>,
    error: Signal<Option<Error>>,
) -> AnyView {
    let sends_initial = current.is_some();
    let (milestone, plan) = current.unwrap_or_default();
    let select = move |of: Subject, name, wire, label, current| {
        view! { <GroupSelect project of name wire label current sends_initial open error/> }.into_any()
    };
    let plan = pages.cases.then(|| select(Subject::Plan, "plan", "planId", "Test plan", plan));
    let milestone = select(Subject::Milestone, "milestone", "milestoneId", "Milestone", milestone);
    view! { <div class="columns">{milestone}{plan}</div> }.into_any()
}

fn fields(pages: &'static ExecutionPages, execution: Option<Execution>, error: Signal<Option<Error>>) -> AnyView {
    let sends_initial = execution.is_some();
    let (name, text, time_box) = execution.map_or_else(Default::default, |execution| {
        (
            execution.item.title,
            execution.text,
            execution.time_box_minutes.map(|minutes| minutes.to_string()).unwrap_or_default(),
        )
    });
    let time_box = pages.time_box.then(|| {
        view! {
            <TextField name="time_box" wire="timeBoxMinutes" label="Time box (min)" kind="number" value=time_box hint="Optional, up to 24 h" sends_initial error/>
        }
        .into_any()
    });
    view! {
        <TextField name="name" label="Name" value=name required=true autofocus=true sends_initial error/>
        <TextField name="text" wire=pages.text_field label=pages.text hint=pages.text_hint value=text rows=4 sends_initial error/>
        {time_box}
    }
    .into_any()
}
