//! Exports the deliveries of a project, or of all projects, with their payloads and attempts, as a stream. One page of rows with their
//! payloads, and the attempts of one delivery, are in memory at a time, however many there are.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;

use app::error::{Error, Result};
use app::model::delivery::{Attempt, Delivery, DeliveryQuery, Header};
use app::model::digest::DIGEST_EVENT;
use app::model::history::ExportFormat;
use app::model::id::{EventId, ProjectId, WebhookId};
use app::model::people::Actor;
use app::model::webhook::Direction;
use bytes::Bytes;
use futures::stream::{self, Stream};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{recheck_projects, recheck_system_admin};
use crate::app_state::AppState;
use crate::destinations;
use crate::entity::{attempt, event, project, webhook};
use crate::service::deliveries::{self, MAX_SHOWN_ATTEMPTS, digest_part, view};
use crate::storage::internal;

/// Rows that are read at once.
const PAGE_ROWS: u32 = 100;
/// Request headers whose values are exported. Others may be credentials that an admin has added.
const SAFE_REQUEST_HEADERS: [&str; 8] = [
    "accept",
    "content-length",
    "content-type",
    "host",
    "user-agent",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
];
/// Response headers whose values are not exported.
const SECRET_RESPONSE_HEADERS: [&str; 3] = ["set-cookie", "www-authenticate", "authorization"];
const HIDDEN: &str = "•••";

/// A delivery in an export.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExportedDelivery {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: Delivery,
    /// Where it was sent, without credentials.
    pub destination: String,
    /// The payload; null if it is not stored.
    pub body: Option<String>,
    /// The attempts, oldest first. Values of headers that may be credentials are hidden.
    pub attempts: Vec<Attempt>,
}

/// The rows that are not written yet, and where the list continues.
struct Export {
    state: AppState,
    actor: Actor,
    scope: ExportScope,
    /// The projects of which rows are left, the current one first.
    projects: VecDeque<ProjectId>,
    query: DeliveryQuery,
    rows: VecDeque<Delivery>,
    parts: PageParts,
    format: ExportFormat,
    part: ExportPart,
}

/// Whose deliveries are exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportScope {
    /// Those of a project, for those who can read it.
    Project(ProjectId),
    /// Those of all projects, also of deleted ones, for system admins.
    Instance,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ExportPart {
    First,
    Middle,
    Ended,
}

/// Exports the deliveries that match the filters of `query`, newest first, one project after the other. The first page
/// is read before this returns, so that a refused request gets its status.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without access, and [`Error::Invalid`] for an invalid filter.
pub async fn export(
    state: AppState,
    actor: Actor,
    scope: ExportScope,
    query: DeliveryQuery,
    format: ExportFormat,
) -> Result<impl Stream<Item = io::Result<Bytes>> + use<>> {
    let query = digest_part::resolved(&state, &actor, query).await?;
    let query = DeliveryQuery { limit: Some(PAGE_ROWS), cursor: None, ..query };
    let mut export = Export {
        projects: projects(&state, scope).await?,
        state,
        actor,
        scope,
        query,
        rows: VecDeque::new(),
        parts: PageParts::default(),
        format,
        part: ExportPart::First,
    };
    export.read_page().await?;
    Ok(stream::try_unfold(export, |mut export| async move {
        // The status is sent already. A broken connection is how the receiver learns that the rest is missing.
        let next = export.next().await.map_err(|error| io::Error::other(error.to_string()))?;
        Ok(next.map(|bytes| (bytes, export)))
    }))
}

/// The projects of an export, by age.
async fn projects(state: &AppState, scope: ExportScope) -> Result<VecDeque<ProjectId>> {
    if let ExportScope::Project(id) = scope {
        return Ok(VecDeque::from([id]));
    }
    let all = project::Entity::find().select_only().column(project::Column::Id).order_by_asc(project::Column::Id);
    Ok(all.into_tuple().all(state.store.read()).await.map_err(internal)?.into())
}

impl Export {
    /// Reads the next page. The access is checked each time, because an export can take hours.
    async fn read_page(&mut self) -> Result<()> {
        match self.scope {
            ExportScope::Instance => recheck_system_admin(&self.state, &self.actor).await?,
            ExportScope::Project(id) => {
                if recheck_projects(&self.state, &self.actor, &[id]).await?.is_empty() {
                    return Err(Error::NotFound);
                }
            }
        }
        let Some(&project) = self.projects.front() else { return Ok(()) };
        let page = deliveries::found(&self.state, &self.actor, project, &self.query).await?;
        self.parts = PageParts::read(&self.state, &page.items).await?;
        self.rows = page.items.into();
        self.query.cursor = page.next_cursor;
        if self.query.cursor.is_none() {
            self.projects.pop_front();
        }
        Ok(())
    }

    /// The next bytes, or `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        if self.part == ExportPart::Ended {
            return Ok(None);
        }
        while self.rows.is_empty() && !self.projects.is_empty() {
            self.read_page().await?;
        }
        let Some(row) = self.rows.pop_front() else {
            let text = match (self.format, self.part) {
                (ExportFormat::Ndjson, _) => "",
                (ExportFormat::Json, ExportPart::First) => "[]\n",
                (ExportFormat::Json, _) => "\n]\n",
            };
            self.part = ExportPart::Ended;
            return Ok((!text.is_empty()).then(|| Bytes::from_static(text.as_bytes())));
        };
        let exported = exported(&self.state, &self.actor, &self.parts, row).await?;
        let json = serde_json::to_string(&exported).unwrap_or_default();
        let text = match (self.format, self.part) {
            (ExportFormat::Ndjson, _) => format!("{json}\n"),
            (ExportFormat::Json, ExportPart::First) => format!("[\n{json}"),
            (ExportFormat::Json, _) => format!(",\n{json}"),
        };
        self.part = ExportPart::Middle;
        Ok(Some(text.into()))
    }
}

/// What the deliveries of a page have in common.
#[derive(Default)]
struct PageParts {
    webhooks: HashMap<WebhookId, webhook::Model>,
    /// Without those that were erased.
    payloads: HashMap<EventId, String>,
}

impl PageParts {
    async fn read(state: &AppState, rows: &[Delivery]) -> Result<Self> {
        let db = state.store.read();
        let ids: HashSet<_> = rows.iter().map(|row| row.webhook_id).collect();
        let webhooks =
            webhook::Entity::find().filter(webhook::Column::Id.is_in(ids)).all(db).await.map_err(internal)?;
        let ids: HashSet<_> = rows.iter().filter_map(|row| row.event_id).collect();
        let events = event::Entity::find().filter(event::Column::Id.is_in(ids)).all(db).await.map_err(internal)?;
        let stored = events.into_iter().filter(|event| event.erased_at.is_none());
        Ok(Self {
            webhooks: webhooks.into_iter().map(|row| (row.id, row)).collect(),
            payloads: stored.map(|event| (event.id, event.body)).collect(),
        })
    }
}

async fn exported(state: &AppState, actor: &Actor, parts: &PageParts, delivery: Delivery) -> Result<ExportedDelivery> {
    let webhook = parts.webhooks.get(&delivery.webhook_id);
    let kind = webhook.and_then(|webhook| webhook.kind.destination());
    let implementation = kind.map(destinations::implementation);
    let payload = delivery.event_id.and_then(|id| parts.payloads.get(&id));
    let rows = attempt::Entity::find()
        .filter(attempt::Column::DeliveryId.eq(delivery.id))
        .order_by_desc(attempt::Column::Number)
        .limit(MAX_SHOWN_ATTEMPTS)
        .all(state.store.read())
        .await
        .map_err(internal)?;
    let attempts = rows.into_iter().rev().map(|row| view::attempt(row, implementation, payload.map(String::as_str)));
    let attempts: Vec<_> = attempts
        .map(|attempt| Attempt {
            request_headers: hide(attempt.request_headers, |name| !SAFE_REQUEST_HEADERS.contains(&name)),
            response_headers: hide(attempt.response_headers, |name| SECRET_RESPONSE_HEADERS.contains(&name)),
            ..attempt
        })
        .collect();
    let destination = match (attempts.last().and_then(|latest| latest.destination.clone()), webhook) {
        (Some(destination), _) => destination,
        (None, Some(webhook)) if webhook.direction == Direction::Inbound => webhook.kind.label().to_owned(),
        (None, Some(webhook)) => webhook.display_url.clone(),
        (None, None) => String::new(),
    };
    let template = webhook.and_then(|webhook| webhook.body_template.as_ref());
    let sent = attempts.last().and_then(|latest| latest.request_body.clone());
    let body = sent.or_else(|| {
        let payload = payload?.clone();
        Some(match kind {
            Some(kind) => destinations::preview_body(kind, template, payload),
            None => payload,
        })
    });
    // A digest of several projects is for those who can see all of them.
    let is_hidden = delivery.event == DIGEST_EVENT
        && !digest_part::can_read(state, actor, payload.map_or("", String::as_str)).await?;
    match is_hidden {
        true => {
            let attempts = digest_part::without_content(attempts);
            Ok(ExportedDelivery { delivery, destination, body: None, attempts })
        }
        false => Ok(ExportedDelivery { delivery, destination, body, attempts }),
    }
}

fn hide(headers: Vec<Header>, is_secret: impl Fn(&str) -> bool) -> Vec<Header> {
    let shown = |header: Header| {
        if is_secret(&header.name.to_ascii_lowercase()) {
            Header { value: HIDDEN.to_owned(), ..header }
        } else {
            header
        }
    };
    headers.into_iter().map(shown).collect()
}
