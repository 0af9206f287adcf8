//! The form to select the projects whose events an outbound webhook sends, and the badge of a webhook with several.

use leptos::prelude::*;

use super::context::use_webhooks_page;
use crate::api::projects::list_projects;
use crate::api::shared_webhooks::ChangeProjects;
use crate::components::dialog::Dialog;
use crate::components::dynamic::{ShowWhen, dynamic};
use crate::components::failure::FormError;
use crate::components::field::{FieldError, Submit};
use crate::components::icon::{Icon, icon};
use crate::components::number::counted;
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::toast::use_toasts;
use crate::error::Error;
use crate::layout::use_current_actor;
use crate::model::page::{MAX_LIMIT, PageQuery};
use crate::model::project::Project;
use crate::model::webhook::Webhook;
use crate::model::webhook_scope::{ScopeKind, ScopeProject, WebhookScope};

/// The projects that the caller may select.
#[derive(Clone, Default)]
struct Choices {
    /// Those that the caller administers.
    projects: Vec<Project>,
    /// Whether all projects can be selected.
    all: bool,
}

#[component]
pub fn ScopeDialog(
    /// Called with the changed webhook.
    #[prop(into)]
    changed: Callback<Webhook>,
) -> impl IntoView {
    let (scoping, toasts, actor) = (use_webhooks_page().scoping, use_toasts(), use_current_actor());
    let change = PageAction::<ChangeProjects>::new();
    let error = change.error();
    let (choices, failed) = (RwSignal::new(None::<Choices>), RwSignal::new(None::<Error>));
    let problem = Signal::derive(move || failed.get().or_else(|| error.get()));
    // Without the fields, there is nothing to save.
    let pending = Signal::derive(move || change.pending().get() || choices.with(Option::is_none));
    change.on_success(move |webhook| {
        changed.run(webhook);
        scoping.set(None);
        toasts.done("Projects changed");
    });
    // The projects are read each time, because others may have been added.
    Effect::new(move |_| {
        if scoping.with(Option::is_none) {
            return;
        }
        change.clear();
        choices.set(None);
        failed.set(None);
        leptos::task::spawn_local(async move {
            let projects = administered().await;
            let all = actor.await.ok().flatten().is_some_and(|actor| actor.system_admin);
            match projects {
                Ok(projects) => drop(choices.try_set(Some(Choices { projects, all }))),
                Err(error) => drop(failed.try_set(Some(error))),
            }
        });
    });
    let content = move || match (scoping.get(), choices.get()) {
        (Some(webhook), Some(choices)) => fields(&webhook, choices),
        _ if failed.with(Option::is_some) => ().into_any(),
        _ => view! { <p class="hint">"Loading projects…"</p> }.into_any(),
    };
    view! {
        <Dialog
            open=Signal::derive(move || scoping.with(Option::is_some))
            title="Projects of the webhook"
            on_close=move |()| scoping.set(None)
        >
            <PageForm action=change>
                <FormError error=problem/>
                {dynamic(content)}
                <FieldError name="scope" error/>
                <div class="actions">
                    <button type="button" class="button" on:click=move |_| scoping.set(None)>"Cancel"</button>
                    <Submit pending>"Save projects"</Submit>
                </div>
            </PageForm>
        </Dialog>
    }
}

/// All projects that the caller administers.
async fn administered() -> Result<Vec<Project>, Error> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = list_projects(PageQuery { limit: Some(MAX_LIMIT), cursor }).await?;
        all.extend(page.items.into_iter().filter(Project::is_admin));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

fn fields(webhook: &Webhook, choices: Choices) -> AnyView {
    let all = RwSignal::new(webhook.scope.kind == ScopeKind::All);
    let every = choices.all.then(|| {
        view! {
            <label class="choice">
                <input
                    type="checkbox"
                    name="all"
                    value="true"
                    checked=all.get_untracked()
                    on:change=move |event| all.set(event_target_checked(&event))
                />
                <span>"All projects"<span class="hint">"Also those that are created later"</span></span>
            </label>
        }
    });
    let selected: Vec<_> = webhook.scope.projects.iter().map(|project| project.id).collect();
    // A selected project that the caller may no longer administer must not be removed.
    let mut projects = webhook.scope.projects.clone();
    for Project { id, key, name, .. } in choices.projects {
        if !selected.contains(&id) {
            projects.push(ScopeProject { id, key, name });
        }
    }
    let projects = StoredValue::new(projects);
    let list = move || {
        let items = projects.get_value().into_iter().map(|project| {
            let checked = selected.contains(&project.id);
            view! {
                <label class="choice">
                    <input type="checkbox" name="projects[]" value=project.id.to_string() checked=checked/>
                    <span dir="auto">{project.name}<span class="hint">{project.key}</span></span>
                </label>
            }
        });
        view! { <fieldset class="scope-projects"><legend class="visually-hidden">"Projects"</legend>{items.collect_view()}</fieldset> }
    };
    view! {
        <p class="hint">{format!("The events of these projects are sent to \"{}\". What waits of a project that you remove is cancelled.", webhook.name)}</p>
        <input type="hidden" name="id" value=webhook.id.to_string()/>
        {every}
        <ShowWhen when=move || !all.get()>{list()}</ShowWhen>
    }
    .into_any()
}

/// `3 projects`; `None` for a webhook with one.
pub fn scope_text(scope: &WebhookScope) -> Option<String> {
    match scope.kind {
        _ if scope.orphaned => Some("Project deleted".to_owned()),
        ScopeKind::Project => None,
        ScopeKind::All => Some("All projects".to_owned()),
        ScopeKind::Projects => Some(counted(project_count(scope), "project", "projects")),
    }
}

/// The names of the projects that the user may read.
pub fn scope_names(scope: &WebhookScope) -> String {
    let mut names: Vec<_> = scope.projects.iter().map(|project| project.name.clone()).collect();
    if scope.hidden_count > 0 {
        names.push(counted(scope.hidden_count, "project that you can't see", "projects that you can't see"));
    }
    names.join(", ")
}

fn project_count(scope: &WebhookScope) -> u32 {
    u32::try_from(scope.projects.len()).unwrap_or(u32::MAX).saturating_add(scope.hidden_count)
}

/// The badge of a webhook with several projects.
pub fn scope_badge(webhook: Signal<Webhook>) -> AnyView {
    let scope = Memo::new(move |_| webhook.with(|webhook| webhook.scope.clone()));
    dynamic(move || {
        scope.with(|scope| {
            let text = scope_text(scope)?;
            let names = scope_names(scope);
            Some(view! { <span class="badge idle" title=names>{icon(Icon::Folder)}{text}</span> })
        })
    })
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::ProjectId;

    #[test]
    fn a_scope_is_named_with_what_is_hidden() {
        let project = |name: &str| ScopeProject {
            id: ProjectId(uuid::Uuid::from_u128(1)),
            key: "K".to_owned(),
            name: name.to_owned(),
        };
        let scope = |kind, names: &[&str], hidden_count| WebhookScope {
            kind,
            projects: names.iter().map(|name| project(name)).collect(),
            hidden_count,
            orphaned: false,
            can_manage: false,
        };
        assert_eq!(scope_text(&scope(ScopeKind::Project, &["Web"], 0)), None);
        let several = scope(ScopeKind::Projects, &["App", "Web"], 1);
        assert_eq!(scope_text(&several).as_deref(), Some("3 projects"));
        assert_eq!(scope_names(&several), "App, Web, 1 project that you can't see");
        assert_eq!(scope_text(&scope(ScopeKind::All, &[], 0)).as_deref(), Some("All projects"));
    }
}
