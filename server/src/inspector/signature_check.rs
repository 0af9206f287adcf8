//! Checks the signature of a received request. The scheme is detected from the headers: Standard Webhooks (also
//! under Svix's names, and with a public key), HMAC with a timestamp (`t=...,v1=<hex>` over `t.body`), HMAC of the body in hex with or
//! without `sha256=`, and the secret itself in a header.

use app::model::inspector::SignatureCheck;
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use ring::signature::{ED25519, UnparsedPublicKey};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// How far the timestamp of a signature may be from its arrival, in seconds.
const TOLERANCE_SECONDS: i64 = 5 * 60;
/// The prefix of a public key of Standard Webhooks.
const PUBLIC_KEY_PREFIX: &str = "whpk_";
/// Beginnings of header names, of Standard Webhooks and of its predecessor.
const STANDARD_PREFIXES: [&str; 2] = ["webhook", "svix"];

/// The result, with details in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedSignature {
    /// The result.
    pub check: SignatureCheck,
    /// Details as a sentence.
    pub detail: String,
}

impl CheckedSignature {
    fn new(check: SignatureCheck, detail: impl Into<String>) -> Self {
        Self { check, detail: detail.into() }
    }
}

/// A signature as the headers contain it.
#[derive(Debug, PartialEq, Eq)]
enum FoundSignature {
    /// The scheme and what it signs before the body, when it was signed, and the possible signatures.
    Hmac {
        scheme: String,
        before_body: String,
        signed_at: Option<i64>,
        signatures: Vec<Vec<u8>>,
    },
    /// The same with a public key instead of a secret.
    Ed25519 {
        before_body: String,
        signed_at: i64,
        signatures: Vec<Vec<u8>>,
    },
    /// A header that may have the secret itself.
    Secret {
        header: String,
        value: Vec<u8>,
    },
    /// A header in an unknown form.
    Malformed(String),
    Nothing,
}

/// Checks a request that arrived at `now`. `body` is `None` if it is not complete.
pub fn check(headers: &HeaderMap, body: Option<&[u8]>, secret: Option<&str>, now: DateTime<Utc>) -> CheckedSignature {
    use SignatureCheck as Check;
    let found = find(headers, secret);
    let (secret, body) = match (&found, secret, body) {
        (FoundSignature::Nothing, ..) => {
            return CheckedSignature::new(Check::Unsigned, "No header has a signature in a known form.");
        }
        (_, None, _) => {
            let detail = "Set the signing secret of the sender to check the next requests.";
            return CheckedSignature::new(Check::NotChecked, detail);
        }
        (_, _, None) => {
            return CheckedSignature::new(Check::NotChecked, "The body is too large to be checked.");
        }
        (_, Some(secret), Some(body)) => (secret, body),
    };
    match found {
        FoundSignature::Nothing => CheckedSignature::new(Check::Unsigned, ""),
        FoundSignature::Malformed(why) => CheckedSignature::new(Check::Malformed, why),
        FoundSignature::Secret { header, value } => {
            let equal = bool::from(value.ct_eq(secret.as_bytes()));
            if equal {
                CheckedSignature::new(Check::Valid, format!("The header {header} has the secret."))
            } else {
                CheckedSignature::new(Check::WrongSecret, format!("The header {header} has another secret."))
            }
        }
        FoundSignature::Hmac { scheme, before_body, signed_at, signatures } => {
            let is_valid =
                keys(secret).iter().any(|key| verifies(key, &before_body, body, &signatures).unwrap_or(false));
            signed(&scheme, is_valid, signed_at, now)
        }
        FoundSignature::Ed25519 { before_body, signed_at, signatures } => {
            let is_valid = verifies_ed25519(secret, &before_body, body, &signatures).unwrap_or(false);
            signed("Standard Webhooks v1a", is_valid, Some(signed_at), now)
        }
    }
}

/// The result of a signature. Its time is known to be true only if it is valid.
fn signed(scheme: &str, is_valid: bool, signed_at: Option<i64>, now: DateTime<Utc>) -> CheckedSignature {
    let age = signed_at.map(|signed_at| now.timestamp().saturating_sub(signed_at));
    let when = age.map_or_else(String::new, |age| format!(", {}", signed_when(age)));
    let check = match age {
        _ if !is_valid => SignatureCheck::WrongSecret,
        Some(age) if age > TOLERANCE_SECONDS => SignatureCheck::TooOld,
        Some(age) if age < -TOLERANCE_SECONDS => SignatureCheck::TooNew,
        _ => SignatureCheck::Valid,
    };
    let also = if is_valid { "" } else { " The secret differs, or the body was changed on its way." };
    CheckedSignature::new(check, format!("{scheme}{when}.{also}"))
}

fn signed_when(age: i64) -> String {
    match age {
        0 => "signed in the second of its arrival".to_owned(),
        1.. => format!("signed {age} s before it arrived"),
        _ => format!("signed {} s after it arrived, by the sender's clock", age.unsigned_abs()),
    }
}

/// The possible keys of a secret: Base64 after `whsec_`, as in Standard Webhooks, or the text itself.
fn keys(secret: &str) -> Vec<Vec<u8>> {
    let decoded = STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)).ok();
    decoded.into_iter().chain([secret.as_bytes().to_vec()]).collect()
}

fn verifies(key: &[u8], before_body: &str, body: &[u8], signatures: &[Vec<u8>]) -> Option<bool> {
    // HMAC takes a key of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(before_body.as_bytes());
    mac.update(body);
    Some(signatures.iter().any(|signature| mac.clone().verify_slice(signature).is_ok()))
}

fn verifies_ed25519(key: &str, before_body: &str, body: &[u8], signatures: &[Vec<u8>]) -> Option<bool> {
    let key = STANDARD.decode(key.strip_prefix(PUBLIC_KEY_PREFIX)?).ok()?;
    let key = UnparsedPublicKey::new(&ED25519, key);
    let message = [before_body.as_bytes(), body].concat();
    Some(signatures.iter().any(|signature| key.verify(&message, signature).is_ok()))
}

fn find(headers: &HeaderMap, secret: Option<&str>) -> FoundSignature {
    for prefix in STANDARD_PREFIXES {
        if headers.contains_key(format!("{prefix}-signature")) {
            return standard(headers, prefix, secret).unwrap_or_else(FoundSignature::Malformed);
        }
    }
    let mut unknown = None;
    let named =
        headers.iter().filter(|(name, _)| name.as_str().contains("signature") || name.as_str().contains("hmac"));
    for (name, value) in named {
        let Ok(value) = value.to_str() else { continue };
        if let Some(found) = stamped(name.as_str(), value).or_else(|| hex_digest(name.as_str(), value)) {
            return found;
        }
        unknown.get_or_insert_with(|| format!("The header {name} has no signature in a known form."));
    }
    if let Some(why) = unknown {
        return FoundSignature::Malformed(why);
    }
    let is_secret = |value: &[u8]| secret.is_some_and(|secret| bool::from(value.ct_eq(secret.as_bytes())));
    let may_have_secret = |name: &str| name == "x-gitlab-token" || name.ends_with("-secret");
    let header = headers.iter().find(|(name, value)| may_have_secret(name.as_str()) || is_secret(value.as_bytes()));
    header.map_or(FoundSignature::Nothing, |(name, value)| FoundSignature::Secret {
        header: name.to_string(),
        value: value.as_bytes().to_vec(),
    })
}

/// A header that is there once.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, String> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Err(format!("The header {name} is missing.")),
        (Some(value), None) => value.to_str().map_err(|_| format!("The header {name} is not plain text.")),
        (Some(_), Some(_)) => Err(format!("The header {name} is there more than once.")),
    }
}

fn standard(headers: &HeaderMap, prefix: &str, secret: Option<&str>) -> Result<FoundSignature, String> {
    let of = |part: &str| single(headers, &format!("{prefix}-{part}"));
    let (id, timestamp, signatures) = (of("id")?, of("timestamp")?, of("signature")?);
    let signed_at = timestamp.parse().map_err(|_| format!("The header {prefix}-timestamp is not in seconds."))?;
    let by_key_pair = secret.is_some_and(|secret| secret.starts_with(PUBLIC_KEY_PREFIX));
    let version = if by_key_pair { "v1a" } else { "v1" };
    let decode = |one: &str| STANDARD.decode(one.strip_prefix(version)?.strip_prefix(',')?).ok();
    let signatures: Vec<_> = signatures.split(' ').filter_map(decode).collect();
    if signatures.is_empty() && secret.is_some() {
        return Err(format!("The header {prefix}-signature has no {version} signature."));
    }
    let before_body = format!("{id}.{timestamp}.");
    Ok(if by_key_pair {
        FoundSignature::Ed25519 { before_body, signed_at, signatures }
    } else {
        let scheme = "Standard Webhooks v1".to_owned();
        FoundSignature::Hmac { scheme, before_body, signed_at: Some(signed_at), signatures }
    })
}

/// `t=1700000000,v1=<hex>`, with any number of `v1`.
fn stamped(header: &str, value: &str) -> Option<FoundSignature> {
    let parts = || value.split(',').filter_map(|part| part.trim().split_once('='));
    let (_, time) = parts().find(|(name, _)| *name == "t")?;
    let signed_at = time.parse().ok()?;
    let signatures: Vec<_> = parts().filter(|(name, _)| *name == "v1").filter_map(|(_, hex)| digest(hex)).collect();
    (!signatures.is_empty()).then(|| FoundSignature::Hmac {
        scheme: format!("HMAC with a timestamp in the header {header}"),
        before_body: format!("{time}."),
        signed_at: Some(signed_at),
        signatures,
    })
}

fn hex_digest(header: &str, value: &str) -> Option<FoundSignature> {
    let signature = digest(value.strip_prefix("sha256=").unwrap_or(value))?;
    Some(FoundSignature::Hmac {
        scheme: format!("HMAC-SHA256 of the body in the header {header}"),
        before_body: String::new(),
        signed_at: None,
        signatures: vec![signature],
    })
}

/// The bytes of a SHA-256 in hex.
fn digest(text: &str) -> Option<Vec<u8>> {
    hex::decode(text.trim()).ok().filter(|bytes| bytes.len() == 32)
}

#[cfg(test)]
mod tests {
    use ring::signature::{Ed25519KeyPair, KeyPair};
    use standardwebhooks::Webhook;

    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNED_AT: i64 = 1_614_265_330;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name.parse::<axum::http::HeaderName>().unwrap(), value.parse().unwrap());
        }
        headers
    }

    fn check_at(pairs: &[(&str, &str)], secret: Option<&str>, seconds: i64) -> CheckedSignature {
        check(&headers(pairs), Some(BODY), secret, DateTime::from_timestamp(seconds, 0).unwrap())
    }

    fn standard_headers(secret: &str) -> Vec<(&'static str, String)> {
        let signature = Webhook::new(secret).unwrap().sign("msg_1", SIGNED_AT, BODY).unwrap();
        let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
        names.into_iter().zip(["msg_1".to_owned(), SIGNED_AT.to_string(), signature]).collect()
    }

    fn borrowed<'a>(pairs: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
        pairs.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    #[test]
    fn signatures_of_the_published_library_are_checked() {
        let own = standard_headers(SECRET);
        let (own, valid) =
            (borrowed(&own), |seconds| check_at(&borrowed(&standard_headers(SECRET)), Some(SECRET), seconds));
        assert_eq!(valid(SIGNED_AT + 1).check, SignatureCheck::Valid);
        assert_eq!(valid(SIGNED_AT + 1).detail, "Standard Webhooks v1, signed 1 s before it arrived.");
        assert_eq!(valid(SIGNED_AT + 300).check, SignatureCheck::Valid);
        assert_eq!(valid(SIGNED_AT + 301).check, SignatureCheck::TooOld);
        assert_eq!(valid(SIGNED_AT - 301).check, SignatureCheck::TooNew);
        let other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx";
        assert_eq!(check_at(&own, Some(other), SIGNED_AT).check, SignatureCheck::WrongSecret);
        assert_eq!(check_at(&own, None, SIGNED_AT).check, SignatureCheck::NotChecked);
        let cut = check(&headers(&own), None, Some(SECRET), DateTime::from_timestamp(SIGNED_AT, 0).unwrap());
        assert_eq!(cut.check, SignatureCheck::NotChecked);
    }

    #[test]
    fn one_of_several_signatures_is_enough() {
        let mut pairs = standard_headers(SECRET);
        pairs[2].1 = format!("v1a,AAAA v1,AAAA {}", pairs[2].1);
        assert_eq!(check_at(&borrowed(&pairs), Some(SECRET), SIGNED_AT).check, SignatureCheck::Valid);
    }

    #[test]
    fn incomplete_standard_headers_are_malformed() {
        let pairs = standard_headers(SECRET);
        for missing in 0..2 {
            let mut rest = pairs.clone();
            let (name, _) = rest.remove(missing);
            let result = check_at(&borrowed(&rest), Some(SECRET), SIGNED_AT);
            assert_eq!(result.check, SignatureCheck::Malformed);
            assert!(result.detail.contains(name), "{}", result.detail);
        }
        let only_ed25519 = [("webhook-id", "m"), ("webhook-timestamp", "1"), ("webhook-signature", "v1a,AAAA")];
        assert_eq!(check_at(&only_ed25519, Some(SECRET), 1).check, SignatureCheck::Malformed);
    }

    #[test]
    fn signatures_with_a_key_pair_are_checked_with_the_public_key() {
        let pair = |seed: u8| {
            let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
            let public = format!("whpk_{}", STANDARD.encode(pair.public_key().as_ref()));
            (pair, public)
        };
        let (private, public) = pair(7);
        let message = [format!("msg_1.{SIGNED_AT}.").as_bytes(), BODY].concat();
        let signature = format!("v1a,{}", STANDARD.encode(private.sign(&message)));
        let time = SIGNED_AT.to_string();
        let pairs = [("webhook-id", "msg_1"), ("webhook-timestamp", &*time), ("webhook-signature", &*signature)];
        let valid = check_at(&pairs, Some(&public), SIGNED_AT);
        assert_eq!(
            (valid.check, &*valid.detail),
            (SignatureCheck::Valid, "Standard Webhooks v1a, signed in the second of its arrival.")
        );
        assert_eq!(check_at(&pairs, Some(&public), SIGNED_AT + 301).check, SignatureCheck::TooOld);
        let (_, other) = pair(8);
        assert_eq!(check_at(&pairs, Some(&other), SIGNED_AT).check, SignatureCheck::WrongSecret);
        assert_eq!(check_at(&pairs, Some(SECRET), SIGNED_AT).check, SignatureCheck::Malformed);
        assert_eq!(check_at(&pairs, None, SIGNED_AT).check, SignatureCheck::NotChecked);
    }

    fn hmac_hex(secret: &str, signed: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(signed);
        hex::encode(mac.finalize().into_bytes())
    }

    #[test]
    fn hex_signatures_are_checked_under_any_header() {
        let hex = hmac_hex("plain secret", BODY);
        for (name, value) in [
            ("x-hub-signature-256", format!("sha256={hex}")),
            ("x-gitea-signature", hex.clone()),
            ("x-company-hmac", hex.to_uppercase()),
        ] {
            assert_eq!(check_at(&[(name, &value)], Some("plain secret"), 0).check, SignatureCheck::Valid, "{name}");
            assert_eq!(check_at(&[(name, &value)], Some("other"), 0).check, SignatureCheck::WrongSecret, "{name}");
        }
        let sha1 = [("x-hub-signature", "sha1=d03207e4b030cf234e3447bac4d93add4c6643d8")];
        assert_eq!(check_at(&sha1, Some("plain secret"), 0).check, SignatureCheck::Malformed);
    }

    #[test]
    fn stamped_signatures_are_checked_with_their_time() {
        let hex = hmac_hex("s", &[format!("{SIGNED_AT}.").as_bytes(), BODY].concat());
        let value = format!("t={SIGNED_AT},v0=00,v1={hex}");
        let at = |seconds| check_at(&[("x-testplanit-signature", &value)], Some("s"), seconds).check;
        assert_eq!(at(SIGNED_AT), SignatureCheck::Valid);
        assert_eq!(at(SIGNED_AT + 400), SignatureCheck::TooOld);
        let other = check_at(&[("x-testplanit-signature", &value)], Some("t"), SIGNED_AT + 400);
        assert_eq!(other.check, SignatureCheck::WrongSecret, "an old time is not known to be true");
    }

    #[test]
    fn a_secret_in_a_header_is_compared() {
        for (name, value, expected) in [
            ("x-gitlab-token", "s3cret", SignatureCheck::Valid),
            ("x-gitlab-token", "other", SignatureCheck::WrongSecret),
            ("x-qase-secret", "other", SignatureCheck::WrongSecret),
            ("x-anything", "s3cret", SignatureCheck::Valid),
            ("x-anything", "other", SignatureCheck::Unsigned),
        ] {
            assert_eq!(check_at(&[(name, value)], Some("s3cret"), 0).check, expected, "{name}: {value}");
        }
        assert_eq!(check_at(&[("content-type", "application/json")], None, 0).check, SignatureCheck::Unsigned);
    }
}
