//! Headers that an admin adds to the requests of a webhook.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The maximum number of custom headers of a webhook.
pub const MAX_CUSTOM_HEADERS: usize = 20;
/// The maximum length of a header's name.
pub const MAX_HEADER_NAME_BYTES: usize = 64;
/// The maximum length of a header's value.
pub const MAX_HEADER_VALUE_BYTES: usize = 1_024;
/// The maximum length of all names and values together. Servers refuse requests with long headers.
pub const MAX_CUSTOM_HEADER_BYTES: usize = 4_096;

/// Headers that the HTTP client sets, or that change how the request is read.
const RESERVED: [&str; 18] = [
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
];
/// Headers that Testbell sets.
const RESERVED_PREFIX: &str = "webhook-";

/// A custom header. Its value is never shown again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CustomHeader {
    /// Its name: at most 64 letters, digits and symbols that header names allow. Names of HTTP itself, such as
    /// `host`, and names that begin with `webhook-` are reserved.
    pub name: String,
    /// Its value: 1 to 1,024 visible ASCII characters and spaces. Absent in responses; in a request, an absent value
    /// keeps the stored one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub value: Option<String>,
}

/// Without the value, which may be a secret.
impl fmt::Debug for CustomHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CustomHeader").field(&self.name).finish()
    }
}

/// The headers of an edited list to add or change, and the names of those to remove. One without a value is unchanged,
/// unless its name is written differently, or twice, which is refused later.
#[cfg(feature = "ssr")]
#[must_use]
pub fn changed_headers(new: Vec<CustomHeader>, initial: &[CustomHeader]) -> (Vec<CustomHeader>, Vec<String>) {
    let is_listed = |name: &str| new.iter().filter(|header| header.name.eq_ignore_ascii_case(name)).count();
    let removed = initial.iter().filter(|header| is_listed(&header.name) == 0).map(|header| header.name.clone());
    let removed = removed.collect();
    let is_same = |header: &CustomHeader| {
        header.value.is_none() && initial.iter().any(|other| other.name == header.name) && is_listed(&header.name) == 1
    };
    let changed = new.iter().filter(|header| !is_same(header)).cloned().collect();
    (changed, removed)
}

/// Checks the name of a header, which may not be reserved.
///
/// # Errors
/// A message for the user.
pub fn check_header_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("Enter the name of a header.".to_owned());
    }
    if name.len() > MAX_HEADER_NAME_BYTES {
        return Err("Use a header name of at most 64 characters.".to_owned());
    }
    // <https://www.rfc-editor.org/rfc/rfc9110#name-tokens>
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)) {
        return Err("Use only letters, digits and hyphens in the name of a header.".to_owned());
    }
    let lower = name.to_ascii_lowercase();
    if RESERVED.contains(&&*lower) || lower.starts_with(RESERVED_PREFIX) {
        return Err(format!("{name} is reserved. Use another header."));
    }
    Ok(())
}

/// Checks the value of a header.
///
/// # Errors
/// A message for the user.
pub fn check_header_value(name: &str, value: &str) -> Result<(), String> {
    if value.trim().is_empty() {
        return Err(format!("Enter a value for {name}."));
    }
    if value.len() > MAX_HEADER_VALUE_BYTES {
        return Err(format!("Use at most 1,024 characters for {name}."));
    }
    if value.trim() != value || !value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return Err(format!("Use visible ASCII characters for {name}, without spaces at its start and end."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_and_malformed_names_are_refused() {
        for name in ["X-Env", "authorization", "X_Api.Key", "Signature"] {
            assert_eq!(check_header_name(name), Ok(()), "{name}");
        }
        let long = "x".repeat(MAX_HEADER_NAME_BYTES + 1);
        for name in [
            "",
            "Host",
            "CONTENT-TYPE",
            "content-length",
            "Webhook-Anything",
            "webhook-id",
            "a b",
            "a:b",
            "ä",
            "a\r\nb",
            &long,
        ] {
            assert!(check_header_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_value_is_one_line_of_ascii() {
        assert_eq!(check_header_value("X", "Bearer a b"), Ok(()));
        let long = "x".repeat(MAX_HEADER_VALUE_BYTES + 1);
        for value in ["", " ", "a\r\nHost: b", "ä", " a", "a ", &long] {
            assert!(check_header_value("X", value).is_err(), "{value}");
        }
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn only_edited_headers_of_a_list_are_changed() {
        let header = |name: &str, value: Option<&str>| CustomHeader { name: name.into(), value: value.map(Into::into) };
        let initial = [header("X-A", None), header("X-B", None), header("X-C", None), header("X-D", None)];
        let new = vec![header("X-A", None), header("x-b", None), header("X-C", Some("1")), header("X-E", Some("2"))];
        let (set, removed) = changed_headers(new, &initial);
        assert_eq!(set, [header("x-b", None), header("X-C", Some("1")), header("X-E", Some("2"))]);
        assert_eq!(removed, ["X-D"]);
        let twice = vec![header("X-A", None), header("x-a", Some("1"))];
        assert_eq!(changed_headers(twice.clone(), &initial[..1]).0, twice, "refused later");
    }

    #[test]
    fn a_header_shows_no_value_in_debug_output() {
        let header = CustomHeader { name: "X-Key".into(), value: Some("hidden".into()) };
        assert_eq!(format!("{header:?}"), r#"CustomHeader("X-Key")"#);
    }
}
