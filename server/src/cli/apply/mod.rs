//! `testbell apply`: makes the outbound webhooks of projects as a YAML file says. It shows what would change, and
//! asks. Everything goes through the REST API of a running server, so it is checked and audited like any other
//! change.

mod file;
pub mod plan;

use std::env;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use app::error::Error;
use clap::Args;
use http::Method;
use serde_json::Value;
use testbell_client::Client;

use super::api::{ServerOptions, printable};
use crate::start::StartError;
use plan::{Call, Options, Plan, Step, Stored};

/// What to apply, and how.
#[derive(Args)]
pub struct Command {
    /// YAML file with the webhooks. ${NAME} in it is the value of an environment variable.
    file: PathBuf,
    /// Show what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Apply without asking.
    #[arg(long, short)]
    yes: bool,
    /// Delete outbound webhooks of the file's projects that it doesn't name.
    #[arg(long)]
    prune: bool,
    /// Send URLs with credentials, header values and secrets again. Testbell doesn't show them, so they can't be
    /// compared.
    #[arg(long)]
    resend_secrets: bool,
    #[command(flatten)]
    server: ServerOptions,
}

/// A project of the file.
struct Target {
    id: String,
    plan: Plan,
}

/// Shows the plan, and carries it out. Stops at the first request that fails.
pub async fn run(command: Command) -> Result<(), StartError> {
    let text =
        fs::read_to_string(&command.file).map_err(|source| StartError::File { path: command.file.clone(), source })?;
    #[allow(clippy::disallowed_methods, reason = "the file names the variables")]
    let file = file::parse(&text, |name| env::var(name).ok()).map_err(invalid)?;
    let client = command.server.client()?;
    let options = Options { prune: command.prune, resend_secrets: command.resend_secrets };
    let mut targets = Vec::new();
    for (project, entries) in file {
        let id = client.find_project(&project).await?.id;
        let plan = plan::plan(&entries, &outbound(&client, &id).await?, options).map_err(invalid)?;
        print_plan(&project, &plan);
        targets.push(Target { id, plan });
    }
    let steps: usize = targets.iter().map(|target| target.plan.steps.len()).sum();
    if steps == 0 {
        println!("Nothing to change.");
        return Ok(());
    }
    if command.dry_run || !(command.yes || confirmed()?) {
        println!("Nothing was changed.");
        return Ok(());
    }
    let all = targets.iter().flat_map(|Target { id, plan }| plan.steps.iter().map(move |step| (id, step)));
    for (done, (project, (name, step))) in all.enumerate() {
        let name = printable(name);
        if let Err(error) = carry_out(&client, project, step).await {
            println!(
                "{name}: failed. {done} of {steps} changes were made. Correct the file, then run the command again."
            );
            return Err(error);
        }
        println!("{name}: done");
    }
    Ok(())
}

/// The outbound webhooks of a project, also those that have other projects, too.
pub async fn outbound(client: &Client, project: &str) -> Result<Vec<Stored>, StartError> {
    // With all fields, to compare them.
    let mut all: Vec<Stored> = client.pages(format!("/projects/{project}/webhooks")).all().await?;
    all.retain(|webhook| webhook.get("direction").and_then(Value::as_str) == Some("outbound"));
    Ok(all)
}

async fn carry_out(client: &Client, project: &str, step: &Step) -> Result<(), StartError> {
    match step {
        Step::Create { body } => {
            let path = format!("/projects/{project}/webhooks");
            let created: Value = client.request(Method::POST, path).json(body).send().await?;
            if body.get("secret").is_none() && !created["reveal"]["secret"].is_null() {
                let name = printable(created["webhook"]["name"].as_str().unwrap_or_default());
                println!("{name}: a secret was generated. Set `secret` in the file, or rotate it, to know it.");
            }
            Ok(())
        }
        Step::Change { id, calls, .. } => call_all(client, id, calls).await,
        Step::Delete { id } => {
            client.request(Method::DELETE, format!("/webhooks/{id}")).send_ignoring_body().await?;
            Ok(())
        }
    }
}

async fn call_all(client: &Client, id: &str, calls: &[Call]) -> Result<(), StartError> {
    for call in calls {
        let (method, path, body) = match call {
            Call::Patch(body) => (Method::PATCH, format!("/webhooks/{id}"), body),
            Call::Post(action, body) => (Method::POST, format!("/webhooks/{id}/{action}"), body),
        };
        client.request(method, path).json(body).send_ignoring_body().await?;
    }
    Ok(())
}

fn print_plan(project: &str, plan: &Plan) {
    println!("{}", printable(project));
    for (name, step) in &plan.steps {
        let name = printable(name);
        match step {
            Step::Create { .. } => println!("  + create {name}"),
            Step::Change { summary, .. } => {
                println!("  ~ change {name}");
                for line in summary {
                    println!("      {}", printable(line));
                }
            }
            Step::Delete { .. } => println!("  - delete {name}"),
        }
    }
    println!("  {} unchanged", plan.unchanged);
    for name in &plan.kept {
        println!("  {} is not in the file and stays", printable(name));
    }
}

fn confirmed() -> Result<bool, StartError> {
    if !io::stdin().is_terminal() {
        return Err(invalid("run it with --yes to apply this without asking"));
    }
    print!("Apply these changes? [y/N] ");
    let mut answer = String::new();
    let read = io::stdout().flush().and_then(|()| io::stdin().read_line(&mut answer));
    read.map_err(StartError::Runtime)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn invalid(why: impl ToString) -> StartError {
    StartError::Refused(Error::invalid(why.to_string()))
}
