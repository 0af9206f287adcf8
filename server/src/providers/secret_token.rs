//! A secret that the sender repeats unchanged in a header, as GitLab does.

use axum::http::HeaderMap;
use subtle::ConstantTimeEq;

use crate::crypto;

/// Whether the header `name` is present once and has the secret. Compared in constant time, and as
/// digests, so that the time doesn't depend on the length either.
#[must_use]
pub fn verify(headers: &HeaderMap, name: &str, secret: &str) -> bool {
    let mut values = headers.get_all(name).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    crypto::sha256(value.as_bytes()).ct_eq(&crypto::sha256(secret.as_bytes())).into()
}

/// What is wrong with the token of a request that did not verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenProblem {
    /// The header is missing or empty.
    Missing,
    /// There is more than one header.
    Repeated,
    /// The token is wrong.
    Mismatch,
}

/// Why a request did not verify.
#[must_use]
pub fn problem(headers: &HeaderMap, name: &str) -> TokenProblem {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(_), Some(_)) => TokenProblem::Repeated,
        (Some(value), None) if !value.is_empty() => TokenProblem::Mismatch,
        _ => TokenProblem::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "x-gitlab-token";

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(NAME, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn only_the_secret_itself_verifies() {
        assert!(verify(&headers(&["s3cret"]), NAME, "s3cret"));
        for values in [&[] as &[&str], &[""], &["s3cre"], &["s3cret2"], &["S3cret"], &["s3cret", "s3cret"]] {
            assert!(!verify(&headers(values), NAME, "s3cret"), "{values:?}");
        }
    }

    #[test]
    fn problems_are_found_from_the_headers() {
        assert_eq!(problem(&headers(&[]), NAME), TokenProblem::Missing);
        assert_eq!(problem(&headers(&[""]), NAME), TokenProblem::Missing);
        assert_eq!(problem(&headers(&["a", "a"]), NAME), TokenProblem::Repeated);
        assert_eq!(problem(&headers(&["a"]), NAME), TokenProblem::Mismatch);
    }
}
