//! The notes of a session. Each has the time on the session's timer at which it was written.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::SessionId;
use crate::model::id::id;
use crate::model::time::millis;

id!(/** A note of a session. */ SessionNoteId, "sno");

/// A note of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionNote {
    /// Its ID.
    pub id: SessionNoteId,
    /// The session.
    pub session_id: SessionId,
    /// Markdown.
    pub text: String,
    /// The text as sanitized HTML.
    pub text_html: String,
    /// The seconds on the timer of the session when it was written.
    pub elapsed_seconds: u32,
    /// The user who wrote it.
    pub author: String,
    /// Whether the caller may change and delete it while the session is open: the author may, and an admin of the
    /// project.
    pub editable: bool,
    /// When it was written.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it was last changed; null if it was not.
    #[serde(serialize_with = "millis")]
    pub updated_at: Option<DateTime<Utc>>,
}

/// Adds a note to a session.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AddSessionNote {
    /// Markdown, at most 64 KiB.
    pub text: String,
}

/// Changes a note of a session. It keeps its time.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UpdateSessionNote {
    /// See [`AddSessionNote::text`].
    pub text: String,
}
