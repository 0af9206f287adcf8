//! Summaries for the pages of a project. Each query is bounded: counts stop at a maximum, and only
//! the latest deliveries of each webhook are read, from one index.

use std::collections::BTreeMap;

use app::error::{Error, Result};
use app::model::catalog::Subject;
use app::model::dashboard::Dashboard;
use app::model::id::{ProjectId, WebhookId};
use app::model::issue::StatusKind;
use app::model::overview::{
    MAX_COUNT, ProjectCounts, RECENT_DELIVERIES, RecentDeliveries, RecentDelivery, RecentOutcome,
};
use app::model::page::MAX_LIMIT;
use app::model::people::Actor;
use app::model::search::{SearchHit, SearchQuery};
use app::model::webhook::Health;
use app::service::ProjectOverview;
use app::with_subject;
use async_trait::async_trait;
use sea_orm::sea_query::{Expr, Query, SelectStatement, UnionType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use crate::access::require_member;
use crate::app_state::AppState;
use crate::entity::delivery::StoredStatus;
use crate::entity::{delivery, issue, webhook};
use crate::service::capped_count::capped_count;
use crate::service::webhooks::of_project;
use crate::service::{dashboard, project_search};
use crate::storage::internal;
use crate::testware;

#[async_trait]
impl ProjectOverview for AppState {
    async fn project_counts(&self, actor: &Actor, project: ProjectId) -> Result<ProjectCounts> {
        /// One more than the pages show, which they show as "more".
        const LIMIT: u32 = MAX_COUNT + 1;
        require_member(self, actor, project).await?;
        let db = self.store.read();
        let open_issues = issue::Entity::find()
            .filter(issue::Column::ProjectId.eq(project))
            .filter(issue::Column::DeletedAt.is_null())
            .filter(issue::Column::StatusKind.eq(StatusKind::Open));
        let unhealthy_webhooks = webhook::Entity::find()
            .filter(of_project(project))
            .filter(webhook::Column::DeletedAt.is_null())
            .filter(webhook::Column::Health.ne(Health::Healthy));
        let open_issues = open_issues.select_only().column(issue::Column::Id);
        let mut items = vec![(Subject::Issue, capped_count(db, open_issues, LIMIT).await?)];
        for &subject in Subject::ALL {
            with_subject!(subject, T => {
                items.push((subject, capped_count(db, testware::open_items::<T>(project), LIMIT).await?));
            }, else {});
        }
        let unhealthy_webhooks =
            capped_count(db, unhealthy_webhooks.select_only().column(webhook::Column::Id), LIMIT).await?;
        Ok(ProjectCounts { items, unhealthy_webhooks })
    }

    async fn search(&self, actor: &Actor, project: ProjectId, query: SearchQuery) -> Result<Vec<SearchHit>> {
        project_search::search(self, actor, project, query).await
    }

    async fn dashboard(&self, actor: &Actor, project: ProjectId) -> Result<Dashboard> {
        dashboard::read(self, actor, project).await
    }

    async fn recent_deliveries(
        &self,
        actor: &Actor,
        project: ProjectId,
        webhooks: Vec<WebhookId>,
    ) -> Result<Vec<RecentDeliveries>> {
        require_member(self, actor, project).await?;
        if webhooks.len() > MAX_LIMIT as usize {
            return Err(Error::invalid(format!("Send at most {MAX_LIMIT} webhooks.")));
        }
        let mut by_webhook: BTreeMap<_, _> = webhooks.iter().map(|&id| (id, Vec::new())).collect();
        if let Some(select) = latest_of_each(project, &webhooks) {
            for row in self.store.read().query_all(&select).await.map_err(internal)? {
                let row = RecentRow::from_query_result(&row, "").map_err(internal)?;
                if let Some(deliveries) = by_webhook.get_mut(&row.webhook_id) {
                    deliveries.push(row.view());
                }
            }
        }
        let oldest_first = |(webhook_id, mut deliveries): (_, Vec<_>)| {
            deliveries.reverse();
            RecentDeliveries { webhook_id, deliveries }
        };
        Ok(by_webhook.into_iter().map(oldest_first).collect())
    }
}

#[derive(FromQueryResult)]
struct RecentRow {
    webhook_id: WebhookId,
    status: StoredStatus,
    attempts: i32,
    duration_ms: Option<i32>,
}

impl RecentRow {
    fn view(self) -> RecentDelivery {
        let outcome = match self.status {
            StoredStatus::Delivered => RecentOutcome::Delivered,
            StoredStatus::Failed => RecentOutcome::Exhausted,
            StoredStatus::Pending if self.attempts > 0 => RecentOutcome::Failed,
            StoredStatus::Pending | StoredStatus::Held | StoredStatus::Discarded => RecentOutcome::Other,
        };
        RecentDelivery { outcome, duration_ms: self.duration_ms.and_then(|ms| u32::try_from(ms).ok()) }
    }
}

/// One query for all webhooks: a limited part for each, newest first. `None` without webhooks.
pub fn latest_of_each(project: ProjectId, webhooks: &[WebhookId]) -> Option<SelectStatement> {
    let mut parts = webhooks.iter().map(|&id| {
        let latest = delivery::Entity::find()
            .select_only()
            .columns([
                delivery::Column::WebhookId,
                delivery::Column::Status,
                delivery::Column::Attempts,
                delivery::Column::DurationMs,
            ])
            .filter(delivery::Column::ProjectId.eq(project))
            .filter(delivery::Column::WebhookId.eq(id))
            .order_by_desc(delivery::Column::Id)
            .limit(RECENT_DELIVERIES as u64)
            .into_query();
        // SQLite allows ORDER BY and LIMIT in a part of a union only inside a subquery.
        Query::select().expr(Expr::cust("*")).from_subquery(latest, "latest").to_owned()
    });
    let mut first = parts.next()?;
    for part in parts {
        first.union(UnionType::All, part);
    }
    Some(first)
}
