//! Validates texts that users enter.

/// The maximum length of a long text in bytes.
const MAX_LONG_TEXT_BYTES: usize = 64 * 1024;

/// Checks that every database can store a text: PostgreSQL can't store U+0000. The types of
/// [`app::model::text`] check single lines more strictly.
///
/// # Errors
/// A message for the user.
pub fn storable(text: &str) -> Result<(), &'static str> {
    if text.contains('\0') { Err("Leave out the character U+0000: it can't be stored.") } else { Ok(()) }
}

/// Checks a long text.
///
/// # Errors
/// A message for the user.
pub fn long(text: String) -> Result<String, &'static str> {
    if text.len() > MAX_LONG_TEXT_BYTES {
        return Err("Use at most 64 KiB.");
    }
    storable(&text).map(|()| text)
}
