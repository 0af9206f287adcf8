//! The ID of an item of any subject: its prefix names the subject.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::catalog::Subject;
use super::id::ProjectId;
use super::text_serde::text_serde;
use super::type_id;

/// The ID of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemId {
    subject: Subject,
    uuid: Uuid,
}

/// The text is not the ID of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form cas_..., run_... or iss_...")]
pub struct ParseItemIdError;

impl ItemId {
    /// The ID of an item of a subject. Typed IDs convert with `from`.
    #[must_use]
    pub const fn new(subject: Subject, uuid: Uuid) -> Self {
        Self { subject, uuid }
    }

    /// The item's subject.
    #[must_use]
    pub const fn subject(self) -> Subject {
        self.subject
    }

    /// The UUID.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.uuid
    }

    /// The path of its page.
    #[must_use]
    pub fn path(self, project: ProjectId) -> String {
        format!("{}/{self}", self.subject.list_path(project))
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        type_id::write(f, self.subject.spec().id_prefix, self.uuid)
    }
}

impl FromStr for ItemId {
    type Err = ParseItemIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = |&subject: &Subject| Some(Self { subject, uuid: type_id::parse(subject.spec().id_prefix, text)? });
        Subject::ALL.iter().find_map(parsed).ok_or(ParseItemIdError)
    }
}

text_serde!(ItemId);

#[cfg(feature = "ssr")]
impl utoipa::PartialSchema for ItemId {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let subjects = Subject::ALL.iter().filter(|subject| subject.is_testware() || **subject == Subject::Issue);
        let prefixes: Vec<_> = subjects.map(|subject| subject.spec().id_prefix).collect();
        let shown: Vec<_> = prefixes.iter().map(|prefix| format!("`{prefix}_`")).collect();
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some(format!("A TypeID: {} and 26 characters.", shown.join(", "))))
            .pattern(Some(format!("^({})_[0-7][0-9a-hjkmnp-tv-z]{{25}}$", prefixes.join("|"))))
            .into()
    }
}

#[cfg(feature = "ssr")]
impl utoipa::ToSchema for ItemId {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testware::run::RunId;

    #[test]
    fn an_id_round_trips() {
        for &subject in Subject::ALL {
            let id = ItemId::new(subject, Uuid::from_u128(7));
            assert_eq!(id.to_string().parse(), Ok(id));
            assert_eq!(serde_json::from_value::<ItemId>(serde_json::json!(id)).unwrap(), id);
        }
        assert!("prj_00000000000000000000000007".parse::<ItemId>().is_err());
    }

    #[test]
    fn an_item_page_is_below_its_list() {
        let project = ProjectId(Uuid::from_u128(1));
        let id = RunId(Uuid::from_u128(7));
        assert_eq!(ItemId::from(id).to_string(), id.to_string());
        assert_eq!(ItemId::from(id).path(project), format!("/projects/{project}/runs/{id}"));
    }
}
