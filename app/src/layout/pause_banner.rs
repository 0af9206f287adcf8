//! The banner on every page while all webhooks are paused.

use leptos::prelude::*;

use super::current_actor::use_current_actor;
use crate::api;
use crate::components::dynamic::{awaited, dynamic};
use crate::components::icon::{Icon, icon};
use crate::components::relative_time::RelativeTime;
use crate::model::webhook_pause::WebhookPause;
use crate::page_resource::PageResource;
use crate::webhook_pause::use_pause;

/// The page on which system admins begin and end the pause.
pub const PAUSE_PATH: &str = "/admin/webhook-pause";

/// Says that all webhooks are paused. System admins get a link to the page of the pause.
#[component]
pub fn PauseBanner() -> impl IntoView {
    let state = use_pause();
    let actor = use_current_actor();
    let first = PageResource::new(|| (), |()| api::webhook_pause::read_webhook_pause());
    view! {
        <div role="status" aria-label="Webhook pause">
            <Transition>
                {awaited(move || async move {
                    if let Ok(first) = first.await
                        && state.pause.with_untracked(Option::is_none)
                    {
                        state.set(first);
                    }
                    let admin = actor.await.ok().flatten().is_some_and(|actor| actor.system_admin);
                    let shown = move || state.pause.get().filter(|pause| pause.paused).map(|pause| banner(&pause, admin));
                    dynamic(shown).into_any()
                })}
            </Transition>
        </div>
    }
}

fn banner(pause: &WebhookPause, admin: bool) -> AnyView {
    let by = pause.by.as_ref().map(|by| format!(" by {by}"));
    let since = pause.since.map(|time| view! { ", "<RelativeTime time/> });
    let manage = admin.then(|| view! { " "<a class="link" href=PAUSE_PATH>"Manage the pause"</a> });
    view! {
        <p class="note warn spaced">
            {icon(Icon::Pause)}
            <span>
                <b>"All webhooks are paused"</b>{by}{since}". Events are held until the webhooks are resumed."{manage}
            </span>
        </p>
    }
    .into_any()
}
