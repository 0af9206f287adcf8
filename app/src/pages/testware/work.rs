//! `/projects/{id}/runs/{run}` and `.../sessions/{session}`: what is tested, how far it has come,
//! and the results. It changes in place.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::case::plain;
use super::deeds::Deeds;
use super::lines::Lines;
use super::result_form::ResultDialog;
use super::work_form::EditWorkDialog;
use super::{results, run_cases};
use crate::api;
use crate::api::work::MoveWork;
use crate::components::badge;
use crate::components::failure::{PageError, failure, on_success};
use crate::components::icon::{Icon, icon};
use crate::components::pager::Pager;
use crate::components::progress::progress;
use crate::components::skeleton::Skeleton;
use crate::components::toast::use_toasts;
use crate::components::when::When;
use crate::error::Error;
use crate::live::{Rows, flash, reread};
use crate::model::id::ProjectId;
use crate::model::item::{Item, ItemId, Kind, Work as Found};
use crate::model::live::What;
use crate::model::testware::State;
use crate::place::use_place;

/// See the [module](self).
#[component]
pub fn Work(kind: Kind) -> impl IntoView {
    let place = use_place();
    let params = use_params_map();
    let asked = Memo::new(move |_| {
        let id = params.with(|params| params.get("item").and_then(|text| text.parse::<ItemId>().ok()));
        (id.filter(|id| id.kind() == kind), place.param("cases"), place.param("results"))
    });
    let work = Resource::new_blocking(
        move || asked.get(),
        |(id, cases, results)| async move {
            match id {
                Some(id) => api::work::read_work(id, cases, results).await,
                None => Err(Error::NotFound),
            }
        },
    );
    view! {
        <Transition fallback=|| view! { <Skeleton lines=10/> }>
            {move || Suspend::new(async move {
                match work.await {
                    Ok(work) => {
                        let (_, cases, results) = asked.get_untracked();
                        view! { <Detail work cases results/> }.into_any()
                    }
                    Err(error) => view! { <PageError error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Detail(work: Found, cases: Option<String>, results: Option<String>) -> impl IntoView {
    let (id, project) = (work.item.id, work.item.project_id);
    let kind = id.kind();
    let place = use_place();
    let case_lines: Lines = Rows::new(run_cases::lines(work.cases.items.clone()));
    let result_lines: Lines = Rows::new(results::lines(work.results.items.clone()));
    let shown = RwSignal::new(work);
    let gone = RwSignal::new(false);
    let changes = RwSignal::new(0u32);
    let reading = reread(
        move |what| match what {
            What::RunChanged { run_id } => id == ItemId::Run(*run_id),
            What::SessionChanged { session_id } => id == ItemId::Session(*session_id),
            _ => false,
        },
        move || {
            let (cases, results) = (cases.clone(), results.clone());
            Box::pin(async move {
                match api::work::read_work(id, cases, results).await {
                    Ok(work) if shown.try_with_untracked(|shown| *shown != work) == Some(true) => {
                        case_lines.follow(run_cases::lines(work.cases.items.clone()));
                        result_lines.follow(results::lines(work.results.items.clone()));
                        shown.set(work);
                        changes.update(|changes| *changes += 1);
                    }
                    Err(Error::NotFound) => {
                        let _ = gone.try_set(true);
                    }
                    _ => {}
                }
            })
        },
    );
    let changed = Callback::new(move |()| reading.now());
    let item = Memo::new(move |_| shown.with(|shown| shown.item.clone()));
    let open = Memo::new(move |_| !gone.get() && item.with(|item| item.completed_at.is_none()));
    let words = kind.words();
    let no_results = move || view! { <p class="hint">"No results yet."</p> };
    view! {
        <Title text=move || item.get().title/>
        {crumb(kind, project)}
        {gone_note(gone, kind)}
        {move || item.get().completed_at.map(|time| view! {
            <p class="note ok">{icon(Icon::Check)}<span>"Completed "<When time/>". It takes no more changes: duplicate it to test again."</span></p>
        })}
        <header class="page-head issue-head">
            <div>
                <p class="key">{move || item.get().key}</p>
                <h1>{move || item.get().title}</h1>
            </div>
            <Deeds id project completed=Signal::derive(move || !open.get()) gone changed/>
        </header>
        <div class="detail" data-flash=flash(changes)>
            <div class="card">
                <h2>{if kind == Kind::Run { "Progress" } else { "Outcome" }}</h2>
                {move || progress(&item.get().counts, words.empty)}
                <h2>{words.text}</h2>
                {move || plain(shown.get().text, "None.")}
            </div>
            <dl class="card facts-list">
                <dt>"State"</dt><dd><StateChoice item open changed/></dd>
                {move || facts(shown.get())}
            </dl>
        </div>
        {(kind == Kind::Run).then(|| view! {
            <section class="more">
                <h2>"Cases"</h2>
                <Show when=move || case_lines.is_empty()><p class="hint">"No cases yet. Edit the test run to put some in."</p></Show>
                {run_cases::cases_table(case_lines, project, open)}
                {move || view! { <Pager next=shown.get().cases.next_cursor param="cases" label="Pages of cases"/> }}
            </section>
        }.into_any())}
        <section class="more">
            <div class="section-head">
                <h2>"Results"</h2>
                <Show when=move || kind == Kind::Session && open.get()>
                    <a class="button primary" href=move || place.with(&[("result", Some("new"))]) data-noscroll="">{icon(Icon::Plus)}"Add result"</a>
                </Show>
            </div>
            <Show when=move || result_lines.is_empty()>{no_results()}</Show>
            {results::results_table(result_lines, project, false)}
            {move || view! { <Pager next=shown.get().results.next_cursor param="results" label="Pages of results"/> }}
        </section>
        <EditWorkDialog work=shown changed/>
        <ResultDialog work=shown changed/>
    }
}

/// The way back to the list.
pub fn crumb(kind: Kind, project: ProjectId) -> AnyView {
    view! { <p class="crumbs"><a href=kind.path(project)>{kind.words().title}</a></p> }.into_any()
}

/// Says that what is shown was deleted meanwhile.
pub fn gone_note(gone: RwSignal<bool>, kind: Kind) -> AnyView {
    let note = move || {
        gone.get().then(|| {
            view! {
                <p class="note warn">{icon(Icon::Warning)}"This "{kind.words().one}" was deleted. What you see is the last of it."</p>
            }
        })
    };
    view! { <div role="status">{note}</div> }.into_any()
}

fn facts(work: Found) -> AnyView {
    let time_box = work.time_box_minutes.map(|minutes| {
        view! { <dt>"Time box"</dt><dd>{crate::time::took(minutes.saturating_mul(60))}</dd> }
    });
    view! {
        {time_box}
        <dt>"Author"</dt><dd>{work.author}</dd>
        <dt>"Created"</dt><dd><When time=work.created_at/></dd>
        <dt>"Changed"</dt><dd><When time=work.item.updated_at/></dd>
    }
    .into_any()
}

/// The state, to be changed at once; what is completed only shows it. Without script the form that
/// edits the item changes it.
#[component]
fn StateChoice(item: Memo<Item>, open: Memo<bool>, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let go = ServerAction::<MoveWork>::new();
    let error = failure(go);
    on_success(go, move |()| changed.run(()));
    let put_back = RwSignal::new(0u32);
    Effect::new(move |_| {
        if let Some(error) = error.get() {
            toasts.failed(error.to_string());
            put_back.update(|times| *times += 1);
        }
    });
    let state = Memo::new(move |_| item.with(|item| item.state).unwrap_or(State::New));
    let choose = move |event| {
        if let Ok(state) = event_target_value(&event).parse() {
            go.dispatch(MoveWork { id: item.with_untracked(|item| item.id), state });
        }
    };
    let value = move || {
        put_back.get();
        state.get().as_str()
    };
    let options = State::ALL
        .iter()
        .map(|it| view! { <option value=it.as_str() selected=*it == state.get_untracked()>{it.label()}</option> })
        .collect_view();
    view! {
        <select class="needs-script" aria-label="State" hidden=move || !open.get() prop:value=value on:change=choose>{options}</select>
        <span class="fixed">{move || badge::state(state.get())}</span>
    }
}
