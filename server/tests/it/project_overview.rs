//! The counts in the navigation and the deliveries of the sparklines.

use app::model::catalog::Subject;
use app::model::id::WebhookId;
use app::model::overview::{RECENT_DELIVERIES, RecentOutcome};
use app::model::webhook::Health;
use app::service::ProjectOverview;
use axum::http::StatusCode;
use sea_orm::{ConnectionTrait, DbBackend};

use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

#[tokio::test]
async fn recent_deliveries_are_the_last_fifty() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|_| StatusCode::GONE).await;
    let webhook = fixture.webhook(&receiver.url("/hook")).await.webhook.id;
    let other = fixture.webhook(&receiver.url("/other")).await.webhook.id;
    // The issue that disables one webhook is sent to both.
    fixture.disable(webhook).await;
    fixture.wait_for_card(other, "disabled", |card| card.health == Health::Disabled).await;
    for number in 0..=RECENT_DELIVERIES {
        fixture.issue(&format!("Issue {number}")).await;
    }
    let stranger = fixture.state().ids.next::<WebhookId>();
    let recent =
        fixture.state().recent_deliveries(&fixture.ada, fixture.project, vec![webhook, other, stranger]).await.unwrap();
    assert_eq!(recent.len(), 3);
    let of = |id| &recent.iter().find(|one| one.webhook_id == id).unwrap().deliveries;
    assert_eq!(of(webhook).len(), RECENT_DELIVERIES);
    assert!(of(webhook).iter().all(|one| one.outcome == RecentOutcome::Other && one.duration_ms.is_none()));
    assert!(of(stranger).is_empty());

    let counts = fixture.state().project_counts(&fixture.ada, fixture.project).await.unwrap();
    assert_eq!(counts.for_subject(Subject::Issue) as usize, RECENT_DELIVERIES + 2);
    assert_eq!(counts.unhealthy_webhooks, 2);
    let testware = Subject::ALL.iter().filter(|subject| subject.is_testware());
    assert!(testware.clone().all(|subject| counts.for_subject(*subject) == 0), "{counts:?}");
    assert_eq!(counts.items.len(), testware.count() + 1);
}

#[tokio::test]
async fn recent_deliveries_are_read_along_an_index() {
    let fixture = OutboundFixture::start().await;
    let db = fixture.state().store.read();
    if db.get_database_backend() != DbBackend::Sqlite {
        // PostgreSQL plans by the size of the tables, and these are small.
        return;
    }
    let webhooks = [fixture.state().ids.next::<WebhookId>(), fixture.state().ids.next::<WebhookId>()];
    let select = server::service::project_overview::latest_of_each(fixture.project, &webhooks).unwrap();
    let mut explain = DbBackend::Sqlite.build(&select);
    explain.sql = format!("EXPLAIN QUERY PLAN {}", explain.sql);
    let rows = db.query_all_raw(explain).await.unwrap();
    let plan: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
    let searches: Vec<_> = plan.iter().filter(|step| step.contains("deliveries")).collect();
    assert_eq!(searches.len(), webhooks.len(), "{plan:?}");
    assert!(searches.iter().all(|step| step.contains("USING INDEX deliveries_by_webhook")), "{plan:?}");
    assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:?}");
}
