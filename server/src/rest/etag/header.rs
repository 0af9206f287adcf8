//! Reads `If-Match` and `If-None-Match` (RFC 9110, 13.1).

use axum::http::{HeaderMap, HeaderName};

/// The value of one of these headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// `*`: whatever exists.
    Any,
    /// One of these entity tags.
    Tags(Vec<Tag>),
}

/// An entity tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// With its quotes.
    text: String,
    is_weak: bool,
}

/// The header is not a list of entity tags.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed;

impl Wanted {
    /// The value of a header, which may be in several lines. `None` without the header.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn read(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Self>, Malformed> {
        let lines: Result<Vec<_>, _> = headers.get_all(name).iter().map(|line| line.to_str()).collect();
        let lines = lines.map_err(|_| Malformed)?;
        if lines.is_empty() { Ok(None) } else { Self::parse(&lines.join(",")).map(Some) }
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        if text.trim() == "*" {
            return Ok(Self::Any);
        }
        let (mut tags, mut rest) = (Vec::new(), text);
        loop {
            // A list may have empty elements.
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() {
                break;
            }
            let (is_weak, quoted) = match rest.strip_prefix("W/") {
                Some(quoted) => (true, quoted),
                None => (false, rest),
            };
            let opened = quoted.strip_prefix('"').ok_or(Malformed)?;
            let length = opened.find('"').ok_or(Malformed)?;
            if !opened[..length].bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(Malformed);
            }
            let (tag, after) = quoted.split_at(length + 2);
            tags.push(Tag { text: tag.to_owned(), is_weak });
            rest = after.trim_start_matches([' ', '\t']);
            if !rest.is_empty() && !rest.starts_with(',') {
                return Err(Malformed);
            }
        }
        if tags.is_empty() { Err(Malformed) } else { Ok(Self::Tags(tags)) }
    }

    /// The strong comparison of `If-Match`: a weak tag matches nothing.
    pub fn matches_strong(&self, etag: &str) -> bool {
        self.matches(etag, |tag| !tag.is_weak)
    }

    /// The weak comparison of `If-None-Match`.
    pub fn matches_weak(&self, etag: &str) -> bool {
        self.matches(etag, |_| true)
    }

    fn matches(&self, etag: &str, counts: impl Fn(&Tag) -> bool) -> bool {
        match self {
            Self::Any => true,
            Self::Tags(tags) => tags.iter().any(|tag| counts(tag) && tag.text == etag),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_tags_is_read() {
        let wanted = Wanted::parse(" \"a\" ,,\t W/\"b,c\", \"\"").unwrap();
        assert!(wanted.matches_strong("\"a\"") && wanted.matches_strong("\"\""));
        assert!(!wanted.matches_strong("\"b,c\"") && wanted.matches_weak("\"b,c\""));
        assert!(!wanted.matches_weak("\"c\""));
        assert_eq!(Wanted::parse(" * "), Ok(Wanted::Any));
    }

    #[test]
    fn what_is_no_list_of_tags_is_malformed() {
        for text in ["", " , ", "abc", "\"a", "a\"", "\"a\" \"b\"", "\"a\", *", "w/\"a\"", "W/a", "\"a b\"", "\"a\"b"] {
            assert_eq!(Wanted::parse(text), Err(Malformed), "{text}");
        }
    }
}
