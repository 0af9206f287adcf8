//! Validates texts that users enter, and shortens them for events.

/// The maximum length of a long text in bytes.
const MAX_LONG_TEXT_BYTES: usize = 64 * 1024;
/// The maximum length of a text in an event in characters.
const MAX_EVENT_TEXT_CHARS: usize = 2_000;

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

/// A text in an event: at most 2,000 characters, with an ellipsis if it was cut.
#[must_use]
pub fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_EVENT_TEXT_CHARS) {
        None => text.to_owned(),
        Some(_) => text.chars().take(MAX_EVENT_TEXT_CHARS - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_its_two_thousandth_character() {
        let fits = "ä".repeat(MAX_EVENT_TEXT_CHARS);
        assert_eq!(cut(&fits), fits);
        let cut = cut(&format!("{fits}x"));
        assert_eq!(cut.chars().count(), MAX_EVENT_TEXT_CHARS);
        assert!(cut.ends_with("ä…"));
    }
}
