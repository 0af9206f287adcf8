//! Sends the queued emails. A failed one is tried again for half a day, then dropped with a warning in the
//! log: the notification in Testbell says the same.

use std::time::Duration;

use app::model::email_settings::SmtpEncryption;
use app::model::id::EmailId;
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;

use super::email_text::{self, EmailText};
use super::smtp_settings::{self, SmtpSettings};
use crate::app_state::AppState;
use crate::entity::email;
use crate::storage::report_outage;

/// How often the queue is read without a notification: retries, and emails that another node queued.
const CHECK_INTERVAL: Duration = Duration::from_secs(30);
/// How long the mail server has for each command.
const TIMEOUT: Duration = Duration::from_secs(20);
/// For how long other nodes leave an email alone.
const LEASE: Duration = Duration::from_secs(180);
/// The delays between the attempts.
const RETRIES: [Duration; 5] = [
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 60 * 60),
    Duration::from_secs(8 * 60 * 60),
];
/// The maximum number of emails per round: one, so that each is sent within its lease.
const BATCH: u64 = 1;

/// Why an email was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The stored password can't be decrypted.
    #[error("The stored password can't be decrypted. Enter it again.")]
    Undecryptable,
    /// The address is invalid.
    #[error("The address {0} is invalid.")]
    Address(String),
    /// The email can't be built.
    #[error("The email can't be built: {0}.")]
    Content(#[from] lettre::error::Error),
    /// The mail server can't be reached, or refused it.
    #[error("The mail server can't be used: {}", causes(.0))]
    Server(#[from] lettre::transport::smtp::Error),
}

/// The error with its causes, which say more than the error itself.
fn causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string);
    causes.collect::<Vec<_>>().join(": ")
}

/// Sends until `shutdown`.
pub async fn run(state: AppState, shutdown: CancellationToken) {
    loop {
        match send_due(&state).await {
            Ok(true) if !shutdown.is_cancelled() => continue,
            Ok(_) => {}
            Err(error) => report_outage(&error, "failed to read the queue of emails"),
        }
        let next = state.clock.instant() + CHECK_INTERVAL;
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = state.emails.notified() => {}
            () = state.clock.sleep_until(next) => {}
        }
    }
}

/// Returns whether there may be more.
async fn send_due(state: &AppState) -> Result<bool, DbErr> {
    let due = claim(state).await?;
    if due.is_empty() {
        return Ok(false);
    }
    let settings = smtp_settings::load(state).await.map_err(|error| DbErr::Custom(error.to_string()))?;
    let is_full = due.len() as u64 == BATCH;
    for email in due {
        let text = EmailText { subject: email.subject, text: email.text_body, html: email.html_body };
        let sent = match &settings {
            Some(settings) => send(settings, &email.recipient, &text).await,
            // They were removed meanwhile.
            None => Ok(()),
        };
        match sent {
            Ok(()) => delete(state, email.id).await?,
            Err(error) => retry(state, email.id, email.attempts, &error).await?,
        }
    }
    Ok(is_full)
}

/// The due emails, leased to this node.
async fn claim(state: &AppState) -> Result<Vec<email::Model>, DbErr> {
    use email::Column;
    let now = state.clock.schedule_now();
    let due = email::Entity::find().filter(Column::NextAttemptAt.lte(now)).limit(1).one(state.store.read()).await?;
    if due.is_none() {
        return Ok(Vec::new());
    }
    let claim = state.store.write(move |tx| {
        Box::pin(async move {
            let select = email::Entity::find()
                .filter(Column::NextAttemptAt.lte(now))
                .order_by_asc(Column::NextAttemptAt)
                .limit(BATCH)
                .lock_exclusive();
            let rows = select.all(tx.db()).await?;
            email::Entity::update_many()
                .col_expr(Column::NextAttemptAt, Expr::value(now + LEASE))
                .filter(Column::Id.is_in(rows.iter().map(|row| row.id)))
                .exec(tx.db())
                .await?;
            Ok::<_, DbErr>(rows)
        })
    });
    claim.await
}

async fn delete(state: &AppState, id: EmailId) -> Result<(), DbErr> {
    let delete = state
        .store
        .write(move |tx| Box::pin(async move { email::Entity::delete_by_id(id).exec(tx.db()).await.map(drop) }));
    delete.await
}

async fn retry(state: &AppState, id: EmailId, attempts: i32, error: &MailError) -> Result<(), DbErr> {
    use email::Column;
    let delay = usize::try_from(attempts).ok().and_then(|made| RETRIES.get(made));
    let Some(delay) = delay else {
        tracing::warn!(email = %id, %error, "gave up on an email");
        return delete(state, id).await;
    };
    tracing::warn!(email = %id, %error, "failed to send an email, will retry");
    let due = state.clock.schedule_now() + *delay;
    let update = state.store.write(move |tx| {
        Box::pin(async move {
            let update = email::Entity::update_many()
                .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
                .col_expr(Column::NextAttemptAt, Expr::value(due))
                .filter(Column::Id.eq(id));
            update.exec(tx.db()).await.map(drop)
        })
    });
    update.await
}

/// Sends a test email at once, to try the settings.
///
/// # Errors
/// Why it was not sent.
pub async fn send_test(state: &AppState, settings: &SmtpSettings, recipient: &str) -> Result<(), MailError> {
    send(settings, recipient, &email_text::test(state)).await
}

async fn send(settings: &SmtpSettings, recipient: &str, email: &EmailText) -> Result<(), MailError> {
    if settings.is_undecryptable {
        return Err(MailError::Undecryptable);
    }
    let address = |text: &str| text.parse::<Mailbox>().map_err(|_| MailError::Address(text.to_owned()));
    let message = Message::builder()
        .from(address(&settings.shown.from)?)
        .to(address(recipient)?)
        .subject(&email.subject)
        .message_id(None)
        .multipart(MultiPart::alternative_plain_html(email.text.clone(), email.html.clone()))?;
    let host = settings.shown.host.as_str();
    let tls = |host: &str| TlsParameters::new(host.to_owned());
    let tls = match settings.shown.encryption {
        SmtpEncryption::StartTls => Tls::Required(tls(host)?),
        SmtpEncryption::Tls => Tls::Wrapper(tls(host)?),
        SmtpEncryption::None => Tls::None,
    };
    let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
        .port(settings.shown.port)
        .tls(tls)
        .timeout(Some(TIMEOUT));
    if let (Some(username), Some(password)) = (&settings.shown.username, &settings.password) {
        transport = transport.credentials(Credentials::new(username.clone(), password.expose_secret().to_owned()));
    }
    transport.build().send(message).await?;
    Ok(())
}
