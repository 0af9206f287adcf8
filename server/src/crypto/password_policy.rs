//! Checks new passwords: long enough, not common, not a keyboard pattern, and not made of the
//! user's own name or email address.

use std::collections::HashSet;
use std::sync::LazyLock;

use app::model::text::check_password;

/// The message for a common password; the form has its own.
pub const COMMON_PASSWORD_ERROR: &str =
    "This password is too easy to guess. Choose another one, e.g. four random words.";

/// The longest repeated part that is recognized: `abcabcabcabc`.
const MAX_PERIOD: usize = 4;
/// The number of letters that a password needs besides the user's own names.
const MIN_OWN_LETTERS: usize = 4;
/// Shorter parts of names occur in too many words.
const MIN_NAME_PART: usize = 3;

/// In lower case; at least six characters each.
static COMMON_PASSWORDS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().filter(|line| !line.starts_with('#')).collect());

/// Checks a user's new password.
///
/// # Errors
/// A message for the user.
pub fn check_new_password(password: &str, name: &str, email: &str) -> Result<(), String> {
    check_password(password)?;
    let password = password.to_lowercase();
    if is_common(&password) || is_sequence(&password) || is_made_of_names(&password, name, email) {
        return Err(COMMON_PASSWORD_ERROR.to_owned());
    }
    Ok(())
}

/// A common password, also with digits or symbols at its end, or repeated.
fn is_common(password: &str) -> bool {
    let padded = password.trim_end_matches(|c: char| !c.is_alphabetic());
    [password, padded]
        .into_iter()
        .any(|text| COMMON_PASSWORDS.contains(text) || COMMON_PASSWORDS.contains(repeated_part(text)))
}

/// The shortest part of which the text is a repetition; the text itself if there is none.
fn repeated_part(text: &str) -> &str {
    let lengths =
        text.char_indices().map(|(index, _)| index).filter(|&length| length > 0 && text.len().is_multiple_of(length));
    lengths.map(|length| &text[..length]).find(|part| part.repeat(text.len() / part.len()) == text).unwrap_or(text)
}

/// A few repeated characters, or a sequence such as `123456789012`.
fn is_sequence(password: &str) -> bool {
    if repeated_part(password).chars().count() <= MAX_PERIOD {
        return true;
    }
    let digits_wrap = |from: char, to: char| (from == '9' && to == '0') || (from == '0' && to == '9');
    let steps = |step: i64| {
        password
            .chars()
            .zip(password.chars().skip(1))
            .all(|(from, to)| i64::from(u32::from(to)) - i64::from(u32::from(from)) == step || digits_wrap(from, to))
    };
    steps(1) || steps(-1)
}

/// Whether hardly anything is left without the user's name, email address and the product's name.
fn is_made_of_names(password: &str, name: &str, email: &str) -> bool {
    let names = format!("{name} {email} testbell").to_lowercase();
    let mut parts: Vec<&str> =
        names.split(|c: char| !c.is_alphanumeric()).filter(|part| part.chars().count() >= MIN_NAME_PART).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    let rest = parts.iter().fold(password.to_owned(), |rest, part| rest.replace(part, ""));
    rest.len() < password.len() && rest.chars().filter(|c| c.is_alphabetic()).count() < MIN_OWN_LETTERS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(password: &str) -> bool {
        check_new_password(password, "Ada Lovelace", "ada@example.com") == Err(COMMON_PASSWORD_ERROR.to_owned())
    }

    #[test]
    fn common_passwords_are_refused() {
        assert!(
            COMMON_PASSWORDS.len() > 1100
                && COMMON_PASSWORDS.contains("1q2w3e4r5t6y")
                && COMMON_PASSWORDS.contains("password")
        );
        for password in [
            "1q2w3e4r5t6y",
            "PASSWORD1234",
            "Password2026!",
            "passwordpassword",
            "qwertyqwerty1",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "123456789012",
            "abcdefghijklmn",
            "987654321098",
        ] {
            assert!(refused(password), "{password}");
        }
    }

    #[test]
    fn passwords_with_the_users_own_name_are_refused() {
        for password in ["ada@example.com", "AdaLovelace1815", "lovelace-lovelace", "Testbell-Ada-1!", "example.com123"]
        {
            assert!(refused(password), "{password}");
        }
    }

    #[test]
    fn other_passwords_are_accepted() {
        for password in [
            "correct horse battery",
            "ada likes horses",
            "827364519203",
            "пароль из слов",
            "日本語のパスワードです長い",
        ] {
            assert_eq!(check_new_password(password, "Ada Lovelace", "ada@example.com"), Ok(()), "{password}");
        }
        assert_eq!(check_new_password("short", "", ""), Err("Use at least 12 characters.".to_owned()));
    }
}
