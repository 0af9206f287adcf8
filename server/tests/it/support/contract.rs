//! Checks every response that a test gets from the REST API against the OpenAPI document.

use std::collections::{BTreeSet, HashMap};
use std::sync::{LazyLock, Mutex};

use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

use super::api::Reply;

/// The document of this build.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(server::rest::document);

/// One operation of the document.
pub struct Operation {
    pub method: String,
    pub path: String,
    pub json: &'static Value,
}

/// All operations.
pub fn operations() -> &'static [Operation] {
    static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
        let paths = DOCUMENT["paths"].as_object().unwrap().iter();
        paths
            .flat_map(|(path, item)| {
                let operations = item.as_object().unwrap().iter();
                operations.map(|(method, json)| Operation { method: method.to_uppercase(), path: path.clone(), json })
            })
            .collect()
    });
    &OPERATIONS
}

impl Operation {
    /// Its path with nonexistent IDs.
    pub fn sample_path(&self) -> String {
        let mut path = self.path.clone();
        for parameter in self.parameters("path") {
            let described = resolve(&parameter["schema"])["description"].as_str().unwrap();
            let prefix = described.split(['`', '_']).nth(1).unwrap();
            let name = format!("{{{}}}", parameter["name"].as_str().unwrap());
            path = path.replace(&name, &format!("{prefix}_{}", "0".repeat(26)));
        }
        path
    }

    /// Its path or query parameters.
    pub fn parameters(&self, place: &str) -> Vec<&'static Value> {
        let all = self.json["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().filter(|parameter| parameter["in"] == place).collect()
    }

    /// Whether its body is a file instead of JSON.
    pub fn takes_file(&self) -> bool {
        self.json.get("requestBody").is_some() && self.body().is_none()
    }

    /// The schema of its JSON body.
    pub fn body(&self) -> Option<&'static Value> {
        let content = self.json.get("requestBody")?["content"].get("application/json")?;
        Some(resolve(&content["schema"]))
    }
}

/// Follows the reference of a schema, also of a nullable one.
pub fn resolve(schema: &'static Value) -> &'static Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return resolve(DOCUMENT.pointer(reference.trim_start_matches('#')).unwrap());
    }
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    choices.into_iter().find(|choice| choice["type"] != "null").map_or(schema, resolve)
}

/// Whether a schema allows a type.
pub fn allows(schema: &Value, wanted: &str) -> bool {
    match &schema["type"] {
        Value::Array(types) => types.iter().any(|kind| kind == wanted),
        kind => kind == wanted,
    }
}

/// Fails the test if the document doesn't have the status, the type or the schema of a response.
pub fn check(method: &str, path: &str, reply: &Reply) {
    let Some(operation) = find(method, path.split('?').next().unwrap()) else { return };
    let (method, route, status) = (&operation.method, &operation.path, reply.status.to_string());
    let responses = &operation.json["responses"];
    let Some(response) = responses.get(&status) else {
        panic!("{method} {route} answers {status}, which is not documented: add it to the operation's responses")
    };
    let Some(content) = response["content"].as_object() else {
        assert!(reply.text.is_empty(), "{method} {route} {status} has a body: {}", reply.text);
        return;
    };
    let kind = reply.header("content-type");
    // A document names a type without its parameters, such as the encoding.
    let kinds = [kind, kind.split(';').next().unwrap_or_default()];
    let documented = kinds.into_iter().find(|kind| content.contains_key(*kind));
    let Some(documented) = documented else { panic!("{method} {route} {status} has the undocumented type {kind:?}") };
    let text = || Value::String(reply.text.clone());
    let value = if kind.ends_with("/json") || kind.ends_with("+json") { reply.json.clone() } else { text() };
    let place = ["paths", route, &method.to_lowercase(), "responses", &status, "content", documented, "schema"];
    let errors = errors(&place, &value);
    assert!(errors.is_empty(), "{method} {route} {status} is not as documented: {errors:?} {}", reply.text);
}

/// The schema errors of a value. `place` leads to the schema in the document.
fn errors(place: &[&str], value: &Value) -> Vec<String> {
    const NAME: &str = "urn:testbell:document";
    // All validators share the document. A copy in each of them took gigabytes.
    static REGISTRY: LazyLock<Registry<'static>> =
        LazyLock::new(|| Registry::new().add(NAME, &*DOCUMENT).unwrap().prepare().unwrap());
    static VALIDATORS: LazyLock<Mutex<HashMap<String, &'static Validator>>> = LazyLock::new(Mutex::default);
    let schema = format!("{NAME}#/{}", place.iter().map(|part| pointer_part(part)).collect::<Vec<_>>().join("/"));
    let validator = *VALIDATORS.lock().unwrap().entry(schema).or_insert_with_key(|schema| {
        let options = jsonschema::options().should_validate_formats(true).with_format("date-time", has_milliseconds);
        Box::leak(Box::new(options.with_registry(&REGISTRY).build(&json!({"$ref": schema})).unwrap()))
    });
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// A part of a JSON pointer in the fragment of a URL (RFC 6901, sections 3 and 6).
fn pointer_part(part: &str) -> String {
    let escapes = [("%", "%25"), ("~", "~0"), ("/", "~1"), ("{", "%7B"), ("}", "%7D"), ("*", "%2A"), (" ", "%20")];
    escapes.iter().fold(part.to_owned(), |part, (plain, escaped)| part.replace(plain, escaped))
}

/// The schema errors of an envelope, by the `webhooks` section of the document.
pub fn event_errors(event: &str, envelope: &Value) -> Vec<String> {
    errors(&["webhooks", event, "post", "requestBody", "content", "application/json", "schema"], envelope)
}

/// All times have milliseconds.
fn has_milliseconds(time: &str) -> bool {
    time.len() == "2026-11-20T14:01:07.482Z".len()
        && time.as_bytes()[19] == b'.'
        && time.ends_with('Z')
        && time.parse::<chrono::DateTime<chrono::Utc>>().is_ok()
}

fn find(method: &str, path: &str) -> Option<&'static Operation> {
    let fits = |route: &str| {
        let (parts, wanted): (Vec<_>, Vec<_>) = (route.split('/').collect(), path.split('/').collect());
        let same = |(part, wanted): (&&str, &&str)| part.starts_with('{') || part == wanted;
        parts.len() == wanted.len() && parts.iter().zip(&wanted).all(same)
    };
    let found = operations().iter().filter(|operation| operation.method == method && fits(&operation.path));
    found.min_by_key(|operation| operation.path.matches('{').count())
}

/// The values of all string enums in a part of the document.
pub fn enums(value: &Value, found: &mut Vec<BTreeSet<String>>) {
    if let Some(values) = value.get("enum").and_then(Value::as_array) {
        found.push(values.iter().map(|value| value.as_str().unwrap().to_owned()).collect());
    }
    match value {
        Value::Object(fields) => fields.values().for_each(|value| enums(value, found)),
        Value::Array(items) => items.iter().for_each(|value| enums(value, found)),
        _ => {}
    }
}
