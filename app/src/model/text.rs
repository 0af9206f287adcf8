//! Validated text: a value of these types needs no further check.

use std::fmt;
use std::str::FromStr;

macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text, owned.
            #[must_use]
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            /// A message for the user.
            type Err = &'static str;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let check: fn(&str) -> Result<String, &'static str> = $check;
                check(text.trim()).map(Self)
            }
        }
    };
}

checked_text!(
    /// The name of a project, webhook, token or person: 1 to 100 characters on one line.
    Name,
    |text| {
        if text.is_empty() {
            return Err("Enter a name.");
        }
        if !has_visible(text) {
            return Err("Enter a name with at least one visible character.");
        }
        if text.chars().count() > 100 {
            return Err("Use at most 100 characters.");
        }
        if text.chars().any(char::is_control) {
            return Err("Use one line of text without control characters.");
        }
        Ok(text.to_owned())
    }
);

checked_text!(
    /// The title of an issue: 1 to 500 characters on one line.
    Title,
    |text| {
        if text.is_empty() {
            return Err("Enter a title.");
        }
        if !has_visible(text) {
            return Err("Enter a title with at least one visible character.");
        }
        if text.chars().count() > 500 {
            return Err("Use at most 500 characters.");
        }
        if text.chars().any(char::is_control) {
            return Err("Use one line of text without control characters.");
        }
        Ok(text.to_owned())
    }
);

checked_text!(
    /// A project's short key: 2 to 10 of A-Z and 0-9, starting with a letter. Lower case is
    /// converted.
    ProjectKey,
    |text| {
        let key = text.to_ascii_uppercase();
        let plain = key.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let letter_first = key.bytes().next().is_some_and(|b| b.is_ascii_uppercase());
        if (2..=10).contains(&key.len()) && plain && letter_first {
            Ok(key)
        } else {
            Err("Use 2 to 10 letters and digits, a letter first, e.g. WEB.")
        }
    }
);

/// Suggests a key for a project name: the initials of its words, or the first letters of a single
/// word. Empty if the name has too few letters of A to Z.
#[must_use]
pub fn suggest_key(name: &str) -> String {
    const MAX_INITIALS: usize = 10;
    const LETTERS: usize = 4;
    let name = name.to_ascii_uppercase();
    let words = || name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let from = |letters: String, length: usize| -> String {
        let key = letters.trim_start_matches(|c: char| c.is_ascii_digit());
        key.chars().take(length).collect()
    };
    let initials = from(words().filter_map(|word| word.chars().next()).collect(), MAX_INITIALS);
    let key = if initials.len() >= 2 { initials } else { from(words().collect(), LETTERS) };
    if key.len() >= 2 { key } else { String::new() }
}

checked_text!(
    /// An email address in lower case: one `@` with text on both sides, at most 254 bytes. Whether
    /// it receives mail is not checked.
    Email,
    |text| {
        let sound = text.len() <= 254
            && !text.chars().any(|c| c.is_whitespace() || c.is_control())
            && text.split_once('@').is_some_and(|(local, host)| {
                !local.is_empty() && !host.is_empty() && !host.contains('@')
            });
        if sound { Ok(text.to_lowercase()) } else { Err("Enter an email address, e.g. ada@example.com.") }
    }
);

/// Whether any character of a text is visible.
#[must_use]
pub fn has_visible(text: &str) -> bool {
    !text.chars().all(|c| c.is_whitespace() || c.is_control() || is_invisible(c))
}

/// Invisible characters in ascending order: those that Unicode 16 lists as
/// `Default_Ignorable_Code_Point`
/// (<https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point>), and the blank Braille
/// pattern.
const INVISIBLE: [(char, char); 18] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fff8}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

fn is_invisible(c: char) -> bool {
    INVISIBLE.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

/// The minimum length of a password (NIST SP 800-63B asks for length, not for composition).
pub const MIN_PASSWORD_CHARS: usize = 12;
/// The maximum length of a password, so that hashing is bounded.
pub const MAX_PASSWORD_CHARS: usize = 256;

/// The hint of a field for a new password.
#[must_use]
pub fn password_hint() -> String {
    format!("At least {MIN_PASSWORD_CHARS} characters.")
}

/// Checks a new password.
///
/// # Errors
/// A message for the user.
pub fn check_password(password: &str) -> Result<(), String> {
    match password.chars().count() {
        ..MIN_PASSWORD_CHARS => Err(format!("Use at least {MIN_PASSWORD_CHARS} characters.")),
        count if count > MAX_PASSWORD_CHARS => Err(format!("Use at most {MAX_PASSWORD_CHARS} characters.")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_key_is_uppercased_and_checked() {
        assert_eq!("web".parse::<ProjectKey>().map(ProjectKey::into_string), Ok("WEB".into()));
        for bad in ["", "W", "1WEB", "W-B", "ABCDEFGHIJK"] {
            assert!(bad.parse::<ProjectKey>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_suggested_key_is_valid_or_empty() {
        for (name, key) in [
            ("Checkout web", "CW"),
            ("Payments", "PAYM"),
            ("2nd phase", "NDPH"),
            ("Release 4.2 of the mobile shop", "R42OTMS"),
            ("Qt", "QT"),
            ("日本", ""),
            ("", ""),
        ] {
            assert_eq!(suggest_key(name), key, "{name}");
            assert!(key.is_empty() || key.parse::<ProjectKey>().is_ok(), "{key}");
        }
    }

    #[test]
    fn a_password_is_measured_in_characters() {
        assert!(check_password("short").unwrap_err().contains(&MIN_PASSWORD_CHARS.to_string()));
        assert!(check_password(&"é".repeat(MIN_PASSWORD_CHARS)).is_ok());
        assert!(check_password(&"é".repeat(MAX_PASSWORD_CHARS)).is_ok());
        assert!(check_password(&"é".repeat(MIN_PASSWORD_CHARS - 1)).is_err());
        assert!(check_password(&"é".repeat(MAX_PASSWORD_CHARS + 1)).is_err());
    }

    #[test]
    fn an_email_address_is_lowercased_and_checked() {
        assert_eq!(" Ada@Example.com ".parse::<Email>().map(Email::into_string), Ok("ada@example.com".into()));
        for bad in ["", "ada", "@x", "ada@", "a b@c", "a@b@c"] {
            assert!(bad.parse::<Email>().is_err(), "{bad}");
        }
    }
}
