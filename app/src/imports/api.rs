//! Imports on their page. Files are sent to the REST API.
#![allow(missing_docs, reason = "the macro makes a struct of each function's arguments, which have no docs")]

use leptos::prelude::*;
use server_fn::codec::GetUrl;

use super::{Import, ImportId, ImportOverview};
use crate::api::page_call::PageCall;
#[cfg(feature = "ssr")]
use crate::api::{authenticated, with_status};
use crate::error::Result;
use crate::model::id::ProjectId;
#[cfg(feature = "ssr")]
use crate::model::page::{MAX_LIMIT, PageQuery};
#[cfg(feature = "ssr")]
use crate::service::Testware;
#[cfg(feature = "ssr")]
use crate::testware::custom_field::{CustomField, CustomFieldQuery};

/// The number of imports on the page.
#[cfg(feature = "ssr")]
const LATEST_IMPORTS: u32 = 5;

/// The latest imports, and the custom fields that columns can become.
#[server(prefix = "/ui", endpoint = "imports/list", protocol = PageCall<GetUrl>)]
pub async fn read_imports(project: ProjectId) -> Result<ImportOverview> {
    let (service, actor) = authenticated()?;
    let read = async {
        let latest = PageQuery { limit: Some(LATEST_IMPORTS), cursor: None };
        let latest = service.list_imports(&actor, project, latest).await?.items;
        let all = CustomFieldQuery { limit: Some(MAX_LIMIT), ..CustomFieldQuery::default() };
        let fields = Testware::<CustomField>::list(&*service, &actor, project, all).await?.items;
        let fields = fields.into_iter().rev().map(|field| (field.id.to_string(), field.name)).collect();
        Ok(ImportOverview { latest, fields })
    };
    with_status(read.await)
}

/// One import with its progress.
#[server(prefix = "/ui", endpoint = "imports/get", protocol = PageCall<GetUrl>)]
pub async fn read_import(id: ImportId) -> Result<Import> {
    let (service, actor) = authenticated()?;
    with_status(service.import(&actor, id).await)
}
