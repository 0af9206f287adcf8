//! The project switcher in the navigation. It opens without JavaScript.

use leptos::prelude::*;

use crate::components::details_menu::details_menu;
use crate::components::icon::{Icon, icon};
use crate::model::id::ProjectId;
use crate::model::project::Project;

#[component]
pub fn Switcher(current: Project, others: Vec<Project>) -> impl IntoView {
    let id = current.id;
    let initial: String = current.name.chars().take(1).flat_map(char::to_uppercase).collect();
    let summary = view! {
        <summary>
            <span class="tile" aria-hidden="true">{initial}</span>
            <span class="visually-hidden">"Project: "</span>
            <span class="name">{current.name}</span>
            {icon(Icon::Switch)}
        </summary>
    };
    let items = view! {
        <ul>
            {others.into_iter().map(|project| entry(project, id)).collect_view()}
            <li><a href="/" class="all">"All projects"</a></li>
        </ul>
    };
    details_menu("switcher", summary.into_any(), items.into_any())
}

fn entry(project: Project, current: ProjectId) -> impl IntoView {
    let mark = (project.id == current).then_some("true");
    view! {
        <li>
            <a href=format!("/projects/{}/dashboard", project.id) aria-current=mark>
                {project.name}<span class="key">{project.key}</span>
            </a>
        </li>
    }
}
