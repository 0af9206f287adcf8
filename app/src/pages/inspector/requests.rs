//! The list of requests, newest first.

use leptos::prelude::*;

use super::InspectorContext;
use super::dialogs::InspectorDialog;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::icon::{Icon, icon};
use crate::components::number::counted;
use crate::components::relative_time::RelativeTime;
use crate::model::inspector::{InspectorRequest, SignatureCheck};

pub fn request_list(context: InspectorContext) -> AnyView {
    let shown = context.shown;
    let requests = Memo::new(move |_| shown.with(|page| page.requests.clone()));
    let count = move || {
        let count = u32::try_from(requests.with(Vec::len)).unwrap_or(u32::MAX);
        counted(count, "request", "requests")
    };
    let clear = move |_| {
        let selected = shown.with_untracked(|page| page.urls.iter().find(|url| Some(url.id) == page.selected).cloned());
        context.dialog.set(selected.map(|url| (InspectorDialog::Clear, url)));
    };
    view! {
        <div class="request-list">
            <header><h2>{dynamic(count)}</h2><button type="button" class="button quiet small" on:click=clear>"Clear"</button></header>
            <ul>
                <For each=move || requests.get() key=|request| request.id let:request>{row(context, request)}</For>
            </ul>
        </div>
    }
    .into_any()
}

fn row(context: InspectorContext, request: InspectorRequest) -> AnyView {
    let id = request.id;
    let href = move || context.url_state.with(&[("request", Some(&id.to_string()))]);
    let current = move || {
        let shown = context.shown.with(|page| page.detail.as_ref().map(|detail| detail.request.id));
        (shown == Some(id)).then_some("true")
    };
    let (class, symbol) = look(request.signature);
    let title = title(&request);
    view! {
        <li>
            <a href=dynamic_value(href) data-noscroll="" class=class aria-current=dynamic_value(current)>
                {icon(symbol)}
                <b class="clip" title=title.clone()>{title.clone()}</b>
                <span class="hint">{summary(&request)}</span>
                <RelativeTime time=request.received_at/>
            </a>
        </li>
    }
    .into_any()
}

/// The event, or else the path.
pub fn title(request: &InspectorRequest) -> String {
    let path = if request.path.is_empty() { "/" } else { &request.path };
    request.event.clone().unwrap_or_else(|| path.to_owned())
}

/// The tone and the icon of a signature check.
pub fn look(signature: SignatureCheck) -> (&'static str, Icon) {
    match signature {
        SignatureCheck::Valid => ("ok", Icon::Shield),
        SignatureCheck::WrongSecret | SignatureCheck::Malformed => ("bad", Icon::ShieldCross),
        SignatureCheck::TooOld | SignatureCheck::TooNew => ("bad", Icon::Clock),
        SignatureCheck::Unsigned | SignatureCheck::NotChecked => ("idle", Icon::Block),
    }
}

fn summary(request: &InspectorRequest) -> String {
    format!("{}, {}, {}", request.method, size(request), request.signature.label())
}

/// `214 bytes`, `1.1 kB`, `empty`, `over 256 KiB`.
pub fn size(request: &InspectorRequest) -> String {
    match request.body_bytes {
        _ if request.truncated => "over 256 KiB".to_owned(),
        0 => "empty".to_owned(),
        bytes @ 1..1000 => counted(bytes, "byte", "bytes"),
        bytes => format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100),
    }
}
