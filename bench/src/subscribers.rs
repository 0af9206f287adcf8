//! What it costs to accept an event for ten webhooks, alone and beside 990 others that don't subscribe to it or don't
//! have its project. The endpoints hang, so almost nothing is sent meanwhile.

use std::time::Duration;

use anyhow::{Result, ensure};
use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use crate::instance::Instance;
use crate::project::Project;
use crate::receiver::Receiver;
use crate::report::Report;

/// Webhooks that get each event.
const MATCHING: usize = 10;
/// Others of the same project, for other events.
const SAME_PROJECT: usize = 190;
/// Others of all projects, for other events, and as many of other projects for the same event.
const OTHERS: usize = 400;
/// The maximum number of webhooks in a project.
const PER_PROJECT: usize = 200;
const WARM_UP: usize = 100;
const EVENTS: usize = 500;
/// Measurements, of which the lowest counts: other processes can only add to it.
const ROUNDS: usize = 3;
const MAX_RATIO: f64 = 1.2;

pub async fn measure(instance: &Instance, report: &mut Report) -> Result<()> {
    let url = format!("http://{}/", Receiver::hanging().await?);
    let few = accept_cost(instance, "FEW", &url).await?;
    add_others(instance, &url).await?;
    let many = accept_cost(instance, "MANY", &url).await?;
    let ratio = many.as_secs_f64() / few.as_secs_f64();
    report.figure("accepting an event, 10 webhooks", format!("{} µs", few.as_micros()), "");
    report.figure("accepting an event, 10 of 1,000 webhooks", format!("{} µs", many.as_micros()), "");
    report.bound("  ratio of processor time", format!("{ratio:.2}"), "<= 1.2", ratio <= MAX_RATIO);
    Ok(())
}

/// Processor time of the server for each event that ten webhooks of a new project get.
async fn accept_cost(instance: &Instance, key: &str, url: &str) -> Result<Duration> {
    let mut lowest = Duration::MAX;
    for round in 0..ROUNDS {
        let project = Project::create(instance, &format!("{key}{round}")).await?;
        let matching = add(&project, MATCHING, &webhook(url, "issue.created")).await?;
        if key == "MANY" {
            add(&project, SAME_PROJECT, &webhook(url, "case.created")).await?;
        }
        project.post_issues(WARM_UP).await?;
        let before = instance.cpu_time().await?;
        let accepted = project.post_issues(EVENTS).await?;
        ensure!(accepted.len() == EVENTS, "{} of {EVENTS} were accepted", accepted.len());
        lowest = lowest.min((instance.cpu_time().await? - before) / u32::try_from(EVENTS)?);
        // What it queued isn't retried during the next measurement.
        let mut connection = project.connect().await?;
        for id in matching {
            connection.send(Method::DELETE, &format!("/api/v1/webhooks/{id}"), Bytes::new()).await?;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(lowest)
}

async fn add_others(instance: &Instance, url: &str) -> Result<()> {
    for number in 0..OTHERS / PER_PROJECT {
        let project = Project::create(instance, &format!("SAME{number}")).await?;
        add(&project, PER_PROJECT, &webhook(url, "issue.created")).await?;
        let owner = Project::create(instance, &format!("ALL{number}")).await?;
        let mut all = webhook(url, "case.created");
        all["scope"] = json!({"kind": "all"});
        add(&owner, PER_PROJECT, &all).await?;
    }
    Ok(())
}

fn webhook(url: &str, event: &str) -> Value {
    json!({"name": "bench", "url": url, "events": [event]})
}

/// Adds webhooks and returns their IDs.
async fn add(project: &Project, count: usize, new: &Value) -> Result<Vec<String>> {
    let (mut connection, path) = (project.connect().await?, format!("/api/v1/projects/{}/webhooks", project.id));
    let mut ids = Vec::new();
    for _ in 0..count {
        let created = connection.post(&path, new).await?;
        ids.extend(created["webhook"]["id"].as_str().map(str::to_owned));
    }
    Ok(ids)
}
