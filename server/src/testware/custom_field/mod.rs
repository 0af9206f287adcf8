//! Custom fields of test cases, and their values.

mod demo;
mod rest;
pub mod table;
pub mod values;

use app::error::{Checks, Error, Result};
use app::model::text::Name;
use app::testware::custom_field::{CustomField, CustomFieldQuery, FieldKind, UpdateCustomField};
use app::testware::execution::Counts;
use async_trait::async_trait;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, Select};
use serde_json::{Value, json};
use table::{Column, Entity, Model};

use super::row::{Stored, TestwareRow, testware_row};
use crate::entity::json::Strings;
use crate::entity::project;
use crate::entity::search_text::SearchText;
use crate::events::FieldChange;
use crate::service::{TxError, text};
use crate::storage::Tx;

/// The maximum number of fields of a project. They are in each event of a case.
const MAX_FIELDS: u64 = 50;
const MAX_OPTIONS: usize = 100;
/// The maximum length of an option in characters.
const MAX_OPTION_CHARS: usize = 100;

impl Stored for CustomField {
    type Row = Model;
}

#[async_trait]
impl TestwareRow for Model {
    testware_row! {
        table, CustomField,
        fields: { name = "name", options = "options" },
        reset: { kind }
    }

    fn set_fields(&mut self, update: &mut UpdateCustomField) -> Result<()> {
        let mut checks = Checks::default();
        self.kind = update.kind.take().unwrap_or(self.kind);
        // Whether it must be unique among the fields.
        let renames = update.name.is_some();
        let name = update.name.take().map(|name| name.parse().map(Name::into_string));
        checks.set("name", &mut self.name, name);
        let kind = self.kind;
        let options = update.options.take().map(|options| checked_options(kind, options).map(Strings));
        checks.set("options", &mut self.options, options);
        update.name = renames.then(|| self.name.clone());
        checks.finish()
    }

    fn filter(select: Select<Entity>, _: &CustomFieldQuery) -> Result<Select<Entity>> {
        Ok(select)
    }

    fn event_data(&self) -> Value {
        json!({"name": self.name, "type": self.kind, "options": self.options.0})
    }

    fn view(self, key: String, author: String, _: Counts) -> CustomField {
        CustomField {
            id: self.id,
            project_id: self.project_id,
            key,
            name: self.name,
            kind: self.kind,
            options: self.options.0,
            author,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    fn detail(field: CustomField) -> CustomField {
        field
    }

    async fn set_related(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        update: &mut UpdateCustomField,
    ) -> Result<Vec<FieldChange>, TxError> {
        if update.name.take().is_some() {
            let same_name = Entity::find()
                .filter(Column::ProjectId.eq(project.id))
                .filter(Column::DeletedAt.is_null())
                .filter(Column::Search.eq(SearchText::from_texts(&[&self.name])))
                .filter(Column::Id.ne(self.id))
                .one(tx.db())
                .await?;
            if same_name.is_some() {
                return Err(Error::field("name", "Another custom field has this name.").into());
            }
            let fields = Entity::find().filter(Column::ProjectId.eq(project.id)).filter(Column::DeletedAt.is_null());
            if fields.count(tx.db()).await? > MAX_FIELDS {
                let message =
                    format!("A project has at most {MAX_FIELDS} custom fields. Delete one that is not needed.");
                return Err(Error::conflict(message).into());
            }
        }
        Ok(Vec::new())
    }

    async fn detach(&self, tx: &Tx<'_>, _: &project::Model) -> Result<(), DbErr> {
        values::delete_of_field(tx, self.id).await
    }
}

/// The options without blank and repeated ones.
fn checked_options(kind: FieldKind, options: Vec<String>) -> Result<Vec<String>, &'static str> {
    let mut checked: Vec<String> = Vec::new();
    for option in options.iter().map(|option| option.trim()).filter(|option| !option.is_empty()) {
        if option.chars().count() > MAX_OPTION_CHARS {
            return Err("Use at most 100 characters for each option.");
        }
        if option.contains(char::is_control) {
            return Err("Use one line without control characters for each option.");
        }
        text::storable(option)?;
        if !checked.iter().any(|other| other == option) {
            checked.push(option.to_owned());
        }
    }
    match (kind, checked.len()) {
        (FieldKind::Choice, 0) => Err("Add at least one option."),
        (FieldKind::Choice, 1..=MAX_OPTIONS) | (_, 0) => Ok(checked),
        (FieldKind::Choice, _) => Err("Use at most 100 options."),
        _ => Err("Only fields of the type Choice have options."),
    }
}
