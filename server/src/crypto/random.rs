//! The only source of randomness.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Random bytes from the operating system.
///
/// # Panics
/// If the operating system provides none: no secret could be secure.
#[must_use]
#[allow(clippy::disallowed_methods, clippy::expect_used, reason = "this is where randomness enters")]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A token of 256 random bits: `prefix`, which says what it is, and 43 characters that are safe in
/// URLs and headers.
#[must_use]
pub fn token(prefix: &str) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random_bytes::<32>()))
}
