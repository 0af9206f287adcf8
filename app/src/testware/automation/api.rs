//! Automation runs.
#![allow(missing_docs, reason = "the macro makes a struct of each function's arguments, which have no docs")]

use leptos::prelude::*;
use server_fn::codec::GetUrl;

use crate::api::page_call::PageCall;
#[cfg(feature = "ssr")]
use crate::api::{authenticated, with_status};
use crate::error::Result;
use crate::testware::automation::{AutomationResultQuery, AutomationRunId, AutomationRunOverview};
#[cfg(feature = "ssr")]
use crate::{
    service::{AutomationRuns, Testware},
    testware::automation::AutomationRun,
};

/// One automation run with a page of its results.
#[server(prefix = "/ui", endpoint = "automation-runs/get", protocol = PageCall<GetUrl>)]
pub async fn read_automation_run(
    id: AutomationRunId,
    #[server(default)] results: AutomationResultQuery,
) -> Result<AutomationRunOverview> {
    let (service, actor) = authenticated()?;
    let read = async {
        let run = Testware::<AutomationRun>::read(&*service, &actor, id).await?;
        let results = AutomationRuns::automation_results(&*service, &actor, id, results).await?;
        Ok(AutomationRunOverview { run, results })
    };
    with_status(read.await)
}
