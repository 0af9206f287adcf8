//! `/projects/{id}/settings/integration`: the connection to the tracker.

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::api;
use crate::api::integrations::{DeleteIntegration, PutIntegration, TestIntegration};
use crate::components::badge::{Tone, badge};
use crate::components::confirm::Confirm;
use crate::components::failure::{FormError, PageError, failure, on_success};
use crate::components::field::{Submit, TextField};
use crate::components::icon::{Icon, icon};
use crate::components::skeleton::Skeleton;
use crate::components::toast::use_toasts;
use crate::components::when::WhenOrNever;
use crate::error::Result;
use crate::layout::{as_admin, use_project};
use crate::live::{Heard, use_live};
use crate::model::id::ProjectId;
use crate::model::integration::{Integration as Connected, Provider};
use crate::model::live::What;
use crate::model::page::PageQuery;
use crate::model::webhook::Direction;

/// See the [module](self).
#[component]
pub fn Integration() -> impl IntoView {
    let id = use_project();
    let all = Resource::new(|| (), move |()| read(id));
    let reload = move |()| all.refetch();
    view! {
        <Title text="Issue integration"/>
        <header class="page-head">
            <div>
                <h1>"Issue integration"</h1>
                <p class="lead">"The tracker that the project's issues live in. One per project."</p>
            </div>
        </header>
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || Suspend::new(async move {
                match all.await {
                    Ok((connected, first)) => {
                        let has_inbound = follow_inbound(id, first);
                        view! {
                            {connected.clone().map(|connected| view! { <Card connected project=id has_inbound reload/> })}
                            <Setup connected project=id has_inbound reload/>
                        }.into_any()
                    }
                    Err(error) => view! { <PageError error part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// The integration, and whether an inbound webhook depends on it.
async fn read(project: ProjectId) -> Result<(Option<Connected>, bool)> {
    as_admin(project).await?;
    let integration = api::integrations::read_integration(project).await?;
    Ok((integration, read_inbound(project).await?))
}

async fn read_inbound(project: ProjectId) -> Result<bool> {
    // The inbound webhook comes first.
    let first = api::webhooks::list_webhooks(project, PageQuery { limit: Some(1), cursor: None }).await?;
    Ok(first.items.iter().any(|webhook| webhook.direction == Direction::Inbound))
}

/// Whether there is an inbound webhook, as it is made or deleted elsewhere.
fn follow_inbound(project: ProjectId, first: bool) -> Signal<bool> {
    let there = RwSignal::new(first);
    use_live(move |heard| {
        if matches!(heard, Heard::Missed | Heard::Changed(What::WebhookChanged { .. })) {
            leptos::task::spawn_local(async move {
                if let Ok(fresh) = read_inbound(project).await {
                    let _ = there.try_set(fresh);
                }
            });
        }
    });
    there.into()
}

/// The integration that there is.
#[component]
fn Card(
    connected: Connected,
    project: ProjectId,
    has_inbound: Signal<bool>,
    #[prop(into)] reload: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let shown = RwSignal::new(connected);
    let read_again = move || {
        leptos::task::spawn_local(async move {
            if let Ok(Some(fresh)) = api::integrations::read_integration(project).await {
                let _ = shown.try_set(fresh);
            }
        });
    };
    use_live(move |heard| {
        if matches!(heard, Heard::Missed | Heard::Changed(What::IntegrationChanged)) {
            read_again();
        }
    });
    let (test, remove) = (ServerAction::<TestIntegration>::new(), ServerAction::<DeleteIntegration>::new());
    let asking = RwSignal::new(false);
    // What the test came to is noted on the integration.
    on_success(test, move |_| read_again());
    on_success(remove, move |()| {
        asking.set(false);
        toasts.done("The integration was removed");
        reload.run(());
    });
    let facts = move || {
        let connected = shown.get();
        let (tone, state) = state(&connected);
        view! {
            <div class="row">
                <h2 class="title">{connected.provider.label()}</h2>
                {badge(tone, state.to_owned())}
            </div>
            <p class="url">{format!("{} {}", connected.base_url, connected.repository)}</p>
            <p class="facts">
                <span>"Credentials " <b>{if connected.has_credentials { "stored" } else { "none" }}</b></span>
                <span>"Last read " <b><WhenOrNever time=connected.synced_at/></b></span>
                <span>"Waiting to be read " <b>{connected.sync_waiting}</b></span>
            </p>
            {connected.sync_error.map(|error| view! { <p class="note bad">{icon(Icon::Warning)}<span>{error}</span></p> })}
        }
    };
    let test_error = failure(test);
    let result = move || match (test.value().get(), test.pending().get()) {
        (Some(Ok(found)), false) => {
            let (class, sign) = if found.ok { ("note ok", Icon::Check) } else { ("note bad", Icon::Warning) };
            Some(view! { <p class=class>{icon(sign)}<span>{found.detail}</span></p> })
        }
        _ => None,
    };
    let has_surface = move || shown.get().provider != Provider::SimpleUrl;
    view! {
        <section class="card">
            {facts}
            <div role="status">{result}</div>
            <FormError error=test_error/>
            <div class="actions start">
                <Show when=has_surface>
                    <button
                        type="button"
                        class="button"
                        disabled=test.pending()
                        aria-busy=move || test.pending().get().to_string()
                        on:click=move |_| { test.dispatch(TestIntegration { project }); }
                    >
                        {move || if test.pending().get() { "Testing…" } else { "Test connection" }}
                    </button>
                </Show>
                <button type="button" class="button" on:click=move |_| asking.set(true)>"Remove"</button>
            </div>
        </section>
        <Confirm
            open=asking
            title="Remove the integration?"
            consequences=Signal::derive(move || losses(shown.get().has_credentials, has_inbound.get()))
            deed="Remove integration"
            pending=remove.pending()
            error=failure(remove)
            on_confirm=move |()| { remove.dispatch(DeleteIntegration { project }); }
        />
    }
}

/// How far the integration is known to work.
fn state(connected: &Connected) -> (Tone, &'static str) {
    match connected {
        Connected { provider: Provider::SimpleUrl, .. } => (Tone::Ok, "Links only"),
        Connected { sync_error: Some(_), .. } => (Tone::Bad, "Can't read"),
        // Without credentials nothing is read; events still come.
        Connected { has_credentials: false, .. } => (Tone::Idle, "Events only"),
        Connected { synced_at: None, .. } => (Tone::Idle, "Not tested yet"),
        _ => (Tone::Ok, "Connected"),
    }
}

/// What is lost with an integration that has credentials, or none, to read with.
fn losses(has_credentials: bool, has_inbound: bool) -> Vec<String> {
    let mut all = if has_credentials {
        vec![
            "Issues of the tracker stay as they are, and are no longer read from it.".to_owned(),
            "The stored credentials are deleted.".to_owned(),
        ]
    } else {
        vec!["The issues stay as they are.".to_owned()]
    };
    if has_inbound {
        all.push("The inbound webhook goes with it: its address stops accepting events.".to_owned());
    }
    all
}

/// What the fields mean for each tracker.
struct Words {
    base_url: &'static str,
    base_hint: &'static str,
    repository: Option<(&'static str, &'static str)>,
    token_hint: Option<&'static str>,
}

const fn words(provider: Provider) -> Words {
    match provider {
        Provider::Github => Words {
            base_url: "Address of GitHub",
            base_hint: "Empty for github.com; for Enterprise such as https://github.example.com.",
            repository: Some(("Repository", "owner/repository")),
            token_hint: Some(
                "A fine-grained personal access token that reads issues. Without one, only events bring changes.",
            ),
        },
        Provider::Jira => Words {
            base_url: "Address of the site",
            base_hint: "Such as https://example.atlassian.net.",
            repository: Some(("Project key", "WEB")),
            token_hint: Some("An API token of Jira Cloud, or a personal access token of Data Center."),
        },
        Provider::AzureDevops => Words {
            base_url: "Address of Azure DevOps",
            base_hint: "Empty for https://dev.azure.com.",
            repository: Some(("Organisation and project", "organisation/project")),
            token_hint: Some("A personal access token that reads work items."),
        },
        Provider::SimpleUrl => Words {
            base_url: "Template of the links",
            base_hint: "{key} stands for the issue's key, such as https://bugs.example.com/{key}.",
            repository: None,
            token_hint: None,
        },
    }
}

/// Sets it up or replaces it.
#[component]
fn Setup(
    connected: Option<Connected>,
    project: ProjectId,
    has_inbound: Signal<bool>,
    #[prop(into)] reload: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let put = ServerAction::<PutIntegration>::new();
    let error = failure(put);
    let stored = connected.as_ref().map(|connected| connected.provider);
    let has_credentials = connected.as_ref().is_some_and(|connected| connected.has_credentials);
    let provider = RwSignal::new(stored.unwrap_or(Provider::Github));
    let asking = RwSignal::new(false);
    let waiting = StoredValue::new(None::<PutIntegration>);
    on_success(put, move |_| {
        asking.set(false);
        toasts.done("Saved");
        reload.run(());
    });
    // Another provider loses what belongs to the stored one, so it is asked for first.
    let before_sending = move |event: web_sys::SubmitEvent| {
        use leptos::form::FromFormData;
        if stored.is_some_and(|stored| stored != provider.get_untracked())
            && let Ok(input) = PutIntegration::from_event(&event)
        {
            event.prevent_default();
            waiting.set_value(Some(input));
            asking.set(true);
        }
    };
    let values = StoredValue::new(connected);
    let value = move |provider: Provider, of: fn(&Connected) -> String| {
        values
            .with_value(|values| values.as_ref().filter(|values| values.provider == provider).map(of))
            .unwrap_or_default()
    };
    let choices = Provider::ALL
        .iter()
        .map(|&choice| {
            view! {
                <label class="choice">
                    <input
                        type="radio"
                        name="provider"
                        value=choice.as_str()
                        checked=choice == provider.get_untracked()
                        on:change=move |_| {
                            // What was said of the other tracker's fields is not about these.
                            put.clear();
                            provider.set(choice);
                        }
                    />
                    <span>{choice.label()}</span>
                </label>
            }
        })
        .collect_view();
    let fields = move |provider: Provider| {
        let words = words(provider);
        view! {
            <TextField name="base_url" wire="baseUrl" label=words.base_url hint=words.base_hint value=value(provider, |c| c.base_url.clone()) error/>
            {words.repository.map(|(label, placeholder)| view! {
                <TextField name="repository" label=label placeholder value=value(provider, |c| c.repository.clone()) required=true error/>
            })}
            {(provider == Provider::Jira).then(|| view! {
                <TextField name="email" wire="credentials.email" label="E-mail of the account" hint="Jira Cloud only." error/>
            })}
            {words.token_hint.map(|hint| {
                let kept = has_credentials && stored == Some(provider);
                let hint = if kept { format!("{hint} Empty keeps what is stored.") } else { hint.to_owned() };
                view! { <TextField name="token" wire="credentials.token" label="Token" kind="password" hint=hint autocomplete="new-password" error/> }
            })}
        }
    };
    let title = if stored.is_some() { "Change the integration" } else { "Connect a tracker" };
    view! {
        <section class="card">
            <h2>{title}</h2>
            <div on:submit:capture=before_sending>
                <ActionForm action=put attr:class="form">
                    <FormError error/>
                    <input type="hidden" name="project" value=project.to_string()/>
                    <fieldset class="choices"><legend>"Tracker"</legend>{choices}</fieldset>
                    // Fields of their own for each tracker: what was typed for another does not stay.
                    <For each=move || [provider.get()] key=|provider| *provider children=fields/>
                    <div class="actions start"><Submit pending=put.pending()>"Save"</Submit></div>
                </ActionForm>
            </div>
        </section>
        <Confirm
            open=asking
            title="Switch to another tracker?"
            consequences=Signal::derive(move || losses(has_credentials, has_inbound.get()))
            deed="Switch"
            pending=put.pending()
            error
            on_confirm=move |()| {
                if let Some(input) = waiting.get_value() {
                    put.dispatch(input);
                }
            }
        />
    }
}
