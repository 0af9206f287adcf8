//! `Store::write` on both databases.

use app::model::id::{ProjectId, WebhookId};
use app::model::live::{ChangeKind, ProjectChange};
use sea_orm::{ConnectionTrait, DbErr};
use server::storage::{Effect, Store};

use crate::support::{TestServer, eventually};

async fn table() -> TestServer {
    let server = TestServer::start().await;
    server
        .state
        .store
        .write::<_, DbErr, _>(|tx| Box::pin(async { tx.db().execute_unprepared("CREATE TABLE t (n INTEGER)").await }))
        .await
        .unwrap();
    server
}

async fn insert(store: &Store, change: ProjectChange, breaks: bool) -> Result<(), DbErr> {
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

fn change(server: &TestServer) -> ProjectChange {
    let (project_id, webhook_id): (ProjectId, WebhookId) = (server.state.ids.next(), server.state.ids.next());
    ProjectChange { project_id, kind: ChangeKind::WebhookChanged { webhook_id } }
}

#[tokio::test]
async fn a_change_is_kept_when_its_caller_disconnects() {
    let server = table().await;
    let change = change(&server);
    let mut live = server.changes(change.project_id);
    let mut gone = Box::pin(insert(&server.state.store, change.clone(), false));
    assert!(futures::poll!(gone.as_mut()).is_pending());
    drop(gone);
    eventually("the row", async || (rows(&server.state.store).await == 1).then_some(())).await;
    assert_eq!(eventually("the message", async || live.try_recv().ok()).await.change, change);
}

#[tokio::test]
async fn a_change_that_panics_is_rolled_back() {
    let server = table().await;
    let change = change(&server);
    let mut live = server.changes(change.project_id);
    assert!(insert(&server.state.store, change.clone(), true).await.is_err());
    assert_eq!(rows(&server.state.store).await, 0);
    assert!(live.try_recv().is_err());
    insert(&server.state.store, change, false).await.unwrap();
    assert_eq!(rows(&server.state.store).await, 1);
}
