//! `testbell demo`: an instance with something in it, so that a newcomer sees an issue move in
//! the browser within a minute.
//!
//! It makes an admin, a project with a GitHub integration, a few issues, some testware, and an
//! outbound webhook to a receiver in this process, and writes a script that sends a signed GitHub
//! payload with curl. All of it goes through the services, as a person's clicks would. A second
//! start on the same folder finds it there.

mod receiver;
mod script;
mod testware;

use std::net::SocketAddr;
use std::path::Path;

use app::error::Result;
use app::model::catalog::EventType;
use app::model::integration::{Provider, PutIntegration};
use app::model::issue::{CreateIssue, StatusKind};
use app::model::people::{Actor, NewUser};
use app::model::project::CreateProject;
use app::model::webhook::{CreateInbound, CreateWebhook};
use app::service::{Integrations, Issues, People, Projects, Webhooks};

use crate::core::Core;
use crate::service::users;
use crate::start::StartError;

pub use receiver::serve as serve_receiver;

/// The demo's admin.
pub const EMAIL: &str = "demo@example.com";
/// The demo admin's password: no secret, as the demo listens on loopback only.
pub const PASSWORD: &str = "testbell-demo";
/// The script that sends a payload, in the data folder.
pub const SCRIPT: &str = "send-issue.sh";

const REPOSITORY: &str = "acme/checkout";

/// Fills an empty instance; leaves one that has people alone.
///
/// # Errors
/// What a service refuses, or a failure to write the script.
pub async fn fill(core: &Core, receiver: SocketAddr) -> std::result::Result<(), StartError> {
    if !core.needs_setup().await? {
        return Ok(());
    }
    let admin = NewUser { name: "Dana Demo".into(), email: EMAIL.into(), password: PASSWORD.into() };
    let actor = users::create_first_admin(core, admin).await?;
    let (url, secret) = seed(core, &actor, receiver).await?;
    let path = core.config.data_dir.join(SCRIPT);
    script::write(&path, &url, &secret).map_err(|source| StartError::File { path, source })
}

/// Returns the inbound address and its secret.
async fn seed(core: &Core, actor: &Actor, receiver: SocketAddr) -> Result<(String, String)> {
    let project = CreateProject { key: "SHOP".into(), name: "Checkout web".into() };
    let project = core.create_project(actor, project).await?.id;
    let integration = PutIntegration {
        provider: Provider::Github,
        base_url: String::new(),
        repository: REPOSITORY.into(),
        credentials: None,
    };
    core.put_integration(actor, project, integration).await?;
    let inbound = core.create_inbound(actor, project, CreateInbound::default()).await?;
    let endpoint = CreateWebhook {
        name: "Demo receiver".into(),
        url: format!("http://{receiver}/hook"),
        events: EventType::ALL.to_vec(),
    };
    core.create_webhook(actor, project, endpoint).await?;
    let [voucher, others @ ..] = issues();
    let voucher = core.create_issue(actor, project, voucher).await?.id;
    for issue in others {
        core.create_issue(actor, project, issue).await?;
    }
    testware::seed(core, actor, project, voucher).await?;
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
            "1. Put something into the basket.\n2. Enter `SUMMER25`.\n\n**Expected:** a message. **Seen:** ten per cent off.",
            "high",
            &["bug", "checkout"],
        ),
        issue("Total is read twice by screen readers", "The total is announced on *each* change.", "medium", &["a11y"]),
        issue("Receipt mail lacks the tax number", "", "low", &["mail"]),
    ]
}

/// What a newcomer is told when the demo is up.
#[must_use]
pub fn greeting(core: &Core) -> String {
    let script = core.config.data_dir.join(SCRIPT);
    format!(
        "\n  Testbell demo: {}\n  Sign in as {EMAIL} with the password {PASSWORD}\n\n  \
         Open the issues of Checkout web, then send a signed GitHub event from another terminal:\n\n    \
         sh {} 'Card payment fails on Safari'\n    sh {} 'Card payment fails on Safari' closed\n\n  \
         Each shows in the browser at once, and in Webhooks, Deliveries with what was sent on.\n",
        core.config.link("/"),
        shown(&script),
        shown(&script),
    )
}

fn shown(path: &Path) -> std::path::Display<'_> {
    path.display()
}
