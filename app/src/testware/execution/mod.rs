//! What test runs and sessions share: states and counts.

pub mod api;
#[cfg(feature = "ssr")]
pub(crate) mod durations;
pub(crate) mod pages;
#[cfg(feature = "ssr")]
pub(crate) mod payload;

use serde::{Deserialize, Serialize};

use crate::model::string_enum;
use crate::testware::milestone::MilestoneId;
use crate::testware::plan::PlanId;

string_enum! {
    /// The state of a run or session. Completing it is separate: a run can be done and not
    /// completed, or completed in any state.
    State {
        /// Not started.
        New = "new", "New";
        /// In progress.
        InProgress = "in_progress", "In progress";
        /// Blocked.
        Blocked = "blocked", "Blocked";
        /// Its results are in review.
        InReview = "in_review", "In review";
        /// Done.
        Done = "done", "Done";
    }
}

#[allow(clippy::derivable_impls, reason = "string_enum! derives no default")]
impl Default for State {
    fn default() -> Self {
        Self::New
    }
}

string_enum! {
    /// The result of a test.
    ResultStatus {
        /// No result yet; never the status of a result.
        Untested = "untested", "Untested";
        /// Passed.
        Passed = "passed", "Passed";
        /// Failed.
        Failed = "failed", "Failed";
        /// Could not be tested.
        Blocked = "blocked", "Blocked";
        /// To be tested again.
        Retest = "retest", "Retest";
        /// Skipped on purpose.
        Skipped = "skipped", "Skipped";
    }
}

/// Counts by status: the cases of a run, or the results of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Counts {
    /// Without a result.
    pub untested: u32,
    /// Passed.
    pub passed: u32,
    /// Failed.
    pub failed: u32,
    /// Blocked.
    pub blocked: u32,
    /// To be tested again.
    pub retest: u32,
    /// Skipped.
    pub skipped: u32,
}

impl Counts {
    /// The count of a status.
    #[must_use]
    pub const fn for_status(&self, status: ResultStatus) -> u32 {
        match status {
            ResultStatus::Untested => self.untested,
            ResultStatus::Passed => self.passed,
            ResultStatus::Failed => self.failed,
            ResultStatus::Blocked => self.blocked,
            ResultStatus::Retest => self.retest,
            ResultStatus::Skipped => self.skipped,
        }
    }

    /// The count of a status, to change it.
    pub const fn of_mut(&mut self, status: ResultStatus) -> &mut u32 {
        match status {
            ResultStatus::Untested => &mut self.untested,
            ResultStatus::Passed => &mut self.passed,
            ResultStatus::Failed => &mut self.failed,
            ResultStatus::Blocked => &mut self.blocked,
            ResultStatus::Retest => &mut self.retest,
            ResultStatus::Skipped => &mut self.skipped,
        }
    }

    /// These counts less others, never below 0.
    #[must_use]
    pub fn without(mut self, others: &Self) -> Self {
        for &status in ResultStatus::ALL {
            let count = self.of_mut(status);
            *count = count.saturating_sub(others.for_status(status));
        }
        self
    }

    /// The sum of all counts.
    #[must_use]
    pub fn total(&self) -> u32 {
        ResultStatus::ALL.iter().map(|&status| self.for_status(status)).sum()
    }
}

/// The filters of a list of runs or sessions. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct ExecutionQuery {
    /// Words in name or key, case-insensitive.
    pub search: Option<String>,
    /// Only in this state.
    pub state: Option<State>,
    /// Only completed ones, or only open ones.
    pub completed: Option<bool>,
    /// Only those of this milestone.
    pub milestone: Option<MilestoneId>,
    /// Only runs of this plan.
    pub plan: Option<PlanId>,
    /// Maximum number of items: 1 to 200; 50 by default.
    #[serde(deserialize_with = "crate::model::page::limit")]
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    pub cursor: Option<String>,
}

#[cfg(feature = "ssr")]
mod query {
    use super::ExecutionQuery;
    use crate::model::page::PageQuery;
    use crate::testware::item::ItemQuery;
    use crate::testware::subject::ListQuery;

    impl From<ItemQuery> for ExecutionQuery {
        fn from(query: ItemQuery) -> Self {
            let ItemQuery { search, state, completed, milestone, plan, limit, cursor, .. } = query;
            Self { search, state, completed, milestone, plan, limit, cursor }
        }
    }

    impl ListQuery for ExecutionQuery {
        fn page(&self) -> PageQuery {
            PageQuery { limit: self.limit, cursor: self.cursor.clone() }
        }

        fn search(&self) -> Option<&str> {
            self.search.as_deref()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_counts_every_status() {
        let mut counts = Counts::default();
        for &status in ResultStatus::ALL {
            *counts.of_mut(status) += 2;
        }
        assert_eq!(counts.total(), 12);
        assert_eq!(counts.for_status(ResultStatus::Retest), 2);
    }
}
