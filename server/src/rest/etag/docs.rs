//! The OpenAPI document of ETags.

use serde_json::{Value, json};

use crate::rest::response::problem;

/// What [`Wanted::read`](super::header::Wanted::read) accepts.
const CONDITION: &str = r#"^([ \t]*\*[ \t]*|[ \t,]*(W/)?"[!#-~]*"[ \t]*(,[ \t,]*((W/)?"[!#-~]*"[ \t]*)?)*)$"#;

/// Whether the item of a path has an ETag: it can be read and changed, and is not a list.
pub fn is_tagged(operations: &Value) -> bool {
    let is_list = |get: &Value| {
        let parameters = get["parameters"].as_array().into_iter().flatten();
        let schema = &get["responses"]["200"]["content"]["application/json"]["schema"];
        parameters.into_iter().any(|parameter| parameter["in"] == "query") || schema["type"] == "array"
    };
    let can_change = ["patch", "put", "delete"].iter().any(|method| operations.get(method).is_some());
    can_change && operations.get("get").is_some_and(|get| !is_list(get))
}

/// Adds the headers and responses to the operations of a path.
pub fn describe(operations: &mut Value) {
    if !is_tagged(operations) {
        return;
    }
    for (method, operation) in operations.as_object_mut().into_iter().flatten() {
        match &**method {
            "get" => {
                let description =
                    "ETags that the caller knows, or `*`. If the item has one of them, the response is 304.";
                add_parameter(operation, "If-None-Match", description);
                let etag = json!({"ETag": etag("Identifies what was read, for `If-Match` and `If-None-Match`.")});
                operation["responses"]["200"]["headers"] = etag.clone();
                operation["responses"]["304"] = json!({"description": "It has not changed", "headers": etag});
                add_problem(operation, "400", "`If-None-Match` is malformed");
            }
            "patch" | "put" | "delete" => {
                let description = "ETags, or `*` for any. The item is changed only if it still has one of them.";
                add_parameter(operation, "If-Match", description);
                if let Some(changed) = operation["responses"].get_mut("200") {
                    let description = "The ETag after the change. Absent if another change came right after it.";
                    changed["headers"] = json!({"ETag": etag(description)});
                }
                add_problem(operation, "400", "`If-Match` is malformed");
                add_problem(operation, "412", "The item has changed since it was read. Read it again");
            }
            _ => {}
        }
    }
}

fn etag(description: &str) -> Value {
    json!({"description": description, "schema": {"type": "string"}})
}

fn add_parameter(operation: &mut Value, name: &str, description: &str) {
    let parameter = json!({
        "name": name,
        "in": "header",
        "required": false,
        "description": description,
        "schema": {"type": "string", "pattern": CONDITION, "examples": ["*", "\"3f2a\", \"9c01\""]},
    });
    match operation["parameters"].as_array_mut() {
        Some(parameters) => parameters.push(parameter),
        None => operation["parameters"] = json!([parameter]),
    }
}

fn add_problem(operation: &mut Value, status: &str, description: &str) {
    if operation["responses"].get(status).is_none() {
        operation["responses"][status] = serde_json::to_value(problem(description)).unwrap_or_default();
    }
}
