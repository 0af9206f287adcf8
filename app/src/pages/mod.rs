//! The pages, one file per route. A page reads the URL, creates its resources and composes
//! components.
#![allow(missing_docs, reason = "the macro makes a struct of each component's properties")]

mod account;
mod audit;
mod dashboard;
mod deliveries;
mod email_settings;
mod inspector;
mod instance_audit;
mod instance_settings;
mod integration;
mod invite;
mod issue;
mod issue_form;
mod issues;
pub(crate) mod item_page;
mod members;
pub(crate) mod no_matches;
mod not_found;
mod notifications;
mod password_reset;
mod project_entry;
mod project_settings;
mod projects;
mod settings_changes;
mod setup;
mod sign_in;
mod tokens;
mod users;
mod webhook_pause;
mod webhooks;

pub use account::Account;
pub use audit::Audit;
pub use dashboard::Dashboard;
pub use deliveries::{Deliveries, DeliveryDrawer, ReplayState};
pub use email_settings::EmailServer;
pub use inspector::Inspector;
pub use instance_audit::InstanceAudit;
pub use instance_settings::InstanceSettings;
pub use integration::Integration;
pub use invite::AcceptInvite;
pub use issue::Issue;
pub use issues::Issues;
pub use members::Members;
pub use not_found::NotFound;
pub use notifications::Notifications;
pub use password_reset::PasswordReset;
pub use project_entry::ProjectEntry;
pub use project_settings::ProjectSettings;
pub use projects::Projects;
pub use setup::Setup;
pub use sign_in::SignIn;
pub use tokens::Tokens;
pub use users::Users;
pub use webhook_pause::WebhookPausePage;
pub use webhooks::{
    CreateDialog, ProjectChoices, SharedWebhook, SharedWebhooks, WebhookChanges, WebhookDetail, WebhookDialogs,
    Webhooks,
};
