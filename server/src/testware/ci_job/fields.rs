//! Checks the fields of a CI job. CI systems get them as variables, so each is one line of bounded length.

use std::collections::BTreeMap;

const MAX_BRANCH_CHARS: usize = 255;
const MAX_COMMIT_CHARS: usize = 100;
const MAX_PARAMETERS: usize = 20;
const MAX_PARAMETER_NAME_BYTES: usize = 50;
const MAX_PARAMETER_CHARS: usize = 500;
/// The maximum length of all parameters together in bytes. An event contains them uncut.
const MAX_PARAMETERS_BYTES: usize = 4 * 1024;

/// The name of a branch; may be empty.
///
/// # Errors
/// A message for the user.
pub fn branch(text: &str) -> Result<String, String> {
    one_line(text, MAX_BRANCH_CHARS)
}

/// A commit; may be empty.
///
/// # Errors
/// A message for the user.
pub fn commit(text: &str) -> Result<String, String> {
    one_line(text, MAX_COMMIT_CHARS)
}

/// The parameters by name.
///
/// # Errors
/// A message for the user, which quotes no value.
pub fn parameters(all: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, String> {
    if all.len() > MAX_PARAMETERS {
        return Err(format!("Use at most {MAX_PARAMETERS} parameters."));
    }
    if !all.keys().all(|name| is_name(name)) {
        return Err(format!(
            "Use names of up to {MAX_PARAMETER_NAME_BYTES} letters A to Z, digits and _, and no digit first."
        ));
    }
    if all.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > MAX_PARAMETERS_BYTES {
        return Err("Use at most 4 KiB for all parameters.".to_owned());
    }
    all.into_iter().map(|(name, value)| Ok((name, one_line(&value, MAX_PARAMETER_CHARS)?))).collect()
}

/// The name of an environment variable.
fn is_name(text: &str) -> bool {
    let starts_well = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    let is_word = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    starts_well && is_word && text.len() <= MAX_PARAMETER_NAME_BYTES
}

fn one_line(text: &str, max_chars: usize) -> Result<String, String> {
    let text = text.trim();
    if text.chars().count() > max_chars {
        return Err(format!("Use at most {max_chars} characters."));
    }
    if text.chars().any(char::is_control) {
        return Err("Use one line of text without control characters.".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(name: &str, value: &str) -> Result<BTreeMap<String, String>, String> {
        parameters(BTreeMap::from([(name.to_owned(), value.to_owned())]))
    }

    #[test]
    fn a_parameter_is_named_like_an_environment_variable() {
        for name in ["BROWSER", "_a1", &"x".repeat(50)] {
            assert!(checked(name, "a").is_ok(), "{name}");
        }
        for name in ["", "1a", "a-b", "a b", "ä", "A=", "a.b", &"x".repeat(51)] {
            assert!(checked(name, "a").is_err(), "{name}");
        }
    }

    #[test]
    fn parameters_are_bounded() {
        assert_eq!(checked("A", " one line ").unwrap()["A"], "one line");
        assert!(checked("A", &"x".repeat(500)).is_ok());
        assert!(checked("A", &"x".repeat(501)).is_err());
        assert!(checked("A", "two\nlines").is_err());
        let many = |count: usize, length: usize| {
            parameters((0..count).map(|n| (format!("P{n}"), "x".repeat(length))).collect())
        };
        assert!(many(20, 100).is_ok());
        assert!(many(21, 1).unwrap_err().contains("20 parameters"));
        assert!(many(20, 300).unwrap_err().contains("4 KiB"));
    }
}
