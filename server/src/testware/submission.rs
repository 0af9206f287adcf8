//! Results that are added at once.

use app::model::catalog::{EventType, PAYLOAD_VERSION};
use app::model::people::Actor;
use app::testware::execution::Counts;
use app::testware::result::TestResult;
use app::testware::submission::{Submission, SubmissionId};
use sea_orm::DbErr;
use serde_json::json;

use super::result::events::ParentPart;
use super::row::TestwareRow;
use crate::app_state::AppState;
use crate::entity::project;
use crate::events::{NewEvent, outbox};
use crate::storage::Tx;

/// Emits the event of a submission, after those of its results.
pub async fn complete<R: TestwareRow>(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    parent: &R,
    added: &[TestResult],
    by: &Actor,
) -> Result<Submission, DbErr> {
    let id: SubmissionId = state.ids.next();
    let mut counts = Counts::default();
    for result in added {
        *counts.of_mut(result.status) += 1;
    }
    let part = ParentPart::new(state, project, parent);
    let [key, name] = part.key_and_name();
    let mut data = json!({
        "id": id, "version": PAYLOAD_VERSION, "key": key, "name": name, "counts": counts, "total": added.len(),
    });
    part.add_to(&mut data);
    let event = EventType::ExecutionCompleted;
    outbox::publish(state, tx, NewEvent { project, event, actor: Some(by), data }).await?;
    Ok(Submission { id, result_ids: added.iter().map(|result| result.id).collect(), counts })
}
