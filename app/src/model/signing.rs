//! How an endpoint recognizes that requests come from Testbell.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::string_enum;

/// Shorter secrets can be guessed (Standard Webhooks asks for 24 to 64 bytes). They are accepted with a warning.
pub const MIN_SECRET_BYTES: usize = 24;
/// The maximum length of a secret that a person enters.
pub const MAX_SECRET_BYTES: usize = 256;
/// The beginning of a secret of Standard Webhooks. Base64 follows.
pub const SECRET_PREFIX: &str = "whsec_";
/// The beginning of a private key of Standard Webhooks. Base64 follows.
pub const PRIVATE_KEY_PREFIX: &str = "whsk_";

string_enum! {
    /// How the requests of a generic endpoint are signed.
    SigningScheme {
        /// `webhook-signature` with HMAC-SHA256 (`v1,`), as Standard Webhooks 1.0 specifies.
        StandardWebhooks = "standard_webhooks", "Standard Webhooks, HMAC-SHA256";
        /// `webhook-signature` with ed25519 (`v1a,`), as Standard Webhooks 1.0 specifies.
        StandardWebhooksEd25519 = "standard_webhooks_ed25519", "Standard Webhooks, ed25519";
        /// The HMAC-SHA256 of the body in hex, in a header with a selected name.
        HmacSha256 = "hmac_sha256", "HMAC-SHA256 in a custom header";
        /// `t=<Unix time>,v1=<hex>` with the HMAC-SHA256 of `t.body`, in a header with a selected name.
        HmacSha256Timestamp = "hmac_sha256_timestamp", "HMAC-SHA256 with a timestamp";
        /// The secret itself, in a header with a selected name.
        SharedSecret = "shared_secret", "Secret in a custom header";
        /// Requests are not signed.
        None = "none", "None";
    }
}

impl SigningScheme {
    /// Whether the admin selects the header.
    #[must_use]
    pub const fn has_header(self) -> bool {
        matches!(self, Self::HmacSha256 | Self::HmacSha256Timestamp | Self::SharedSecret)
    }

    /// Whether there is something to rotate: a secret or a key pair.
    #[must_use]
    pub const fn has_key(self) -> bool {
        !matches!(self, Self::None)
    }

    /// Whether the receiver needs a secret.
    #[must_use]
    pub const fn has_secret(self) -> bool {
        !matches!(self, Self::None | Self::StandardWebhooksEd25519)
    }

    /// Whether a request can carry the signatures of two secrets, so that the old one signs for a while after a
    /// rotation.
    #[must_use]
    pub const fn carries_two(self) -> bool {
        matches!(self, Self::StandardWebhooks | Self::StandardWebhooksEd25519 | Self::HmacSha256Timestamp)
    }

    /// Whether the secret itself is sent.
    #[must_use]
    pub const fn sends_secret(self) -> bool {
        matches!(self, Self::SharedSecret)
    }

    /// The number of bytes of the key that a secret stands for.
    #[must_use]
    pub fn key_bytes(self, secret: &str) -> usize {
        match (self, secret.strip_prefix(SECRET_PREFIX)) {
            // All its keys have one length.
            (Self::StandardWebhooksEd25519, _) => MIN_SECRET_BYTES,
            (Self::StandardWebhooks, Some(encoded)) => encoded.trim_end_matches('=').len() * 3 / 4,
            _ => secret.len(),
        }
    }

    /// Checks a secret that a person enters. A short one is accepted.
    ///
    /// # Errors
    /// A message for the user.
    pub fn check_secret(self, secret: &str) -> Result<(), &'static str> {
        if !self.has_key() {
            return Err("This kind of signing has no secret to enter.");
        }
        if secret.trim().is_empty() || secret == SECRET_PREFIX {
            return Err("Enter a secret.");
        }
        if secret.len() > MAX_SECRET_BYTES {
            return Err("Use at most 256 bytes.");
        }
        if secret.trim() != secret || secret.chars().any(char::is_control) {
            return Err("Use one line of text without spaces at its start and end.");
        }
        if matches!(self, Self::StandardWebhooksEd25519) && !secret.starts_with(PRIVATE_KEY_PREFIX) {
            return Err("Enter a private key: whsk_ and Base64.");
        }
        if self.sends_secret() && !secret.is_ascii() {
            return Err("Use only ASCII characters, because the secret is sent in a header.");
        }
        Ok(())
    }
}

/// How the requests of a webhook are signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema, sea_orm::FromJsonQueryResult))]
#[serde(rename_all = "camelCase", default)]
pub struct WebhookSigning {
    /// The scheme.
    pub scheme: SigningScheme,
    /// The name of the header with the signature or the secret. Only for schemes with a custom header, which need
    /// it.
    pub header: Option<String>,
    /// Whether `sha256=` precedes the signature; only for `hmac_sha256`.
    pub sha256_prefix: bool,
}

impl Default for WebhookSigning {
    fn default() -> Self {
        Self { scheme: SigningScheme::StandardWebhooks, header: None, sha256_prefix: false }
    }
}

impl WebhookSigning {
    /// Whether a request can carry the signatures of two secrets.
    #[must_use]
    pub const fn carries_two(&self) -> bool {
        self.scheme.carries_two()
    }

    /// The header that receivers verify; `None` if requests are not signed.
    #[must_use]
    pub fn header_name(&self) -> Option<&str> {
        match self.scheme {
            SigningScheme::StandardWebhooks | SigningScheme::StandardWebhooksEd25519 => Some("webhook-signature"),
            SigningScheme::None => None,
            _ => self.header.as_deref(),
        }
    }

    /// The scheme and its header in one line.
    #[must_use]
    pub fn summary(&self) -> String {
        match &self.header {
            Some(header) => format!("{}: {header}", self.scheme.label()),
            None => self.scheme.label().to_owned(),
        }
    }

    /// What the receiver does with a new secret.
    #[must_use]
    pub fn setup_step(&self) -> String {
        let header = self.header_name().unwrap_or_default();
        match self.scheme {
            SigningScheme::StandardWebhooks => {
                format!("Use this secret to verify the {header} header (Standard Webhooks 1.0).")
            }
            SigningScheme::StandardWebhooksEd25519 => {
                format!("Use the public key to verify the {header} header (Standard Webhooks 1.0).")
            }
            SigningScheme::HmacSha256 => {
                let prefix = if self.sha256_prefix { "sha256= and " } else { "" };
                format!("The {header} header is {prefix}the HMAC-SHA256 of the body with this secret, in hex.")
            }
            SigningScheme::HmacSha256Timestamp => format!(
                "The {header} header is t=, the Unix time, and v1= with the HMAC-SHA256 of the time, a dot and the body, in hex."
            ),
            SigningScheme::SharedSecret => format!("Compare the {header} header with this secret."),
            SigningScheme::None => String::new(),
        }
    }
}

/// Changes how an outbound webhook signs its requests.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChangeSigning {
    /// The new signing. Another scheme needs a new secret, which replaces the old ones at once.
    pub signing: WebhookSigning,
    /// The secret for another scheme, instead of a generated one. See [`RotateWebhook`](super::webhook::RotateWebhook).
    #[serde(default)]
    pub secret: Option<String>,
}

/// Signing as the fields of a form.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SigningForm {
    /// The scheme; `None` if the destination isn't signed.
    pub scheme: Option<SigningScheme>,
    /// See [`WebhookSigning::header`].
    pub header: String,
    /// See [`WebhookSigning::sha256_prefix`].
    pub sha256_prefix: bool,
    /// Whether a secret is entered. Otherwise, it is generated.
    pub has_secret: bool,
    /// The secret.
    pub secret: String,
}

/// Without the secret.
impl fmt::Debug for SigningForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningForm").field(&self.scheme).finish()
    }
}

#[cfg(feature = "ssr")]
impl SigningForm {
    /// The signing and the entered secret.
    #[must_use]
    pub fn into_parts(self) -> (Option<WebhookSigning>, Option<String>) {
        let signing = self.scheme.map(|scheme| WebhookSigning {
            scheme,
            header: scheme.has_header().then(|| self.header.trim().to_owned()),
            sha256_prefix: self.sha256_prefix && scheme == SigningScheme::HmacSha256,
        });
        (signing, self.has_secret.then_some(self.secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_empty_object_is_the_default() {
        let signing: WebhookSigning = serde_json::from_str("{}").unwrap();
        assert_eq!(signing, WebhookSigning::default());
        assert_eq!(signing.scheme, SigningScheme::StandardWebhooks);
    }

    #[test]
    fn a_short_secret_is_accepted_and_an_empty_one_is_not() {
        for scheme in SigningScheme::ALL.iter().copied().filter(|scheme| scheme.has_secret()) {
            assert_eq!(scheme.check_secret("x"), Ok(()), "{scheme}");
            for refused in ["", "  ", " x", "x\n", "a\tb\0", &"x".repeat(MAX_SECRET_BYTES + 1)] {
                assert!(scheme.check_secret(refused).is_err(), "{scheme} {refused:?}");
            }
            assert_eq!(scheme.check_secret("Grüße").is_ok(), !scheme.sends_secret(), "{scheme}");
        }
        assert!(SigningScheme::None.check_secret("a secret").is_err());
        assert!(SigningScheme::StandardWebhooksEd25519.check_secret("a secret").is_err());
    }

    #[test]
    fn the_length_of_a_key_is_counted_in_bytes() {
        let standard = SigningScheme::StandardWebhooks;
        assert_eq!(standard.key_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), 24);
        assert_eq!((standard.key_bytes("whsec_AA=="), standard.key_bytes("ä")), (1, 2));
        assert_eq!(SigningScheme::HmacSha256.key_bytes("whsec_AA=="), 10);
    }
}
