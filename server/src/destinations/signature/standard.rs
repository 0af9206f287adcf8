//! Signatures of Standard Webhooks 1.0
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>):
//! HMAC-SHA256 over `id.timestamp.body`, one for each active secret.

use app::model::signing::SECRET_PREFIX;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::crypto;

/// The key of a secret.
#[derive(Clone)]
pub struct SigningKey(Vec<u8>);

impl SigningKey {
    /// Parses `whsec_` and base64; `None` for anything else.
    #[must_use]
    pub fn parse(secret: &str) -> Option<Self> {
        STANDARD.decode(secret.strip_prefix(SECRET_PREFIX)?).ok().map(Self)
    }
}

/// Generates a secret: `whsec_` and base64 of 32 random bytes (the specification asks for 24 to
/// 64).
#[must_use]
pub fn generate() -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(crypto::random_bytes::<32>()))
}

/// The value of `webhook-signature`: one signature for each key, in the given order, separated by
/// spaces.
#[must_use]
pub fn sign(keys: &[SigningKey], id: &str, timestamp: i64, body: &[u8]) -> String {
    let signatures: Vec<_> = keys.iter().filter_map(|key| one(key, id, timestamp, body)).collect();
    signatures.join(" ")
}

fn one(SigningKey(key): &SigningKey, id: &str, timestamp: i64, body: &[u8]) -> Option<String> {
    // HMAC accepts keys of any length; the shared interface of ciphers doesn't.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use standardwebhooks::Webhook;

    use super::*;

    #[test]
    fn the_published_test_vector_matches() {
        let key = SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = sign(&[key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn each_secret_signs_for_the_published_verifier() {
        let secrets = [generate(), generate()];
        let keys: Vec<_> = secrets.iter().map(|secret| SigningKey::parse(secret).unwrap()).collect();
        let signature = sign(&keys, "evt_1", 1_700_000_000, b"{}");
        let parts: Vec<_> = signature.split(' ').collect();
        for (secret, part) in secrets.iter().zip(&parts) {
            let expected = Webhook::new(secret).unwrap().sign("evt_1", 1_700_000_000, b"{}").unwrap();
            assert_eq!(*part, expected);
        }
        assert_eq!(parts.len(), 2);
    }

    #[test]
    fn an_invalid_secret_is_no_key() {
        for text in ["", "whsec_***", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert!(SigningKey::parse(text).is_none(), "{text}");
        }
    }
}
