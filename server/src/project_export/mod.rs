//! Exports a project as a stream: everything as JSON, or its test cases as CSV, which can be imported again. A page of rows
//! is in memory at a time. Webhooks, members and credentials are not a part of it.

mod csv;
mod json;

use std::io;

use app::error::{Error, Result};
use app::model::id::ProjectId;
use app::model::people::Actor;
use app::model::project_export::ProjectExportFormat;
use axum::body::Bytes;
use futures::stream::{self, Stream};
use tokio::sync::mpsc;
use tracing::Instrument;

use crate::access::{recheck_projects, require_member};
use crate::app_state::AppState;
use crate::entity::project;

/// Rows that are read at once.
const PAGE_ROWS: u32 = 200;
/// Parts that wait for a slow receiver.
const MAX_WAITING_PARTS: usize = 2;

/// Writes the parts of an export.
struct ExportWriter {
    state: AppState,
    actor: Actor,
    project: project::Model,
    parts: mpsc::Sender<io::Result<Bytes>>,
}

impl ExportWriter {
    /// Sends a part.
    ///
    /// # Errors
    /// If nobody receives it any more.
    async fn send(&self, part: impl Into<Bytes>) -> Result<()> {
        let gone = |_| Error::Transport { detail: "the receiver has gone".to_owned() };
        self.parts.send(Ok(part.into())).await.map_err(gone)
    }

    /// Checks the access again, because an export can take long.
    async fn recheck(&self) -> Result<()> {
        match recheck_projects(&self.state, &self.actor, &[self.project.id]).await?.is_empty() {
            true => Err(Error::NotFound),
            false => Ok(()),
        }
    }
}

/// Exports a project. Its access is checked before this returns, so that a refused request gets its status.
///
/// # Errors
/// [`Error::NotFound`] without access.
pub async fn export(
    state: AppState,
    actor: Actor,
    id: ProjectId,
    format: ProjectExportFormat,
) -> Result<impl Stream<Item = io::Result<Bytes>> + use<>> {
    let project = require_member(&state, &actor, id).await?.project;
    let (parts, receiver) = mpsc::channel(MAX_WAITING_PARTS);
    let writer = ExportWriter { state, actor, project, parts };
    let write = async move {
        let written = match format {
            ProjectExportFormat::Json => json::write(&writer).await,
            ProjectExportFormat::Csv => csv::write(&writer).await,
        };
        if let Err(error) = written {
            // The status is sent already. A broken connection is how the receiver learns that the rest is missing.
            let _ = writer.parts.send(Err(io::Error::other(error.to_string()))).await;
        }
    };
    tokio::spawn(write.in_current_span());
    Ok(stream::unfold(receiver, |mut receiver| async move { receiver.recv().await.map(|part| (part, receiver)) }))
}
