//! What users do with imports. Members may import, as they may create cases.

use std::collections::BTreeMap;

use app::error::{Error, Result};
use app::imports::{
    Import, ImportId, ImportOptions, ImportPreview, ImportProblem, ImportStatus, PREVIEW_CASES, PREVIEW_PROBLEMS,
    PreviewCase, PreviewStep, ProblemKind,
};
use app::model::account::TokenScope;
use app::model::id::ProjectId;
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::service::Imports;
use app::testware::case::Step;
use async_trait::async_trait;
use axum::body::Bytes;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QuerySelect,
};
use tokio::sync::Semaphore;

use super::check::{self, CheckedCase, CheckedFile};
use super::facts::{self, ProjectFacts};
use super::formats::{self, FileError, Mapping, ParsedFile};
use super::job;
use super::table::{Column, Entity, Model};
use crate::access::{require_member, require_scope};
use crate::app_state::AppState;
use crate::entity::project;
use crate::service::{TxError, cursor};
use crate::storage::internal;

/// The maximum length of the name of a file in characters.
const MAX_FILE_NAME_CHARS: usize = 200;
/// The number of errors that a refused import names.
const MAX_NAMED_ERRORS: usize = 20;

/// The maximum length of a text in a preview in characters.
const MAX_PREVIEW_CHARS: usize = 300;

/// How many files are read at the same time: it takes a multiple of the memory of a file.
static READERS: Semaphore = Semaphore::const_new(2);

#[async_trait]
impl Imports for AppState {
    async fn preview_import(
        &self,
        actor: &Actor,
        project: ProjectId,
        options: ImportOptions,
        file: Bytes,
    ) -> Result<ImportPreview> {
        // It needs the same rights as the import that it shows.
        require_scope(actor, TokenScope::Write)?;
        let project = require_member(self, actor, project).await?.project;
        let (parsed, checked) = read(self, actor, &project, options, file).await?;
        Ok(preview(parsed, checked))
    }

    async fn start_import(
        &self,
        actor: &Actor,
        project: ProjectId,
        options: ImportOptions,
        file: Bytes,
    ) -> Result<Import> {
        require_scope(actor, TokenScope::Write)?;
        let project = require_member(self, actor, project).await?.project;
        let file_name = checked_file_name(options.file_name.as_deref())?;
        // Before the file is read, which takes a while. The transaction checks it again.
        require_idle(self.store.read(), project.id).await?;
        let (parsed, checked) = read(self, actor, &project, options, file).await?;
        if checked.count(ProblemKind::Error) > 0 {
            return Err(refusal(&checked));
        }
        let row = Model {
            id: self.ids.next(),
            project_id: project.id,
            format: parsed.format,
            file_name,
            status: ImportStatus::Running,
            total: i32::try_from(checked.cases.len()).unwrap_or(i32::MAX),
            suites: 0,
            error: None,
            actor_id: actor.id,
            actor_name: actor.name.clone(),
            requested_at: self.clock.now(),
            finished_at: None,
        };
        // Known before its row can be found.
        let running = self.imports.add(row.id);
        let stored = row.clone();
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                // So that two at the same time wait for each other.
                let locked =
                    project::Entity::find_by_id(stored.project_id).lock(LockType::NoKeyUpdate).one(tx.db()).await?;
                locked.filter(|project| project.deleted_at.is_none()).ok_or(Error::NotFound)?;
                require_idle(tx.db(), stored.project_id).await?;
                Entity::insert(stored.into_active_model().reset_all()).exec_without_returning(tx.db()).await?;
                Ok::<_, TxError>(())
            })
        });
        change.await?;
        let started = view(self, row.clone());
        job::start(self, row, checked.cases, actor.clone(), running);
        Ok(started)
    }

    async fn list_imports(&self, actor: &Actor, project: ProjectId, page: PageQuery) -> Result<Page<Import>> {
        require_member(self, actor, project).await?;
        let found = Entity::find().filter(Column::ProjectId.eq(project));
        let page = cursor::newest_first(self.store.read(), found, (Column::Id, |row: &Model| row.id), &page).await?;
        let items = page.items.into_iter().map(|row| view(self, row)).collect();
        Ok(Page { items, next_cursor: page.next_cursor, previous_cursor: None })
    }

    async fn import(&self, actor: &Actor, id: ImportId) -> Result<Import> {
        let row = Entity::find_by_id(id).one(self.store.read()).await.map_err(internal)?.ok_or(Error::NotFound)?;
        require_member(self, actor, row.project_id).await?;
        Ok(view(self, row))
    }
}

/// Refuses a second import of a project.
async fn require_idle(db: &impl ConnectionTrait, project: ProjectId) -> Result<(), TxError> {
    let open = Entity::find().filter(Column::ProjectId.eq(project)).filter(Column::FinishedAt.is_null());
    if open.count(db).await? > 0 {
        return Err(Error::conflict("Another import of this project is running. Wait until it ends.").into());
    }
    Ok(())
}

/// Reads and checks a file. It may be large, so this happens outside the async workers.
async fn read(
    state: &AppState,
    actor: &Actor,
    project: &project::Model,
    options: ImportOptions,
    file: Bytes,
) -> Result<(ParsedFile, CheckedFile)> {
    let mapping = checked_mapping(options.mapping.as_deref())?;
    let facts = ProjectFacts::load(state.store.read(), project.id).await.map_err(internal)?;
    // The queue ends with the program.
    let _permit = READERS.acquire().await.map_err(|_| Error::Internal)?;
    let (state_, format, target) = (state.clone(), options.format, (project.id, actor.id));
    let work = move || {
        let fields: Vec<_> = facts.fields.iter().map(|field| (field.id, field.name.clone())).collect();
        let mut parsed = formats::parse(&file, format, &mapping, &fields).map_err(file_error)?;
        let (cases, problems) = (std::mem::take(&mut parsed.cases), std::mem::take(&mut parsed.problems));
        let checked = check::check(&state_, target, cases, problems, &facts);
        Ok::<_, Error>((parsed, checked))
    };
    let (parsed, mut checked) = tokio::task::spawn_blocking(work).await.map_err(|_| Error::Internal)??;
    let taken = facts::taken_links(state.store.read(), project, &checked.links()).await.map_err(internal)?;
    checked.add_taken_links(&taken);
    Ok((parsed, checked))
}

fn file_error(error: FileError) -> Error {
    match error {
        FileError::UnknownColumn(_) | FileError::UnknownTarget(..) => Error::field("mapping", error.to_string()),
        FileError::OtherFormat(_) => Error::field("format", error.to_string()),
        _ => Error::invalid(error.to_string()),
    }
}

fn checked_mapping(mapping: Option<&str>) -> Result<Mapping> {
    let Some(text) = mapping.filter(|text| !text.trim().is_empty()) else { return Ok(Mapping::new()) };
    let why = "Send a JSON object of the names of columns, each with what it becomes.";
    serde_json::from_str(text).map_err(|_| Error::field("mapping", why))
}

fn checked_file_name(name: Option<&str>) -> Result<String> {
    let name = name.unwrap_or_default().trim();
    if name.chars().nth(MAX_FILE_NAME_CHARS).is_some() {
        return Err(Error::field("fileName", "Use at most 200 characters."));
    }
    if name.contains(char::is_control) {
        return Err(Error::field("fileName", "Use one line without control characters."));
    }
    Ok(name.to_owned())
}

/// Why a file is not imported: its first errors by their rows.
fn refusal(checked: &CheckedFile) -> Error {
    let count = checked.count(ProblemKind::Error);
    let mut errors: BTreeMap<String, String> = BTreeMap::new();
    for problem in checked.problems.iter().filter(|problem| problem.kind == ProblemKind::Error) {
        let place = problem.row.map_or_else(|| "file".to_owned(), |row| format!("row {row}"));
        if errors.len() >= MAX_NAMED_ERRORS && !errors.contains_key(&place) {
            break;
        }
        errors.entry(place).or_insert_with(|| problem.message.clone());
    }
    let errors_word = if count == 1 { "error" } else { "errors" };
    Error::Invalid { detail: format!("The file has {count} {errors_word}. Nothing was imported."), errors }
}

fn preview(parsed: ParsedFile, checked: CheckedFile) -> ImportPreview {
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let (errors, warnings) = (checked.count(ProblemKind::Error), checked.count(ProblemKind::Warning));
    let of = |kind| checked.problems.iter().filter(move |problem: &&ImportProblem| problem.kind == kind);
    let problems = of(ProblemKind::Error).chain(of(ProblemKind::Warning)).take(PREVIEW_PROBLEMS).cloned().collect();
    ImportPreview {
        format: parsed.format,
        columns: parsed.columns,
        case_count: count(checked.cases.len()),
        suite_count: count(checked.new_suites),
        step_count: count(checked.cases.iter().map(|case| case.case.steps.0.len()).sum()),
        error_count: count(errors),
        warning_count: count(warnings),
        problems,
        cases: checked.cases.into_iter().take(PREVIEW_CASES).map(preview_case).collect(),
    }
}

fn preview_case(CheckedCase { row, case, suite, value_texts, .. }: CheckedCase) -> PreviewCase {
    let step = |step: &Step| PreviewStep { action: excerpt(&step.action), expected: excerpt(&step.expected) };
    PreviewCase {
        row,
        title: case.title,
        suite,
        preconditions: excerpt(&case.preconditions),
        steps: case.steps.0.iter().map(step).collect(),
        priority: case.priority.label().to_owned(),
        labels: case.labels.0,
        automation_links: case.automation_links.0,
        custom_fields: value_texts.iter().map(|text| excerpt(text)).collect(),
    }
}

/// The beginning of a long text: a preview of the longest ones would be as large as the file.
fn excerpt(text: &str) -> String {
    match text.char_indices().nth(MAX_PREVIEW_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn view(state: &AppState, row: Model) -> Import {
    let total = row.total.unsigned_abs();
    let done = match row.status {
        ImportStatus::Completed => total,
        ImportStatus::Running => state.imports.done(row.id),
        ImportStatus::Failed | ImportStatus::Interrupted => 0,
    };
    Import {
        id: row.id,
        project_id: row.project_id,
        format: row.format,
        file_name: row.file_name,
        status: row.status,
        total,
        done,
        suites: row.suites.unsigned_abs(),
        error: row.error,
        requested_by: row.actor_name,
        requested_at: row.requested_at,
        finished_at: row.finished_at,
    }
}
