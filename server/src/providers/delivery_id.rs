//! A tracker's own id of a delivery, which finds it in the tracker's log.

use axum::http::HeaderMap;

const MAX_CHARS: usize = 100;

/// The id in a header.
pub fn in_header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).and_then(printable)
}

/// The printable part of an id, at most [`MAX_CHARS`]; `None` if nothing is left.
pub fn printable(id: &str) -> Option<String> {
    let id: String = id.chars().filter(char::is_ascii_graphic).take(MAX_CHARS).collect();
    (!id.is_empty()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_cut_to_printable_characters() {
        assert_eq!(printable("72d3162e-cc78-11e3").as_deref(), Some("72d3162e-cc78-11e3"));
        assert_eq!(printable("a b\u{202e}c\n").as_deref(), Some("abc"));
        assert_eq!(printable(&"x".repeat(5000)).map(|id| id.len()), Some(MAX_CHARS));
        assert_eq!(printable(" \u{200b}"), None);
    }
}
