//! Checks the fields of a new result.

use app::error::{Checks, Result};
use app::model::id::IssueId;
use app::testware::case::CaseId;
use app::testware::execution::{AddResult, MAX_ELAPSED_SECONDS, ResultStatus};

use crate::service::text;

const MAX_ISSUES: usize = 20;

/// A result with valid fields. Its case and issues may not exist.
pub struct CheckedResult {
    pub case: Option<CaseId>,
    pub status: ResultStatus,
    pub comment: String,
    pub elapsed_seconds: Option<u32>,
    /// Without duplicates, in the order of the request.
    pub issues: Vec<IssueId>,
}

/// Checks a result; `has_case` says whether it must or must not name a case.
///
/// # Errors
/// [`Error::Invalid`](app::error::Error::Invalid) with a message for each invalid field.
pub fn check(new: AddResult, has_case: bool) -> Result<CheckedResult> {
    let mut checks = Checks::default();
    if has_case {
        checks.require(new.case_id.is_some(), "caseId", "Select a case of the run.");
    } else {
        checks.require(new.case_id.is_none(), "caseId", "A session has no cases. Omit this field.");
    }
    checks.require(new.status != ResultStatus::Untested, "status", "Select a status.");
    let seconds = new.elapsed_seconds.unwrap_or_default();
    checks.require(seconds <= MAX_ELAPSED_SECONDS, "elapsedSeconds", "Use at most 10,000,000 seconds.");
    let mut issues: Vec<IssueId> = Vec::new();
    for issue in new.issue_ids {
        if !issues.contains(&issue) {
            issues.push(issue);
        }
        if issues.len() > MAX_ISSUES {
            checks.require(false, "issueIds", "Link at most 20 issues.");
            break;
        }
    }
    let comment = checks.take("comment", text::long(new.comment)).unwrap_or_default();
    checks.finish()?;
    Ok(CheckedResult { case: new.case_id, status: new.status, comment, elapsed_seconds: new.elapsed_seconds, issues })
}
