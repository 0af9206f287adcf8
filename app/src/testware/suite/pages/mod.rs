//! `/projects/{id}/suites`: the tree of suites, and `.../suites/{suite}`: one suite with its test cases. Both follow live
//! changes.

mod form;
pub mod tree;

use form::{EditSuiteDialog, NewSuiteDialog};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use tree::SuiteTree;

use crate::comments::section::Comments;
use crate::components::dynamic::{ShowWhen, awaited, dynamic};
use crate::components::empty::Empty;
use crate::components::failure::PageError;
use crate::components::icon::{Icon, icon};
use crate::components::live_table::{cell, time_cell};
use crate::components::pager::Pager;
use crate::components::prose::prose;
use crate::components::relative_time::RelativeTime;
use crate::components::skeleton::table_skeleton;
use crate::components::table::plain_table;
use crate::live::{flash, use_refetcher};
use crate::model::catalog::{CatalogSubject, Subject};
use crate::model::id::ProjectId;
use crate::page_resource::PageResource;
use crate::pages::item_page::{item_page, live_item};
use crate::testware::item::TestwareItem;
use crate::testware::pages::item_head::item_head;
use crate::testware::pages::{ListBody, ListSpec, SubjectPages};
use crate::testware::suite::{Suite, SuiteId, SuiteOverview, api};
use crate::url_state::use_url_state;

impl SubjectPages for Suite {
    const LIST: ListSpec = ListSpec {
        headings: &["Suite"],
        filters: Vec::new,
        free_filters: &[],
        no_progress: "",
        body: ListBody::Own(|project| view! { <Tree project/> }.into_any()),
    };

    fn item() -> AnyView {
        view! { <SuitePage/> }.into_any()
    }

    fn new_dialog(project: ProjectId) -> AnyView {
        view! { <NewSuiteDialog project/> }.into_any()
    }
}

#[component]
fn Tree(project: ProjectId) -> impl IntoView {
    let tree = PageResource::new(move || project, api::read_tree);
    view! {
        <Transition fallback=|| table_skeleton("compact issues", &["Suite"])>
            {awaited(move || async move {
                match tree.await {
                    Ok(all) => view! { <LiveTree all project/> }.into_any(),
                    Err(error) => view! { <PageError error what="suites" part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn LiveTree(all: Vec<TestwareItem>, project: ProjectId) -> impl IntoView {
    let all = RwSignal::new(all);
    let refetcher = use_refetcher(
        |change| change.item_of(Subject::Suite).is_some(),
        move || {
            Box::pin(async move {
                if let Ok(now) = api::read_tree(project).await
                    && all.try_with_untracked(|all| *all != now) == Some(true)
                {
                    all.set(now);
                }
            })
        },
    );
    let changed = Callback::new(move |()| refetcher.now());
    let spec = Suite::SPEC;
    view! {
        <ShowWhen when=move || all.with(Vec::is_empty)>
            <Empty icon=spec.icon title="No suites yet".to_owned()>
                <p>{spec.first_step}</p>
                <a class="button primary" href="?new=suite" data-noscroll="">"New suite"</a>
            </Empty>
        </ShowWhen>
        {dynamic(move || {
            let all = all.get();
            (!all.is_empty()).then(|| view! { <div class="card"><SuiteTree all project current=None changed/></div> })
        })}
    }
}

#[component]
fn SuitePage() -> impl IntoView {
    let (params, url_state) = (use_params_map(), use_url_state());
    let address = Memo::new(move |_| {
        let id = params.with(|params| params.get("item").and_then(|text| text.parse::<SuiteId>().ok()))?;
        Some((id, url_state.param("cases")))
    });
    let read = |(id, cases)| api::read_suite(id, cases);
    item_page(address, read, |(_, cases), suite| view! { <Detail suite cases/> }.into_any())
}

#[component]
fn Detail(suite: SuiteOverview, cases: Option<String>) -> impl IntoView {
    let (id, project) = (suite.detail.suite.id, suite.detail.suite.project_id);
    let item = live_item(id.into(), suite, move || Box::pin(api::read_suite(id, cases.clone())), |_| {});
    let (shown, deleted, changes, changed) = (item.shown, item.deleted, item.changes, item.changed);
    // The page shows the whole tree.
    use_refetcher(
        move |change| change.item_of(Subject::Suite).is_some_and(|other| other != id.0),
        move || {
            let _ = changed.try_run(());
            Box::pin(async {})
        },
    );
    let detail = Memo::new(move |_| shown.with(|shown| shown.detail.clone()));
    let names = (Signal::derive(move || detail.get().suite.key), Signal::derive(move || detail.get().suite.name));
    let tree = Memo::new(move |_| shown.with(|shown| shown.tree.clone()));
    let new_case = format!("{}?new=case&in={id}", Subject::Case.list_path(project));
    let new_run = format!("{}?new=run&in={id}", Subject::TestRun.list_path(project));
    let new_suite = format!("{}?new=suite&in={id}", Subject::Suite.list_path(project));
    view! {
        {item_head((id.into(), project), &item, names, false.into(), (().into_any(), ().into_any()))}
        <div class="detail" data-flash=flash(changes)>
            <div class="card">
                <h2>"Description"</h2>
                {dynamic(move || prose(detail.get().description_html, "None"))}
            </div>
            <dl class="card">{dynamic(move || facts(detail.get().suite))}</dl>
        </div>
        <section class="more">
            <div class="section-head">
                <h2>"Suites"</h2>
                <ShowWhen when=move || !deleted.get()>
                    <a class="button" href=new_suite.clone()>{icon(Icon::Plus)}"New suite"</a>
                </ShowWhen>
            </div>
            <div class="card">
                {dynamic(move || view! { <SuiteTree all=tree.get() project current=Some(id.into()) changed/> })}
            </div>
        </section>
        <section class="more">
            <div class="section-head">
                <h2>"Cases"</h2>
                <ShowWhen when=move || !deleted.get()>
                    <div class="actions">
                        <a class="button" href=new_run.clone()>{icon(Icon::Plus)}"New test run"</a>
                        <a class="button primary" href=new_case.clone()>{icon(Icon::Plus)}"New case"</a>
                    </div>
                </ShowWhen>
            </div>
            {dynamic(move || cases_table(shown.with(|shown| shown.cases.items.clone())))}
            {dynamic(move || view! { <Pager next=shown.with(|shown| shown.cases.next_cursor.clone()) param="cases" label="Pages of cases"/> })}
        </section>
        <Comments item=id.into() project open=Signal::derive(move || !deleted.get())/>
        <EditSuiteDialog suite=shown changed/>
    }
}

fn cases_table(cases: Vec<TestwareItem>) -> AnyView {
    if cases.is_empty() {
        return view! { <p class="hint">"None yet. Add a case, or choose this suite in one."</p> }.into_any();
    }
    let rows = cases
        .into_iter()
        .map(|case| {
            view! {
                <tr>
                    <td class="primary-cell">
                        <span class="item-title">
                            <span class="key">{case.key}</span>
                            <a class="title" dir="auto" href=case.id.path(case.project_id) title=case.title.clone()>{case.title.clone()}</a>
                        </span>
                    </td>
                    {case.columns.into_iter().map(|column| cell("Priority", column)).collect_view()}
                    {time_cell("Updated", case.updated_at)}
                </tr>
            }
        })
        .collect_view();
    plain_table("compact issues", &["Case", "Priority", "Updated"], rows)
}

fn facts(suite: Suite) -> AnyView {
    view! {
        <dt>"Author"</dt><dd>{suite.author}</dd>
        <dt>"Created"</dt><dd><RelativeTime time=suite.created_at/></dd>
        <dt>"Updated"</dt><dd><RelativeTime time=suite.updated_at/></dd>
    }
    .into_any()
}
