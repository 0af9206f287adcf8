//! The views of results, with the keys, titles and names of what they refer to.

use std::collections::HashMap;

use app::model::catalog::Subject;
use app::model::id::ResultId;
use app::testware::case::CaseId;
use app::testware::result::{LinkedIssue, TestResult};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use crate::entity::item_key::{key, numbers};
use crate::entity::{issue, project, result, result_issue};
use crate::markup;
use crate::service::people::names::user_names;
use crate::testware::attachment;
use crate::testware::case::table as test_case;
use crate::testware::run::table as test_run;
use crate::testware::session::table as test_session;

/// The views of a project's results, in the order of the rows.
pub async fn views<C: ConnectionTrait>(
    db: &C,
    project: &project::Model,
    rows: Vec<result::Model>,
) -> Result<Vec<TestResult>, DbErr> {
    let authors = user_names(db, rows.iter().map(|row| row.author_id)).await?;
    let runs = numbers(db, test_run::Column::Id, test_run::Column::Number, distinct(&rows, |row| row.run_id)).await?;
    let sessions = distinct(&rows, |row| row.session_id);
    let sessions = numbers(db, test_session::Column::Id, test_session::Column::Number, sessions).await?;
    let cases = cases(db, distinct(&rows, |row| row.case_id)).await?;
    let mut issues = issues(db, &rows).await?;
    let mut attachments = attachment::of_results(db, rows.iter().map(|row| row.id)).await?;
    let view = |row: result::Model| {
        let run = row.run_id.and_then(|id| runs.get(&id)).map(|&number| key(project, Subject::TestRun, number));
        let session = row.session_id.and_then(|id| sessions.get(&id)).map(|&n| key(project, Subject::Session, n));
        let case = row.case_id.and_then(|id| cases.get(&id));
        TestResult {
            id: row.id,
            run_id: row.run_id,
            session_id: row.session_id,
            parent_key: run.or(session).unwrap_or_default(),
            case_id: row.case_id,
            case_key: case.map(|case| key(project, Subject::Case, case.number)),
            case_title: case.map(|case| case.title.clone()),
            status: row.status,
            comment_html: markup::to_safe_html(&row.comment),
            comment: row.comment,
            elapsed_seconds: row.elapsed_seconds.and_then(|seconds| u32::try_from(seconds).ok()),
            issues: issues.remove(&row.id).unwrap_or_default(),
            attachments: attachments.remove(&row.id).unwrap_or_default(),
            author: authors.get(&row.author_id).cloned().unwrap_or_default(),
            created_at: row.created_at,
            updated_at: row.updated_at.unwrap_or(row.created_at),
        }
    };
    Ok(rows.into_iter().map(view).collect())
}

/// The distinct values of a column.
fn distinct<T: Ord>(rows: &[result::Model], column: impl Fn(&result::Model) -> Option<T>) -> Vec<T> {
    let mut ids: Vec<T> = rows.iter().filter_map(column).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

async fn cases<C: ConnectionTrait>(db: &C, ids: Vec<CaseId>) -> Result<HashMap<CaseId, test_case::Model>, DbErr> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = test_case::Entity::find().filter(test_case::Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The linked issues of each result that are not deleted, oldest first.
async fn issues<C: ConnectionTrait>(
    db: &C,
    rows: &[result::Model],
) -> Result<HashMap<ResultId, Vec<LinkedIssue>>, DbErr> {
    let links = result_issue::Entity::find()
        .filter(result_issue::Column::ResultId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(result_issue::Column::IssueId)
        .find_also_related(issue::Entity)
        .filter(issue::Column::DeletedAt.is_null())
        .all(db)
        .await?;
    let mut issues: HashMap<ResultId, Vec<LinkedIssue>> = HashMap::new();
    for (link, issue) in links {
        if let Some(issue) = issue {
            issues.entry(link.result_id).or_default().push(linked(issue));
        }
    }
    Ok(issues)
}

fn linked(row: issue::Model) -> LinkedIssue {
    LinkedIssue {
        id: row.id,
        key: row.key,
        title: row.title,
        status: row.status,
        status_kind: row.status_kind,
        url: row.url,
    }
}
