//! The mail server that sends Testbell's emails. System admins set it.

use serde::{Deserialize, Serialize};

use super::string_enum;

string_enum! {
    /// How the connection to the mail server is encrypted.
    SmtpEncryption {
        /// TLS after STARTTLS, usually on port 587. Without TLS, nothing is sent.
        StartTls = "starttls", "STARTTLS";
        /// TLS from the start, usually on port 465.
        Tls = "tls", "TLS";
        /// None. Only for a server on the same machine or network.
        None = "none", "None";
    }
}

/// The settings, without the password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EmailSettings {
    /// The host of the mail server. It may be in a private network.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The encryption.
    pub encryption: SmtpEncryption,
    /// The username; null without authentication.
    pub username: Option<String>,
    /// The address that emails come from, such as `testbell@example.com`, or with a name,
    /// `Testbell <testbell@example.com>`. At most 255 characters.
    pub from: String,
}

/// Replaces the settings.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PutEmailSettings {
    /// See [`EmailSettings::host`].
    pub host: String,
    /// See [`EmailSettings::port`].
    pub port: u16,
    /// See [`EmailSettings::encryption`].
    pub encryption: SmtpEncryption,
    /// See [`EmailSettings::username`]. Empty for none.
    #[serde(default)]
    pub username: Option<String>,
    /// The password. Absent or empty: the stored one stays, if host and username are the same.
    #[serde(default)]
    pub password: Option<String>,
    /// See [`EmailSettings::from`].
    pub from: String,
}

/// The result of a test email.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EmailTest {
    /// Whether the mail server accepted it.
    pub sent: bool,
    /// The address that it was sent to.
    pub recipient: String,
    /// Why it was not sent.
    pub error: Option<String>,
}
