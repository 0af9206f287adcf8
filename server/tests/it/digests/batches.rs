//! A digest is made in batches, so that no writer waits for long. Between two of them, everything may stop.

use sea_orm::{ConnectionTrait, DbBackend};
use server::entity::event;

use super::*;

/// Refuses to mark more than 500 deliveries.
const STOP_ON_SQLITE: &str = "CREATE TRIGGER stop_after_a_batch BEFORE UPDATE OF digest_delivery_id ON deliveries
    WHEN NEW.digest_delivery_id IS NOT NULL AND NEW.event_type <> 'webhook.digest' AND (SELECT COUNT(*) FROM deliveries
        WHERE digest_delivery_id IS NOT NULL AND event_type <> 'webhook.digest') >= 500
    BEGIN SELECT RAISE(ABORT, 'stopped'); END";
const STOP_ON_POSTGRES: &str = "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF (SELECT COUNT(*) FROM deliveries WHERE digest_delivery_id IS NOT NULL AND event_type <> 'webhook.digest') >= 500
        THEN RAISE EXCEPTION 'stopped'; END IF; RETURN NEW; END $$;
    CREATE TRIGGER stop_after_a_batch BEFORE UPDATE OF digest_delivery_id ON deliveries FOR EACH ROW
    WHEN (NEW.digest_delivery_id IS NOT NULL AND NEW.event_type <> 'webhook.digest') EXECUTE FUNCTION stop()";

async fn run(platform: &Platform, on_sqlite: &'static str, on_postgres: &'static str) {
    let engine = platform.fixture.state().store.read().get_database_backend();
    let sql = if engine == DbBackend::Postgres { on_postgres } else { on_sqlite };
    platform.fixture.server.insert(move |db| Box::pin(async move { db.execute_unprepared(sql).await.map(drop) })).await;
}

fn marked(rows: &[delivery::Model]) -> usize {
    rows.iter().filter(|row| row.covering_digest().is_some()).count()
}

#[tokio::test]
async fn a_digest_that_was_not_completed_is_made_again() {
    let mut platform = Platform::start(DestinationKind::Discord).await;
    let webhook = with_digest(&platform).await;
    let data = serde_json::to_value(EventType::IssueCreated.sample()).unwrap()["data"].take();
    for _ in 0..3 {
        platform.emit_many(EventType::IssueCreated, &data, 400).await;
    }
    run(&platform, STOP_ON_SQLITE, STOP_ON_POSTGRES).await;
    platform.fixture.advance(5 * MINUTE);
    pass(&platform, "a batch", async || marked(&rows(&platform, webhook).await) == 500).await;
    // The dispatcher doesn't see what is not complete.
    let begun = digest_of(&rows(&platform, webhook).await);
    assert!(rows(&platform, webhook).await.iter().all(|row| row.next_attempt_at.is_none()));
    platform = platform.restarted().await;
    platform.fixture.dispatch_idle().await;
    assert!(platform.receiver.requests_so_far().is_empty());

    run(&platform, "DROP TRIGGER stop_after_a_batch", "DROP TRIGGER stop_after_a_batch ON deliveries").await;
    let message = messages(&platform, 1).await.remove(0);
    assert!(message.contains("1200 events"), "{message}");
    let rows = wait_for(&platform, webhook, StoredStatus::Delivered, 1201).await;
    assert!(rows.len() == 1201 && digest_of(&rows) != begun && marked(&rows) == 1200);
    let events = event::Entity::find().filter(event::Column::EventType.eq(DIGEST_EVENT));
    assert_eq!(events.all(platform.fixture.state().store.read()).await.unwrap().len(), 1);
    assert_eq!(platform.receiver.requests_so_far().len(), 1);
}

#[tokio::test]
async fn what_is_cancelled_while_a_digest_is_made_is_not_in_it() {
    let platform = Platform::start(DestinationKind::Discord).await;
    let webhook = with_digest(&platform).await;
    let data = serde_json::to_value(EventType::IssueCreated.sample()).unwrap()["data"].take();
    for _ in 0..3 {
        platform.emit_many(EventType::IssueCreated, &data, 250).await;
    }
    run(&platform, STOP_ON_SQLITE, STOP_ON_POSTGRES).await;
    platform.fixture.advance(5 * MINUTE);
    pass(&platform, "a batch", async || marked(&rows(&platform, webhook).await) == 500).await;
    let (state, ada) = (platform.fixture.state(), &platform.fixture.ada);
    let waiting = rows(&platform, webhook).await.into_iter().find(|row| row.event_type != DIGEST_EVENT).unwrap();
    assert_eq!(waiting.covering_digest(), None);
    state.change_delivery(ada, waiting.id, ManualAction::Cancel).await.unwrap();
    run(&platform, "DROP TRIGGER stop_after_a_batch", "DROP TRIGGER stop_after_a_batch ON deliveries").await;
    let message = messages(&platform, 1).await.remove(0);
    assert!(message.contains("749 events"), "{message}");
    wait_for(&platform, webhook, StoredStatus::Delivered, 750).await;
}
