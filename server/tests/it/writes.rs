//! The one door that all changes go through, the same on both databases.

use app::model::id::{ProjectId, WebhookId};
use app::model::live::{Change, What};
use sea_orm::{ConnectionTrait, DbErr};
use server::storage::{Effect, Store};

use crate::support::{TestServer, eventually};

async fn table() -> TestServer {
    let server = TestServer::start().await;
    server
        .core
        .store
        .write::<_, DbErr, _>(|tx| Box::pin(async { tx.db().execute_unprepared("CREATE TABLE t (n INTEGER)").await }))
        .await
        .unwrap();
    server
}

async fn insert(store: &Store, change: Change, breaks: bool) -> Result<(), DbErr> {
    store
        .write(move |tx| {
            Box::pin(async move {
                tx.db().execute_unprepared("INSERT INTO t VALUES (1)").await?;
                tx.after_commit(Effect::Live(change));
                assert!(!breaks, "as the test wants it");
                Ok(())
            })
        })
        .await
}

async fn rows(store: &Store) -> usize {
    let db = store.read();
    let statement = sea_orm::Statement::from_string(db.get_database_backend(), "SELECT n FROM t");
    db.query_all_raw(statement).await.unwrap().len()
}

fn change(server: &TestServer) -> Change {
    let (project_id, webhook_id): (ProjectId, WebhookId) = (server.core.ids.next(), server.core.ids.next());
    Change { project_id, what: What::WebhookChanged { webhook_id } }
}

#[tokio::test]
async fn a_change_whose_caller_hangs_up_stands_and_is_told() {
    let server = table().await;
    let change = change(&server);
    let (mut told, _) = server.core.hub.subscribe(change.project_id, None);
    let mut gone = Box::pin(insert(&server.core.store, change.clone(), false));
    assert!(futures::poll!(gone.as_mut()).is_pending());
    drop(gone);
    eventually("the row", async || (rows(&server.core.store).await == 1).then_some(())).await;
    assert_eq!(eventually("the message", async || told.try_recv().ok()).await.change, change);
}

#[tokio::test]
async fn a_change_that_panics_is_rolled_back_and_told_to_nobody() {
    let server = table().await;
    let change = change(&server);
    let (mut told, _) = server.core.hub.subscribe(change.project_id, None);
    assert!(insert(&server.core.store, change.clone(), true).await.is_err());
    assert_eq!(rows(&server.core.store).await, 0);
    assert!(told.try_recv().is_err());
    insert(&server.core.store, change, false).await.unwrap();
    assert_eq!(rows(&server.core.store).await, 1);
}
