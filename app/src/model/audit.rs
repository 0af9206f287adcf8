//! The audit log: who changed the configuration, and when. It never contains a secret.

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
        /// Ownership was transferred.
        ProjectTransferred = "project.transferred", "Ownership transferred";
        /// It was deleted.
        ProjectDeleted = "project.deleted", "Project deleted";
        /// A user was invited.
        MemberInvited = "member.invited", "Member invited";
        /// An invite was revoked.
        InviteRevoked = "member.invite_revoked", "Invite revoked";
        /// An invite was accepted.
        MemberJoined = "member.joined", "Member joined";
        /// A member's role changed.
        MemberUpdated = "member.updated", "Role changed";
        /// A member was removed.
        MemberRemoved = "member.removed", "Member removed";
        /// Cases were created for the tests of a report.
        CasesCreated = "cases.created", "Cases created by a report";
        /// Cases were imported from a file.
        CasesImported = "cases.imported", "Cases imported";
        /// The public link of a test run was enabled.
        PublicLinkEnabled = "run.public_link_enabled", "Public link enabled";
        /// It was revoked.
        PublicLinkRevoked = "run.public_link_revoked", "Public link revoked";
        /// The integration was set up or changed.
        IntegrationSaved = "integration.saved", "Integration saved";
        /// The integration was removed.
        IntegrationRemoved = "integration.removed", "Integration removed";
        /// A webhook was created.
        WebhookCreated = "webhook.created", "Webhook created";
        /// Its name, URL or events changed.
        WebhookUpdated = "webhook.updated", "Webhook changed";
        /// A project was added to its projects or removed from them.
        WebhookScopeChanged = "webhook.scope_changed", "Projects of a webhook changed";
        /// It was deleted.
        WebhookDeleted = "webhook.deleted", "Webhook deleted";
        /// Its secret was rotated.
        WebhookRotated = "webhook.rotated", "Secret rotated";
        /// The old secret was retired early.
        SecretRetired = "webhook.secret_retired", "Old secret retired";
        /// The old secret was extended.
        SecretExtended = "webhook.secret_extended", "Old secret extended";
        /// A test was sent.
        WebhookTested = "webhook.tested", "Test sent";
        /// Its health changed automatically.
        WebhookHealth = "webhook.health_changed", "Health changed";
        /// It was re-enabled.
        WebhookEnabled = "webhook.enabled", "Webhook re-enabled";
        /// It was deactivated by hand.
        WebhookDeactivated = "webhook.deactivated", "Webhook deactivated";
        /// It was activated by hand.
        WebhookActivated = "webhook.activated", "Webhook activated";
        /// All outbound webhooks were paused.
        WebhooksPaused = "webhooks.paused", "All webhooks paused";
        /// The pause of all webhooks ended.
        WebhooksResumed = "webhooks.resumed", "All webhooks resumed";
        /// It was resumed during the pause of all webhooks.
        WebhookResumed = "webhook.resumed", "Webhook resumed";
        /// Deliveries were replayed.
        DeliveriesReplayed = "delivery.replayed", "Deliveries replayed";
        /// A replay by time range was started.
        ReplayStarted = "replay.started", "Replay started";
        /// It was stopped.
        ReplayStopped = "replay.stopped", "Replay stopped";
        /// All its deliveries were queued.
        ReplayCompleted = "replay.completed", "Replay completed";
        /// Deliveries were retried by hand.
        DeliveriesRetried = "delivery.retried", "Deliveries retried";
        /// Deliveries were cancelled by hand.
        DeliveriesCancelled = "delivery.cancelled", "Deliveries cancelled";
        /// Deliveries were deleted on request.
        HistoryCleared = "history.cleared", "History cleared";
        /// Deliveries and events were deleted after the retention period.
        HistoryExpired = "history.expired", "Old history deleted";
        /// The payload or a response of a delivery was erased.
        ContentErased = "delivery.content_erased", "Delivery content erased";
        /// A setting of the instance changed.
        SettingsUpdated = "settings.updated", "Settings changed";
        /// An inspector URL was created.
        InspectorUrlCreated = "inspector_url.created", "Inspector URL created";
        /// Its response or its signing secret changed, or it was extended.
        InspectorUrlUpdated = "inspector_url.updated", "Inspector URL changed";
        /// Its requests were cleared.
        InspectorUrlCleared = "inspector_url.cleared", "Inspector requests cleared";
        /// It was deleted.
        InspectorUrlDeleted = "inspector_url.deleted", "Inspector URL deleted";
        /// A custom event was registered.
        CustomEventCreated = "custom_event.created", "Custom event registered";
        /// Its description or its schema changed.
        CustomEventUpdated = "custom_event.updated", "Custom event changed";
        /// It was deleted.
        CustomEventDeleted = "custom_event.deleted", "Custom event deleted";
        /// An account was created at the first single sign-on.
        UserCreated = "user.created", "Account created";
        /// An identity of the provider for single sign-on was linked to an account.
        IdentityLinked = "user.identity_linked", "Single sign-on linked";
        /// It was unlinked.
        IdentityUnlinked = "user.identity_unlinked", "Single sign-on unlinked";
        /// A user changed their name or email address.
        UserUpdated = "user.updated", "Profile changed";
        /// A user changed their password.
        PasswordChanged = "user.password_changed", "Password changed";
        /// A password reset link was created.
        PasswordResetCreated = "user.password_reset_created", "Password reset link created";
        /// A user set a new password with a link.
        PasswordReset = "user.password_reset", "Password reset";
        /// An account was deactivated.
        UserDeactivated = "user.deactivated", "Account deactivated";
        /// An account was reactivated.
        UserReactivated = "user.reactivated", "Account reactivated";
        /// A user became a system admin.
        UserPromoted = "user.promoted", "Made system admin";
        /// A user is no longer a system admin.
        UserDemoted = "user.demoted", "System admin rights removed";
        /// A user signed in.
        SignedIn = "session.signed_in", "Signed in";
        /// A user signed out.
        SignedOut = "session.signed_out", "Signed out";
        /// A sign-in failed.
        SignInFailed = "session.sign_in_failed", "Sign-in failed";
        /// A sign-in was throttled.
        SignInThrottled = "session.sign_in_throttled", "Sign-in throttled";
        /// A user ended their own sessions.
        SessionEnded = "session.ended", "Session ended";
        /// An API token was created.
        TokenCreated = "token.created", "API token created";
        /// An API token was deleted.
        TokenDeleted = "token.deleted", "API token deleted";
        /// The settings of the mail server changed.
        EmailSettingsChanged = "email_settings.changed", "Email settings changed";
        /// They were removed.
        EmailSettingsRemoved = "email_settings.removed", "Email settings removed";
        /// The secrets were re-encrypted.
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
    /// When it happened.
    #[serde(serialize_with = "millis")]
    pub at: DateTime<Utc>,
    /// The user; null for Testbell itself.
    pub actor_id: Option<UserId>,
    /// The user's name at that time.
    pub actor_name: Option<String>,
    /// The action.
    pub action: AuditAction,
    /// The ID of the changed object.
    pub subject: String,
    /// The object's name at that time.
    pub subject_name: String,
    /// Details as text.
    pub detail: Option<String>,
}
