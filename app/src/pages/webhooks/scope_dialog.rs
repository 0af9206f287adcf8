//! The form to select the projects whose events an outbound webhook sends, and the badge of a webhook with several.

use leptos::prelude::*;

use super::context::use_webhooks_page;
use super::project_fields::{ProjectChoices, ProjectSelection, project_fields};
use crate::api::shared_webhooks::ChangeProjects;
use crate::components::dialog::Dialog;
use crate::components::dynamic::dynamic;
use crate::components::failure::FormError;
use crate::components::field::{FieldError, Submit};
use crate::components::icon::{Icon, icon};
use crate::components::number::counted;
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::toast::use_toasts;
use crate::error::Error;
use crate::model::webhook::Webhook;
use crate::model::webhook_scope::{ScopeKind, WebhookScope};

#[component]
pub fn ScopeDialog(
    /// Called with the changed webhook.
    #[prop(into)]
    changed: Callback<Webhook>,
) -> impl IntoView {
    let (scoping, toasts) = (use_webhooks_page().scoping, use_toasts());
    let change = PageAction::<ChangeProjects>::new();
    let error = change.error();
    let (choices, failed) = (RwSignal::new(None::<ProjectChoices>), RwSignal::new(None::<Error>));
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
            match ProjectChoices::read().await {
                Ok(read) => drop(choices.try_set(Some(read))),
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

fn fields(webhook: &Webhook, mut choices: ProjectChoices) -> AnyView {
    let selected: Vec<_> = webhook.scope.projects.iter().map(|project| project.id).collect();
    // A selected project that the caller may no longer administer must not be removed.
    let others = choices.projects.into_iter().filter(|project| !selected.contains(&project.id));
    choices.projects = webhook.scope.projects.iter().cloned().chain(others).collect();
    let selection = ProjectSelection::new(webhook.scope.kind == ScopeKind::All, selected);
    view! {
        <p class="hint">{format!("The events of these projects are sent to \"{}\". What waits of a project that you remove is cancelled.", webhook.name)}</p>
        <input type="hidden" name="id" value=webhook.id.to_string()/>
        {project_fields(selection, choices, None)}
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
    use crate::model::webhook_scope::ScopeProject;

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
