//! Why a sign-in at the provider failed. The details are for the log only.

use openidconnect::core::CoreErrorResponseType;
use openidconnect::{
    ClaimsVerificationError, ConfigurationError, DiscoveryError, RequestTokenError, StandardErrorResponse,
    UserInfoError,
};

use super::http_client::HttpError;

/// The longest detail. It comes from the provider.
const MAX_DETAIL_CHARS: usize = 500;

/// A failure of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    /// The provider doesn't respond, or not as a provider does.
    #[error("the provider can't be used: {0}")]
    Unavailable(String),
    /// The user or the provider denied it.
    #[error("the provider denied access")]
    Denied,
    /// The provider reports an error.
    #[error("the provider reports an error: {0}")]
    Refused(String),
    /// Its tokens are invalid.
    #[error("the provider's tokens are invalid: {0}")]
    Invalid(String),
}

impl OidcError {
    /// An error that the provider sends to the redirect URL.
    #[must_use]
    pub fn from_redirect(code: &str, description: &str) -> Self {
        match code {
            "access_denied" => Self::Denied,
            "temporarily_unavailable" | "server_error" => Self::Unavailable(detail(code, description)),
            _ => Self::Refused(detail(code, description)),
        }
    }

    pub(super) fn invalid(what: &str) -> Self {
        Self::Invalid(what.to_owned())
    }
}

fn detail(code: &str, description: &str) -> String {
    bounded(&format!("{code} {description}"))
}

fn bounded(text: &str) -> String {
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_DETAIL_CHARS).collect()
}

impl From<DiscoveryError<HttpError>> for OidcError {
    fn from(error: DiscoveryError<HttpError>) -> Self {
        Self::Unavailable(bounded(&match error {
            DiscoveryError::Request(error) => error.to_string(),
            DiscoveryError::Parse(error) => format!("its configuration is invalid: {error}"),
            other => other.to_string(),
        }))
    }
}

type TokenError = RequestTokenError<HttpError, StandardErrorResponse<CoreErrorResponseType>>;

impl From<TokenError> for OidcError {
    fn from(error: TokenError) -> Self {
        match error {
            RequestTokenError::Request(error) => Self::Unavailable(bounded(&error.to_string())),
            RequestTokenError::ServerResponse(response) => Self::Refused(bounded(&response.to_string())),
            // The body may have tokens.
            RequestTokenError::Parse(error, _) => Self::Invalid(bounded(&error.to_string())),
            RequestTokenError::Other(error) => Self::Invalid(bounded(&error)),
        }
    }
}

impl From<UserInfoError<HttpError>> for OidcError {
    fn from(error: UserInfoError<HttpError>) -> Self {
        match error {
            UserInfoError::Request(error) => Self::Unavailable(bounded(&error.to_string())),
            UserInfoError::ClaimsVerification(error) => error.into(),
            UserInfoError::Parse(error) => Self::Invalid(bounded(&error.to_string())),
            other => Self::Invalid(bounded(&other.to_string())),
        }
    }
}

impl From<ClaimsVerificationError> for OidcError {
    fn from(error: ClaimsVerificationError) -> Self {
        Self::Invalid(bounded(&match &error {
            ClaimsVerificationError::SignatureVerification(cause) => format!("{error}: {cause}"),
            error => error.to_string(),
        }))
    }
}

impl From<ConfigurationError> for OidcError {
    fn from(error: ConfigurationError) -> Self {
        Self::Unavailable(error.to_string())
    }
}
