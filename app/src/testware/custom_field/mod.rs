//! Custom fields: what a team adds to its test cases, such as a browser or a requirement.

pub mod api;
pub(crate) mod pages;
#[cfg(feature = "ssr")]
pub(crate) mod payload;
mod value;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::model::catalog::payload::Payload;
use crate::model::catalog::{CatalogSubject, Subject, SubjectSpec};
use crate::model::icon::Icon;
use crate::model::id::{ProjectId, UserId, id};
use crate::model::string_enum;
use crate::model::time::millis;

pub use value::CustomValue;

id!(/** A custom field of test cases. */ CustomFieldId, "cfd");

/// The changed custom fields of a test case: the value of each, or null to remove it.
pub type CustomValues = BTreeMap<CustomFieldId, Option<CustomValue>>;

impl CatalogSubject for CustomField {
    const SUBJECT: Subject = Subject::CustomField;
    const SPEC: SubjectSpec = SubjectSpec {
        noun: "custom field",
        headline: "Custom field",
        path: "custom-fields",
        id_prefix: CustomFieldId::PREFIX,
        key_letter: 'F',
        icon: Icon::Sliders,
        param: "custom_field",
        lead: "Your own fields for test cases, e.g. browser or requirement.",
        first_step: "Name the field and choose its type. All test cases of the project then have it.",
        completion: None,
        abort: None,
        deletion: "Its values are deleted from all test cases. This can't be undone.",
    };
    #[cfg(feature = "ssr")]
    const PAYLOAD: Payload = payload::PAYLOAD;
    type Id = CustomFieldId;
}

string_enum! {
    /// The type of a custom field.
    FieldKind {
        /// A line of text, at most 1,000 characters.
        Text = "text", "Text";
        /// A number.
        Number = "number", "Number";
        /// One of the field's options.
        Choice = "choice", "Choice";
        /// A day, as `2026-12-24`.
        Date = "date", "Date";
        /// Yes or no.
        Checkbox = "checkbox", "Checkbox";
        /// A member of the project, by the user's ID.
        Person = "person", "Person";
    }
}

#[allow(clippy::derivable_impls, reason = "string_enum! derives no default")]
impl Default for FieldKind {
    fn default() -> Self {
        Self::Text
    }
}

impl FieldKind {
    /// The value that a form sends; `None` for an empty text. A number that is none stays a text, which the field
    /// refuses.
    #[cfg(feature = "ssr")]
    pub(crate) fn parse(self, text: &str) -> Option<CustomValue> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let as_text = || CustomValue::Text(text.to_owned());
        Some(match self {
            Self::Number => text.parse().map_or_else(|_| as_text(), CustomValue::Number),
            Self::Checkbox => text.parse().map_or_else(|_| as_text(), CustomValue::Checkbox),
            Self::Text | Self::Choice | Self::Date | Self::Person => as_text(),
        })
    }
}

/// A custom field of the test cases of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CustomField {
    /// Its ID.
    pub id: CustomFieldId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Its key, e.g. `WEB-F2`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The type of its values.
    #[serde(rename = "type")]
    pub kind: FieldKind,
    /// What can be chosen; empty for the other types.
    pub options: Vec<String>,
    /// The user who created it.
    pub author: String,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(serialize_with = "millis")]
    pub updated_at: DateTime<Utc>,
}

/// The value of a custom field in a test case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FieldValue {
    /// The custom field.
    pub id: CustomFieldId,
    /// The field's name.
    pub name: String,
    /// The field's type.
    #[serde(rename = "type")]
    pub kind: FieldKind,
    /// The value: a text, a number, or true or false.
    #[cfg_attr(feature = "ssr", schema(value_type = serde_json::Value))]
    pub value: CustomValue,
    /// The value as it is shown, such as the name of a person.
    pub text: String,
}

/// What the form of a test case needs to show the custom fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChoices {
    /// The fields of the project, oldest first, at most 200.
    pub fields: Vec<CustomField>,
    /// The members of the project with their names, if a field is a person; at most 200.
    pub members: Vec<(UserId, String)>,
}

/// Creates a custom field. A project has at most 50.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateCustomField {
    /// 1 to 100 characters. No other field of the project may have it.
    pub name: String,
    /// The type. It can't be changed later.
    #[serde(rename = "type")]
    pub kind: FieldKind,
    /// For a choice: 1 to 100, each up to 100 characters.
    #[serde(default)]
    pub options: Vec<String>,
}

/// Changes a custom field. Absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateCustomField {
    /// See [`CreateCustomField::name`].
    pub name: Option<String>,
    /// The complete new list. Test cases keep a value that is no longer among them.
    pub options: Option<Vec<String>>,
    /// The type of a new field.
    #[serde(skip)]
    pub kind: Option<FieldKind>,
}

/// The filters of a list of custom fields. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct CustomFieldQuery {
    /// Words in name or key, case-insensitive.
    pub search: Option<String>,
    /// Maximum number of items: 1 to 200; 50 by default.
    #[serde(deserialize_with = "crate::model::page::limit")]
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    pub cursor: Option<String>,
}

#[cfg(feature = "ssr")]
mod subject {
    use super::{CreateCustomField, CustomField, CustomFieldQuery, UpdateCustomField};
    use crate::model::page::PageQuery;
    use crate::testware::execution::Counts;
    use crate::testware::item::{ItemQuery, TestwareItem};
    use crate::testware::subject::{ListQuery, TestwareSubject};

    impl TestwareSubject for CustomField {
        type Create = CreateCustomField;
        type Update = UpdateCustomField;
        type Query = CustomFieldQuery;
        type Detail = Self;
    }

    impl From<CreateCustomField> for UpdateCustomField {
        fn from(CreateCustomField { name, kind, options }: CreateCustomField) -> Self {
            Self { name: Some(name), options: Some(options), kind: Some(kind) }
        }
    }

    impl From<ItemQuery> for CustomFieldQuery {
        fn from(ItemQuery { search, limit, cursor, .. }: ItemQuery) -> Self {
            Self { search, limit, cursor }
        }
    }

    impl ListQuery for CustomFieldQuery {
        fn page(&self) -> PageQuery {
            PageQuery { limit: self.limit, cursor: self.cursor.clone() }
        }

        fn search(&self) -> Option<&str> {
            self.search.as_deref()
        }
    }

    impl From<CustomField> for TestwareItem {
        fn from(field: CustomField) -> Self {
            Self {
                id: field.id.into(),
                project_id: field.project_id,
                key: field.key,
                title: field.name,
                parent: None,
                columns: vec![field.kind.label().to_owned(), field.options.join(", ")],
                labels: Vec::new(),
                state: None,
                completed_at: None,
                aborted: false,
                counts: Counts::default(),
                updated_at: field.updated_at,
            }
        }
    }
}
