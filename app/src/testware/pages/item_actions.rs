//! The actions of an item: one button, and a menu with the others.

use leptos::prelude::*;

use crate::components::confirm::Confirm;
use crate::components::dynamic::{ShowWhen, dynamic, dynamic_value};
use crate::components::icon::{Icon, icon};
use crate::components::menu::Menu;
use crate::components::page_action::PageAction;
use crate::components::toast::use_toasts;
use crate::model::id::ProjectId;
use crate::model::item_id::ItemId;
use crate::testware::api::ApplyAction;
use crate::testware::item::ItemAction;
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
            (None, _) => {
                toasts.done(format!("{headline} completed"));
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
    let duplicate = move |class: &'static str| {
        let duplicate = move |_| {
            requested.set(ItemAction::Duplicate);
            apply.dispatch(ApplyAction { id, action: ItemAction::Duplicate });
        };
        view! {
            <button type="button" class=class disabled=apply.pending() on:click=duplicate>
                {icon(Icon::Copy)}{label(ItemAction::Duplicate.label())}
            </button>
        }
        .into_any()
    };
    let edit = move |class: &'static str| {
        let href = dynamic_value(move || url_state.with(&[("edit", Some(spec.param))]));
        view! { <a class=class href=href data-noscroll="">{icon(Icon::Edit)}{label("Edit")}</a> }.into_any()
    };
    let complete = move || {
        view! {
            <button type="button" class="button" on:click=move |_| confirm(ItemAction::Complete)>
                {label(ItemAction::Complete.label())}
            </button>
        }
        .into_any()
    };
    let open = Memo::new(move |_| !completed.get());
    let can_complete = spec.completion.is_some();
    let visible = move || match (open.get(), can_complete) {
        (true, true) => complete(),
        (true, false) => edit("button"),
        (false, _) => duplicate("button"),
    };
    view! {
        // The dialog stays, because it may be the one deleting the item.
        <ShowWhen when=move || !deleted.get()>
            <div class="toolbar">
                {dynamic(visible)}
                <Menu id="item-menu" label="More actions" class="button square">
                    {dynamic(move || (open.get() && can_complete).then(|| edit("")))}
                    {dynamic(move || open.get().then(|| duplicate("")))}
                    <hr/>
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
                let text = if requested.get() == ItemAction::Complete { spec.completion } else { Some(spec.deletion) };
                text.into_iter().map(str::to_owned).collect()
            })
            confirm_label=Signal::derive(move || label(requested.get().label()))
            pending=apply.pending()
            error
            on_confirm=move |()| { apply.dispatch(ApplyAction { id, action: requested.get_untracked() }); }
        />
    }
}
