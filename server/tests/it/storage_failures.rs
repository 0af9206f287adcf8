//! The real binary with a SQLite file that can't be written for a while: no acknowledged write is
//! lost, and writes resume without a restart.

mod fixture;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::process::Command;

use sea_orm::sqlx::{Connection, Executor, SqliteConnection};

use crate::support::binary::{ServerProcess, create_admin_token_with, testbell};
use fixture::{Fixture, Tmpfs};

async fn lock(database: &std::path::Path) -> SqliteConnection {
    let mut other = SqliteConnection::connect(&format!("sqlite:{}", database.display())).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    other
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_by_another_process_loses_no_acknowledged_write() {
    let folder = tempfile::tempdir().unwrap();
    let mut fixture = Fixture::start(folder.path()).await;
    let other = lock(&fixture.database()).await;
    fixture.wait_until_writes_fail().await;
    // Closing it ends its transaction.
    other.close().await.unwrap();
    fixture.wait_until_writes_work().await;
    fixture.assert_nothing_lost().await;
}

/// SQLite treats a file as read-only if its header says that a newer version wrote it. File
/// permissions would not work, because SQLite keeps using its open descriptors.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_file_loses_no_acknowledged_write() {
    let folder = tempfile::tempdir().unwrap();
    let mut fixture = Fixture::start(folder.path()).await;
    let database = fixture.database();
    let set_write_version = |version: u8| {
        File::options().write(true).open(&database).unwrap().write_all_at(&[version], 18).unwrap();
    };
    fixture
        .make_writes_fail(async || {
            // The header is read from the file only while the log has no newer one.
            let mut other = SqliteConnection::connect(&format!("sqlite:{}", database.display())).await.unwrap();
            let _ = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
            set_write_version(3);
        })
        .await;
    set_write_version(2);
    fixture.wait_until_writes_work().await;
    fixture.assert_nothing_lost().await;
}

/// The operating system refuses to let the file grow. This needs no privileges, so it always runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_cant_grow_loses_no_acknowledged_write() {
    let folder = tempfile::tempdir().unwrap();
    let token = create_admin_token_with(|| testbell(folder.path()));
    // Without the trap the limit would end the process.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\"", env!("CARGO_BIN_EXE_testbell")]);
    let plain = testbell(folder.path());
    command.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut fixture = Fixture::with_load(ServerProcess::run(&mut command), folder.path(), token).await;
    let limit = |bytes: &str| {
        let id = fixture.running.id().to_string();
        let set = Command::new("prlimit").args(["--pid", &id, &format!("--fsize={bytes}:unlimited")]).status().unwrap();
        assert!(set.success());
    };
    limit("65536");
    fixture.wait_until_writes_fail().await;
    limit("unlimited");
    fixture.wait_until_writes_work().await;
    fixture.assert_nothing_lost().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_loses_no_acknowledged_write() {
    let Some(disk) = Tmpfs::mount("24m") else {
        eprintln!("NOT RUN: a small disk can only be mounted by root; the limit of the file size is tested instead");
        return;
    };
    let mut fixture = Fixture::start(disk.path()).await;
    disk.fill();
    fixture.wait_until_writes_fail().await;
    disk.free();
    fixture.wait_until_writes_work().await;
    fixture.assert_nothing_lost().await;
}
