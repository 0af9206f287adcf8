//! Several nodes start at once on an empty database.

use crate::support::binary::{ServerProcess, testbell};
use crate::support::database::Database;
use crate::support::seed::PASSWORD;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_start_at_once_on_an_empty_database() {
    let Some(database) = Database::empty().await.shared() else {
        eprintln!("NOT RUN: several nodes need PostgreSQL; set TESTBELL_TEST_DATABASE_URL");
        return;
    };
    let key = server::crypto::Keyring::generate();
    let starts: Vec<_> = (0..3)
        .map(|_| {
            let (url, key) = (database.url.clone(), key.clone());
            std::thread::spawn(move || {
                let folder = tempfile::tempdir().unwrap();
                let mut command = testbell(folder.path());
                command.env("DATABASE_URL", url).env("TESTBELL_MASTER_KEY", key);
                command.env("TESTBELL_ADMIN_EMAIL", "root@example.com").env("TESTBELL_ADMIN_PASSWORD", PASSWORD);
                // Fails the thread if the process ends instead.
                (ServerProcess::run(&mut command), folder)
            })
        })
        .collect();
    let nodes: Vec<_> = starts.into_iter().map(|start| start.join().expect("the node starts")).collect();
    for (node, _) in &nodes {
        assert_eq!(node.get("/readyz", "").await.status, 200);
    }
}
