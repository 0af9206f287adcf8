//! The actions of an admin on a webhook: one visible button, the others in a menu.

use leptos::prelude::*;

use super::activity::{ActivityControl, activity_item};
use super::confirm::{ConfirmRequest, ENTER_SECRET, WebhookAction};
use super::context::use_webhooks_page;
use super::links::deliveries_path;
use super::send_test::SendTest;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::hydration::use_hydrated;
use crate::components::icon::{Icon, icon};
use crate::components::menu::Menu;
use crate::model::provider::{InboundAuthentication, Provider};
use crate::model::range_replay::ReplaySource;
use crate::model::webhook::{Direction, Health, SecretInfo, Webhook};

/// The button re-enables a disabled webhook; otherwise it sends a test. `previous` is the old
/// secret that still signs. As long as it does, the menu explains, in the element `reason_id`, why
/// the secret can't be rotated.
pub fn row_actions(
    webhook: Signal<Webhook>,
    test: SendTest,
    previous: Memo<Option<SecretInfo>>,
    reason_id: String,
    activity: ActivityControl,
) -> AnyView {
    let (context, hydrated) = (use_webhooks_page(), use_hydrated());
    let (id, project, direction) =
        webhook.with_untracked(|webhook| (webhook.id, webhook.project_id, webhook.direction));
    let can_rotate = Memo::new(move |_| webhook.with(rotates));
    let name = Memo::new(move |_| webhook.with(|webhook| webhook.name.clone()));
    let disabled = Memo::new(move |_| webhook.with(|webhook| webhook.health == Health::Disabled));
    let open_confirm =
        move |action: WebhookAction| context.confirm(ConfirmRequest { action, webhook: webhook.get_untracked() });
    let visible = move || {
        if disabled.get() {
            view! {
                <button
                    type="button"
                    class="button small needs-hydration"
                    aria-label=dynamic_value(move || format!("Re-enable: {}", name.get()))
                    disabled=dynamic_value(move || !hydrated.get())
                    on:click=move |_| open_confirm(WebhookAction::Enable)
                >
                    "Re-enable"
                </button>
            }
            .into_any()
        } else {
            view! {
                <button
                    type="button"
                    class="button small needs-hydration"
                    aria-label=dynamic_value(move || format!("Send test: {}", name.get()))
                    aria-busy=dynamic_value(move || test.pending().get().to_string())
                    disabled=dynamic_value(move || !hydrated.get())
                    on:click=move |_| test.send(None)
                >
                    "Send test"
                </button>
            }
            .into_any()
        }
    };
    let item = move |symbol: Icon, text: &'static str, class: &'static str, on_click: Callback<()>| {
        view! {
            <button type="button" class=class aria-label=dynamic_value(move || format!("{text}: {}", name.get())) on:click=move |_| on_click.run(())>
                {icon(symbol)}{text}
            </button>
        }
        .into_any()
    };
    let send =
        move || disabled.get().then(|| item(Icon::Send, "Send test", "", Callback::new(move |()| test.send(None))));
    let sample = (direction == Direction::Outbound).then(|| {
        let on_click = move |()| context.sampling.set(Some((webhook.get_untracked(), test)));
        item(Icon::Send, "Send sample event", "", Callback::new(on_click))
    });
    let edit = (direction == Direction::Outbound).then(|| {
        item(
            Icon::Edit,
            "Edit webhook",
            "",
            Callback::new(move |()| context.editing.set(Some(webhook.get_untracked()))),
        )
    });
    let change_destination = (direction == Direction::Outbound).then(|| {
        item(
            Icon::Outbound,
            "Change destination",
            "",
            Callback::new(move |()| context.moving.set(Some(webhook.get_untracked()))),
        )
    });
    let duplicate = (direction == Direction::Outbound).then(|| {
        item(Icon::Copy, "Duplicate webhook", "", Callback::new(move |()| open_confirm(WebhookAction::Duplicate)))
    });
    let replay = move |text: &'static str, source: ReplaySource| {
        let on_click = move |()| context.replaying.set(Some((webhook.get_untracked(), source)));
        (direction == Direction::Outbound).then(|| item(Icon::Replay, text, "", Callback::new(on_click)))
    };
    let change_projects = (direction == Direction::Outbound).then(|| {
        let on_click = move |()| context.scoping.set(Some(webhook.get_untracked()));
        item(Icon::Folder, "Change projects", "", Callback::new(on_click))
    });
    let signs = Memo::new(move |_| webhook.with(|webhook| webhook.signing.is_some()));
    let change_signing = move || {
        let on_click = Callback::new(move |()| context.signing.set(Some(webhook.get_untracked())));
        signs.get().then(|| item(Icon::Sliders, "Change signing", "", on_click))
    };
    let rotate = move || {
        let on_click = Callback::new(move |()| open_confirm(WebhookAction::Rotate));
        can_rotate.get().then(|| rotate_item(webhook, previous, reason_id.clone(), on_click))
    };
    let delete =
        item(Icon::Trash, "Delete webhook", "danger", Callback::new(move |()| open_confirm(WebhookAction::Delete)));
    view! {
        {dynamic(visible)}
        <Menu id=format!("menu-{id}") label=Signal::derive(move || format!("More actions for {}", name.get()))>
            {dynamic(send)}
            {sample}
            {edit}
            {change_destination}
            {change_projects}
            {duplicate}
            {activity_item(activity)}
            <a href=deliveries_path(project, id) aria-label=dynamic_value(move || format!("View deliveries of {}", name.get()))>
                {icon(Icon::Inbox)}"View deliveries"
            </a>
            {replay("Replay failed deliveries", ReplaySource::Failed)}
            {replay("Replay missed events", ReplaySource::Missed)}
            {dynamic(change_signing)}
            {dynamic(rotate)}
            <hr/>
            {delete}
        </Menu>
    }
    .into_any()
}

/// The link for a member, who has no actions.
pub fn view_deliveries(webhook: Signal<Webhook>) -> AnyView {
    let href = webhook.with_untracked(|webhook| deliveries_path(webhook.project_id, webhook.id));
    let label = move || webhook.with(|webhook| format!("View deliveries of {}", webhook.name));
    view! { <a class="button small" href=href aria-label=dynamic_value(label)>"View deliveries"</a> }.into_any()
}

/// It can be focused while it is disabled, so that keyboard users learn why.
fn rotate_item(
    webhook: Signal<Webhook>,
    previous: Memo<Option<SecretInfo>>,
    reason_id: String,
    on_click: Callback<()>,
) -> AnyView {
    let blocked = move || previous.with(Option::is_some);
    let described_by = reason_id.clone();
    let text = if webhook.with_untracked(Webhook::has_tracker_secret) { ENTER_SECRET } else { "Rotate secret" };
    let click = move |_| {
        if previous.with_untracked(Option::is_none) {
            on_click.run(());
        }
    };
    view! {
        <button
            type="button"
            aria-label=dynamic_value(move || webhook.with(|webhook| format!("{text}: {}", webhook.name)))
            aria-disabled=dynamic_value(move || blocked().then_some("true"))
            aria-describedby=dynamic_value(move || blocked().then(|| described_by.clone()))
            on:click=click
        >
            {icon(Icon::Key)}{text}
        </button>
        {dynamic(move || blocked().then(|| view! {
            <p id=reason_id.clone()>"The old secret still signs. Retire it now, or wait until it expires."</p>
        }))}
    }
    .into_any()
}

/// Whether its secret can be replaced.
fn rotates(webhook: &Webhook) -> bool {
    let tracker = webhook.kind.tracker().and_then(Provider::inbound_authentication);
    matches!(tracker, Some(InboundAuthentication::Secret | InboundAuthentication::TrackerSecret))
        || webhook.signing.as_ref().is_some_and(|signing| signing.scheme.has_key())
}
