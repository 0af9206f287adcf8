//! The transaction of an import: all suites and cases, or none.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

use app::error::Error;
use app::imports::ImportStatus;
use app::model::audit::AuditAction;
use app::model::catalog::Subject;
use app::model::item_id::ItemId;
use app::model::people::Actor;
use app::testware::suite::SuiteId;
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect};

use super::check::CheckedCase;
use super::facts;
use super::suites::{NewSuite, SuiteTree};
use super::table;
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::entity::item_key::key;
use crate::entity::project;
use crate::entity::search_text::SearchText;
use crate::service::TxError;
use crate::storage::Tx;
use crate::testware::case::versions::{self, ImportedVersion};
use crate::testware::case::{automation_link, table as test_case};
use crate::testware::custom_field::values;
use crate::testware::suite::table as suite;
use crate::testware::{events, key as keys};

/// The number of rows in one statement: up to twenty values each stay below the limit of both databases.
const BATCH_ROWS: usize = 200;

/// Creates the cases and completes the import. Their number so far is in `done`.
///
/// # Errors
/// [`Error::NotFound`] if the project was deleted, and [`Error::Conflict`] if the import has ended already, or another case
/// got an automation link of the file in the meantime.
pub async fn write(
    state: &AppState,
    tx: &Tx<'_>,
    import: &table::Model,
    mut cases: Vec<CheckedCase>,
    by: &Actor,
    done: &AtomicU32,
) -> Result<(), TxError> {
    let row = table::Entity::find_by_id(import.id).lock_exclusive().one(tx.db()).await?;
    if row.is_none_or(|row| row.finished_at.is_some()) {
        return Err(Error::conflict("The import was interrupted. Start it again.").into());
    }
    // Changes of the tree of suites wait for each other.
    let project = project::Entity::find_by_id(import.project_id).lock(LockType::NoKeyUpdate).one(tx.db()).await?;
    let project = project.filter(|project| project.deleted_at.is_none()).ok_or(Error::NotFound)?;
    let suites = place(state, tx, &project, &mut cases, by).await?;
    let count = i32::try_from(cases.len()).unwrap_or(i32::MAX);
    let first = keys::next_numbers(tx, project.id, Subject::Case, count).await?;
    for (number, case) in (first..).zip(&mut cases) {
        case.case.number = number;
    }
    for batch in cases.chunks(BATCH_ROWS) {
        insert_batch(state, tx, batch, (&suites.names, by)).await?;
        done.fetch_add(u32::try_from(batch.len()).unwrap_or(u32::MAX), Ordering::Relaxed);
    }
    let links =
        cases.iter().flat_map(|case| case.case.automation_links.0.iter().map(|link| (link.clone(), case.case.id)));
    automation_link::insert(tx, project.id, links.collect()).await?;
    complete(state, tx, import, (cases.len(), suites.created), by).await?;
    // Lists follow any of their items.
    let last_case = cases.last().map(|case| ItemId::from(case.case.id));
    let shown = last_case.into_iter().chain(suites.last.map(ItemId::from));
    events::show_changes(tx, project.id, shown);
    Ok(())
}

/// The suites of the cases.
struct Placed {
    created: usize,
    /// The last one that was created.
    last: Option<SuiteId>,
    /// The key and the name of each suite that a case is in.
    names: HashMap<SuiteId, String>,
}

/// Puts the cases into their suites, and creates the missing ones.
async fn place(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    cases: &mut [CheckedCase],
    by: &Actor,
) -> Result<Placed, TxError> {
    let existing = facts::suites(tx.db(), project.id).await?;
    let (mut tree, mut new) = (SuiteTree::new(&existing), Vec::new());
    for case in &mut *cases {
        case.case.suite_id = tree.place(&case.suite, &mut new, || state.ids.next());
    }
    let mut names: HashMap<SuiteId, String> = existing
        .iter()
        .map(|suite| (suite.id, format!("{} {}", key(project, Subject::Suite, suite.number), suite.name)))
        .collect();
    if new.is_empty() {
        return Ok(Placed { created: 0, last: None, names });
    }
    let count = i32::try_from(new.len()).unwrap_or(i32::MAX);
    let first = keys::next_numbers(tx, project.id, Subject::Suite, count).await?;
    let now = state.clock.now();
    let last = new.last().map(|suite| suite.id);
    let rows: Vec<suite::Model> = (first..)
        .zip(new)
        .map(|(number, NewSuite { id, parent_id, name })| suite::Model {
            id,
            project_id: project.id,
            number,
            name,
            search: SearchText::default(),
            description: String::new(),
            parent_id,
            author_id: by.id,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        })
        .collect();
    names.extend(
        rows.iter().map(|suite| (suite.id, format!("{} {}", key(project, Subject::Suite, suite.number), suite.name))),
    );
    for batch in rows.chunks(BATCH_ROWS) {
        let written = batch.iter().map(suite::Model::written);
        suite::Entity::insert_many(written).exec_without_returning(tx.db()).await?;
    }
    Ok(Placed { created: rows.len(), last, names })
}

/// Inserts some cases with their values and their first versions.
async fn insert_batch(
    state: &AppState,
    tx: &Tx<'_>,
    batch: &[CheckedCase],
    (suites, by): (&HashMap<SuiteId, String>, &Actor),
) -> Result<(), TxError> {
    let rows = batch.iter().map(|case| case.case.written());
    test_case::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    let mut fields = Vec::new();
    for case in batch {
        fields.extend(case.values.iter().map(|(field, value)| (case.case.id, *field, value)));
    }
    values::insert(tx, fields.into_iter()).await?;
    let version = |case: &CheckedCase| ImportedVersion {
        case: case.case.clone(),
        suite: case.case.suite_id.and_then(|id| suites.get(&id).cloned()).unwrap_or_default(),
        custom_fields: case.value_texts.clone(),
    };
    let created: Vec<ImportedVersion> = batch.iter().map(version).collect();
    Ok(versions::record_imported(state, tx, created, by).await?)
}

/// Completes the row and writes the audit entry.
async fn complete(
    state: &AppState,
    tx: &Tx<'_>,
    import: &table::Model,
    (cases, suites): (usize, usize),
    by: &Actor,
) -> Result<(), TxError> {
    let completed = table::Model {
        status: ImportStatus::Completed,
        suites: i32::try_from(suites).unwrap_or(i32::MAX),
        finished_at: Some(state.clock.now()),
        ..import.clone()
    };
    table::Entity::update(completed.into_active_model().reset_all()).exec_without_returning(tx.db()).await?;
    let name = if import.file_name.is_empty() { import.format.label() } else { &import.file_name };
    let entry = NewAuditEntry::for_project(by, import.project_id, AuditAction::CasesImported, import.id, name);
    let detail = format!("{cases} cases and {suites} new suites from {}.", import.format.label());
    audit_log::record(state, tx, NewAuditEntry { detail: Some(detail), ..entry }).await?;
    Ok(())
}
