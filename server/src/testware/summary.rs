//! What the event of a completed run or session adds: how it went, the comments of its results, and the
//! issues that they link.

use std::collections::HashSet;

use app::model::id::ProjectId;
use app::testware::execution::{Counts, ResultStatus};
use app::testware::result::TestResult;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use super::execution::ExecutionRow;
use super::result::events::linked_issue;
use super::result::rows::for_parent;
use super::result::view;
use crate::config::Config;
use crate::entity::{project, result};
use crate::events::cut_text;

/// The number of comments and of issues in the event.
const MAX_LISTED: usize = 20;
/// The number of results, the newest first, whose comments and issues count.
const MAX_RESULTS: u64 = 200;

/// The fields of a completed run or session.
pub async fn of_completed<C: ConnectionTrait, R: ExecutionRow>(
    db: &C,
    project: &project::Model,
    config: &Config,
    row: &R,
) -> Result<Value, DbErr> {
    let counts = R::counts(db, &[row.id()]).await?.remove(&row.id()).unwrap_or_default();
    let all = for_parent(R::result_parent(row.id()));
    let tested: Option<Option<i64>> =
        all.clone().select_only().column_as(result::Column::ElapsedSeconds.sum(), "sum").into_tuple().one(db).await?;
    let newest = all.order_by_desc(result::Column::Id).limit(MAX_RESULTS);
    let results = view::views(db, project, newest.all(db).await?).await?;
    let duration = row.completed_at().map(|at| (at - row.common().created_at).num_seconds().max(0));
    Ok(json!({
        "passRate": pass_rate(&counts),
        "durationSeconds": duration,
        "testedSeconds": tested.flatten(),
        "comments": results.iter().filter(|result| !result.comment.trim().is_empty()).take(MAX_LISTED).map(comment).collect::<Vec<_>>(),
        "issues": issues(&results, project.id, config),
    }))
}

/// The passed share of all that was not skipped, in percent with one decimal; `None` if nothing was
/// tested.
pub fn pass_rate(counts: &Counts) -> Option<f64> {
    let counted = counts.total() - counts.for_status(ResultStatus::Skipped);
    let passed = f64::from(counts.for_status(ResultStatus::Passed));
    (counted > counts.for_status(ResultStatus::Untested)).then(|| (passed * 1000.0 / f64::from(counted)).round() / 10.0)
}

fn comment(result: &TestResult) -> Value {
    json!({
        "case": result.case_key,
        "status": result.status,
        "comment": cut_text(&result.comment),
        "author": result.author,
    })
}

fn issues(results: &[TestResult], project: ProjectId, config: &Config) -> Vec<Value> {
    let mut seen = HashSet::new();
    let linked = results.iter().flat_map(|result| &result.issues).filter(|issue| seen.insert(issue.id));
    linked.take(MAX_LISTED).map(|issue| linked_issue(issue, project, config)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipped_cases_do_not_lower_the_pass_rate() {
        let mut counts = Counts::default();
        assert_eq!(pass_rate(&counts), None);
        *counts.of_mut(ResultStatus::Skipped) = 5;
        assert_eq!(pass_rate(&counts), None);
        *counts.of_mut(ResultStatus::Untested) = 1;
        assert_eq!(pass_rate(&counts), None, "nothing was tested");
        *counts.of_mut(ResultStatus::Untested) = 0;
        *counts.of_mut(ResultStatus::Passed) = 2;
        *counts.of_mut(ResultStatus::Failed) = 1;
        assert_eq!(pass_rate(&counts), Some(66.7));
    }
}
