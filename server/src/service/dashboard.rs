//! The dashboard of a project. Each query is bounded and uses an index.

use app::error::Result;
use app::model::dashboard::{
    Activity, AttentionWebhook, Dashboard, MAX_ACTIVITY, MAX_ASSIGNED_CASES, MAX_ASSIGNED_COUNT, MAX_DASHBOARD_ITEMS,
    SetupSteps,
};
use app::model::delivery::TEST_EVENT;
use app::model::digest::DIGEST_EVENT;
use app::model::id::ProjectId;
use app::model::page::PageQuery;
use app::model::people::{Actor, Role};
use app::model::webhook::{Direction, Health};
use app::service::Testware;
use app::testware::case::TestCase;
use app::testware::execution::ExecutionQuery;
use app::testware::item::TestwareItem;
use app::testware::run::TestRun;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::access::{Access, require_member};
use crate::app_state::AppState;
use crate::entity::{event, integration, project, webhook};
use crate::events::EventMessage;
use crate::service::capped_count::capped_count;
use crate::service::webhooks::of_project;
use crate::storage::internal;
use crate::testware::{self, assigned_to, latest_failures};

/// Reads the dashboard. The caller must be a member.
pub async fn read(state: &AppState, actor: &Actor, project: ProjectId) -> Result<Dashboard> {
    let Access { project, role } = require_member(state, actor, project).await?;
    let open = ExecutionQuery { completed: Some(false), limit: Some(MAX_DASHBOARD_ITEMS), ..ExecutionQuery::default() };
    let runs = Testware::<TestRun>::list(state, actor, project.id, open).await?.items;
    let page = PageQuery { limit: Some(MAX_DASHBOARD_ITEMS), cursor: None };
    let failures = latest_failures(state, &project, &page).await?;
    let (assigned, assigned_count) =
        assigned_to(state, &project, actor.id, (MAX_ASSIGNED_CASES, MAX_ASSIGNED_COUNT)).await?;
    Ok(Dashboard {
        assigned,
        assigned_count,
        runs: runs.into_iter().map(TestwareItem::from).collect(),
        failures,
        webhooks: unhealthy(state, project.id).await.map_err(internal)?,
        activity: activity(state, &project).await.map_err(internal)?,
        setup: setup(state, project.id, role == Role::Admin).await?,
    })
}

async fn unhealthy(state: &AppState, project: ProjectId) -> Result<Vec<AttentionWebhook>, DbErr> {
    let rows = webhook::Entity::find()
        .filter(of_project(project))
        .filter(webhook::Column::DeletedAt.is_null())
        .filter(webhook::Column::Health.ne(Health::Healthy))
        .order_by_desc(webhook::Column::HealthChangedAt)
        .limit(u64::from(MAX_DASHBOARD_ITEMS))
        .all(state.store.read())
        .await?;
    let view = |row: webhook::Model| AttentionWebhook {
        id: row.id,
        name: row.name,
        health: row.health,
        reason: row.health_reason,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// The latest events, without tests, samples and digests, which are about no change of the project.
async fn activity(state: &AppState, project: &project::Model) -> Result<Vec<Activity>, DbErr> {
    let rows = event::Entity::find()
        .filter(event::Column::ProjectId.eq(project.id))
        .filter(event::Column::EventType.is_not_in([TEST_EVENT, DIGEST_EVENT]))
        .filter(event::Column::ErasedAt.is_null())
        .order_by_desc(event::Column::OccurredAt)
        .order_by_desc(event::Column::Id)
        // Some may be samples.
        .limit(u64::from(2 * MAX_ACTIVITY))
        .all(state.store.read())
        .await?;
    let base = state.config.link("");
    let entries = rows.into_iter().filter_map(|row| entry(row, &base));
    Ok(entries.take(MAX_ACTIVITY as usize).collect())
}

/// `None` for a sample.
fn entry(row: event::Model, base: &str) -> Option<Activity> {
    let message = EventMessage::new(row.body.into());
    let content = message.content();
    if message.is_test() {
        return None;
    }
    let path = content.link.as_deref().and_then(|link| link.strip_prefix(base));
    Some(Activity {
        id: row.id,
        headline: content.headline.clone(),
        subject: content.subject.clone(),
        path: path.map(|path| format!("/{}", path.trim_start_matches('/'))),
        actor: content.actor.clone(),
        at: row.occurred_at,
    })
}

async fn setup(state: &AppState, project: ProjectId, admin: bool) -> Result<SetupSteps> {
    let db = state.store.read();
    let integrations = integration::Entity::find().filter(integration::Column::ProjectId.eq(project));
    let webhooks = webhook::Entity::find()
        .filter(of_project(project))
        .filter(webhook::Column::DeletedAt.is_null())
        .filter(webhook::Column::Direction.eq(Direction::Outbound))
        .select_only()
        .column(webhook::Column::Id);
    let cases = capped_count(db, testware::open_items::<TestCase>(project), 1).await? > 0;
    if !admin {
        return Ok(SetupSteps { cases, integration: None, webhooks: None });
    }
    Ok(SetupSteps {
        cases,
        integration: Some(integrations.count(db).await.map_err(internal)? > 0),
        webhooks: Some(capped_count(db, webhooks, 1).await? > 0),
    })
}
