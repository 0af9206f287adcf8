//! The results of runs and sessions: inserts one with its linked issues, and reads them.

use std::collections::HashMap;

use app::error::{Error, Result};
use app::model::id::{IssueId, ProjectId};
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::service::Results;
use app::testware::execution::{Counts, ResultStatus, TestResult};
use app::testware::run::RunId;
use app::testware::session::SessionId;
use async_trait::async_trait;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, JoinType, QueryFilter, QuerySelect,
    RelationTrait, Select,
};

use super::result_fields::CheckedResult;
use super::result_view;
use crate::app_state::AppState;
use crate::entity::{issue, project, result, result_issue};
use crate::service::{TxError, cursor, issues};
use crate::storage::{Tx, internal};
use crate::testware::run::table as test_run;
use crate::testware::session::table as test_session;

/// The run or session of a result.
#[derive(Clone, Copy)]
pub enum ResultParent {
    /// A run.
    Run(RunId),
    /// A session.
    Session(SessionId),
}

#[async_trait]
impl Results for AppState {
    async fn issue_results(&self, actor: &Actor, issue: IssueId, page: PageQuery) -> Result<Page<TestResult>> {
        let (_, access) = issues::active_issue(self, actor, issue).await?;
        self::page(self, &access.project, linked_to(issue), &page).await
    }
}

/// Inserts a result and links its issues. The caller has locked the parent.
///
/// # Errors
/// [`Error::Invalid`] for an issue that is deleted or in another project.
pub async fn insert(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    parent: ResultParent,
    fields: CheckedResult,
    by: &Actor,
) -> Result<TestResult, TxError> {
    check_issues(tx, project.id, &fields.issues).await?;
    let (run_id, session_id) = match parent {
        ResultParent::Run(run) => (Some(run), None),
        ResultParent::Session(session) => (None, Some(session)),
    };
    let row = result::Model {
        id: state.ids.next(),
        project_id: project.id,
        run_id,
        case_id: fields.case,
        session_id,
        status: fields.status,
        comment: fields.comment,
        elapsed_seconds: fields.elapsed_seconds.and_then(|seconds| i32::try_from(seconds).ok()),
        author_id: by.id,
        created_at: state.clock.now(),
    };
    result::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx.db()).await?;
    let link = |issue| result_issue::ActiveModel { result_id: Set(row.id), issue_id: Set(issue) };
    if !fields.issues.is_empty() {
        let links = fields.issues.into_iter().map(link);
        result_issue::Entity::insert_many(links).exec_without_returning(tx.db()).await?;
    }
    let mut views = result_view::views(tx.db(), project, vec![row]).await?;
    views.pop().ok_or(TxError::Refused(Error::Internal))
}

/// A page of results, newest first.
///
/// # Errors
/// [`Error::Invalid`] for a cursor of another list.
pub async fn page(
    state: &AppState,
    project: &project::Model,
    select: Select<result::Entity>,
    page: &PageQuery,
) -> Result<Page<TestResult>> {
    let by_id = (result::Column::Id, |row: &result::Model| row.id);
    let page = cursor::newest_first(state.store.read(), select, by_id, page).await?;
    let items = result_view::views(state.store.read(), project, page.items).await.map_err(internal)?;
    Ok(Page { items, next_cursor: page.next_cursor, previous_cursor: None })
}

/// The results of a run or a session.
pub fn for_parent(parent: ResultParent) -> Select<result::Entity> {
    match parent {
        ResultParent::Run(run) => result::Entity::find().filter(result::Column::RunId.eq(run)),
        ResultParent::Session(session) => result::Entity::find().filter(result::Column::SessionId.eq(session)),
    }
}

/// The results linked to an issue, of runs and sessions that are not deleted.
fn linked_to(issue: IssueId) -> Select<result::Entity> {
    result::Entity::find()
        .join_rev(JoinType::InnerJoin, result_issue::Relation::Result.def())
        .join(JoinType::LeftJoin, result::Relation::Run.def())
        .join(JoinType::LeftJoin, result::Relation::Session.def())
        .filter(result_issue::Column::IssueId.eq(issue))
        .filter(test_run::Column::DeletedAt.is_null())
        .filter(test_session::Column::DeletedAt.is_null())
}

/// The results of sessions by status.
pub async fn counts<C: ConnectionTrait>(
    db: &C,
    sessions: impl IntoIterator<Item = SessionId>,
) -> Result<HashMap<SessionId, Counts>, DbErr> {
    let rows = result::Entity::find()
        .select_only()
        .columns([result::Column::SessionId, result::Column::Status])
        .column_as(result::Column::Id.count(), "count")
        .filter(result::Column::SessionId.is_in(sessions))
        .group_by(result::Column::SessionId)
        .group_by(result::Column::Status)
        .into_tuple::<(SessionId, ResultStatus, i64)>()
        .all(db)
        .await?;
    let mut counts: HashMap<SessionId, Counts> = HashMap::new();
    for (session, status, count) in rows {
        *counts.entry(session).or_default().of_mut(status) = u32::try_from(count).unwrap_or(u32::MAX);
    }
    Ok(counts)
}

async fn check_issues(tx: &Tx<'_>, project: ProjectId, issues: &[IssueId]) -> Result<(), TxError> {
    if issues.is_empty() {
        return Ok(());
    }
    let found = issue::Entity::find()
        .select_only()
        .column(issue::Column::Id)
        .filter(issue::Column::Id.is_in(issues.iter().copied()))
        .filter(issue::Column::ProjectId.eq(project))
        .filter(issue::Column::DeletedAt.is_null())
        .into_tuple::<IssueId>()
        .all(tx.db())
        .await?;
    if found.len() < issues.len() {
        return Err(Error::field("issueIds", "One of the issues is deleted or in another project.").into());
    }
    Ok(())
}
