//! Erases the payload or the responses of a delivery, and says what was erased.

use leptos::prelude::*;

use crate::api::history::EraseContent;
use crate::components::confirm::Confirm;
use crate::components::dynamic::dynamic;
use crate::components::icon::{Icon, icon};
use crate::components::page_action::PageAction;
use crate::components::toast::use_toasts;
use crate::model::delivery::DeliveryPage;
use crate::model::history::{ErasedPart, Erasure};
use crate::time;

/// What was erased, by whom and when.
pub fn erased_notes(detail: &DeliveryPage) -> AnyView {
    let payload = detail.payload_erased.as_ref().map(|erasure| ("Payload erased".to_owned(), erasure));
    let responses = detail.attempts.iter().filter_map(|attempt| {
        let what = format!("Response of attempt {} erased", attempt.number);
        attempt.response_erased.as_ref().map(|erasure| (what, erasure))
    });
    let note = |(what, Erasure { at, by }): (String, &Erasure)| {
        let text = format!("{what} by {by}, {}", time::absolute(*at));
        view! { <p class="note">{icon(Icon::Info)}<span>{text}</span></p> }
    };
    payload.into_iter().chain(responses).map(note).collect_view().into_any()
}

/// The buttons of project admins.
#[component]
pub fn EraseButtons(shown: RwSignal<DeliveryPage>, #[prop(into)] erased: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let action = PageAction::<EraseContent>::new();
    let (open, part) = (RwSignal::new(false), RwSignal::new(ErasedPart::Payload));
    action.on_success(move |()| {
        open.set(false);
        toasts.done("Erased");
        erased.run(());
    });
    let offered = Memo::new(move |_| {
        shown.with(|detail| ErasedPart::ALL.iter().copied().filter(|part| is_stored(detail, *part)).collect::<Vec<_>>())
    });
    let button = move |which: ErasedPart| {
        let label = match which {
            ErasedPart::Payload => "Erase payload",
            ErasedPart::Response => "Erase responses",
        };
        let click = move |_| {
            action.clear();
            part.set(which);
            open.set(true);
        };
        view! { <button type="button" class="button small" on:click=click>{icon(Icon::Trash)}{label}</button> }
    };
    let buttons = move || {
        let offered = offered.get();
        (!offered.is_empty()).then(|| {
            view! { <section><h3>"Stored content"</h3><div class="toolbar">{offered.into_iter().map(button).collect_view()}</div></section> }
        })
    };
    let title = move || match part.get() {
        ErasedPart::Payload => "Erase the payload?".to_owned(),
        ErasedPart::Response => "Erase the responses?".to_owned(),
    };
    let consequences = move || match part.get() {
        ErasedPart::Payload => vec![
            "The payload is erased in all deliveries of this event, and can't be sent again.".to_owned(),
            "The deliveries stay in the list. This can't be undone.".to_owned(),
        ],
        ErasedPart::Response => vec![
            "The headers and bodies of all responses to this delivery are erased.".to_owned(),
            "The delivery stays in the list. This can't be undone.".to_owned(),
        ],
    };
    let label = move || match part.get() {
        ErasedPart::Payload => "Erase payload".to_owned(),
        ErasedPart::Response => "Erase responses".to_owned(),
    };
    let confirm = move |()| {
        let id = shown.with_untracked(|detail| detail.delivery.id);
        action.dispatch(EraseContent { id, part: part.get_untracked() });
    };
    view! {
        {dynamic(buttons)}
        <Confirm
            open
            title=Signal::derive(title)
            consequences=Signal::derive(consequences)
            confirm_label=Signal::derive(label)
            pending=action.pending()
            error=action.error()
            on_confirm=confirm
        />
    }
}

fn is_stored(detail: &DeliveryPage, part: ErasedPart) -> bool {
    match part {
        ErasedPart::Payload => detail.body.is_some() && !detail.delivery.test,
        ErasedPart::Response => {
            detail.attempts.iter().any(|attempt| attempt.status_code.is_some() && attempt.response_erased.is_none())
        }
    }
}
