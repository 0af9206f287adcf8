//! The custom headers of a webhook: names and values. Stored values are not shown; an empty field keeps them.

use leptos::prelude::*;

use crate::components::dynamic::dynamic_value;
use crate::components::field::FieldError;
use crate::components::focus::focus;
use crate::components::icon::{Icon, icon};
use crate::error::Error;
use crate::model::custom_header::CustomHeader;

/// A row with a number of its own, and the name of a stored header.
type HeaderRow = (u32, Option<String>);

const ADD: &str = "header-add";

/// The fields, closed at first: most webhooks have no custom headers.
pub fn header_fields(stored: Vec<CustomHeader>, error: Signal<Option<Error>>) -> AnyView {
    let rows: Vec<HeaderRow> = (0..).zip(stored.into_iter().map(|header| Some(header.name))).collect();
    let last = StoredValue::new(u32::try_from(rows.len()).unwrap_or(0));
    let rows = RwSignal::new(rows);
    let add = move |_| {
        let number = last.get_value();
        last.set_value(number + 1);
        rows.update(|rows| rows.push((number, None)));
        request_animation_frame(move || focus(&format!("header-{number}-name")));
    };
    view! {
        <details class="disclosure">
            <summary>{icon(Icon::ChevronDown)}"Custom headers"</summary>
            <input type="hidden" name="connection[has_headers]" value="true"/>
            <p class="hint">"Sent with each request, e.g. for a gateway. Saved values are encrypted and not shown again."</p>
            <FieldError name="customHeaders" error/>
            <For each=move || rows.get() key=|row| row.0 children=move |row| header_row(rows, row)/>
            <button type="button" id=ADD class="button small" on:click=add>{icon(Icon::Plus)}"Add header"</button>
        </details>
    }
    .into_any()
}

fn header_row(rows: RwSignal<Vec<HeaderRow>>, (number, stored): HeaderRow) -> AnyView {
    let position = move || rows.with(|rows| rows.iter().position(|row| row.0 == number)).map_or(0, |index| index + 1);
    let id = |part: &str| format!("header-{number}-{part}");
    let placeholder = if stored.is_some() { "Unchanged" } else { "" };
    let remove = move |_| {
        rows.update(|rows| rows.retain(|row| row.0 != number));
        request_animation_frame(|| focus(ADD));
    };
    view! {
        <div class="header-row" role="group" aria-label=dynamic_value(move || format!("Header {}", position()))>
            <div class="field">
                <label for=id("name")>"Name"</label>
                <input id=id("name") type="text" name="connection[header_names][]" class="mono" value=stored autocomplete="off"/>
            </div>
            <div class="field">
                <label for=id("value")>"Value"</label>
                <input id=id("value") type="text" name="connection[header_values][]" class="mono" placeholder=placeholder autocomplete="off"/>
            </div>
            <button type="button" class="button quiet small" aria-label=dynamic_value(move || format!("Remove header {}", position())) on:click=remove>
                {icon(Icon::Cross)}
            </button>
        </div>
    }
    .into_any()
}
