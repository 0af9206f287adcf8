//! `testbell demo`: an instance with sample data, in which a new user sees an issue change in the
//! browser within a minute.
//!
//! It creates an admin, a project with a GitHub integration, issues, testware, and an outbound
//! webhook to a receiver in this process. It writes a script that sends a signed GitHub payload
//! with curl. Everything is created through the services. A second start with the same folder keeps
//! the data.

mod receiver;
mod script;

use std::net::SocketAddr;
use std::path::Path;

use app::error::Result;
use app::model::catalog::Subscription;
use app::model::integration::PutIntegration;
use app::model::issue::{CreateIssue, StatusKind};
use app::model::people::{Actor, NewUser};
use app::model::project::CreateProject;
use app::model::provider::Provider;
use app::model::webhook::{CreateInbound, CreateWebhook};
use app::service::{Integrations, Issues, People, Projects, Webhooks};

use crate::app_state::AppState;
use crate::service::people::users;
use crate::start::StartError;
use crate::testware;

pub use receiver::serve as serve_receiver;

/// The demo's admin.
pub const EMAIL: &str = "demo@example.com";
/// The demo admin's password. It is not secret, because the demo listens on loopback only.
pub const PASSWORD: &str = "testbell-try-it-out";
/// The script that sends a payload, in the data folder.
pub const SCRIPT: &str = "send-issue.sh";

const REPOSITORY: &str = "acme/checkout";

/// Adds the sample data to an empty instance.
///
/// # Errors
/// If a service refuses the data, or the script can't be written.
pub async fn seed_instance(state: &AppState, receiver: SocketAddr) -> std::result::Result<(), StartError> {
    if !state.needs_setup().await? {
        return Ok(());
    }
    let admin = NewUser { name: "Dana Demo".into(), email: EMAIL.into(), password: PASSWORD.into() };
    let actor = users::actor(users::create_first_admin(state, admin).await?);
    let (url, secret) = seed(state, &actor, receiver).await?;
    let path = state.config.data_dir.join(SCRIPT);
    script::write(&path, &url, &secret).map_err(|source| StartError::File { path, source })
}

/// Returns the inbound URL and its secret.
async fn seed(state: &AppState, actor: &Actor, receiver: SocketAddr) -> Result<(String, String)> {
    let project = CreateProject { key: "SHOP".into(), name: "Checkout web".into() };
    let project = state.create_project(actor, project).await?.id;
    let integration = PutIntegration {
        provider: Provider::Github,
        base_url: String::new(),
        repository: REPOSITORY.into(),
        only_from_repository: None,
        sync_milestones: None,
        credentials: None,
    };
    state.put_integration(actor, project, integration).await?;
    let inbound = state.create_inbound(actor, project, CreateInbound::default()).await?;
    let endpoint = CreateWebhook {
        name: "Demo receiver".into(),
        url: format!("http://{receiver}/hook"),
        events: vec![Subscription::All],
        ..CreateWebhook::default()
    };
    state.create_webhook(actor, project, endpoint).await?;
    let [voucher, others @ ..] = issues();
    let voucher = state.create_issue(actor, project, voucher).await?.id;
    for issue in others {
        state.create_issue(actor, project, issue).await?;
    }
    testware::demo::seed(state, actor, project, voucher).await?;
    let reveal = inbound.reveal;
    let (url, secret) = reveal.map_or((None, None), |reveal| (reveal.url, reveal.secret));
    Ok((url.unwrap_or_default(), secret.unwrap_or_default()))
}

fn issues() -> [CreateIssue; 3] {
    let issue = |title: &str, description: &str, priority: &str, labels: &[&str]| CreateIssue {
        title: title.into(),
        description: description.into(),
        status_kind: Some(StatusKind::Open),
        priority: Some(priority.into()),
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        ..CreateIssue::default()
    };
    [
        issue(
            "Voucher field accepts an expired code",
            "1. Add an item to the cart.\n2. Enter `SUMMER25`.\n\n**Expected:** an error message. **Actual:** 10% off.",
            "high",
            &["bug", "checkout"],
        ),
        issue("Total is read twice by screen readers", "The total is announced on *each* change.", "medium", &["a11y"]),
        issue("Receipt email lacks the tax number", "", "low", &["mail"]),
    ]
}

/// The instructions that the demo prints.
#[must_use]
pub fn instructions(state: &AppState) -> String {
    let script = state.config.data_dir.join(SCRIPT);
    format!(
        "\n  Testbell demo: {}\n  Sign in as {EMAIL} with the password {PASSWORD}\n\n  \
         Open the issues of Checkout web, then send a signed GitHub event from another terminal:\n\n    \
         sh {} 'Card payment fails on Safari'\n    sh {} 'Card payment fails on Safari' closed\n\n  \
         The browser shows each one at once. Webhooks > Deliveries shows what was sent.\n",
        state.config.link("/"),
        display(&script),
        display(&script),
    )
}

fn display(path: &Path) -> std::path::Display<'_> {
    path.display()
}
