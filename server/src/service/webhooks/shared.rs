//! The outbound webhooks with several projects, or all, on a page of their own: for system admins all of them and those
//! whose projects were deleted, for project admins those with a project that they administer. Their deliveries of all
//! projects that the caller may read, and the activation of many at once.

use app::error::{Error, Result};
use app::model::delivery::Delivery;
use app::model::digest::WebhookDeliveryQuery;
use app::model::id::{DeliveryId, ProjectId, WebhookId};
use app::model::page::Page;
use app::model::people::Actor;
use app::model::webhook::{CreateWebhook, CreatedWebhook, Direction, HeldDeliveriesAction, Webhook};
use app::model::webhook_scope::{ChangedWebhooks, MAX_SELECTED_WEBHOOKS, ScopeKind, SelectWebhooks, WebhookQuery};
use app::service::SharedWebhooks;
use async_trait::async_trait;
use sea_orm::sea_query::{Expr, ExprTrait, Query, UnionType};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};

use super::scope::{ScopeAccess, require_managed};
use super::{activity, create, scope, view, visible};
use crate::app_state::AppState;
use crate::entity::search_text::fold;
use crate::entity::{delivery, project, webhook, webhook_project};
use crate::service::cursor;
use crate::service::deliveries::digest_part::covering;
use crate::service::deliveries::selection::ChangeAccess;
use crate::service::deliveries::view::{self as delivery_view, ShownWebhook};
use crate::service::text::storable;
use crate::storage::internal;

/// How many rows are read at once. What the caller may see, and what a search finds, is selected among them.
const BATCH_ROWS: u64 = 200;
/// The projects whose deliveries one query reads.
const PROJECTS_PER_QUERY: usize = 50;

#[async_trait]
impl SharedWebhooks for AppState {
    async fn list_shared_webhooks(&self, actor: &Actor, query: WebhookQuery) -> Result<Page<Webhook>> {
        let limit = query.page().limit();
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1);
        let entered = query.search.as_deref();
        entered.map_or(Ok(()), storable).map_err(|why| Error::field("search", why))?;
        let search = entered.map(fold).filter(|search| !search.is_empty());
        let mut after = cursor::parse_id::<WebhookId>(query.cursor.as_deref())?;
        let mut found = Vec::new();
        while found.len() < wanted {
            let mut select = filtered(&query).order_by_asc(webhook::Column::Id).limit(BATCH_ROWS);
            if let Some(after) = after {
                select = select.filter(webhook::Column::Id.gt(after));
            }
            let rows = select.all(self.store.read()).await.map_err(internal)?;
            let Some(last) = rows.last().map(|row| row.id) else { break };
            after = Some(last);
            let access = ScopeAccess::load(self, actor, &rows).await?;
            let is_listed = |row: &webhook::Model| {
                access.is_admin_of_one(row)
                    && is_shared(row, &access)
                    && query.orphaned.is_none_or(|orphaned| orphaned == access.is_orphaned(row))
                    && query.project_id.is_none_or(|project| access.reads(row, project))
                    && search.as_deref().is_none_or(|search| matches(row, search))
            };
            found.extend(rows.into_iter().filter(is_listed).take(wanted - found.len()));
        }
        let page = Page::cut(found, limit, |row| row.id.to_string());
        Ok(Page {
            items: view::webhook_views(self, actor, page.items).await?,
            next_cursor: page.next_cursor,
            previous_cursor: None,
        })
    }

    async fn create_shared_webhook(&self, actor: &Actor, new: CreateWebhook) -> Result<CreatedWebhook> {
        let select = new.scope.as_ref().ok_or_else(|| Error::field("scope", "Select the projects."))?;
        let selected = scope::selected(self, actor, select).await?;
        let owner = match selected.projects.first() {
            Some(project) => Some(*project),
            None => first_project(self.store.read()).await.map_err(internal)?,
        };
        let owner = owner.ok_or_else(|| Error::field("scope", "Create a project first."))?;
        create::create(self, actor, owner, new).await
    }

    async fn activate_webhooks(&self, actor: &Actor, select: SelectWebhooks) -> Result<ChangedWebhooks> {
        change(self, actor, select, true).await
    }

    async fn deactivate_webhooks(&self, actor: &Actor, select: SelectWebhooks) -> Result<ChangedWebhooks> {
        change(self, actor, select, false).await
    }

    async fn list_webhook_deliveries(
        &self,
        actor: &Actor,
        id: WebhookId,
        query: WebhookDeliveryQuery,
    ) -> Result<Page<Delivery>> {
        let row = visible(self, actor, id).await?;
        let digest = match query.digest {
            Some(digest) => Some(covering(self, actor, digest).await?),
            None => None,
        };
        let page = query.page();
        let db = self.store.read();
        let access = ScopeAccess::load(self, actor, std::slice::from_ref(&row)).await?;
        let projects: Vec<ProjectId> = match access.is_system_admin() {
            true => project::Entity::find().select_only().column(project::Column::Id).into_tuple().all(db).await,
            false => Ok(access.readable(&row)),
        }
        .map_err(internal)?;
        let before = cursor::parse_id::<DeliveryId>(page.cursor.as_deref())?;
        let rows = latest(db, (id, digest), &projects, before, page.limit() + 1).await.map_err(internal)?;
        let page = Page::cut(rows, page.limit(), |row| row.id.to_string());
        let deleted: Vec<ProjectId> = project::Entity::find()
            .select_only()
            .column(project::Column::Id)
            .filter(project::Column::Id.is_in(page.items.iter().map(|row| row.project_id)))
            .filter(project::Column::DeletedAt.is_not_null())
            .into_tuple()
            .all(db)
            .await
            .map_err(internal)?;
        let shown = ShownWebhook::from(&row);
        let access = ChangeAccess::load(self, actor, &page.items).await?;
        Ok(page.map(|row| {
            let (orphaned, can_change) = (deleted.contains(&row.project_id), access.allows(&row));
            Delivery { orphaned, ..delivery_view::delivery(row, shown.clone(), can_change) }
        }))
    }
}

/// The project that owns a new webhook of all projects.
async fn first_project(db: &impl ConnectionTrait) -> std::result::Result<Option<ProjectId>, DbErr> {
    project::Entity::find()
        .select_only()
        .column(project::Column::Id)
        .filter(project::Column::DeletedAt.is_null())
        .order_by_asc(project::Column::Id)
        .into_tuple()
        .one(db)
        .await
}

/// The latest deliveries of a webhook, or those that a digest covers, in these projects, newest first. The index serves one project at a time.
async fn latest(
    db: &impl ConnectionTrait,
    (webhook, digest): (WebhookId, Option<DeliveryId>),
    projects: &[ProjectId],
    before: Option<DeliveryId>,
    limit: u64,
) -> std::result::Result<Vec<delivery::Model>, DbErr> {
    let mut rows = Vec::new();
    for projects in projects.chunks(PROJECTS_PER_QUERY) {
        let mut parts = projects.iter().map(|&project| {
            let mut select = delivery::Entity::find()
                .filter(delivery::Column::ProjectId.eq(project))
                .filter(delivery::Column::WebhookId.eq(webhook))
                .order_by_desc(delivery::Column::Id)
                .limit(limit);
            if let Some(before) = before {
                select = select.filter(delivery::Column::Id.lt(before));
            }
            if let Some(digest) = digest {
                // A digest that is retried refers to itself.
                select = select.filter(delivery::Column::DigestDeliveryId.eq(digest));
                select = select.filter(delivery::Column::Id.ne(digest));
            }
            // SQLite allows ORDER BY and LIMIT in a part of a union only inside a subquery.
            Query::select().expr(Expr::cust("*")).from_subquery(select.into_query(), "latest").to_owned()
        });
        let Some(mut all) = parts.next() else { break };
        for part in parts {
            all.union(UnionType::All, part);
        }
        for row in db.query_all(&all).await? {
            rows.push(delivery::Model::from_query_result(&row, "")?);
        }
    }
    rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.id));
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(rows)
}

/// The filters with a column.
fn filtered(query: &WebhookQuery) -> Select<webhook::Entity> {
    use webhook::Column;
    // A webhook of one project is listed only if that was deleted.
    let deleted = Query::select()
        .column(project::Column::Id)
        .from(project::Entity)
        .and_where(project::Column::DeletedAt.is_not_null())
        .take();
    let orphaned = Column::Active.eq(false).and(Column::ProjectId.in_subquery(deleted));
    let mut select = webhook::Entity::find()
        .filter(Column::Direction.eq(Direction::Outbound))
        .filter(Column::DeletedAt.is_null())
        .filter(Condition::any().add(Column::Scope.ne(ScopeKind::Project)).add(orphaned));
    if let Some(health) = query.health {
        select = select.filter(Column::Health.eq(health));
    }
    if let Some(active) = query.active {
        select = select.filter(Column::Active.eq(active));
    }
    if let Some(project) = query.project_id {
        let named = Query::select()
            .column(webhook_project::Column::WebhookId)
            .from(webhook_project::Entity)
            .and_where(webhook_project::Column::ProjectId.eq(project))
            .take();
        select =
            select.filter(Condition::any().add(Column::Scope.eq(ScopeKind::All)).add(Column::Id.in_subquery(named)));
    }
    select
}

fn is_shared(row: &webhook::Model, access: &ScopeAccess) -> bool {
    row.scope != ScopeKind::Project || access.is_orphaned(row)
}

fn matches(row: &webhook::Model, search: &str) -> bool {
    fold(&row.name).contains(search) || fold(&row.display_url).contains(search)
}

/// Activates or deactivates webhooks. Either the caller may change all of them, or none is changed.
async fn change(state: &AppState, actor: &Actor, select: SelectWebhooks, active: bool) -> Result<ChangedWebhooks> {
    let mut ids = select.ids;
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() || ids.len() > MAX_SELECTED_WEBHOOKS {
        return Err(Error::field("ids", format!("Select 1 to {MAX_SELECTED_WEBHOOKS} webhooks.")));
    }
    let rows = webhook::Entity::find()
        .filter(webhook::Column::Id.is_in(ids.iter().copied()))
        .filter(webhook::Column::DeletedAt.is_null())
        .all(state.store.read())
        .await
        .map_err(internal)?;
    let access = ScopeAccess::load(state, actor, &rows).await?;
    for row in &rows {
        require_managed(actor, &access, row)?;
    }
    if rows.len() != ids.len() {
        return Err(Error::NotFound);
    }
    if rows.iter().any(|row| row.direction == Direction::Inbound) {
        return Err(Error::field("ids", "Inbound webhooks are always active."));
    }
    let mut result = ChangedWebhooks::default();
    for row in rows {
        if row.active == active {
            result.skipped += 1;
            continue;
        }
        match active {
            true => activity::activate(state, actor, row, HeldDeliveriesAction::Send).await?,
            false => activity::deactivate(state, actor, row).await?,
        };
        result.changed += 1;
    }
    Ok(result)
}
