//! `sha256=<hex>`: HMAC-SHA256 over the raw body, as GitHub and Jira sign
//! (<https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries>).

use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Whether the header `name` is there exactly once and carries the signature of `body`. The
/// bytes of the secret's text are the key. Compared in constant time.
pub fn verify(headers: &HeaderMap, name: &str, body: &[u8], secret: &str) -> bool {
    let mut values = headers.get_all(name).iter();
    // With two of them, a proxy and this server might look at different ones.
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let Some(hex) = value.as_bytes().strip_prefix(b"sha256=") else { return false };
    let mut signature = [0; 32];
    if hex::decode_to_slice(hex, &mut signature).is_err() {
        return false;
    }
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    mac.update(body);
    mac.verify_slice(&signature).is_ok()
}

/// The header's value for a body, as the tracker would sign it.
#[must_use]
pub fn sign(body: &[u8], secret: &str) -> String {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "x-hub-signature-256";
    /// The example of GitHub's documentation.
    const SECRET: &str = "It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello, World!";
    const SIGNATURE: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    fn signed(values: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(NAME, value.parse().unwrap());
        }
        verify(&headers, NAME, BODY, SECRET)
    }

    #[test]
    fn githubs_published_example_verifies() {
        assert!(signed(&[SIGNATURE]));
        assert_eq!(sign(BODY, SECRET), SIGNATURE);
        assert!(signed(&[&SIGNATURE.to_uppercase().replace("SHA256", "sha256")]));
    }

    #[test]
    fn another_body_secret_or_signature_does_not() {
        let headers = HeaderMap::from_iter([(NAME.parse().unwrap(), SIGNATURE.parse().unwrap())]);
        assert!(!verify(&headers, NAME, b"Hello, World?", SECRET));
        assert!(!verify(&headers, NAME, BODY, "another"));
        assert!(!signed(&[&SIGNATURE.replace('7', "8")]));
    }

    #[test]
    fn a_missing_doubled_or_malformed_header_does_not() {
        let cut = &SIGNATURE[..SIGNATURE.len() - 2];
        let long = format!("{SIGNATURE}00");
        let bare = SIGNATURE.trim_start_matches("sha256=");
        for values in [&[] as &[&str], &[SIGNATURE, SIGNATURE], &[cut], &[&long], &[bare], &["sha256="], &["sha1=00"]] {
            assert!(!signed(values), "{values:?}");
        }
    }
}
