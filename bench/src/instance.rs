//! A server in its own process.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use http::{Method, StatusCode};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::time::Instant;

use crate::connection::Connection;

const EMAIL: &str = "bench@example.com";
/// The database in the server's folder.
const SQLITE_FILE: &str = "testbell.db";
const START_TIMEOUT: Duration = Duration::from_secs(15);

/// Where the server keeps its data.
pub enum Database {
    /// In its own folder.
    Sqlite,
    /// On this server.
    Postgres(String),
}

/// A running server. It is killed when dropped.
pub struct Instance {
    binary: PathBuf,
    folder: TempDir,
    database: Database,
    process: Child,
    /// The address it listens on.
    pub address: SocketAddr,
    /// An API token of its admin.
    pub token: String,
    /// Time to readiness with an empty database, including migrations.
    pub first_ready: Duration,
    /// Time to readiness with a migrated database.
    pub ready: Duration,
}

impl Instance {
    /// Starts a server on a new database, then restarts it on the migrated one.
    pub async fn start(binary: &Path, database: Database) -> Result<Self> {
        ensure!(binary.is_file(), "{} is missing: build the release first", binary.display());
        let folder = tempfile::tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
        let process = command(binary, folder.path(), &database, address, &["serve"]).spawn()?;
        let mut instance = Self {
            binary: binary.to_owned(),
            folder,
            database,
            process,
            address,
            token: String::new(),
            first_ready: Duration::ZERO,
            ready: Duration::ZERO,
        };
        instance.first_ready = instance.wait_until_ready().await?;
        instance.token = instance.create_token().await?;
        instance.kill().await?;
        instance.ready = instance.restart().await?;
        Ok(instance)
    }

    /// Ends the process at once, as `kill -9` does.
    pub async fn kill(&mut self) -> Result<()> {
        Ok(self.process.kill().await?)
    }

    /// Starts the server on the same data. Returns the time to readiness.
    pub async fn restart(&mut self) -> Result<Duration> {
        self.process = command(&self.binary, self.folder.path(), &self.database, self.address, &["serve"]).spawn()?;
        self.wait_until_ready().await
    }

    /// The URL of its database.
    pub fn database_url(&self) -> String {
        match &self.database {
            Database::Sqlite => format!("sqlite://{}", self.folder.path().join(SQLITE_FILE).display()),
            Database::Postgres(url) => url.clone(),
        }
    }

    /// A new connection with the admin's token.
    pub async fn connect(&self) -> Result<Connection> {
        Connection::open(self.address, &self.token).await
    }

    /// Processor time that the server has used so far.
    pub async fn cpu_time(&self) -> Result<Duration> {
        let stat = tokio::fs::read_to_string(self.proc_file("stat")?).await?;
        // The name, in parentheses, may hold anything; utime and stime are the 14th and 15th field.
        let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |n: usize| fields.get(n).and_then(|field| field.parse::<u64>().ok());
        let (Some(user), Some(system)) = (ticks(11), ticks(12)) else { bail!("/proc has no times") };
        // USER_HZ, which Linux has fixed at 100.
        Ok(Duration::from_millis((user + system) * 10))
    }

    /// Resident memory in MiB.
    pub async fn memory(&self) -> Result<u64> {
        let status = tokio::fs::read_to_string(self.proc_file("status")?).await?;
        let kib =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse::<u64>().ok());
        Ok(kib.context("/proc has no VmRSS")? / 1024)
    }

    fn proc_file(&self, name: &str) -> Result<PathBuf> {
        let id = self.process.id().context("the server has ended")?;
        Ok(PathBuf::from(format!("/proc/{id}/{name}")))
    }

    async fn wait_until_ready(&mut self) -> Result<Duration> {
        let start = Instant::now();
        let mut again = tokio::time::interval(Duration::from_millis(2));
        while start.elapsed() < START_TIMEOUT {
            again.tick().await;
            if let Some(status) = self.process.try_wait()? {
                bail!("the server ended with {status}:\n{}", self.log().await);
            }
            if let Ok(mut connection) = Connection::open(self.address, "").await
                && let Ok((StatusCode::OK, _)) = connection.send(Method::GET, "/readyz", Bytes::new()).await
            {
                return Ok(start.elapsed());
            }
        }
        bail!("the server is not ready after {START_TIMEOUT:?}:\n{}", self.log().await)
    }

    async fn log(&self) -> String {
        tokio::fs::read_to_string(self.folder.path().join("log")).await.unwrap_or_default()
    }

    async fn create_token(&self) -> Result<String> {
        let arguments = ["token", "create", "--email", EMAIL, "--name", "bench"];
        let mut command = command(&self.binary, self.folder.path(), &self.database, self.address, &arguments);
        let output = command.stdout(Stdio::piped()).output().await?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let token = text.split_whitespace().find(|word| word.starts_with("tb_"));
        Ok(token.with_context(|| format!("no token in {text:?}"))?.to_owned())
    }
}

fn command(binary: &Path, folder: &Path, database: &Database, address: SocketAddr, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary);
    command
        .args(arguments)
        .env("TESTBELL_LISTEN", address.to_string())
        .env("TESTBELL_PUBLIC_URL", format!("http://{address}"))
        .env("TESTBELL_DATA_DIR", folder)
        .env("TESTBELL_ADMIN_EMAIL", EMAIL)
        .env("TESTBELL_ADMIN_PASSWORD", "a long enough password")
        .env("TESTBELL_ALLOW_HTTP", "true")
        .env("TESTBELL_ALLOW_NETWORKS", "127.0.0.0/8")
        .env("TESTBELL_API_REQUESTS_PER_MINUTE", "0")
        .env_remove("DATABASE_URL")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    if let Database::Postgres(url) = database {
        command.env("DATABASE_URL", url);
    }
    // What operators would keep, and what explains a failed start.
    if let Ok(log) = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("log")) {
        if let Ok(log) = log.try_clone() {
            command.stderr(log);
        }
        command.stdout(log);
    }
    command
}
