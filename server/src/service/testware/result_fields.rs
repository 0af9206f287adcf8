//! The fields of a result as people send them, checked.

use app::error::{Checks, Result};
use app::model::id::{CaseId, IssueId};
use app::model::testware::{AddResult, ELAPSED_MAX, ResultStatus};

use crate::service::text;

/// The most issues of one result.
const ISSUES_MAX: usize = 20;

/// A result that keeps the rules; whether its case and issues exist is not known yet.
pub struct Fields {
    pub case: Option<CaseId>,
    pub status: ResultStatus,
    pub comment: String,
    pub elapsed_seconds: Option<u32>,
    /// Each once, in the order they came.
    pub issues: Vec<IssueId>,
}

/// Checks a result of a run, which names a case, or of a session, which doesn't.
///
/// # Errors
/// [`Error::Invalid`](app::error::Error::Invalid) naming every field that breaks a rule.
pub fn check(new: AddResult, of_run: bool) -> Result<Fields> {
    let mut checks = Checks::default();
    if of_run {
        checks.require(new.case_id.is_some(), "caseId", "Say which case of the run was tested.");
    } else {
        checks.require(new.case_id.is_none(), "caseId", "A session has no cases. Leave this out.");
    }
    checks.require(new.status != ResultStatus::Untested, "status", "Say what the test came to.");
    let seconds = new.elapsed_seconds.unwrap_or_default();
    checks.require(seconds <= ELAPSED_MAX, "elapsedSeconds", "Use at most 10,000,000 seconds.");
    let mut issues: Vec<IssueId> = Vec::new();
    for issue in new.issue_ids {
        if !issues.contains(&issue) {
            issues.push(issue);
        }
        if issues.len() > ISSUES_MAX {
            checks.require(false, "issueIds", "Link at most 20 issues.");
            break;
        }
    }
    let comment = checks.take("comment", text::long(new.comment)).unwrap_or_default();
    checks.finish()?;
    Ok(Fields { case: new.case_id, status: new.status, comment, elapsed_seconds: new.elapsed_seconds, issues })
}
