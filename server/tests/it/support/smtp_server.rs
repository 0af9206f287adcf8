//! A mail server that stores what it receives (RFC 5321), with STARTTLS (RFC 3207) if it has a certificate. The browser
//! tests use a complete one.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::eventually;

pub struct SmtpServer {
    pub address: SocketAddr,
    log: Arc<Mutex<SmtpLog>>,
}

#[derive(Default)]
struct SmtpLog {
    messages: Vec<String>,
    /// The commands, with whether they were encrypted.
    commands: Vec<(String, bool)>,
}

impl SmtpServer {
    /// Responds to the n-th message, from 0, with this line.
    pub async fn answering(answer: fn(usize) -> &'static str) -> Self {
        Self::start(answer, None).await
    }

    /// Offers STARTTLS, and a login once it is encrypted.
    pub async fn with_starttls(acceptor: TlsAcceptor) -> Self {
        Self::start(|_| "250 queued", Some(acceptor)).await
    }

    async fn start(answer: fn(usize) -> &'static str, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let log: Arc<Mutex<SmtpLog>> = Arc::default();
        let kept = log.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let session = Session { answer, log: kept.clone(), offers_tls: tls.is_some(), is_encrypted: false };
                let tls = tls.clone();
                tokio::spawn(async move { session.run(stream, tls).await });
            }
        });
        Self { address, log }
    }

    /// The number of messages so far.
    pub fn messages_so_far(&self) -> usize {
        self.log.lock().unwrap().messages.len()
    }

    /// Waits for so many messages, refused ones included.
    pub async fn messages(&self, count: usize) -> Vec<String> {
        eventually(&format!("{count} emails"), async || {
            let messages = self.log.lock().unwrap().messages.clone();
            assert!(messages.len() <= count, "{messages:?}");
            (messages.len() == count).then_some(messages)
        })
        .await
    }

    /// The commands so far that begin with `verb`, with whether they were encrypted.
    pub fn commands(&self, verb: &str) -> Vec<(String, bool)> {
        let log = self.log.lock().unwrap();
        log.commands.iter().filter(|(command, _)| command.starts_with(verb)).cloned().collect()
    }
}

struct Session {
    answer: fn(usize) -> &'static str,
    log: Arc<Mutex<SmtpLog>>,
    offers_tls: bool,
    is_encrypted: bool,
}

impl Session {
    async fn run(mut self, stream: impl AsyncRead + AsyncWrite + Unpin, tls: Option<TlsAcceptor>) -> io::Result<()> {
        let mut stream = BufStream::new(stream);
        write(&mut stream, "220 test").await?;
        if !self.serve(&mut stream).await? {
            return Ok(());
        }
        let Some(tls) = tls else { return Ok(()) };
        self.is_encrypted = true;
        let mut stream = BufStream::new(tls.accept(stream.into_inner()).await?);
        self.serve(&mut stream).await.map(drop)
    }

    /// Returns whether the client wants to encrypt the connection.
    async fn serve(&self, stream: &mut BufStream<impl AsyncRead + AsyncWrite + Unpin>) -> io::Result<bool> {
        while let Some(line) = read(stream).await? {
            self.log.lock().unwrap().commands.push((line.clone(), self.is_encrypted));
            let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
            match &*verb {
                "EHLO" if self.is_encrypted => write(stream, "250-test\r\n250 AUTH PLAIN").await?,
                "EHLO" if self.offers_tls => write(stream, "250-test\r\n250 STARTTLS").await?,
                "STARTTLS" if self.offers_tls && !self.is_encrypted => {
                    write(stream, "220 go on").await?;
                    return Ok(true);
                }
                "AUTH" => write(stream, "235 welcome").await?,
                "DATA" => {
                    write(stream, "354 go on").await?;
                    let mut message = String::new();
                    while let Some(line) = read(stream).await?.filter(|line| line != ".") {
                        message.push_str(&line);
                        message.push('\n');
                    }
                    let number = {
                        let mut log = self.log.lock().unwrap();
                        log.messages.push(message);
                        log.messages.len() - 1
                    };
                    write(stream, (self.answer)(number)).await?;
                }
                "QUIT" => write(stream, "221 bye").await?,
                _ => write(stream, "250 ok").await?,
            }
        }
        Ok(false)
    }
}

async fn read(stream: &mut BufStream<impl AsyncRead + AsyncWrite + Unpin>) -> io::Result<Option<String>> {
    let mut line = String::new();
    let length = stream.read_line(&mut line).await?;
    Ok((length > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
}

async fn write(stream: &mut BufStream<impl AsyncRead + AsyncWrite + Unpin>, lines: &str) -> io::Result<()> {
    stream.write_all(format!("{lines}\r\n").as_bytes()).await?;
    stream.flush().await
}
