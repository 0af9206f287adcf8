//! `/`: the projects of the signed-in user.

use leptos::ev::Event;
use leptos::prelude::*;
use leptos::web_sys::HtmlInputElement;
use leptos_meta::Title;
use wasm_bindgen::JsCast;

use crate::api;
use crate::api::projects::CreateProject;
use crate::components::dialog::Dialog;
use crate::components::dynamic::{awaited, dynamic_value};
use crate::components::empty::Empty;
use crate::components::failure::{FormError, PageError};
use crate::components::field::{Submit, TextField};
use crate::components::icon::{Icon, icon};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::pager::Pager;
use crate::components::relative_time::RelativeTime;
use crate::components::skeleton::projects_skeleton;
use crate::model::page::{Page, PageQuery};
use crate::model::project::Project;
use crate::model::text::suggest_key;
use crate::page_resource::PageResource;
use crate::url_state::use_url_state;

#[component]
pub fn Projects() -> impl IntoView {
    let url_state = use_url_state();
    let cursor = Memo::new(move |_| url_state.param("cursor"));
    let projects = PageResource::new(
        move || cursor.get(),
        |cursor| api::projects::list_projects(PageQuery { limit: None, cursor }),
    );
    view! {
        <Title text="Projects"/>
        <header class="page-head">
            <div>
                <h1>"Projects"</h1>
            </div>
            <a class="button primary" href="?new=project" data-noscroll="">{icon(Icon::Plus)}"New project"</a>
        </header>
        <Transition fallback=projects_skeleton>
            {awaited(move || async move {
                match projects.await {
                    Ok(page) => view! { <List page/> }.into_any(),
                    Err(error) => view! { <PageError error what="projects"/> }.into_any(),
                }
            })}
        </Transition>
        <NewProject/>
    }
}

#[component]
fn List(page: Page<Project>) -> impl IntoView {
    if page.items.is_empty() {
        return view! {
            <Empty icon=Icon::Folder title="No projects yet">
                <p>"A project holds the tests, issues and webhooks of one product."</p>
                <a class="button primary" href="?new=project" data-noscroll="">"Create project"</a>
            </Empty>
        }
        .into_any();
    }
    let cards = page
        .items
        .into_iter()
        .map(|project| {
            view! {
                <li class="card">
                    <a class="title" href=format!("/projects/{}/dashboard", project.id)>{project.name}</a>
                    <span class="kind">{project.key}</span>
                    <p class="facts">
                        <span>{project.role.label()}</span>
                        <span>"Created "<b><RelativeTime time=project.created_at/></b></span>
                    </p>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="cards">{cards}</ul><Pager next=page.next_cursor/> }.into_any()
}

#[component]
fn NewProject() -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("new").as_deref() == Some("project"));
    let create = PageAction::<CreateProject>::new();
    let error = create.error();
    // The key follows the name until the user edits the key.
    let is_key_edited = StoredValue::new(false);
    let suggest = move |event: Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        match input.name().as_str() {
            "key" => is_key_edited.set_value(!input.value().is_empty()),
            "name" if !is_key_edited.get_value() => {
                let key = input.form().and_then(|form| form.query_selector("[name=key]").ok().flatten());
                if let Some(key) = key.and_then(|key| key.dyn_into::<HtmlInputElement>().ok()) {
                    key.set_value(&suggest_key(&input.value()));
                }
            }
            _ => {}
        }
    };
    view! {
        <Dialog open title="New project" on_close=move |()| url_state.replace(&[("new", None)])>
            <PageForm action=create>
                <FormError error/>
                <div class="form" on:input=suggest>
                    <TextField name="name" label="Name" hint="e.g. Checkout web" required=true autofocus=true error/>
                    <TextField name="key" label="Key" hint="2 to 10 letters and digits, starting with a letter. Prefixes the keys of cases, runs and sessions, e.g. WEB-C12." required=true mono=true error/>
                </div>
                <div class="actions">
                    <a class="button" href=dynamic_value(move || url_state.with(&[("new", None)])) data-noscroll="" prop:replace=true>"Cancel"</a>
                    <Submit pending=create.pending()>"Create project"</Submit>
                </div>
            </PageForm>
        </Dialog>
    }
}
