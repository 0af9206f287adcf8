//! What can be done with an item as a whole: edit, duplicate, complete, delete.

use leptos::prelude::*;

use crate::api::testware::Act;
use crate::components::confirm::Confirm;
use crate::components::failure::{failure, on_success};
use crate::components::toast::use_toasts;
use crate::model::id::ProjectId;
use crate::model::item::{Deed, ItemId, Kind};
use crate::place::use_place;

/// The buttons. What can't be undone asks first.
#[component]
pub fn Deeds(
    id: ItemId,
    project: ProjectId,
    /// Whether it takes no more changes.
    #[prop(into)]
    completed: Signal<bool>,
    /// Whether it was deleted meanwhile, so that it can only be looked at.
    gone: RwSignal<bool>,
    /// Told when it was completed.
    #[prop(into)]
    changed: Callback<()>,
) -> impl IntoView {
    let (toasts, place) = (use_toasts(), use_place());
    let act = ServerAction::<Act>::new();
    let error = failure(act);
    let asking = RwSignal::new(false);
    let asked = RwSignal::new(Deed::Delete);
    let (kind, one) = (id.kind(), id.kind().words().one);
    on_success(act, move |copy| {
        asking.set(false);
        match (copy, asked.get_untracked()) {
            (Some(copy), _) => {
                toasts.done("This is the copy");
                place.go(copy.path(project));
            }
            (None, Deed::Delete) => {
                toasts.done(format!("The {one} was deleted"));
                place.go(kind.path(project));
            }
            (None, _) => {
                toasts.done(format!("The {one} is completed"));
                changed.run(());
            }
        }
    });
    Effect::new(move |_| {
        // A dialog says it by itself.
        if let Some(error) = error.get()
            && !asking.get_untracked()
        {
            toasts.failed(error.to_string());
        }
    });
    let ask = move |deed: Deed| {
        asked.set(deed);
        asking.set(true);
    };
    let button = move |deed: Deed| view! { <button type="button" class="button" on:click=move |_| ask(deed)>{deed.label()}</button> };
    let duplicate = move |_| {
        asked.set(Deed::Duplicate);
        act.dispatch(Act { id, deed: Deed::Duplicate });
    };
    let open = Memo::new(move |_| !completed.get());
    view! {
        // The question stays: it may be what deletes it.
        <Show when=move || !gone.get()>
            <div class="deeds">
                <Show when=move || open.get()>
                    <a class="button" href=move || place.with(&[("edit", Some(kind.as_str()))]) data-noscroll="">"Edit"</a>
                </Show>
                <button type="button" class="button" disabled=act.pending() on:click=duplicate>{Deed::Duplicate.label()}</button>
                <Show when=move || open.get() && kind != Kind::Case>{button(Deed::Complete)}</Show>
                {button(Deed::Delete)}
            </div>
        </Show>
        <Confirm
            open=asking
            title=Signal::derive(move || format!("{} this {one}?", asked.get().label()))
            consequences=Signal::derive(move || consequences(kind, asked.get()))
            deed=Signal::derive(move || format!("{} {one}", asked.get().label()))
            pending=act.pending()
            error
            on_confirm=move |()| { act.dispatch(Act { id, deed: asked.get_untracked() }); }
        />
    }
}

fn consequences(kind: Kind, deed: Deed) -> Vec<String> {
    let all: &[&str] = match (deed, kind) {
        (Deed::Complete, _) => &[
            "It takes no more changes and no more results, in whatever state it is.",
            "This can't be taken back; a duplicate starts anew.",
        ],
        (_, Kind::Case) => &["It disappears from the list.", "Test runs that hold it keep it, with its results."],
        _ => &["It disappears for everyone, with its results."],
    };
    all.iter().map(|&text| text.to_owned()).collect()
}
