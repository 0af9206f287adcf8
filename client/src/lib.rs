//! A client of Testbell's REST API, for scripts and tools.
//!
//! ```no_run
//! use testbell_client::model::{AddResult, CreateCase, CreateRun, ResultStatus};
//! use testbell_client::Client;
//!
//! # async fn report() -> Result<(), Box<dyn std::error::Error>> {
//! let server = "https://testbell.example.com".parse()?;
//! let client = Client::new(&server, "tb_...".to_owned())?;
//! let project = client.find_project("WEB").await?;
//! let case = client.create_case(&project.id, &CreateCase::new("Pay by card")).await?;
//! let run = client.create_run(&project.id, &CreateRun::new("Release 1", [case.id.clone()])).await?;
//! client.add_results(&run.id, &[AddResult::new(case.id, ResultStatus::Passed)]).await?;
//!
//! let mut cases = client.cases(&project.id);
//! while let Some(page) = cases.next_page().await? {
//!     for case in page {
//!         println!("{} {}", case.key, case.title);
//!     }
//! }
//!
//! match client.case("cas_01k000000000000000000000000").await {
//!     Err(error) if error.is_not_found() => println!("The case was deleted."),
//!     other => println!("{}", other?.title),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Each POST has an `Idempotency-Key`, so it is safe to send it again. The client does so by itself when the server asks
//! it to wait, when it is unavailable, and when there was no response ([`RetryPolicy`]). What has no method of its own is
//! called with [`Client::request`].
//!
//! The types of [`model`] have the fields that scripts use. Fields that a newer server adds are ignored, and values that it
//! adds to an enum are read as `Unknown`.

mod builder;
mod calls;
mod client;
mod error;
pub mod model;
mod pages;
mod request;
mod retry;

pub use builder::ClientBuilder;
pub use calls::{AddResultsError, MAX_RESULTS_PER_REQUEST};
pub use client::Client;
pub use error::{Error, Problem, Result};
pub use http::{Method, StatusCode};
pub use pages::Pages;
pub use request::RequestBuilder;
pub use retry::RetryPolicy;
