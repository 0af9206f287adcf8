//! The list of one subject, with search and filters in the URL. It follows live changes.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_meta::Title;

use super::selection::{Selection, select_all, selectable_row};
use super::{ListBody, ListSpec, item_badges};
use crate::chunks::{self, Chunk};
use crate::components::dynamic::{ShowWhen, awaited, dynamic, dynamic_value};
use crate::components::empty::Empty;
use crate::components::failure::PageError;
use crate::components::filters::Filters;
use crate::components::icon::{Icon, icon};
use crate::components::label_links::label_links;
use crate::components::lazy_part::{deferred_part, dialog_part};
use crate::components::live_table::{
    LivePage, RowRenderer, TableRow, cell, headings, live_table, row_of_cells, time_cell,
};
use crate::components::pager::Pager;
use crate::components::progress::progress;
use crate::components::skeleton::table_skeleton;
use crate::layout::use_project;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::model::page::Page;
use crate::page_resource::PageResource;
use crate::pages::no_matches::no_matches;
use crate::testware::api;
use crate::testware::item::{ItemQuery, TestwareItem};
use crate::url_state::{UrlState, use_url_state};

const TABLE: &str = "stack compact issues";
const SELECTABLE_TABLE: &str = "stack compact issues selectable";

#[component]
pub fn List(
    subject: Subject,
    list: &'static ListSpec,
    /// See [`SubjectPages::CREATE`](super::SubjectPages::CREATE).
    create: &'static str,
    /// See [`SubjectPages::SELECTABLE`](super::SubjectPages::SELECTABLE).
    selectable: bool,
) -> impl IntoView {
    let project = use_project();
    let url_state = use_url_state();
    let spec = subject.spec();
    let new_open = url_state.param_untracked("new").is_some();
    view! {
        <Title text=subject.label()/>
        <header class="page-head">
            <div>
                <h1>{subject.label()}</h1>
                <p class="lead">{spec.lead}</p>
            </div>
            <div class="row-actions">
                {(subject == Subject::Case).then(|| file_links(project))}
                <a class="button primary" href=dynamic_value(move || url_state.with(&[("new", Some(spec.param))])) data-noscroll="">
                    {icon(Icon::Plus)}{create}" "{spec.noun}
                </a>
            </div>
        </header>
        {match list.body {
            ListBody::Table => view! { <Table subject list create project selectable/> }.into_any(),
            ListBody::Own(body) => body(project),
        }}
        {dialog_part(new_open, Chunk::NewTestware, move || chunks::new_testware(subject, project))}
    }
}

/// Imports and exports of test cases.
fn file_links(project: ProjectId) -> AnyView {
    view! {
        <a class="button" href=format!("/projects/{project}/import")>"Import"</a>
        <a class="button" href=format!("/api/v1/projects/{project}/export?format=csv") rel="external" download="">"Export CSV"</a>
    }
    .into_any()
}

#[component]
fn Table(
    subject: Subject,
    list: &'static ListSpec,
    create: &'static str,
    project: ProjectId,
    selectable: bool,
) -> impl IntoView {
    let url_state = use_url_state();
    let query = Memo::new(move |_| query_from_url(url_state));
    let selection = selectable.then(Selection::new);
    Effect::new(move |before: Option<ItemQuery>| {
        let filters = ItemQuery { cursor: None, ..query.get() };
        // What the new filters leave out would be changed unseen.
        if let Some(selection) = selection.filter(|_| before.is_some_and(|before| before != filters)) {
            selection.clear();
        }
        filters
    });
    let bar = move |selection: Selection| {
        deferred_part(Chunk::SelectionBar, move || chunks::selection_bar(subject, project, selection))
    };
    let items = PageResource::new(move || query.get(), move |query| api::list_items(project, subject, query));
    view! {
        <div class="list-head">
            <Filters label="Search" choices=(list.filters)() free=list.free_filters/>
            {selection.map(bar)}
        </div>
        <Transition fallback=move || table_skeleton(TABLE, list.headings)>
            {awaited(move || async move {
                match items.await {
                    Ok(page) => view! { <Items page query=query.get_untracked() project subject list create selection/> }.into_any(),
                    Err(error) => view! { <PageError error what=subject.plural() part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

fn query_from_url(url_state: UrlState) -> ItemQuery {
    ItemQuery {
        search: url_state.param("search"),
        priority: url_state.parsed("priority"),
        label: url_state.param("label"),
        case_state: url_state.parsed("archived"),
        suite: url_state.parsed("suite"),
        state: url_state.parsed("state"),
        status: url_state.parsed("status"),
        completed: url_state.parsed("completed"),
        milestone: url_state.parsed("milestone"),
        plan: url_state.parsed("plan"),
        review_status: url_state.parsed("status"),
        case: url_state.parsed("case"),
        reviewer: url_state.parsed("reviewer"),
        mine: url_state.parsed("mine"),
        limit: None,
        cursor: url_state.param("cursor"),
    }
}

#[component]
fn Items(
    page: Page<TestwareItem>,
    query: ItemQuery,
    project: ProjectId,
    subject: Subject,
    list: &'static ListSpec,
    create: &'static str,
    selection: Option<Selection>,
) -> impl IntoView {
    let url_state = use_url_state();
    let filtered = ItemQuery { cursor: None, ..query.clone() } != ItemQuery::default();
    let on_first_page = query.cursor.is_none();
    let LivePage { rows, next, .. } = LivePage::new(
        page.map(TableRow::Item),
        on_first_page,
        move |change| change.item_of(subject),
        move || {
            let query = query.clone();
            Box::pin(async move { Ok(api::list_items(project, subject, query).await?.map(TableRow::Item)) })
        },
    );
    let row_cells = move |row| cells(row, url_state, list);
    let (class, head, row): (_, _, RowRenderer) = match selection {
        Some(selection) => {
            Effect::new(move |_| {
                let item = |row: &TableRow| if let TableRow::Item(item) = row { Some(item.id) } else { None };
                selection.show(rows.get().iter().filter_map(|row| row.value.with_untracked(item)).collect());
            });
            let head = view! { {select_all(selection)}{headings(list.headings)} }.into_any();
            (SELECTABLE_TABLE, head, Arc::new(move |row| selectable_row(row, selection, row_cells)))
        }
        None => (TABLE, headings(list.headings), row_of_cells(row_cells, None)),
    };
    view! {
        <ShowWhen when=move || rows.is_empty()>{empty_list(filtered, project, subject, create)}</ShowWhen>
        {live_table(rows, class, head, row)}
        {dynamic(move || view! { <Pager next=next.get()/> })}
    }
}

fn empty_list(filtered: bool, project: ProjectId, subject: Subject, create: &'static str) -> AnyView {
    if filtered {
        return no_matches(subject, project);
    }
    let spec = subject.spec();
    view! {
        <Empty icon=spec.icon title=format!("No {} yet", subject.plural())>
            <p>{spec.first_step}</p>
            <a class="button primary" href=format!("?new={}", spec.param) data-noscroll="">{create}" "{spec.noun}</a>
        </Empty>
    }
    .into_any()
}

fn cells(row: TableRow, url_state: UrlState, list: &ListSpec) -> AnyView {
    let TableRow::Item(item) = row else { return ().into_any() };
    let own_headings = list.headings.iter().copied().skip(1);
    let own = own_headings.zip(item.columns.clone()).map(|(heading, text)| cell(heading, text)).collect_view();
    let work =
        item.state.map(|_| view! { {cell("State", view! { <span class="badges">{item_badges(&item)}</span> })} });
    let has_counts = !list.no_progress.is_empty();
    let counts = has_counts.then(|| cell("Progress", progress(&item.counts, list.no_progress)));
    view! {
        <td class="primary-cell">
            <span class="item-title">
                <span class="key">{item.key}</span>
                <a class="title" dir="auto" href=item.id.path(item.project_id) title=item.title.clone()>{item.title.clone()}</a>
            </span>
            {label_links(item.labels, url_state)}
        </td>
        {own}
        {work}
        {counts}
        {time_cell("Updated", item.updated_at)}
    }
    .into_any()
}
