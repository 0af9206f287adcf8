//! A mail server that stores what it receives (RFC 5321, without extensions). The browser tests use a complete one.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::eventually;

pub struct SmtpServer {
    pub address: SocketAddr,
    messages: Arc<Mutex<Vec<String>>>,
}

impl SmtpServer {
    /// Responds to the n-th message, from 0, with this line.
    pub async fn answering(answer: fn(usize) -> &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let messages: Arc<Mutex<Vec<String>>> = Arc::default();
        let received = messages.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let received = received.clone();
                tokio::spawn(async move {
                    let _ = serve(stream, answer, &received).await;
                });
            }
        });
        Self { address, messages }
    }

    /// The number of messages so far.
    pub fn messages_so_far(&self) -> usize {
        self.messages.lock().unwrap().len()
    }

    /// Waits for so many messages, refused ones included.
    pub async fn messages(&self, count: usize) -> Vec<String> {
        eventually(&format!("{count} emails"), async || {
            let messages = self.messages.lock().unwrap().clone();
            assert!(messages.len() <= count, "{messages:?}");
            (messages.len() == count).then_some(messages)
        })
        .await
    }
}

async fn serve(
    stream: TcpStream,
    answer: fn(usize) -> &'static str,
    received: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 test\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let reply = if line.eq_ignore_ascii_case("data") {
            write.write_all(b"354 go on\r\n").await?;
            let mut message = String::new();
            while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                message.push_str(&line);
                message.push('\n');
            }
            let mut received = received.lock().unwrap();
            received.push(message);
            answer(received.len() - 1)
        } else if line.eq_ignore_ascii_case("quit") {
            "221 bye"
        } else {
            "250 ok"
        };
        write.write_all(format!("{reply}\r\n").as_bytes()).await?;
    }
    Ok(())
}
