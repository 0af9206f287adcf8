//! The list of one subject, with search and filters in the URL. It follows live changes.

use leptos::prelude::*;
use leptos_meta::Title;

use super::case_form::NewCaseDialog;
use super::execution_form::NewExecutionDialog;
use crate::api;
use crate::components::badge::{badge_closed, outcome, state};
use crate::components::empty::Empty;
use crate::components::failure::PageError;
use crate::components::filters::{Choice, Filters};
use crate::components::icon::{Icon, icon};
use crate::components::live_table::{LivePage, TableRow, cell, headings, live_table, row_of_cells};
use crate::components::pager::Pager;
use crate::components::progress::progress;
use crate::components::relative_time::RelativeTime;
use crate::components::skeleton::Skeleton;
use crate::layout::use_project;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::model::item::{ItemQuery, TestwareItem};
use crate::model::page::Page;
use crate::model::test_case::Priority;
use crate::model::testware::State;
use crate::pages::subject_labels::no_matches;
use crate::url_state::{UrlState, use_url_state};

#[component]
pub fn List(subject: Subject) -> impl IntoView {
    let project = use_project();
    let url_state = use_url_state();
    let query = Memo::new(move |_| query_from_url(url_state));
    let items = Resource::new(move || query.get(), move |query| api::testware::list_items(project, subject, query));
    let labels = subject.labels();
    let free: &[&str] = if subject == Subject::Case { &["label"] } else { &[] };
    let dialog = match subject {
        Subject::Case => view! { <NewCaseDialog project/> }.into_any(),
        _ => view! { <NewExecutionDialog project subject/> }.into_any(),
    };
    view! {
        <Title text=subject.label()/>
        <header class="page-head">
            <div>
                <h1>{subject.label()}</h1>
                <p class="lead">{labels.lead}</p>
            </div>
            <a class="button primary" href=move || url_state.with(&[("new", Some(labels.param))]) data-noscroll="">
                {icon(Icon::Plus)}"New "{subject.spec().noun}
            </a>
        </header>
        <Filters label="Search" choices=choices(subject) free/>
        <Transition fallback=|| view! { <Skeleton lines=8/> }>
            {move || Suspend::new(async move {
                match items.await {
                    Ok(page) => view! { <Items page query=query.get_untracked() project subject/> }.into_any(),
                    Err(error) => view! { <PageError error part=true/> }.into_any(),
                }
            })}
        </Transition>
        {dialog}
    }
}

fn query_from_url(url_state: UrlState) -> ItemQuery {
    ItemQuery {
        search: url_state.param("search"),
        priority: url_state.parsed("priority"),
        label: url_state.param("label"),
        state: url_state.parsed("state"),
        completed: url_state.parsed("completed"),
        limit: None,
        cursor: url_state.param("cursor"),
    }
}

fn choices(subject: Subject) -> Vec<Choice> {
    if subject == Subject::Case {
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
fn Items(page: Page<TestwareItem>, query: ItemQuery, project: ProjectId, subject: Subject) -> impl IntoView {
    let url_state = use_url_state();
    let filtered = ItemQuery { cursor: None, ..query.clone() } != ItemQuery::default();
    let on_first_page = query.cursor.is_none();
    let LivePage { rows, next, .. } = LivePage::new(
        page.map(TableRow::Item),
        on_first_page,
        move |change| change.item_of(subject),
        move || {
            let query = query.clone();
            Box::pin(async move { Ok(api::testware::list_items(project, subject, query).await?.map(TableRow::Item)) })
        },
    );
    let names: &[&str] = match subject {
        Subject::Case => &["Case", "Priority", "Updated"],
        Subject::Session => &["Session", "State", "Results", "Updated"],
        Subject::TestRun | Subject::Issue => &["Test run", "State", "Progress", "Updated"],
    };
    let row = row_of_cells(move |row| cells(row, url_state), None);
    view! {
        <Show when=move || rows.is_empty()>{empty_list(filtered, project, subject)}</Show>
        {live_table(rows, "stack issues", headings(names), row)}
        {move || view! { <Pager next=next.get()/> }}
    }
}

fn empty_list(filtered: bool, project: ProjectId, subject: Subject) -> AnyView {
    if filtered {
        return no_matches(subject, project);
    }
    let (labels, noun) = (subject.labels(), subject.spec().noun);
    view! {
        <Empty icon=subject.icon() title=format!("No {} yet", subject.plural())>
            <p>{labels.first_step}</p>
            <a class="button primary" href=format!("?new={}", labels.param) data-noscroll="">"New "{noun}</a>
        </Empty>
    }
    .into_any()
}

fn cells(row: TableRow, url_state: UrlState) -> AnyView {
    let TableRow::Item(item) = row else { return ().into_any() };
    let subject = item.id.subject();
    let labels = item
        .labels
        .into_iter()
        .map(|label| {
            let name = label.clone();
            let to = move || url_state.with(&[("label", Some(&name)), ("cursor", None)]);
            view! { <a class="label" href=to data-noscroll="">{label}</a> }
        })
        .collect_view();
    let middle = match (item.priority, item.state) {
        (Some(priority), _) => cell("Priority", priority.label()),
        (_, Some(stands)) => {
            let stands = match item.completed_at {
                Some(_) => view! { {outcome(&item.counts)}{badge_closed("Completed")} }.into_any(),
                None => state(stands).into_any(),
            };
            view! {
                {cell("State", view! { <span class="badges">{stands}</span> })}
                {cell("Progress", progress(&item.counts, subject.labels().no_progress))}
            }
            .into_any()
        }
        _ => ().into_any(),
    };
    view! {
        <td class="primary-cell">
            <span class="key">{item.key}</span>
            <a class="title" href=item.id.path(item.project_id)>{item.title}</a>
            <span class="labels">{labels}</span>
        </td>
        {middle}
        {cell("Updated", view! { <RelativeTime time=item.updated_at/> })}
    }
    .into_any()
}
