//! Encryption at rest: XChaCha20-Poly1305 under a master key that lives outside the database.
//!
//! A sealed value is `version (1) | key id (4) | nonce (24) | ciphertext and tag`. The key id
//! says which master key opens it, so that keys can be changed while values of the old one are
//! still around. The place a value belongs to (`webhook_secrets.secret:sec_...`) is
//! authenticated with it: a value copied into another row does not open.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use super::{fill, sha256};

const VERSION: u8 = 1;
const KEY_ID: usize = 4;
const NONCE: usize = 24;
const HEADER: usize = 1 + KEY_ID + NONCE;

/// The master keys: the first one seals, all of them open.
#[derive(Clone)]
pub struct Keyring {
    keys: Vec<MasterKey>,
}

#[derive(Clone)]
struct MasterKey {
    id: [u8; KEY_ID],
    cipher: XChaCha20Poly1305,
}

/// Why a sealed value does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It was sealed with a master key that is not at hand.
    #[error("sealed with a master key that is not configured")]
    UnknownKey,
    /// It is not a sealed value, was changed, or belongs to another place.
    #[error("not a sealed value of this place")]
    Damaged,
}

/// Why a text is no master key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a master key is 32 bytes as base64 (44 characters); several are separated by commas, the newest first")]
pub struct ParseKeyError;

impl Keyring {
    /// A new master key as text.
    #[must_use]
    pub fn mint() -> String {
        STANDARD.encode(fill::<32>())
    }

    /// Encrypts a value for the place it belongs to.
    ///
    /// # Errors
    /// Never for values that fit into memory; the cipher's interface has one.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, OpenError> {
        let Some(key) = self.keys.first() else { return Err(OpenError::UnknownKey) };
        let nonce = fill::<NONCE>();
        let payload = Payload { msg: plain, aad: place.as_bytes() };
        let sealed = key.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| OpenError::Damaged)?;
        let mut value = Vec::with_capacity(HEADER + sealed.len());
        value.push(VERSION);
        value.extend_from_slice(&key.id);
        value.extend_from_slice(&nonce);
        value.extend_from_slice(&sealed);
        Ok(value)
    }

    /// Decrypts what [`Keyring::seal`] made for the same place.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let (header, body) = sealed.split_at_checked(HEADER).ok_or(OpenError::Damaged)?;
        if header[0] != VERSION {
            return Err(OpenError::Damaged);
        }
        let (id, nonce) = header[1..].split_at(KEY_ID);
        let key = self.keys.iter().find(|key| key.id == id).ok_or(OpenError::UnknownKey)?;
        let nonce = XNonce::try_from(nonce).map_err(|_| OpenError::Damaged)?;
        let payload = Payload { msg: body, aad: place.as_bytes() };
        key.cipher.decrypt(&nonce, payload).map_err(|_| OpenError::Damaged)
    }

    /// Whether a sealed value names a master key that is at hand.
    #[must_use]
    pub fn knows(&self, sealed: &[u8]) -> bool {
        sealed.get(1..=KEY_ID).is_some_and(|id| self.keys.iter().any(|key| key.id == id))
    }

    /// [`Keyring::open`] for text.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open_text(&self, place: &str, sealed: &[u8]) -> Result<String, OpenError> {
        String::from_utf8(self.open(place, sealed)?).map_err(|_| OpenError::Damaged)
    }
}

impl FromStr for Keyring {
    type Err = ParseKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = |text: &str| {
            let bytes = STANDARD.decode(text.trim()).map_err(|_| ParseKeyError)?;
            let key: [u8; 32] = bytes.try_into().map_err(|_| ParseKeyError)?;
            let hash = sha256(&key);
            let id = [hash[0], hash[1], hash[2], hash[3]];
            Ok(MasterKey { id, cipher: XChaCha20Poly1305::new(&key.into()) })
        };
        let keys = text.split(',').map(parse).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { keys })
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} keys)", self.keys.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_in_its_place_and_in_no_other() {
        let ring: Keyring = Keyring::mint().parse().unwrap();
        let sealed = ring.seal("a", b"secret").unwrap();
        assert_eq!(ring.open("a", &sealed).unwrap(), b"secret");
        assert_eq!(ring.open("b", &sealed), Err(OpenError::Damaged));
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
    }

    #[test]
    fn a_changed_or_cut_value_does_not_open() {
        let ring: Keyring = Keyring::mint().parse().unwrap();
        let mut sealed = ring.seal("a", b"secret").unwrap();
        assert_eq!(ring.open("a", &sealed[..10]), Err(OpenError::Damaged));
        *sealed.last_mut().unwrap() ^= 1;
        assert_eq!(ring.open("a", &sealed), Err(OpenError::Damaged));
    }

    #[test]
    fn an_older_key_still_opens_while_the_newest_seals() {
        let (old, new) = (Keyring::mint(), Keyring::mint());
        let sealed = old.parse::<Keyring>().unwrap().seal("a", b"x").unwrap();
        let both: Keyring = format!("{new},{old}").parse().unwrap();
        assert_eq!(both.open("a", &sealed).unwrap(), b"x");
        let resealed = both.seal("a", b"x").unwrap();
        let old: Keyring = old.parse().unwrap();
        assert_eq!(old.open("a", &resealed), Err(OpenError::UnknownKey));
        assert!(old.knows(&sealed) && !old.knows(&resealed) && both.knows(&resealed));
    }
}
