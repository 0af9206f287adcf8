//! `/projects/{id}/issues/{issue}`: one issue with all that its tracker tells. It changes in place.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::issue_form::EditIssueDialog;
use super::testware::{IssueResults, of_issue};
use crate::api;
use crate::api::issues::{DeleteIssue, SyncIssue};
use crate::components::badge::issue_status;
use crate::components::confirm::Confirm;
use crate::components::failure::{PageError, failure, on_success};
use crate::components::icon::{Icon, icon};
use crate::components::skeleton::Skeleton;
use crate::components::toast::use_toasts;
use crate::components::when::{When, WhenOrNever};
use crate::error::Error;
use crate::live::{Heard, use_live};
use crate::model::id::IssueId;
use crate::model::issue::IssueDetail;
use crate::model::live::What;
use crate::place::use_place;

/// See the [module](self).
#[component]
pub fn Issue() -> impl IntoView {
    let params = use_params_map();
    let id =
        Memo::new(move |_| params.with(|params| params.get("issue").and_then(|text| text.parse::<IssueId>().ok())));
    let place = use_place();
    let asked = Memo::new(move |_| (id.get(), place.param("results")));
    let issue = Resource::new_blocking(
        move || asked.get(),
        |(id, results)| async move {
            let id = id.ok_or(Error::NotFound)?;
            // Results that can't be read leave the issue on the page.
            let (detail, results) = futures::join!(api::issues::read_issue(id), of_issue(id, results));
            detail.map(|detail| (detail, results))
        },
    );
    view! {
        <Transition fallback=|| view! { <Skeleton lines=10/> }>
            {move || Suspend::new(async move {
                match issue.await {
                    Ok((detail, found)) => {
                        let (id, (_, cursor)) = (detail.issue.id, asked.get_untracked());
                        view! { <Detail detail/><IssueResults id cursor found/> }.into_any()
                    }
                    Err(error) => view! { <PageError error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Detail(detail: IssueDetail) -> impl IntoView {
    let id = detail.issue.id;
    let list = format!("/projects/{}/issues", detail.issue.project_id);
    let shown = RwSignal::new(detail);
    let gone = RwSignal::new(false);
    let changes = RwSignal::new(0u32);
    let read = move || async move {
        match api::issues::read_issue(id).await {
            Ok(detail) if shown.try_with_untracked(|shown| *shown != detail) == Some(true) => {
                shown.set(detail);
                changes.update(|changes| *changes += 1);
            }
            Err(Error::NotFound) => {
                let _ = gone.try_set(true);
            }
            _ => {}
        }
    };
    use_live(move |heard| match heard {
        Heard::Changed(What::IssueUpdated { issue_id }) if issue_id == id => leptos::task::spawn_local(read()),
        Heard::Changed(What::IssueDeleted { issue_id }) if issue_id == id => gone.set(true),
        Heard::Missed => leptos::task::spawn_local(read()),
        Heard::Changed(_) => {}
    });
    let flash = move || match changes.get() {
        0 => None,
        odd if odd % 2 == 1 => Some("a"),
        _ => Some("b"),
    };
    let issue = Signal::derive(move || shown.get().issue);
    view! {
        <Title text=move || issue.get().title/>
        <p class="crumbs"><a href=list.clone()>"Issues"</a></p>
        <Show when=move || gone.get()>
            <p class="note warn" role="status">{icon(Icon::Warning)}"This issue was deleted. What you see is the last of it."</p>
        </Show>
        <header class="page-head issue-head">
            <div>
                {move || issue.get().key.map(|key| view! { <p class="key">{key}</p> })}
                <h1>{move || issue.get().title}</h1>
            </div>
            <Deeds issue gone list/>
        </header>
        <div class="detail" data-flash=flash>
            <div class="card prose">
                {move || {
                    let html = shown.get().description_html;
                    if html.trim().is_empty() {
                        view! { <p class="hint">"No description."</p> }.into_any()
                    } else {
                        // The server has made it safe.
                        view! { <div inner_html=html></div> }.into_any()
                    }
                }}
            </div>
            <dl class="card facts-list">{move || facts(issue.get())}</dl>
        </div>
        <EditIssueDialog issue/>
    }
}

fn facts(issue: crate::model::issue::Issue) -> impl IntoView {
    let text = |text: Option<String>| text.unwrap_or_else(|| "None".to_owned());
    let labels = if issue.labels.is_empty() {
        "None".into_any()
    } else {
        let all = issue.labels.into_iter().map(|label| view! { <span class="label">{label}</span> }).collect_view();
        view! { <span class="labels">{all}</span> }.into_any()
    };
    let mirrored = issue.provider.map(|provider| {
        view! {
            <dt>"Tracker"</dt><dd>{provider.label()}</dd>
            <dt>"Changed there"</dt><dd><WhenOrNever time=issue.tracker_updated_at/></dd>
            <dt>"Synced"</dt><dd><WhenOrNever time=issue.synced_at/></dd>
        }
    });
    view! {
        <dt>"Status"</dt><dd>{issue_status(issue.status_kind, &issue.status)}</dd>
        <dt>"Priority"</dt><dd>{text(issue.priority)}</dd>
        <dt>"Type"</dt><dd>{text(issue.issue_type)}</dd>
        <dt>"Assignee"</dt><dd>{issue.assignee.unwrap_or_else(|| "Nobody".to_owned())}</dd>
        <dt>"Labels"</dt><dd>{labels}</dd>
        {mirrored}
        <dt>"Author"</dt><dd>{issue.author}</dd>
        <dt>"Created"</dt><dd><When time=issue.created_at/></dd>
        <dt>"Changed here"</dt><dd><When time=issue.updated_at/></dd>
        {issue.url.map(|url| {
            let text = url.clone();
            view! { <dt>"Link"</dt><dd><a class="link break" href=url rel="external noopener noreferrer" target="_blank">{text}{icon(Icon::External)}</a></dd> }
        })}
        {issue.sync_error.map(|error| view! { <dt>"Last sync"</dt><dd class="bad-text">{icon(Icon::Warning)}{error}</dd> })}
    }
}

/// What can be done with it: a mirrored issue is synced, one of our own is edited.
#[component]
fn Deeds(issue: Signal<crate::model::issue::Issue>, gone: RwSignal<bool>, list: String) -> impl IntoView {
    let (toasts, place) = (use_toasts(), use_place());
    let (delete, sync) = (ServerAction::<DeleteIssue>::new(), ServerAction::<SyncIssue>::new());
    let asking = RwSignal::new(false);
    on_success(delete, move |()| {
        toasts.done("The issue was deleted");
        place.go(list.clone());
    });
    on_success(sync, move |()| toasts.done("It is read from the tracker again; changes appear here"));
    let sync_error = failure(sync);
    Effect::new(move |_| {
        if let Some(error) = sync_error.get() {
            toasts.failed(error.to_string());
        }
    });
    let id = issue.get_untracked().id;
    let mirrored = Memo::new(move |_| issue.get().provider.is_some());
    let consequences = move || {
        let mut all = vec!["It disappears here for everyone; events are sent to subscribed webhooks.".to_owned()];
        if mirrored.get() {
            all.push("The tracker keeps it. Its later changes do not bring it back.".to_owned());
        }
        all
    };
    view! {
        // What was deleted can only be looked at. The question stays: it may be what deletes it.
        <Show when=move || !gone.get()>
            <div class="deeds">
                <Show
                    when=move || mirrored.get()
                    fallback=move || view! { <a class="button" href=move || place.with(&[("edit", Some("issue"))]) data-noscroll="">"Edit"</a> }
                >
                    <button type="button" class="button" disabled=sync.pending() on:click=move |_| { sync.dispatch(SyncIssue { id }); }>
                        "Sync now"
                    </button>
                </Show>
                <button type="button" class="button" on:click=move |_| asking.set(true)>"Delete"</button>
            </div>
        </Show>
        <Confirm
            open=asking
            title="Delete this issue?"
            consequences=Signal::derive(consequences)
            deed="Delete issue"
            pending=delete.pending()
            error=failure(delete)
            on_confirm=move |()| { delete.dispatch(DeleteIssue { id }); }
        />
    }
}
