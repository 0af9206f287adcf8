//! What wakes an open stream: the changes of its projects, and gaps.

use app::model::id::ProjectId;
use futures::{FutureExt, Stream};
use tokio::sync::{broadcast, watch};
use tokio::task::unconstrained;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;
use tokio_stream::wrappers::{BroadcastStream, WatchStream};
use tokio_stream::{StreamExt, StreamMap};

use super::SequencedChange;

pub(super) enum Update {
    /// In the order of their numbers.
    Changes(Vec<SequencedChange>),
    /// Changes were lost, or the stream is too slow: its browser has to refetch.
    Gap,
}

type Channels = Vec<(ProjectId, broadcast::Receiver<SequencedChange>)>;

/// The updates of these channels, and a [`Update::Gap`] for each signal.
pub(super) fn updates(channels: Channels, gap_signal: watch::Receiver<()>) -> impl Stream<Item = Update> {
    batches(channels).merge(WatchStream::from_changes(gap_signal).map(|()| Update::Gap))
}

/// A batch holds everything up to its last number. Otherwise an event ID could be ahead of a change
/// of another project, which would be lost if the connection broke in between.
fn batches(channels: Channels) -> impl Stream<Item = Update> {
    let channels = channels.into_iter().map(|(project, receiver)| (project, BroadcastStream::new(receiver)));
    futures::stream::unfold(channels.collect::<StreamMap<_, _>>(), |mut channels| async move {
        let mut batch: Vec<SequencedChange> = Vec::new();
        let mut next = Some(channels.next().await?);
        while let Some((_, received)) = next {
            match received {
                Ok(change) => batch.push(change),
                Err(BroadcastStreamRecvError::Lagged(_)) => return Some((Update::Gap, channels)),
            }
            // Tokio's cooperative scheduling would cut the batch short.
            next = unconstrained(channels.next()).now_or_never().flatten();
        }
        batch.sort_unstable_by_key(|change| change.number);
        Some((Update::Changes(batch), channels))
    })
}

#[cfg(test)]
mod tests {
    use app::model::id::IssueId;
    use app::model::live::{ChangeKind, ProjectChange};
    use uuid::Uuid;

    use super::*;

    fn change(number: u64, project_id: ProjectId, kind: ChangeKind) -> SequencedChange {
        SequencedChange { number, change: ProjectChange { project_id, kind }, channel: project_id }
    }

    #[tokio::test]
    async fn a_batch_is_complete_and_in_order() {
        let projects = [1, 2].map(|n| ProjectId(Uuid::from_u128(n)));
        let senders = projects.map(|project| (project, broadcast::Sender::new(1000)));
        let channels = senders.iter().map(|(project, sender)| (*project, sender.subscribe())).collect();
        for number in 0..1000_u64 {
            let (project_id, sender) = &senders[usize::from(number % 3 == 0)];
            let kind = ChangeKind::IssueUpdated { issue_id: IssueId(Uuid::nil()) };
            sender.send(change(number, *project_id, kind)).unwrap();
        }
        let (_gaps, gap_signal) = watch::channel(());
        let mut updates = std::pin::pin!(updates(channels, gap_signal));
        let Some(Update::Changes(batch)) = updates.next().await else { panic!("no changes") };
        assert_eq!(batch.iter().map(|change| change.number).collect::<Vec<_>>(), (0..1000).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_slow_stream_and_a_loss_are_gaps() {
        let project = ProjectId(Uuid::nil());
        let sender = broadcast::Sender::new(2);
        let channels = vec![(project, sender.subscribe())];
        let (gaps, gap_signal) = watch::channel(());
        let mut updates = std::pin::pin!(updates(channels, gap_signal));
        for number in 0..10 {
            let kind = ChangeKind::IssueUpdated { issue_id: IssueId(Uuid::nil()) };
            sender.send(change(number, project, kind)).unwrap();
        }
        assert!(matches!(updates.next().await, Some(Update::Gap)));
        assert!(matches!(updates.next().await, Some(Update::Changes(_))));
        gaps.send_replace(());
        assert!(matches!(updates.next().await, Some(Update::Gap)));
    }
}
