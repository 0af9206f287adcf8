//! The types shared by browser, API clients and server: IDs, requests, responses, events and
//! validated newtypes. JSON is camelCase; times are RFC 3339 in UTC.

pub mod account;
pub mod audit;
pub mod body_template;
pub mod catalog;
pub mod condition;
pub mod connection_form;
pub mod custom_header;
pub mod dashboard;
pub mod delivery;
pub mod delivery_policy;
pub mod destination;
pub mod digest;
pub mod email_settings;
pub mod form;
pub mod history;
pub mod icon;
pub mod id;
pub mod inspector;
pub mod integration;
pub mod issue;
pub mod issue_keys;
pub mod item_id;
pub mod live;
pub mod notification;
pub mod overview;
pub mod page;
pub mod people;
pub mod policy;
pub mod project;
pub mod project_export;
pub mod provider;
pub mod range_replay;
pub mod rate_limit;
pub mod refused_call;
pub mod replay_filter;
pub mod search;
pub mod signing;
pub mod text;
pub(crate) mod text_serde;
pub mod time;
pub(crate) mod type_id;
pub mod webhook;
pub mod webhook_activity;
pub mod webhook_kind;
pub mod webhook_pause;
pub mod webhook_scope;
pub mod webhook_secret;
pub mod webhook_stats;
pub mod webhook_test;
#[cfg(feature = "ssr")]
pub(crate) mod wire_enum;

#[cfg(feature = "ssr")]
pub use wire_enum::WireEnum;

/// Gives an enum of plain names one spelling (snake_case) in the API, the database, URLs and pages.
macro_rules! string_enum {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal, $label:literal;)+ }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(
            feature = "ssr",
            derive(sea_orm::EnumIter, sea_orm::DeriveActiveEnum),
            sea_orm(rs_type = "String", db_type = "Text")
        )]
        pub enum $name {
            $(
                $(#[$variant_doc])*
                #[serde(rename = $text)]
                #[cfg_attr(feature = "ssr", sea_orm(string_value = $text))]
                $variant,
            )+
        }

        impl $name {
            /// All values, in the order they are shown.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in the API and the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The name shown to users.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }
        }

        // Not derived, because the derive macro doesn't see the names that this macro passes to it.
        #[cfg(feature = "ssr")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let names = Self::ALL.iter().map(|value| value.as_str());
                $crate::model::wire_enum::schema(names, concat!($($doc, "\n"),*))
            }
        }

        #[cfg(feature = "ssr")]
        impl utoipa::ToSchema for $name {}

        #[cfg(feature = "ssr")]
        inventory::submit! {
            $crate::model::WireEnum { name: stringify!($name), values: || serde_json::to_value($name::ALL) }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text).ok_or_else(|| {
                    let names: Vec<_> = Self::ALL.iter().map(|value| value.as_str()).collect();
                    format!("must be one of {}", names.join(", "))
                })
            }
        }
    };
}
pub(crate) use string_enum;
