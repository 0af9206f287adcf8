//! People: users, their roles in projects, invitations and API tokens.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::{InviteId, ProjectId, TokenId, UserId};
use super::named;

named! {
    /// What a person may do in a project.
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
    /// What the member may do.
    pub role: Role,
    /// Whether this is the project's owner, who is the author of imported issues.
    pub owner: bool,
    /// Since when.
    pub joined_at: DateTime<Utc>,
}

/// An invitation that has not been accepted yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    /// Its id.
    pub id: InviteId,
    /// Whom it is for.
    pub email: String,
    /// The role it gives.
    pub role: Role,
    /// Until when its link works.
    pub expires_at: DateTime<Utc>,
}

/// What the holder of an invitation's link sees before accepting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InviteOffer {
    /// Whom it is for.
    pub email: String,
    /// The project's name.
    pub project_name: String,
    /// The role it gives.
    pub role: Role,
    /// Whether a user of that address exists, who then only signs in.
    pub has_account: bool,
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
    /// Its id.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// The first characters, to tell tokens apart.
    pub hint: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it works; null for no end.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Makes an API token.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateToken {
    /// What to call it.
    pub name: String,
    /// For how many days it works, 1 to 3650; absent for no end.
    #[serde(default)]
    pub expires_in_days: Option<u32>,
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
