//! The public links of test runs, and the assignments of their cases.
#![allow(missing_docs, reason = "the macro makes a struct of each function's arguments, which have no docs")]

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use crate::api::page_call::PageCall;
#[cfg(feature = "ssr")]
use crate::api::{authenticated, service, with_status};
use crate::error::Result;
use crate::model::id::ProjectId;
#[cfg(feature = "ssr")]
use crate::model::item_id::ItemId;
#[cfg(feature = "ssr")]
use crate::model::page::{MAX_LIMIT, PageQuery};
use crate::testware::case::CaseId;
use crate::testware::run::RunId;
#[cfg(feature = "ssr")]
use crate::testware::run::assignment::AssignCases as Assignment;
use crate::testware::run::public_link::PublicRun;

/// Reads the run of a public link, with a page of its cases. Needs no sign-in.
#[server(prefix = "/ui", endpoint = "public-links/read", protocol = PageCall<GetUrl>)]
pub async fn read_public_run(token: String, #[server(default)] cases: Option<String>) -> Result<PublicRun> {
    let page = PageQuery { limit: Some(MAX_LIMIT), cursor: cases };
    with_status(service()?.public_run(&token, page).await)
}

/// Enables the public link of a run and redirects to the dialog that shows it. Returns its URL.
#[server(prefix = "/ui", endpoint = "public-links/enable", protocol = PageCall<PostUrl>)]
pub async fn enable_public_link(project: ProjectId, id: RunId) -> Result<String> {
    let (service, actor) = authenticated()?;
    let link = with_status(service.enable_public_link(&actor, id).await)?;
    leptos_axum::redirect(&format!("{}?share=link", ItemId::from(id).path(project)));
    Ok(link.url)
}

/// Revokes the public link of a run and redirects to the run.
#[server(prefix = "/ui", endpoint = "public-links/revoke", protocol = PageCall<PostUrl>)]
pub async fn revoke_public_link(project: ProjectId, id: RunId) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.revoke_public_link(&actor, id).await)?;
    leptos_axum::redirect(&ItemId::from(id).path(project));
    Ok(())
}

/// Assigns one case of a run, or all that are not finished, to a member or to nobody, and redirects to the run.
#[server(prefix = "/ui", endpoint = "assignments/set", protocol = PageCall<PostUrl>)]
pub async fn assign_cases(
    project: ProjectId,
    id: RunId,
    #[server(default)] case_id: Option<CaseId>,
    assignee: String,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let assignment = Assignment { assignee_id: assignee, case_ids: case_id.map(|case| vec![case]) };
    with_status(service.assign_cases(&actor, id, assignment).await)?;
    leptos_axum::redirect(&ItemId::from(id).path(project));
    Ok(())
}
