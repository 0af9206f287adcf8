//! The audit log: who changed what in the configuration, and when. Never a secret.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::{AuditId, UserId};
use super::named;

named! {
    /// What was done.
    AuditAction {
        /// A project was made.
        ProjectCreated = "project.created", "Project created";
        /// Its key or name changed.
        ProjectUpdated = "project.updated", "Project changed";
        /// It was deleted.
        ProjectDeleted = "project.deleted", "Project deleted";
        /// A person was invited.
        MemberInvited = "member.invited", "Person invited";
        /// An invitation was taken back.
        InviteRevoked = "member.invite_revoked", "Invitation taken back";
        /// An invitation was accepted.
        MemberJoined = "member.joined", "Person joined";
        /// A member's role changed.
        MemberUpdated = "member.updated", "Role changed";
        /// A member was removed.
        MemberRemoved = "member.removed", "Person removed";
        /// The integration was set up or changed.
        IntegrationSaved = "integration.saved", "Integration saved";
        /// The integration was removed.
        IntegrationRemoved = "integration.removed", "Integration removed";
        /// A webhook was made.
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
        /// An API token was made.
        TokenCreated = "token.created", "API token created";
        /// An API token was ended.
        TokenDeleted = "token.deleted", "API token ended";
        /// The secrets were encrypted anew.
        KeysRotated = "keys.rotated", "Keys rotated";
    }
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; null for Testbell itself.
    pub actor_id: Option<UserId>,
    /// Their name.
    pub actor_name: Option<String>,
    /// What was done.
    pub action: AuditAction,
    /// The id of what it was done to.
    pub subject: String,
    /// What it was called then.
    pub subject_name: String,
    /// More of it in words.
    pub detail: Option<String>,
}
