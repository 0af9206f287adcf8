//! The actions of an item: one button, and a menu with the others.

use leptos::prelude::*;

use crate::components::confirm::Confirm;
use crate::components::dynamic::{ShowWhen, dynamic, dynamic_value};
use crate::components::icon::{Icon, icon};
use crate::components::menu::Menu;
use crate::components::page_action::PageAction;
use crate::components::toast::use_toasts;
use crate::model::catalog::Verb;
use crate::model::id::ProjectId;
use crate::model::item_id::ItemId;
use crate::testware::api::ApplyAction;
use crate::testware::item::ItemAction;
use crate::testware::report::{has_report, report_path};
use crate::url_state::use_url_state;

/// Actions that can't be undone ask for confirmation.
#[component]
pub fn ItemActions(
    id: ItemId,
    project: ProjectId,
    /// Whether it is read-only.
    #[prop(into)]
    completed: Signal<bool>,
    /// Whether it was deleted in the meantime.
    deleted: RwSignal<bool>,
    /// Runs when it was completed.
    #[prop(into)]
    changed: Callback<()>,
) -> impl IntoView {
    let (toasts, url_state) = (use_toasts(), use_url_state());
    let apply = PageAction::<ApplyAction>::new();
    let error = apply.error();
    let confirm_open = RwSignal::new(false);
    let requested = RwSignal::new(ItemAction::Delete);
    let subject = id.subject();
    let spec = subject.spec();
    let (noun, headline) = (spec.noun, spec.headline);
    apply.on_success(move |copy| {
        confirm_open.set(false);
        match (copy, requested.get_untracked()) {
            (Some(copy), _) => {
                toasts.done(format!("{headline} duplicated"));
                url_state.go(copy.path(project));
            }
            (None, ItemAction::Delete) => {
                toasts.done(format!("{headline} deleted"));
                url_state.go(subject.list_path(project));
            }
            (None, action) => {
                let ended = if action == ItemAction::Abort { "aborted" } else { "completed" };
                toasts.done(format!("{headline} {ended}"));
                changed.run(());
            }
        }
    });
    Effect::new(move |_| {
        // An open dialog shows the error itself.
        if let Some(error) = error.get()
            && !confirm_open.get_untracked()
        {
            toasts.failed(error.to_string());
        }
    });
    let confirm = move |action: ItemAction| {
        requested.set(action);
        confirm_open.set(true);
    };
    let label = move |verb: &str| format!("{verb} {noun}");
    let copy = move |action: ItemAction, class: &'static str| {
        let copy = move |_| {
            requested.set(action);
            apply.dispatch(ApplyAction { id, action });
        };
        view! {
            <button type="button" class=class disabled=apply.pending() on:click=copy>
                {icon(Icon::Copy)}{if action == ItemAction::Duplicate { label(action.label()) } else { action.label().to_owned() }}
            </button>
        }
        .into_any()
    };
    let duplicate = move |class| copy(ItemAction::Duplicate, class);
    let edit = move |class: &'static str| {
        let href = dynamic_value(move || url_state.with(&[("edit", Some(spec.param))]));
        view! { <a class=class href=href data-noscroll="">{icon(Icon::Edit)}{label("Edit")}</a> }.into_any()
    };
    let share = move || {
        let href = dynamic_value(move || url_state.with(&[("share", Some("link"))]));
        view! { <a href=href data-noscroll="">{icon(Icon::External)}"Share public link"</a> }.into_any()
    };
    let complete = move || {
        view! {
            <button type="button" class="button" on:click=move |_| confirm(ItemAction::Complete)>
                {label(ItemAction::Complete.label())}
            </button>
        }
        .into_any()
    };
    let abort = move || {
        view! {
            <button type="button" class="danger" on:click=move |_| confirm(ItemAction::Abort)>
                {icon(Icon::Off)}{label(ItemAction::Abort.label())}
            </button>
        }
        .into_any()
    };
    let open = Memo::new(move |_| !completed.get());
    let (can_complete, can_abort) = (spec.completion.is_some(), spec.abort.is_some());
    // A run has cases that failed, and can be aborted.
    let has_cases = can_abort;
    let can_edit = subject.has(Verb::Updated);
    let can_duplicate = subject.has(Verb::Duplicated);
    let can_share = subject.has(Verb::PublicLinkEnabled);
    let visible = move || match (open.get(), can_complete) {
        (true, true) => complete(),
        (true, false) if can_edit => edit("button"),
        (true, false) => ().into_any(),
        (false, _) => can_duplicate.then(|| duplicate("button")).into_any(),
    };
    view! {
        // The dialog stays, because it may be the one deleting the item.
        <ShowWhen when=move || !deleted.get()>
            <div class="toolbar">
                {has_report(subject).then(|| view! { <a class="button" href=report_path(id, project)>"Report"</a> })}
                {dynamic(visible)}
                <Menu id="item-menu" label="More actions" class="button square">
                    {dynamic(move || (open.get() && can_complete && can_edit).then(|| edit("")))}
                    {dynamic(move || (open.get() && can_duplicate).then(|| duplicate("")))}
                    {has_cases.then(|| copy(ItemAction::DuplicateFailed, ""))}
                    {can_share.then(share)}
                    <hr/>
                    {dynamic(move || (open.get() && can_abort).then(abort))}
                    <button type="button" class="danger" on:click=move |_| confirm(ItemAction::Delete)>
                        {icon(Icon::Trash)}{label(ItemAction::Delete.label())}
                    </button>
                </Menu>
            </div>
        </ShowWhen>
        <Confirm
            open=confirm_open
            title=Signal::derive(move || format!("{} this {noun}?", requested.get().label()))
            consequences=Signal::derive(move || {
                let text = match requested.get() {
                    ItemAction::Complete => spec.completion,
                    ItemAction::Abort => spec.abort,
                    _ => Some(spec.deletion),
                };
                text.into_iter().map(str::to_owned).collect()
            })
            confirm_label=Signal::derive(move || label(requested.get().label()))
            pending=apply.pending()
            error
            on_confirm=move |()| { apply.dispatch(ApplyAction { id, action: requested.get_untracked() }); }
        />
    }
}
