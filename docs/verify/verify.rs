//! Verifies a request of Testbell. Cargo.toml: `base64 = "0.22"`, `hmac = "0.13"`, `sha2 = "0.11"`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const TOLERANCE_SECONDS: u64 = 5 * 60;

/// Wants the secret as revealed, the values of `webhook-id`, `webhook-timestamp` and
/// `webhook-signature`, the body as received, before anything parses it, and the Unix time.
pub fn verify(secret: &str, id: &str, timestamp: &str, signature: &str, body: &[u8], now: i64) -> bool {
    let Ok(seconds) = timestamp.parse::<i64>() else { return false };
    if now.abs_diff(seconds) > TOLERANCE_SECONDS {
        return false;
    }
    let Ok(key) = STANDARD.decode(secret.trim_start_matches("whsec_")) else { return false };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { return false };
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    // While a secret is being rotated there are two signatures: one of them has to fit.
    signature.split(' ').filter_map(|part| part.strip_prefix("v1,")).any(|value| {
        // Compares in constant time.
        STANDARD.decode(value).is_ok_and(|given| mac.clone().verify_slice(&given).is_ok())
    })
}
