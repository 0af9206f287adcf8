//! The card of an inspector URL: the URL with its actions, and its requests.

use leptos::prelude::*;

use super::InspectorContext;
use super::detail::request_detail;
use super::dialogs::InspectorDialog;
use super::requests::request_list;
use crate::api::inspector::extend_inspector_url;
use crate::components::copy::CopyButton;
use crate::components::dynamic::dynamic;
use crate::components::icon::{Icon, icon};
use crate::components::live_dot::LiveDot;
use crate::components::menu::Menu;
use crate::components::number::counted;
use crate::components::relative_time::RelativeTime;
use crate::components::toast::use_toasts;
use crate::model::inspector::{INSPECTOR_DAYS, InspectorUrl};
use crate::time;

#[component]
pub fn UrlCard(context: InspectorContext) -> impl IntoView {
    let shown = context.shown;
    // Without the count, so that a request doesn't render the row and its menu again.
    let url = Memo::new(move |_| {
        shown.with(|page| {
            let selected = page.urls.iter().find(|url| Some(url.id) == page.selected)?;
            Some(InspectorUrl { request_count: 0, ..selected.clone() })
        })
    });
    let has_requests = Memo::new(move |_| shown.with(|page| !page.requests.is_empty()));
    let content = move || {
        url.get().map(|url| {
            let waiting = url.clone();
            let body = move || {
                if has_requests.get() {
                    view! { <div class="inspect">{request_list(context)}<div class="inspected">{request_detail(context)}</div></div> }
                        .into_any()
                } else if waiting.expired {
                    ().into_any()
                } else {
                    waiting_for_requests(context, &waiting)
                }
            };
            view! {
                {url_row(context, &url)}
                {url.expired.then(|| expired_note(context, &url))}
                {dynamic(body)}
            }
        })
    };
    view! { <section class="card flush" aria-label="Inspector URL">{dynamic(content)}</section> }
}

fn url_row(context: InspectorContext, url: &InspectorUrl) -> AnyView {
    let address = url.url.clone();
    let state = if url.expired {
        view! { <span class="badge idle">{icon(Icon::Clock)}"Expired"</span> }.into_any()
    } else {
        view! {
            <LiveDot/>
            <span class="hint expiry">"Expires "<RelativeTime time=url.expires_at due=true/></span>
        }
        .into_any()
    };
    let edit = {
        let url = url.clone();
        move |_| context.dialog.set(Some((InspectorDialog::Response, url.clone())))
    };
    view! {
        <div class="url-row">
            <div class="copy-field"><code>{address.clone()}</code><CopyButton text=Signal::stored(address) what="the URL"/></div>
            {state}
            <button type="button" class="button" on:click=edit>
                "Response: "<b class="num">{url.response.status}</b>{icon(Icon::Edit)}
            </button>
            {menu(context, url)}
        </div>
    }
    .into_any()
}

fn menu(context: InspectorContext, url: &InspectorUrl) -> AnyView {
    let toasts = use_toasts();
    let id = url.id;
    let open = |dialog: InspectorDialog| {
        let url = url.clone();
        Callback::new(move |()| context.dialog.set(Some((dialog, url.clone()))))
    };
    let (secret, clear, delete) =
        (open(InspectorDialog::Secret), open(InspectorDialog::Clear), open(InspectorDialog::Delete));
    let (extend, href) = (move |_| extend(context, toasts, id), add_webhook(context, url));
    view! {
        <Menu id="inspector-menu" label=Signal::stored("More actions".to_owned()) class="button square">
            <a href=href>{icon(Icon::Webhook)}"Add webhook with this URL"</a>
            <button type="button" on:click=move |_| secret.run(())>{icon(Icon::Shield)}"Set signing secret"</button>
            <button type="button" on:click=extend>{icon(Icon::Clock)}{extend_label()}</button>
            <button type="button" on:click=move |_| clear.run(())>{icon(Icon::Cross)}"Clear requests"</button>
            <hr/>
            <button type="button" class="danger" on:click=move |_| delete.run(())>{icon(Icon::Trash)}"Delete URL"</button>
        </Menu>
    }
    .into_any()
}

fn extend(context: InspectorContext, toasts: crate::components::toast::Toasts, id: crate::model::id::InspectorUrlId) {
    context.action.start(async move {
        extend_inspector_url(id).await?;
        toasts.done("URL extended");
        context.refetcher.now();
        Ok(())
    });
}

fn extend_label() -> String {
    format!("Extend by {INSPECTOR_DAYS} days")
}

/// The dialog that adds a webhook, with this URL.
fn add_webhook(context: InspectorContext, url: &InspectorUrl) -> String {
    let query = serde_urlencoded::to_string([("add", "outbound"), ("endpoint", &url.url)]).unwrap_or_default();
    format!("/projects/{}/settings/webhooks?{query}", context.project)
}

fn expired_note(context: InspectorContext, url: &InspectorUrl) -> AnyView {
    let (toasts, id, until) = (use_toasts(), url.id, time::absolute(url.purge_at));
    let count = Memo::new(move |_| context.shown.with(|page| page.requests.len()));
    let text = move || match u32::try_from(count.get()).unwrap_or(u32::MAX) {
        0 => format!("This URL no longer accepts requests. It is deleted on {until}."),
        count => {
            let requests = counted(count, "request is", "requests are");
            format!("This URL no longer accepts requests. The last {requests} kept until {until}.")
        }
    };
    view! {
        <p class="note">
            {icon(Icon::Clock)}<span>{text}</span>
            <button type="button" class="button small" on:click=move |_| extend(context, toasts, id)>{extend_label()}</button>
        </p>
    }
    .into_any()
}

fn waiting_for_requests(context: InspectorContext, url: &InspectorUrl) -> AnyView {
    let command = format!("curl -d '{{\"hello\":\"world\"}}' -H 'content-type: application/json' \\\n  {}", url.url);
    view! {
        <div class="empty" role="status">
            <span class="tile">{icon(Icon::Radio)}</span>
            <p class="title">"Waiting for the first request"</p>
            <div class="empty-text"><p>"Use this URL in a webhook, or send a request yourself."</p></div>
            <div class="code">
                <header><span>"Terminal"</span><CopyButton text=Signal::stored(command.clone()) what="the command"/></header>
                <pre tabindex="0" aria-label="Command">{command}</pre>
            </div>
            <a class="button primary" href=add_webhook(context, url)>{icon(Icon::Plus)}"Add webhook with this URL"</a>
        </div>
    }
    .into_any()
}
