//! CI jobs.
#![allow(missing_docs, reason = "the macro makes a struct of each function's arguments, which have no docs")]

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use crate::api::page_call::PageCall;
#[cfg(feature = "ssr")]
use crate::api::{authenticated, with_status};
use crate::error::Result;
use crate::model::id::ProjectId;
use crate::testware::ci_job::{CiJobId, CiJobOutcome, CiJobOverview};
#[cfg(feature = "ssr")]
use crate::{
    error::Error,
    model::item_id::ItemId,
    service::{CiJobs, Testware},
    testware::api::unless_deleted,
    testware::automation::AutomationRun,
    testware::ci_job::{CiJob, CompleteCiJob, CreateCiJob},
    testware::item::TestwareItem,
};

/// One CI job with its automation run.
#[server(prefix = "/ui", endpoint = "ci-jobs/get", protocol = PageCall<GetUrl>)]
pub async fn read_ci_job(id: CiJobId) -> Result<CiJobOverview> {
    let (service, actor) = authenticated()?;
    let read = async {
        let job = Testware::<CiJob>::read(&*service, &actor, id).await?;
        let automation_run = match job.automation_run_id {
            Some(run) => {
                let run = Testware::<AutomationRun>::read(&*service, &actor, run).await;
                unless_deleted(run.map(TestwareItem::from))?
            }
            None => None,
        };
        Ok(CiJobOverview { job, automation_run })
    };
    with_status(read.await)
}

/// Queues a CI job and redirects to it. `parameters` has a line `KEY=value` for each.
#[server(prefix = "/ui", endpoint = "ci-jobs/start", protocol = PageCall<PostUrl>)]
pub async fn start_ci_job(
    project: ProjectId,
    name: String,
    #[server(default)] branch: String,
    #[server(default)] parameters: String,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let start = async {
        let parameters = parse_parameters(&parameters).map_err(|message| Error::field("parameters", message))?;
        let new = CreateCiJob { name, branch, parameters, ..CreateCiJob::default() };
        Testware::<CiJob>::create(&*service, &actor, project, new).await
    };
    let job = with_status(start.await)?;
    leptos_axum::redirect(&ItemId::from(job.id).path(project));
    Ok(())
}

/// Completes a CI job whose outcome the CI system doesn't report.
#[server(prefix = "/ui", endpoint = "ci-jobs/complete", protocol = PageCall<PostUrl>)]
pub async fn complete_job(id: CiJobId, outcome: CiJobOutcome) -> Result<()> {
    let (service, actor) = authenticated()?;
    let complete = CompleteCiJob { outcome, url: None, automation_run_id: None };
    let job = with_status(CiJobs::complete_ci_job(&*service, &actor, id, complete).await)?;
    leptos_axum::redirect(&ItemId::from(id).path(job.project_id));
    Ok(())
}

/// The parameters in lines of a form.
///
/// # Errors
/// A message for the user, with the line.
#[cfg(feature = "ssr")]
fn parse_parameters(lines: &str) -> Result<std::collections::BTreeMap<String, String>, String> {
    let mut parameters = std::collections::BTreeMap::new();
    for (number, line) in (1..).zip(lines.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let Some((name, value)) = line.split_once('=') else {
            return Err(format!("Line {number} has no =. Write one KEY=value per line."));
        };
        if parameters.insert(name.trim().to_owned(), value.trim().to_owned()).is_some() {
            return Err(format!("Line {number} repeats a name. Use each name once."));
        }
    }
    Ok(parameters)
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_a_parameter() {
        let parsed = parse_parameters("BROWSER = firefox\r\n\r\nURL=https://shop.example/?a=b\nEMPTY=\n").unwrap();
        let pairs: Vec<_> = parsed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("BROWSER", "firefox"), ("EMPTY", ""), ("URL", "https://shop.example/?a=b")]);
        assert!(parse_parameters("A=1\n\nfirefox").unwrap_err().starts_with("Line 3 has no ="));
        assert!(parse_parameters("A=1\nA=2").unwrap_err().starts_with("Line 2 repeats"));
    }
}
