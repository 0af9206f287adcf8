//! `/api/docs`: the OpenAPI document as a page in the product's style, without scripts.

mod operation;
mod schema;

use std::sync::{Arc, LazyLock};

use axum::Extension;
use axum::response::{Html, IntoResponse, Response};
use leptos::prelude::*;
use serde_json::Value;

use super::V1;
use crate::assets::Assets;

/// The page. It is rendered at its first request, because that takes longer than the rest of the
/// start.
#[derive(Clone)]
pub struct ReferencePage(Arc<LazyLock<String, Box<dyn FnOnce() -> String + Send>>>);

impl ReferencePage {
    /// Creates the page of a document.
    pub fn new(document: impl FnOnce() -> Value + Send + 'static, assets: &Assets) -> Self {
        let assets = assets.clone();
        Self(Arc::new(LazyLock::new(Box::new(move || render(&document(), &assets)))))
    }
}

/// Serves the page.
pub async fn page(Extension(ReferencePage(html)): Extension<ReferencePage>) -> Response {
    Html(html.to_string()).into_response()
}

/// Renders the page from an OpenAPI document.
fn render(document: &Value, assets: &Assets) -> String {
    let operations = operation::by_tag(document);
    let contents = operations.iter().map(|(tag, operations)| {
        let links = operations.iter().map(|operation| {
            let href = format!("#{}", operation.id());
            view! { <li><a href=href>{operation.name()}</a></li> }.into_any()
        });
        view! { <li><a class="title" href=format!("#{}", anchor(tag))>{tag.clone()}</a><ul>{links.collect_view()}</ul></li> }
            .into_any()
    });
    let sections = operations.iter().map(|(tag, operations)| {
        let id = anchor(tag);
        let heading = id.clone();
        let operations = operations.iter().map(|operation| operation.view(document));
        view! {
            <section aria-labelledby=id>
                <h2 id=heading>{tag.clone()}</h2>
                {operations.collect_view()}
            </section>
        }
        .into_any()
    });
    let body = view! {
        <a class="skip-link" href="#main">"Skip to content"</a>
        <header class="reference-head">
            <a class="brand" href="/">"Testbell"</a>
            <a class="button small" href="/">"Back to Testbell"</a>
        </header>
        <nav class="reference-nav" aria-label="Operations"><ul>{contents.collect_view()}<li><a class="title" href="#schemas">"Schemas"</a></li></ul></nav>
        <main id="main" class="reference" tabindex="-1">
            <h1>"API reference"</h1>
            <p class="lead">{described(&document["info"]["description"])}</p>
            <p><a class="link" href=format!("{V1}/openapi.json")>"OpenAPI document"</a></p>
            {sections.collect_view()}
            <section aria-labelledby="schemas">
                <h2 id="schemas">"Schemas"</h2>
                {schema::all(document).collect_view()}
            </section>
        </main>
    };
    let head = view! {
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <link rel="stylesheet" href=assets.css.clone()/>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
    };
    format!(
        "<!DOCTYPE html><html lang=\"en\" data-ready><head><title>API reference · Testbell</title>{}</head><body class=\"reference-page\">{}</body></html>",
        head.to_html(),
        body.to_html()
    )
}

/// An ID within the page.
fn anchor(text: &str) -> String {
    text.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-")
}

/// A description, with code spans.
fn described(value: &Value) -> AnyView {
    let text = text(value);
    let parts = text.split('`').enumerate().map(|(index, part)| {
        let part = part.to_owned();
        if index % 2 == 1 { view! { <code>{part}</code> }.into_any() } else { part.into_any() }
    });
    parts.collect_view().into_any()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
