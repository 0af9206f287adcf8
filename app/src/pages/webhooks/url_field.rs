//! The URL of a new outbound webhook. Its destination is detected while the user types.

use leptos::prelude::*;

use crate::components::dynamic::dynamic;
use crate::components::field::TextField;
use crate::components::icon::{Icon, icon};
use crate::error::Error;
use crate::model::destination::DestinationKind;

#[component]
pub fn UrlField(error: Signal<Option<Error>>) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let kind = Memo::new(move |_| typed.with(|typed| kind_of_url(typed)));
    let detected = move || {
        let text = kind.get().spec().detected;
        (!text.is_empty()).then(|| view! { <p class="st ok">{icon(Icon::Check)}{text}</p> })
    };
    view! {
        <div class="url-field" on:input=move |event| typed.set(event_target_value(&event))>
            <TextField
                name="url"
                label="URL"
                kind="url"
                placeholder=DestinationKind::Generic.spec().placeholder
                hint="An HTTPS endpoint or the URL of a chat tool"
                required=true
                autofocus=true
                mono=true
                error
            />
            <div role="status">{dynamic(detected)}</div>
        </div>
    }
}

/// Parses the host like the server, with the browser's own parser, because another one would be the
/// largest part of the page's code.
fn kind_of_url(typed: &str) -> DestinationKind {
    // The server renders the field empty.
    if typed.is_empty() {
        return DestinationKind::Generic;
    }
    web_sys::Url::new(typed.trim()).map_or(DestinationKind::Generic, |url| DestinationKind::at_host(&url.hostname()))
}
