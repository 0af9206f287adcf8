//! The change history of test cases. Each change stores the case before and after it, in its own transaction. An import
//! records the creation of its cases. Other bulk changes are not recorded: cases that a report or the copy of a suite
//! creates, and those of a deleted suite.

pub mod table;

use app::error::Result;
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::service::CaseHistory;
use app::testware::case::diff::FieldDiff;
use app::testware::case::history::CaseVersion;
use app::testware::case::{CaseContent, CaseId};
use app::testware::custom_field::CustomValue;
use async_trait::async_trait;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::Value;
use table::{Column, Entity, Model, Snapshot};

use super::diff::{DiffBudget, content_diff, list_diff, value_diff};
use super::table as test_case;
use crate::app_state::AppState;
use crate::entity::json::Strings;
use crate::entity::project;
use crate::events::FieldChange;
use crate::service::cursor;
use crate::service::people::names::read_user_names;
use crate::storage::Tx;
use crate::testware::shared_step::uses;
use crate::testware::{items, suite};

/// The name of the custom fields in changes.
const CUSTOM_FIELDS: &str = "customFields";

#[async_trait]
impl CaseHistory for AppState {
    async fn case_history(&self, actor: &Actor, id: CaseId, page: PageQuery) -> Result<Page<CaseVersion>> {
        items::active::<test_case::Model>(self, actor, id).await?;
        let found = Entity::find().filter(Column::CaseId.eq(id));
        let page = cursor::newest_first(self.store.read(), found, (Column::Id, |row: &Model| row.id), &page).await?;
        let names = read_user_names(self, page.items.iter().map(|row| row.user_id)).await?;
        let mut budget = DiffBudget::for_page();
        Ok(page.map(|row| CaseVersion {
            id: row.id,
            created: row.before.is_none(),
            changes: row
                .before
                .as_ref()
                .map(|before| snapshot_diff(before, &row.after, &mut budget))
                .unwrap_or_default(),
            changed: row.changed.0,
            user_id: row.user_id,
            user: names.get(&row.user_id).cloned().unwrap_or_default(),
            created_at: row.created_at,
        }))
    }
}

/// Records the creation of a case, or its change. `changes` has the custom fields, which the rows don't.
pub async fn record(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    (before, after): (Option<&test_case::Model>, &test_case::Model),
    changes: &[FieldChange],
    by: &Actor,
) -> Result<(), DbErr> {
    let values = changes.iter().find(|change| change.field() == CUSTOM_FIELDS);
    let texts = |of: fn(&FieldChange) -> &Value| values.map(of).map(value_texts).unwrap_or_default();
    let before = match before {
        Some(before) => Some(snapshot(tx, project, before, texts(FieldChange::from)).await?),
        None => None,
    };
    let case_id = after.id;
    let after = snapshot(tx, project, after, texts(FieldChange::to)).await?;
    let changed = match &before {
        Some(before) => changed_fields(before, &after),
        None => CaseContent::FIELDS.into_iter().map(str::to_owned).collect(),
    };
    if changed.is_empty() {
        return Ok(());
    }
    let row = Model {
        id: state.ids.next(),
        case_id,
        user_id: by.id,
        created_at: state.clock.now(),
        changed: Strings(changed),
        before,
        after,
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// The creation of a case by an import.
pub struct ImportedVersion {
    /// Without shared steps.
    pub case: test_case::Model,
    /// The key and the name of its suite; empty without one.
    pub suite: String,
    /// Each with its name.
    pub custom_fields: Vec<String>,
}

/// Records the creation of several cases with one statement.
pub async fn record_imported(
    state: &AppState,
    tx: &Tx<'_>,
    cases: Vec<ImportedVersion>,
    by: &Actor,
) -> Result<(), DbErr> {
    let row = |ImportedVersion { case, suite, custom_fields }: ImportedVersion| {
        let after = Snapshot {
            content: case.content(),
            custom_fields,
            state: case.state,
            automation_links: case.automation_links.0,
            suite,
        };
        Model {
            id: state.ids.next(),
            case_id: case.id,
            user_id: by.id,
            created_at: case.created_at,
            changed: Strings(CaseContent::FIELDS.into_iter().map(str::to_owned).collect()),
            before: None,
            after,
        }
        .into_active_model()
    };
    Entity::insert_many(cases.into_iter().map(row)).exec_without_returning(tx.db()).await.map(drop)
}

/// The values of custom fields, e.g. "Browser: Firefox".
fn value_texts(values: &Value) -> Vec<String> {
    let text = |value: &Value| serde_json::from_value(value.clone()).map(|value: CustomValue| value.to_string());
    let texts = values.as_object().into_iter().flatten();
    texts.filter_map(|(name, value)| Some(format!("{name}: {}", text(value).ok()?))).collect()
}

/// The custom fields are only those of a change.
async fn snapshot(
    tx: &Tx<'_>,
    project: &project::Model,
    case: &test_case::Model,
    custom_fields: Vec<String>,
) -> Result<Snapshot, DbErr> {
    let suite = suite::reference(tx.db(), project, case.suite_id).await?;
    let text = |field: &str| suite[field].as_str();
    let suite = text("key").zip(text("name")).map(|(key, name)| format!("{key} {name}"));
    let steps = uses::described(tx.db(), project, &case.steps.0).await?;
    Ok(Snapshot {
        content: CaseContent { steps, ..case.content() },
        custom_fields,
        state: case.state,
        automation_links: case.automation_links.0.clone(),
        suite: suite.unwrap_or_default(),
    })
}

fn changed_fields(before: &Snapshot, after: &Snapshot) -> Vec<String> {
    let own = [
        ("suite", before.suite != after.suite),
        ("state", before.state != after.state),
        ("automationLinks", before.automation_links != after.automation_links),
        (CUSTOM_FIELDS, before.custom_fields != after.custom_fields),
    ];
    let own = own.into_iter().filter(|(_, changed)| *changed).map(|(field, _)| field);
    before.content.changed_fields(&after.content).into_iter().chain(own).map(str::to_owned).collect()
}

fn snapshot_diff(before: &Snapshot, after: &Snapshot, budget: &mut DiffBudget) -> Vec<FieldDiff> {
    let mut fields = content_diff(&before.content, &after.content, budget);
    fields.extend(value_diff("suite", &before.suite, &after.suite));
    fields.extend(value_diff("state", before.state.as_str(), after.state.as_str()));
    fields.extend(list_diff("automationLinks", &before.automation_links, &after.automation_links));
    fields.extend(list_diff(CUSTOM_FIELDS, &before.custom_fields, &after.custom_fields));
    fields
}
