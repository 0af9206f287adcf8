//! The forms that make and change a run or a session. Which is open lives in the address:
//! `?new=run`, `?edit=session`.

use leptos::form::ActionForm;
use leptos::prelude::*;

use super::choose::{Choice, Choose, From};
use crate::api;
use crate::api::work::{CreateWork, UpdateWork};
use crate::components::dialog::Dialog;
use crate::components::failure::{FormError, failure, on_success};
use crate::components::field::{Buttons, SelectField, TextField};
use crate::components::ready::once_ready;
use crate::error::Error;
use crate::model::id::ProjectId;
use crate::model::item::{ItemId, Kind, Work};
use crate::model::testware::State;
use crate::place::use_place;

/// Makes a run or a session.
#[component]
pub fn NewWorkDialog(project: ProjectId, kind: Kind) -> impl IntoView {
    let place = use_place();
    let open = Signal::derive(move || place.param("new").as_deref() == Some(kind.as_str()));
    let create = ServerAction::<CreateWork>::new();
    let error = failure(create);
    let one = kind.words().one;
    let content = move || {
        let chosen = RwSignal::new(Vec::new());
        view! {
            <ActionForm action=create attr:class="form">
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <input type="hidden" name="kind" value=kind.as_str()/>
                {fields(kind, None, error)}
                {(kind == Kind::Run).then(|| view! { <Choose from=From::Cases project chosen error/> }.into_any())}
                <Buttons cancel="new" pending=create.pending() deed="Create"/>
            </ActionForm>
        }
        .into_any()
    };
    view! {
        <Dialog open title=format!("New {one}") wide=true on_close=move |()| place.replace(&[("new", None)])>
            {content()}
        </Dialog>
    }
}

/// Changes a run or a session.
#[component]
pub fn EditWorkDialog(work: RwSignal<Work>, changed: Callback<()>) -> impl IntoView {
    let place = use_place();
    let (id, project) = work.with_untracked(|work| (work.item.id, work.item.project_id));
    let kind = id.kind();
    let open = Signal::derive(move || place.param("edit").as_deref() == Some(kind.as_str()));
    let update = ServerAction::<UpdateWork>::new();
    let error = failure(update);
    on_success(update, move |()| changed.run(()));
    let content = move || {
        let now = work.get_untracked();
        let state = now.item.state.unwrap_or(State::New);
        let states = State::ALL.iter().map(|it| (it.as_str().to_owned(), it.label().to_owned())).collect();
        view! {
            <ActionForm action=update attr:class="form">
                <FormError error/>
                <input type="hidden" name="id" value=id.to_string()/>
                {fields(kind, Some(now), error)}
                <SelectField name="state" label="State" options=states value=state.as_str() tells_first=true/>
                {(kind == Kind::Run).then(|| view! { <RunCases id project error/> }.into_any())}
                <Buttons cancel="edit" pending=update.pending() deed="Save"/>
            </ActionForm>
        }
        .into_any()
    };
    view! {
        <Dialog
            open
            title=format!("Edit the {}", kind.words().one)
            wide=true
            on_close=move |()| place.replace(&[("edit", None)])
        >
            {content()}
        </Dialog>
    }
}

/// The cases of a run. The form says nothing of them before all of them are known, nor while they
/// are the ones that it was opened with.
#[component]
fn RunCases(id: ItemId, project: ProjectId, error: Signal<Option<Error>>) -> impl IntoView {
    let chosen = RwSignal::new(Vec::new());
    let first = RwSignal::new(Vec::<Choice>::new());
    let known = RwSignal::new(false);
    once_ready(move || {
        leptos::task::spawn_local(async move {
            let mut cursor = None;
            loop {
                let Ok(work) = api::work::read_work(id, cursor, None).await else { return };
                let cases = work.cases.items.into_iter();
                let cases = cases.map(|case| Choice { id: case.case_id.to_string(), key: case.key, title: case.title });
                if chosen.try_update(|chosen| chosen.extend(cases)).is_none() {
                    return;
                }
                cursor = work.cases.next_cursor;
                if cursor.is_none() {
                    let _ = first.try_set(chosen.get_untracked());
                    let _ = known.try_set(true);
                    return;
                }
            }
        });
    });
    let others = move || first.with(|first| chosen.with(|chosen| first != chosen));
    view! {
        <Show when=move || known.get() fallback=|| view! { <p class="hint needs-script">"Reading the cases…"</p> }>
            <Show when=others><input type="hidden" name="with_cases" value="true"/></Show>
            <Choose from=From::Cases project chosen error/>
        </Show>
        <noscript class="hint">"Choosing the cases needs JavaScript; without it they stay as they are."</noscript>
    }
}

fn fields(kind: Kind, work: Option<Work>, error: Signal<Option<Error>>) -> AnyView {
    let (words, tells_first) = (kind.words(), work.is_some());
    let (name, text, time_box) = work.map_or_else(Default::default, |work| {
        (work.item.title, work.text, work.time_box_minutes.map(|minutes| minutes.to_string()).unwrap_or_default())
    });
    let wire = if kind == Kind::Run { "description" } else { "charter" };
    let time_box = (kind == Kind::Session).then(|| {
        view! {
            <TextField name="time_box" wire="timeBoxMinutes" label="Time box in minutes" kind="number" value=time_box hint="Up to a day; empty for none." tells_first error/>
        }
        .into_any()
    });
    view! {
        <TextField name="name" label="Name" value=name required=true autofocus=true tells_first error/>
        <TextField name="text" wire=wire label=words.text hint=words.text_hint value=text rows=4 tells_first error/>
        {time_box}
    }
    .into_any()
}
