//! Completes the OpenAPI document of the handlers' annotations. What follows from the shape of an
//! operation is added by rule, so that no annotation can forget it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

use super::etag;
use super::idempotency::MAX_KEY_CHARS;
use super::operation_name::{operation_id, operation_name};
use super::response::{NOT_FOUND, problem};
use super::webhook_docs;

const SCHEMA: &str = "#/components/schemas/";

/// The whole document as JSON.
pub fn complete(described: &OpenApi) -> Value {
    // The document is plain data. A test would show if it didn't serialize.
    let mut document = serde_json::to_value(described).unwrap_or_default();
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            let summary = operation_name(method, path);
            operation["operationId"] = json!(operation_id(&summary));
            name(operation, summary);
            describe_responses(operation);
            add_problems(operation, path.contains('{'));
            if method != "get" {
                add_too_large(operation);
            }
            add_rate_limit(operation);
            if method == "post" {
                add_idempotency_key(operation);
            }
            add_headers(operation);
        }
        etag::describe(item);
    }
    let (sent, received) = (reachable(&document, "requestBody"), reachable(&document, "responses"));
    for (name, schema) in document["components"]["schemas"].as_object_mut().into_iter().flatten() {
        match (sent.contains(name), received.contains(name)) {
            (true, false) => close(schema),
            (false, true) => require_written(schema),
            _ => {}
        }
        drop_defaults(schema);
    }
    webhook_docs::add(&mut document);
    document
}

/// The summary is the name, and the handler's documentation is the description.
fn name(operation: &mut Value, name: String) {
    let texts = [&operation["summary"], &operation["description"]];
    let description: Vec<_> = texts.iter().filter_map(|text| text.as_str()).filter(|text| !text.is_empty()).collect();
    operation["description"] = json!(description.join(" "));
    operation["summary"] = json!(name);
}

/// The format requires a description of each response.
fn describe_responses(operation: &mut Value) {
    for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        if response["description"].as_str().is_none_or(str::is_empty) {
            response["description"] = json!(match status.as_str() {
                "201" => "Created",
                "202" => "Accepted",
                "204" => "Done",
                _ => "OK",
            });
        }
    }
}

fn add_problems(operation: &mut Value, has_path_id: bool) {
    let of_path = has_path_id.then_some(("404", NOT_FOUND));
    let of_body: &[_] = match operation.get("requestBody").map(|body| body["content"].get("application/json")) {
        None => &[],
        Some(Some(_)) => &[
            ("400", "The body is not JSON"),
            ("413", "The body is longer than 1 MiB"),
            ("415", "The body is not JSON, or is compressed"),
        ],
        Some(None) => &[("413", "The body is too large"), ("415", "The body is compressed")],
    };
    for (status, description) in of_path.iter().chain(of_body) {
        operation["responses"][*status] = serde_json::to_value(problem(description)).unwrap_or_default();
    }
}

/// A body is also limited where none is needed.
fn add_too_large(operation: &mut Value) {
    if operation["responses"].get("413").is_none() {
        operation["responses"]["413"] = serde_json::to_value(problem("The body is too large")).unwrap_or_default();
    }
}

/// Every operation counts towards the limit of requests.
fn add_rate_limit(operation: &mut Value) {
    if operation["responses"].get("429").is_none() {
        let too_many = problem("Too many requests. `Retry-After` says when to try again");
        operation["responses"]["429"] = serde_json::to_value(too_many).unwrap_or_default();
    }
}

/// The headers that tell a client when to try again, and where a new object is.
fn add_headers(operation: &mut Value) {
    let retry_after = json!({"description": "The seconds to wait", "schema": {"type": "integer", "minimum": 0}});
    let location = json!({"description": "The path of the new object", "schema": {"type": "string"}});
    for (status, name, header) in
        [("201", "Location", &location), ("429", "Retry-After", &retry_after), ("503", "Retry-After", &retry_after)]
    {
        if let Some(response) = operation["responses"].get_mut(status) {
            response["headers"][name] = header.clone();
        }
    }
}

/// Every POST can be sent again safely.
fn add_idempotency_key(operation: &mut Value) {
    let parameter = json!({
        "name": "Idempotency-Key",
        "in": "header",
        "required": false,
        "description": "A value of your choice, such as a UUID. If the request is sent again with it within 24 hours, the response is that of the first one, and nothing changes.",
        "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_CHARS, "pattern": "^[!-~]+$"},
    });
    match operation["parameters"].as_array_mut() {
        Some(parameters) => parameters.push(parameter),
        None => operation["parameters"] = json!([parameter]),
    }
    for (status, description) in [
        ("400", "The Idempotency-Key is invalid"),
        ("409", "A request with this Idempotency-Key is being handled, or its outcome is not known"),
        ("422", "The Idempotency-Key was sent with another request"),
    ] {
        if operation["responses"].get(status).is_none() {
            operation["responses"][status] = serde_json::to_value(problem(description)).unwrap_or_default();
        }
    }
}

/// The schemas that a part of the operations refers to, directly or through others.
fn reachable(document: &Value, part: &str) -> BTreeSet<String> {
    let items = document["paths"].as_object().into_iter().flatten().map(|(_, item)| item);
    let operations = items.filter_map(Value::as_object).flatten().map(|(_, operation)| operation);
    let mut found = BTreeSet::new();
    let mut open: Vec<String> = operations.flat_map(|operation| references(&operation[part])).collect();
    while let Some(name) = open.pop() {
        if found.insert(name.clone()) {
            open.extend(references(&document["components"]["schemas"][&name]));
        }
    }
    found
}

fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix(SCHEMA));
            own.map(str::to_owned).into_iter().chain(fields.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// Requests with unknown fields are refused.
fn close(schema: &mut Value) {
    if schema.get("properties").is_some() {
        schema["additionalProperties"] = json!(false);
    }
}

/// A nullable field or one with a default is always present in a response. Any other field that is
/// not required may be absent.
fn require_written(schema: &mut Value) {
    for part in schema.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
        require_written(part);
    }
    let Some(properties) = schema["properties"].as_object() else { return };
    let is_written = |field: &Value| is_nullable(field) || field.get("default").is_some();
    let written = properties.iter().filter(|(_, field)| is_written(field)).map(|(name, _)| name.clone());
    let written: Vec<String> = written.collect();
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    let required: BTreeSet<String> = required.chain(written).collect();
    if let Some(fields) = schema.as_object_mut() {
        set_required(fields, &required);
    }
}

/// Defaults of deserialization are dropped from requests: an absent field of a change keeps the
/// stored value, and client generators treat a field with a default as always present.
fn drop_defaults(schema: &mut Value) {
    for property in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
        if let Some(property) = property.as_object_mut() {
            property.remove("default");
        }
    }
}

fn set_required(fields: &mut Map<String, Value>, required: &BTreeSet<String>) {
    if !required.is_empty() {
        fields.insert("required".to_owned(), json!(required));
    }
}

fn is_nullable(field: &Value) -> bool {
    let is_null = |kind: &Value| kind == "null";
    let of_type = field["type"].as_array().is_some_and(|types| types.iter().any(is_null));
    let choices = field["oneOf"].as_array().or_else(|| field["anyOf"].as_array());
    of_type || choices.is_some_and(|choices| choices.iter().any(|choice| is_null(&choice["type"])))
}
