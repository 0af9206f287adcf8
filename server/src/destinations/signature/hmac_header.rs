//! HMAC-SHA256 in hex, as many receivers verify it. The key is the text of the secret.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The HMAC of the body, in hex.
#[must_use]
pub fn of_body(secret: &str, body: &[u8]) -> String {
    hmac(secret, &[body])
}

/// `t=<Unix time>,v1=<hex>`, with the HMAC of `t.body` for each secret, in the given order
/// (<https://docs.stripe.com/webhooks#verify-manually>).
#[must_use]
pub fn with_timestamp(secrets: &[String], timestamp: i64, body: &[u8]) -> String {
    let time = format!("{timestamp}.");
    let one = |secret: &String| format!(",v1={}", hmac(secret, &[time.as_bytes(), body]));
    format!("t={timestamp}{}", secrets.iter().map(one).collect::<String>())
}

fn hmac(secret: &str, parts: &[&[u8]]) -> String {
    // HMAC accepts keys of any length; the shared interface of ciphers doesn't.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    parts.iter().for_each(|part| mac.update(part));
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation>
    #[test]
    fn the_published_test_vector_matches() {
        let signature = of_body("It's a Secret to Everybody", b"Hello, World!");
        assert_eq!(signature, "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
    }

    #[test]
    fn the_timestamp_is_signed_with_each_secret() {
        let secrets = ["new".to_owned(), "old".to_owned()];
        let expected = format!("t=12,v1={},v1={}", of_body("new", b"12.{}"), of_body("old", b"12.{}"));
        assert_eq!(with_timestamp(&secrets, 12, b"{}"), expected);
    }
}
