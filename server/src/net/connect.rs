//! Connects to a host with several addresses (RFC 8305): a slow attempt doesn't delay the next one, and the
//! first connection wins.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::StreamExt;
use futures::future::{self, BoxFuture};
use futures::stream::FuturesUnordered;
use http::Uri;
use http::uri::Scheme;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tower::Service;

use super::connection::{ByteStream, OpenConnections, TrackedConnection};
use super::pinned_uri::pinned_addresses;
use super::progress::{self, Phase};
use super::proxy_dialer::ProxyDialer;
use super::reason::Reason;
use crate::clock::Clock;

/// Until the next attempt starts (RFC 8305, section 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);
/// For the TLS handshake with one address while there are others.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(3);
/// Including TLS. hyper continues to connect when its request has got another connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Connects only to the addresses that a URI is pinned to, or through the outbound proxy.
#[derive(Clone)]
pub(super) struct Connector {
    pub clock: Clock,
    pub tls: TlsConnector,
    pub open: OpenConnections,
    pub proxy: Option<ProxyDialer>,
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TrackedConnection>;
    type Error = Reason;
    type Future = BoxFuture<'static, Result<Self::Response, Reason>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Reason>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            // The request may have got a pooled connection meanwhile.
            progress::enter(Phase::Connecting);
            let connected = connector.clock.timeout(CONNECT_TIMEOUT, connector.connect(&uri)).await;
            let connected = connected.unwrap_or_else(|| {
                let phase = progress::current_phase().unwrap_or(Phase::Connecting);
                Err(Reason::TimedOut { limit: CONNECT_TIMEOUT, phase })
            });
            progress::enter(Phase::Waiting);
            connected.map(TokioIo::new)
        })
    }
}

impl Connector {
    async fn connect(&self, uri: &Uri) -> Result<TrackedConnection, Reason> {
        let host = uri.host().unwrap_or_default();
        let name = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let is_tls = uri.scheme() == Some(&Scheme::HTTPS);
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let tls = is_tls.then_some((&self.tls, name));
        if let Some(dialer) = &self.proxy {
            return dialer.connect(self, &format!("{host}:{port}"), tls).await;
        }
        let unchecked = || Reason::Other("the host's addresses were not checked".to_owned());
        let addresses = pinned_addresses(uri).ok_or_else(unchecked)?;
        Ok(TrackedConnection::new(self.dial(addresses, port, tls).await?, &self.open))
    }

    /// Connects to one of the addresses, and with TLS if there is a server name.
    pub(super) async fn dial(
        &self,
        addresses: Vec<IpAddr>,
        port: u16,
        tls: Option<(&TlsConnector, &str)>,
    ) -> Result<Box<dyn ByteStream>, Reason> {
        let mut race = Race::new(&self.clock, addresses.into_iter().map(|address| SocketAddr::new(address, port)));
        while let Some(stream) = race.next().await {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "failed to set TCP_NODELAY");
            }
            let Some((tls, name)) = tls else { return Ok(Box::new(stream)) };
            let handshake = handshake(tls, name, stream);
            let done = if race.is_over() {
                Some(handshake.await)
            } else {
                self.clock.timeout(HANDSHAKE_TIMEOUT, handshake).await
            };
            match done {
                Some(Ok(stream)) => return Ok(stream),
                Some(Err(reason)) => race.fail(reason),
                None => race.fail(Reason::Tls("the handshake timed out".to_owned())),
            }
        }
        Err(race.failure.unwrap_or_else(|| Reason::Unreachable("it has no address".to_owned())))
    }
}

/// Begins TLS with the server `name`.
pub(super) async fn handshake(
    tls: &TlsConnector,
    name: &str,
    stream: impl ByteStream + 'static,
) -> Result<Box<dyn ByteStream>, Reason> {
    let name = ServerName::try_from(name.to_owned()).map_err(|error| Reason::Tls(error.to_string()))?;
    match tls.connect(name, stream).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(Reason::connecting(&error)),
    }
}

/// Concurrent connection attempts.
struct Race<'c> {
    clock: &'c Clock,
    untried: VecDeque<SocketAddr>,
    attempts: FuturesUnordered<BoxFuture<'static, (SocketAddr, io::Result<TcpStream>)>>,
    /// The most specific one so far.
    failure: Option<Reason>,
}

impl<'c> Race<'c> {
    fn new(clock: &'c Clock, addresses: impl Iterator<Item = SocketAddr>) -> Self {
        Self { clock, untried: addresses.collect(), attempts: FuturesUnordered::new(), failure: None }
    }

    /// The next connection; `None` when every address has failed.
    async fn next(&mut self) -> Option<TcpStream> {
        loop {
            if self.attempts.is_empty() && !self.start() {
                return None;
            }
            let more = !self.untried.is_empty();
            let delay = async { if more { self.clock.sleep(ATTEMPT_DELAY).await } else { future::pending().await } };
            tokio::select! {
                biased;
                Some((address, connected)) = self.attempts.next() => match connected {
                    Ok(stream) => return Some(stream),
                    Err(error) => {
                        self.fail(Reason::connecting_to(address.ip(), &error));
                        self.start();
                    }
                },
                () = delay => { self.start(); }
            }
        }
    }

    fn start(&mut self) -> bool {
        let Some(address) = self.untried.pop_front() else { return false };
        self.attempts.push(Box::pin(async move { (address, TcpStream::connect(address).await) }));
        true
    }

    /// Whether no other address is left.
    fn is_over(&self) -> bool {
        self.untried.is_empty() && self.attempts.is_empty()
    }

    fn fail(&mut self, reason: Reason) {
        if self.failure.as_ref().is_none_or(|known| specificity(&reason) > specificity(known)) {
            self.failure = Some(reason);
        }
    }
}

/// What a server does says more than a missing route.
const fn specificity(reason: &Reason) -> u8 {
    match reason {
        Reason::LocalResource(_) => 4,
        Reason::Tls(_) => 3,
        Reason::ConnectRefused => 2,
        Reason::Unreachable(_) => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::AsyncReadExt;

    use super::*;
    use crate::net::pinned_uri::pin;

    #[tokio::test]
    async fn a_tls_handshake_without_response_times_out() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let uri = pin(format!("https://{address}/").parse().unwrap(), &[address.ip()]).unwrap();
        let clock = Clock::mock(chrono::DateTime::UNIX_EPOCH);
        let tls = Arc::new(crate::net::tls::client_config().unwrap()).into();
        let mut connector = Connector { clock: clock.clone(), tls, open: OpenConnections::default(), proxy: None };
        let mut connecting = std::pin::pin!(connector.call(uri));
        let mut silent = tokio::select! {
            accepted = listener.accept() => accepted.unwrap().0,
            _ = &mut connecting => unreachable!("the server sends nothing"),
        };
        clock.advance(CONNECT_TIMEOUT);
        let failure = connecting.await.err();
        assert_eq!(failure, Some(Reason::TimedOut { limit: CONNECT_TIMEOUT, phase: Phase::Connecting }));
        let mut hello = Vec::new();
        silent.read_to_end(&mut hello).await.unwrap();
    }
}
