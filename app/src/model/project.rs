//! Projects.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::ProjectId;
use super::people::Role;
use super::time::millis;

/// A project as a member sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// Its ID.
    pub id: ProjectId,
    /// Its short key, unique in the instance.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The caller's role; a system admin is an admin of every project.
    pub role: Role,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
}

/// Creates a project.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateProject {
    /// 2 to 10 letters and digits, starting with a letter.
    pub key: String,
    /// 1 to 100 characters.
    pub name: String,
}

/// Changes a project. Absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateProject {
    /// The new key.
    pub key: Option<String>,
    /// The new name.
    pub name: Option<String>,
}
