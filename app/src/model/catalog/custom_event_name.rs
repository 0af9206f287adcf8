//! The name of a custom event.

use std::fmt;
use std::str::FromStr;

use arrayvec::ArrayString;

/// What the names of all custom events begin with.
pub const CUSTOM_PREFIX: &str = "custom.";
/// The maximum length of a name in characters, with the prefix.
pub const MAX_CUSTOM_EVENT_CHARS: usize = 64;

/// The name of a custom event, e.g. `custom.deploy_finished`: `custom.` and words of `a-z`, `0-9` and `_`, separated by
/// dots, a letter first. At most [`MAX_CUSTOM_EVENT_CHARS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CustomEventName(ArrayString<MAX_CUSTOM_EVENT_CHARS>);

impl CustomEventName {
    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in words: "Deploy finished" for `custom.deploy_finished`.
    #[must_use]
    pub fn headline(&self) -> String {
        let mut words = self.own_part().replace(['_', '.'], " ");
        // The first character is a letter of a to z.
        if let Some(first) = words.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        words
    }

    /// The name without the prefix.
    #[must_use]
    pub fn own_part(&self) -> &str {
        self.0.strip_prefix(CUSTOM_PREFIX).unwrap_or(&self.0)
    }
}

impl fmt::Display for CustomEventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for CustomEventName {
    /// A message for the user.
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some(name) = text.strip_prefix(CUSTOM_PREFIX) else {
            return Err("Use a name that begins with custom., e.g. custom.deploy_finished.");
        };
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        if !name.starts_with(|first: char| first.is_ascii_lowercase()) || !name.split('.').all(is_word) {
            return Err("After custom., use words of a-z, 0-9 and _, separated by dots. Begin with a letter.");
        }
        ArrayString::from(text).map(Self).map_err(|_| "Use at most 64 characters.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_prefix_and_words() {
        let longest = format!("custom.{}", "x".repeat(57));
        for good in ["custom.a", "custom.deploy_finished", "custom.deploy.finished.2", "custom.a_", &longest] {
            assert_eq!(good.parse::<CustomEventName>().unwrap().to_string(), good);
        }
        let too_long = format!("{longest}x");
        for bad in [
            "",
            "custom",
            "custom.",
            "custom.*",
            "custom.A",
            "custom.1",
            "custom._a",
            "custom.a.",
            "custom.a..b",
            "custom.a-b",
            "custom.a b",
            "custom.ä",
            "customs.a",
            "issue.created",
            " custom.a",
            &too_long,
        ] {
            assert!(bad.parse::<CustomEventName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_headline_is_the_name_in_words() {
        let headline = |name: &str| name.parse::<CustomEventName>().unwrap().headline();
        assert_eq!(headline("custom.deploy_finished"), "Deploy finished");
        assert_eq!(headline("custom.build.nightly"), "Build nightly");
    }
}
