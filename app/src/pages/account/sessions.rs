//! The browsers in which the caller is signed in.

use leptos::prelude::*;

use crate::api::account::{EndBrowserSession, EndOtherBrowserSessions};
use crate::components::confirm::Confirm;
use crate::components::page_action::PageAction;
use crate::components::pager::Pager;
use crate::components::relative_time::RelativeTime;
use crate::components::table::actions_table;
use crate::components::toast::use_toasts;
use crate::model::account::BrowserSession;
use crate::model::id::BrowserSessionId;
use crate::model::page::Page;

/// A row for each browser, and a button that ends all other sessions.
#[component]
pub fn Sessions(page: Page<BrowserSession>, #[prop(into)] changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let (end, end_others) = (PageAction::<EndBrowserSession>::new(), PageAction::<EndOtherBrowserSessions>::new());
    let confirming = RwSignal::new(false);
    end.on_success(move |()| {
        toasts.done("Session ended");
        changed.run(());
    });
    end_others.on_success(move |()| {
        confirming.set(false);
        toasts.done("Signed out everywhere else");
        changed.run(());
    });
    let end_error = end.error();
    Effect::new(move |_| {
        if let Some(error) = end_error.get() {
            toasts.failed(error.to_string());
            changed.run(());
        }
    });
    let others = page.items.iter().any(|session| !session.current) || page.next_cursor.is_some();
    let rows = page
        .items
        .into_iter()
        .map(|session| row(session, move |id| end.dispatch(EndBrowserSession { id })))
        .collect_view();
    view! {
        {actions_table("", &["Browser", "Signed in", "Last used"], rows)}
        <Pager next=page.next_cursor/>
        {others.then(|| view! {
            <p class="actions start">
                <button type="button" class="button" on:click=move |_| confirming.set(true)>"Sign out everywhere else"</button>
            </p>
        })}
        <Confirm
            open=confirming
            title="Sign out everywhere else?"
            consequences=vec!["All your other browsers are signed out. API tokens keep working.".to_owned()]
            confirm_label="Sign out everywhere else"
            pending=end_others.pending()
            error=end_others.error()
            on_confirm=move |()| end_others.dispatch(EndOtherBrowserSessions {})
        />
    }
}

fn row(session: BrowserSession, end: impl Fn(BrowserSessionId) + Send + Sync + 'static) -> impl IntoView {
    let id = session.id;
    let action = if session.current {
        view! { <span class="hint">"This browser"</span> }.into_any()
    } else {
        let label = format!("End the session in {}", session.device);
        view! { <button type="button" class="button small" aria-label=label on:click=move |_| end(id)>"End session"</button> }
            .into_any()
    };
    view! {
        <tr>
            <td><span class="title">{session.device}</span></td>
            <td data-label="Signed in"><RelativeTime time=session.created_at/></td>
            <td data-label="Last used"><RelativeTime time=session.last_seen_at/></td>
            <td class="actions-cell">{action}</td>
        </tr>
    }
}
