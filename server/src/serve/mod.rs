//! Connections: accepted, served, and ended in good order. How long the head of a request may
//! take is bounded here, how long its body may take in [`body`]; an answer may take as long as it
//! has something to say, as live streams do.

pub mod body;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::response::Response;
use axum::serve::{Listener, ListenerExt};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::{Service, ServiceExt};

/// How long a connection may go without the whole head of a request, from its first byte or the
/// answer before. Proxies keep idle connections for up to 60 seconds: would this be shorter, they
/// would send into a connection that is just being closed.
pub const HEAD_PATIENCE: Duration = Duration::from_secs(75);

/// Serves until `shutdown` is cancelled: then no connection is accepted any more, idle ones are
/// closed, and requests under way are answered.
pub async fn serve(router: Router, listener: TcpListener, head_patience: Duration, shutdown: CancellationToken) {
    let mut http = http1::Builder::new();
    // In real time: a test that moves the clock would end connections that its client holds.
    http.timer(TokioTimer::new()).header_read_timeout(head_patience);
    // Without this a small answer waits for the acknowledgement of the one before.
    let mut listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
    });
    let router: Router = router.with_state(());
    let connections = TaskTracker::new();
    while let Some((stream, peer)) = shutdown.run_until_cancelled(listener.accept()).await {
        let service = router.clone().map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request.map(Body::new)
        });
        connections.spawn(connection(http.clone(), stream, service, peer, shutdown.clone()));
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn connection<S>(
    http: http1::Builder,
    stream: TcpStream,
    service: S,
    peer: SocketAddr,
    shutdown: CancellationToken,
) where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible> + Clone,
{
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)));
    let ended = match shutdown.run_until_cancelled(connection.as_mut()).await {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::trace!(%error, %peer, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    struct Served {
        address: SocketAddr,
        shutdown: CancellationToken,
        serving: tokio::task::JoinHandle<()>,
    }

    async fn start(head_patience: Duration) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, shutdown) = (listener.local_addr().unwrap(), CancellationToken::new());
        let router = Router::new()
            .route("/", get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.port().to_string() }));
        let serving = tokio::spawn(serve(router, listener, head_patience, shutdown.clone()));
        Served { address, shutdown, serving }
    }

    /// What the server says until it closes the connection.
    async fn said(mut stream: TcpStream) -> String {
        let mut said = Vec::new();
        // Closing with something unread resets the connection, which is an end too.
        let _ = stream.read_to_end(&mut said).await;
        String::from_utf8(said).unwrap()
    }

    #[tokio::test]
    async fn a_head_that_does_not_come_in_time_ends_the_connection() {
        let served = start(Duration::from_millis(20)).await;
        for beginning in ["", "GET / HTT", "GET / HTTP/1.1\r\nhost: x\r\nx-slow: "] {
            let mut stream = TcpStream::connect(served.address).await.unwrap();
            stream.write_all(beginning.as_bytes()).await.unwrap();
            let said = said(stream).await;
            assert!(!said.contains(" 200 "), "{beginning:?}: {said}");
        }
    }

    #[tokio::test]
    async fn a_connection_serves_one_request_after_another_and_is_closed_at_the_end() {
        let served = start(HEAD_PATIENCE).await;
        let mut stream = TcpStream::connect(served.address).await.unwrap();
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
        served.shutdown.cancel();
        served.serving.await.unwrap();
        assert_eq!(said(stream).await, "");
    }
}
