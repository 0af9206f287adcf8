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
        ]
    }
}
