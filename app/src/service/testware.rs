//! The services of testware, the same for every subject. The view of an item selects the subject:
//! `Testware::<TestCase>::read(service, actor, id)`.

use async_trait::async_trait;

use super::combined;
use crate::error::Result;
use crate::model::id::{IssueId, ProjectId, RunId};
use crate::model::page::{Page, PageQuery};
use crate::model::people::Actor;
use crate::model::test_case::TestCase;
use crate::model::test_run::{RunCase, TestRun};
use crate::model::test_session::TestSession;
use crate::model::testware::{AddResult, TestResult};
use crate::model::testware_subject::TestwareSubject;

/// The items of a subject.
#[async_trait]
pub trait Testware<T: TestwareSubject> {
    /// The project's items, newest first.
    async fn list(&self, actor: &Actor, project: ProjectId, query: T::Query) -> Result<Page<T>>;
    /// One item.
    async fn read(&self, actor: &Actor, id: T::Id) -> Result<T::Detail>;
    /// Creates one; emits `created`.
    async fn create(&self, actor: &Actor, project: ProjectId, new: T::Create) -> Result<T>;
    /// Changes it; emits `updated` if a field changed, and `state_changed` if the state did.
    async fn update(&self, actor: &Actor, id: T::Id, change: T::Update) -> Result<T>;
    /// Creates a copy without results; emits `duplicated`.
    async fn duplicate(&self, actor: &Actor, id: T::Id) -> Result<T>;
    /// Deletes it; objects that refer to it keep it. Emits `deleted`.
    async fn delete(&self, actor: &Actor, id: T::Id) -> Result<()>;
}

/// The services of items with a state, results and completion.
#[async_trait]
pub trait Executions<T: TestwareSubject> {
    /// Completes one in any state; emits `completed`.
    async fn complete(&self, actor: &Actor, id: T::Id) -> Result<T>;
    /// Its results, newest first.
    async fn results(&self, actor: &Actor, id: T::Id, page: PageQuery) -> Result<Page<TestResult>>;
    /// Adds a result; emits `result_added`.
    async fn add_result(&self, actor: &Actor, id: T::Id, new: AddResult) -> Result<TestResult>;
}

/// The services across subjects.
#[async_trait]
pub trait Results {
    /// The cases of a run, in order.
    async fn run_cases(&self, actor: &Actor, id: RunId, page: PageQuery) -> Result<Page<RunCase>>;
    /// The results of runs and sessions that are linked to an issue, newest first.
    async fn issue_results(&self, actor: &Actor, issue: IssueId, page: PageQuery) -> Result<Page<TestResult>>;
}

combined! {
    /// The services of all subjects: each has an entry here and in `with_subject!`.
    AllTestware: Testware<TestCase>, Testware<TestRun>, Testware<TestSession>,
        Executions<TestRun>, Executions<TestSession>, Results,
}

/// Runs `$code` with `$T` as the type of a subject of testware, or `$other` for another subject.
#[macro_export]
macro_rules! with_subject {
    ($subject:expr, $T:ident => $code:expr, else $other:expr) => {{
        use $crate::model::catalog::Subject;
        match $subject {
            Subject::Case => {
                type $T = $crate::model::test_case::TestCase;
                $code
            }
            Subject::TestRun => {
                type $T = $crate::model::test_run::TestRun;
                $code
            }
            Subject::Session => {
                type $T = $crate::model::test_session::TestSession;
                $code
            }
            Subject::Issue => $other,
        }
    }};
}
