//! Generates, encrypts and compares secrets with well-known algorithms and crates only.

mod keyring;
mod password;
mod password_policy;
mod random;

pub use keyring::{KeyId, Keyring, OpenError, ParseKeyError};
pub use password::{hash_password, verify_password};
pub use password_policy::{COMMON_PASSWORD_ERROR, check_new_password};
pub use random::{random_bytes, token};

use sha2::{Digest, Sha256};

/// The SHA-256 digest.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
