//! A temporary PostgreSQL for a test run: a cluster in a temporary folder, on a free port of the
//! loopback interface, without durability. It stops when this process ends, for whatever reason.

use crate::{browser, node, process};
use anyhow::{Context, Result, bail};
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const START_LIMIT: Duration = Duration::from_secs(60);

/// A running cluster, stopped and removed on drop.
pub struct Cluster {
    server: Child,
    account: Account,
    programs: PathBuf,
    folder: TempDir,
    port: u16,
}

impl Cluster {
    /// Creates a cluster and waits until it accepts connections.
    pub fn start() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("testbell-pg").tempdir()?;
        let account = Account::choose(folder.path())?;
        let programs = account.within_reach(programs()?, folder.path())?;
        let data = folder.path().join("data");
        process::output(
            account
                .command(&programs.join("initdb"))
                .args(["--username=testbell", "--auth=trust", "--encoding=UTF8"])
                .args(["--no-locale", "--no-sync", "-D"])
                .arg(&data),
        )
        .context("the temporary PostgreSQL could not be created")?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = fs::File::create(folder.path().join("log"))?;
        let server = account
            .command(&programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-k", ""])
            .args(["-c", "listen_addresses=127.0.0.1"])
            .args(["-c", "fsync=off", "-c", "synchronous_commit=off"])
            .args(["-c", "full_page_writes=off", "-c", "max_connections=300"])
            // It would visit each of the hundreds of databases.
            .args(["-c", "autovacuum=off"])
            .stdout(log.try_clone()?)
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .context("the temporary PostgreSQL could not be started")?;
        let mut cluster = Self { server, account, programs, folder, port };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    /// The URL of the maintenance database. Tests create their own databases from here.
    pub fn url(&self) -> String {
        format!("postgres://testbell@127.0.0.1:{}/postgres", self.port)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The server writes its state into the last line of this file.
    fn wait_until_ready(&mut self) -> Result<()> {
        let pid_file = self.data().join("postmaster.pid");
        let start = Instant::now();
        loop {
            let state = fs::read_to_string(&pid_file).unwrap_or_default();
            if state.lines().last().is_some_and(|line| line.trim() == "ready") {
                return Ok(());
            }
            if self.server.try_wait()?.is_some() || start.elapsed() > START_LIMIT {
                let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                bail!("the temporary PostgreSQL did not start:\n{log}");
            }
            sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let stopped = process::output(
            self.account
                .command(&self.programs.join("pg_ctl"))
                .args(["stop", "-m", "immediate", "-D"])
                .arg(self.data()),
        );
        if stopped.is_err() {
            // A cluster that is already gone counts as stopped.
            self.server.kill().ok();
        }
        self.server.wait().ok();
    }
}

/// The folder with initdb, postgres and pg_ctl: from PATH, from Debian's folder, or from npm.
pub fn programs() -> Result<PathBuf> {
    let complete = |folder: &Path| ["initdb", "postgres", "pg_ctl"].iter().all(|name| folder.join(name).is_file());
    let on_path = process::on_path(&["initdb"]).and_then(|file| {
        // PATH may contain a link to one program of a folder that has all of them.
        [Some(file.clone()), fs::canonicalize(file).ok()]
            .into_iter()
            .flatten()
            .filter_map(|file| file.parent().map(Path::to_owned))
            .find(|folder| complete(folder))
    });
    if let Some(folder) = on_path {
        return Ok(folder);
    }
    let mut installed: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|folder| complete(folder))
        .collect();
    installed.sort();
    match installed.pop() {
        Some(folder) => Ok(folder),
        None => Ok(node::postgres()?.join("bin")),
    }
}

/// The account that runs the server: PostgreSQL refuses root.
struct Account(Option<(u32, u32)>);

impl Account {
    /// Chooses an account and makes it the owner of the cluster's folder.
    fn choose(folder: &Path) -> Result<Self> {
        if !browser::is_root() {
            return Ok(Self(None));
        }
        let id = |flag| -> Result<u32> {
            let id = process::output(Command::new("id").args([flag, "nobody"]))?;
            Ok(id.parse()?)
        };
        let (user, group) = (id("-u")?, id("-g")?);
        #[cfg(unix)]
        std::os::unix::fs::chown(folder, Some(user), Some(group))?;
        Ok(Self(Some((user, group))))
    }

    /// Other accounts can't read root's home, so programs from npm are then copied next to the cluster.
    fn within_reach(&self, programs: PathBuf, folder: &Path) -> Result<PathBuf> {
        if self.0.is_none() || process::output(self.command(&programs.join("postgres")).arg("-V")).is_ok() {
            return Ok(programs);
        }
        let native = programs.parent().unwrap_or(&programs);
        process::output(Command::new("cp").arg("-R").arg(native).arg(folder.join("native")))?;
        process::output(Command::new("chmod").args(["-R", "a+rX"]).arg(folder.join("native")))?;
        Ok(folder.join("native/bin"))
    }

    #[cfg(unix)]
    fn command(&self, program: &Path) -> Command {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new(program);
        command.current_dir(std::env::temp_dir());
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
        command
    }

    #[cfg(not(unix))]
    fn command(&self, program: &Path) -> Command {
        Command::new(program)
    }
}
