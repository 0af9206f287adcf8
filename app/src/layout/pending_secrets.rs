//! New secrets of webhooks that the user has not dismissed yet. They stay in memory when the user
//! leaves the page: the Webhooks page of the project shows them again, other pages link to it, and
//! the browser asks before it closes the tab. They are never put into a URL or storage.

use leptos::ev::beforeunload;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::components::dynamic::dynamic;
use crate::components::icon::{Icon, icon};
use crate::model::id::{ProjectId, WebhookId};
use crate::model::webhook::{CreatedWebhook, Webhook};
use crate::model::webhook_scope::ScopeKind;

#[derive(Clone, Copy)]
pub struct PendingSecrets {
    /// Newest first, each with a number of its own.
    all: RwSignal<Vec<(u32, CreatedWebhook)>>,
    last_number: StoredValue<u32>,
}

impl PendingSecrets {
    /// Creates an empty list. Call it once in the app.
    pub fn provide() -> Self {
        let this = Self { all: RwSignal::new(Vec::new()), last_number: StoredValue::new(0) };
        provide_context(this);
        let any = Memo::new(move |_| this.all.with(|all| !all.is_empty()));
        Effect::new(move |_| {
            if any.get() {
                let listener = window_event_listener(beforeunload, |event| event.prevent_default());
                on_cleanup(move || listener.remove());
            }
        });
        this
    }

    /// Adds new secrets. They replace those of the same webhook.
    pub fn add(self, created: CreatedWebhook) {
        if created.reveal.is_none() {
            return;
        }
        let next = |last: &mut u32| {
            *last += 1;
            *last
        };
        let Some(number) = self.last_number.try_update_value(next) else { return };
        self.all.update(|all| {
            all.retain(|(_, other)| other.webhook.id != created.webhook.id);
            all.insert(0, (number, created));
        });
    }

    /// The pending secrets of a project, or those of webhooks with several projects.
    pub fn of_page(self, project: Option<ProjectId>) -> Vec<(u32, CreatedWebhook)> {
        let is_shown = |webhook: &Webhook| match project {
            Some(project) => webhook.project_id == project,
            None => is_shared(webhook),
        };
        self.all.with(|all| all.iter().filter(|(_, one)| is_shown(&one.webhook)).cloned().collect())
    }

    /// Removes the secrets of a webhook, which were copied or whose webhook was deleted.
    pub fn forget(self, webhook: WebhookId) {
        if self.all.with_untracked(|all| all.iter().any(|(_, one)| one.webhook.id == webhook)) {
            self.all.update(|all| all.retain(|(_, one)| one.webhook.id != webhook));
        }
    }
}

/// Shows on every other page that a secret was not copied yet.
#[component]
pub fn PendingSecretsNotice(pending_secrets: PendingSecrets) -> impl IntoView {
    let path = use_location().pathname;
    let notice = |webhook: &Webhook, page: String| {
        let text = format!("{}: you haven't copied the secret. ", webhook.name);
        view! { <p class="note warn spaced">{icon(Icon::Warning)}<span>{text}<a class="link" href=page>"Show it"</a></span></p> }
    };
    let notices = move || {
        let path = path.get();
        pending_secrets.all.with(|all| {
            let webhooks = all.iter().map(|(_, one)| (&one.webhook, page_of(&one.webhook)));
            let is_shown =
                |webhook: &Webhook, page: &str| path == page || (is_shared_path(&path) && is_shared(webhook));
            webhooks
                .filter(|(webhook, page)| !is_shown(webhook, page))
                .map(|(webhook, page)| notice(webhook, page))
                .collect_view()
        })
    };
    view! { <div role="status" aria-label="Not copied yet">{dynamic(notices)}</div> }
}

/// Whether it is the list of webhooks with several projects, or the page of one of them.
fn is_shared_path(path: &str) -> bool {
    path == "/webhooks" || path.starts_with("/webhooks/")
}

fn is_shared(webhook: &Webhook) -> bool {
    webhook.scope.kind != ScopeKind::Project
}

fn page_of(webhook: &Webhook) -> String {
    format!("/projects/{}/settings/webhooks", webhook.project_id)
}
