//! What the provider says about a user.

use openidconnect::{AdditionalClaims, EndUserName, GenderClaim, IdTokenClaims, LocalizedClaim, UserInfoClaims};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A user as the provider knows them, from a verified ID token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// The user's ID there. It never changes, and isn't given to another user.
    pub subject: String,
    /// The email address, if there is one.
    pub email: Option<String>,
    /// Whether the provider has verified that the address belongs to the user.
    pub email_verified: bool,
    /// The name, if there is one.
    pub name: Option<String>,
    /// The values of the membership claim; `None` if it is not used.
    pub values: Option<Vec<String>>,
}

/// The claims that the standard doesn't define.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct OtherClaims {
    #[serde(flatten)]
    claims: Map<String, Value>,
}

impl AdditionalClaims for OtherClaims {}

/// What can be in the ID token or in the response of the user info endpoint.
#[derive(Debug, Default)]
pub(super) struct Profile {
    pub email: Option<String>,
    pub email_verified: bool,
    pub name: Option<String>,
    pub values: Option<Vec<String>>,
}

impl Profile {
    pub fn from_id_token<GC: GenderClaim>(claims: &IdTokenClaims<OtherClaims, GC>, membership: Option<&str>) -> Self {
        let name = default_name(claims.name());
        Self {
            email: claims.email().map(|email| email.to_string()),
            email_verified: claims.email_verified().unwrap_or_default(),
            name: name.or_else(|| claims.preferred_username().map(|name| name.to_string())),
            values: membership.and_then(|claim| values(&claims.additional_claims().claims, claim)),
        }
    }

    pub fn from_user_info<GC: GenderClaim>(claims: &UserInfoClaims<OtherClaims, GC>, membership: Option<&str>) -> Self {
        let name = default_name(claims.name());
        Self {
            email: claims.email().map(|email| email.to_string()),
            email_verified: claims.email_verified().unwrap_or_default(),
            name: name.or_else(|| claims.preferred_username().map(|name| name.to_string())),
            values: membership.and_then(|claim| values(&claims.additional_claims().claims, claim)),
        }
    }

    /// Whether the user info endpoint may know more.
    pub fn is_incomplete(&self, membership: Option<&str>) -> bool {
        self.email.is_none() || (membership.is_some() && self.values.is_none())
    }

    /// Adds what is missing. An address and its verification belong together.
    pub fn or(self, other: Self) -> Self {
        let (email, email_verified) = match self.email {
            Some(email) => (Some(email), self.email_verified),
            None => (other.email, other.email_verified),
        };
        Self { email, email_verified, name: self.name.or(other.name), values: self.values.or(other.values) }
    }
}

fn default_name(names: Option<&LocalizedClaim<EndUserName>>) -> Option<String> {
    names?.get(None).map(|name| name.to_string())
}

/// The values of a claim: one text or several. `None` if the claim is absent.
fn values(claims: &Map<String, Value>, name: &str) -> Option<Vec<String>> {
    Some(match find(claims, name)? {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    })
}

/// A claim by its name, or by its path with dots.
fn find<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let (outer, inner) = name.split_once('.')?;
    find(claims.get(outer)?.as_object()?, inner)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(claims: &Value, name: &str) -> Option<Vec<String>> {
        values(claims.as_object().unwrap(), name)
    }

    #[test]
    fn a_claim_has_one_value_or_several() {
        let claims = json!({"groups": ["qa", 1, "dev"], "role": "qa", "realm_access": {"roles": ["a"]}, "a.b": "c",
            "none": [], "number": 1});
        let texts = |values: &[&str]| Some(values.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(found(&claims, "groups"), texts(&["qa", "dev"]));
        assert_eq!(found(&claims, "role"), texts(&["qa"]));
        assert_eq!(found(&claims, "realm_access.roles"), texts(&["a"]));
        assert_eq!(found(&claims, "a.b"), texts(&["c"]));
        assert_eq!((found(&claims, "none"), found(&claims, "number")), (texts(&[]), texts(&[])));
        assert_eq!((found(&claims, "other"), found(&claims, "groups.x")), (None, None));
    }

    #[test]
    fn an_address_and_its_verification_stay_together() {
        let own = Profile { email: Some("ada@example.com".into()), ..Profile::default() };
        let other = Profile {
            email: Some("eve@example.com".into()),
            email_verified: true,
            name: Some("Ada".into()),
            values: Some(vec!["qa".into()]),
        };
        let merged = own.or(other);
        assert_eq!((merged.email.as_deref(), merged.email_verified), (Some("ada@example.com"), false));
        assert_eq!((merged.name.as_deref(), merged.values.unwrap().len()), (Some("Ada"), 1));
    }
}
