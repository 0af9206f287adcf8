//! Typed identifiers: a UUIDv7 inside (sorted by the time it was made), a TypeID outside
//! (`prj_01j...`), so that an id says what it names and one kind is never taken for another.
//! The text form follows <https://github.com/jetify-com/typeid/tree/main/spec>.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use super::type_id;

/// Why a text is not an id of the kind that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {prefix}_...")]
pub struct ParseIdError {
    prefix: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[cfg_attr(feature = "ssr", derive(sea_orm::DeriveValueType))]
        pub struct $name(pub Uuid);

        impl $name {
            /// The prefix of the text form, without its underscore.
            pub const PREFIX: &'static str = $prefix;
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                type_id::write(f, $prefix, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                type_id::parse($prefix, text).map(Self).ok_or(ParseIdError { prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }

        /// The database never generates IDs.
        #[cfg(feature = "ssr")]
        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        #[cfg(feature = "ssr")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some(concat!("A TypeID: `", $prefix, "_` and 26 characters.")))
                    .into()
            }
        }

        #[cfg(feature = "ssr")]
        impl utoipa::ToSchema for $name {}
    };
}

id!(/** A person who can sign in. */ UserId, "usr");
id!(/** A browser in which a person is signed in. */ BrowserSessionId, "bse");
id!(/** A project: the scope of everything but people. */ ProjectId, "prj");
id!(/** An invitation to a project. */ InviteId, "inv");
id!(/** A personal API token. */ TokenId, "tok");
id!(/** A project's connection to its issue tracker. */ IntegrationId, "int");
id!(/** An issue. */ IssueId, "iss");
id!(/** A webhook, inbound or outbound. */ WebhookId, "whk");
id!(/** A signing secret of a webhook. */ SecretId, "sec");
id!(/** Something that happened; the `webhook-id` of all its deliveries. */ EventId, "evt");
id!(/** An event on its way to one endpoint, or an inbound event that was received. */ DeliveryId, "dlv");
id!(/** One request of a delivery. */ AttemptId, "atm");
id!(/** A test case. */ CaseId, "cas");
id!(/** A test run. */ RunId, "run");
id!(/** An exploratory test session. */ SessionId, "ses");
id!(/** A result of a run's case or of a session. */ ResultId, "res");
id!(/** An entry of the audit log. */ AuditId, "aud");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_round_trips() {
        let id = ProjectId(Uuid::from_u128(7));
        assert!(id.to_string().starts_with("prj_"));
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_is_rejected() {
        let issue = IssueId(Uuid::from_u128(7)).to_string();
        assert!(issue.parse::<ProjectId>().is_err());
        assert!(serde_json::from_str::<ProjectId>(&format!("\"{issue}\"")).is_err());
    }
}
