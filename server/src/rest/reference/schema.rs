//! Schemas on the reference page.

use leptos::prelude::*;
use serde_json::Value;

use super::{described, text};

const REFERENCE: &str = "#/components/schemas/";

/// All named schemas as cards.
pub fn all(document: &Value) -> impl Iterator<Item = AnyView> + '_ {
    let schemas = document["components"]["schemas"].as_object().into_iter().flatten();
    schemas.map(move |(name, schema)| {
        let id = id(name);
        let heading = id.clone();
        view! {
            <article class="card operation" aria-labelledby=id>
                <h3 id=heading><code>{name.clone()}</code></h3>
                <p>{described(&schema["description"])}</p>
                {values(schema).map(|values| view! { <p>"One of "{values}"."</p> })}
                {schema.get("anyOf").map(|_| view! { <p>{type_view(schema)}</p> })}
                {properties(schema, document)}
            </article>
        }
        .into_any()
    })
}

/// The type of a value: a link to a named schema, or its JSON type.
pub fn type_view(schema: &Value) -> AnyView {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix(REFERENCE)) {
        return view! { <a class="link" href=format!("#{}", id(name))>{name.to_owned()}</a> }.into_any();
    }
    for combined in ["oneOf", "anyOf", "allOf"] {
        if let Some(parts) = schema[combined].as_array() {
            let parts = parts
                .iter()
                .enumerate()
                .map(|(index, part)| view! { {(index > 0).then_some(" or ")}{type_view(part)} }.into_any());
            return parts.collect_view().into_any();
        }
    }
    if schema["type"] == "array" {
        return view! { "array of "{type_view(&schema["items"])} }.into_any();
    }
    let types: Vec<_> = match &schema["type"] {
        Value::Array(types) => types.iter().map(text).collect(),
        one => vec![text(one)],
    };
    let format = schema["format"].as_str().map(|format| format!(" ({format})")).unwrap_or_default();
    let values = values(schema).map(|values| view! { ": "{values} });
    view! { {format!("{}{format}", types.join(" or "))}{values} }.into_any()
}

fn values(schema: &Value) -> Option<AnyView> {
    let values = schema["enum"].as_array()?.iter().enumerate().map(|(index, value)| {
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        view! { {(index > 0).then_some(", ")}<code>{shown}</code> }.into_any()
    });
    Some(values.collect_view().into_any())
}

/// A table of the properties of a schema, or of the one it refers to.
pub fn properties(schema: &Value, document: &Value) -> Option<AnyView> {
    let mut rows = Vec::new();
    collect(schema, document, 0, &mut rows);
    if rows.is_empty() {
        return None;
    }
    let table = view! {
        <div class="table-wrap" role="group" aria-label="Properties" tabindex="0">
            <table>
                <thead><tr><th>"Property"</th><th>"Type"</th><th>"Required"</th><th>"Description"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    };
    Some(table.into_any())
}

/// Follows references and combined schemas, which are never nested deeply.
fn collect(schema: &Value, document: &Value, depth: usize, rows: &mut Vec<AnyView>) {
    const MAX_DEPTH: usize = 5;
    if depth > MAX_DEPTH {
        return;
    }
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix(REFERENCE)) {
        return collect(&document["components"]["schemas"][name], document, depth + 1, rows);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        collect(part, document, depth + 1, rows);
    }
    let required = |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|it| it == name));
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let required = if required(name) { "Yes" } else { "No" };
        let row = view! {
            <tr>
                <td><code>{name.clone()}</code></td>
                <td>{type_view(property)}</td>
                <td>{required}</td>
                <td>{described(&property["description"])}</td>
            </tr>
        };
        rows.push(row.into_any());
    }
}

fn id(name: &str) -> String {
    format!("schema-{name}")
}
