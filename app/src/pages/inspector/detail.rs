//! One request: where it came from, how it was answered, its signature, its body and its headers.

use leptos::prelude::*;

use super::InspectorContext;
use super::curl::curl;
use super::requests::{look, size, title};
use crate::components::copy::CopyButton;
use crate::components::dynamic::dynamic;
use crate::components::icon::icon;
use crate::components::number::counted;
use crate::components::relative_time::RelativeTime;
use crate::model::inspector::{InspectorRequestDetail, SignatureCheck};
use crate::pages::deliveries::indent_json;
use crate::time;

/// The selected request. It is rendered again only if another one is selected.
pub fn request_detail(context: InspectorContext) -> AnyView {
    let shown = context.shown;
    let detail = Memo::new(move |_| shown.with(|page| page.detail.clone()));
    let url = Memo::new(move |_| {
        shown.with(|page| page.urls.iter().find(|url| Some(url.id) == page.selected).map(|url| url.url.clone()))
    });
    dynamic(move || detail.get().map(|detail| view(&url.get_untracked().unwrap_or_default(), detail))).into_any()
}

fn view(url: &str, detail: InspectorRequestDetail) -> AnyView {
    let command = curl(url, &detail);
    let request = &detail.request;
    let source = format!(
        "{} from {}. Answered {} in {}.",
        request.method,
        detail.address,
        request.status,
        time::duration(detail.duration_ms)
    );
    let path = (request.event.is_some() && !request.path.is_empty())
        .then(|| view! { <p class="hint mono">{request.path.clone()}</p> });
    view! {
        <div class="row">
            <h2 class="grow" dir="auto">{title(request)}</h2>
            <CopyButton text=Signal::stored(command) what="as cURL" label="Copy as cURL"/>
        </div>
        <p class="hint">{source}" Received "<RelativeTime time=request.received_at/></p>
        {path}
        {signature(&detail)}
        {body(&detail)}
        {headers(&detail)}
    }
    .into_any()
}

fn signature(detail: &InspectorRequestDetail) -> AnyView {
    let check = detail.request.signature;
    let (tone, symbol) = look(check);
    let class = if tone == "idle" { "note".to_owned() } else { format!("note {tone}") };
    let label = match check {
        SignatureCheck::Valid => "Valid signature.",
        SignatureCheck::WrongSecret => "Wrong secret.",
        SignatureCheck::TooOld => "Timestamp too old.",
        SignatureCheck::TooNew => "Timestamp in the future.",
        SignatureCheck::Malformed => "Malformed signature.",
        SignatureCheck::Unsigned => "Unsigned.",
        SignatureCheck::NotChecked => "Signature not checked.",
    };
    view! { <p class=class>{icon(symbol)}<span><b>{label}</b>" "{detail.signature_detail.clone()}</span></p> }
        .into_any()
}

fn body(detail: &InspectorRequestDetail) -> AnyView {
    let label = match (detail.request.truncated, &detail.body) {
        (true, _) => "First part of the body".to_owned(),
        (false, Some(_)) => format!("Body, {}", size(&detail.request)),
        (false, None) => format!("Body in Base64, {}", size(&detail.request)),
    };
    let text = detail.body.clone().or(detail.body_base64.clone()).unwrap_or_default();
    if text.is_empty() {
        return view! { <div class="code"><header><h3>"Empty body"</h3></header></div> }.into_any();
    }
    let lines = if detail.body.is_some() { indent_json(&text) } else { text.clone() };
    view! {
        <div class="code">
            <header><h3>{label}</h3><CopyButton text=Signal::stored(text) what="the body"/></header>
            <pre tabindex="0" aria-label="Body">{lines}</pre>
        </div>
    }
    .into_any()
}

fn headers(detail: &InspectorRequestDetail) -> AnyView {
    let count = counted(u32::try_from(detail.headers.len()).unwrap_or(u32::MAX), "header", "headers");
    let more = if detail.headers_truncated { ", more were left out" } else { "" };
    let lines: Vec<_> = detail.headers.iter().map(|header| format!("{}: {}", header.name, header.value)).collect();
    let rows = detail
        .headers
        .iter()
        .map(|header| view! { <dt>{header.name.clone()}</dt><dd>{header.value.clone()}</dd> })
        .collect_view();
    view! {
        <div class="code">
            <header><h3>{format!("{count}{more}")}</h3><CopyButton text=Signal::stored(lines.join("\n")) what="the headers"/></header>
            <dl class="header-list">{rows}</dl>
        </div>
    }
    .into_any()
}
