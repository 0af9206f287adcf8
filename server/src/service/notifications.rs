//! The notifications of a user.

use app::error::{Error, Result};
use app::model::account::TokenScope;
use app::model::id::ProjectId;
use app::model::live::{ChangeKind, ProjectChange};
use app::model::notification::{MAX_UNREAD, Notification, ReadNotifications, UnreadNotifications};
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::service::Notifications;
use async_trait::async_trait;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select};

use super::capped_count::capped_count;
use super::cursor;
use crate::access::require_scope;
use crate::app_state::AppState;
use crate::entity::{member, notification, project};
use crate::storage::{Effect, internal};

/// The maximum number of IDs in a request.
const MAX_IDS: usize = 100;

#[async_trait]
impl Notifications for AppState {
    async fn list_notifications(&self, actor: &Actor, page: PageQuery) -> Result<Page<Notification>> {
        let by_id = (notification::Column::Id, |row: &notification::Model| row.id);
        let db = self.store.read();
        let page = cursor::newest_first(db, readable(actor), by_id, &page).await?;
        let projects = page.items.iter().map(|row| row.project_id);
        let names: Vec<(ProjectId, String)> = project::Entity::find()
            .select_only()
            .columns([project::Column::Id, project::Column::Name])
            .filter(project::Column::Id.is_in(projects))
            .into_tuple()
            .all(db)
            .await
            .map_err(internal)?;
        let view = |row: notification::Model| {
            // An older version may not know the event of a newer one.
            let event = row.event()?;
            let project_name = names.iter().find(|(id, _)| *id == row.project_id)?.1.clone();
            Some(Notification {
                id: row.id,
                project_id: row.project_id,
                project_name,
                event,
                webhook_id: row.webhook_id,
                webhook_name: row.webhook_name,
                reason: row.reason,
                created_at: row.created_at,
                read: row.read_at.is_some(),
            })
        };
        Ok(Page {
            items: page.items.into_iter().filter_map(view).collect(),
            next_cursor: page.next_cursor,
            previous_cursor: page.previous_cursor,
        })
    }

    async fn unread_notifications(&self, actor: &Actor) -> Result<UnreadNotifications> {
        let unread = readable(actor).filter(notification::Column::ReadAt.is_null());
        let unread = unread.select_only().column(notification::Column::Id);
        Ok(UnreadNotifications { unread: capped_count(self.store.read(), unread, MAX_UNREAD).await? })
    }

    async fn read_notifications(&self, actor: &Actor, read: ReadNotifications) -> Result<()> {
        use notification::Column;
        require_scope(actor, TokenScope::Write)?;
        if read.ids.as_ref().is_some_and(|ids| ids.len() > MAX_IDS) {
            return Err(Error::field("ids", format!("Send at most {MAX_IDS} IDs.")));
        }
        let mut which = Condition::all().add(Column::UserId.eq(actor.id)).add(Column::ReadAt.is_null());
        if let Some(only) = actor.credential.only_project() {
            which = which.add(Column::ProjectId.eq(only));
        }
        if let Some(ids) = read.ids {
            which = which.add(Column::Id.is_in(ids));
        }
        let projects = notification::Entity::find()
            .select_only()
            .column(Column::ProjectId)
            .distinct()
            .filter(which.clone())
            .into_tuple::<ProjectId>();
        let update = notification::Entity::update_many().col_expr(Column::ReadAt, Expr::value(self.clock.now()));
        let update = update.filter(which);
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let projects = projects.all(tx.db()).await?;
                update.exec(tx.db()).await?;
                for project_id in projects {
                    let kind = ChangeKind::NotificationsChanged;
                    tx.after_commit_once(Effect::Live(ProjectChange { project_id, kind }));
                }
                Ok(())
            })
        });
        change.await.map_err(|error: DbErr| internal(error))
    }
}

/// The caller's notifications of projects that the caller may still read.
fn readable(actor: &Actor) -> Select<notification::Entity> {
    use notification::Column;
    let mut select = notification::Entity::find().filter(Column::UserId.eq(actor.id));
    if let Some(only) = actor.credential.only_project() {
        select = select.filter(Column::ProjectId.eq(only));
    }
    let deleted = project::Entity::find()
        .select_only()
        .column(project::Column::Id)
        .filter(project::Column::DeletedAt.is_not_null());
    select = select.filter(Column::ProjectId.not_in_subquery(deleted.into_query()));
    if !actor.system_admin {
        let of_user = member::Entity::find()
            .select_only()
            .column(member::Column::ProjectId)
            .filter(member::Column::UserId.eq(actor.id));
        select = select.filter(Column::ProjectId.in_subquery(of_user.into_query()));
    }
    select
}
