//! Why a request failed. The messages are for the person who maintains the endpoint.

use std::error::Error as StdError;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use http::StatusCode;
use hyper_util::client::legacy;
use rustls::CertificateError;

use super::{Phase, UrlRefusal};

/// The kind of a [`Reason`]: who is to blame, and where the request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// This machine lacks a resource, such as file descriptors, ports, memory or DNS. The endpoint is not to
    /// blame.
    LocalResource,
    /// The guard refused the address.
    Refused,
    /// The host name has no address.
    Dns,
    /// No address accepts a connection.
    Connect,
    /// The TLS handshake failed.
    Tls,
    /// The time limit; [`Reason::TimedOut`] has the phase.
    Timeout,
    /// The connection was closed before the response was complete.
    Closed,
    /// The response is not HTTP.
    Protocol,
    /// The outbound proxy does not work. The endpoint is not to blame.
    Proxy,
    /// Anything else.
    Other,
}

/// Why there is no complete response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The guard refused it.
    #[error(transparent)]
    Refused(UrlRefusal),
    /// This machine lacks a resource.
    #[error("Testbell is short of system resources ({0}). The endpoint is not to blame.")]
    LocalResource(String),
    /// Nothing listens there.
    #[error("The connection was refused: nothing listens there.")]
    ConnectRefused,
    /// There is no route.
    #[error("The host could not be reached ({0}).")]
    Unreachable(String),
    /// The TLS handshake failed.
    #[error("TLS failed: {0}.")]
    Tls(String),
    /// The time limit.
    #[error("Timed out after {} s while {}.", limit.as_secs(), phase.description())]
    TimedOut {
        /// The time limit.
        limit: Duration,
        /// What it was doing.
        phase: Phase,
    },
    /// The server closed the connection.
    #[error("The connection was closed before the response was complete.")]
    Closed,
    /// The response is not HTTP.
    #[error("The response is not valid HTTP ({0}).")]
    NotHttp(String),
    /// The outbound proxy.
    #[error(transparent)]
    Proxy(ProxyError),
    /// Anything else.
    #[error("The request failed ({0}).")]
    Other(String),
}

/// An error that the outbound proxy reports, or that prevents its use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// The proxy does not respond.
    #[error("The outbound proxy of this Testbell server could not be used: {0} The endpoint is not to blame.")]
    Unreachable(Box<Reason>),
    /// It wants other credentials.
    #[error("The outbound proxy rejected the credentials of this Testbell server (407). The endpoint is not to blame.")]
    Credentials,
    /// It does not allow this host.
    #[error("The outbound proxy refused to connect to the host ({0}). The request was not sent.")]
    Refused(StatusCode),
    /// It could not reach the host.
    #[error("The outbound proxy could not connect to the host ({0}).")]
    NoConnection(StatusCode),
}

impl ProxyError {
    /// The failure of a connection to the proxy.
    pub(super) fn unreachable(reason: Reason) -> Self {
        Self::Unreachable(Box::new(reason))
    }
}

impl From<ProxyError> for Reason {
    fn from(error: ProxyError) -> Self {
        match error {
            // Says nothing about the proxy either.
            ProxyError::Unreachable(reason) if reason.kind() == FailureKind::LocalResource => *reason,
            error => Self::Proxy(error),
        }
    }
}

impl From<UrlRefusal> for Reason {
    fn from(refusal: UrlRefusal) -> Self {
        match refusal {
            UrlRefusal::LocalResource { cause } => Self::LocalResource(cause),
            refusal => Self::Refused(refusal),
        }
    }
}

impl Reason {
    /// What kind of failure this is.
    #[must_use]
    pub const fn kind(&self) -> FailureKind {
        match self {
            Self::LocalResource(_)
            | Self::Refused(UrlRefusal::LocalResource { .. } | UrlRefusal::NoNameServer { .. }) => {
                FailureKind::LocalResource
            }
            Self::Refused(UrlRefusal::NotFound { .. }) => FailureKind::Dns,
            Self::Refused(_) => FailureKind::Refused,
            Self::ConnectRefused | Self::Unreachable(_) => FailureKind::Connect,
            Self::Tls(_) => FailureKind::Tls,
            Self::Proxy(ProxyError::Unreachable(_) | ProxyError::Credentials)
            | Self::TimedOut { phase: Phase::Proxy, .. } => FailureKind::Proxy,
            Self::Proxy(ProxyError::Refused(_)) => FailureKind::Refused,
            Self::Proxy(ProxyError::NoConnection(_)) => FailureKind::Connect,
            Self::TimedOut { .. } => FailureKind::Timeout,
            Self::Closed => FailureKind::Closed,
            Self::NotHttp(_) => FailureKind::Protocol,
            Self::Other(_) => FailureKind::Other,
        }
    }

    /// Finds the cause that a person can act on.
    pub(super) fn from_client_error(error: &legacy::Error) -> Self {
        let connecting = error.is_connect();
        found(error.source(), connecting)
    }

    /// For a failure to connect.
    pub(super) fn connecting(error: &(dyn StdError + 'static)) -> Self {
        found(Some(error), true)
    }

    /// The same for one address.
    pub(super) fn connecting_to(address: IpAddr, error: &io::Error) -> Self {
        // Without IPv6 there is no local address. Other addresses may work.
        if address.is_ipv6() && error.kind() == io::ErrorKind::AddrNotAvailable {
            return Self::Unreachable(error.to_string());
        }
        Self::connecting(error)
    }

    /// For a tunnel that is not open yet.
    pub(super) fn tunneling(error: &io::Error) -> Self {
        found(Some(error), false)
    }

    /// For a body that ends early.
    pub(super) fn reading(error: &hyper::Error) -> Self {
        found(Some(error), false)
    }
}

fn found(error: Option<&(dyn StdError + 'static)>, connecting: bool) -> Reason {
    let mut cause = error;
    let mut deepest = String::new();
    while let Some(this) = cause {
        if let Some(reason) = known(this, connecting) {
            return reason;
        }
        deepest = this.to_string();
        cause = this.source();
    }
    if connecting { Reason::Unreachable(deepest) } else { Reason::Other(deepest) }
}

/// Whether this machine lacks descriptors, ports, buffers or memory.
pub(super) fn is_local(error: &io::Error) -> bool {
    const EMFILE: i32 = 24;
    const ENFILE: i32 = 23;
    const ENOBUFS: i32 = if cfg!(target_os = "linux") { 105 } else { 55 };
    matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::OutOfMemory)
        || matches!(error.raw_os_error(), Some(EMFILE | ENFILE | ENOBUFS))
}

fn known(error: &(dyn StdError + 'static), connecting: bool) -> Option<Reason> {
    if let Some(reason) = error.downcast_ref::<Reason>() {
        return Some(reason.clone());
    }
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
    if is_local(error) {
        return Some(Reason::LocalResource(error.to_string()));
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lack_of_local_resources_is_a_local_failure() {
        let of = |errno| Reason::connecting(&io::Error::from_raw_os_error(errno)).kind();
        assert_eq!(
            (of(24), of(23), of(12)),
            (FailureKind::LocalResource, FailureKind::LocalResource, FailureKind::LocalResource)
        );
        let lacks_address = io::Error::from(io::ErrorKind::AddrNotAvailable);
        assert_eq!(Reason::connecting_to([127, 0, 0, 1].into(), &lacks_address).kind(), FailureKind::LocalResource);
        assert_eq!(Reason::connecting_to([0; 16].into(), &lacks_address).kind(), FailureKind::Connect);
        assert_eq!(of(111), FailureKind::Connect);
        let cause = "Too many open files".to_owned();
        assert_eq!(Reason::from(UrlRefusal::LocalResource { cause }).kind(), FailureKind::LocalResource);
    }
}
