//! The client of the commands that work on a running server.

use app::error::Error;
use clap::Args;
use secrecy::SecretString;
use testbell_client::{Client, ClientBuilder};
use url::Url;

use crate::start::StartError;

impl From<testbell_client::Error> for StartError {
    fn from(error: testbell_client::Error) -> Self {
        Self::Refused(Error::invalid(error.to_string()))
    }
}

/// The server, and who calls it.
#[derive(Args)]
pub struct ServerOptions {
    /// URL of the Testbell server.
    #[arg(long, env = "TESTBELL_SERVER")]
    server: Url,
    /// API token. Webhooks need one of a project admin, with the "admin" scope; reports and imports need the "write" scope.
    #[arg(long, env = "TESTBELL_TOKEN", hide_env_values = true)]
    token: SecretString,
}

impl ServerOptions {
    /// A client of the server.
    ///
    /// # Errors
    /// [`StartError::Refused`] if the URL or the token can't be used.
    pub fn client(self) -> Result<Client, StartError> {
        Ok(self.builder().build()?)
    }

    /// A client with settings.
    pub fn builder(self) -> ClientBuilder {
        Client::builder(&self.server, self.token)
    }
}

/// Text from elsewhere, without what a terminal would interpret.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_not_printed() {
        assert_eq!(printable("a\u{1b}[2Jb\n"), "a\u{fffd}[2Jb\u{fffd}");
    }
}
