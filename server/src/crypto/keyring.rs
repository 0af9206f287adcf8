//! Encrypts secrets at rest with XChaCha20-Poly1305 and a master key outside the database.
//!
//! An encrypted value is `version (1) | key ID (4) | nonce (24) | ciphertext and tag`. The key ID names
//! the master key, so that keys can be rotated while values of the old key still exist. The row that a
//! value belongs to (`webhook_secrets.secret:sec_...`) is its associated data: a value that is copied
//! into another row can't be decrypted.
//!
//! A key file is read again before each encryption, and when a value can't be decrypted. So a running
//! server knows a key that `testbell keys rotate` adds before it reads a value encrypted with it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use super::{random_bytes, sha256};

const VERSION: u8 = 1;
const KEY_ID: usize = 4;
const NONCE: usize = 24;
const HEADER: usize = 1 + KEY_ID + NONCE;

/// The master keys: the first one encrypts, all of them decrypt. Cheap to clone; clones share the
/// keys.
#[derive(Clone)]
pub struct Keyring {
    keys: Arc<RwLock<Arc<[MasterKey]>>>,
    file: Option<PathBuf>,
}

#[derive(Clone)]
struct MasterKey {
    id: KeyId,
    cipher: XChaCha20Poly1305,
}

/// Identifies a master key: the first bytes of its SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; KEY_ID]);

impl KeyId {
    /// The first bytes of an encrypted value, which identify its key.
    pub const PREFIX: usize = 1 + KEY_ID;

    /// The first bytes of a value that this key encrypts.
    #[must_use]
    pub fn prefix(self) -> [u8; Self::PREFIX] {
        let [a, b, c, d] = self.0;
        [VERSION, a, b, c, d]
    }

    /// The key of an encrypted value, of which the first bytes are enough.
    #[must_use]
    pub fn from_sealed(sealed: &[u8]) -> Option<Self> {
        let (version, rest) = sealed.split_first()?;
        (*version == VERSION).then_some(Self(rest.get(..KEY_ID)?.try_into().ok()?))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// Why a value can't be decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It was encrypted with an unknown master key.
    #[error("encrypted with a master key that is not configured")]
    UnknownKey,
    /// It is not an encrypted value, was changed, or has another aad.
    #[error("not an encrypted value with this aad")]
    Damaged,
}

/// Why a text is not a master key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a master key is 32 bytes as base64 (44 characters); several are separated by commas, the newest first")]
pub struct ParseKeyError;

impl Keyring {
    /// A new master key as text.
    #[must_use]
    pub fn generate() -> String {
        STANDARD.encode(random_bytes::<32>())
    }

    /// The same keys, and those that are added to `file` later.
    #[must_use]
    pub fn with_key_file(self, file: PathBuf) -> Self {
        Self { file: Some(file), ..self }
    }

    /// Encrypts a value for an aad.
    ///
    /// # Errors
    /// Never for values that fit into memory; the cipher's interface has one.
    pub fn seal(&self, aad: &str, plain: &[u8]) -> Result<Vec<u8>, OpenError> {
        self.reload();
        let keys = self.keys();
        let Some(key) = keys.first() else { return Err(OpenError::UnknownKey) };
        let nonce = random_bytes::<NONCE>();
        let payload = Payload { msg: plain, aad: aad.as_bytes() };
        let sealed = key.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| OpenError::Damaged)?;
        let mut value = Vec::with_capacity(HEADER + sealed.len());
        value.extend_from_slice(&key.id.prefix());
        value.extend_from_slice(&nonce);
        value.extend_from_slice(&sealed);
        Ok(value)
    }

    /// Decrypts a value of [`Keyring::seal`] with the same `aad`.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(&self, aad: &str, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let (header, body) = sealed.split_at_checked(HEADER).ok_or(OpenError::Damaged)?;
        let id = KeyId::from_sealed(header).ok_or(OpenError::Damaged)?;
        let key = self.find(id).or_else(|| {
            self.reload();
            self.find(id)
        });
        let key = key.ok_or(OpenError::UnknownKey)?;
        let nonce = XNonce::try_from(&header[KeyId::PREFIX..]).map_err(|_| OpenError::Damaged)?;
        let payload = Payload { msg: body, aad: aad.as_bytes() };
        key.cipher.decrypt(&nonce, payload).map_err(|_| OpenError::Damaged)
    }

    /// Whether a master key is known.
    #[must_use]
    pub fn has_key(&self, id: KeyId) -> bool {
        self.find(id).is_some()
    }

    /// The known keys, the one that encrypts first.
    #[must_use]
    pub fn ids(&self) -> Vec<KeyId> {
        self.keys().iter().map(|key| key.id).collect()
    }

    fn keys(&self) -> Arc<[MasterKey]> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn find(&self, id: KeyId) -> Option<MasterKey> {
        self.keys().iter().find(|key| key.id == id).cloned()
    }

    /// Reads the file again. If it can't be read, nothing changes.
    fn reload(&self) {
        let Some(file) = &self.file else { return };
        let read = std::fs::read_to_string(file).map_err(|error| error.to_string());
        match read.and_then(|text| parse(&text).map_err(|error| error.to_string())) {
            Ok(keys) => *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys,
            Err(error) => tracing::warn!(file = %file.display(), error, "failed to reread the master key file"),
        }
    }

    /// [`Keyring::open`] for text.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open_text(&self, aad: &str, sealed: &[u8]) -> Result<String, OpenError> {
        String::from_utf8(self.open(aad, sealed)?).map_err(|_| OpenError::Damaged)
    }
}

impl FromStr for Keyring {
    type Err = ParseKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self { keys: Arc::new(RwLock::new(parse(text)?)), file: None })
    }
}

fn parse(text: &str) -> Result<Arc<[MasterKey]>, ParseKeyError> {
    let parse = |text: &str| {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| ParseKeyError)?;
        let key: [u8; 32] = bytes.try_into().map_err(|_| ParseKeyError)?;
        let [a, b, c, d, ..] = sha256(&key);
        Ok(MasterKey { id: KeyId([a, b, c, d]), cipher: XChaCha20Poly1305::new(&key.into()) })
    };
    text.split(',').map(parse).collect()
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} keys)", self.keys().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_decrypted_only_with_its_aad() {
        let ring: Keyring = Keyring::generate().parse().unwrap();
        let sealed = ring.seal("a", b"secret").unwrap();
        assert_eq!(ring.open("a", &sealed).unwrap(), b"secret");
        assert_eq!(ring.open("b", &sealed), Err(OpenError::Damaged));
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
    }

    #[test]
    fn a_changed_or_truncated_value_is_refused() {
        let ring: Keyring = Keyring::generate().parse().unwrap();
        let mut sealed = ring.seal("a", b"secret").unwrap();
        assert_eq!(ring.open("a", &sealed[..10]), Err(OpenError::Damaged));
        *sealed.last_mut().unwrap() ^= 1;
        assert_eq!(ring.open("a", &sealed), Err(OpenError::Damaged));
    }

    #[test]
    fn an_older_key_decrypts_while_the_newest_encrypts() {
        let (old, new) = (Keyring::generate(), Keyring::generate());
        let sealed = old.parse::<Keyring>().unwrap().seal("a", b"x").unwrap();
        let both: Keyring = format!("{new},{old}").parse().unwrap();
        assert_eq!(both.open("a", &sealed).unwrap(), b"x");
        let resealed = both.seal("a", b"x").unwrap();
        let old: Keyring = old.parse().unwrap();
        assert_eq!(old.open("a", &resealed), Err(OpenError::UnknownKey));
        assert_eq!(
            (KeyId::from_sealed(&sealed), KeyId::from_sealed(&resealed)),
            (Some(both.ids()[1]), Some(both.ids()[0]))
        );
        assert!(!old.has_key(both.ids()[0]) && old.has_key(both.ids()[1]));
    }

    #[test]
    fn a_key_added_to_the_file_is_used_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("master.key");
        let (old, new) = (Keyring::generate(), Keyring::generate());
        std::fs::write(&file, format!("{old}\n")).unwrap();
        let running = old.parse::<Keyring>().unwrap().with_key_file(file.clone());
        let clone = running.clone();
        let before = running.seal("a", b"x").unwrap();

        std::fs::write(&file, format!("{new},{old}\n")).unwrap();
        let rotated = new.parse::<Keyring>().unwrap().seal("a", b"x").unwrap();
        assert_eq!(clone.open("a", &rotated).unwrap(), b"x");
        assert_eq!(running.open("a", &before).unwrap(), b"x");
        let after = running.seal("a", b"x").unwrap();
        assert_eq!(KeyId::from_sealed(&after), KeyId::from_sealed(&rotated));

        std::fs::write(&file, "damaged").unwrap();
        assert_eq!(running.open("a", &running.seal("a", b"x").unwrap()).unwrap(), b"x");
    }
}
