//! `/projects/{id}/issues/{issue}`: an issue. It follows live changes.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::issue_form::EditIssueDialog;
use crate::api;
use crate::api::issues::{DeleteIssue, SyncIssue};
use crate::comments::section::Comments;
use crate::components::badge::issue_status;
use crate::components::confirm::Confirm;
use crate::components::dynamic::{ShowWhen, dynamic, dynamic_value};
use crate::components::icon::{Icon, icon};
use crate::components::issue_key::issue_key;
use crate::components::item_head::{ItemHead, item_head};
use crate::components::label_links::label_list;
use crate::components::menu::Menu;
use crate::components::page_action::PageAction;
use crate::components::prose::prose;
use crate::components::relative_time::{RelativeTime, RelativeTimeOrNever};
use crate::components::toast::use_toasts;
use crate::live::flash;
use crate::model::catalog::Subject;
use crate::model::id::IssueId;
use crate::model::issue::IssuePage;
use crate::pages::item_page::{item_page, live_item};
use crate::testware::execution::pages::{IssueResults, of_issue};
use crate::url_state::use_url_state;

#[component]
pub fn Issue() -> impl IntoView {
    let params = use_params_map();
    let url_state = use_url_state();
    let address = Memo::new(move |_| {
        let id = params.with(|params| params.get("issue").and_then(|text| text.parse::<IssueId>().ok()))?;
        Some((id, url_state.param("results")))
    });
    // The issue is shown even if its results can't be read.
    let read = |(id, results)| async move {
        let (detail, results) = futures::join!(api::issues::read_issue(id), of_issue(id, results));
        detail.map(|detail| (detail, results))
    };
    item_page(address, read, |(id, cursor), (detail, found)| {
        let project = detail.issue.project_id;
        view! {
            <Detail detail/>
            <IssueResults id cursor found/>
            <Comments item=id.into() project open=true/>
        }
        .into_any()
    })
}

#[component]
fn Detail(detail: IssuePage) -> impl IntoView {
    let id = detail.issue.id;
    let list = Subject::Issue.list_path(detail.issue.project_id);
    let item = live_item(id.into(), detail, move || Box::pin(api::issues::read_issue(id)), |_| {});
    let (shown, deleted, changes) = (item.shown, item.deleted, item.changes);
    let issue = Signal::derive(move || shown.get().issue);
    let deleted_notice =
        move || {
            deleted.get().then(|| view! {
        <p class="note warn spaced">{icon(Icon::Warning)}"This issue was deleted. This is its last version."</p>
    })
        };
    let status = move || issue.with(|issue| issue_status(issue.status_kind, &issue.status));
    let head = ItemHead {
        list: list.clone(),
        list_label: Subject::Issue.label(),
        key: dynamic(move || issue.get().key.map(issue_key)).into_any(),
        title: Signal::derive(move || issue.get().title),
        badge: dynamic(status).into_any(),
        notes: view! { <div role="status">{dynamic(deleted_notice)}</div> }.into_any(),
        actions: view! { <IssueActions issue deleted list/> }.into_any(),
    };
    view! {
        {item_head(head)}
        <div class="detail" data-flash=flash(changes)>
            <div class="card">{dynamic(move || prose(shown.get().description_html, "No description."))}</div>
            <dl class="card">{dynamic(move || facts(issue.get()))}</dl>
        </div>
        <EditIssueDialog issue/>
    }
}

fn facts(issue: crate::model::issue::Issue) -> impl IntoView {
    let text = |text: Option<String>| text.unwrap_or_else(|| "None".to_owned());
    let synced = issue.provider.map(|provider| {
        view! {
            <dt>"Tracker"</dt><dd>{provider.label()}</dd>
            <dt>{format!("Updated in {}", provider.label())}</dt><dd><RelativeTimeOrNever time=issue.tracker_updated_at/></dd>
            <dt>"Synced"</dt><dd><RelativeTimeOrNever time=issue.synced_at/></dd>
        }
    });
    view! {
        <dt>"Status"</dt><dd>{issue_status(issue.status_kind, &issue.status)}</dd>
        <dt>"Priority"</dt><dd>{text(issue.priority)}</dd>
        <dt>"Type"</dt><dd>{text(issue.issue_type)}</dd>
        <dt>"Assignee"</dt><dd>{issue.assignee.unwrap_or_else(|| "Unassigned".to_owned())}</dd>
        <dt>"Labels"</dt><dd>{label_list(issue.labels)}</dd>
        {synced}
        <dt>"Author"</dt><dd>{issue.author}</dd>
        <dt>"Created"</dt><dd><RelativeTime time=issue.created_at/></dd>
        <dt>"Updated"</dt><dd><RelativeTime time=issue.updated_at/></dd>
        {issue.url.map(|url| {
            let text = url.clone();
            view! { <dt>"Link"</dt><dd><a class="link break" href=url rel="external noopener noreferrer" target="_blank">{text}{icon(Icon::External)}</a></dd> }
        })}
        {issue.sync_error.map(|error| view! { <dt>"Sync error"</dt><dd class="bad-text">{icon(Icon::Warning)}{error}</dd> })}
    }
}

/// The actions: a tracker's issue can be synced, one created in Testbell can be edited.
#[component]
fn IssueActions(issue: Signal<crate::model::issue::Issue>, deleted: RwSignal<bool>, list: String) -> impl IntoView {
    let (toasts, url_state) = (use_toasts(), use_url_state());
    let (delete, sync) = (PageAction::<DeleteIssue>::new(), PageAction::<SyncIssue>::new());
    let confirm_open = RwSignal::new(false);
    delete.on_success(move |()| {
        toasts.done("Issue deleted");
        url_state.go(list.clone());
    });
    sync.on_success(move |()| toasts.done("Sync started. Changes will appear here."));
    let sync_error = sync.error();
    Effect::new(move |_| {
        if let Some(error) = sync_error.get() {
            toasts.failed(error.to_string());
        }
    });
    let id = issue.get_untracked().id;
    let synced = Memo::new(move |_| issue.get().provider.is_some());
    let consequences = move || {
        let mut all = vec![Subject::Issue.spec().deletion.to_owned()];
        if synced.get() {
            all.push("It stays in the tracker. Later changes there won't bring it back.".to_owned());
        }
        all
    };
    view! {
        // A deleted issue is read-only. The dialog stays, because it may be the one deleting the
        // issue.
        <ShowWhen when=move || !deleted.get()>
            <div class="toolbar">
                <ShowWhen
                    when=move || synced.get()
                    fallback=move || view! {
                        <a class="button" href=dynamic_value(move || url_state.with(&[("edit", Some("issue"))])) data-noscroll="">
                            {icon(Icon::Edit)}"Edit issue"
                        </a>
                    }
                >
                    <button type="button" class="button" disabled=sync.pending() on:click=move |_| { sync.dispatch(SyncIssue { id }); }>
                        {icon(Icon::Replay)}"Sync now"
                    </button>
                </ShowWhen>
                <Menu id="item-menu" label="More actions" class="button square">
                    <button type="button" class="danger" on:click=move |_| confirm_open.set(true)>{icon(Icon::Trash)}"Delete issue"</button>
                </Menu>
            </div>
        </ShowWhen>
        <Confirm
            open=confirm_open
            title="Delete this issue?"
            consequences=Signal::derive(consequences)
            confirm_label="Delete issue"
            pending=delete.pending()
            error=delete.error()
            on_confirm=move |()| { delete.dispatch(DeleteIssue { id }); }
        />
    }
}
