//! Why a URL is not requested.

use std::net::IpAddr;

/// Why a URL is not requested. The messages are for the person who entered it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefusal {
    /// It is not a valid https or http URL.
    #[error("Enter a full URL, e.g. https://example.com/hook.")]
    Malformed,
    /// It is longer than [`MAX_URL_BYTES`](super::MAX_URL_BYTES).
    #[error("Use at most 2,048 characters.")]
    TooLong,
    /// It is http, which is not allowed.
    #[error("Use https. Anyone on the network could read and change http requests.")]
    NotHttps,
    /// `user:password@`.
    #[error("Remove the username and password before the host.")]
    UserInfo,
    /// `#...`.
    #[error("Remove the part after #. It is never sent.")]
    Fragment,
    /// `:0`.
    #[error("Port 0 is not valid.")]
    PortZero,
    /// Its host is, or resolves to, a private or reserved address.
    #[error("{host} resolves to a private or reserved address, which is not allowed.")]
    Address {
        /// As in the URL.
        host: String,
        /// The first refused address. Only logged: people outside of the network must not learn its DNS
        /// answers.
        address: IpAddr,
    },
    /// Its host has a local name, which the outbound proxy would resolve in its own network.
    #[error("{host} is a name of a local network, which is not allowed.")]
    LocalName {
        /// As in the URL.
        host: String,
    },
    /// The host name has no address.
    #[error("The host name {host} could not be resolved.")]
    NotFound {
        /// As in the URL.
        host: String,
    },
    /// No name server responds.
    #[error("No DNS server responds. Check the network of the Testbell server.")]
    NoNameServer {
        /// For the log.
        cause: String,
    },
    /// This machine lacks a resource that resolving needs.
    #[error("Testbell is short of system resources. Try again later.")]
    LocalResource {
        /// For the log.
        cause: String,
    },
}
