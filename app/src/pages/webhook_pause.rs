//! `/admin/webhook-pause`: system admins pause all outbound webhooks, and resume them one by one or all at once.

use leptos::prelude::*;
use leptos_meta::Title;
use serde::{Deserialize, Serialize};

use crate::api::webhook_pause::{PauseAllWebhooks, ResumeWebhook, list_paused_webhooks, read_webhook_pause};
use crate::components::confirm::Confirm;
use crate::components::dynamic::awaited;
use crate::components::failure::{FormError, PageError};
use crate::components::number::{counted, grouped};
use crate::components::page_action::PageAction;
use crate::components::pager::Pager;
use crate::components::relative_time::RelativeTime;
use crate::components::skeleton::Skeleton;
use crate::components::table::actions_table;
use crate::components::toast::use_toasts;
use crate::error::Result;
use crate::live::use_refetcher;
use crate::model::live::ChangeKind;
use crate::model::page::{Page, PageQuery};
use crate::model::webhook_pause::{PausedWebhook, WebhookPause};
use crate::page_resource::PageResource;
use crate::pages::webhooks::links::webhook_page_path;
use crate::pages::webhooks::{scope_names, scope_text};
use crate::url_state::use_url_state;
use crate::webhook_pause::use_pause;

/// The data of the page.
#[derive(Clone, Serialize, Deserialize)]
struct PageData {
    pause: WebhookPause,
    webhooks: Page<PausedWebhook>,
}

async fn read(cursor: Option<String>) -> Result<PageData> {
    // Only system admins may read the list.
    let webhooks = list_paused_webhooks(PageQuery { limit: None, cursor }).await?;
    Ok(PageData { pause: read_webhook_pause().await?, webhooks })
}

#[component]
pub fn WebhookPausePage() -> impl IntoView {
    let url_state = use_url_state();
    let cursor = Memo::new(move |_| url_state.param("cursor"));
    let data = PageResource::new(move || cursor.get(), read);
    use_refetcher(
        |kind: &ChangeKind| matches!(kind, ChangeKind::WebhookPauseChanged),
        move || {
            Box::pin(async move {
                data.refetch();
            })
        },
    );
    view! {
        <Title text="Webhook pause"/>
        <header class="page-head">
            <div>
                <h1>"Webhook pause"</h1>
                <p class="lead">"Stop all outbound webhooks of all projects, e.g. during maintenance."</p>
            </div>
        </header>
        <Transition fallback=|| view! { <Skeleton/> }>
            {awaited(move || async move {
                match data.await {
                    Ok(read) => view! { <Content data=read changed=move |()| data.refetch()/> }.into_any(),
                    Err(error) => view! { <PageError error what="the webhook pause" part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Content(data: PageData, #[prop(into)] changed: Callback<()>) -> impl IntoView {
    let PageData { pause, webhooks } = data;
    let (toasts, banner) = (use_toasts(), use_pause());
    let (set, resume) = (PageAction::<PauseAllWebhooks>::new(), PageAction::<ResumeWebhook>::new());
    let open = RwSignal::new(false);
    banner.set(pause.clone());
    set.on_success(move |pause| {
        open.set(false);
        toasts.done(if pause.paused { "All webhooks paused" } else { "All webhooks resumed" });
        banner.set(pause);
        changed.run(());
    });
    resume.on_success(move |webhook| {
        toasts.done(format!("{} resumed", webhook.name));
        changed.run(());
    });
    let paused = pause.paused;
    let resume_error = resume.error();
    let text = if paused { resume_text(&pause) } else { pause_text() };
    view! {
        {status_card(&pause, open)}
        <FormError error=resume_error/>
        {paused.then(|| list(webhooks, resume))}
        <Confirm
            open
            title=text.title
            consequences=text.consequences
            confirm_label=text.button
            pending=set.pending()
            error=set.error()
            non_destructive=paused
            on_confirm=move |()| set.dispatch(PauseAllWebhooks { paused: !paused })
        />
    }
}

fn status_card(pause: &WebhookPause, open: RwSignal<bool>) -> AnyView {
    let button = |class: &'static str, text: &'static str| {
        view! {
            <div class="actions start">
                <button type="button" class=class on:click=move |_| open.set(true)>{text}</button>
            </div>
        }
    };
    let Some(since) = pause.since else {
        return view! {
            <section class="card">
                <h2>"Webhooks are running"</h2>
                <p class="hint">"While they are paused, events are held and only tests are sent. Nothing is lost."</p>
                {button("button danger", "Pause all webhooks")}
            </section>
        }
        .into_any();
    };
    let by = pause.by.as_ref().map(|by| format!(" by {by}"));
    view! {
        <section class="card">
            <h2>"All webhooks are paused"</h2>
            <p class="hint">
                "Paused"{by}" "<RelativeTime time=since/>". New webhooks are paused as well. "
                {counted(pause.webhook_count, "active webhook waits.", "active webhooks wait.")}
            </p>
            {button("button primary", "Resume all webhooks")}
        </section>
    }
    .into_any()
}

struct ConfirmText {
    title: &'static str,
    consequences: Vec<String>,
    button: &'static str,
}

fn pause_text() -> ConfirmText {
    let consequences = [
        "No outbound webhook of any project sends events. Tests are still sent.",
        "Events are held, and sent in order when you resume.",
        "A banner on every page says so to all users.",
    ];
    ConfirmText {
        title: "Pause all webhooks?",
        consequences: consequences.map(str::to_owned).into(),
        button: "Pause all webhooks",
    }
}

fn resume_text(pause: &WebhookPause) -> ConfirmText {
    let resumed = counted(pause.webhook_count, "webhook sends again.", "webhooks send again.");
    let consequences = vec![
        format!("{resumed} Held deliveries are sent in order."),
        "Webhooks that were inactive before stay inactive.".to_owned(),
    ];
    ConfirmText { title: "Resume all webhooks?", consequences, button: "Resume all webhooks" }
}

fn list(page: Page<PausedWebhook>, resume: PageAction<ResumeWebhook>) -> AnyView {
    if page.items.is_empty() {
        return view! { <p class="hint">"No active webhook is paused."</p> }.into_any();
    }
    let rows = page.items.into_iter().map(|webhook| row(webhook, resume)).collect_view();
    view! {
        {actions_table("compact", &["Webhook", "Projects", "Held deliveries"], rows)}
        <Pager next=page.next_cursor/>
    }
    .into_any()
}

fn row(webhook: PausedWebhook, resume: PageAction<ResumeWebhook>) -> impl IntoView {
    let id = webhook.id;
    let href = webhook_page_path(webhook.project_id, id);
    let projects = match scope_text(&webhook.scope) {
        Some(several) => view! { {several}<span class="hint block">{scope_names(&webhook.scope)}</span> }.into_any(),
        None => webhook.project_name.into_any(),
    };
    let label = format!("Resume webhook: {}", webhook.name);
    view! {
        <tr>
            <td class="primary-cell">
                <span class="item-title">
                    <a class="title" href=href title=webhook.name.clone() dir="auto">{webhook.name.clone()}</a>
                </span>
                <span class="hint block">{webhook.kind.label()}" · "{webhook.url}</span>
            </td>
            <td data-label="Projects" dir="auto">{projects}</td>
            <td class="labeled" data-label="Held deliveries">{grouped(webhook.held_count)}</td>
            <td class="actions-cell">
                <div class="actions">
                    <button
                        type="button"
                        class="button small"
                        aria-label=label
                        disabled=resume.pending()
                        on:click=move |_| resume.dispatch(ResumeWebhook { id })
                    >
                        "Resume"
                    </button>
                </div>
            </td>
        </tr>
    }
}
