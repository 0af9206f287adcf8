//! The request and the response of an attempt, each behind a tab.

use leptos::prelude::*;

use super::exchange::{Exchange, HttpMessage, indent_json};
use crate::components::copy::CopyButton;
use crate::components::dynamic::dynamic_value;
use crate::components::icon::{Icon, icon};
use crate::components::tab_list::TabList;

/// The names of a request or a response.
struct MessageLabels {
    heading: &'static str,
    /// What its copy button copies.
    copy: &'static str,
    /// What the copy button of its body copies.
    copy_body: &'static str,
}

const REQUEST: MessageLabels = MessageLabels { heading: "Request", copy: "the request", copy_body: "the request body" };
const RESPONSE: MessageLabels =
    MessageLabels { heading: "Response", copy: "the response", copy_body: "the response body" };

/// The request that the first attempt will send.
pub fn next_request(exchange: Exchange) -> AnyView {
    exchange.request.map(|request| message(request, &REQUEST)).into_any()
}

/// An exchange. `part` keeps the selected tab while attempts change.
pub fn exchange_view(exchange: Exchange, part: RwSignal<u32>) -> AnyView {
    let Exchange { request, response, note, error } = exchange;
    let error = error.map(|error| {
        let text = Signal::stored(error.clone());
        view! { <p class="note bad">{icon(Icon::Warning)}<span>{error}</span><CopyButton text what="the error"/></p> }
    });
    let note = note.map(|text| view! { <p class="note">{icon(Icon::Info)}<span>{text}</span></p> });
    let list = TabList {
        id: "exchange",
        selected: part.into(),
        select: Callback::new(move |number| part.set(number)),
        vertical: false,
    };
    let names = view! {
        {list.tab(0, "", "Request".into_any())}
        {list.tab(1, "", "Response".into_any())}
    };
    let request = request.map_or_else(|| absent("Nothing was sent."), |request| message(request, &REQUEST));
    let response = response.map_or_else(|| absent("No response."), |response| message(response, &RESPONSE));
    let both = view! {
        {error}
        {note}
        <div hidden=dynamic_value(move || part.get() != 0)>{request}</div>
        <div hidden=dynamic_value(move || part.get() != 1)>{response}</div>
    };
    view! {
        {list.list("Exchange", "tabs", names.into_any())}
        {list.panel(both.into_any())}
    }
    .into_any()
}

fn absent(text: &'static str) -> AnyView {
    view! { <p class="hint">{text}</p> }.into_any()
}

fn message(message: HttpMessage, labels: &'static MessageLabels) -> AnyView {
    let MessageLabels { heading, copy, copy_body } = labels;
    let text = Signal::stored(message.text());
    let HttpMessage { start, headers, body, body_label } = message;
    let body = body.map(|body| {
        let lines = indent_json(&body);
        view! {
            <div class="code">
                <header><h4>{body_label}</h4><CopyButton text=Signal::stored(body) what=*copy_body/></header>
                <pre tabindex="0" aria-label=format!("{heading} body")>{lines}</pre>
            </div>
        }
    });
    let headers = (!headers.is_empty()).then(|| {
        let lines = headers.lines().map(header_line).collect_view();
        view! { <pre tabindex="0" aria-label=format!("{heading} headers")>{lines}</pre> }
    });
    view! {
        <div class="code">
            <header><h4 class="mono">{start}</h4><CopyButton text what=*copy/></header>
            {headers}
        </div>
        {body}
    }
    .into_any()
}

fn header_line(line: &str) -> AnyView {
    let (name, value) = line.split_once(": ").unwrap_or((line, ""));
    view! { <span class="muted">{format!("{name}: ")}</span>{format!("{value}\n")} }.into_any()
}
