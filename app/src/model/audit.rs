//! The audit log: who changed what in the configuration, and when. Never a secret.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::{AuditId, UserId};
use super::string_enum;
use super::time::millis;

string_enum! {
    /// The action.
    AuditAction {
        /// A project was created.
        ProjectCreated = "project.created", "Project created";
        /// Its key or name changed.
        ProjectUpdated = "project.updated", "Project changed";
        /// Another person became its owner.
        ProjectTransferred = "project.transferred", "Ownership transferred";
        /// It was deleted.
        ProjectDeleted = "project.deleted", "Project deleted";
        /// A person was invited.
        MemberInvited = "member.invited", "Member invited";
        /// An invitation was revoked.
        InviteRevoked = "member.invite_revoked", "Invite revoked";
        /// An invitation was accepted.
        MemberJoined = "member.joined", "Member joined";
        /// A member's role changed.
        MemberUpdated = "member.updated", "Role changed";
        /// A member was removed.
        MemberRemoved = "member.removed", "Member removed";
        /// The integration was set up or changed.
        IntegrationSaved = "integration.saved", "Integration saved";
        /// The integration was removed.
        IntegrationRemoved = "integration.removed", "Integration removed";
        /// A webhook was created.
        WebhookCreated = "webhook.created", "Webhook created";
        /// Its name, address or events changed.
        WebhookUpdated = "webhook.updated", "Webhook changed";
        /// It was deleted.
        WebhookDeleted = "webhook.deleted", "Webhook deleted";
        /// Its secret was rotated.
        WebhookRotated = "webhook.rotated", "Secret rotated";
        /// A retiring secret was retired at once.
        SecretRetired = "webhook.secret_retired", "Old secret retired";
        /// A retiring secret was given more time.
        SecretExtended = "webhook.secret_extended", "Old secret extended";
        /// A test was sent.
        WebhookTested = "webhook.tested", "Test sent";
        /// Its health changed by itself.
        WebhookHealth = "webhook.health_changed", "Health changed";
        /// It was enabled again.
        WebhookEnabled = "webhook.enabled", "Webhook re-enabled";
        /// Deliveries were replayed.
        DeliveriesReplayed = "delivery.replayed", "Deliveries replayed";
        /// A person changed their name or address.
        UserUpdated = "user.updated", "Profile changed";
        /// A person changed their password.
        PasswordChanged = "user.password_changed", "Password changed";
        /// A password reset link was created.
        PasswordResetCreated = "user.password_reset_created", "Password reset link created";
        /// A person set a new password by a link.
        PasswordReset = "user.password_reset", "Password reset";
        /// An account was deactivated.
        UserDeactivated = "user.deactivated", "Account deactivated";
        /// An account was reactivated.
        UserReactivated = "user.reactivated", "Account reactivated";
        /// A person became a system admin.
        UserPromoted = "user.promoted", "Made system admin";
        /// A person is no longer a system admin.
        UserDemoted = "user.demoted", "System admin rights removed";
        /// A person signed in.
        SignedIn = "session.signed_in", "Signed in";
        /// A person signed out.
        SignedOut = "session.signed_out", "Signed out";
        /// A sign-in failed.
        SignInFailed = "session.sign_in_failed", "Sign-in failed";
        /// A sign-in was throttled.
        SignInThrottled = "session.sign_in_throttled", "Sign-in throttled";
        /// A person ended sessions of theirs.
        SessionEnded = "session.ended", "Session ended";
        /// An API token was created.
        TokenCreated = "token.created", "API token created";
        /// An API token was ended.
        TokenDeleted = "token.deleted", "API token deleted";
        /// The secrets were encrypted again.
        KeysRotated = "keys.rotated", "Keys rotated";
    }
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// Its ID.
    pub id: AuditId,
    /// When.
    #[serde(serialize_with = "millis")]
    pub at: DateTime<Utc>,
    /// Who; null for Testbell itself.
    pub actor_id: Option<UserId>,
    /// Their name.
    pub actor_name: Option<String>,
    /// The action.
    pub action: AuditAction,
    /// The ID of the object.
    pub subject: String,
    /// The name of the object at that time.
    pub subject_name: String,
    /// Details, as text.
    pub detail: Option<String>,
}
