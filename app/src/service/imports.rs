//! The service of imports.

use async_trait::async_trait;
use axum::body::Bytes;

use crate::error::Result;
use crate::imports::{Import, ImportId, ImportOptions, ImportPreview};
use crate::model::id::ProjectId;
use crate::model::page::{Page, PageQuery};
use crate::model::people::Actor;

/// Imports of test cases from files.
#[async_trait]
pub trait Imports {
    /// What an import of the file would do. It writes nothing.
    async fn preview_import(
        &self,
        actor: &Actor,
        project: ProjectId,
        options: ImportOptions,
        file: Bytes,
    ) -> Result<ImportPreview>;
    /// Checks the file and imports it in the background: all cases or none. A project has one import at a time. It emits no
    /// events; the audit log has an entry.
    async fn start_import(
        &self,
        actor: &Actor,
        project: ProjectId,
        options: ImportOptions,
        file: Bytes,
    ) -> Result<Import>;
    /// The imports of a project, newest first.
    async fn list_imports(&self, actor: &Actor, project: ProjectId, page: PageQuery) -> Result<Page<Import>>;
    /// One import with its progress.
    async fn import(&self, actor: &Actor, id: ImportId) -> Result<Import>;
}
