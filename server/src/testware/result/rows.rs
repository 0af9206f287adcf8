//! The rows of results: inserts them with their linked issues, and reads them.

use std::collections::{BTreeSet, HashMap};

use app::error::Result;
use app::model::id::{IssueId, ProjectId, ResultId};
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::testware::execution::{Counts, ResultStatus};
use app::testware::result::TestResult;
use app::testware::run::RunId;
use app::testware::session::SessionId;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, JoinType, QueryFilter, QuerySelect,
    RelationTrait, Select,
};

use uuid::Uuid;

use super::fields::CheckedResult;
use super::view;
use crate::app_state::AppState;
use crate::entity::{issue, project, result, result_issue};
use crate::service::cursor;
use crate::storage::{Tx, internal};
use crate::testware::run::table as test_run;
use crate::testware::session::table as test_session;

/// The number of links in one statement.
const MAX_LINKS_AT_ONCE: usize = 1000;

/// The run or session of a result.
#[derive(Clone, Copy)]
pub enum ResultParent {
    /// A run.
    Run(RunId),
    /// A session.
    Session(SessionId),
}

impl ResultParent {
    /// Its ID without its type.
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Run(run) => run.0,
            Self::Session(session) => session.0,
        }
    }
}

/// The run or session of a result.
pub fn parent_of(row: &result::Model) -> Option<ResultParent> {
    row.run_id.map(ResultParent::Run).or(row.session_id.map(ResultParent::Session))
}

/// Inserts results in their order and links their issues. The caller has locked the parent and checked the issues.
pub async fn insert(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    parent: ResultParent,
    new: Vec<CheckedResult>,
    by: &Actor,
) -> Result<Vec<TestResult>, DbErr> {
    let (run_id, session_id) = match parent {
        ResultParent::Run(run) => (Some(run), None),
        ResultParent::Session(session) => (None, Some(session)),
    };
    let (mut rows, mut links) = (Vec::with_capacity(new.len()), Vec::new());
    for fields in new {
        let id = state.ids.next();
        links.extend(fields.issues.into_iter().map(|issue| (id, issue)));
        rows.push(result::Model {
            id,
            project_id: project.id,
            run_id,
            case_id: fields.case,
            session_id,
            status: fields.status,
            comment: fields.comment,
            elapsed_seconds: stored_seconds(fields.elapsed_seconds),
            author_id: by.id,
            created_at: state.clock.now(),
            updated_at: None,
        });
    }
    let active = rows.iter().cloned().map(IntoActiveModel::into_active_model);
    result::Entity::insert_many(active).exec_without_returning(tx.db()).await?;
    link(tx, links).await?;
    view::views(tx.db(), project, rows).await
}

/// A duration in its column.
pub fn stored_seconds(seconds: Option<u32>) -> Option<i32> {
    seconds.and_then(|seconds| i32::try_from(seconds).ok())
}

/// Links issues to results. They must be valid and not be linked yet.
pub async fn link(tx: &Tx<'_>, links: Vec<(ResultId, IssueId)>) -> Result<(), DbErr> {
    let mut links = links.into_iter().peekable();
    while links.peek().is_some() {
        let batch = links.by_ref().take(MAX_LINKS_AT_ONCE);
        let batch =
            batch.map(|(result, issue)| result_issue::ActiveModel { result_id: Set(result), issue_id: Set(issue) });
        result_issue::Entity::insert_many(batch).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

/// A page of results, newest first.
///
/// # Errors
/// [`app::error::Error::Invalid`] for a cursor of another list.
pub async fn page(
    state: &AppState,
    project: &project::Model,
    select: Select<result::Entity>,
    page: &PageQuery,
) -> Result<Page<TestResult>> {
    let by_id = (result::Column::Id, |row: &result::Model| row.id);
    let page = cursor::newest_first(state.store.read(), select, by_id, page).await?;
    let items = view::views(state.store.read(), project, page.items).await.map_err(internal)?;
    Ok(Page { items, next_cursor: page.next_cursor, previous_cursor: None })
}

/// The results of a run or a session.
pub fn for_parent(parent: ResultParent) -> Select<result::Entity> {
    match parent {
        ResultParent::Run(run) => result::Entity::find().filter(result::Column::RunId.eq(run)),
        ResultParent::Session(session) => result::Entity::find().filter(result::Column::SessionId.eq(session)),
    }
}

/// The latest failed results of a project, of runs and sessions that are not deleted.
///
/// # Errors
/// [`app::error::Error::Invalid`] for a cursor of another list.
pub async fn latest_failures(state: &AppState, project: &project::Model, page: &PageQuery) -> Result<Vec<TestResult>> {
    // Literal, so that the index of failed results is used.
    let failed = Expr::cust("results.status = 'failed'");
    let select = result::Entity::find()
        .join(JoinType::LeftJoin, result::Relation::Run.def())
        .join(JoinType::LeftJoin, result::Relation::Session.def())
        .filter(result::Column::ProjectId.eq(project.id))
        .filter(failed)
        .filter(test_run::Column::DeletedAt.is_null())
        .filter(test_session::Column::DeletedAt.is_null());
    Ok(self::page(state, project, select, page).await?.items)
}

/// The results linked to an issue, of runs and sessions that are not deleted.
pub fn linked_to(issue: IssueId) -> Select<result::Entity> {
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

/// The first of these issues that can't be linked: it is deleted or in another project.
pub async fn unknown_issue(
    tx: &Tx<'_>,
    project: ProjectId,
    issues: &BTreeSet<IssueId>,
) -> Result<Option<IssueId>, DbErr> {
    if issues.is_empty() {
        return Ok(None);
    }
    let found: BTreeSet<IssueId> = issue::Entity::find()
        .select_only()
        .column(issue::Column::Id)
        .filter(issue::Column::Id.is_in(issues.iter().copied()))
        .filter(issue::Column::ProjectId.eq(project))
        .filter(issue::Column::DeletedAt.is_null())
        .into_tuple()
        .all(tx.db())
        .await?
        .into_iter()
        .collect();
    Ok(issues.difference(&found).next().copied())
}
