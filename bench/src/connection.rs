//! A minimal HTTP connection: the load shares the cores with the server that it measures.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// A connection with its token.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    authorization: String,
}

impl Connection {
    /// Connects; `token` may be empty.
    pub async fn open(address: SocketAddr, token: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async move {
            // The requests on the connection report its failure.
            let _ = connection.await;
        });
        Ok(Self { sender, host: address.to_string(), authorization: format!("Bearer {token}") })
    }

    /// Sends a request and reads the whole response.
    pub async fn send(&mut self, method: Method, path: &str, body: Bytes) -> Result<(StatusCode, Bytes)> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", &self.host)
            .header("authorization", &self.authorization)
            .header("content-type", "application/json")
            .body(Full::new(body))?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }

    /// Posts JSON and reads JSON.
    pub async fn post(&mut self, path: &str, body: &Value) -> Result<Value> {
        let (status, response) = self.send(Method::POST, path, Bytes::from(body.to_string())).await?;
        ensure!(status.is_success(), "POST {path} responded {status}: {}", String::from_utf8_lossy(&response));
        serde_json::from_slice(&response).context("the response is not JSON")
    }
}
