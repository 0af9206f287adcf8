//! The payload of an issue's events.

use serde_json::{Value, json};

use super::sample::{id, link};
use super::schema::{SchemaFields, one_of, text, text_or_null, texts};
use super::{Payload, no_result};
use crate::model::catalog::Verb;
use crate::model::id::IssueId;
use crate::model::issue::StatusKind;

pub const PAYLOAD: Payload = Payload {
    fields,
    changeable: &[
        "key",
        "url",
        "title",
        "description",
        "status",
        "statusKind",
        "priority",
        "type",
        "labels",
        "assignee",
    ],
    title_field: "title",
    result_fields: no_result,
    sample,
    add_to_sample,
};

fn fields() -> SchemaFields {
    vec![
        ("id", text("The issue's ID in Testbell.")),
        ("key", text_or_null("The tracker's key, e.g. acme/checkout#42.")),
        ("url", text_or_null("The issue's page in the tracker.")),
        ("title", text("")),
        ("status", text("The tracker's name of the status.")),
        (
            "statusKind",
            one_of(StatusKind::ALL.iter().map(|kind| kind.as_str()), "Whether the status means open or closed."),
        ),
        ("priority", text_or_null("The tracker's name of the priority.")),
        ("type", text_or_null("The tracker's name of the type.")),
        ("labels", texts("")),
        ("assignee", text_or_null("The tracker's name of the assignee.")),
        ("link", text("The issue's page in Testbell.")),
    ]
}

fn sample() -> Value {
    let issue = IssueId(id(20));
    json!({
        "id": issue,
        "key": "acme/checkout#42",
        "url": "https://github.com/acme/checkout/issues/42",
        "title": "Card payment fails on Safari",
        "status": "closed",
        "statusKind": "closed",
        "priority": null,
        "type": null,
        "labels": ["bug", "payments"],
        "assignee": "octocat",
        "link": link(&format!("issues/{issue}")),
    })
}

fn add_to_sample(verb: Verb, data: &mut Value) {
    if verb == Verb::Updated {
        data["changed"] = json!(["status", "statusKind"]);
    }
}
