//! The payload of a review's events.

use serde_json::{Value, json};

use crate::comments::CommentId;
use crate::model::catalog::Verb;
use crate::model::catalog::payload::sample::{id, link};
use crate::model::catalog::payload::schema::{SchemaFields, described, object, one_of, text, text_or_null};
use crate::model::catalog::payload::{Payload, none};
use crate::model::id::UserId;
use crate::testware::case::CaseId;
use crate::testware::review::{ReviewId, ReviewStatus, ReviewerDecision};

pub const PAYLOAD: Payload = Payload {
    fields,
    changeable: &["title", "description", "base", "proposal"],
    title_field: "title",
    result_fields: none,
    completed_fields: none,
    sample,
    add_to_sample,
};

fn fields() -> SchemaFields {
    let case = vec![("id", text("")), ("key", text("")), ("title", text(""))];
    let reviewers = json!({"type": "array", "items": reviewer("")});
    vec![
        ("id", text("The review's ID in Testbell.")),
        ("key", text("Its key, e.g. WEB-V4.")),
        ("title", text("")),
        ("description", text("The first 2,000 characters of the description.")),
        ("status", one_of(ReviewStatus::ALL.iter().map(|status| status.as_str()), "")),
        ("case", object(case, "The test case that the review proposes to change.")),
        ("reviewers", described(reviewers, "Its reviewers with their decisions, at most 20.")),
        ("link", text("The review's page in Testbell.")),
    ]
}

/// A reviewer with the decision.
pub fn reviewer(description: &str) -> Value {
    let fields = vec![
        ("id", text("The user's ID.")),
        ("name", text("")),
        ("decision", one_of(ReviewerDecision::ALL.iter().map(|decision| decision.as_str()), "")),
        ("decidedAt", text_or_null("When the reviewer decided; null while the decision is pending.")),
    ];
    object(fields, description)
}

fn sample() -> Value {
    let review = ReviewId(id(61));
    json!({
        "id": review,
        "key": "WEB-V4",
        "title": "Pay with a saved card",
        "description": "Most customers have a saved card.",
        "status": "open",
        "case": {"id": CaseId(id(11)), "key": "WEB-C12", "title": "Pay by card on a phone"},
        "reviewers": [sample_reviewer()],
        "link": link(&format!("reviews/{review}")),
    })
}

fn sample_reviewer() -> Value {
    json!({"id": UserId(id(3)), "name": "Grace Example", "decision": "pending", "decidedAt": null})
}

fn add_to_sample(verb: Verb, data: &mut Value) {
    let set_status = |data: &mut Value, before: &str, after: &str| {
        data["previousStatus"] = json!(before);
        data["status"] = json!(after);
    };
    match verb {
        Verb::Updated => {
            data["changed"] = json!(["title"]);
            data["changes"] = json!({"title": {"from": "Saved cards", "to": "Pay with a saved card"}});
        }
        Verb::StatusChanged => {
            set_status(data, "open", "approved");
            data["changes"] = json!({"status": {"from": "open", "to": "approved"}});
        }
        Verb::Merged => set_status(data, "approved", "merged"),
        Verb::Declined => set_status(data, "open", "declined"),
        Verb::Reopened => set_status(data, "declined", "open"),
        Verb::ReviewerAdded => data["reviewer"] = sample_reviewer(),
        Verb::ReviewerRemoved => {
            data["reviewer"] = sample_reviewer();
            data["reviewers"] = json!([]);
        }
        Verb::Commented => {
            data["comment"] = json!({"id": CommentId(id(62)), "text": "Does this work with a guest account?"});
        }
        _ => {}
    }
    if matches!(verb, Verb::StatusChanged | Verb::Merged) {
        data["reviewers"][0]["decision"] = json!("approved");
        data["reviewers"][0]["decidedAt"] = json!("2026-11-20T14:01:07.482Z");
    }
}
