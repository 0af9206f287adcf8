//! The operations on the reference page.

use leptos::prelude::*;
use serde_json::Value;

use super::{anchor, described, schema, text};
use crate::rest::V1;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// One method of one path.
pub struct Operation<'a> {
    method: &'static str,
    path: &'a str,
    document: &'a Value,
}

/// All operations by tag, in the order of the document.
pub fn by_tag(document: &Value) -> Vec<(String, Vec<Operation<'_>>)> {
    let mut tags: Vec<(String, Vec<Operation<'_>>)> = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            let Some(found) = methods.get(method) else { continue };
            let tag = text(&found["tags"][0]);
            let operation = Operation { method, path, document: found };
            match tags.iter_mut().find(|(other, _)| *other == tag) {
                Some((_, operations)) => operations.push(operation),
                None => tags.push((tag, vec![operation])),
            }
        }
    }
    tags
}

impl Operation<'_> {
    /// Its ID on the page.
    pub fn id(&self) -> String {
        anchor(&format!("{}{}", self.method, self.path))
    }

    /// Its short name.
    pub fn name(&self) -> String {
        text(&self.document["summary"])
    }

    /// The operation as a card.
    pub fn view(&self, root: &Value) -> AnyView {
        let id = self.id();
        let heading = id.clone();
        view! {
            <article class="card operation" aria-labelledby=id>
                <h3 id=heading>{self.name()}</h3>
                <p class="endpoint"><span class=format!("method {}", self.method)>{self.method.to_ascii_uppercase()}</span>" "<code>{format!("{V1}{}", self.path)}</code></p>
                <p>{described(&self.document["description"])}</p>
                {self.parameters()}
                {self.request(root)}
                {self.responses()}
            </article>
        }
        .into_any()
    }

    fn parameters(&self) -> Option<AnyView> {
        let parameters = self.document["parameters"].as_array().filter(|all| !all.is_empty())?;
        let rows = parameters.iter().map(|parameter| {
            let required = if parameter["required"] == true { "required" } else { "optional" };
            view! {
                <tr>
                    <td><code>{text(&parameter["name"])}</code></td>
                    <td>{schema::type_view(&parameter["schema"])}</td>
                    <td>{text(&parameter["in"])}", "{required}</td>
                    <td>{described(&parameter["description"])}</td>
                </tr>
            }
            .into_any()
        });
        let table = view! {
            <h4>"Parameters"</h4>
            <div class="table-wrap" role="group" aria-label="Parameters" tabindex="0">
                <table>
                    <thead><tr><th>"Name"</th><th>"Type"</th><th>"In"</th><th>"Description"</th></tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        };
        Some(table.into_any())
    }

    fn request(&self, root: &Value) -> Option<AnyView> {
        let content = self.document["requestBody"]["content"].as_object()?;
        let bodies = content.iter().map(|(media, body)| {
            let schema = &body["schema"];
            view! { <p><code>{media.clone()}</code>": "{schema::type_view(schema)}</p>{schema::properties(schema, root)} }.into_any()
        });
        Some(view! { <h4>"Request body"</h4>{bodies.collect_view()} }.into_any())
    }

    fn responses(&self) -> AnyView {
        let responses = self.document["responses"].as_object();
        let rows = responses.into_iter().flatten().map(|(status, response)| {
            let schemas = response["content"].as_object().into_iter().flatten();
            let body = schemas.map(|(_, content)| schema::type_view(&content["schema"])).collect_view();
            view! { <tr><td><code>{status.clone()}</code></td><td>{body}</td><td>{described(&response["description"])}</td></tr> }
                .into_any()
        });
        view! {
            <h4>"Responses"</h4>
            <div class="table-wrap" role="group" aria-label="Responses" tabindex="0">
                <table>
                    <thead><tr><th>"Status"</th><th>"Body"</th><th>"Description"</th></tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        }
        .into_any()
    }
}
