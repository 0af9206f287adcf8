//! Changes that meet a digest. Only PostgreSQL has concurrent writers: the test is one of them.

use sea_orm::DbBackend;

use super::*;
use crate::row_locks::{begin, run, someone_waits};

fn has_writers(platform: &Platform) -> bool {
    platform.fixture.state().store.read().get_database_backend() == DbBackend::Postgres
}

#[tokio::test]
async fn a_digest_that_is_retried_while_it_ends_keeps_what_it_covers() {
    let answer = |nth: usize| if nth == 0 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let platform = Platform::answering(DestinationKind::Slack, answer).await;
    if !has_writers(&platform) {
        return;
    }
    let webhook = with_digest(&platform).await;
    let policy = PolicyChange { retry_delays: Some(vec![9000]), ..PolicyChange::default() };
    set_policy(&platform.fixture, webhook, policy).await;
    platform.fixture.issue("One").await;
    platform.fixture.issue("Two").await;
    platform.fixture.advance(5 * MINUTE);
    messages(&platform, 1).await;
    pass(&platform, "a recorded attempt", async || rows(&platform, webhook).await[0].attempts == 1).await;
    let found = rows(&platform, webhook).await;
    let digest = digest_of(&found);

    let retrying = begin(&platform.fixture).await;
    assert!(run(&retrying, format!("SELECT 1 FROM webhooks WHERE id = '{}' FOR UPDATE", webhook.0)).await);
    let db = platform.fixture.state().store.read();
    let this = format!("WHERE id = '{}'", digest.0);
    assert!(run(db, format!("UPDATE deliveries SET status = 'failed', next_attempt_at = NULL {this}")).await);
    platform.fixture.advance(SECOND);
    someone_waits(&platform.fixture).await;
    let free = format!("SELECT 1 FROM deliveries WHERE webhook_id = '{}' FOR UPDATE NOWAIT", webhook.0);
    assert!(run(&retrying, free).await, "it waits without a lock of a delivery");
    let later = found.iter().find_map(|row| row.next_attempt_at).unwrap().to_rfc3339();
    let retry = format!("UPDATE deliveries SET status = 'pending', next_attempt_at = '{later}' {this}");
    assert!(run(&retrying, retry).await);
    retrying.commit().await.unwrap();
    let (state, ada) = (platform.fixture.state(), &platform.fixture.ada);
    state.change_delivery(ada, digest, ManualAction::Retry).await.unwrap();
    let sent = messages(&platform, 2).await;
    assert_eq!(sent[0], sent[1]);
    wait_for(&platform, webhook, StoredStatus::Delivered, 3).await;
}

#[tokio::test]
async fn what_is_collected_after_an_activation_is_not_cancelled() {
    let platform = Platform::start(DestinationKind::Slack).await;
    if !has_writers(&platform) {
        return;
    }
    let webhook = with_digest(&platform).await;
    let change = UpdateWebhook { while_inactive: Some("drop".parse().unwrap()), ..UpdateWebhook::default() };
    platform.fixture.state().update_webhook(&platform.fixture.ada, webhook, change).await.unwrap();
    platform.fixture.issue("One").await;
    platform.fixture.issue("Two").await;
    platform.fixture.dispatch_idle().await;

    let this = format!("WHERE id = '{}'", webhook.0);
    let db = platform.fixture.state().store.read();
    assert!(run(db, format!("UPDATE webhooks SET active = false {this}")).await);
    let activating = begin(&platform.fixture).await;
    assert!(run(&activating, format!("UPDATE webhooks SET active = true {this}")).await);
    platform.fixture.advance(SECOND);
    someone_waits(&platform.fixture).await;
    activating.commit().await.unwrap();
    platform.fixture.advance(5 * MINUTE);
    let message = messages(&platform, 1).await.remove(0);
    assert!(message.contains("2 events"), "{message}");
    wait_for(&platform, webhook, StoredStatus::Delivered, 3).await;
}
