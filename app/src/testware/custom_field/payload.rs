//! The payload of a custom field's events.

use serde_json::{Value, json};

use crate::model::catalog::Verb;
use crate::model::catalog::payload::sample::{id, link};
use crate::model::catalog::payload::schema::{SchemaFields, one_of, text, texts};
use crate::model::catalog::payload::{Payload, none};
use crate::testware::custom_field::{CustomFieldId, FieldKind};

pub const PAYLOAD: Payload = Payload {
    fields,
    changeable: &["name", "options"],
    title_field: "name",
    result_fields: none,
    completed_fields: none,
    sample,
    add_to_sample,
};

fn fields() -> SchemaFields {
    vec![
        ("id", text("The custom field's ID in Testbell.")),
        ("key", text("Its key, e.g. WEB-F2.")),
        ("name", text("")),
        ("type", one_of(FieldKind::ALL.iter().map(|kind| kind.as_str()), "The type of its values.")),
        ("options", texts("What can be chosen; empty for the other types.")),
        ("link", text("The custom field's page in Testbell.")),
    ]
}

fn sample() -> Value {
    let field = CustomFieldId(id(21));
    json!({
        "id": field,
        "key": "WEB-F2",
        "name": "Browser",
        "type": "choice",
        "options": ["Chrome", "Firefox", "Safari"],
        "link": link(&format!("custom-fields/{field}")),
    })
}

fn add_to_sample(verb: Verb, data: &mut Value) {
    if verb == Verb::Updated {
        data["changed"] = json!(["options"]);
        data["changes"] = json!({"options": {"from": ["Chrome"], "to": ["Chrome", "Firefox", "Safari"]}});
    }
}
