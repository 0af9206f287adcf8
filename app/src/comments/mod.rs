//! Comments on issues and testware, and the members that they mention.

pub mod api;
#[cfg(feature = "ssr")]
pub(crate) mod payload;
pub(crate) mod section;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::model::catalog::payload::Payload;
use crate::model::catalog::{CatalogSubject, Subject, SubjectSpec};
use crate::model::icon::Icon;
use crate::model::id::{UserId, id};
use crate::model::item_id::ItemId;
use crate::model::time::millis;

id!(/** A comment. */ CommentId, "cmt");

/// A user whom a comment mentions, as the catalog knows it.
pub struct MentionedUser;

impl CatalogSubject for MentionedUser {
    const SUBJECT: Subject = Subject::User;
    const SPEC: SubjectSpec = SubjectSpec {
        noun: "user",
        headline: "User",
        path: "settings/members",
        id_prefix: UserId::PREFIX,
        key_letter: 'N',
        icon: Icon::User,
        param: "user",
        lead: "The members of the project.",
        first_step: "Mention a member in a comment.",
        completion: None,
        abort: None,
        deletion: "Comments that mention the user stay.",
    };
    #[cfg(feature = "ssr")]
    const PAYLOAD: Payload = payload::PAYLOAD;
    type Id = UserId;
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Comment {
    /// Its ID.
    pub id: CommentId,
    /// The issue or the item of testware.
    pub item_id: ItemId,
    /// Markdown.
    pub text: String,
    /// The text as sanitized HTML.
    pub text_html: String,
    /// The user who wrote it.
    pub author: String,
    /// Whether the caller may change and delete it: the author may, and an admin of the project.
    pub editable: bool,
    /// When it was written.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it was last changed; null if it was not.
    #[serde(serialize_with = "millis")]
    pub updated_at: Option<DateTime<Utc>>,
}

/// Adds a comment.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AddComment {
    /// An issue or an item of testware of the project.
    pub item_id: ItemId,
    /// Markdown, at most 64 KiB. `@` and the name of a member mentions that member; the first 100 `@` count.
    pub text: String,
}

/// Changes a comment.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UpdateComment {
    /// See [`AddComment::text`]. Members who were not mentioned before emit `user.mentioned`.
    pub text: String,
}

/// The filters of a list of comments. Newest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase")]
pub struct CommentQuery {
    /// Only those of this issue or item of testware.
    #[serde(default)]
    #[cfg_attr(feature = "ssr", param(inline))]
    pub item: Option<ItemId>,
    /// Maximum number of items: 1 to 200; 50 by default.
    #[serde(default, deserialize_with = "crate::model::page::limit")]
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    #[serde(default)]
    pub cursor: Option<String>,
}
