//! The results of automation runs: the services, and what the event of a completed run says.

use app::error::Result;
use app::model::account::TokenScope;
use app::model::catalog::Subject;
use app::model::id::ProjectId;
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::service::AutomationRuns;
use app::testware::automation::{
    AddReportOptions, AutomationResult, AutomationResultId, AutomationResultQuery, AutomationRun, AutomationRunFields,
    AutomationRunId, ReportOptions,
};
use app::testware::execution::ResultStatus;
use async_trait::async_trait;
use axum::body::Bytes;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use super::record::{self, Report};
use super::result_table::{Column, Entity, Model};
use super::table;
use crate::access::{require_member, require_scope};
use crate::app_state::AppState;
use crate::entity::item_key::{key, numbers};
use crate::entity::project;
use crate::service::cursor;
use crate::storage::internal;
use crate::testware::case::table as test_case;
use crate::testware::{items, summary};

/// The number of failed tests in the event of a completed run.
const MAX_FAILURES: u64 = 10;
/// The length of a message there, in characters.
const MAX_FAILURE_CHARS: usize = 500;

#[async_trait]
impl AutomationRuns for AppState {
    async fn report_automation(
        &self,
        actor: &Actor,
        project: ProjectId,
        options: ReportOptions,
        report: Bytes,
    ) -> Result<AutomationRun> {
        require_scope(actor, TokenScope::Write)?;
        let project = require_member(self, actor, project).await?.project;
        let report = Report::read(report).await?;
        let fields = AutomationRunFields { name: options.name, url: options.url };
        let (create_cases, complete) = (options.create_cases.unwrap_or(false), options.complete.unwrap_or(true));
        record::create(self, actor, project, fields, (report, create_cases, complete)).await
    }

    async fn add_automation_report(
        &self,
        actor: &Actor,
        id: AutomationRunId,
        options: AddReportOptions,
        report: Bytes,
    ) -> Result<AutomationRun> {
        require_scope(actor, TokenScope::Write)?;
        let run = items::active::<table::Model>(self, actor, id).await?;
        let report = Report::read(report).await?;
        record::append(self, actor, run, (report, options.create_cases.unwrap_or(false))).await
    }

    async fn automation_results(
        &self,
        actor: &Actor,
        id: AutomationRunId,
        query: AutomationResultQuery,
    ) -> Result<Page<AutomationResult>> {
        let project = items::active::<table::Model>(self, actor, id).await?.1;
        let page = PageQuery { limit: query.limit, cursor: query.cursor };
        let mut select = Entity::find().filter(Column::RunId.eq(id)).order_by_asc(Column::Id).limit(page.limit() + 1);
        if let Some(status) = query.status {
            select = select.filter(Column::Status.eq(status));
        }
        if let Some(after) = cursor::parse_id::<AutomationResultId>(page.cursor.as_deref())? {
            select = select.filter(Column::Id.gt(after));
        }
        let db = self.store.read();
        let rows = select.all(db).await.map_err(internal)?;
        let page = Page::cut(rows, page.limit(), |row| row.id.to_string());
        let next_cursor = page.next_cursor;
        let items = views(db, &project, page.items).await.map_err(internal)?;
        Ok(Page { items, next_cursor, previous_cursor: None })
    }
}

async fn views<C: ConnectionTrait>(
    db: &C,
    project: &project::Model,
    rows: Vec<Model>,
) -> Result<Vec<AutomationResult>, DbErr> {
    let mut cases: Vec<_> = rows.iter().filter_map(|row| row.case_id).collect();
    cases.sort_unstable();
    cases.dedup();
    let numbers = numbers(db, test_case::Column::Id, test_case::Column::Number, cases).await?;
    let view = |row: Model| AutomationResult {
        id: row.id,
        automation_link: row.link,
        name: row.name,
        status: row.status,
        duration_ms: row.duration_ms.map(i64::unsigned_abs),
        message: row.message,
        case_id: row.case_id,
        case_key: row.case_id.and_then(|id| numbers.get(&id)).map(|&number| key(project, Subject::Case, number)),
    };
    Ok(rows.into_iter().map(view).collect())
}

/// The pass rate and the first failures.
pub async fn summary<C: ConnectionTrait>(db: &C, project: &project::Model, run: &table::Model) -> Result<Value, DbErr> {
    let failed = Entity::find()
        .filter(Column::RunId.eq(run.id))
        .filter(Column::Status.eq(ResultStatus::Failed))
        .order_by_asc(Column::Id)
        .limit(MAX_FAILURES)
        .all(db)
        .await?;
    let failed = views(db, project, failed).await?;
    let failures: Vec<_> = failed.iter().map(failure).collect();
    Ok(json!({"passRate": summary::pass_rate(&run.counted()), "failures": failures}))
}

fn failure(result: &AutomationResult) -> Value {
    let message: String = result.message.chars().take(MAX_FAILURE_CHARS).collect();
    json!({
        "name": result.name,
        "automationLink": result.automation_link,
        "case": result.case_key,
        "message": message,
    })
}
