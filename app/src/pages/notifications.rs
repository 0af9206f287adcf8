//! `/notifications`: what happened to the webhooks of the user's projects.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api;
use crate::api::notifications::MarkRead;
use crate::components::dynamic::{awaited, dynamic};
use crate::components::empty::Empty;
use crate::components::failure::PageError;
use crate::components::icon::{Icon, icon};
use crate::components::live_table::headings;
use crate::components::page_action::PageAction;
use crate::components::pager::Pager;
use crate::components::relative_time::RelativeTime;
use crate::components::skeleton::table_skeleton;
use crate::live::use_refetcher;
use crate::model::catalog::{EventType, Verb};
use crate::model::item_id::ItemId;
use crate::model::live::ChangeKind;
use crate::model::notification::Notification;
use crate::model::page::{Page, PageQuery};
use crate::page_resource::PageResource;
use crate::unread::use_unread;
use crate::url_state::use_url_state;

const TABLE: &str = "stack compact notifications";
const HEADINGS: &[&str] = &["Webhook", "What happened", "Project", "Time"];

#[component]
pub fn Notifications() -> impl IntoView {
    let url_state = use_url_state();
    let cursor = Memo::new(move |_| url_state.param("cursor"));
    let notifications = PageResource::new(
        move || cursor.get(),
        |cursor| api::notifications::list_notifications(PageQuery { limit: None, cursor }),
    );
    let unread = use_unread();
    let mark = PageAction::<MarkRead>::new();
    mark.on_success(move |()| {
        notifications.refetch();
        unread.refetch();
    });
    use_refetcher(
        |kind: &ChangeKind| matches!(kind, ChangeKind::NotificationsChanged),
        move || {
            notifications.refetch();
            Box::pin(std::future::ready(()))
        },
    );
    let has_unread = Memo::new(move |_| unread.count.get() > 0);
    view! {
        <Title text="Notifications"/>
        <header class="page-head">
            <div>
                <h1>"Notifications"</h1>
                <p class="lead">"Webhooks of your projects that failed or recovered. Admins of a project get them."</p>
            </div>
            {dynamic(move || has_unread.get().then(|| view! {
                <button type="button" class="button" on:click=move |_| mark.dispatch(MarkRead { id: None })>
                    {icon(Icon::Check)}"Mark all as read"
                </button>
            }))}
        </header>
        <Transition fallback=|| table_skeleton(TABLE, HEADINGS)>
            {awaited(move || async move {
                match notifications.await {
                    Ok(page) => list(page, mark),
                    Err(error) => view! { <PageError error what="notifications" part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

fn list(page: Page<Notification>, mark: PageAction<MarkRead>) -> AnyView {
    if page.items.is_empty() {
        return view! {
            <Empty icon=Icon::Bell title="No notifications yet">
                <p>"When a webhook is degraded, disabled or works again, it appears here."</p>
            </Empty>
        }
        .into_any();
    }
    let rows = page.items.into_iter().map(|one| row(one, mark)).collect_view();
    view! {
        <div class="table-wrap">
            <table class=TABLE>
                <thead><tr>{headings(HEADINGS)}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Pager next=page.next_cursor/>
    }
    .into_any()
}

fn row(one: Notification, mark: PageAction<MarkRead>) -> impl IntoView {
    let (status, symbol) = kind(one.event);
    let href = ItemId::from(one.webhook_id).path(one.project_id);
    let (id, is_unread) = (one.id, !one.read);
    let open = move |_| {
        if is_unread {
            mark.dispatch(MarkRead { id: Some(id) });
        }
    };
    view! {
        <tr class:unread=is_unread>
            <td class="primary-cell">
                <a class="title" dir="auto" href=href title=one.webhook_name.clone() on:click=open>{one.webhook_name.clone()}</a>
                {is_unread.then(|| view! { <span class="visually-hidden">" (unread)"</span> })}
            </td>
            <td class="event-cell">
                <span class=format!("st {status}")>{icon(symbol)}{one.event.headline()}</span>
                <span class="hint block" dir="auto">{one.reason}</span>
            </td>
            <td dir="auto">{one.project_name}</td>
            <td class="time-cell"><RelativeTime time=one.created_at/></td>
        </tr>
    }
}

/// The class of the status, and its icon.
fn kind(event: EventType) -> (&'static str, Icon) {
    match event.verb() {
        Verb::Degraded => ("warn", Icon::Warning),
        Verb::Disabled | Verb::DeliveryExhausted => ("bad", Icon::Cross),
        _ => ("ok", Icon::Check),
    }
}
