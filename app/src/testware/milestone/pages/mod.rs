//! `/projects/{id}/milestones/{milestone}`: one milestone with the progress of its runs and sessions. It
//! follows live changes.

mod form;

use form::{EditMilestoneDialog, NewMilestoneDialog};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::comments::section::Comments;
use crate::components::badge::{self, Tone};
use crate::components::dynamic::dynamic;
use crate::components::icon::{Icon, icon};
use crate::components::progress::progress;
use crate::components::prose::prose;
use crate::components::relative_time::{RelativeTime, use_current_time};
use crate::live::flash;
use crate::model::id::ProjectId;
use crate::pages::item_page::{item_page, live_item};
use crate::testware::group::pages::members::{NO_PROGRESS, members};
use crate::testware::milestone::{Milestone, MilestoneId, MilestoneOverview, MilestoneSource, SourceState, api};
use crate::testware::pages::item_head::item_head;
use crate::testware::pages::{ListBody, ListSpec, SubjectPages, completion_filter};
use crate::time::date;

impl SubjectPages for Milestone {
    const LIST: ListSpec = ListSpec {
        headings: &["Milestone", "Due", "State", "Progress", "Updated"],
        filters: || vec![completion_filter()],
        free_filters: &[],
        no_progress: NO_PROGRESS,
        body: ListBody::Table,
    };

    fn item() -> AnyView {
        view! { <MilestonePage/> }.into_any()
    }

    fn new_dialog(project: ProjectId) -> AnyView {
        view! { <NewMilestoneDialog project/> }.into_any()
    }
}

#[component]
fn MilestonePage() -> impl IntoView {
    let params = use_params_map();
    let id =
        Memo::new(move |_| params.with(|params| params.get("item").and_then(|text| text.parse::<MilestoneId>().ok())));
    item_page(id, api::read_milestone, |_, milestone| view! { <Detail milestone/> }.into_any())
}

#[component]
fn Detail(milestone: MilestoneOverview) -> impl IntoView {
    let (id, project) = (milestone.detail.milestone.id, milestone.detail.milestone.project_id);
    let item = live_item(id.into(), milestone, move || Box::pin(api::read_milestone(id)), |_| {});
    let (shown, deleted, changes, changed) = (item.shown, item.deleted, item.changes, item.changed);
    let detail = Memo::new(move |_| shown.get().detail);
    let shown_milestone = Memo::new(move |_| detail.get().milestone);
    let names = (Signal::derive(move || shown_milestone.get().key), Signal::derive(move || shown_milestone.get().name));
    let completed = Memo::new(move |_| shown_milestone.with(|milestone| milestone.completed_at.is_some()));
    let now = use_current_time();
    let overdue = Memo::new(move |_| shown_milestone.with(|milestone| milestone.is_overdue(now.get().date_naive())));
    let badge = dynamic(move || match (completed.get(), overdue.get()) {
        (true, _) => badge::badge_closed("Completed").into_any(),
        (false, true) => badge::badge(Tone::Warn, "Overdue".to_owned()).into_any(),
        (false, false) => ().into_any(),
    });
    let read_only = Memo::new(move |_| completed.get() || shown_milestone.with(Milestone::is_synced));
    let note = move || {
        shown_milestone.get().completed_at.map(|time| {
            view! {
                <p class="note ok spaced">{icon(Icon::Check)}<span>"Completed "<RelativeTime time/>". Read-only."</span></p>
            }
        })
    };
    view! {
        {item_head((id.into(), project), &item, names, read_only.into(), (badge.into_any(), note.into_any()))}
        {dynamic(move || shown_milestone.get().source.map(source_note))}
        <div class="detail" data-flash=flash(changes)>
            <div class="card">
                <h2>"Progress"</h2>
                {dynamic(move || progress(&shown_milestone.get().counts, NO_PROGRESS))}
                <h2>"Description"</h2>
                {dynamic(move || prose(detail.get().description_html, "None"))}
            </div>
            <dl class="card">{dynamic(move || facts(shown_milestone.get()))}</dl>
        </div>
        <section class="more">
            <h2>"Test runs and sessions"</h2>
            {dynamic(move || members(shown.get().items, "None yet. Choose this milestone in a test run or a session."))}
        </section>
        <Comments item=id.into() project open=Signal::derive(move || !deleted.get())/>
        <EditMilestoneDialog milestone=shown_milestone changed/>
    }
}

/// Says whether a milestone of a tracker follows it.
fn source_note(source: MilestoneSource) -> AnyView {
    let tracker = source.provider.label();
    let text = match source.state {
        SourceState::Synced => format!("Kept in sync with {tracker}. Change it there."),
        SourceState::Off => format!("From {tracker}, but no longer kept in sync."),
        SourceState::Deleted => format!("Deleted in {tracker}. It stays here, and can be edited."),
    };
    view! { <p class="note idle spaced">{icon(Icon::Info)}<span>{text}</span></p> }.into_any()
}

/// The link to a milestone in its tracker.
fn source_link(source: MilestoneSource) -> AnyView {
    let tracker = source.provider.label();
    let link = match source.url.filter(|_| source.state != SourceState::Deleted) {
        Some(url) => view! { <a class="link" href=url target="_blank" rel="noopener noreferrer">{tracker}{icon(Icon::External)}</a> }.into_any(),
        None => tracker.into_any(),
    };
    view! { <dt>"Source"</dt><dd>{link}</dd> }.into_any()
}

fn facts(milestone: Milestone) -> AnyView {
    // The owner of the project did not create it.
    let author = milestone.source.is_none().then(|| view! { <dt>"Author"</dt><dd>{milestone.author}</dd> });
    view! {
        <dt>"Due"</dt><dd>{milestone.due_on.map_or_else(|| "No date".to_owned(), date)}</dd>
        {milestone.source.map(source_link)}
        {author}
        <dt>"Created"</dt><dd><RelativeTime time=milestone.created_at/></dd>
        <dt>"Updated"</dt><dd><RelativeTime time=milestone.updated_at/></dd>
    }
    .into_any()
}
