//! What the REST API refuses, for all operations in its document: unknown fields and parameters,
//! values of another type, bodies that are not JSON. None of them reaches a service.

use serde_json::{Map, Value, json};

use crate::support::TestServer;
use crate::support::api::{Api, Reply};
use crate::support::contract::{Operation, allows, operations, resolve};

const JSON: (&str, &str) = ("content-type", "application/json");

async fn admin() -> (TestServer, Api) {
    let server = TestServer::start().await;
    let api = server.api(&server.user("Root", true).await).await;
    (server, api)
}

async fn send(api: &Api, operation: &Operation, body: &Value) -> Reply {
    api.raw(&operation.method, &operation.sample_path(), &[JSON], body.to_string()).await
}

fn assert_names(reply: &Reply, field: &str, word: &str, context: &str) {
    let message = reply.json["errors"][field].as_str().unwrap_or_default();
    assert!(reply.status == 422 && message.contains(word), "{context} {field}: {} {}", reply.status, reply.text);
}

/// The properties of a body.
fn properties(operation: &Operation) -> Vec<(&'static String, &'static Value)> {
    let body = operation.body().unwrap();
    body["properties"].as_object().into_iter().flatten().collect()
}

fn with_body() -> Vec<&'static Operation> {
    operations().iter().filter(|operation| operation.body().is_some()).collect()
}

/// A valid value for a property.
fn sample(schema: &'static Value) -> Value {
    let schema = resolve(schema);
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return first.clone();
    }
    if let Some(first) = schema["anyOf"].as_array().and_then(|schemas| schemas.first()) {
        return sample(first);
    }
    match ["array", "integer", "boolean", "object"].into_iter().find(|kind| allows(schema, kind)) {
        Some("array") => json!([]),
        Some("integer") => json!(1),
        Some("boolean") => json!(true),
        Some(_) => required(schema),
        None if schema["format"] == "date-time" => json!("2026-11-20T14:01:07Z"),
        None => match schema["description"].as_str().and_then(|text| text.strip_prefix("A TypeID: `")) {
            Some(text) => json!(format!("{}{}", text.split('`').next().unwrap(), "0".repeat(26))),
            None => json!("x"),
        },
    }
}

/// An object with only the required properties.
fn required(schema: &'static Value) -> Value {
    let names = schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap().to_owned());
    let fields: Map<_, _> = names.map(|name| (name.clone(), sample(&schema["properties"][&name]))).collect();
    Value::Object(fields)
}

#[tokio::test]
async fn an_unknown_field_is_refused_by_name_everywhere() {
    let (server, api) = admin().await;
    for operation in operations().iter().filter(|operation| operation.method != "GET" && !operation.takes_file()) {
        let context = format!("{} {}", operation.method, operation.path);
        let mut body = operation.body().map_or_else(|| json!({}), required);
        body["zzz"] = json!({"a": 1});
        body["enabled?"] = json!(null);
        let reply = send(&api, operation, &body).await;
        assert_names(&reply, "zzz", "Unknown field", &context);
        assert_names(&reply, "enabled?", "Unknown field", &context);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_nested_object_is_no_list_and_has_no_unknown_field() {
    let (server, api) = admin().await;
    let mut parts = 0;
    for operation in with_body() {
        for (name, schema) in properties(operation) {
            if resolve(schema).get("properties").is_some() {
                let mut body = required(operation.body().unwrap());
                body[name] = json!([]);
                assert_names(&send(&api, operation, &body).await, name, "object", &operation.path);
            }
            let (value, path) = match (resolve(schema), resolve(&resolve(schema)["items"])) {
                (part, _) if part.get("properties").is_some() => (json!({"zzz": 1}), format!("{name}.zzz")),
                (_, item) if item.get("properties").is_some() => {
                    let sound = required(item);
                    let mut odd = sound.clone();
                    odd["zzz"] = json!(1);
                    (json!([sound, odd]), format!("{name}[1].zzz"))
                }
                _ => continue,
            };
            let mut body = required(operation.body().unwrap());
            body[name] = value;
            assert_names(&send(&api, operation, &body).await, &path, "Unknown field", &operation.path);
            parts += 1;
        }
    }
    assert!(parts >= 3, "{parts}");
    server.stop().await;
}

#[tokio::test]
async fn an_unknown_parameter_is_refused_by_name_everywhere() {
    let (server, api) = admin().await;
    for operation in operations() {
        let path = format!("{}?zzz=1&Limit=2", operation.sample_path());
        let reply = api.raw(&operation.method, &path, &[JSON], "").await;
        assert_names(&reply, "zzz", "Unknown parameter", &path);
        assert_names(&reply, "Limit", "Unknown parameter", &path);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_limit_out_of_range_is_refused() {
    let (server, api) = admin().await;
    let lists = operations().iter().filter(|operation| {
        let parameters = operation.parameters("query");
        let limit = parameters.iter().find(|parameter| parameter["name"] == "limit");
        limit.is_some_and(|limit| {
            let bounds = (&limit["schema"]["minimum"], &limit["schema"]["maximum"]);
            assert_eq!(bounds, (&json!(1), &json!(200)), "{}", operation.path);
            true
        })
    });
    let mut count = 0;
    for operation in lists {
        for limit in ["0", "201", "100000"] {
            let reply = api.get(&format!("{}?limit={limit}", operation.sample_path())).await;
            assert_names(&reply, "limit", "from 1 to 200", &operation.path);
        }
        for limit in ["1", "200"] {
            let reply = api.get(&format!("{}?limit={limit}", operation.sample_path())).await;
            assert_ne!(reply.status, 422, "{}", reply.text);
        }
        count += 1;
    }
    assert!(count > 10, "{count}");
    server.stop().await;
}

#[tokio::test]
async fn each_parameter_error_says_what_to_send() {
    let (server, api) = admin().await;
    for operation in operations() {
        let path = operation.sample_path();
        for parameter in operation.parameters("query") {
            let (name, schema) = (parameter["name"].as_str().unwrap(), resolve(&parameter["schema"]));
            let good = match sample(&parameter["schema"]) {
                Value::String(text) => text,
                value => value.to_string(),
            };
            let send = async |query: String| api.raw(&operation.method, &format!("{path}?{query}"), &[], "").await;
            let twice = send(format!("{name}={good}&{name}={good}")).await;
            assert_names(&twice, name, "more than once", &path);
            let is_free_text = good == "x";
            for (value, word) in [("", ""), ("%01", "")].into_iter().filter(|_| !is_free_text) {
                let reply = send(format!("{name}={value}")).await;
                assert_names(&reply, name, word, &path);
                assert!(!reply.text.contains("There is no") && !reply.text.contains("``"), "{}", reply.text);
            }
            if let Some(values) = schema["enum"].as_array() {
                let empty = send(format!("{name}=")).await;
                for value in values {
                    assert_names(&empty, name, value.as_str().unwrap(), &path);
                }
                assert_names(&empty, name, "empty", &path);
            }
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn each_field_error_says_what_to_send() {
    let (server, api) = admin().await;
    for operation in with_body() {
        let schema = operation.body().unwrap();
        let required_names: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
        for (name, property) in properties(operation) {
            let of_field = resolve(property);
            let with = |value: &str| {
                let mut body = required(schema);
                body.as_object_mut().unwrap().remove(name);
                let rest = body.to_string();
                let rest = rest[1..rest.len() - 1].to_owned();
                let comma = if rest.is_empty() { "" } else { "," };
                format!("{{{rest}{comma}\"{name}\":{value}}}")
            };
            let mut bad = vec![];
            if allows(of_field, "integer") {
                bad.extend(["1e400", "\"5\"", "-1", "1.5", "99999999999999999999", "[]", "{}"]);
            } else if allows(of_field, "boolean") {
                bad.extend(["\"true\"", "1", "[]", "{}"]);
            } else if allows(of_field, "array") {
                bad.extend(["1", "\"x\"", "{}", "[[[[[[1]]]]]]", "[null]", "1e400"]);
            } else if allows(of_field, "object") || of_field.get("properties").is_some() {
                bad.extend(["1", "\"x\"", "true", "1e400"]);
            } else {
                bad.extend(["1", "true", "[]", "{}", "1e400"]);
            }
            if required_names.iter().any(|required| *required == name) {
                bad.push("null");
                let mut without = required(schema);
                without.as_object_mut().unwrap().remove(name);
                assert_names(&send(&api, operation, &without).await, name, "required", &operation.path);
            }
            for value in bad {
                let reply = api.raw(&operation.method, &operation.sample_path(), &[JSON], with(value)).await;
                let named = reply.json["errors"].as_object().and_then(|errors| errors.keys().next().cloned());
                let named = named.unwrap_or_default();
                let of_part =
                    named == *name || named.starts_with(&format!("{name}[")) || named.starts_with(&format!("{name}."));
                assert!(reply.status == 422 && of_part, "{} {name}: {value}: {}", operation.path, reply.text);
                for word in ["u32", "sequence", "struct", "map,", "variant", "line 1"] {
                    assert!(!reply.text.contains(word), "{} {name}: {value}: {}", operation.path, reply.text);
                }
            }
            let value = sample(property);
            let twice = with(&format!("{value},\"{name}\":{value}"));
            let reply = api.raw(&operation.method, &operation.sample_path(), &[JSON], twice).await;
            assert_names(&reply, name, "more than once", &operation.path);
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn invalid_json_is_explained() {
    let (server, api) = admin().await;
    let deep = format!("{{\"zzz\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    for operation in with_body() {
        let (method, path) = (&operation.method, operation.sample_path());
        let send = async |headers: &[(&str, &str)], body: Vec<u8>| api.raw(method, &path, headers, body).await;
        for (headers, body, status, word) in [
            (vec![JSON], b"{\"key\":".to_vec(), 400, "Invalid JSON"),
            (vec![JSON], b"\xEF\xBB\xBF{}".to_vec(), 400, "byte order mark"),
            (vec![JSON], b"\xFF\xFE{\0}\0".to_vec(), 400, "UTF-8"),
            (vec![JSON], b"{} {}".to_vec(), 400, "trailing"),
            (vec![JSON], b"\x1F\x8B\x08\0".to_vec(), 415, "Compressed"),
            (vec![JSON, ("content-encoding", "gzip")], b"{}".to_vec(), 415, "Compressed"),
            (vec![JSON, ("content-encoding", "br")], b"{}".to_vec(), 415, "Compressed"),
            (vec![("content-type", "text/plain")], b"{}".to_vec(), 415, "application/json"),
            (vec![], b"{}".to_vec(), 415, "application/json"),
            (vec![JSON], b"[]".to_vec(), 422, "object"),
            (vec![JSON], b"null".to_vec(), 422, "object"),
            (vec![JSON], vec![b' '; 1024 * 1024 + 1], 413, "1 MiB"),
            (vec![JSON], deep.clone().into_bytes(), 422, "zzz"),
        ] {
            // Invalid JSON ends the parsing before or after the missing field.
            let reply = send(&headers, body).await;
            let has_message =
                reply.status == status && reply.json["detail"].as_str().is_some_and(|message| message.contains(word));
            let also_missing = word == "zzz" && reply.json["errors"]["zzz"].is_string();
            let is_missing = word == "trailing" && reply.status == 422;
            assert!(has_message || also_missing || is_missing, "{method} {path} {word}: {}", reply.text);
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_post_without_required_fields_needs_no_body() {
    let (server, api) = admin().await;
    for operation in operations().iter().filter(|operation| operation.method == "POST") {
        let requires = operation.body().is_some_and(|schema| schema["required"].is_array());
        for (headers, body) in [(vec![], ""), (vec![JSON], "{}"), (vec![("content-type", "text/plain")], "")] {
            let reply = api.raw("POST", &operation.sample_path(), &headers, body).await;
            if requires {
                assert_eq!(reply.status, 422, "{} {}", operation.path, reply.text);
                assert!(reply.text.contains("required"), "{} {}", operation.path, reply.text);
            } else {
                assert!(![400, 415].contains(&reply.status), "{} {}", operation.path, reply.text);
                assert!(!reply.text.contains("required"), "{} {}", operation.path, reply.text);
            }
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn authentication_is_checked_first() {
    let server = TestServer::start().await;
    let nobody = server.anonymous();
    let is_public = |operation: &Operation| operation.json["security"] == json!([]);
    for operation in operations().iter().filter(|operation| !is_public(operation)) {
        let path = format!("{}?zzz=1", operation.sample_path());
        let reply = nobody.raw(&operation.method, &path, &[("content-encoding", "gzip")], "{").await;
        assert_eq!(reply.status, 401, "{} {path}: {}", operation.method, reply.text);
    }
    server.stop().await;
}
