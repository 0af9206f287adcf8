//! Reports of runs, plans and milestones.
#![allow(missing_docs, reason = "the macro makes a struct of each function's arguments, which have no docs")]

use leptos::prelude::*;
use server_fn::codec::GetUrl;

use super::Report;
use crate::api::page_call::PageCall;
#[cfg(feature = "ssr")]
use crate::api::{authenticated, with_status};
use crate::error::Result;
use crate::model::item_id::ItemId;

/// The report of a run, plan or milestone.
#[server(prefix = "/ui", endpoint = "reports/read", protocol = PageCall<GetUrl>)]
pub async fn read_report(id: ItemId) -> Result<Report> {
    let (service, actor) = authenticated()?;
    with_status(service.report(&actor, id).await)
}
