//! `testbell listen`: forwards the requests of an inspector URL to this machine. It polls the REST API of a server,
//! so it needs no open port. The sender gets the configured response of the inspector URL, at once.

mod forward;
mod inspector_api;

use std::time::Duration;

use app::error::Error;
use app::model::id::InspectorRequestId;
use app::model::inspector::{InspectorRequest, InspectorUrl};
use clap::Args;
use http::Method;
use testbell_client::{Client, RetryPolicy};
use url::Url;

use super::api::{ServerOptions, printable};
use crate::clock::Clock;
use crate::net::{Guard, Http, Limits, Request};
use crate::start::{Signals, StartError};

const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// After a failed poll.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);
/// For the local server.
const LIMITS: Limits = Limits { time: Duration::from_secs(30), read: 1 << 20, keep: 0 };

/// What to listen to, and where to forward it.
#[derive(Args)]
pub struct Command {
    /// Local URL that gets the requests, e.g. http://localhost:8080. A path after the inspector URL is appended.
    #[arg(long)]
    forward: Url,
    #[command(flatten)]
    server: ServerOptions,
    /// ID or key of the project.
    #[arg(long)]
    project: String,
    /// Existing inspector URL, or its token (ins_...). It is not deleted at the end. Default: a new one.
    #[arg(long)]
    url: Option<String>,
    /// Keep the new inspector URL at the end.
    #[arg(long)]
    keep: bool,
}

/// Where requests come from, and where they go.
struct Forwarder {
    client: Client,
    /// For the local server.
    http: Http,
    clock: Clock,
    url: InspectorUrl,
    forward: Url,
}

/// Forwards until SIGINT or SIGTERM.
pub async fn run(command: Command) -> Result<(), StartError> {
    let clock = Clock::system();
    let mut signals = Signals::new().map_err(StartError::Runtime)?;
    // It polls anyway, and says at once when it can't.
    let client = command.server.builder().retry(RetryPolicy { max_retries: 0, ..RetryPolicy::default() }).build()?;
    // Without limits on addresses: the developer names the local server.
    let http = Http::new(Guard::unrestricted(), clock.clone())
        .map_err(|error| StartError::Refused(Error::invalid(error.to_string())))?;
    let project = client.find_project(&command.project).await?.id;
    let (url, is_new) = match &command.url {
        Some(url) => {
            let token = url.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            (inspector_api::find_url(&client, &project, token).await?, false)
        }
        None => (inspector_api::create_url(&client, &project).await?, true),
    };
    let mut last = inspector_api::newest(&client, url.id).await?;
    print_start(&url, &command.forward);
    let forwarder = Forwarder { client, http, clock, url, forward: command.forward };
    let mut lost = false;
    let ended = loop {
        let wait = if lost { RETRY_INTERVAL } else { POLL_INTERVAL };
        tokio::select! {
            () = signals.next() => break Ok(()),
            () = forwarder.clock.sleep(wait) => {}
        }
        let polled = tokio::select! {
            () = signals.next() => break Ok(()),
            polled = forwarder.forward_new(&mut last) => polled,
        };
        match polled {
            Ok(()) if lost => {
                eprintln!("Connected again.");
                lost = false;
            }
            Ok(()) => {}
            Err(error) if error.is_temporary() => {
                if !lost {
                    eprintln!("Can't reach Testbell: {error} Trying again.");
                }
                lost = true;
            }
            Err(error) => break Err(error.into()),
        }
    };
    if is_new && !command.keep {
        match inspector_api::delete_url(&forwarder.client, forwarder.url.id).await {
            Ok(()) => println!("The inspector URL was deleted."),
            Err(error) => eprintln!("The inspector URL could not be deleted: {error}"),
        }
    }
    ended
}

fn print_start(url: &InspectorUrl, forward: &Url) {
    println!("Inspector URL: {}", url.url);
    println!("Forwarding to {forward}. Press Ctrl-C to stop.");
    println!("Senders get the response of the inspector URL ({}), not the one of your server.", url.response.status);
    println!("It accepts requests until {}.", url.expires_at.format("%Y-%m-%d %H:%M UTC"));
}

impl Forwarder {
    /// Forwards what arrived after `last`.
    async fn forward_new(&self, last: &mut InspectorRequestId) -> testbell_client::Result<()> {
        for request in inspector_api::after(&self.client, self.url.id, *last).await? {
            let outcome = self.forward_one(&request).await?;
            *last = request.id;
            println!("{}", line(&request, &outcome));
        }
        Ok(())
    }

    /// The result in words.
    async fn forward_one(&self, request: &InspectorRequest) -> testbell_client::Result<String> {
        let detail = match inspector_api::read_request(&self.client, request.id).await {
            Ok(detail) => detail,
            Err(error) if error.is_not_found() => return Ok("not forwarded: it was deleted".to_owned()),
            Err(error) => return Err(error),
        };
        let Some(body) = forward::body(&detail) else {
            return Ok("not forwarded: its body is over 256 KiB".to_owned());
        };
        let Some(target) = forward::target(&self.forward, &request.path) else {
            return Ok("not forwarded: its path leads out of the local URL".to_owned());
        };
        let Ok(method) = Method::from_bytes(request.method.as_bytes()) else {
            return Ok("not forwarded: its method is invalid".to_owned());
        };
        let headers = forward::headers(&detail.headers);
        let started = self.clock.instant();
        // On this machine, a certificate is self-signed.
        let allow_insecure = forward::is_local(&target);
        let request = Request { method, url: target, headers, body: body.into(), limits: LIMITS, allow_insecure };
        let sent = self.http.send(request).await;
        let millis = (self.clock.instant() - started).as_millis();
        Ok(match sent {
            Ok(response) => format!("{} in {millis} ms", response.status.as_u16()),
            Err(failed) => format!("failed: {}", failed.reason),
        })
    }
}

/// `14:02:07 POST /hooks/7 test_run.completed, 214 bytes -> 200 in 12 ms`.
fn line(request: &InspectorRequest, outcome: &str) -> String {
    let path = if request.path.is_empty() { "/" } else { &request.path };
    let event = request.event.as_ref().map_or_else(String::new, |event| format!(" {}", printable(event)));
    format!(
        "{} {} {}{event}, {} bytes -> {}",
        request.received_at.format("%H:%M:%S"),
        printable(&request.method),
        printable(path),
        request.body_bytes,
        printable(outcome)
    )
}
