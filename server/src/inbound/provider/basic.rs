//! HTTP Basic authentication (RFC 7617), as Azure DevOps' service hooks use it.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq;

use crate::crypto;

/// The text that is kept, encrypted, of what the hook will send. A user name has no colon.
#[must_use]
pub fn credential(username: &str, password: &str) -> String {
    format!("{username}:{password}")
}

/// The header's value for a credential.
#[must_use]
pub fn header_value(credential: &str) -> String {
    format!("Basic {}", STANDARD.encode(credential))
}

/// Whether the header is there exactly once and carries the credential. Compared in constant
/// time, whatever the lengths.
pub fn verify(headers: &HeaderMap, credential: &str) -> bool {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let Some((scheme, encoded)) = value.to_str().ok().and_then(|value| value.split_once(' ')) else { return false };
    let Ok(sent) = STANDARD.decode(encoded.trim()) else { return false };
    let same = crypto::sha256(&sent).ct_eq(&crypto::sha256(credential.as_bytes()));
    scheme.eq_ignore_ascii_case("basic") && same.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verified(values: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, value.parse().unwrap());
        }
        verify(&headers, &credential("Aladdin", "open sesame"))
    }

    /// The example of RFC 7617.
    const RFC: &str = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";

    #[test]
    fn the_example_of_the_rfc_verifies() {
        assert_eq!(header_value("Aladdin:open sesame"), RFC);
        assert!(verified(&[RFC]));
        assert!(verified(&["basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="]));
    }

    #[test]
    fn a_missing_wrong_malformed_or_doubled_one_does_not() {
        let wrong = header_value("Aladdin:open sesam");
        let other_scheme = RFC.replace("Basic", "Bearer");
        for values in [&[] as &[&str], &[&wrong], &[&other_scheme], &["Basic"], &["Basic !"], &["Basic "], &[RFC, RFC]]
        {
            assert!(!verified(values), "{values:?}");
        }
    }
}
