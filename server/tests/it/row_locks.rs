//! Changes that meet at a row. Only PostgreSQL has concurrent writers: the test is one of them, and holds a lock as long
//! as it wants.

use app::model::delivery::{DeliveryStatus, ManualAction};
use app::model::id::{DeliveryId, WebhookId};
use app::model::webhook::HeldDeliveriesAction;
use app::service::{Deliveries, Webhooks};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement, TransactionTrait};

use crate::support::eventually;
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

/// An inactive webhook with a held delivery; `None` on SQLite.
async fn held() -> Option<(OutboundFixture, Receiver, WebhookId, DeliveryId)> {
    let fixture = OutboundFixture::start().await;
    if fixture.state().store.read().get_database_backend() != DbBackend::Postgres {
        return None;
    }
    let receiver = Receiver::start().await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.state().deactivate_webhook(&fixture.ada, webhook).await.unwrap();
    fixture.issue("It breaks").await;
    let delivery = fixture.deliveries(webhook).await.remove(0).delivery.id;
    Some((fixture, receiver, webhook, delivery))
}

pub async fn begin(fixture: &OutboundFixture) -> DatabaseTransaction {
    fixture.state().store.read().begin().await.unwrap()
}

pub async fn run(db: &impl ConnectionTrait, sql: String) -> bool {
    db.execute_raw(Statement::from_string(DbBackend::Postgres, sql)).await.is_ok()
}

/// Waits until another connection waits for a lock.
pub async fn someone_waits(fixture: &OutboundFixture) {
    eventually("someone waits for the lock", async || {
        let sql = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let waiting = Statement::from_string(DbBackend::Postgres, sql);
        fixture.state().store.read().query_one_raw(waiting).await.unwrap().map(drop)
    })
    .await;
}

#[tokio::test]
async fn a_delivery_that_is_cancelled_during_its_claim_is_not_sent() {
    let Some((fixture, receiver, webhook, delivery)) = held().await else { return };
    let cancelling = begin(&fixture).await;
    let cancel = format!("UPDATE deliveries SET status = 'discarded', finished_at = now() WHERE id = '{}'", delivery.0);
    assert!(run(&cancelling, cancel).await);
    fixture.state().activate_webhook(&fixture.ada, webhook, HeldDeliveriesAction::Send).await.unwrap();
    someone_waits(&fixture).await;
    cancelling.commit().await.unwrap();
    fixture.dispatch_idle().await;
    assert!(receiver.requests_so_far().is_empty());
    let cancelled = fixture.deliveries(webhook).await.remove(0).delivery;
    assert_eq!((cancelled.status, cancelled.attempt_count), (DeliveryStatus::Cancelled, 0));
}

#[tokio::test]
async fn an_action_locks_the_webhook_before_its_deliveries() {
    let Some((fixture, _receiver, webhook, delivery)) = held().await else { return };
    // The recorder of attempts holds the webhook when it comes to the deliveries.
    let recording = begin(&fixture).await;
    assert!(run(&recording, format!("SELECT 1 FROM webhooks WHERE id = '{}' FOR UPDATE", webhook.0)).await);
    let (state, ada) = (fixture.state().clone(), fixture.ada.clone());
    let action = tokio::spawn(async move { state.change_delivery(&ada, delivery, ManualAction::Cancel).await });
    someone_waits(&fixture).await;
    let free = format!("SELECT 1 FROM deliveries WHERE id = '{}' FOR UPDATE NOWAIT", delivery.0);
    assert!(run(&recording, free).await, "the action waits without a lock of the delivery");
    recording.commit().await.unwrap();
    assert_eq!(action.await.unwrap().unwrap().status, DeliveryStatus::Cancelled);
}
