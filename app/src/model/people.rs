//! People: users, their roles in projects, invitations and API tokens.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::account::{Credential, TokenScope};
use super::id::{InviteId, ProjectId, TokenId, UserId};
use super::string_enum;
use super::time::millis;

string_enum! {
    /// The role of a person in a project.
    Role {
        /// Reads everything and works on testware and issues.
        Member = "member", "Member";
        /// Also configures the project: integration, webhooks, members.
        Admin = "admin", "Project admin";
    }
}

/// Who is calling: the session's user, or the owner of an API token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    /// The user's id.
    pub id: UserId,
    /// The name shown to others.
    pub name: String,
    /// The address used to sign in.
    pub email: String,
    /// Whether the user administers the instance, and with it every project.
    pub system_admin: bool,
    /// The credential of the request.
    #[serde(skip)]
    pub credential: Credential,
}

/// A member of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The user's id.
    pub user_id: UserId,
    /// The name shown to others.
    pub name: String,
    /// The address used to sign in.
    pub email: String,
    /// The member's role.
    pub role: Role,
    /// Whether this is the project's owner, who is the author of imported issues.
    pub owner: bool,
    /// False while the account is deactivated.
    pub active: bool,
    /// Since when.
    #[serde(serialize_with = "millis")]
    pub joined_at: DateTime<Utc>,
}

/// An invitation that has not been accepted yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    /// Its ID.
    pub id: InviteId,
    /// Whom it is for.
    pub email: String,
    /// The role it gives.
    pub role: Role,
    /// Until when its link works.
    #[serde(serialize_with = "millis")]
    pub expires_at: DateTime<Utc>,
}

/// What a person sees before accepting an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InviteOffer {
    /// Whom it is for.
    pub email: String,
    /// The project's name.
    pub project_name: String,
    /// The role it gives.
    pub role: Role,
}

/// Invites a person to a project.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateInvite {
    /// Whom.
    pub email: String,
    /// The role it gives.
    pub role: Role,
}

/// A new invitation with its one-time link, which is shown only here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreatedInvite {
    /// The invitation.
    pub invite: Invite,
    /// The link to hand over.
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
    /// The first characters, to tell tokens apart.
    pub hint: String,
    /// Its permissions.
    pub scope: TokenScope,
    /// The one project that it sees; null for all of its owner.
    pub project_id: Option<ProjectId>,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// Until when it works; null for no end.
    #[serde(serialize_with = "millis")]
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    #[serde(serialize_with = "millis")]
    pub last_used_at: Option<DateTime<Utc>>,
}

/// The default lifetime of an API token in days.
pub const TOKEN_DEFAULT_DAYS: u32 = 90;

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
    /// The one project that it sees; all projects of its owner when absent.
    #[serde(default)]
    pub project_id: Option<ProjectId>,
    /// For how many days it works, 1 to 3650; 90 when absent.
    #[serde(default)]
    pub expires_in_days: Option<u32>,
    /// Whether it works until it is deleted.
    #[serde(default)]
    pub never_expires: bool,
}

/// A new API token with its text, which is shown only here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreatedToken {
    /// The token's record.
    pub token: ApiToken,
    /// The text to send as `Authorization: Bearer`.
    pub secret: String,
}

/// The first admin, from the first-run page, or a person who accepts an invitation.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewUser {
    /// The name shown to others.
    pub name: String,
    /// The address used to sign in.
    pub email: String,
    /// At least 12 characters.
    pub password: String,
}

/// A project a person belongs to and the role in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The project.
    pub project_id: ProjectId,
    /// The role.
    pub role: Role,
}
