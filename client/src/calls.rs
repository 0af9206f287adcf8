//! The calls with a method of their own.

use std::time::Duration;

use bytes::Bytes;
use http::Method;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::model::{
    AcceptedEvent, AddResult, AutomationRun, CiJob, CompleteCiJob, CreateCase, CreateCiJob, CreateRun,
    EventDescription, Project, PublishEvent, ReportOptions, Submission, TestCase, TestRun, UpdateCase, UpdateCiJob,
    Webhook,
};
use crate::pages::Pages;
use crate::request::id;

/// The maximum number of results in one request. [`Client::add_results`] sends more in several requests.
pub const MAX_RESULTS_PER_REQUEST: usize = 1_000;

/// A large report takes the server a while.
const REPORT_TIMEOUT: Duration = Duration::from_secs(120);

/// Not all results were added.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct AddResultsError {
    /// The submissions before. Each has [`MAX_RESULTS_PER_REQUEST`] results.
    pub added: Vec<Submission>,
    /// Why the next one failed.
    pub error: Error,
}

/// Projects.
impl Client {
    /// The projects that the token can access, by name.
    #[must_use]
    pub fn projects(&self) -> Pages<Project> {
        Pages::new(self, Ok("/projects".to_owned()))
    }

    /// The project with an ID or a key.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none with the key. Otherwise see [`Error`].
    pub async fn find_project(&self, name: &str) -> Result<Project> {
        if name.starts_with("prj_") {
            return self.request(Method::GET, format!("/projects/{}", id(name)?)).send().await;
        }
        let mut pages = self.projects();
        while let Some(page) = pages.next_page().await? {
            if let Some(found) = page.into_iter().find(|project| project.key.eq_ignore_ascii_case(name)) {
                return Ok(found);
            }
        }
        Err(Error::NotFound(format!("There is no project with the key {name}.")))
    }
}

/// Test cases.
impl Client {
    /// The cases of a project, newest first. Filters are the parameters of the list, e.g. `label`.
    #[must_use]
    pub fn cases(&self, project: &str) -> Pages<TestCase> {
        Pages::new(self, id(project).map(|id| format!("/projects/{id}/cases")))
    }

    /// A case.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn case(&self, case: &str) -> Result<TestCase> {
        self.request(Method::GET, format!("/cases/{}", id(case)?)).send().await
    }

    /// Creates a case.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn create_case(&self, project: &str, new: &CreateCase) -> Result<TestCase> {
        self.request(Method::POST, format!("/projects/{}/cases", id(project)?)).json(new).send().await
    }

    /// Changes a case.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn update_case(&self, case: &str, change: &UpdateCase) -> Result<TestCase> {
        self.request(Method::PATCH, format!("/cases/{}", id(case)?)).json(change).send().await
    }

    /// Deletes a case. Runs that include it keep it.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn delete_case(&self, case: &str) -> Result<()> {
        self.request(Method::DELETE, format!("/cases/{}", id(case)?)).send_ignoring_body().await
    }
}

/// Test runs and their results.
impl Client {
    /// The runs of a project, newest first.
    #[must_use]
    pub fn runs(&self, project: &str) -> Pages<TestRun> {
        Pages::new(self, id(project).map(|id| format!("/projects/{id}/runs")))
    }

    /// A run.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn run(&self, run: &str) -> Result<TestRun> {
        self.request(Method::GET, format!("/runs/{}", id(run)?)).send().await
    }

    /// Creates a run.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn create_run(&self, project: &str, new: &CreateRun) -> Result<TestRun> {
        self.request(Method::POST, format!("/projects/{}/runs", id(project)?)).json(new).send().await
    }

    /// Completes a run. It is read-only from then on.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn complete_run(&self, run: &str) -> Result<TestRun> {
        self.request(Method::POST, format!("/runs/{}/complete", id(run)?)).send().await
    }

    /// Adds results to a run, in order, [`MAX_RESULTS_PER_REQUEST`] at once. Of one request, either all or none are added.
    ///
    /// # Errors
    /// [`AddResultsError`] after the first request that failed. The results after it are not sent.
    pub async fn add_results(&self, run: &str, results: &[AddResult]) -> Result<Vec<Submission>, AddResultsError> {
        let mut added = Vec::new();
        for chunk in results.chunks(MAX_RESULTS_PER_REQUEST) {
            match self.submit(run, chunk).await {
                Ok(submission) => added.push(submission),
                Err(error) => return Err(AddResultsError { added, error }),
            }
        }
        Ok(added)
    }

    async fn submit(&self, run: &str, results: &[AddResult]) -> Result<Submission> {
        let path = format!("/runs/{}/results/bulk", id(run)?);
        self.request(Method::POST, path).json(&serde_json::json!({"results": results})).send().await
    }
}

/// Automated tests.
impl Client {
    /// Creates an automation run from a report, as a tool wrote it: JUnit XML, or the JSON of Playwright,
    /// pytest-json-report, cargo-nextest or `go test`; at most 16 MiB.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn report(&self, project: &str, report: Bytes, options: ReportOptions) -> Result<AutomationRun> {
        let path = format!("/projects/{}/automation-runs", id(project)?);
        self.request(Method::POST, path)
            .query("createCases", options.create_cases.to_string())
            .query("complete", options.complete.to_string())
            .query("name", options.name)
            .query("url", options.url)
            .file(report)
            .timeout(REPORT_TIMEOUT)
            .send()
            .await
    }

    /// Adds a report to an automation run that is not completed.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn add_report(&self, run: &str, report: Bytes, create_cases: bool) -> Result<AutomationRun> {
        self.request(Method::POST, format!("/automation-runs/{}/reports", id(run)?))
            .query("createCases", create_cases.to_string())
            .file(report)
            .timeout(REPORT_TIMEOUT)
            .send()
            .await
    }

    /// Completes an automation run.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn complete_automation_run(&self, run: &str) -> Result<AutomationRun> {
        self.request(Method::POST, format!("/automation-runs/{}/complete", id(run)?)).send().await
    }
}

/// CI jobs.
impl Client {
    /// The CI jobs of a project, newest first.
    #[must_use]
    pub fn ci_jobs(&self, project: &str) -> Pages<CiJob> {
        Pages::new(self, id(project).map(|id| format!("/projects/{id}/ci-jobs")))
    }

    /// Queues a CI job.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn create_ci_job(&self, project: &str, new: &CreateCiJob) -> Result<CiJob> {
        self.request(Method::POST, format!("/projects/{}/ci-jobs", id(project)?)).json(new).send().await
    }

    /// Changes a CI job that is not completed.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn update_ci_job(&self, job: &str, change: &UpdateCiJob) -> Result<CiJob> {
        self.request(Method::PATCH, format!("/ci-jobs/{}", id(job)?)).json(change).send().await
    }

    /// Completes a CI job.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn complete_ci_job(&self, job: &str, complete: &CompleteCiJob) -> Result<CiJob> {
        self.request(Method::POST, format!("/ci-jobs/{}/complete", id(job)?)).json(complete).send().await
    }
}

/// Events and webhooks.
impl Client {
    /// Publishes a custom event.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn publish_event(&self, project: &str, event: &PublishEvent) -> Result<AcceptedEvent> {
        self.request(Method::POST, format!("/projects/{}/events", id(project)?)).json(event).send().await
    }

    /// All events that webhooks can get, with their schemas.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn events(&self) -> Result<Vec<EventDescription>> {
        self.request(Method::GET, "/events").send().await
    }

    /// The webhooks of a project, for its admins.
    #[must_use]
    pub fn webhooks(&self, project: &str) -> Pages<Webhook> {
        Pages::new(self, id(project).map(|id| format!("/projects/{id}/webhooks")))
    }
}
