//! The project switcher in the navigation. It opens without JavaScript.

use leptos::html;
use leptos::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::model::id::ProjectId;
use crate::model::project::Project;

#[component]
pub fn Switcher(current: Project, others: Vec<Project>) -> impl IntoView {
    let menu = NodeRef::<html::Details>::new();
    let close = move || {
        if let Some(menu) = menu.get_untracked() {
            menu.set_open(false);
        }
    };
    let id = current.id;
    let initial: String = current.name.chars().take(1).flat_map(char::to_uppercase).collect();
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
            <summary>
                <span class="tile" aria-hidden="true">{initial}</span>
                <span class="visually-hidden">"Project: "</span>
                <span class="name">{current.name}</span>
                {icon(Icon::Switch)}
            </summary>
            <ul on:click=move |_| close()>
                {others.into_iter().map(|project| entry(project, id)).collect_view()}
                <li><a href="/" class="all">"All projects"</a></li>
            </ul>
        </details>
    }
}

fn entry(project: Project, current: ProjectId) -> impl IntoView {
    let mark = (project.id == current).then_some("true");
    view! {
        <li>
            <a href=format!("/projects/{}/issues", project.id) aria-current=mark>
                {project.name}<span class="key">{project.key}</span>
            </a>
        </li>
    }
}
