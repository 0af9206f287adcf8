//! A project as one JSON object: a list for each subject of testware, and for issues, comments and what belongs to runs
//! and sessions. The items are as the API shows them. Each is on a line of its own.

use app::comments::CommentQuery;
use app::error::Result;
use app::model::catalog::Subject;
use app::model::issue::IssueQuery;
use app::model::page::{Page, PageQuery};
use app::service::{AutomationRuns, Comments, Executions, Issues, Projects, SessionNotes, Testware};
use app::testware::automation::{AutomationResultQuery, AutomationRun};
use app::testware::case::CaseState;
use app::testware::item::ItemQuery;
use app::testware::run::TestRun;
use app::testware::session::TestSession;
use chrono::SecondsFormat;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ExportWriter, PAGE_ROWS};
use crate::storage::internal;
use crate::testware::row::{Stored, TestwareRow};

/// What the file says about itself.
const FORMAT: &str = "testbell-project";
const VERSION: u32 = 1;

/// Writes a list.
struct List<'w> {
    writer: &'w ExportWriter,
    is_empty: bool,
}

impl<'w> List<'w> {
    async fn begin(writer: &'w ExportWriter, name: &str) -> Result<Self> {
        writer.send(format!(",\n\"{name}\": [")).await?;
        Ok(Self { writer, is_empty: true })
    }

    async fn add(&mut self, items: impl IntoIterator<Item = Value>) -> Result<()> {
        let mut text = String::new();
        for item in items {
            text.push_str(if self.is_empty { "\n" } else { ",\n" });
            text.push_str(&item.to_string());
            self.is_empty = false;
        }
        if text.is_empty() { Ok(()) } else { self.writer.send(text).await }
    }

    async fn end(self) -> Result<()> {
        self.writer.send(if self.is_empty { "]" } else { "\n]" }).await
    }
}

pub async fn write(writer: &ExportWriter) -> Result<()> {
    let ExportWriter { state, actor, .. } = writer;
    let project = state.project(actor, writer.project.id).await?;
    let head = json!({
        "format": FORMAT,
        "version": VERSION,
        "exportedAt": state.clock.now().to_rfc3339_opts(SecondsFormat::Millis, true),
        "project": {"id": project.id, "key": project.key, "name": project.name},
    });
    // The lists follow in the same object.
    let head = head.to_string();
    writer.send(head.strip_suffix('}').unwrap_or(&head).to_owned()).await?;
    for &subject in Subject::ALL {
        app::with_subject!(subject, T => items::<T>(writer).await?, else ());
    }
    parts(writer).await?;
    issues(writer).await?;
    comments(writer).await?;
    writer.send("\n}\n").await
}

/// `ciJobs` for `ci-jobs`.
fn list_name(path: &str) -> String {
    let mut words = path.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut chars = word.chars();
        name.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(chars.as_str());
        name
    })
}

fn values<T: Serialize>(items: Vec<T>) -> impl Iterator<Item = Value> {
    items.into_iter().filter_map(|item| serde_json::to_value(item).ok())
}

/// The items of a subject, newest first.
async fn items<T: Stored + Serialize>(writer: &ExportWriter) -> Result<()> {
    let mut list = List::begin(writer, &list_name(T::SPEC.path)).await?;
    // A list of cases has those of one state.
    let states =
        if T::SUBJECT == Subject::Case { CaseState::ALL.iter().copied().map(Some).collect() } else { vec![None] };
    for case_state in states {
        let mut cursor = None;
        loop {
            let query = ItemQuery { case_state, limit: Some(PAGE_ROWS), cursor, ..ItemQuery::default() };
            let page = page_of::<T>(writer, query).await?;
            list.add(values(page.items)).await?;
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
    }
    list.end().await
}

async fn page_of<T: Stored>(writer: &ExportWriter, query: ItemQuery) -> Result<Page<T>> {
    writer.recheck().await?;
    Testware::<T>::list(&writer.state, &writer.actor, writer.project.id, query.into()).await
}

/// Adds all pages of a list.
macro_rules! add_pages {
    ($list:ident, $page:ident => $read:expr, $items:ident => $values:expr) => {{
        let mut cursor = None;
        loop {
            $list.writer.recheck().await?;
            let $page = PageQuery { limit: Some(PAGE_ROWS), cursor };
            let found = $read.await?;
            let $items = found.items;
            $list.add($values).await?;
            cursor = found.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
    }};
}

/// The IDs of all items of a subject.
async fn ids<T: Stored>(writer: &ExportWriter) -> Result<Vec<T::Id>> {
    let columns = <T::Row as TestwareRow>::COLUMNS;
    let found: Vec<Uuid> = <T::Row as TestwareRow>::Entity::find()
        .filter(columns.project.eq(writer.project.id))
        .filter(columns.deleted_at.is_null())
        .order_by_asc(columns.id)
        .select_only()
        .column(columns.id)
        .into_tuple()
        .all(writer.state.store.read())
        .await
        .map_err(internal)?;
    Ok(found.into_iter().map(T::Id::from).collect())
}

/// What belongs to runs and sessions.
async fn parts(writer: &ExportWriter) -> Result<()> {
    let ExportWriter { state, actor, .. } = writer;
    let (runs, sessions) = (ids::<TestRun>(writer).await?, ids::<TestSession>(writer).await?);
    let mut list = List::begin(writer, "runCases").await?;
    for &id in &runs {
        add_pages!(list, page => Executions::<TestRun>::cases(state, actor, id, page.into()), items => with_parent("runId", &id, items));
    }
    list.end().await?;
    let mut list = List::begin(writer, "results").await?;
    for id in runs {
        add_pages!(list, page => Executions::<TestRun>::results(state, actor, id, page), items => values(items));
    }
    for &id in &sessions {
        add_pages!(list, page => Executions::<TestSession>::results(state, actor, id, page), items => values(items));
    }
    list.end().await?;
    let mut list = List::begin(writer, "sessionNotes").await?;
    for id in sessions {
        add_pages!(list, page => state.list_notes(actor, id, page), items => values(items));
    }
    list.end().await?;
    let mut list = List::begin(writer, "automationResults").await?;
    for id in ids::<AutomationRun>(writer).await? {
        let query = |PageQuery { limit, cursor }| AutomationResultQuery { limit, cursor, ..Default::default() };
        add_pages!(list, page => state.automation_results(actor, id, query(page)), items => with_parent("automationRunId", &id, items));
    }
    list.end().await
}

async fn issues(writer: &ExportWriter) -> Result<()> {
    let ExportWriter { state, actor, project, .. } = writer;
    let mut list = List::begin(writer, "issues").await?;
    let query = |PageQuery { limit, cursor }| IssueQuery { limit, cursor, ..IssueQuery::default() };
    add_pages!(list, page => state.list_issues(actor, project.id, query(page)), items => values(items));
    list.end().await
}

async fn comments(writer: &ExportWriter) -> Result<()> {
    let ExportWriter { state, actor, project, .. } = writer;
    let mut list = List::begin(writer, "comments").await?;
    let query = |PageQuery { limit, cursor }| CommentQuery { item: None, limit, cursor };
    add_pages!(list, page => state.list_comments(actor, project.id, query(page)), items => values(items));
    list.end().await
}

/// Items with the ID of what they belong to.
fn with_parent<T: Serialize>(field: &'static str, id: &impl Serialize, items: Vec<T>) -> Vec<Value> {
    let id = json!(id);
    let item = |mut item: Value| {
        item[field] = id.clone();
        item
    };
    values(items).map(item).collect()
}
