//! HTTP Basic authentication (RFC 7617), which Azure DevOps service hooks use.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq;

use crate::crypto;

/// The credential in the form that is stored encrypted. A username has no colon.
#[must_use]
pub fn credential(username: &str, password: &str) -> String {
    format!("{username}:{password}")
}

/// The header value for a credential.
#[must_use]
pub fn header_value(credential: &str) -> String {
    format!("Basic {}", STANDARD.encode(credential))
}

/// Whether there is exactly one header and it has the credential. Compared in constant time.
pub fn verify(headers: &HeaderMap, credential: &str) -> bool {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let Some((scheme, encoded)) = value.to_str().ok().and_then(|value| value.split_once(' ')) else { return false };
    let Ok(sent) = STANDARD.decode(encoded.trim()) else { return false };
    let same = crypto::sha256(&sent).ct_eq(&crypto::sha256(credential.as_bytes()));
    scheme.eq_ignore_ascii_case("basic") && same.into()
}

/// What is wrong with the credentials of a request that did not verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialProblem {
    /// The header is missing.
    Missing,
    /// The scheme is not Basic.
    Scheme,
    /// There is more than one header.
    Repeated,
    /// The value is not base64 of `username:password`.
    Malformed,
    /// The username or password is wrong.
    Mismatch,
}

/// Why a request did not verify.
#[must_use]
pub fn problem(headers: &HeaderMap) -> CredentialProblem {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return CredentialProblem::Missing,
        (Some(_), Some(_)) => return CredentialProblem::Repeated,
        (Some(value), None) => value.to_str().unwrap_or_default(),
    };
    let (scheme, encoded) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("basic") {
        return CredentialProblem::Scheme;
    }
    match STANDARD.decode(encoded.trim()) {
        Ok(sent) if sent.contains(&b':') => CredentialProblem::Mismatch,
        _ => CredentialProblem::Malformed,
    }
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

    /// From RFC 7617.
    const RFC: &str = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";

    #[test]
    fn the_rfc_example_verifies() {
        assert_eq!(header_value("Aladdin:open sesame"), RFC);
        assert!(verified(&[RFC]));
        assert!(verified(&["basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="]));
    }

    #[test]
    fn invalid_headers_do_not_verify() {
        let wrong = header_value("Aladdin:open sesam");
        let other_scheme = RFC.replace("Basic", "Bearer");
        for values in [&[] as &[&str], &[&wrong], &[&other_scheme], &["Basic"], &["Basic !"], &["Basic "], &[RFC, RFC]]
        {
            assert!(!verified(values), "{values:?}");
        }
    }
}
