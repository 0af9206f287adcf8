//! Secrets: how they are made, kept and compared. Nothing here is home-made; it only puts
//! well-known parts together.

mod keyring;
mod password;
mod random;

pub use keyring::{KeyId, Keyring, OpenError, ParseKeyError};
pub use password::{hash_password, verify_password};
pub use random::{fill, token};

use sha2::{Digest, Sha256};

/// SHA-256.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
