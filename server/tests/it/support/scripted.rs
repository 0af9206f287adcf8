//! An endpoint with a script for each request of each connection.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::raw::whole;

/// The response to a request, and whether the connection is closed after it.
pub struct Step {
    pub bytes: Vec<u8>,
    pub closes: bool,
}

pub fn answer(bytes: impl Into<Vec<u8>>) -> Step {
    Step { bytes: bytes.into(), closes: false }
}

pub fn answer_and_close(bytes: impl Into<Vec<u8>>) -> Step {
    Step { bytes: bytes.into(), closes: true }
}

pub struct ScriptedReceiver {
    address: SocketAddr,
    /// The request as text, with the number of its connection, from 0.
    requests: Arc<Mutex<Vec<(usize, String)>>>,
}

impl ScriptedReceiver {
    /// `script` gets the number of the connection and of the request in it, both from 0.
    pub async fn start(script: impl Fn(usize, usize) -> Step + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests: Arc<Mutex<Vec<(usize, String)>>> = Arc::default();
        let keep = requests.clone();
        tokio::spawn(async move {
            let mut connections = 0;
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, connections, script.clone(), keep.clone()));
                connections += 1;
            }
        });
        Self { address, requests }
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The requests so far, in order.
    pub fn requests(&self) -> Vec<(usize, String)> {
        self.requests.lock().unwrap().clone()
    }

    /// The connection of each request so far.
    pub fn connections(&self) -> Vec<usize> {
        self.requests().into_iter().map(|(connection, _)| connection).collect()
    }
}

async fn serve(
    mut stream: TcpStream,
    connection: usize,
    script: impl Fn(usize, usize) -> Step,
    requests: Arc<Mutex<Vec<(usize, String)>>>,
) {
    for number in 0.. {
        let mut request = Vec::new();
        while !whole(&request) {
            if stream.read_buf(&mut request).await.is_ok_and(|read| read > 0) {
                continue;
            }
            return;
        }
        requests.lock().unwrap().push((connection, String::from_utf8(request).unwrap()));
        let step = script(connection, number);
        if stream.write_all(&step.bytes).await.is_err() || step.closes {
            return;
        }
    }
}
