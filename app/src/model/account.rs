//! Accounts: a user's own profile, password and sessions, and what system admins see and change of
//! all users.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::{BrowserSessionId, ProjectId, TokenId, UserId};
use super::string_enum;
use super::time::millis;

string_enum! {
    /// The permissions of an API token, within those of its owner.
    TokenScope {
        /// Reads projects.
        Read = "read", "Read";
        /// Also changes issues and testware.
        Write = "write", "Read and write";
        /// Also configures projects; without a project limit, everything that its owner may do.
        Admin = "admin", "Full access";
    }
}

/// What authenticated a request. The server's own calls have no credential that could be revoked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Credential {
    /// None: a call of the server itself.
    #[default]
    Internal,
    /// A browser session.
    Session(BrowserSessionId),
    /// An API token.
    Token {
        /// Its ID.
        id: TokenId,
        /// Its permissions.
        scope: TokenScope,
        /// The only project it can access; `None` for all projects of its owner.
        project: Option<ProjectId>,
    },
}

impl Credential {
    /// Whether it is a browser session.
    #[must_use]
    pub fn is_session(self) -> bool {
        matches!(self, Self::Session(_))
    }

    /// The permissions of a caller with this credential.
    #[must_use]
    pub fn scope(self) -> TokenScope {
        match self {
            Self::Internal | Self::Session(_) => TokenScope::Admin,
            Self::Token { scope, .. } => scope,
        }
    }

    /// The only project a caller can access with it; `None` for all of the caller's.
    #[must_use]
    pub fn only_project(self) -> Option<ProjectId> {
        match self {
            Self::Internal | Self::Session(_) => None,
            Self::Token { project, .. } => project,
        }
    }
}

/// A browser in which the caller is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BrowserSession {
    /// The session's ID.
    pub id: BrowserSessionId,
    /// The browser and operating system, e.g. "Firefox on Windows".
    pub device: String,
    /// Whether it is the session of this request.
    pub current: bool,
    /// When the user signed in.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it was last used, to five minutes.
    #[serde(serialize_with = "millis")]
    pub last_seen_at: DateTime<Utc>,
    /// When it expires if it isn't used before.
    #[serde(serialize_with = "millis")]
    pub expires_at: DateTime<Utc>,
}

/// Changes the caller's profile. Absent fields stay.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateProfile {
    /// The name shown to others.
    pub name: Option<String>,
    /// The email address used to sign in. Requires the current password.
    pub email: Option<String>,
    /// The current password; required to change the email address.
    pub current_password: Option<String>,
    /// Whether the user gets emails when a webhook of a project that the user administers is disabled or works again.
    /// Notifications in Testbell stay.
    pub webhook_emails: Option<bool>,
}

/// Changes the caller's password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChangePassword {
    /// The current password.
    pub current_password: String,
    /// The new password: at least 12 characters.
    pub new_password: String,
}

/// A user as system admins see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The user's ID.
    pub id: UserId,
    /// The name shown to others.
    pub name: String,
    /// The email address used to sign in.
    pub email: String,
    /// Whether the user is a system admin.
    pub system_admin: bool,
    /// Whether the user can sign in.
    pub active: bool,
    /// Whether an identity of the provider for single sign-on is linked.
    #[serde(default)]
    pub single_sign_on: bool,
    /// When the account was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
}

/// Changes a user's permissions. Absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateUser {
    /// False deactivates the account and ends its sessions, tokens and invites.
    pub active: Option<bool>,
    /// Whether the user is a system admin.
    pub system_admin: Option<bool>,
}

/// How long a password reset link works.
pub const PASSWORD_RESET_HOURS: i64 = 24;

/// A link to set a new password. It is shown once and works once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PasswordResetLink {
    /// The link to send to the user.
    pub url: String,
    /// When it expires.
    #[serde(serialize_with = "millis")]
    pub expires_at: DateTime<Utc>,
}

/// The account of a reset link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasswordResetOffer {
    /// The account's email address.
    pub email: String,
}

/// Transfers a project to another owner.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TransferProject {
    /// The new owner: a member, or any user if a system admin transfers the project.
    pub owner_id: UserId,
}

/// How to remove a member.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct RemoveMember {
    /// The new owner of the project; required to remove its owner.
    pub new_owner_id: Option<UserId>,
}
