//! The test cases as CSV: a row per step, with the fields of a case in its first row. Reading it again gives the same texts.

use std::collections::HashMap;

use app::error::{Error, Result};
use app::model::catalog::Subject;
use app::testware::case::Step;
use app::testware::custom_field::{CustomFieldId, FieldValue};
use app::testware::suite::{MAX_DEPTH, SuiteId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{ExportWriter, PAGE_ROWS};
use crate::entity::item_key::key;
use crate::imports::formats::{FIELD_PREFIX, SUITE_COLUMN, escaped_cell, join_list, join_path};
use crate::storage::internal;
use crate::testware::case::table as test_case;
use crate::testware::custom_field::{table as custom_field, values};
use crate::testware::shared_step::uses;
use crate::testware::suite::table as suite;

/// Spreadsheets take a file with it for UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";
const FIRST_COLUMNS: [&str; 8] =
    ["Key", "Title", SUITE_COLUMN, "Preconditions", "Priority", "Labels", "State", "Automation links"];
const LAST_COLUMNS: [&str; 2] = ["Step", "Expected result"];

/// What the rows of all cases have in common.
struct Columns {
    fields: Vec<CustomFieldId>,
    suites: HashMap<SuiteId, suite::Model>,
}

pub async fn write(writer: &ExportWriter) -> Result<()> {
    let db = writer.state.store.read();
    let project = writer.project.id;
    let fields = custom_field::Entity::find()
        .filter(custom_field::Column::ProjectId.eq(project))
        .filter(custom_field::Column::DeletedAt.is_null())
        .order_by_asc(custom_field::Column::Id)
        .all(db)
        .await
        .map_err(internal)?;
    let suites = suite::Entity::find().filter(suite::Column::ProjectId.eq(project));
    let suites = suites.filter(suite::Column::DeletedAt.is_null()).all(db).await.map_err(internal)?;
    let names = fields.iter().map(|field| format!("{FIELD_PREFIX}{}", field.name));
    let first = FIRST_COLUMNS.into_iter().map(str::to_owned);
    let header: Vec<String> = first.chain(names).chain(LAST_COLUMNS.into_iter().map(str::to_owned)).collect();
    let columns = Columns {
        fields: fields.into_iter().map(|field| field.id).collect(),
        suites: suites.into_iter().map(|suite| (suite.id, suite)).collect(),
    };
    let mut rows = vec![header];
    let mut start = BYTE_ORDER_MARK.to_owned().into_bytes();
    let mut last = None;
    loop {
        writer.recheck().await?;
        let mut page = test_case::Entity::find()
            .filter(test_case::Column::ProjectId.eq(project))
            .filter(test_case::Column::DeletedAt.is_null());
        if let Some(last) = last {
            page = page.filter(test_case::Column::Id.gt(last));
        }
        let page = page.order_by_asc(test_case::Column::Id).limit(u64::from(PAGE_ROWS)).all(db).await;
        let page = page.map_err(internal)?;
        last = page.last().map(|case| case.id);
        let ids = page.iter().map(|case| case.id);
        let mut found = values::of_cases(db, project, ids).await.map_err(internal)?;
        for case in page {
            let steps = uses::expanded(db, &case.steps.0).await.map_err(internal)?;
            let values = found.remove(&case.id).unwrap_or_default();
            rows.extend(case_rows(writer, &columns, &case, &values, steps));
        }
        start.extend(encoded(std::mem::take(&mut rows))?);
        writer.send(std::mem::take(&mut start)).await?;
        if last.is_none() {
            return Ok(());
        }
    }
}

fn case_rows(
    writer: &ExportWriter,
    columns: &Columns,
    case: &test_case::Model,
    values: &[FieldValue],
    mut steps: Vec<Step>,
) -> Vec<Vec<String>> {
    if steps.is_empty() {
        steps.push(Step::default());
    }
    let key = key(&writer.project, Subject::Case, case.number);
    let texts = [
        case.title.clone(),
        join_path(&path(columns, case.suite_id)),
        case.preconditions.clone(),
        case.priority.label().to_owned(),
        join_list(&case.labels.0),
        case.state.label().to_owned(),
        case.automation_links.0.join("\n"),
    ];
    let fields = columns.fields.iter().map(|id| values.iter().find(|value| value.id == *id));
    let fields: Vec<String> = fields.map(|value| value.map(|value| value.text.clone()).unwrap_or_default()).collect();
    let of_case: Vec<String> = texts.into_iter().chain(fields).collect();
    let row = |(at, step): (usize, Step)| {
        let of_case = if at == 0 { of_case.clone() } else { vec![String::new(); of_case.len()] };
        let cells = std::iter::once(key.clone()).chain(of_case).chain([step.action, step.expected]);
        cells.map(|cell| escaped_cell(&cell)).collect()
    };
    steps.into_iter().enumerate().map(row).collect()
}

/// The names of a suite and those above it, the outermost first.
fn path(columns: &Columns, suite: Option<SuiteId>) -> Vec<String> {
    let (mut names, mut next) = (Vec::new(), suite);
    while let Some(suite) = next.and_then(|id| columns.suites.get(&id)).filter(|_| names.len() < MAX_DEPTH) {
        names.push(suite.name.clone());
        next = suite.parent_id;
    }
    names.reverse();
    names
}

fn encoded(rows: Vec<Vec<String>>) -> Result<Vec<u8>> {
    // Writing to memory doesn't fail.
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(|_| Error::Internal)?;
    }
    writer.into_inner().map_err(|_| Error::Internal)
}
