//! The URL of an inbound webhook. Its token is like a password: only its hash is stored, and its
//! first characters, which identify the webhook.

use crate::crypto;
use crate::entity::webhook;

const PATH: &str = "/api/webhooks/";
const TOKEN_PREFIX: &str = "whk_";
/// The number of characters of the token that are shown.
const HINT_CHARS: usize = 8;

/// A new URL, shown only once.
pub struct InboundAddress {
    /// The path, with the token.
    pub path: String,
    hash: Vec<u8>,
    hint: String,
}

impl InboundAddress {
    /// Generates a random token.
    #[must_use]
    pub fn generate() -> Self {
        let token = crypto::token(TOKEN_PREFIX);
        Self {
            path: format!("{PATH}{token}"),
            hash: crypto::sha256(token.as_bytes()).to_vec(),
            hint: token.chars().take(HINT_CHARS).collect(),
        }
    }

    /// Assigns it to a webhook; the previous URL stops working.
    pub fn assign_to(&self, row: &mut webhook::Model) {
        row.display_url = format!("{PATH}{}••••••••", self.hint);
        row.token_hash = Some(self.hash.clone());
        row.token_hint = Some(self.hint.clone());
    }
}
