//! Testware, through the API.

mod automation_runs;
mod bulk_cases;
mod cases;
pub mod catalog;
mod ci_jobs;
mod comments;
mod completed;
mod custom_fields;
mod dashboard;
mod delivery_subjects;
pub mod fixture;
mod history;
mod linked;
mod milestones;
mod numbers;
mod payloads;
mod plans;
mod project_search;
mod public_links;
mod results;
mod review_rules;
mod reviews;
mod runs;
mod session_notes;
mod sessions;
mod shared_steps;
mod suites;
