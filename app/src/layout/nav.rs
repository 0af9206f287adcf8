//! The navigation: the project and its pages, the workspace, the signed-in user.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::account_menu::AccountMenu;
use super::current_actor::use_current_actor;
use super::nav_counts::{attention_label, count_label, follow_counts, unread_label};
use super::project::ProjectScope;
use super::search::SearchOpen;
use super::switcher::Switcher;
use crate::api;
use crate::components::dynamic::{awaited, dynamic_value};
use crate::components::hydration::use_hydrated;
use crate::components::icon::{Icon, icon};
use crate::error::Result;
use crate::model::catalog::Subject;
use crate::model::overview::ProjectCounts;
use crate::model::page::{MAX_LIMIT, PageQuery};
use crate::model::project::Project;
use crate::page_resource::PageResource;
use crate::unread::use_unread;

#[component]
pub fn Nav(scope: ProjectScope) -> impl IntoView {
    // Leptos identifies resources by the order in which they are created. Create none inside
    // awaited content: server and browser would use different orders.
    let projects =
        PageResource::new(|| (), |()| api::projects::list_projects(PageQuery { limit: Some(MAX_LIMIT), cursor: None }));
    let counts = PageResource::new(
        move || scope.id.get(),
        |project| async move {
            match project {
                Some(project) => api::overview::read_project_counts(project).await.unwrap_or_default(),
                None => ProjectCounts::default(),
            }
        },
    );
    let actor = use_current_actor();
    let unread = use_unread();
    let first_unread = PageResource::new(|| (), |()| api::notifications::read_unread());
    view! {
        <a href="/" class="brand">{icon(Icon::Bell)}"Testbell"</a>
        <Transition>
            {awaited(move || async move {
                let others = projects.await.map(|page| page.items).unwrap_or_default();
                let counts = counts.await;
                scope.project.await.and_then(Result::ok).map(|project| view! { <ProjectNav project others counts/> })
            })}
        </Transition>
        <nav aria-label="Workspace">
            <p class="heading">"Workspace"</p>
            <NavLink symbol=Icon::Folder href="/" exact=true>"Projects"</NavLink>
            <Transition>
                {awaited(move || async move {
                    let admin = actor.await.ok().flatten().is_some_and(|actor| actor.system_admin);
                    let admin = admin || projects.await.is_ok_and(|page| page.items.iter().any(Project::is_admin));
                    admin.then(|| view! { <NavLink symbol=Icon::Webhook href="/webhooks">"Across projects"</NavLink> })
                })}
            </Transition>
            <NavLink symbol=Icon::Bell href="/notifications">
                "Notifications"
                <Transition>
                    {awaited(move || async move {
                        if let Ok(first) = first_unread.await {
                            unread.count.set(first.unread);
                        }
                        unread_label(unread)
                    })}
                </Transition>
            </NavLink>
            <a href="/api/docs" rel="external">{icon(Icon::Book)}"API reference"</a>
        </nav>
        <Transition>
            {awaited(move || async move {
                let admin = actor.await.ok().flatten().is_some_and(|actor| actor.system_admin);
                admin.then(|| view! {
                    <nav aria-label="Administration">
                        <p class="heading">"Administration"</p>
                        <NavLink symbol=Icon::People href="/admin/people">"People"</NavLink>
                        <NavLink symbol=Icon::Send href="/admin/email">"Email"</NavLink>
                        <NavLink symbol=Icon::Pause href="/admin/webhook-pause">"Webhook pause"</NavLink>
                        <NavLink symbol=Icon::Log href="/admin/audit">"Audit log"</NavLink>
                        <NavLink symbol=Icon::Sliders href="/admin/settings">"Settings"</NavLink>
                    </nav>
                })
            })}
        </Transition>
        <AccountMenu/>
    }
}

#[component]
fn ProjectNav(project: Project, others: Vec<Project>, counts: ProjectCounts) -> impl IntoView {
    let (id, admin) = (project.id, project.is_admin());
    let settings = format!("/projects/{id}/settings");
    let counts = follow_counts(id, counts);
    let testware = Subject::ALL.iter().copied().filter(|subject| subject.is_testware());
    let subjects = std::iter::once(Subject::Issue)
        .chain(testware)
        .map(|subject| {
            let (label, count) = (subject.label(), count_label(counts, subject));
            view! { <NavLink symbol=subject.spec().icon href=subject.list_path(id)>{label}{count}</NavLink> }
        })
        .collect_view();
    let SearchOpen(searching) = expect_context();
    let hydrated = use_hydrated();
    view! {
        <Switcher current=project others/>
        <button
            type="button"
            class="search-button"
            aria-keyshortcuts="Control+K Meta+K"
            disabled=dynamic_value(move || !hydrated.get())
            on:click=move |_| searching.set(true)
        >
            {icon(Icon::Search)}<span class="grow">"Search"</span><kbd aria-hidden="true">"Ctrl K"</kbd>
        </button>
        <nav aria-label="Project">
            <NavLink symbol=Icon::Dashboard href=format!("/projects/{id}/dashboard")>"Dashboard"</NavLink>
            {subjects}
        </nav>
        <nav aria-label="Project settings">
            <p class="heading">{if admin { "Project settings" } else { "Project" }}</p>
            <NavLink symbol=Icon::Webhook href=format!("{settings}/webhooks")>"Webhooks"{attention_label(counts)}</NavLink>
            {admin.then(|| view! {
                <NavLink symbol=Icon::Radio href=Subject::Custom.list_path(id)>"Custom events"</NavLink>
                <NavLink symbol=Icon::Plug href=format!("{settings}/integration")>"Issue integration"</NavLink>
            })}
            <NavLink symbol=Icon::People href=format!("{settings}/members")>"Members"</NavLink>
            {admin.then(|| view! {
                <NavLink symbol=Icon::Log href=format!("{settings}/audit")>"Audit log"</NavLink>
                <NavLink symbol=Icon::Sliders href=settings.clone() exact=true>"General"</NavLink>
            })}
        </nav>
    }
}

/// A link that marks the current page.
#[component]
fn NavLink(
    symbol: Icon,
    #[prop(into)] href: String,
    #[prop(optional)] exact: bool,
    children: Children,
) -> impl IntoView {
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
    view! { <a href=href aria-current=current>{icon(symbol)}{children()}</a> }
}
