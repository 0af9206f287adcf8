//! The empty state of a list whose filters match nothing.

use leptos::prelude::*;

use crate::components::empty::Empty;
use crate::components::icon::Icon;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;

pub fn no_matches(subject: Subject, project: ProjectId) -> AnyView {
    view! {
        <Empty icon=Icon::Search title=format!("No {} match these filters", subject.plural())>
            <a class="button" href=subject.list_path(project)>"Reset filters"</a>
        </Empty>
    }
    .into_any()
}
