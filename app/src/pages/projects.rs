//! `/`: the projects of whoever is signed in.

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::api;
use crate::api::projects::CreateProject;
use crate::components::dialog::Dialog;
use crate::components::empty::Empty;
use crate::components::failure::{FormError, PageError, failure};
use crate::components::field::{Submit, TextField};
use crate::components::icon::{Icon, icon};
use crate::components::pager::Pager;
use crate::components::skeleton::Skeleton;
use crate::components::when::When;
use crate::model::page::{Page, PageQuery};
use crate::model::project::Project;
use crate::place::use_place;

/// See the [module](self).
#[component]
pub fn Projects() -> impl IntoView {
    let place = use_place();
    let cursor = Memo::new(move |_| place.param("cursor"));
    let projects =
        Resource::new(move || cursor.get(), |cursor| api::projects::list_projects(PageQuery { limit: None, cursor }));
    view! {
        <Title text="Projects"/>
        <header class="page-head">
            <div>
                <h1>"Projects"</h1>
                <p class="lead">"Each has its issues, its integration and its webhooks."</p>
            </div>
            <a class="button primary" href="?new=project" data-noscroll="">{icon(Icon::Plus)}"New project"</a>
        </header>
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || Suspend::new(async move {
                match projects.await {
                    Ok(page) => view! { <List page/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
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
            <Empty sign=Icon::Folder title="No project yet">
                <p>"A project holds the issues of one product, connects to its tracker and sends its events."</p>
                <a class="button primary" href="?new=project" data-noscroll="">"Create the first project"</a>
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
                    <a class="title" href=format!("/projects/{}/issues", project.id)>{project.name}</a>
                    <span class="kind">{project.key}</span>
                    <p class="facts">
                        <span>{project.role.label()}</span>
                        <span>"Created "<b><When time=project.created_at/></b></span>
                    </p>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="cards">{cards}</ul><Pager next=page.next_cursor/> }.into_any()
}

#[component]
fn NewProject() -> impl IntoView {
    let place = use_place();
    let open = Signal::derive(move || place.param("new").as_deref() == Some("project"));
    let create = ServerAction::<CreateProject>::new();
    let error = failure(create);
    view! {
        <Dialog open title="New project" on_close=move |()| place.replace(&[("new", None)])>
            <ActionForm action=create attr:class="form">
                <FormError error/>
                <TextField name="name" label="Name" hint="Such as Checkout web." required=true autofocus=true error/>
                <TextField name="key" label="Key" hint="2 to 10 letters and digits, a letter first, such as WEB." required=true mono=true error/>
                <div class="actions">
                    <a class="button" href=move || place.with(&[("new", None)]) data-noscroll="" prop:replace=true>"Cancel"</a>
                    <Submit pending=create.pending()>"Create project"</Submit>
                </div>
            </ActionForm>
        </Dialog>
    }
}
