//! Raw connections: an endpoint that violates HTTP, and a client that reads everything.

use std::net::SocketAddr;
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::{TEST_TIMEOUT, TestServer, eventually};

pub struct RawReceiver {
    address: SocketAddr,
    /// Connections whose request was read and whose response was written.
    answered: watch::Receiver<usize>,
    /// Closed connections, with the bytes that the client had read.
    closed: watch::Receiver<Vec<usize>>,
}

impl RawReceiver {
    /// Never responds.
    pub async fn hanging() -> Self {
        Self::writing(Vec::new(), Then::Hold).await
    }

    /// Responds to any request with these bytes.
    pub async fn writing(bytes: impl Into<Vec<u8>>, then: Then) -> Self {
        Self::open(bytes.into(), then, true).await
    }

    /// Writes these bytes before any request.
    pub async fn greeting(bytes: impl Into<Vec<u8>>) -> Self {
        Self::open(bytes.into(), Then::Hold, false).await
    }

    async fn open(bytes: Vec<u8>, then: Then, listens: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (answer, answered) = watch::channel(0);
        let (close, closed) = watch::channel(Vec::new());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, close, bytes) = (answer.clone(), close.clone(), bytes.clone());
                tokio::spawn(async move {
                    let taken = serve(stream, &bytes, then, listens, &answer).await;
                    close.send_modify(|closed| closed.push(taken));
                });
            }
        });
        Self { address, answered, closed }
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Waits until `count` connections got their response.
    pub async fn answered(&mut self, count: usize) {
        let answered = tokio::time::timeout(TEST_TIMEOUT, self.answered.wait_for(|answered| *answered >= count)).await;
        answered.unwrap_or_else(|_| panic!("timed out: {count} answered connections")).unwrap();
    }

    /// How many connections there are or were.
    pub fn requests_so_far(&self) -> usize {
        *self.answered.borrow()
    }

    /// Waits for a closed connection. Returns the bytes it had read.
    pub async fn closed(&self) -> usize {
        eventually("a closed connection", async || self.closed.borrow().first().copied()).await
    }
}

/// What follows the response.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The connection stays open and silent.
    Hold,
    /// The connection is closed.
    Close,
    /// The bytes are repeated for as long as the client reads.
    Repeat,
}

async fn serve(
    mut stream: TcpStream,
    bytes: &[u8],
    then: Then,
    listens: bool,
    answered: &watch::Sender<usize>,
) -> usize {
    let mut request = vec![0; 64 * 1024];
    let mut read = 0;
    while listens && !whole(&request[..read]) {
        match stream.read(&mut request[read..]).await {
            Ok(0) | Err(_) => return 0,
            Ok(more) => read += more,
        }
    }
    let mut taken = 0;
    loop {
        if stream.write_all(bytes).await.is_err() {
            return taken;
        }
        taken += bytes.len();
        if then != Then::Repeat {
            break;
        }
    }
    answered.send_modify(|answered| *answered += 1);
    if then == Then::Hold {
        // Until the other side gives up.
        let _ = stream.read(&mut request).await;
    }
    taken
}

/// Whether a request is complete: its headers, and as much body as they say.
pub fn whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let headers = String::from_utf8_lossy(&request[..end]).to_lowercase();
    let length = headers.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    request.len() >= end + 4 + length.unwrap_or(0)
}

/// Reads until the server closes the connection, while the clock advances in steps: the server
/// starts its timer some time after the bytes were sent.
pub async fn read_to_end(server: &TestServer, mut stream: TcpStream, step: Duration) -> String {
    let mut bytes = Vec::new();
    let mut reading = std::pin::pin!(stream.read_to_end(&mut bytes));
    eventually("the end of the connection", async || {
        server.state.clock.advance(step);
        match futures::poll!(reading.as_mut()) {
            Poll::Ready(read) => Some(read.unwrap()),
            Poll::Pending => None,
        }
    })
    .await;
    String::from_utf8(bytes).unwrap()
}
