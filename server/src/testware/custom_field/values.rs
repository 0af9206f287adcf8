//! The values of custom fields in test cases.

use std::collections::{BTreeMap, HashMap};

use app::error::Error;
use app::model::id::{ProjectId, UserId};
use app::testware::case::CaseId;
use app::testware::custom_field::{CustomFieldId, CustomValue, CustomValues, FieldKind, FieldValue};
use chrono::NaiveDate;
use sea_orm::ActiveValue::Set;
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;

use super::table as custom_field;
use crate::entity::{member, project};
use crate::events::FieldChange;
use crate::service::people::names::user_names;
use crate::service::{TxError, text};
use crate::storage::Tx;

/// The maximum length of a text in characters.
pub const MAX_TEXT_CHARS: usize = 1_000;
/// The number of rows in one statement.
const BATCH_ROWS: usize = 1_000;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_field_values")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: CaseId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub field_id: CustomFieldId,
    /// The value as JSON.
    pub value: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Sets and removes values of a case. Returns the change, with the values by the name of their field.
///
/// # Errors
/// [`Error::Invalid`] for a field of another project, or a value that it doesn't take.
pub async fn set(
    tx: &Tx<'_>,
    project: &project::Model,
    case: CaseId,
    changed: CustomValues,
) -> Result<Option<FieldChange>, TxError> {
    if changed.is_empty() {
        return Ok(None);
    }
    let fields = fields(tx.db(), project.id).await?;
    let fields: HashMap<_, _> = fields.into_iter().map(|field| (field.id, field)).collect();
    let stored = Entity::find().filter(Column::CaseId.eq(case)).all(tx.db()).await?;
    let before: BTreeMap<_, _> =
        stored.into_iter().filter_map(|row| Some((row.field_id, parsed(&row.value)?))).collect();
    let mut after = before.clone();
    for (id, value) in changed {
        let field = fields.get(&id).ok_or_else(|| invalid(format!("This project has no custom field {id}.")))?;
        match value.filter(|value| *value != CustomValue::Text(String::new())) {
            Some(value) if before.get(&id) == Some(&value) => {}
            Some(value) => drop(after.insert(id, checked(tx, project.id, field, value).await?)),
            None => drop(after.remove(&id)),
        }
    }
    if before == after {
        return Ok(None);
    }
    delete_of_case(tx, case).await?;
    insert(tx, after.iter().map(|(field, value)| (case, *field, value))).await?;
    let (from, to) =
        (changed_texts(tx, &fields, &before, &after).await?, changed_texts(tx, &fields, &after, &before).await?);
    Ok(FieldChange::between("customFields", &from, &to))
}

/// The values that differ from `others`, by the name of their field, with the names of persons.
async fn changed_texts(
    tx: &Tx<'_>,
    fields: &HashMap<CustomFieldId, custom_field::Model>,
    values: &BTreeMap<CustomFieldId, CustomValue>,
    others: &BTreeMap<CustomFieldId, CustomValue>,
) -> Result<BTreeMap<String, CustomValue>, DbErr> {
    let changed = values.iter().filter(|(id, value)| others.get(id) != Some(value));
    let mut changed: Vec<FieldValue> =
        changed.filter_map(|(id, value)| Some(view(fields.get(id)?, value.clone()))).collect();
    name_persons(tx.db(), changed.iter_mut()).await?;
    let shown = changed.into_iter().map(|field| match field.kind {
        FieldKind::Person => (field.name, CustomValue::Text(field.text)),
        _ => (field.name, field.value),
    });
    Ok(shown.collect())
}

fn view(field: &custom_field::Model, value: CustomValue) -> FieldValue {
    let text = value.to_string();
    FieldValue { id: field.id, name: field.name.clone(), kind: field.kind, value, text }
}

fn invalid(message: String) -> TxError {
    Error::field("customFields", message).into()
}

/// A value as it is stored, if the field takes it.
async fn checked(
    tx: &Tx<'_>,
    project: ProjectId,
    field: &custom_field::Model,
    value: CustomValue,
) -> Result<CustomValue, TxError> {
    let name = &field.name;
    let refused = |rest: &str| Err(invalid(format!("{name}: {rest}")));
    match (field.kind, &value) {
        (FieldKind::Text, CustomValue::Text(text)) => {
            if text.chars().count() > MAX_TEXT_CHARS {
                return refused("Use at most 1,000 characters.");
            }
            text::storable(text).map_err(|problem| invalid(format!("{name}: {problem}")))?;
        }
        (FieldKind::Number, CustomValue::Number(number)) if number.is_finite() => {}
        (FieldKind::Checkbox, CustomValue::Checkbox(_)) => {}
        (FieldKind::Choice, CustomValue::Text(text)) if field.options.0.contains(text) => {}
        (FieldKind::Date, CustomValue::Text(text)) => {
            // The parser also takes dates with blanks or without zeros.
            let Ok(date) = text.parse::<NaiveDate>() else { return refused("Use a date, e.g. 2026-12-24.") };
            return Ok(CustomValue::Text(date.to_string()));
        }
        (FieldKind::Person, CustomValue::Text(text)) => {
            let Ok(user) = text.parse::<UserId>() else { return refused("Use the ID of a member.") };
            if member::Entity::find_by_id((project, user)).one(tx.db()).await?.is_none() {
                return refused("Choose a member of the project.");
            }
        }
        (FieldKind::Text, _) => return refused("Use a text."),
        (FieldKind::Number, _) => return refused("Use a number."),
        (FieldKind::Checkbox, _) => return refused("Use true or false."),
        (FieldKind::Choice, _) => return refused(&format!("Choose one of: {}.", field.options.0.join(", "))),
        (FieldKind::Date, _) => return refused("Use a date, e.g. 2026-12-24."),
        (FieldKind::Person, _) => return refused("Use the ID of a member."),
    }
    Ok(value)
}

/// Stores values that their cases don't have yet.
pub async fn insert(
    tx: &Tx<'_>,
    values: impl Iterator<Item = (CaseId, CustomFieldId, &CustomValue)>,
) -> Result<(), DbErr> {
    let mut rows = Vec::new();
    for (case, field, value) in values {
        let value = serde_json::to_string(value).map_err(|error| DbErr::Custom(error.to_string()))?;
        rows.push(ActiveModel { case_id: Set(case), field_id: Set(field), value: Set(value) });
    }
    insert_rows(tx, rows).await
}

async fn insert_rows(tx: &Tx<'_>, rows: Vec<ActiveModel>) -> Result<(), DbErr> {
    for batch in rows.chunks(BATCH_ROWS) {
        Entity::insert_many(batch.to_vec()).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

/// Copies the values of cases to others, given as pairs of an original and its copy.
pub async fn copy(tx: &Tx<'_>, copies: &HashMap<CaseId, CaseId>) -> Result<(), DbErr> {
    let originals = Entity::find().filter(Column::CaseId.is_in(copies.keys().copied())).all(tx.db()).await?;
    let copied = originals.into_iter().filter_map(|row| {
        let case = copies.get(&row.case_id)?;
        Some(ActiveModel { case_id: Set(*case), field_id: Set(row.field_id), value: Set(row.value) })
    });
    insert_rows(tx, copied.collect()).await
}

async fn delete_of_case(tx: &Tx<'_>, case: CaseId) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::CaseId.eq(case)).exec(tx.db()).await.map(drop)
}

/// Deletes the values of a field in all cases.
pub async fn delete_of_field(tx: &Tx<'_>, field: CustomFieldId) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::FieldId.eq(field)).exec(tx.db()).await.map(drop)
}

/// The values of these cases of a project, each case's in the order in which the fields were created.
pub async fn of_cases(
    db: &impl ConnectionTrait,
    project: ProjectId,
    cases: impl Iterator<Item = CaseId>,
) -> Result<HashMap<CaseId, Vec<FieldValue>>, DbErr> {
    let rows = Entity::find().filter(Column::CaseId.is_in(cases)).order_by_asc(Column::FieldId).all(db).await?;
    let mut values: HashMap<CaseId, Vec<FieldValue>> = HashMap::new();
    if rows.is_empty() {
        return Ok(values);
    }
    let fields = fields(db, project).await?;
    let fields: HashMap<_, _> = fields.into_iter().map(|field| (field.id, field)).collect();
    for row in rows {
        let (Some(field), Some(value)) = (fields.get(&row.field_id), parsed(&row.value)) else { continue };
        values.entry(row.case_id).or_default().push(view(field, value));
    }
    name_persons(db, values.values_mut().flatten()).await?;
    Ok(values)
}

/// Shows the names of persons instead of their IDs.
async fn name_persons<'a>(
    db: &impl ConnectionTrait,
    values: impl Iterator<Item = &'a mut FieldValue>,
) -> Result<(), DbErr> {
    let mut persons: Vec<(UserId, &mut FieldValue)> = values
        .filter(|value| value.kind == FieldKind::Person)
        .filter_map(|value| Some((value.text.parse().ok()?, value)))
        .collect();
    if persons.is_empty() {
        return Ok(());
    }
    let names = user_names(db, persons.iter().map(|(id, _)| *id)).await?;
    for (id, value) in &mut persons {
        if let Some(name) = names.get(id) {
            value.text.clone_from(name);
        }
    }
    Ok(())
}

/// The fields of a project.
async fn fields(db: &impl ConnectionTrait, project: ProjectId) -> Result<Vec<custom_field::Model>, DbErr> {
    custom_field::Entity::find()
        .filter(custom_field::Column::ProjectId.eq(project))
        .filter(custom_field::Column::DeletedAt.is_null())
        .all(db)
        .await
}

fn parsed(value: &str) -> Option<CustomValue> {
    serde_json::from_str(value).ok()
}
