//! `GET /session/oidc` begins a sign-in at the provider, `GET /session/oidc/callback` completes it.
//!
//! Between the two, the browser keeps an encrypted cookie ([`pending`]). Its state proves that the response belongs to
//! this browser, so that nobody can sign another person in to an account of their own.

mod pending;

use app::error::Error;
use app::model::form::FormError;
use app::model::id::UserId;
use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use subtle::ConstantTimeEq;
use tower_sessions::Session;

use super::form::{FormResponder, begin_session, own_path};
use crate::app_state::AppState;
use crate::oidc::OidcError;
use crate::service::people::identities::{self, IdentityRefusal};
use crate::service::people::sign_ins::{self, SignInMethod};
use crate::web::{Client, Origin};

/// The page that shows errors.
const PAGE: &str = "/sign-in";

/// The query of the link on the sign-in page.
#[derive(Deserialize)]
pub struct BeginQuery {
    #[serde(default)]
    next: String,
}

/// Redirects to the provider's page.
pub async fn begin(State(state): State<AppState>, Query(query): Query<BeginQuery>, headers: HeaderMap) -> Response {
    let next = own_path(&query.next);
    let responder = FormResponder::new(PAGE, &headers).keep("next", next);
    let Some(provider) = &state.oidc else { return responder.refuse(Error::NotFound, FormError::NoSingleSignOn) };
    let begun = match provider.begin().await {
        Ok((url, sign_in)) => pending::set_cookie(&state, sign_in, next).map(|cookie| (url, cookie)),
        Err(error) => return refuse(&responder, &Refusal::Provider(error)),
    };
    match begun {
        Ok((url, cookie)) => with_cookie(Redirect::to(url.as_str()).into_response(), cookie),
        Err(error) => responder.refuse_for(error),
    }
}

/// What the provider sends: a code, or an error.
#[derive(Deserialize)]
pub struct CallbackQuery {
    #[serde(default)]
    state: String,
    code: Option<String>,
    error: Option<String>,
    #[serde(default)]
    error_description: String,
    /// The issuer (RFC 9207), so that a response of another provider is recognized.
    iss: Option<String>,
}

/// Completes a sign-in.
pub async fn callback(
    State(state): State<AppState>,
    client: Client,
    session: Session,
    headers: HeaderMap,
    query: Result<Query<CallbackQuery>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let pending = pending::from_headers(&state, &headers);
    let next = pending.as_ref().map_or_else(|| "/".to_owned(), |pending| own_path(&pending.next).to_owned());
    let responder = FormResponder::new(PAGE, &headers).keep("next", &next);
    let done = match query {
        Ok(Query(query)) => finish(&state, query, pending).await,
        Err(_) => Err(Refusal::Expired),
    };
    let response = match done {
        Ok(user) => match begin_session(&state, &session, &client, user, SignInMethod::SingleSignOn).await {
            Ok(()) => responder.redirect_to(&next),
            Err(error) => responder.refuse_for(error),
        },
        Err(Refusal::Server(error)) => responder.refuse_for(error),
        Err(refusal) => {
            let Client(origin) = &client;
            record(&state, &refusal, origin).await;
            refuse(&responder, &refusal)
        }
    };
    // A response of the provider works once.
    with_cookie(response, pending::clear_cookie(&state))
}

async fn finish(
    state: &AppState,
    query: CallbackQuery,
    pending: Option<pending::Pending>,
) -> Result<crate::entity::user::Model, Refusal> {
    let Some(provider) = &state.oidc else { return Err(Refusal::Expired) };
    let pending = pending.ok_or(Refusal::Expired)?;
    if !bool::from(query.state.as_bytes().ct_eq(pending.sign_in.state.as_bytes())) {
        return Err(Refusal::Expired);
    }
    if query.iss.is_some_and(|issuer| issuer != provider.issuer()) {
        return Err(OidcError::Invalid("the response is from another issuer".to_owned()).into());
    }
    if let Some(code) = query.error {
        return Err(OidcError::from_redirect(&code, &query.error_description).into());
    }
    let code = query.code.ok_or_else(|| OidcError::Invalid("there is no code".to_owned()))?;
    let identity = provider.finish(code, pending.sign_in).await?;
    let signed_in = identities::sign_in(state, identity, provider.settings()).await.map_err(Refusal::Server)?;
    signed_in.map_err(Refusal::Identity)
}

/// Why nobody is signed in.
enum Refusal {
    /// There is no sign-in to complete in this browser.
    Expired,
    /// The provider's fault.
    Provider(OidcError),
    /// The identity may not sign in.
    Identity(IdentityRefusal),
    /// This server's fault.
    Server(Error),
}

impl From<OidcError> for Refusal {
    fn from(error: OidcError) -> Self {
        Self::Provider(error)
    }
}

impl Refusal {
    const fn code(&self) -> FormError {
        match self {
            Self::Expired => FormError::SignInExpired,
            Self::Provider(OidcError::Unavailable(_)) => FormError::ProviderUnavailable,
            Self::Provider(OidcError::Denied) => FormError::ProviderDenied,
            Self::Provider(OidcError::Refused(_) | OidcError::Invalid(_)) => FormError::ProviderFailed,
            Self::Identity(IdentityRefusal::Unverified) => FormError::UnverifiedEmail,
            Self::Identity(IdentityRefusal::NoAccount) => FormError::NoAccount,
            Self::Identity(IdentityRefusal::Deactivated(_)) => FormError::Deactivated,
            Self::Identity(IdentityRefusal::OtherIdentity(_)) => FormError::OtherIdentity,
            Self::Server(_) => FormError::Internal,
        }
    }

    /// For the audit log: without text from the provider.
    const fn reason(&self) -> &'static str {
        match self {
            Self::Expired => "No sign-in was started in this browser, or it took too long",
            Self::Provider(OidcError::Unavailable(_)) => "The provider can't be used",
            Self::Provider(OidcError::Denied) => "The provider denied access",
            Self::Provider(OidcError::Refused(_)) => "The provider reports an error",
            Self::Provider(OidcError::Invalid(_)) => "The provider's tokens are invalid",
            Self::Identity(IdentityRefusal::Unverified) => "The email address is not verified",
            Self::Identity(IdentityRefusal::NoAccount) => "No such account",
            Self::Identity(IdentityRefusal::Deactivated(_)) => "Deactivated account",
            Self::Identity(IdentityRefusal::OtherIdentity(_)) => "The account is linked to another identity",
            Self::Server(_) => "A failure of the server",
        }
    }

    const fn user(&self) -> Option<UserId> {
        match self {
            Self::Identity(IdentityRefusal::Deactivated(user) | IdentityRefusal::OtherIdentity(user)) => Some(*user),
            _ => None,
        }
    }
}

fn refuse(responder: &FormResponder, refusal: &Refusal) -> Response {
    if let Refusal::Provider(error) = refusal {
        tracing::warn!(%error, "single sign-on failed");
    }
    responder.refuse(Error::Unauthenticated, refusal.code())
}

async fn record(state: &AppState, refusal: &Refusal, origin: &Origin) {
    sign_ins::single_sign_on_failed(state, refusal.user(), refusal.reason(), origin).await;
}

fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(SET_COOKIE, cookie);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
