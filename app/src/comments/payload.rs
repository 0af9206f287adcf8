//! The payload of the event of a mention.

use serde_json::{Value, json};

use crate::comments::CommentId;
use crate::model::catalog::Verb;
use crate::model::catalog::payload::sample::{id, link};
use crate::model::catalog::payload::schema::{SchemaFields, object, text, text_or_null};
use crate::model::catalog::payload::{Payload, none};
use crate::model::id::UserId;
use crate::testware::run::RunId;

pub const PAYLOAD: Payload = Payload {
    fields,
    changeable: &[],
    title_field: "name",
    result_fields: none,
    completed_fields: none,
    sample,
    add_to_sample,
};

fn fields() -> SchemaFields {
    let comment = vec![("id", text("")), ("text", text("The first 2,000 characters of its Markdown."))];
    let item = vec![
        ("type", text("Its subject, e.g. test_run.")),
        ("id", text("")),
        ("key", text_or_null("Null for an issue that was created in Testbell.")),
        ("title", text("Its title or name.")),
    ];
    vec![
        ("id", text("The ID of the user who is mentioned.")),
        ("name", text("The name of the user who is mentioned.")),
        (
            "comment",
            object(
                comment,
                "The comment. The actor of the event wrote it, or changed it so that it mentions the user.",
            ),
        ),
        ("item", object(item, "What the comment is about.")),
        ("link", text("The page of the item in Testbell.")),
    ]
}

fn sample() -> Value {
    let run = RunId(id(13));
    json!({
        "id": UserId(id(3)),
        "name": "Grace Example",
        "comment": {"id": CommentId(id(60)), "text": "@Grace Example, can you look at the failed payments?"},
        "item": {"type": "test_run", "id": run, "key": "WEB-R3", "title": "Release 4.2"},
        "link": link(&format!("runs/{run}")),
    })
}

fn add_to_sample(_: Verb, _: &mut Value) {}
