//! The address of an inbound webhook: its token is as good as a password, so that only its hash
//! is kept, and its first characters, to tell webhooks apart.

use crate::crypto;
use crate::entity::webhook;

/// The inbound address begins with this; the token follows.
const PATH: &str = "/api/webhooks/";
const TOKEN_PREFIX: &str = "whk_";
/// Characters of the token that are shown.
const HINT: usize = 8;

/// A new address, to be revealed once.
pub struct Address {
    /// The path, with the token.
    pub path: String,
    hash: Vec<u8>,
    hint: String,
}

impl Address {
    /// Makes one with a random token.
    #[must_use]
    pub fn mint() -> Self {
        let token = crypto::token(TOKEN_PREFIX);
        Self {
            path: format!("{PATH}{token}"),
            hash: crypto::sha256(token.as_bytes()).to_vec(),
            hint: token.chars().take(HINT).collect(),
        }
    }

    /// Makes it the address of a webhook; the one before ends.
    pub fn enter(&self, row: &mut webhook::Model) {
        row.shown_url = format!("{PATH}{}••••••••", self.hint);
        row.token_hash = Some(self.hash.clone());
        row.token_hint = Some(self.hint.clone());
    }
}
