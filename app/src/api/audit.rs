//! The audit log.

use leptos::prelude::*;
use server_fn::codec::GetUrl;

use super::page_call::PageCall;

#[cfg(feature = "ssr")]
use super::{authenticated, with_status};
use crate::error::Result;
use crate::model::audit::AuditEntry;
use crate::model::id::ProjectId;
use crate::model::page::{Page, PageQuery};

/// Lists the audit log of a project, newest first.
#[server(prefix = "/ui", endpoint = "audit/list", protocol = PageCall<GetUrl>)]
pub async fn list_audit(project: ProjectId, #[server(default)] page: PageQuery) -> Result<Page<AuditEntry>> {
    let (service, actor) = authenticated()?;
    with_status(service.list_audit(&actor, Some(project), page).await)
}

/// Lists the audit log outside of projects, newest first.
#[server(prefix = "/ui", endpoint = "audit/list-instance", protocol = PageCall<GetUrl>)]
pub async fn list_instance_audit(#[server(default)] page: PageQuery) -> Result<Page<AuditEntry>> {
    let (service, actor) = authenticated()?;
    with_status(service.list_audit(&actor, None, page).await)
}
