//! Accepts and serves HTTP connections, and closes them gracefully. The time for the head of a request is
//! limited here, that for its body in [`body_timeout`]. [`unread_body`] handles a body that no handler
//! has read. A response may take any time, as live streams do.

pub mod body_timeout;
mod unread_body;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::response::Response;
use axum::serve::{Listener, ListenerExt};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use unread_body::LentBody;

/// From the first byte of a connection, or the end of the previous response, to the whole head of a
/// request. Longer than the 60 seconds for which proxies keep idle connections: otherwise they would send
/// into a connection that is just being closed.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(75);

#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// See [`HEAD_TIMEOUT`].
    pub head_timeout: Duration,
    /// Connections that are served at the same time. One more is accepted, and the others wait.
    pub connections: usize,
}

/// Serves until `shutdown` is cancelled. Then it accepts no more connections, closes the idle ones and
/// completes the requests in flight.
pub async fn serve(router: Router, listener: TcpListener, limits: ConnectionLimits, shutdown: CancellationToken) {
    let mut http = http1::Builder::new();
    // Real time: a test that moves the mock clock would close its client's connections.
    http.timer(TokioTimer::new()).header_read_timeout(limits.head_timeout);
    // Otherwise a small response waits for the acknowledgement of the previous one.
    let mut listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "failed to set TCP_NODELAY");
        }
    });
    let router: Router = router.with_state(());
    let connections = TaskTracker::new();
    let slots = Arc::new(Semaphore::new(limits.connections));
    // Cancelled when there is no slot left, to close idle connections.
    let mut idle = shutdown.child_token();
    while let Some((stream, peer)) = shutdown.run_until_cancelled(listener.accept()).await {
        // Acquired after the accept: otherwise idle connections would be closed for none.
        let slot = shutdown.run_until_cancelled(acquire_slot(&slots, &mut idle, &shutdown)).await.flatten();
        let Some(slot) = slot else { break };
        let connection = serve_connection(http.clone(), stream, router.clone(), peer, idle.clone());
        connections.spawn(async move {
            connection.await;
            drop(slot);
        });
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// When no slot is free, idle connections are closed, and busy ones after their response.
async fn acquire_slot(
    slots: &Arc<Semaphore>,
    idle: &mut CancellationToken,
    shutdown: &CancellationToken,
) -> Option<OwnedSemaphorePermit> {
    if let Ok(slot) = slots.clone().try_acquire_owned() {
        return Some(slot);
    }
    idle.cancel();
    *idle = shutdown.child_token();
    slots.clone().acquire_owned().await.ok()
}

/// Serves a connection; `end` closes it once it is idle.
async fn serve_connection(
    http: http1::Builder,
    stream: TcpStream,
    router: Router,
    peer: SocketAddr,
    end: CancellationToken,
) {
    let service = service_fn(|request| respond(router.clone(), request, peer));
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let ended = match end.run_until_cancelled(connection.as_mut()).await {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::trace!(%error, %peer, "connection ended early");
    }
}

async fn respond(router: Router, request: Request<Incoming>, peer: SocketAddr) -> Result<Response, Infallible> {
    let (lent, mut request) = LentBody::lend(request);
    request.extensions_mut().insert(ConnectInfo(peer));
    let mut response = router.oneshot(request).await?;
    lent.finish(&mut response).await;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    struct RunningServer {
        address: SocketAddr,
        shutdown: CancellationToken,
        serving: tokio::task::JoinHandle<()>,
    }

    async fn start(head_timeout: Duration) -> RunningServer {
        start_with(ConnectionLimits { head_timeout, connections: 100 }).await
    }

    async fn start_with(limits: ConnectionLimits) -> RunningServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, shutdown) = (listener.local_addr().unwrap(), CancellationToken::new());
        let router = Router::new()
            .route("/", get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.port().to_string() }));
        let serving = tokio::spawn(serve(router, listener, limits, shutdown.clone()));
        RunningServer { address, shutdown, serving }
    }

    /// Everything until the server closes the connection.
    async fn read_to_end(mut stream: TcpStream) -> String {
        let mut received = Vec::new();
        // A reset is an end too.
        let _ = stream.read_to_end(&mut received).await;
        String::from_utf8(received).unwrap()
    }

    #[tokio::test]
    async fn a_late_head_closes_the_connection() {
        let server = start(Duration::from_millis(20)).await;
        for beginning in ["", "GET / HTT", "GET / HTTP/1.1\r\nhost: x\r\nx-slow: "] {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            stream.write_all(beginning.as_bytes()).await.unwrap();
            let received = read_to_end(stream).await;
            assert!(!received.contains(" 200 "), "{beginning:?}: {received}");
        }
    }

    #[tokio::test]
    async fn a_connection_is_reused_and_closed_on_shutdown() {
        let server = start(HEAD_TIMEOUT).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let port = stream.local_addr().unwrap().port().to_string();
        let mut buffer = [0; 1024];
        for _ in 0..2 {
            stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
            let mut answer = String::new();
            while !answer.ends_with(&format!("\r\n\r\n{port}")) {
                let read = stream.read(&mut buffer).await.unwrap();
                assert!(read > 0, "the whole answer, not {answer:?}");
                answer.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
            }
            assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        }
        server.shutdown.cancel();
        server.serving.await.unwrap();
        assert_eq!(read_to_end(stream).await, "");
    }

    #[tokio::test]
    async fn idle_connections_are_closed_for_new_ones() {
        let server = start_with(ConnectionLimits { head_timeout: HEAD_TIMEOUT, connections: 2 }).await;
        let mut idle = Vec::new();
        for _ in 0..5 {
            idle.push(TcpStream::connect(server.address).await.unwrap());
        }
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        let received = read_to_end(stream).await;
        assert!(received.starts_with("HTTP/1.1 200 OK"), "{received}");
    }
}
