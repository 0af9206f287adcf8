//! A connection for hyper. It tracks the current exchange, and cleans the heads of responses for hyper's
//! strict parser ([`ResponseHead`]).

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::response_head::ResponseHead;

/// TCP, or TLS over it.
pub(super) trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for S {}

/// The progress of the current exchange on a connection.
#[derive(Default)]
pub(super) struct Exchange {
    requests: AtomicU32,
    has_response: AtomicBool,
}

impl Exchange {
    /// Whether the connection was reused and no byte of a response has arrived: the server closed it while
    /// it was idle.
    pub fn is_stale(&self) -> bool {
        self.requests.load(Ordering::Acquire) > 1 && !self.has_response.load(Ordering::Acquire)
    }
}

/// Counts open connections. Clones share the count.
#[derive(Clone, Default)]
pub(super) struct OpenConnections(Arc<AtomicUsize>);

impl OpenConnections {
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn add(&self) -> OpenConnection {
        self.0.fetch_add(1, Ordering::Relaxed);
        OpenConnection(self.0.clone())
    }
}

struct OpenConnection(Arc<AtomicUsize>);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection to an endpoint or a tracker.
pub(super) struct TrackedConnection {
    stream: Box<dyn ByteStream>,
    exchange: Arc<Exchange>,
    head: ResponseHead,
    /// Whether a proxy reads the requests and forwards them.
    is_forwarded: bool,
    _open: OpenConnection,
}

impl TrackedConnection {
    pub fn new(stream: Box<dyn ByteStream>, open: &OpenConnections) -> Self {
        let (exchange, head) = (Arc::default(), ResponseHead::default());
        Self { stream, exchange, head, is_forwarded: false, _open: open.add() }
    }

    /// The same for a connection to a proxy that forwards each request. Its requests name the whole URL.
    pub fn forwarded(stream: Box<dyn ByteStream>, open: &OpenConnections) -> Self {
        Self { is_forwarded: true, ..Self::new(stream, open) }
    }

    /// The first bytes written after a response begin the next request.
    fn written(&mut self, bytes: &Poll<io::Result<usize>>) {
        if matches!(bytes, Poll::Ready(Ok(1..))) && self.head.is_complete() {
            self.exchange.has_response.store(false, Ordering::Release);
            self.exchange.requests.fetch_add(1, Ordering::Release);
            self.head = ResponseHead::expected();
        }
    }
}

impl Connection for TrackedConnection {
    fn connected(&self) -> Connected {
        Connected::new().proxy(self.is_forwarded).extra(self.exchange.clone())
    }
}

impl AsyncRead for TrackedConnection {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(context, buf))?;
        if let Some(new @ [_, ..]) = buf.filled_mut().get_mut(before..) {
            this.exchange.has_response.store(true, Ordering::Release);
            this.head.clean(new);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for TrackedConnection {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.written(&written);
        written
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.written(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
