//! The settings of the mail server.

use app::error::{Checks, Error, Result};
use app::model::audit::AuditAction;
use app::model::email_settings::{EmailSettings, EmailTest, PutEmailSettings};
use app::model::live::{ChangeKind, ProjectChange, WORKSPACE};
use app::model::people::Actor;
use app::service::EmailAdmin;
use async_trait::async_trait;
use lettre::message::Mailbox;
use sea_orm::DbErr;
use secrecy::SecretString;

use crate::access::require_system_admin;
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::notifications::mailer;
use crate::notifications::smtp_settings::{self, SmtpSettings};
use crate::storage::{Effect, internal};

const MAX_CHARS: usize = 255;

#[async_trait]
impl EmailAdmin for AppState {
    async fn email_settings(&self, actor: &Actor) -> Result<Option<EmailSettings>> {
        require_system_admin(actor)?;
        Ok(smtp_settings::load(self).await?.map(|settings| settings.shown))
    }

    async fn put_email_settings(&self, actor: &Actor, new: PutEmailSettings) -> Result<EmailSettings> {
        require_system_admin(actor)?;
        let stored = smtp_settings::load(self).await?;
        let settings = checked(new, stored)?;
        let shown = settings.shown.clone();
        let (state, actor) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                smtp_settings::store(&state, tx, &settings).await?;
                tx.after_commit(Effect::Live(ProjectChange {
                    project_id: WORKSPACE,
                    kind: ChangeKind::SettingsChanged,
                }));
                let entry = entry(&actor, AuditAction::EmailSettingsChanged, &settings.shown.host);
                audit_log::record(&state, tx, entry).await
            })
        });
        change.await.map_err(|error: DbErr| internal(error))?;
        Ok(shown)
    }

    async fn delete_email_settings(&self, actor: &Actor) -> Result<()> {
        require_system_admin(actor)?;
        let stored = smtp_settings::load(self).await?.ok_or(Error::NotFound)?;
        let (state, actor) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                smtp_settings::remove(tx).await?;
                tx.after_commit(Effect::Live(ProjectChange {
                    project_id: WORKSPACE,
                    kind: ChangeKind::SettingsChanged,
                }));
                let entry = entry(&actor, AuditAction::EmailSettingsRemoved, &stored.shown.host);
                audit_log::record(&state, tx, entry).await
            })
        });
        change.await.map_err(|error: DbErr| internal(error))
    }

    async fn test_email(&self, actor: &Actor) -> Result<EmailTest> {
        require_system_admin(actor)?;
        let Some(settings) = smtp_settings::load(self).await? else {
            return Err(Error::conflict("Save the email settings first."));
        };
        let sent = mailer::send_test(self, &settings, &actor.email).await;
        Ok(EmailTest {
            sent: sent.is_ok(),
            recipient: actor.email.clone(),
            error: sent.err().map(|error| error.to_string()),
        })
    }
}

fn entry<'a>(actor: &'a Actor, action: AuditAction, host: &'a str) -> NewAuditEntry<'a> {
    NewAuditEntry { project: None, actor: Some(actor), action, subject: "smtp".to_owned(), name: host, detail: None }
}

/// The stored password stays only for the same host and username, so that nobody can send it to another server.
fn checked(new: PutEmailSettings, stored: Option<SmtpSettings>) -> Result<SmtpSettings> {
    let mut checks = Checks::default();
    let host = new.host.trim().to_owned();
    let is_host = url::Host::parse(&host).is_ok() && host.len() <= MAX_CHARS;
    checks.require(is_host, "host", "Enter a host name, such as smtp.example.com.");
    checks.require(new.port > 0, "port", "Use 1 to 65535.");
    let from = new.from.trim().to_owned();
    let is_sender = from.parse::<Mailbox>().is_ok() && from.len() <= MAX_CHARS;
    checks.require(is_sender, "from", "Enter an email address, or a name with one: Testbell <testbell@example.com>.");
    let username = new.username.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    checks.require(
        username.as_ref().is_none_or(|name| name.len() <= MAX_CHARS),
        "username",
        "Use at most 255 characters.",
    );
    let password = new.password.filter(|password| !password.is_empty());
    checks.require(
        password.as_ref().is_none_or(|text| text.len() <= MAX_CHARS),
        "password",
        "Use at most 255 characters.",
    );
    let is_same = |stored: &SmtpSettings| stored.shown.host == host && stored.shown.username == username;
    let password = match (&username, password) {
        (None, _) => None,
        (Some(_), Some(password)) => Some(SecretString::from(password)),
        (Some(_), None) => stored.filter(is_same).and_then(|stored| stored.password),
    };
    checks.require(username.is_none() || password.is_some(), "password", "Enter the password.");
    checks.finish()?;
    Ok(SmtpSettings {
        shown: EmailSettings { host, port: new.port, encryption: new.encryption, username, from },
        password,
        is_undecryptable: false,
    })
}
