//! The tables as sea-orm entities. A column has a comment where its name doesn't explain it.
#![allow(missing_docs, reason = "the columns are documented where their name does not say it all")]

pub mod api_token;
pub mod attempt;
pub mod audit;
pub mod delivery;
pub mod delivery_status;
pub mod email;
pub mod event;
pub mod history_purge;
pub mod inspector_request;
pub mod inspector_url;
pub mod instance_setting;
pub mod integration;
pub mod invite;
pub mod issue;
pub mod item_key;
pub mod json;
pub mod member;
pub mod notification;
pub mod password_reset;
pub mod project;
pub mod range_replay;
pub mod receipt;
pub mod refused_call;
pub mod result;
pub mod result_issue;
pub mod search_text;
pub mod sequence;
pub mod session;
pub mod user;
pub mod user_identity;
pub mod webhook;
pub mod webhook_project;
pub mod webhook_secret;
pub mod webhook_stats;
pub mod webhook_subscription;
