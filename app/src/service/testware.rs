//! The services of testware, the same for every subject. The view of an item selects the subject:
//! `Testware::<TestCase>::read(service, actor, id)`.

use async_trait::async_trait;

use super::combined;
use crate::error::Result;
use crate::model::id::{IssueId, ProjectId};
use crate::model::page::{Page, PageQuery};
use crate::model::people::Actor;
use crate::testware::execution::{AddResult, TestResult};
use crate::testware::run::RunCase;
use crate::testware::subject::{ExecutionSubject, TestwareSubject};

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
pub trait Executions<T: ExecutionSubject> {
    /// Completes one in any state; emits `completed`.
    async fn complete(&self, actor: &Actor, id: T::Id) -> Result<T>;
    /// The cases it consists of, in order; none if [`ExecutionSubject::HAS_CASES`] is false.
    async fn cases(&self, actor: &Actor, id: T::Id, page: PageQuery) -> Result<Page<RunCase>>;
    /// Its results, newest first.
    async fn results(&self, actor: &Actor, id: T::Id, page: PageQuery) -> Result<Page<TestResult>>;
    /// Adds a result; emits `result_added`.
    async fn add_result(&self, actor: &Actor, id: T::Id, new: AddResult) -> Result<TestResult>;
}

/// The services across subjects.
#[async_trait]
pub trait Results {
    /// The results of runs and sessions that are linked to an issue, newest first.
    async fn issue_results(&self, actor: &Actor, issue: IssueId, page: PageQuery) -> Result<Page<TestResult>>;
}

/// Combines the services of all subjects.
macro_rules! all_testware {
    (() $(
        $name:ident: $(item($item:path))? $(execution($execution:path))? $(issue($issue:path))? $(webhook($webhook:path))? { $($entry:tt)* }
    )+) => {
        combined! {
            /// The services of all subjects.
            AllTestware: $($(Testware<$item>,)? $(Testware<$execution>, Executions<$execution>,)?)+ Results,
        }
    };
}
crate::subjects!([all_testware]());
