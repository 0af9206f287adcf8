//! The testware that is linked to an issue through results, for its events.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use app::model::catalog::Subject;
use app::model::id::IssueId;
use app::testware::case::CaseId;
use app::testware::run::RunId;
use app::testware::session::SessionId;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationTrait,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::entity::item_key::{key, numbers};
use crate::entity::{project, result, result_issue};
use crate::testware::case::table as test_case;
use crate::testware::run::table as test_run;
use crate::testware::session::table as test_session;

/// The number of results whose testware is named.
const MAX_RESULTS: u64 = 100;

/// The cases, runs and sessions with results that link the issue, the ID and key of each, without deleted
/// runs and sessions. Of an issue
/// with many results, only the latest hundred count.
pub async fn linked<C: ConnectionTrait>(db: &C, project: &project::Model, issue: IssueId) -> Result<Value, DbErr> {
    let results: Vec<(Option<CaseId>, Option<RunId>, Option<SessionId>)> = result_issue::Entity::find()
        .select_only()
        .columns([result::Column::CaseId, result::Column::RunId, result::Column::SessionId])
        .join(JoinType::InnerJoin, result_issue::Relation::Result.def())
        .join(JoinType::LeftJoin, result::Relation::Run.def())
        .join(JoinType::LeftJoin, result::Relation::Session.def())
        .filter(result_issue::Column::IssueId.eq(issue))
        .filter(test_run::Column::DeletedAt.is_null())
        .filter(test_session::Column::DeletedAt.is_null())
        .order_by_desc(result_issue::Column::ResultId)
        .limit(MAX_RESULTS)
        .into_tuple()
        .all(db)
        .await?;
    let cases = distinct(results.iter().filter_map(|result| result.0));
    let runs = distinct(results.iter().filter_map(|result| result.1));
    let sessions = distinct(results.iter().filter_map(|result| result.2));
    use Subject::{Case, Session, TestRun};
    let cases = numbers(db, test_case::Column::Id, test_case::Column::Number, cases).await?;
    let runs = numbers(db, test_run::Column::Id, test_run::Column::Number, runs).await?;
    let sessions = numbers(db, test_session::Column::Id, test_session::Column::Number, sessions).await?;
    Ok(json!({
        "cases": named(project, Case, cases),
        "runs": named(project, TestRun, runs),
        "sessions": named(project, Session, sessions),
    }))
}

fn distinct<I: Ord>(ids: impl Iterator<Item = I>) -> Vec<I> {
    ids.collect::<BTreeSet<_>>().into_iter().collect()
}

fn named<I: Serialize + Ord>(project: &project::Model, subject: Subject, numbers: HashMap<I, i32>) -> Vec<Value> {
    let numbers: BTreeMap<_, _> = numbers.into_iter().collect();
    numbers.into_iter().map(|(id, number)| json!({"id": id, "key": key(project, subject, number)})).collect()
}

/// Nothing is linked to a new issue.
#[must_use]
pub fn none() -> Value {
    json!({"cases": [], "runs": [], "sessions": []})
}
