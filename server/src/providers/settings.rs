//! Checks the settings of an integration and brings what people paste into one form. What differs
//! from tracker to tracker is in its [`IssueProvider`](super::IssueProvider) and its
//! [`ProviderSpec`](app::model::provider::ProviderSpec).

use app::error::{Checks, Result};
use app::model::integration::{Credentials, PutIntegration};
use app::model::provider::{CredentialFields, Provider};
use url::Url;

use super::issue_provider;
use crate::net::{Guard, UrlRefusal};

/// The longest tokens in use have some hundred bytes.
const MAX_TOKEN_BYTES: usize = 4_096;
const MAX_EMAIL_BYTES: usize = 200;

/// The checked settings of an integration.
#[derive(Clone)]
pub struct IntegrationSettings {
    /// The tracker.
    pub provider: Provider,
    /// Without a trailing slash.
    pub base_url: String,
    /// As the tracker writes it.
    pub repository: String,
    /// `None` keeps the stored value.
    pub only_from_repository: Option<bool>,
    /// `None` keeps the stored value.
    pub sync_milestones: Option<bool>,
    /// `None` if none were entered.
    pub credentials: Option<Credentials>,
}

/// Checks what was entered.
///
/// # Errors
/// [`Invalid`](app::error::Error::Invalid) with an error for each wrong field.
pub fn check(entered: PutIntegration, guard: &Guard) -> Result<IntegrationSettings> {
    let mut checks = Checks::default();
    let (provider, only_from_repository) = (entered.provider, entered.only_from_repository);
    let tracker = issue_provider(provider);
    let base_url = checks.take("baseUrl", tracker.base_url(entered.base_url.trim(), guard));
    let repository = checks.take("repository", tracker.repository(entered.repository.trim()));
    let can_filter = provider.has_inbound() || only_from_repository != Some(true);
    let message = format!("{} doesn't import issues. Turn this off.", provider.label());
    checks.require(can_filter, "onlyFromRepository", &message);
    let sync_milestones = entered.sync_milestones;
    let can_sync = provider.has_milestones() || sync_milestones != Some(true);
    let message = format!("{} sends no milestones. Turn this off.", provider.label());
    checks.require(can_sync, "syncMilestones", &message);
    let email_required = base_url.as_deref().and_then(|base_url| tracker.email_required(base_url));
    let credentials = match provider.spec().credentials.as_ref().zip(entered.credentials) {
        Some((fields, entered)) => match check_credentials(fields, entered, email_required) {
            Ok(credentials) => Some(credentials),
            Err((field, why)) => checks.take(field, Err(why)),
        },
        None => Some(None),
    };
    match (base_url, repository, credentials) {
        (Some(base_url), Some(repository), Some(credentials)) if can_filter && can_sync => Ok(IntegrationSettings {
            provider,
            base_url,
            repository,
            only_from_repository,
            sync_milestones,
            credentials,
        }),
        _ => Err(checks.into_error()),
    }
}

/// The URL of a tracker: what was entered, or the spec's default. `lives_at_root` says of a host
/// that the tracker has no path there.
///
/// # Errors
/// A sentence for the field.
pub fn tracker_url(
    provider: Provider,
    entered: &str,
    guard: &Guard,
    lives_at_root: impl Fn(&str) -> bool,
) -> std::result::Result<Url, String> {
    let field = &provider.spec().base_url;
    let invalid = || format!("Enter a complete URL, e.g. {}.", field.example);
    let text = match (entered, field.default) {
        ("", Some(default)) => default,
        ("", None) => return Err(invalid()),
        (text, _) => text,
    };
    let url = guard.check_url(text).map_err(|refusal| match refusal {
        UrlRefusal::Malformed => invalid(),
        refusal => refusal.to_string(),
    })?;
    if url.query().is_some() {
        return Err("Remove the part after the question mark.".to_owned());
    }
    if lives_at_root(url.host_str().unwrap_or_default()) && url.path() != "/" {
        let server = &url[..url::Position::BeforePath];
        let container = provider.container();
        return Err(format!("Enter only the server, e.g. {server}. The {container} has its own field."));
    }
    Ok(url)
}

/// The stored form of a URL.
#[must_use]
pub fn without_trailing_slash(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// A field of the credentials by its path on the wire, and what is wrong with it.
type FieldError = (&'static str, &'static str);

const EMAIL: &str = "credentials.email";
const TOKEN: &str = "credentials.token";

fn check_credentials(
    fields: &CredentialFields,
    entered: Credentials,
    email_required: Option<&'static str>,
) -> std::result::Result<Option<Credentials>, FieldError> {
    let token = entered.token.trim().to_owned();
    let email = entered.email.map(|email| email.trim().to_owned());
    let email = email.filter(|email| !email.is_empty() && fields.email_hint.is_some());
    if token.is_empty() {
        let missing = "Enter the token too. It is stored together with the email address.";
        return if email.is_some() { Err((TOKEN, missing)) } else { Ok(None) };
    }
    if token.len() > MAX_TOKEN_BYTES || !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err((TOKEN, "Enter a token without spaces, at most 4,096 characters."));
    }
    if !email.as_deref().is_none_or(is_email) {
        return Err((EMAIL, "Enter an email address, e.g. ada@example.com."));
    }
    match email_required.filter(|_| email.is_none()) {
        Some(why) => Err((EMAIL, why)),
        None => Ok(Some(Credentials { email, token })),
    }
}

fn is_email(text: &str) -> bool {
    let is_plain =
        text.len() <= MAX_EMAIL_BYTES && !text.contains(|c: char| c.is_control() || c.is_whitespace() || c == ':');
    is_plain && text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
}

#[cfg(test)]
mod tests;
