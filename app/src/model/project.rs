//! Projects.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::ProjectId;
use super::people::Role;

/// A project as its members see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its short key, unique in the instance.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What the caller may do in it; a system admin is an admin everywhere.
    pub role: Role,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// Makes a project.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateProject {
    /// 2 to 10 letters and digits, a letter first.
    pub key: String,
    /// 1 to 100 characters.
    pub name: String,
}

/// Changes a project; what is absent stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateProject {
    /// The new key.
    pub key: Option<String>,
    /// The new name.
    pub name: Option<String>,
}
