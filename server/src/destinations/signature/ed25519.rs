//! Asymmetric signatures of Standard Webhooks 1.0
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>):
//! ed25519 over `id.timestamp.body`. The receiver needs only the public key.

use std::sync::Arc;

use app::model::signing::PRIVATE_KEY_PREFIX;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{Ed25519KeyPair, KeyPair};

use crate::crypto;

/// The prefix of a public key.
const PUBLIC_PREFIX: &str = "whpk_";
const SEED_BYTES: usize = 32;
const WITH_PUBLIC_BYTES: usize = 64;

/// A private key. Cheap to clone.
#[derive(Clone)]
pub struct PrivateKey(Arc<Ed25519KeyPair>);

impl PrivateKey {
    /// Parses `whsk_` and base64 of the private and the public key; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix(PRIVATE_KEY_PREFIX)?).ok()?;
        let (seed, public) = bytes.split_at_checked(SEED_BYTES)?;
        Ed25519KeyPair::from_seed_and_public_key(seed, public).ok().map(|pair| Self(Arc::new(pair)))
    }
}

/// Generates a private key and its public key, as text. `None` never happens: each seed is a key.
pub fn generate() -> Option<(String, String)> {
    from_seed(&crypto::random_bytes::<SEED_BYTES>())
}

/// The private key that a person entered, in the form that is stored, and its public key. Some libraries write the
/// private key alone, without the public one.
///
/// # Errors
/// A message for the user.
pub fn import(text: &str) -> Result<(String, String), &'static str> {
    let encoded = text.strip_prefix(PRIVATE_KEY_PREFIX).ok_or("Enter a private key: whsk_ and Base64.")?;
    let bytes = STANDARD.decode(encoded).map_err(|_| "Enter valid Base64 after whsk_.")?;
    let seed = match bytes.len() {
        SEED_BYTES => &bytes[..],
        WITH_PUBLIC_BYTES => &bytes[..SEED_BYTES],
        _ => return Err("Enter a private key of 32 bytes, or of 64 bytes with its public key, as Base64 after whsk_."),
    };
    if bytes.len() == WITH_PUBLIC_BYTES && PrivateKey::parse(text).is_none() {
        return Err("The two halves of the key don't belong together. Copy the whole key again.");
    }
    from_seed(seed).ok_or("Enter another private key.")
}

fn from_seed(seed: &[u8]) -> Option<(String, String)> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
    let public = pair.public_key().as_ref();
    let private = STANDARD.encode([seed, public].concat());
    Some((format!("{PRIVATE_KEY_PREFIX}{private}"), format!("{PUBLIC_PREFIX}{}", STANDARD.encode(public))))
}

/// The value of `webhook-signature`: one signature for each key, in the given order, separated by spaces.
#[must_use]
pub fn sign(keys: &[PrivateKey], id: &str, timestamp: i64, body: &[u8]) -> String {
    let message = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
    let one = |PrivateKey(key): &PrivateKey| format!("v1a,{}", STANDARD.encode(key.sign(&message)));
    keys.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use ring::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    /// Whether a public key verifies a signature.
    fn verifies(public: &str, signature: &str, message: &[u8]) -> bool {
        let key = STANDARD.decode(public.strip_prefix("whpk_").unwrap()).unwrap();
        let signature = STANDARD.decode(signature.strip_prefix("v1a,").unwrap()).unwrap();
        UnparsedPublicKey::new(&ED25519, key).verify(message, &signature).is_ok()
    }

    #[test]
    fn each_key_signs_for_its_public_key() {
        let pairs = [generate().unwrap(), generate().unwrap()];
        let keys: Vec<_> = pairs.iter().map(|(private, _)| PrivateKey::parse(private).unwrap()).collect();
        let header = sign(&keys, "evt_1", 1_700_000_000, b"{}");
        let signatures: Vec<_> = header.split(' ').collect();
        for (number, (_, public)) in pairs.iter().enumerate() {
            assert!(verifies(public, signatures[number], b"evt_1.1700000000.{}"));
            assert!(!verifies(public, signatures[1 - number], b"evt_1.1700000000.{}"), "the other pair");
            assert!(!verifies(public, signatures[number], b"evt_1.1700000000.{} "), "another body");
        }
        assert_eq!(signatures.len(), 2);
    }

    #[test]
    fn a_private_key_is_imported_with_or_without_its_public_key() {
        let (private, public) = generate().unwrap();
        assert_eq!(import(&private), Ok((private.clone(), public.clone())));
        let bytes = STANDARD.decode(private.strip_prefix("whsk_").unwrap()).unwrap();
        let alone = format!("whsk_{}", STANDARD.encode(&bytes[..SEED_BYTES]));
        assert_eq!(import(&alone), Ok((private, public)));
        let (other, _) = generate().unwrap();
        let other = STANDARD.decode(other.strip_prefix("whsk_").unwrap()).unwrap();
        let mixed = STANDARD.encode([&bytes[..SEED_BYTES], &other[SEED_BYTES..]].concat());
        for refused in [&format!("whsk_{mixed}"), "whsk_", "whsk_***", "whsk_c2hvcnQ=", "whsec_c2hvcnQ=", "short"] {
            assert!(import(refused).is_err(), "{refused}");
        }
    }

    /// <https://www.rfc-editor.org/rfc/rfc8032#section-7.1>, test 1.
    #[test]
    fn a_key_pair_of_the_specification_is_accepted() {
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        let text = |hex: &str| format!("whsk_{}", STANDARD.encode(hex::decode(hex).unwrap()));
        assert!(PrivateKey::parse(&text(&format!("{seed}{public}"))).is_some());
        assert!(PrivateKey::parse(&text(&format!("{seed}{}", public.replace('d', "e")))).is_none());
        for text in ["", "whsk_", "whsk_***", "whsec_AA==", &text(seed)] {
            assert!(PrivateKey::parse(text).is_none(), "{text}");
        }
    }
}
