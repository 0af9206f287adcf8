//! Signs the requests of a webhook, in one file per family of schemes. All of it is pure.
//!
//! [`NewSecret`] makes the secret of a scheme, and [`Signer`] writes the header that a receiver verifies.

mod ed25519;
mod hmac_header;
mod standard;

use app::model::signing::{SECRET_PREFIX, SigningScheme, WebhookSigning};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue};

use crate::crypto;
use ed25519::PrivateKey;
pub use standard::{SigningKey, generate, sign};

const STANDARD_HEADER: HeaderName = HeaderName::from_static("webhook-signature");

/// A secret that is not stored yet.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSecret {
    /// The text, as it is stored.
    pub text: String,
    /// The public key of a key pair. Its private key is never shown.
    pub public_key: Option<String>,
}

impl NewSecret {
    /// Generates a secret or a key pair; `None` if the scheme has none.
    #[must_use]
    pub fn generate(scheme: SigningScheme) -> Option<Self> {
        let secret = |text| Some(Self { text, public_key: None });
        match scheme {
            SigningScheme::StandardWebhooks => secret(generate()),
            SigningScheme::StandardWebhooksEd25519 => {
                let (text, public_key) = ed25519::generate()?;
                Some(Self { text, public_key: Some(public_key) })
            }
            SigningScheme::HmacSha256 | SigningScheme::HmacSha256Timestamp | SigningScheme::SharedSecret => {
                secret(hex::encode(crypto::random_bytes::<32>()))
            }
            SigningScheme::None => None,
        }
    }

    /// A secret that a person entered. With Standard Webhooks, any text becomes the key: it is stored in the form
    /// that the libraries expect, unless it has that form.
    ///
    /// # Errors
    /// A message for the user.
    pub fn entered(scheme: SigningScheme, entered: &str) -> Result<Self, &'static str> {
        scheme.check_secret(entered)?;
        if scheme == SigningScheme::StandardWebhooksEd25519 {
            let (text, public_key) = ed25519::import(entered)?;
            return Ok(Self { text, public_key: Some(public_key) });
        }
        let text = match (scheme, entered.strip_prefix(SECRET_PREFIX)) {
            (SigningScheme::StandardWebhooks, Some(encoded)) if STANDARD.decode(encoded).is_ok() => entered.to_owned(),
            (SigningScheme::StandardWebhooks, Some(_)) => return Err("Enter valid Base64 after whsec_."),
            (SigningScheme::StandardWebhooks, None) => format!("{SECRET_PREFIX}{}", STANDARD.encode(entered)),
            _ => entered.to_owned(),
        };
        Ok(Self { text, public_key: None })
    }

    /// The text to show once; `None` if nobody needs it: the private key of a pair, or what a person entered.
    #[must_use]
    pub fn into_revealed(self, entered: Option<&str>) -> Option<String> {
        (self.public_key.is_none() && entered != Some(&self.text)).then_some(self.text)
    }
}

/// The scheme of a webhook with its active keys, newest first.
#[derive(Clone)]
pub enum Signer {
    /// `v1,` signatures of Standard Webhooks.
    Standard(Vec<SigningKey>),
    /// `v1a,` signatures of Standard Webhooks.
    Ed25519(Vec<PrivateKey>),
    /// The HMAC of the body, which carries one signature.
    Hmac {
        /// Its header.
        header: HeaderName,
        /// Whether `sha256=` precedes it.
        has_prefix: bool,
        /// The newest secret.
        secret: String,
    },
    /// The HMAC of time and body.
    HmacTimestamp {
        /// Its header.
        header: HeaderName,
        /// The secrets.
        secrets: Vec<String>,
    },
    /// The secret as it is.
    SharedSecret {
        /// Its header.
        header: HeaderName,
        /// The newest secret. It is hidden in stored headers.
        value: HeaderValue,
    },
    /// Nothing.
    None,
}

impl Signer {
    /// The signer of a webhook with these secrets, newest first; `None` if there is none, or one of them is not of
    /// its scheme.
    #[must_use]
    pub fn new(signing: &WebhookSigning, secrets: Vec<String>) -> Option<Self> {
        if signing.scheme.has_key() && secrets.is_empty() {
            return None;
        }
        let header = || HeaderName::try_from(signing.header.as_deref()?).ok();
        Some(match signing.scheme {
            SigningScheme::StandardWebhooks => {
                Self::Standard(secrets.iter().map(|secret| SigningKey::parse(secret)).collect::<Option<_>>()?)
            }
            SigningScheme::StandardWebhooksEd25519 => {
                Self::Ed25519(secrets.iter().map(|secret| PrivateKey::parse(secret)).collect::<Option<_>>()?)
            }
            SigningScheme::HmacSha256 => {
                Self::Hmac { header: header()?, has_prefix: signing.sha256_prefix, secret: secrets.into_iter().next()? }
            }
            SigningScheme::HmacSha256Timestamp => Self::HmacTimestamp { header: header()?, secrets },
            SigningScheme::SharedSecret => {
                let mut value = HeaderValue::try_from(secrets.into_iter().next()?).ok()?;
                value.set_sensitive(true);
                Self::SharedSecret { header: header()?, value }
            }
            SigningScheme::None => Self::None,
        })
    }

    /// The header that proves the sender of a request; `None` if it is not signed.
    #[must_use]
    pub fn header(&self, id: &str, timestamp: i64, body: &[u8]) -> Option<(HeaderName, HeaderValue)> {
        let (name, value) = match self {
            Self::Standard(keys) => (STANDARD_HEADER, sign(keys, id, timestamp, body)),
            Self::Ed25519(keys) => (STANDARD_HEADER, ed25519::sign(keys, id, timestamp, body)),
            Self::Hmac { header, has_prefix, secret } => {
                let prefix = if *has_prefix { "sha256=" } else { "" };
                (header.clone(), format!("{prefix}{}", hmac_header::of_body(secret, body)))
            }
            Self::HmacTimestamp { header, secrets } => {
                (header.clone(), hmac_header::with_timestamp(secrets, timestamp, body))
            }
            Self::SharedSecret { header, value } => return Some((header.clone(), value.clone())),
            Self::None => return None,
        };
        Some((name, HeaderValue::try_from(value).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signing(scheme: SigningScheme) -> WebhookSigning {
        let header = scheme.has_header().then(|| "X-Signature".to_owned());
        WebhookSigning { scheme, header, sha256_prefix: false }
    }

    #[test]
    fn each_generated_secret_signs_with_its_scheme() {
        for &scheme in SigningScheme::ALL {
            let secrets = NewSecret::generate(scheme).map(|secret| secret.text);
            assert_eq!(secrets.is_some(), scheme.has_key(), "{scheme}");
            let signer = Signer::new(&signing(scheme), secrets.into_iter().collect()).unwrap();
            let header = signer.header("evt_1", 1, b"{}");
            let name = header.as_ref().map(|(name, _)| name.as_str());
            let expected = signing(scheme).header_name().map(str::to_ascii_lowercase);
            assert_eq!(name, expected.as_deref(), "{scheme}");
            let is_hidden = header.is_some_and(|(_, value)| value.is_sensitive());
            assert_eq!(is_hidden, scheme.sends_secret(), "{scheme}");
        }
    }

    #[test]
    fn a_scheme_that_carries_two_writes_a_signature_for_each() {
        for &scheme in SigningScheme::ALL.iter().filter(|scheme| scheme.has_key()) {
            let secrets: Vec<_> = (0..2).map(|_| NewSecret::generate(scheme).unwrap().text).collect();
            let value = |secrets: &[String]| {
                let (_, value) =
                    Signer::new(&signing(scheme), secrets.to_vec()).unwrap().header("e", 1, b"{}").unwrap();
                value.to_str().unwrap().to_owned()
            };
            let (both, newest) = (value(&secrets), value(&secrets[..1]));
            assert_eq!(
                both.starts_with(&newest) && both.len() > newest.len(),
                scheme.carries_two(),
                "{scheme}: {both}"
            );
            assert_eq!(both == newest, !scheme.carries_two(), "{scheme}");
        }
    }

    #[test]
    fn any_text_becomes_a_secret_of_standard_webhooks() {
        let entered = |text| NewSecret::entered(SigningScheme::StandardWebhooks, text).map(|secret| secret.text);
        assert_eq!(entered("short").as_deref(), Ok("whsec_c2hvcnQ="));
        assert_eq!(entered("whsec_c2hvcnQ=").as_deref(), Ok("whsec_c2hvcnQ="));
        for refused in ["", "whsec_", "whsec_***"] {
            assert!(entered(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn only_what_nobody_knows_is_revealed() {
        let standard = SigningScheme::StandardWebhooks;
        let revealed = |scheme, entered| NewSecret::entered(scheme, entered).unwrap().into_revealed(Some(entered));
        assert_eq!(revealed(standard, "short").as_deref(), Some("whsec_c2hvcnQ="));
        assert_eq!(revealed(standard, "whsec_c2hvcnQ="), None);
        assert_eq!(revealed(SigningScheme::SharedSecret, "short"), None);
        assert!(NewSecret::generate(standard).unwrap().into_revealed(None).is_some());
        let pair = NewSecret::generate(SigningScheme::StandardWebhooksEd25519).unwrap();
        assert!(pair.public_key.clone().is_some_and(|key| key.starts_with("whpk_")));
        assert_eq!(pair.into_revealed(None), None);
    }

    #[test]
    fn a_secret_of_another_scheme_makes_no_signer() {
        for scheme in [SigningScheme::StandardWebhooks, SigningScheme::StandardWebhooksEd25519] {
            assert!(Signer::new(&signing(scheme), vec!["plain".into()]).is_none(), "{scheme}");
        }
        for &scheme in SigningScheme::ALL {
            assert_eq!(Signer::new(&signing(scheme), Vec::new()).is_none(), scheme.has_key(), "{scheme}");
        }
    }
}
