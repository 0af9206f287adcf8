//! Accounts: a person's own profile, password and sessions, and what system admins see and change
//! of everybody.

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
        /// Also configures projects; without a project, everything that its owner may do.
        Admin = "admin", "Full access";
    }
}

/// What a request was authenticated with. The server's own calls have nothing that could be revoked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Credential {
    /// None: the server itself calls.
    #[default]
    Internal,
    /// A browser's session.
    Session(BrowserSessionId),
    /// An API token.
    Token {
        /// Which.
        id: TokenId,
        /// Its permissions.
        scope: TokenScope,
        /// The one project that it sees; `None` for all of its owner.
        project: Option<ProjectId>,
    },
}

impl Credential {
    /// Whether it is a browser's session.
    #[must_use]
    pub fn is_session(self) -> bool {
        matches!(self, Self::Session(_))
    }

    /// The permissions of a caller that uses it.
    #[must_use]
    pub fn scope(self) -> TokenScope {
        match self {
            Self::Internal | Self::Session(_) => TokenScope::Admin,
            Self::Token { scope, .. } => scope,
        }
    }

    /// The one project that a caller sees with it; `None` for all of the caller.
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
    /// Its ID.
    pub id: BrowserSessionId,
    /// The browser and its system, e.g. "Firefox on Windows".
    pub device: String,
    /// Whether the request that lists the sessions belongs to this one.
    pub current: bool,
    /// When the person signed in.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it was last used, to five minutes.
    #[serde(serialize_with = "millis")]
    pub last_seen_at: DateTime<Utc>,
    /// When it ends, unless it is used before.
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
    /// The e-mail address used to sign in. Needs the current password.
    pub email: Option<String>,
    /// The current password; needed to change the address.
    pub current_password: Option<String>,
}

/// Changes the caller's password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChangePassword {
    /// The current one.
    pub current_password: String,
    /// The new one: at least 12 characters.
    pub new_password: String,
}

/// A person as system admins see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// The name shown to others.
    pub name: String,
    /// The address used to sign in.
    pub email: String,
    /// Whether they administer the instance.
    pub system_admin: bool,
    /// Whether they can sign in.
    pub active: bool,
    /// Since when they have an account.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
}

/// Changes a person's permissions. Absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateUser {
    /// False deactivates the account and ends its sessions, tokens and invitations.
    pub active: Option<bool>,
    /// Whether they administer the instance.
    pub system_admin: Option<bool>,
}

/// A link that sets a new password. It is shown once and works once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PasswordResetLink {
    /// The link to hand over.
    pub url: String,
    /// Until when it works.
    #[serde(serialize_with = "millis")]
    pub expires_at: DateTime<Utc>,
}

/// The account behind a reset link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasswordResetOffer {
    /// The address of the account.
    pub email: String,
}

/// Transfers a project to another owner.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TransferProject {
    /// The new owner: a member, or any person if a system admin transfers.
    pub owner_id: UserId,
}

/// How a member is removed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct RemoveMember {
    /// Who owns the project from now on; needed to remove its owner.
    pub new_owner_id: Option<UserId>,
}
