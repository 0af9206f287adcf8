//! Single sign-on with an `OpenID` Connect provider: the authorization code flow with PKCE, state and nonce.
//!
//! [`Provider`] builds the URL of the provider's page and exchanges the code that comes back for a verified
//! [`Identity`]. It knows no users: `service::people::identities` finds or creates the account, and
//! `session::single_sign_on` has the routes and the cookie in between.

mod claims;
mod error;
mod http_client;
mod provider;
mod settings;

pub use claims::Identity;
pub use error::OidcError;
pub use provider::{PendingSignIn, Provider};
pub use settings::{MembershipRule, OidcArgs, OidcSettingsError, ProjectReference};

/// Where the provider sends the user back to.
pub const REDIRECT_PATH: &str = "/session/oidc/callback";
