//! Comments on issues and testware, and the members that they mention.
#![allow(missing_docs, reason = "the columns of the table are documented where their name does not say it all")]

mod item;
mod mentions;
pub mod table;

use app::comments::{AddComment, Comment, CommentId, CommentQuery, UpdateComment};
use app::error::{Error, Result};
use app::model::account::TokenScope;
use app::model::catalog::{EventType, PAYLOAD_VERSION, Subject};
use app::model::id::{IssueId, ProjectId};
use app::model::item_id::ItemId;
use app::model::live::{ChangeKind, ProjectChange};
use app::model::page::{Page, PageQuery};
use app::model::people::{Actor, Role};
use app::service::Comments;
use app::testware::review::ReviewId;
use async_trait::async_trait;
use mentions::{Named, mentioned};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait};
use serde_json::{Value, json};
use table::{Column, Entity, Model};

use crate::access::{Access, require_member, require_scope};
use crate::app_state::AppState;
use crate::entity::{member, project, user};
use crate::events::{cut_text, outbox};
use crate::markup;
use crate::service::people::names::read_user_names;
use crate::service::{TxError, cursor, text};
use crate::storage::{Effect, Tx, internal};
use crate::testware::review::actions::ReviewTx;

#[async_trait]
impl Comments for AppState {
    async fn list_comments(&self, actor: &Actor, project: ProjectId, query: CommentQuery) -> Result<Page<Comment>> {
        let access = require_member(self, actor, project).await?;
        let mut found = Entity::find().filter(Column::ProjectId.eq(project));
        if let Some(id) = query.item {
            item::reference(self.store.read(), &access.project, id).await?;
            found = found.filter(Column::Subject.eq(id.subject())).filter(Column::Item.eq(id.uuid()));
        }
        let page = PageQuery { limit: query.limit, cursor: query.cursor };
        let by_id = (Column::Id, |row: &Model| row.id);
        let page = cursor::newest_first(self.store.read(), found, by_id, &page).await?;
        let items = views(self, actor, access.role, page.items).await?;
        Ok(Page { items, next_cursor: page.next_cursor, previous_cursor: None })
    }

    async fn add_comment(&self, actor: &Actor, project: ProjectId, new: AddComment) -> Result<Comment> {
        require_scope(actor, TokenScope::Write)?;
        let Access { project, role } = require_member(self, actor, project).await?;
        let (item, text) = (new.item_id, checked(new.text)?);
        let (state, by) = (self.clone(), actor.clone());
        let change =
            self.store.write(move |tx| Box::pin(async move { insert(&state, tx, &project, (item, text), &by).await }));
        let stored = change.await?;
        view(self, actor, role, stored).await
    }

    async fn update_comment(&self, actor: &Actor, id: CommentId, change: UpdateComment) -> Result<Comment> {
        require_scope(actor, TokenScope::Write)?;
        let text = checked(change.text)?;
        let (row, Access { project, role }) = editable(self, actor, id).await?;
        if row.text == text {
            return view(self, actor, role, row).await;
        }
        let (state, by) = (self.clone(), actor.clone());
        let write = self.store.write(move |tx| {
            let (text, project) = (text.clone(), project.clone());
            Box::pin(async move {
                // Another change at the same time may have mentioned the same members.
                let row = Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?.ok_or(Error::NotFound)?;
                let item = item::reference(tx.db(), &project, row.item_id()).await?;
                let now = Some(state.clock.now());
                let changed = Model { text, updated_at: now, ..row.clone() };
                let mut active = changed.clone().into_active_model();
                (active.text, active.updated_at) = (Set(changed.text.clone()), Set(now));
                Entity::update(active).exec_without_returning(tx.db()).await?;
                emit_mentions(&state, tx, (&project, item), &row.text, &changed, &by).await?;
                show(tx, &changed);
                Ok::<_, TxError>(changed)
            })
        });
        let changed = write.await?;
        view(self, actor, role, changed).await
    }

    async fn delete_comment(&self, actor: &Actor, id: CommentId) -> Result<()> {
        require_scope(actor, TokenScope::Write)?;
        let (row, _) = editable(self, actor, id).await?;
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                Entity::delete_by_id(row.id).exec(tx.db()).await?;
                show(tx, &row);
                Ok::<_, TxError>(())
            })
        });
        Ok(change.await?)
    }
}

/// Adds a comment with a checked text; emits `review.commented` for a review, and then `user.mentioned` for each member
/// that it mentions.
///
/// # Errors
/// [`Error::NotFound`] if the item is deleted, or of another project.
pub async fn insert(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    (item, text): (ItemId, String),
    by: &Actor,
) -> Result<Model, TxError> {
    let row = Model {
        id: state.ids.next(),
        project_id: project.id,
        subject: item.subject(),
        item: item.uuid(),
        text,
        author_id: by.id,
        created_at: state.clock.now(),
        updated_at: None,
    };
    let reference = item::reference(tx.db(), project, item).await?;
    Entity::insert(row.clone().into_active_model()).exec_without_returning(tx.db()).await?;
    if item.subject() == Subject::Review {
        let review = ReviewTx { state, tx, project, by };
        review.commented(ReviewId(item.uuid()), json!(row.id), &row.text).await?;
    }
    emit_mentions(state, tx, (project, reference), "", &row, by).await?;
    show(tx, &row);
    Ok(row)
}

/// A comment that may be left out; `None` for a blank text.
///
/// # Errors
/// [`Error::Invalid`] for a text that can't be stored.
pub fn checked_optional(field: &str, text: String) -> Result<Option<String>> {
    let text = text::long(text).map_err(|problem| Error::field(field, problem))?;
    Ok(Some(text).filter(|text| !text.trim().is_empty()))
}

fn checked(text: String) -> Result<String> {
    let text = text::long(text).map_err(|problem| Error::field("text", problem))?;
    if text.trim().is_empty() {
        return Err(Error::field("text", "Enter a comment."));
    }
    Ok(text)
}

/// A comment that the caller may change.
async fn editable(state: &AppState, actor: &Actor, id: CommentId) -> Result<(Model, Access)> {
    let row = Entity::find_by_id(id).one(state.store.read()).await.map_err(internal)?.ok_or(Error::NotFound)?;
    let access = require_member(state, actor, row.project_id).await?;
    if !may_change(actor, access.role, &row) {
        return Err(Error::forbidden("Only the author and admins of the project can change a comment."));
    }
    Ok((row, access))
}

fn may_change(actor: &Actor, role: Role, row: &Model) -> bool {
    row.author_id == actor.id || role == Role::Admin
}

/// Notifies the open pages of the item.
fn show(tx: &Tx<'_>, row: &Model) {
    let id = row.item_id();
    let kind = match id.subject() {
        Subject::Issue => ChangeKind::IssueUpdated { issue_id: IssueId(id.uuid()) },
        _ => ChangeKind::ItemChanged(id),
    };
    tx.after_commit_once(Effect::Live(ProjectChange { project_id: row.project_id, kind }));
}

/// Emits the event of each member that the comment mentions, and `before` did not.
async fn emit_mentions(
    state: &AppState,
    tx: &Tx<'_>,
    (project, item): (&project::Model, Value),
    before: &str,
    row: &Model,
    by: &Actor,
) -> Result<(), TxError> {
    if !row.text.contains('@') {
        return Ok(());
    }
    let of_project = member::Entity::find()
        .select_only()
        .column(member::Column::UserId)
        .filter(member::Column::ProjectId.eq(project.id))
        .into_query();
    let members: Vec<Named> = user::Entity::find()
        .select_only()
        .columns([user::Column::Id, user::Column::Name])
        .filter(user::Column::Id.in_subquery(of_project))
        .filter(user::Column::DeactivatedAt.is_null())
        .into_tuple()
        .all(tx.db())
        .await?;
    let already = mentioned(before, &members);
    let new = mentioned(&row.text, &members).into_iter().filter(|id| !already.contains(id));
    let link = state.config.link(&row.item_id().path(project.id));
    let data = |id| {
        let name = members.iter().find(|(member, _)| *member == id).map(|(_, name)| name);
        json!({
            "id": id,
            "name": name,
            "version": PAYLOAD_VERSION,
            "comment": {"id": row.id, "text": cut_text(&row.text)},
            "item": item,
            "link": link,
        })
    };
    let all = new.map(data).collect();
    outbox::publish_all(state, tx, (project, EventType::UserMentioned, Some(by)), all).await?;
    Ok(())
}

async fn view(state: &AppState, actor: &Actor, role: Role, row: Model) -> Result<Comment> {
    views(state, actor, role, vec![row]).await?.pop().ok_or(Error::Internal)
}

async fn views(state: &AppState, actor: &Actor, role: Role, rows: Vec<Model>) -> Result<Vec<Comment>> {
    let names = read_user_names(state, rows.iter().map(|row| row.author_id)).await?;
    let view = |row: Model| Comment {
        id: row.id,
        item_id: row.item_id(),
        text_html: markup::to_safe_html(&row.text),
        author: names.get(&row.author_id).cloned().unwrap_or_default(),
        editable: may_change(actor, role, &row),
        created_at: row.created_at,
        updated_at: row.updated_at,
        text: row.text,
    };
    Ok(rows.into_iter().map(view).collect())
}
