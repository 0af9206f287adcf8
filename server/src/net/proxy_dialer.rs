//! Connects to hosts through the outbound proxy: for https with a tunnel, for http with a connection to the proxy
//! itself. The proxy's own address may be private.

use std::net::IpAddr;
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use url::Host;

use super::connect::{Connector, handshake};
use super::connection::{ByteStream, TrackedConnection};
use super::dns::{Dns, DnsError};
use super::progress::{self, Phase};
use super::proxy::OutboundProxy;
use super::reason::ProxyError;
use super::{Reason, UrlRefusal, tunnel};

/// Cheap to clone.
#[derive(Clone)]
pub(super) struct ProxyDialer {
    pub proxy: Arc<OutboundProxy>,
    pub dns: Dns,
    /// Verifies the certificate of the proxy, also for requests that accept any certificate of the endpoint.
    pub tls: TlsConnector,
}

impl ProxyDialer {
    /// A connection for requests to `authority`, e.g. `example.com:443`.
    pub async fn connect(
        &self,
        connector: &Connector,
        authority: &str,
        tls: Option<(&TlsConnector, &str)>,
    ) -> Result<TrackedConnection, Reason> {
        progress::enter(Phase::Proxy);
        let mut stream = self.dial(connector).await.map_err(ProxyError::unreachable)?;
        let Some((tls, name)) = tls else { return Ok(TrackedConnection::forwarded(stream, &connector.open)) };
        progress::enter(Phase::Tunnel);
        tunnel::open(&mut stream, authority, self.proxy.authorization()).await?;
        progress::enter(Phase::Connecting);
        Ok(TrackedConnection::new(handshake(tls, name, stream).await?, &connector.open))
    }

    async fn dial(&self, connector: &Connector) -> Result<Box<dyn ByteStream>, Reason> {
        let (name, addresses) = match self.proxy.host() {
            Some(Host::Ipv4(address)) => (address.to_string(), vec![address.into()]),
            Some(Host::Ipv6(address)) => (address.to_string(), vec![address.into()]),
            Some(Host::Domain(host)) => (host.to_owned(), self.resolve(host).await?),
            None => return Err(UrlRefusal::Malformed.into()),
        };
        let tls = self.proxy.is_tls().then_some((&self.tls, name.as_str()));
        connector.dial(addresses, self.proxy.port(), tls).await
    }

    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, Reason> {
        let not_found = || UrlRefusal::NotFound { host: host.to_owned() };
        match self.dns.resolve(host).await {
            Ok(addresses) if !addresses.is_empty() => Ok(addresses),
            Ok(_) => Err(not_found().into()),
            Err(DnsError::LocalResource(cause)) => Err(UrlRefusal::LocalResource { cause }.into()),
            Err(DnsError::Unreachable(cause)) => Err(UrlRefusal::NoNameServer { cause }.into()),
            Err(DnsError::Failed(cause)) => {
                tracing::warn!(host, cause, "failed to resolve the host name of the outbound proxy");
                Err(not_found().into())
            }
        }
    }
}
