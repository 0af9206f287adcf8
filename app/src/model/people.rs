//! Users, their roles in projects, invites and API tokens.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::account::{Credential, TokenScope};
use super::id::{InviteId, ProjectId, TokenId, UserId};
use super::string_enum;
use super::time::millis;

string_enum! {
    /// The role of a user in a project.
    Role {
        /// Reads everything and works on testware and issues.
        Member = "member", "Member";
        /// Also configures the project: integration, webhooks, members.
        Admin = "admin", "Project admin";
    }
}

/// How long an invite link works.
pub const INVITE_DAYS: i64 = 7;

/// The caller: the user of a session, or the owner of an API token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    /// The user's ID.
    pub id: UserId,
    /// The name shown to others.
    pub name: String,
    /// The email address used to sign in.
    pub email: String,
    /// Whether the user is a system admin, and so an admin of every project.
    pub system_admin: bool,
    /// Whether the user gets emails about webhooks.
    pub webhook_emails: bool,
    /// The credential of the request.
    #[serde(skip)]
    pub credential: Credential,
}

/// A member of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The user's ID.
    pub user_id: UserId,
    /// The name shown to others.
    pub name: String,
    /// The email address used to sign in.
    pub email: String,
    /// The member's role.
    pub role: Role,
    /// Whether this is the project's owner, who is the author of imported issues.
    pub owner: bool,
    /// False while the account is deactivated.
    pub active: bool,
    /// When the user joined.
    #[serde(serialize_with = "millis")]
    pub joined_at: DateTime<Utc>,
    /// Whether the claim of single sign-on gives the membership, and may take it away at a sign-in.
    #[serde(default)]
    pub by_claim: bool,
}

/// A pending invite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    /// Its ID.
    pub id: InviteId,
    /// The invited email address.
    pub email: String,
    /// The role that it grants.
    pub role: Role,
    /// When its link expires.
    #[serde(serialize_with = "millis")]
    pub expires_at: DateTime<Utc>,
}

/// An invite as the invited user sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InviteOffer {
    /// The invited email address.
    pub email: String,
    /// The project's name.
    pub project_name: String,
    /// The role that it grants.
    pub role: Role,
}

/// Invites a user to a project.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateInvite {
    /// The email address.
    pub email: String,
    /// The role that it grants.
    pub role: Role,
}

/// A new invite with its one-time link, which is shown only here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreatedInvite {
    /// The invite.
    pub invite: Invite,
    /// The link to send to the user.
    pub url: String,
}

/// Changes a member's role.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UpdateMember {
    /// The new role.
    pub role: Role,
}

/// A personal API token, without its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ApiToken {
    /// Its ID.
    pub id: TokenId,
    /// The name.
    pub name: String,
    /// The first characters, to identify the token.
    pub hint: String,
    /// Its permissions.
    pub scope: TokenScope,
    /// The only project it can access; null for all projects of its owner.
    pub project_id: Option<ProjectId>,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it expires; null if never.
    #[serde(serialize_with = "millis")]
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    #[serde(serialize_with = "millis")]
    pub last_used_at: Option<DateTime<Utc>>,
}

/// The default lifetime of an API token in days.
pub const DEFAULT_TOKEN_DAYS: u32 = 90;

/// Creates an API token.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateToken {
    /// The name.
    pub name: String,
    /// Its permissions. The default is `admin`: everything that its owner may do.
    #[serde(default)]
    pub scope: Option<TokenScope>,
    /// The only project it can access; all projects of its owner if absent.
    #[serde(default)]
    pub project_id: Option<ProjectId>,
    /// The number of days until it expires, 1 to 3650; 90 if absent.
    #[serde(default)]
    pub expires_in_days: Option<u32>,
    /// Whether it never expires.
    #[serde(default)]
    pub never_expires: bool,
}

/// A new API token with its text, which is shown only here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreatedToken {
    /// The token.
    pub token: ApiToken,
    /// The text to send as `Authorization: Bearer`.
    pub secret: String,
}

/// A new user: the first admin, or a user who accepts an invite.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewUser {
    /// The name shown to others.
    pub name: String,
    /// The email address used to sign in.
    pub email: String,
    /// At least 12 characters.
    pub password: String,
}

/// A project of a user, and the user's role in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The project.
    pub project_id: ProjectId,
    /// The role.
    pub role: Role,
}
