//! The demo's testware.

use app::error::Result;
use app::model::catalog::Subject;
use app::model::id::{IssueId, ProjectId};
use app::model::people::Actor;
use app::testware::case::CaseId;
use app::testware::execution::ResultStatus;
use app::testware::result::AddResult;
use app::with_subject;
use async_trait::async_trait;

use super::row::Stored;
use crate::app_state::AppState;

/// The demo's data of a subject.
#[async_trait]
pub trait DemoItems: Stored {
    /// Creates the items. The failed results are linked to `issue`.
    async fn seed(state: &AppState, actor: &Actor, project: ProjectId, issue: IssueId) -> Result<()>;
}

/// Creates the items of all subjects in the order of the catalog. Later ones may read earlier ones.
pub async fn seed(state: &AppState, actor: &Actor, project: ProjectId, issue: IssueId) -> Result<()> {
    for &subject in Subject::ALL {
        with_subject!(subject, T => T::seed(state, actor, project, issue).await?, else {});
    }
    Ok(())
}

/// A result of a case of a run, or of a session.
pub fn result(case: Option<CaseId>, status: ResultStatus, comment: &str, issue: Option<IssueId>) -> AddResult {
    AddResult {
        case_id: case,
        status,
        comment: comment.into(),
        elapsed_seconds: Some(180),
        issue_ids: issue.into_iter().collect(),
    }
}
