//! HMAC-SHA256 signatures over the raw body. GitHub and Jira write `sha256=<hex>`
//! (<https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries>), Gitea only the hex
//! digits.

use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A header that may have the signature.
#[derive(Clone, Copy, Debug)]
pub struct SignatureHeader {
    /// Its name.
    pub name: &'static str,
    /// What precedes the hex digits.
    prefix: &'static str,
}

impl SignatureHeader {
    /// A header with `sha256=<hex>`.
    #[must_use]
    pub const fn sha256(name: &'static str) -> Self {
        Self { name, prefix: "sha256=" }
    }

    /// A header with only the hex digits.
    #[must_use]
    pub const fn bare(name: &'static str) -> Self {
        Self { name, prefix: "" }
    }

    /// The value for a body.
    #[must_use]
    pub fn sign(self, body: &[u8], secret: &str) -> String {
        // HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
        mac.update(body);
        format!("{}{}", self.prefix, hex::encode(mac.finalize().into_bytes()))
    }

    fn decode(self, value: &[u8]) -> Option<[u8; 32]> {
        let mut signature = [0; 32];
        hex::decode_to_slice(value.strip_prefix(self.prefix.as_bytes())?, &mut signature).ok()?;
        Some(signature)
    }
}

/// Whether `body` is signed: at least one of the `allowed` headers is present, and each of those is
/// there once with the right signature. The key is the secret's UTF-8 bytes. The body is hashed once,
/// and signatures are compared in constant time.
#[must_use]
pub fn verify(headers: &HeaderMap, allowed: &[SignatureHeader], body: &[u8], secret: &str) -> bool {
    let mut signatures = Vec::new();
    for header in allowed.iter().filter(|header| headers.contains_key(header.name)) {
        let Some(signature) = signature_in(headers, *header) else { return false };
        signatures.push(signature);
    }
    if signatures.is_empty() {
        return false;
    }
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    mac.update(body);
    // With two signatures, a proxy and this server might check different ones: all must match.
    signatures.iter().all(|signature| mac.clone().verify_slice(signature).is_ok())
}

fn signature_in(headers: &HeaderMap, header: SignatureHeader) -> Option<[u8; 32]> {
    let mut values = headers.get_all(header.name).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    header.decode(value.as_bytes())
}

/// What is wrong with the signature of a request, as far as its headers show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureProblem {
    /// There is no signature.
    Missing,
    /// There is only a SHA-1 signature, in any header.
    Sha1,
    /// There is more than one header of a name.
    Repeated,
    /// The value is not in the header's form.
    Malformed,
    /// The body or the secret differs.
    Mismatch,
}

/// What is wrong; `allowed` are the headers that may have a SHA-256 signature.
#[must_use]
pub fn problem(headers: &HeaderMap, allowed: &[SignatureHeader]) -> SignatureProblem {
    let mut present = allowed.iter().filter(|header| headers.contains_key(header.name)).peekable();
    if present.peek().is_none() {
        let has_sha1 = headers.contains_key("x-hub-signature");
        return if has_sha1 { SignatureProblem::Sha1 } else { SignatureProblem::Missing };
    }
    let problem_of = |header: &SignatureHeader| {
        let mut values = headers.get_all(header.name).iter().map(|value| value.as_bytes());
        match (values.next(), values.next()) {
            (Some(_), Some(_)) => SignatureProblem::Repeated,
            (Some(value), None) if value.starts_with(b"sha1=") => SignatureProblem::Sha1,
            (Some(value), None) if header.decode(value).is_some() => SignatureProblem::Mismatch,
            _ => SignatureProblem::Malformed,
        }
    };
    // A malformed header explains more than a mismatch.
    present.map(problem_of).find(|found| *found != SignatureProblem::Mismatch).unwrap_or(SignatureProblem::Mismatch)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "x-hub-signature-256";
    const HEADER: SignatureHeader = SignatureHeader::sha256(NAME);
    /// From GitHub's documentation.
    const SECRET: &str = "It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello, World!";
    const SIGNATURE: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    fn signed(values: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(NAME, value.parse().unwrap());
        }
        verify(&headers, &[HEADER], BODY, SECRET)
    }

    #[test]
    fn githubs_example_verifies() {
        assert!(signed(&[SIGNATURE]));
        assert_eq!(HEADER.sign(BODY, SECRET), SIGNATURE);
        assert!(signed(&[&SIGNATURE.to_uppercase().replace("SHA256", "sha256")]));
    }

    #[test]
    fn a_bare_signature_has_no_prefix() {
        const BARE: SignatureHeader = SignatureHeader::bare("x-gitea-signature");
        let hex = SIGNATURE.trim_start_matches("sha256=");
        assert_eq!(BARE.sign(BODY, SECRET), hex);
        for (value, verifies) in [(hex, true), (SIGNATURE, false), ("", false)] {
            let headers = HeaderMap::from_iter([(BARE.name.parse().unwrap(), value.parse().unwrap())]);
            assert_eq!(verify(&headers, &[BARE], BODY, SECRET), verifies, "{value}");
        }
    }

    #[test]
    fn another_body_or_secret_does_not_verify() {
        let headers = HeaderMap::from_iter([(NAME.parse().unwrap(), SIGNATURE.parse().unwrap())]);
        assert!(!verify(&headers, &[HEADER], b"Hello, World?", SECRET));
        assert!(!verify(&headers, &[HEADER], BODY, "another"));
        assert!(!signed(&[&SIGNATURE.replace('7', "8")]));
    }

    #[test]
    fn problems_are_found_from_the_headers() {
        let of = |pairs: &[(&'static str, &str)]| {
            let headers = pairs.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap()));
            let mut map = HeaderMap::new();
            for (name, value) in headers.collect::<Vec<(axum::http::HeaderName, axum::http::HeaderValue)>>() {
                map.append(name, value);
            }
            problem(&map, &[HEADER])
        };
        let old = ("x-hub-signature", "sha1=d03207e4b030cf234e3447bac4d93add4c6643d8");
        assert_eq!(of(&[]), SignatureProblem::Missing);
        assert_eq!(of(&[old]), SignatureProblem::Sha1);
        assert_eq!(of(&[(NAME, old.1)]), SignatureProblem::Sha1);
        assert_eq!(of(&[(NAME, SIGNATURE), (NAME, SIGNATURE)]), SignatureProblem::Repeated);
        assert_eq!(of(&[(NAME, "sha256=7")]), SignatureProblem::Malformed);
        assert_eq!(of(&[(NAME, SIGNATURE), old]), SignatureProblem::Mismatch);
    }

    #[test]
    fn invalid_headers_do_not_verify() {
        let cut = &SIGNATURE[..SIGNATURE.len() - 2];
        let long = format!("{SIGNATURE}00");
        let bare = SIGNATURE.trim_start_matches("sha256=");
        for values in [&[] as &[&str], &[SIGNATURE, SIGNATURE], &[cut], &[&long], &[bare], &["sha256="], &["sha1=00"]] {
            assert!(!signed(values), "{values:?}");
        }
    }
}
