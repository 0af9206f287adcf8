//! Copies what is in a suite: its active test cases, and its suites with theirs. The event of the copy is the only one.

use std::collections::HashMap;

use app::error::Error;
use app::model::catalog::Subject;
use app::testware::case::CaseState;
use app::testware::suite::SuiteId;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::table::{Entity, Model};
use super::tree;
use crate::app_state::AppState;
use crate::entity::json::Strings;
use crate::entity::project;
use crate::service::TxError;
use crate::storage::Tx;
use crate::testware::case::table as test_case;
use crate::testware::custom_field::values;
use crate::testware::key;
use crate::testware::shared_step::uses;

/// The maximum number of test cases, and of suites, that are copied at once.
const MAX_COPIED: usize = 1_000;
/// The number of rows in one statement.
const BATCH_ROWS: usize = 200;

/// Copies what is in `original` to `copy`, which has its author.
///
/// # Errors
/// [`Error::Conflict`] if it is too much.
pub async fn contents(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    original: SuiteId,
    copy: &Model,
) -> Result<(), TxError> {
    let copies = suites(state, tx, project, original, copy).await?;
    let cases = test_case::Entity::find()
        .filter(test_case::Column::ProjectId.eq(project.id))
        .filter(test_case::Column::SuiteId.is_in(copies.keys().copied()))
        .filter(test_case::Column::State.eq(CaseState::Active))
        .filter(test_case::Column::DeletedAt.is_null())
        .order_by_asc(test_case::Column::Id)
        .limit(MAX_COPIED as u64 + 1)
        .all(tx.db())
        .await?;
    check_count(cases.len())?;
    if cases.is_empty() {
        return Ok(());
    }
    let originals: Vec<_> = cases.iter().map(|case| case.id).collect();
    let count = i32::try_from(cases.len()).unwrap_or(i32::MAX);
    let first = key::next_numbers(tx, project.id, Subject::Case, count).await?;
    let rows: Vec<_> = (first..)
        .zip(cases)
        .map(|(number, case)| test_case::Model {
            id: state.ids.next(),
            number,
            suite_id: case.suite_id.and_then(|suite| copies.get(&suite).copied()),
            automation_links: Strings::default(),
            author_id: copy.author_id,
            created_at: copy.created_at,
            updated_at: copy.created_at,
            ..case
        })
        .collect();
    for batch in rows.chunks(BATCH_ROWS) {
        let written = batch.iter().map(test_case::Model::written);
        test_case::Entity::insert_many(written).exec_without_returning(tx.db()).await?;
        let uses = batch.iter().flat_map(|case| uses::used(&case.steps.0).into_iter().map(|shared| (shared, case.id)));
        uses::insert(tx, uses).await?;
    }
    let copies = originals.into_iter().zip(rows.iter().map(|case| case.id)).collect();
    Ok(values::copy(tx, &copies).await?)
}

/// Copies the suites within one. Returns the copy of each, also of the first one.
async fn suites(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    original: SuiteId,
    copy: &Model,
) -> Result<HashMap<SuiteId, SuiteId>, TxError> {
    let mut copies = HashMap::from([(original, copy.id)]);
    let mut level = vec![original];
    loop {
        let mut below = tree::below(tx, project.id, &level).await?;
        below.retain(|suite| !copies.contains_key(&suite.id));
        level = below.iter().map(|suite| suite.id).collect();
        if level.is_empty() {
            return Ok(copies);
        }
        check_count(copies.len() + level.len())?;
        let count = i32::try_from(below.len()).unwrap_or(i32::MAX);
        let first = key::next_numbers(tx, project.id, Subject::Suite, count).await?;
        let mut rows = Vec::with_capacity(below.len());
        for (number, suite) in (first..).zip(below) {
            let id: SuiteId = state.ids.next();
            copies.insert(suite.id, id);
            let row = Model {
                id,
                number,
                parent_id: suite.parent_id.and_then(|parent| copies.get(&parent).copied()),
                author_id: copy.author_id,
                created_at: copy.created_at,
                updated_at: copy.created_at,
                ..suite
            };
            rows.push(row.written());
        }
        Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    }
}

fn check_count(count: usize) -> Result<(), TxError> {
    if count <= MAX_COPIED {
        return Ok(());
    }
    Err(Error::conflict("This suite has more than 1,000 test cases or suites. Duplicate its parts one by one.").into())
}
