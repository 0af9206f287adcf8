//! Integration tests through real doors: HTTP against a server of one's own, on SQLite or, with
//! `TESTBELL_TEST_DATABASE_URL`, on PostgreSQL.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "tests say what they hold by their names")]

mod access;
mod audit;
mod characters;
mod crash;
mod deliveries;
mod dispatch;
mod health;
mod held;
mod inbound_azure;
mod inbound_github;
mod inbound_jira;
mod inbound_refusals;
mod integration;
mod issues;
mod keys;
mod live;
mod nodes;
mod operations;
mod people;
mod projects;
mod replay;
mod rest_errors;
mod rotation;
mod search;
mod secrets;
mod send_test;
mod sessions;
mod slack;
mod slow;
mod ssrf;
mod start;
mod subscriptions;
mod support;
mod testware;
mod tracker_azure;
mod tracker_github;
mod tracker_jira;
mod verify_guide;
mod webhooks;
mod writes;
