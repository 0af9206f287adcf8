//! The messages that nodes send each other, and their JSON. One PostgreSQL notification carries the
//! epoch of its sender and as many messages as fit.

use app::model::live::ProjectChange;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::storage::Revoked;

/// PostgreSQL accepts payloads of less than 8000 bytes (<https://www.postgresql.org/docs/current/sql-notify.html>).
const MAX_PAYLOAD_BYTES: usize = 7999;

/// A message to every hub, sent after the change was committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum NodeMessage {
    /// Something changed.
    Changed(ProjectChange),
    /// Access was revoked: the streams that depend on it end.
    Revoked(Revoked),
}

/// A notification as it is received.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(super) struct NodeBatch {
    /// The epoch of the sender.
    pub from: String,
    /// Whether the sender lost earlier messages.
    pub missed: bool,
    /// In the order of the changes.
    pub messages: Vec<NodeMessage>,
}

/// A notification as it is sent.
#[derive(Serialize)]
struct NodeBatchRef<'a> {
    from: &'a str,
    missed: bool,
    messages: &'a [Box<RawValue>],
}

/// Packs messages into as few notifications as possible. The first one reports the loss.
///
/// # Errors
/// When a message can't be serialized. The caller reports a loss instead.
pub(super) fn pack(from: &str, missed: bool, messages: &[NodeMessage]) -> serde_json::Result<Vec<String>> {
    let parts = messages.iter().map(serde_json::value::to_raw_value).collect::<serde_json::Result<Vec<_>>>()?;
    let overhead = serde_json::to_string(&NodeBatchRef { from, missed: false, messages: &[] })?.len();
    let mut texts = Vec::new();
    let mut rest = parts.as_slice();
    let mut missed = missed;
    while missed || !rest.is_empty() {
        let (now, later) = rest.split_at(count_fitting(rest, MAX_PAYLOAD_BYTES - overhead));
        texts.push(serde_json::to_string(&NodeBatchRef { from, missed, messages: now })?);
        (missed, rest) = (false, later);
    }
    Ok(texts)
}

/// How many of `parts` fit into `room` bytes, commas included; at least one if there is one.
fn count_fitting(parts: &[Box<RawValue>], room: usize) -> usize {
    let mut used = 0;
    let fit = parts.iter().take_while(|part| {
        used += part.get().len() + 1;
        used <= room
    });
    fit.count().max(1).min(parts.len())
}

#[cfg(test)]
mod tests {
    use app::model::id::{IssueId, ProjectId, UserId};
    use app::model::live::ChangeKind;
    use uuid::Uuid;

    use super::*;

    fn changes(count: u128) -> Vec<NodeMessage> {
        let project_id = ProjectId(Uuid::from_u128(7));
        let kind = |n| ChangeKind::IssueUpdated { issue_id: IssueId(Uuid::from_u128(n)) };
        (0..count).map(|n| NodeMessage::Changed(ProjectChange { project_id, kind: kind(n) })).collect()
    }

    fn read(texts: &[String]) -> Vec<NodeBatch> {
        texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
    }

    #[test]
    fn packed_messages_are_read_back_unchanged() {
        let (project_id, user_id) = (ProjectId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let removed = NodeMessage::Revoked(Revoked::Member { project_id, user_id });
        let messages = [changes(1), vec![removed]].concat();
        let texts = pack("e1", false, &messages).unwrap();
        assert_eq!(read(&texts), [NodeBatch { from: "e1".into(), missed: false, messages }]);
    }

    #[test]
    fn a_burst_is_packed_into_few_ordered_notifications() {
        let messages = changes(500);
        let texts = pack("0123456789abcdef", true, &messages).unwrap();
        assert!(texts.iter().all(|text| text.len() <= MAX_PAYLOAD_BYTES));
        assert!(
            texts[..texts.len() - 1].iter().all(|text| text.len() > MAX_PAYLOAD_BYTES - 200),
            "each but the last is full"
        );
        let batches = read(&texts);
        assert_eq!(batches.iter().filter(|batch| batch.missed).count(), 1);
        assert!(batches[0].missed);
        assert_eq!(batches.into_iter().flat_map(|batch| batch.messages).collect::<Vec<_>>(), messages);
    }

    #[test]
    fn a_loss_is_reported_without_messages() {
        assert_eq!(pack("e", true, &[]).unwrap(), [r#"{"from":"e","missed":true,"messages":[]}"#]);
        assert!(pack("e", false, &[]).unwrap().is_empty());
    }

    #[test]
    fn unknown_messages_are_rejected() {
        let newer = r#"{"from":"e","missed":false,"messages":[{"renamed":{}}]}"#;
        assert!(serde_json::from_str::<NodeBatch>(newer).is_err());
        assert!(serde_json::from_str::<NodeBatch>("x").is_err());
    }
}
