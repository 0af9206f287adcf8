//! Verifies a request from Testbell. Cargo.toml: `base64 = "0.22"`, `hmac = "0.13"`, `sha2 = "0.11"`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const TOLERANCE_SECONDS: u64 = 5 * 60;
const MIN_KEY_BYTES: usize = 24;

/// Takes the secret as Testbell shows it, the values of `webhook-id`, `webhook-timestamp` and
/// `webhook-signature`, the raw body before any parsing, and the Unix time.
pub fn verify(secret: &str, id: &str, timestamp: &str, signature: &str, body: &[u8], now: i64) -> bool {
    let Ok(seconds) = timestamp.parse::<i64>() else { return false };
    if now.abs_diff(seconds) > TOLERANCE_SECONDS {
        return false;
    }
    let Ok(key) = STANDARD.decode(secret.trim_start_matches("whsec_")) else { return false };
    // Reject an empty or short key, e.g. from a missing setting: anyone could guess it.
    if key.len() < MIN_KEY_BYTES {
        return false;
    }
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { return false };
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    // During a rotation there are two signatures. One of them must match.
    signature.split(' ').filter_map(|part| part.strip_prefix("v1,")).any(|value| {
        // Compares in constant time.
        STANDARD.decode(value).is_ok_and(|given| mac.clone().verify_slice(&given).is_ok())
    })
}
