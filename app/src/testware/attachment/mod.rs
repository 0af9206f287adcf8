//! Files that are attached to results.

pub(crate) mod pages;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::id::{ResultId, id};
use crate::model::time::millis;

id!(/** A file that is attached to a result. */ AttachmentId, "att");

/// The maximum size of an attachment in bytes: 10 MiB.
pub const MAX_ATTACHMENT_BYTES: usize = 10 * 1024 * 1024;
/// The maximum number of attachments of a result.
pub const MAX_ATTACHMENTS: u64 = 10;
/// The maximum size of all attachments of a project in bytes: 2 GiB.
pub const MAX_PROJECT_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// The maximum length of a file name in characters.
pub const MAX_FILE_NAME_CHARS: usize = 200;

/// A file that is attached to a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// Its ID.
    pub id: AttachmentId,
    /// The result it is attached to.
    pub result_id: ResultId,
    /// The file name, without folders.
    pub name: String,
    /// `image/png`, `image/jpeg`, `image/gif` or `image/webp` if the content is such an image, otherwise
    /// `application/octet-stream`. The content type of the upload doesn't matter.
    pub content_type: String,
    /// The size in bytes.
    pub size: u32,
    /// When it was attached.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
}

impl Attachment {
    /// The path of its content.
    #[must_use]
    pub fn content_path(&self) -> String {
        format!("/api/v1/attachments/{}/content", self.id)
    }

    /// Whether browsers show its content.
    #[must_use]
    pub fn is_image(&self) -> bool {
        self.content_type.starts_with("image/")
    }
}

/// The file to attach.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "ssr", into_params(parameter_in = Query))]
#[serde(default)]
pub struct AttachmentParams {
    /// The file name, at most 200 characters. Folders and control characters are removed. Without one it is `file`.
    pub name: Option<String>,
}

/// `812 B`, `1.4 KiB`, `10 MiB`.
#[must_use]
pub fn size_text(bytes: u32) -> String {
    const UNIT: u32 = 1024;
    let (unit, name) = match bytes {
        0..UNIT => return format!("{bytes} B"),
        UNIT..1_048_576 => (UNIT, "KiB"),
        _ => (UNIT * UNIT, "MiB"),
    };
    // Rounded, in integers: formatting floats is much code in the browser.
    let tenths = (u64::from(bytes) * 10 + u64::from(unit) / 2) / u64::from(unit);
    match tenths % 10 {
        0 => format!("{} {name}", tenths / 10),
        tenth => format!("{}.{tenth} {name}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_a_unit() {
        for (bytes, text) in [(0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1434, "1.4 KiB"), (10_485_760, "10 MiB")]
        {
            assert_eq!(size_text(bytes), text);
        }
    }
}
