//! The navigation: the project and its pages, the instance, the person.

use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::project::Scope;
use crate::api;
use crate::components::icon::{Icon, icon};
use crate::components::live_dot::LiveDot;
use crate::components::theme::ThemeChoice;
use crate::model::id::ProjectId;
use crate::model::page::{MAX_LIMIT, PageQuery};
use crate::model::project::Project;

/// See the [module](self).
#[component]
pub fn Nav(scope: Scope) -> impl IntoView {
    // Resources are told apart by the order in which they are made, so none is made where something
    // is awaited beside the page: browser and server would come to different orders.
    let projects =
        Resource::new(|| (), |()| api::projects::list_projects(PageQuery { limit: Some(MAX_LIMIT), cursor: None }));
    view! {
        <a href="/" class="brand">{icon(Icon::Bell)}"Testbell"</a>
        <Transition>
            {move || Suspend::new(async move {
                let others = projects.await.map(|page| page.items).unwrap_or_default();
                scope.project.await.and_then(Result::ok).map(|project| view! { <OfProject project others/> })
            })}
        </Transition>
        <nav aria-label="Instance">
            <p class="head">"Instance"</p>
            <NavLink href="/" exact=true>"Projects"</NavLink>
            <NavLink href="/account/tokens">"API tokens"</NavLink>
            <a href="/api/docs" rel="external">"API reference"</a>
        </nav>
        <Person/>
    }
}

#[component]
fn OfProject(project: Project, others: Vec<Project>) -> impl IntoView {
    let base = format!("/projects/{}", project.id);
    let admin = project.is_admin();
    view! {
        <Switcher current=project others/>
        <nav aria-label="Project">
            <NavLink href=format!("{base}/issues")>"Issues"</NavLink>
            <NavLink href=format!("{base}/cases")>"Cases"</NavLink>
            <NavLink href=format!("{base}/runs")>"Test runs"</NavLink>
            <NavLink href=format!("{base}/sessions")>"Sessions"</NavLink>
        </nav>
        {admin.then(|| view! {
            <nav aria-label="Project settings">
                <p class="head">"Project settings"</p>
                <NavLink href=format!("{base}/settings/integration")>"Issue integration"</NavLink>
                <NavLink href=format!("{base}/settings/webhooks")>"Webhooks"</NavLink>
                <NavLink href=format!("{base}/settings/members")>"Members"</NavLink>
                <NavLink href=format!("{base}/settings/audit")>"Audit log"</NavLink>
                <NavLink href=format!("{base}/settings") exact=true>"General"</NavLink>
            </nav>
        })}
        {(!admin).then(|| view! {
            <nav aria-label="Project settings">
                <p class="head">"Project"</p>
                <NavLink href=format!("{base}/settings/webhooks")>"Webhooks"</NavLink>
                <NavLink href=format!("{base}/settings/members")>"Members"</NavLink>
            </nav>
        })}
        <p class="stream"><LiveDot/></p>
    }
}

/// A link that says whether it is where the person is.
#[component]
fn NavLink(#[prop(into)] href: String, #[prop(optional)] exact: bool, children: Children) -> impl IntoView {
    let path = use_location().pathname;
    let current = {
        let href = href.clone();
        move || {
            let here = path.with(|path| {
                let rest = path.strip_prefix(href.as_str());
                rest.is_some_and(|rest| rest.is_empty() || (!exact && rest.starts_with('/')))
            });
            here.then_some("page")
        }
    };
    view! { <a href=href aria-current=current>{children()}</a> }
}

/// The other projects, behind the name of this one.
#[component]
fn Switcher(current: Project, others: Vec<Project>) -> impl IntoView {
    let menu = NodeRef::<html::Details>::new();
    let close = move || {
        if let Some(menu) = menu.get_untracked() {
            menu.set_open(false);
        }
    };
    let id = current.id;
    view! {
        <details
            class="switcher"
            node_ref=menu
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    close();
                }
            }
        >
            <summary><span class="visually-hidden">"Project: "</span><span class="name">{current.name}</span>{icon(Icon::Switch)}</summary>
            <ul on:click=move |_| close()>
                {others.into_iter().map(|project| other(project, id)).collect_view()}
                <li><a href="/" class="all">"All projects"</a></li>
            </ul>
        </details>
    }
}

fn other(project: Project, current: ProjectId) -> impl IntoView {
    let mark = (project.id == current).then_some("true");
    view! {
        <li>
            <a href=format!("/projects/{}/issues", project.id) aria-current=mark>
                {project.name}<span class="key">{project.key}</span>
            </a>
        </li>
    }
}

/// Who is signed in, the theme, and the way out.
#[component]
fn Person() -> impl IntoView {
    let actor = Resource::new(|| (), |()| api::session::current_actor());
    view! {
        <div class="person">
            <Transition>
                {move || Suspend::new(async move {
                    actor.await.ok().flatten().map(|actor| view! {
                        <p class="who"><span class="name">{actor.name}</span><span class="hint">{actor.email}</span></p>
                    })
                })}
            </Transition>
            <div class="row">
                <ThemeChoice/>
                <form method="post" action="/session/end">
                    <button type="submit" class="button small">"Sign out"</button>
                </form>
            </div>
        </div>
    }
}
