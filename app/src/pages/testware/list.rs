//! The list of one kind, with search and filters in the address. It follows what happens.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_meta::Title;

use super::case_form::NewCaseDialog;
use super::lines::{Line, Lines, cell, table};
use super::work_form::NewWorkDialog;
use crate::api;
use crate::components::badge::{badge_closed, state};
use crate::components::empty::Empty;
use crate::components::failure::PageError;
use crate::components::filters::{Choice, Filters};
use crate::components::icon::{Icon, icon};
use crate::components::pager::Pager;
use crate::components::progress::progress;
use crate::components::skeleton::Skeleton;
use crate::components::when::When;
use crate::layout::use_project;
use crate::live::{Rows, reread};
use crate::model::id::ProjectId;
use crate::model::item::{Item, ItemQuery, Kind};
use crate::model::page::Page;
use crate::model::test_case::Priority;
use crate::model::testware::State;
use crate::place::{Place, use_place};

/// See the [module](self).
#[component]
pub fn List(kind: Kind) -> impl IntoView {
    let project = use_project();
    let place = use_place();
    let query = Memo::new(move |_| asked_for(place));
    let items = Resource::new(move || query.get(), move |query| api::testware::list_items(project, kind, query));
    let words = kind.words();
    let free: &[&str] = if kind == Kind::Case { &["label"] } else { &[] };
    let dialog = match kind {
        Kind::Case => view! { <NewCaseDialog project/> }.into_any(),
        _ => view! { <NewWorkDialog project kind/> }.into_any(),
    };
    view! {
        <Title text=words.title/>
        <header class="page-head">
            <div>
                <h1>{words.title}</h1>
                <p class="lead">{words.lead}</p>
            </div>
            <a class="button primary" href=move || place.with(&[("new", Some(kind.as_str()))]) data-noscroll="">
                {icon(Icon::Plus)}"New "{words.one}
            </a>
        </header>
        <Filters label="Search" choices=choices(kind) free/>
        <Transition fallback=|| view! { <Skeleton lines=8/> }>
            {move || Suspend::new(async move {
                match items.await {
                    Ok(page) => view! { <Items page query=query.get_untracked() project kind/> }.into_any(),
                    Err(error) => view! { <PageError error part=true/> }.into_any(),
                }
            })}
        </Transition>
        {dialog}
    }
}

/// What the address asks for.
fn asked_for(place: Place) -> ItemQuery {
    ItemQuery {
        search: place.param("search"),
        priority: place.parsed("priority"),
        label: place.param("label"),
        state: place.parsed("state"),
        completed: place.parsed("completed"),
        limit: None,
        cursor: place.param("cursor"),
    }
}

fn choices(kind: Kind) -> Vec<Choice> {
    if kind == Kind::Case {
        let values = Priority::ALL.iter().map(|priority| (priority.as_str(), priority.label())).collect();
        return vec![Choice { label: "Priority", param: "priority", all: "All", values }];
    }
    let states = State::ALL.iter().map(|state| (state.as_str(), state.label())).collect();
    vec![
        Choice {
            label: "Completion",
            param: "completed",
            all: "All",
            values: vec![("false", "Open"), ("true", "Completed")],
        },
        Choice { label: "State", param: "state", all: "Any state", values: states },
    ]
}

#[component]
fn Items(page: Page<Item>, query: ItemQuery, project: ProjectId, kind: Kind) -> impl IntoView {
    let place = use_place();
    let filtered = ItemQuery { cursor: None, ..query.clone() } != ItemQuery::default();
    let lines: Lines = Rows::new(page.items.into_iter().map(|item| Line::Item(item).keyed()));
    let next = RwSignal::new(page.next_cursor);
    reread(
        move |what| kind.concerns(what),
        move || {
            let asked = query.clone();
            Box::pin(async move {
                // What fails now is read with the next change, or the next connection.
                if let Ok(page) = api::testware::list_items(project, kind, asked).await {
                    lines.follow(page.items.into_iter().map(|item| Line::Item(item).keyed()));
                    let _ = next.try_set(page.next_cursor);
                }
            })
        },
    );
    let heads: &[&str] = match kind {
        Kind::Case => &["Case", "Priority", "Changed"],
        Kind::Run => &["Test run", "State", "Progress", "Changed"],
        Kind::Session => &["Session", "State", "Results", "Changed"],
    };
    view! {
        <Show when=move || lines.is_empty()>{nothing(filtered, project, kind)}</Show>
        {table(lines, heads, Arc::new(move |line| cells(line, place)), None)}
        {move || view! { <Pager next=next.get()/> }}
    }
}

fn nothing(filtered: bool, project: ProjectId, kind: Kind) -> AnyView {
    let words = kind.words();
    if filtered {
        return view! {
            <Empty sign=kind.sign() title=format!("No {} like that", words.one)>
                <p>"Nothing matches the search and the filters."</p>
                <a class="button" href=kind.path(project)>"Show all"</a>
            </Empty>
        }
        .into_any();
    }
    view! {
        <Empty sign=kind.sign() title=words.none>
            <p>{words.first_step}</p>
            <a class="button primary" href=format!("?new={kind}") data-noscroll="">"New "{words.one}</a>
        </Empty>
    }
    .into_any()
}

fn cells(line: Line, place: Place) -> AnyView {
    let Line::Item(item) = line else { return ().into_any() };
    let kind = item.id.kind();
    let labels = item
        .labels
        .into_iter()
        .map(|label| {
            let name = label.clone();
            let to = move || place.with(&[("label", Some(&name)), ("cursor", None)]);
            view! { <a class="label" href=to data-noscroll="">{label}</a> }
        })
        .collect_view();
    let middle = match (item.priority, item.state) {
        (Some(priority), _) => cell("Priority", priority.label()),
        (_, Some(stands)) => {
            let completed = item.completed_at.map(|_| badge_closed("Completed"));
            view! {
                {cell("State", view! { <span class="badges">{state(stands)}{completed}</span> })}
                {cell("Progress", progress(&item.counts, kind.words().empty))}
            }
            .into_any()
        }
        _ => ().into_any(),
    };
    view! {
        <td class="main">
            <span class="key">{item.key}</span>
            <a class="title" href=item.id.path(item.project_id)>{item.title}</a>
            <span class="labels">{labels}</span>
        </td>
        {middle}
        {cell("Changed", view! { <When time=item.updated_at/> })}
    }
    .into_any()
}
