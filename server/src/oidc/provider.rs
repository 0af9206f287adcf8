//! The provider of the deployment: its configuration, its page, and its tokens.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AuthType, AuthorizationCode, ClaimsVerificationError, Client, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, IdTokenVerifier, IssuerUrl,
    Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, SignatureVerificationError,
    StandardErrorResponse, StandardTokenResponse, TokenResponse, UserInfoClaims,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::claims::{Identity, OtherClaims, Profile};
use super::http_client::OidcHttp;
use super::{OidcArgs, OidcError};
use crate::clock::Clock;
use crate::net::Http;

/// How long the provider's configuration and keys are used.
const METADATA_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// Not more often are they read again for a key that is unknown.
const MIN_METADATA_AGE: Duration = Duration::from_secs(30);
/// How much the clocks of the provider and of this server may differ.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::seconds(60);
/// Signatures that only the provider can make. `none` and HMAC are never accepted.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Fields = IdTokenFields<
    OtherClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type OidcClient = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The provider. It is read when it is first used, so that Testbell starts without it.
pub struct Provider {
    args: OidcArgs,
    issuer: IssuerUrl,
    client_id: ClientId,
    redirect_url: RedirectUrl,
    http: OidcHttp,
    clock: Clock,
    metadata: Mutex<Option<(Instant, Arc<CoreProviderMetadata>)>>,
}

/// What a sign-in must remember until the user comes back from the provider. It is secret.
#[derive(Serialize, Deserialize)]
pub struct PendingSignIn {
    /// Proves that the response belongs to this browser.
    pub state: String,
    /// Proves that the ID token belongs to this sign-in.
    pub nonce: String,
    /// Proves that the code belongs to this sign-in (PKCE).
    pub verifier: String,
}

impl Provider {
    /// The provider of the settings, which were checked; `None` if they name none.
    #[must_use]
    pub fn new(args: &OidcArgs, allow_http: bool, redirect_url: String, http: Http, clock: Clock) -> Option<Self> {
        // Compared as text with what the provider says.
        let issuer = IssuerUrl::new(args.oidc_issuer.clone()?).ok()?;
        Some(Self {
            args: args.clone(),
            issuer,
            client_id: ClientId::new(args.oidc_client_id.clone()?),
            redirect_url: RedirectUrl::new(redirect_url).ok()?,
            http: OidcHttp { http, allow_http },
            clock,
            metadata: Mutex::default(),
        })
    }

    /// The name on the sign-in page.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.args.oidc_name
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &OidcArgs {
        &self.args
    }

    /// The issuer's URL.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// Begins a sign-in: the URL of the provider's page, and what to remember until the user comes back.
    ///
    /// # Errors
    /// [`OidcError::Unavailable`].
    pub async fn begin(&self) -> Result<(Url, PendingSignIn), OidcError> {
        let client = self.client(&*self.metadata(METADATA_LIFETIME).await?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let scopes = self.args.oidc_scopes.split_whitespace().filter(|scope| *scope != "openid");
        let (url, state, nonce) = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(scopes.map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(challenge)
            .url();
        let pending = PendingSignIn {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        };
        Ok((url, pending))
    }

    /// Exchanges the code of a sign-in for the identity of its user. The caller has compared the state.
    ///
    /// # Errors
    /// See [`OidcError`].
    pub async fn finish(&self, code: String, pending: PendingSignIn) -> Result<Identity, OidcError> {
        let metadata = self.metadata(METADATA_LIFETIME).await?;
        let client = self.client(&metadata);
        let tokens = client
            .exchange_code(AuthorizationCode::new(code))?
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier))
            .request_async(&self.http)
            .await?;
        let nonce = Nonce::new(pending.nonce);
        match self.identity(&client, &metadata, &tokens, &nonce).await {
            // The provider may have new keys.
            Err(Failure::UnknownKey) => {
                let metadata = self.metadata(MIN_METADATA_AGE).await?;
                let identity = self.identity(&self.client(&metadata), &metadata, &tokens, &nonce).await;
                identity.map_err(Failure::into_error)
            }
            identity => identity.map_err(Failure::into_error),
        }
    }

    async fn identity(
        &self,
        client: &OidcClient,
        metadata: &CoreProviderMetadata,
        tokens: &Tokens,
        nonce: &Nonce,
    ) -> Result<Identity, Failure> {
        let id_token = tokens.id_token().ok_or_else(|| OidcError::invalid("there is no ID token"))?;
        let verifier = self.verifier(client, metadata);
        let claims = id_token.claims(&verifier, nonce).map_err(Failure::from_claims)?;
        if let Some(expected) = claims.access_token_hash() {
            let invalid = |_| OidcError::invalid("the hash of the access token can't be computed");
            let key = id_token.signing_key(&verifier).map_err(|_| OidcError::invalid("the key is unknown"))?;
            let algorithm = id_token.signing_alg().map_err(|_| OidcError::invalid("the algorithm is unknown"))?;
            let hash = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).map_err(invalid)?;
            if hash != *expected {
                return Err(OidcError::invalid("the access token belongs to another ID token").into());
            }
        }
        let membership = self.args.oidc_membership_claim.as_deref();
        let mut profile = Profile::from_id_token(claims, membership);
        if profile.is_incomplete(membership) && client.user_info_url().is_some() {
            let request = client.user_info(tokens.access_token().clone(), Some(claims.subject().clone()));
            let request = request.map_err(OidcError::from)?;
            let more: UserInfoClaims<OtherClaims, CoreGenderClaim> =
                request.request_async(&self.http).await.map_err(OidcError::from)?;
            profile = profile.or(Profile::from_user_info(&more, membership));
        }
        Ok(Identity {
            issuer: self.issuer.as_str().to_owned(),
            subject: claims.subject().to_string(),
            email: profile.email,
            email_verified: profile.email_verified,
            name: profile.name,
            // Without the claim the user has none of its values.
            values: membership.map(|_| profile.values.unwrap_or_default()),
        })
    }

    fn verifier<'c>(
        &self,
        client: &'c OidcClient,
        metadata: &CoreProviderMetadata,
    ) -> IdTokenVerifier<'c, CoreJsonWebKey> {
        let offered: HashSet<_> = metadata.id_token_signing_alg_values_supported().iter().cloned().collect();
        let clock = self.clock.clone();
        client
            .id_token_verifier()
            .set_allowed_algs(ALGORITHMS.into_iter().filter(|algorithm| offered.contains(algorithm)))
            .set_time_fn(move || clock.now() - CLOCK_TOLERANCE)
    }

    fn client(&self, metadata: &CoreProviderMetadata) -> OidcClient {
        let secret = self.args.oidc_client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let client = Client::from_provider_metadata(metadata.clone(), self.client_id.clone(), secret)
            .set_redirect_uri(self.redirect_url.clone());
        // Without a list, the standard says Basic.
        let methods = metadata.token_endpoint_auth_methods_supported();
        let is_basic = methods.is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        client.set_auth_type(if is_basic { AuthType::BasicAuth } else { AuthType::RequestBody })
    }

    /// The configuration and keys of the provider, read again if they are older than `max_age`.
    async fn metadata(&self, max_age: Duration) -> Result<Arc<CoreProviderMetadata>, OidcError> {
        // Locked while it is read: of concurrent sign-ins one reads it.
        let mut known = self.metadata.lock().await;
        let now = self.clock.instant();
        if let Some((read_at, metadata)) = &*known
            && now.saturating_duration_since(*read_at) < max_age
        {
            return Ok(metadata.clone());
        }
        let read = Arc::new(CoreProviderMetadata::discover_async(self.issuer.clone(), &self.http).await?);
        *known = Some((now, read.clone()));
        Ok(read)
    }
}

/// Why tokens give no identity.
enum Failure {
    /// The ID token is signed with a key that is not known yet.
    UnknownKey,
    Other(OidcError),
}

impl Failure {
    fn from_claims(error: ClaimsVerificationError) -> Self {
        match error {
            ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
                Self::UnknownKey
            }
            error => Self::Other(error.into()),
        }
    }

    fn into_error(self) -> OidcError {
        match self {
            Self::UnknownKey => OidcError::invalid("the ID token is signed with an unknown key"),
            Self::Other(error) => error,
        }
    }
}

impl From<OidcError> for Failure {
    fn from(error: OidcError) -> Self {
        Self::Other(error)
    }
}
