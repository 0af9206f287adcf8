//! Checks the fields of results.

use app::error::{Checks, Error, Result};
use app::model::id::IssueId;
use app::testware::case::CaseId;
use app::testware::execution::ResultStatus;
use app::testware::result::{AddResult, MAX_ELAPSED_SECONDS, MAX_RESULTS_AT_ONCE, UpdateResult};
use app::testware::submission::AddResults;

use crate::service::text;

const MAX_ISSUES: usize = 20;
/// The field of a result with its case.
pub const CASE: &str = "caseId";
/// The field of a result with its issues.
pub const ISSUES: &str = "issueIds";

/// A result with valid fields. Its case and issues may not exist.
pub struct CheckedResult {
    pub case: Option<CaseId>,
    pub status: ResultStatus,
    pub comment: String,
    pub elapsed_seconds: Option<u32>,
    /// Without duplicates, in the order of the request.
    pub issues: Vec<IssueId>,
}

/// Changes with valid fields. The issues may not exist.
pub struct CheckedUpdate {
    pub status: Option<ResultStatus>,
    pub comment: Option<String>,
    /// `Some(None)` removes it.
    pub elapsed_seconds: Option<Option<u32>>,
    pub issues: Option<Vec<IssueId>>,
}

/// Checks a result; `has_case` says whether it must or must not name a case.
///
/// # Errors
/// [`Error::Invalid`] with a message for each invalid field.
pub fn check(new: AddResult, has_case: bool) -> Result<CheckedResult> {
    let mut checks = Checks::default();
    if has_case {
        checks.require(new.case_id.is_some(), "caseId", "Select a case of the run.");
    } else {
        checks.require(new.case_id.is_none(), "caseId", "A session has no cases. Omit this field.");
    }
    check_status(&mut checks, new.status);
    check_seconds(&mut checks, new.elapsed_seconds.unwrap_or_default());
    let issues = checks.take("issueIds", distinct(new.issue_ids)).unwrap_or_default();
    let comment = checks.take("comment", text::long(new.comment)).unwrap_or_default();
    checks.finish()?;
    Ok(CheckedResult { case: new.case_id, status: new.status, comment, elapsed_seconds: new.elapsed_seconds, issues })
}

/// Checks several results. An error names the fields of each, e.g. `results[3].status`.
///
/// # Errors
/// [`Error::Invalid`].
pub fn check_all(new: AddResults, has_case: bool) -> Result<Vec<CheckedResult>> {
    if new.results.is_empty() || new.results.len() > MAX_RESULTS_AT_ONCE {
        return Err(Error::field("results", "Send 1 to 1,000 results."));
    }
    let mut checks = Checks::default();
    let mut checked = Vec::with_capacity(new.results.len());
    for (index, result) in new.results.into_iter().enumerate() {
        match check(result, has_case) {
            Ok(result) => checked.push(result),
            Err(Error::Invalid { errors, .. }) => {
                errors.iter().for_each(|(field, problem)| checks.require(false, &in_list(index, field), problem));
            }
            Err(error) => return Err(error),
        }
    }
    checks.finish()?;
    Ok(checked)
}

/// The error of issues that can't be linked, in the field `name`.
pub fn unknown_issue(name: &str) -> Error {
    Error::field(name, "One of the issues is deleted or in another project.")
}

/// The name of a field of one of several results.
pub fn in_list(index: usize, field: &str) -> String {
    format!("results[{index}].{field}")
}

/// Checks the changes of a result.
///
/// # Errors
/// [`Error::Invalid`] with a message for each invalid field.
pub fn check_update(change: UpdateResult) -> Result<CheckedUpdate> {
    let mut checks = Checks::default();
    if let Some(status) = change.status {
        check_status(&mut checks, status);
    }
    check_seconds(&mut checks, change.elapsed_seconds.unwrap_or_default());
    let issues = change.issue_ids.map(distinct).transpose();
    let issues = checks.take("issueIds", issues).flatten();
    let comment = checks.take("comment", change.comment.map(text::long).transpose()).flatten();
    checks.finish()?;
    let elapsed_seconds = change.elapsed_seconds.map(|seconds| Some(seconds).filter(|&seconds| seconds > 0));
    Ok(CheckedUpdate { status: change.status, comment, elapsed_seconds, issues })
}

fn check_status(checks: &mut Checks, status: ResultStatus) {
    checks.require(status != ResultStatus::Untested, "status", "Select a status.");
}

fn check_seconds(checks: &mut Checks, seconds: u32) {
    checks.require(seconds <= MAX_ELAPSED_SECONDS, "elapsedSeconds", "Use at most 10,000,000 seconds.");
}

/// The issues without duplicates, in their order.
fn distinct(ids: Vec<IssueId>) -> Result<Vec<IssueId>, &'static str> {
    let mut issues: Vec<IssueId> = Vec::new();
    for issue in ids {
        if !issues.contains(&issue) {
            issues.push(issue);
        }
        if issues.len() > MAX_ISSUES {
            return Err("Link at most 20 issues.");
        }
    }
    Ok(issues)
}
