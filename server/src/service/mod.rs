//! The rules and the transactions, one file a subject area: the only place that decides. Each
//! file implements one of the traits of [`app::service`] on [`Core`](crate::core::Core).

pub mod access;
pub mod audit;
mod change;
pub(crate) mod cursor;
mod deliveries;
pub mod delivery_search;
pub mod delivery_view;
mod inbound_address;
mod inbound_webhook;
mod integration_fields;
mod integrations;
pub(crate) mod invite_acceptance;
mod invites;
pub mod issue_events;
mod issue_fields;
mod issue_search;
pub mod issue_view;
mod issues;
pub mod key_rotation;
pub mod markdown;
mod members;
mod names;
mod people;
mod projects;
mod replay;
mod replay_queue;
mod search;
mod subscriptions;
mod testware;
mod text;
pub(crate) mod tokens;
pub(crate) mod users;
mod webhook_health;
mod webhook_rotation;
mod webhook_test;
mod webhook_url;
mod webhook_view;
mod webhooks;

pub use change::ChangeError;
