//! Why a request failed, in words for the person who looks after the endpoint.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use rustls::CertificateError;

use super::{Phase, Refusal};

/// Why there is no (whole) response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The guard refused it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nothing listens there.
    #[error("The connection was refused: nothing listens there.")]
    ConnectRefused,
    /// The network knows no way.
    #[error("The host could not be reached ({0}).")]
    Unreachable(String),
    /// The TLS handshake failed.
    #[error("TLS failed: {0}.")]
    Tls(String),
    /// The limit of time.
    #[error("Timed out after {} s while {}.", limit.as_secs(), phase.words())]
    TimedOut {
        /// How long it was given.
        limit: Duration,
        /// Where it was.
        phase: Phase,
    },
    /// The other side hung up.
    #[error("The connection was closed before the response was complete.")]
    Closed,
    /// The response is not HTTP.
    #[error("The response is not valid HTTP ({0}).")]
    NotHttp(String),
    /// Anything else.
    #[error("The request failed ({0}).")]
    Other(String),
}

impl Reason {
    /// Looks through the layers of an error for the one that a person can act upon.
    pub(super) fn of(error: &reqwest::Error) -> Self {
        let connecting = error.is_connect();
        let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
        let mut deepest = String::new();
        while let Some(this) = cause {
            if let Some(reason) = known(this, connecting) {
                return reason;
            }
            // The text of an outer layer may name the URL, whose query can be a credential.
            deepest = if this.is::<reqwest::Error>() { String::new() } else { this.to_string() };
            cause = this.source();
        }
        if connecting { Self::Unreachable(deepest) } else { Self::Other(deepest) }
    }
}

fn known(error: &(dyn StdError + 'static), connecting: bool) -> Option<Reason> {
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return Some(Reason::Tls(tls(error)));
    }
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        if error.is_parse() || error.is_parse_too_large() {
            return Some(Reason::NotHttp(error.to_string()));
        }
        return (error.is_incomplete_message() || error.is_closed()).then_some(Reason::Closed);
    }
    let error = error.downcast_ref::<io::Error>()?;
    if let Some(inner) = error.get_ref()
        && let Some(reason) = known(inner, connecting)
    {
        return Some(reason);
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Some(Reason::ConnectRefused),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::TimedOut => {
            Some(Reason::Unreachable(error.to_string()))
        }
        io::ErrorKind::UnexpectedEof if connecting => {
            Some(Reason::Tls("the connection was closed during the handshake".to_owned()))
        }
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Some(Reason::Closed),
        _ => None,
    }
}

fn tls(error: &rustls::Error) -> String {
    use rustls::Error::{InvalidCertificate, InvalidMessage};
    match error {
        InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "the certificate has expired".to_owned()
        }
        InvalidCertificate(CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) => {
            "the certificate is not valid yet".to_owned()
        }
        InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }) => {
            "the certificate is for another name".to_owned()
        }
        InvalidCertificate(CertificateError::UnknownIssuer) => {
            "the certificate comes from an authority that is not trusted here".to_owned()
        }
        InvalidCertificate(CertificateError::Revoked) => "the certificate was revoked".to_owned(),
        InvalidMessage(_) => "the server does not speak TLS on this port".to_owned(),
        other => other.to_string(),
    }
}
