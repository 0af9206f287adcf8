//! The steps of Testbell's database schema, one file for each, applied in order at start. They
//! run on SQLite and on PostgreSQL. A step that has been released is never edited.

use sea_orm_migration::prelude::*;

mod m0001_people;
mod m0002_projects;
mod m0003_issues;
mod m0004_webhooks;
mod m0005_deliveries;
mod m0006_testware;
mod m0007_audit;
mod m0010_sent_requests;
mod m0011_webhook_health;
mod m0012_refused_calls;
mod m0013_issue_origin;
mod m0015_accounts;
mod m0016_token_scopes;
mod m0019_delivery_subjects;
mod m0020_delivery_indexes;
mod m0021_issue_sync_index;
mod m0022_webhook_scope;
mod m0023_webhook_signing;
mod m0024_webhook_activity;
mod m0025_notifications;
mod m0026_inspector;
mod m0027_history;
mod m0028_instance_pause;
mod m0030_conditions;
mod m0031_delivery_order;
mod m0032_range_replays;
mod m0035_single_sign_on;
mod m0036_digests;
mod m0037_webhook_routes;
mod m0038_delivery_indexes;
mod m0039_milestones;
mod m0040_case_automation;
mod m0041_automation_runs;
mod m0042_results;
mod m0043_plans_and_suites;
mod m0044_comments;
mod m0045_ci_jobs;
mod m0046_public_links;
mod m0047_session_notes;
mod m0048_custom_events;
mod m0049_reviews;
mod m0051_shared_steps;
mod m0052_custom_fields;
mod m0053_idempotency_keys;
mod m0054_failed_results;
mod m0055_assignments;
mod m0056_imports;
mod m0057_attachments;
mod m0058_milestone_sync;
mod m0059_case_search;

/// Applies the steps that a database has not seen yet.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_people::Migration),
            Box::new(m0002_projects::Migration),
            Box::new(m0003_issues::Migration),
            Box::new(m0004_webhooks::Migration),
            Box::new(m0005_deliveries::Migration),
            Box::new(m0006_testware::Migration),
            Box::new(m0007_audit::Migration),
            Box::new(m0010_sent_requests::Migration),
            Box::new(m0011_webhook_health::Migration),
            Box::new(m0012_refused_calls::Migration),
            Box::new(m0013_issue_origin::Migration),
            Box::new(m0015_accounts::Migration),
            Box::new(m0016_token_scopes::Migration),
            Box::new(m0019_delivery_subjects::Migration),
            Box::new(m0020_delivery_indexes::Migration),
            Box::new(m0021_issue_sync_index::Migration),
            Box::new(m0022_webhook_scope::Migration),
            Box::new(m0023_webhook_signing::Migration),
            Box::new(m0024_webhook_activity::Migration),
            Box::new(m0025_notifications::Migration),
            Box::new(m0026_inspector::Migration),
            Box::new(m0027_history::Migration),
            Box::new(m0028_instance_pause::Migration),
            Box::new(m0030_conditions::Migration),
            Box::new(m0031_delivery_order::Migration),
            Box::new(m0032_range_replays::Migration),
            Box::new(m0035_single_sign_on::Migration),
            Box::new(m0036_digests::Migration),
            Box::new(m0037_webhook_routes::Migration),
            Box::new(m0038_delivery_indexes::Migration),
            Box::new(m0039_milestones::Migration),
            Box::new(m0040_case_automation::Migration),
            Box::new(m0041_automation_runs::Migration),
            Box::new(m0042_results::Migration),
            Box::new(m0043_plans_and_suites::Migration),
            Box::new(m0044_comments::Migration),
            Box::new(m0045_ci_jobs::Migration),
            Box::new(m0046_public_links::Migration),
            Box::new(m0047_session_notes::Migration),
            Box::new(m0048_custom_events::Migration),
            Box::new(m0049_reviews::Migration),
            Box::new(m0051_shared_steps::Migration),
            Box::new(m0052_custom_fields::Migration),
            Box::new(m0053_idempotency_keys::Migration),
            Box::new(m0054_failed_results::Migration),
            Box::new(m0055_assignments::Migration),
            Box::new(m0056_imports::Migration),
            Box::new(m0057_attachments::Migration),
            Box::new(m0058_milestone_sync::Migration),
            Box::new(m0059_case_search::Migration),
        ]
    }
}
