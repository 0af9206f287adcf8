//! The payload of an issue's events.

use serde_json::{Value, json};

use super::sample::{id, link};
use super::schema::{SchemaFields, described, object, one_of, text, text_or_null, texts};
use super::{Payload, none};
use crate::model::catalog::Verb;
use crate::model::id::IssueId;
use crate::model::issue::StatusKind;
use crate::model::provider::Provider;
use crate::testware::case::CaseId;
use crate::testware::run::RunId;

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
    result_fields: none,
    completed_fields: none,
    sample,
    add_to_sample,
};

fn fields() -> SchemaFields {
    let providers: Vec<_> = Provider::ALL.iter().map(|provider| json!(provider)).chain([Value::Null]).collect();
    vec![
        ("id", text("The issue's ID in Testbell.")),
        ("key", text_or_null("The tracker's key, e.g. acme/checkout#42.")),
        (
            "provider",
            described(
                json!({"enum": providers}),
                "The tracker that the issue is synced with; null if it was created in Testbell.",
            ),
        ),
        ("url", text_or_null("The issue's page in the tracker.")),
        ("title", text("")),
        ("description", text("The first 2,000 characters of the description: Markdown.")),
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
        ("linked", linked()),
    ]
}

/// The testware with results that link the issue.
fn linked() -> Value {
    let item = || vec![("id", text("")), ("key", text(""))];
    let items = || json!({"type": "array", "items": object(item(), "")});
    object(
        vec![("cases", items()), ("runs", items()), ("sessions", items())],
        "The cases, runs and sessions with results that link the issue.",
    )
}

fn sample() -> Value {
    let issue = IssueId(id(20));
    json!({
        "id": issue,
        "key": "acme/checkout#42",
        "provider": "github",
        "url": "https://github.com/acme/checkout/issues/42",
        "title": "Card payment fails on Safari",
        "description": "The form spins and nothing is charged.",
        "status": "closed",
        "statusKind": "closed",
        "priority": null,
        "type": null,
        "labels": ["bug", "payments"],
        "assignee": "octocat",
        "link": link(&format!("issues/{issue}")),
        "linked": {
            "cases": [{"id": CaseId(id(11)), "key": "WEB-C12"}],
            "runs": [{"id": RunId(id(13)), "key": "WEB-R3"}],
            "sessions": [],
        },
    })
}

fn add_to_sample(verb: Verb, data: &mut Value) {
    if verb == Verb::Created {
        data["status"] = json!("open");
        data["statusKind"] = json!("open");
    }
    if verb == Verb::Updated {
        data["changed"] = json!(["status", "statusKind"]);
        data["changes"] = json!({
            "status": {"from": "open", "to": "closed"},
            "statusKind": {"from": "open", "to": "closed"},
        });
    }
}
