//! The audit log.

use leptos::prelude::*;
use server_fn::codec::GetUrl;

use super::Text;
#[cfg(feature = "ssr")]
use super::{caller, told};
use crate::error::Result;
use crate::model::audit::AuditEntry;
use crate::model::id::ProjectId;
use crate::model::page::{Page, PageQuery};

/// What was done to a project's configuration, the newest first.
#[server(prefix = "/ui", endpoint = "audit/list", input = GetUrl, output = Text)]
pub async fn list_audit(project: ProjectId, #[server(default)] page: PageQuery) -> Result<Page<AuditEntry>> {
    let (service, actor) = caller()?;
    told(service.list_audit(&actor, Some(project), page).await)
}
