//! Finds the keys of issues in text.

use std::ops::Range;

/// The maximum length of a key in bytes.
const MAX_LEN: usize = 100;
/// The maximum length of its number.
const MAX_DIGITS: usize = 9;

/// Where a text has what looks like the key of an issue, in bytes: `WEB-7`, `acme/shop#42` or `#42`.
#[must_use]
pub fn find_issue_keys(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for word in text.split_inclusive(|c: char| !is_word(c)) {
        let end = start + word.len();
        // Without the punctuation of the sentence.
        let key = word.trim_end_matches(|c: char| !is_word(c)).trim_end_matches(['.', '/', '-']);
        let begin = key.len() - key.trim_start_matches(['.', '-']).len();
        if is_issue_key(&key[begin..]) {
            found.push(start + begin..start + key.len());
        }
        start = end;
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '/' | '#')
}

/// Whether a word looks like the key of an issue.
#[must_use]
pub fn is_issue_key(word: &str) -> bool {
    if word.len() > MAX_LEN {
        return false;
    }
    if let Some((origin, number)) = word.rsplit_once('#') {
        let is_path = |origin: &str| origin.contains('/') && origin.split('/').all(|part| !part.is_empty());
        return is_number(number) && (origin.is_empty() || (is_path(origin) && !origin.contains('#')));
    }
    let Some((project, number)) = word.rsplit_once('-') else { return false };
    let is_project = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    is_number(number) && project.starts_with(|c: char| c.is_ascii_uppercase()) && project.chars().all(is_project)
}

fn is_number(text: &str) -> bool {
    (1..=MAX_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<&str> {
        find_issue_keys(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn the_keys_of_trackers_are_found() {
        assert_eq!(keys("See WEB-7, (A_1-22) and acme/shop#42."), ["WEB-7", "A_1-22", "acme/shop#42"]);
        assert_eq!(keys("#42: like group/sub/project#5 – é#9 Ünï-1 WEB-8"), ["#42", "group/sub/project#5", "WEB-8"]);
        assert_eq!(keys("…WEB-1…\nWEB-2 WEB-3/"), ["WEB-1", "WEB-2", "WEB-3"]);
    }

    #[test]
    fn other_text_has_no_keys() {
        for text in
            ["", "web-7", "WEB-C7", "WEB-7a", "WEB-", "-7", "#", "a#1", "//x/y#12", "a##1", "WEB-1234567890", "WEB-1-2"]
        {
            assert_eq!(keys(text), [""; 0], "{text}");
        }
    }
}
