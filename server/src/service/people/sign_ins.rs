//! Records sign-ins in the audit log and the log: successful, failed and throttled ones. It never
//! records a password, nor an unknown email address, which may be a password in the wrong field.

use app::error::Result;
use app::model::account::Credential;
use app::model::audit::AuditAction;
use app::model::id::UserId;
use app::model::people::Actor;
use metrics::counter;
use sea_orm::EntityTrait;

use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::entity::user;
use crate::service::TxError;
use crate::service::people::browser_sessions;
use crate::service::people::users;
use crate::storage::internal;
use crate::web::Origin;

const UNKNOWN_ACCOUNT: &str = "Unknown account";

/// How a user signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInMethod {
    /// With the sign-in page.
    Password,
    /// With an invite.
    Invite,
    /// With the setup page.
    Setup,
    /// With a password reset link.
    ResetLink,
    /// With the provider for single sign-on.
    SingleSignOn,
}

impl SignInMethod {
    const fn label(self) -> &'static str {
        match self {
            Self::Password => "Password",
            Self::Invite => "Invite",
            Self::Setup => "Setup page",
            Self::ResetLink => "Password reset link",
            Self::SingleSignOn => "Single sign-on",
        }
    }
}

impl Origin {
    fn detail(&self, what: &str) -> String {
        format!("{what}. {} from {}.", self.device, self.address.to_canonical())
    }
}

/// Records a successful sign-in.
///
/// # Errors
/// Errors of the server. A sign-in that can't be recorded fails.
pub async fn signed_in(state: &AppState, actor: &Actor, origin: &Origin, method: SignInMethod) -> Result<()> {
    record(state, actor.clone(), AuditAction::SignedIn, origin.detail(method.label())).await?;
    tracing::info!(user = %actor.id, address = %origin.address, "signed in");
    counter!("testbell_sign_ins_total", "outcome" => "success").increment(1);
    Ok(())
}

/// Records a sign-out.
pub async fn signed_out(state: &AppState, actor: &Actor, origin: &Origin) -> Result<()> {
    record(state, actor.clone(), AuditAction::SignedOut, origin.detail("By the user")).await?;
    tracing::info!(user = %actor.id, address = %origin.address, "signed out");
    Ok(())
}

async fn record(state: &AppState, actor: Actor, action: AuditAction, detail: String) -> Result<()> {
    let audit = state.clone();
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let entry = NewAuditEntry::for_user(Some(&actor), action, actor.id, &actor.name, Some(detail));
            Ok::<_, TxError>(audit_log::record(&audit, tx, entry).await?)
        })
    });
    Ok(change.await?)
}

/// Records a failed attempt.
pub async fn failed(state: &AppState, email: &str, origin: &Origin) {
    counter!("testbell_sign_ins_total", "outcome" => "failed").increment(1);
    if state.throttle.may_record(state.clock.instant()) {
        record_refusal(state, email, AuditAction::SignInFailed, origin).await;
    }
}

/// Records a failed single sign-on; `user` is the account, if it is known.
pub async fn single_sign_on_failed(state: &AppState, user: Option<UserId>, reason: &str, origin: &Origin) {
    counter!("testbell_sign_ins_total", "outcome" => "failed").increment(1);
    if !state.throttle.may_record(state.clock.instant()) {
        return;
    }
    let written = async {
        let user = match user {
            Some(id) => user::Entity::find_by_id(id).one(state.store.read()).await.map_err(internal)?,
            None => None,
        };
        let (action, detail) = (AuditAction::SignInFailed, origin.detail(&format!("Single sign-on: {reason}")));
        record_without_actor(state, user, action, detail).await
    };
    if let Err(error) = written.await {
        tracing::error!(%error, "failed to record a refused sign-in");
    }
}

/// [`failed`], unless there is no such account.
pub async fn failed_at_existing(state: &AppState, email: &str, origin: &Origin) {
    match users::find_by_email(state, email).await {
        Ok(Some(_)) => failed(state, email, origin).await,
        Ok(None) => {}
        Err(error) => tracing::error!(%error, "failed to record a refused sign-in"),
    }
}

/// Records that a signed-in user entered a wrong current password or has to wait before the next
/// attempt.
pub async fn current_password_refused(state: &AppState, actor: &Actor, throttled: bool) {
    let (action, outcome, reason) = if throttled {
        (AuditAction::SignInThrottled, "throttled", "Too many attempts")
    } else {
        (AuditAction::SignInFailed, "failed", "Wrong current password")
    };
    counter!("testbell_sign_ins_total", "outcome" => outcome).increment(1);
    tracing::warn!(user = %actor.id, "{action}: current password");
    if !state.throttle.may_record(state.clock.instant()) {
        return;
    }
    let written = async {
        let by = match actor.credential {
            Credential::Session(id) => browser_sessions::device(state, id).await?,
            Credential::Token { .. } => Some("API token".to_owned()),
            Credential::Internal => None,
        };
        let by = by.map_or_else(String::new, |by| format!(" {by}."));
        record(state, actor.clone(), action, format!("{reason}.{by}")).await
    };
    if let Err(error) = written.await {
        tracing::error!(%error, "failed to record a refused current password");
    }
}

/// Records that an attempt was throttled.
pub async fn throttled(state: &AppState, email: &str, origin: &Origin) {
    counter!("testbell_sign_ins_total", "outcome" => "throttled").increment(1);
    if state.throttle.may_record(state.clock.instant()) {
        record_refusal(state, email, AuditAction::SignInThrottled, origin).await;
    }
}

/// A failure to record it doesn't change the response.
async fn record_refusal(state: &AppState, email: &str, action: AuditAction, origin: &Origin) {
    let written = async {
        let user = users::find_by_email(state, email).await?;
        let id = user.as_ref().map(|user| user.id);
        match id {
            Some(user) => tracing::warn!(%user, address = %origin.address, "{action}"),
            None => tracing::warn!(address = %origin.address, "{action}: unknown account"),
        }
        let reason = match &user {
            None => "No such account",
            Some(user) if user.deactivated_at.is_some() => "Deactivated account",
            Some(_) if action == AuditAction::SignInThrottled => "Too many attempts",
            Some(_) => "Wrong password",
        };
        record_without_actor(state, user, action, origin.detail(reason)).await
    };
    if let Err(error) = written.await {
        tracing::error!(%error, "failed to record a refused sign-in");
    }
}

/// An entry about an account, or about none, of somebody who is not signed in.
async fn record_without_actor(
    state: &AppState,
    user: Option<user::Model>,
    action: AuditAction,
    detail: String,
) -> Result<()> {
    let audit = state.clone();
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let entry = NewAuditEntry {
                project: None,
                actor: None,
                action,
                subject: user.as_ref().map(|user| user.id.to_string()).unwrap_or_default(),
                name: user.as_ref().map_or(UNKNOWN_ACCOUNT, |user| user.name.as_str()),
                detail: Some(detail),
            };
            Ok::<_, TxError>(audit_log::record(&audit, tx, entry).await?)
        })
    });
    Ok(change.await?)
}
