//! The hub: numbers changes, keeps them for reconnecting browsers and broadcasts them to streams.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::model::account::Credential;
use app::model::id::{ProjectId, UserId, WebhookId};
use app::model::live::{ChangeKind, ProjectChange};
use tokio::sync::watch;

use super::NodeMessage;
use super::project_channels::{ProjectChannels, StartFrom, StreamSubscription};
use super::stream_slots::{StreamSlot, StreamSlots, TooManyStreams};
use super::webhook_throttle::{ThrottleDecision, WebhookThrottle};
use crate::clock::Clock;
use crate::storage::Revoked;

/// Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<HubInner>,
}

struct HubInner {
    /// Tells one start of the server from another, so that their numbers are not mixed up.
    epoch: String,
    clock: Clock,
    stream_slots: StreamSlots,
    gap_signal: watch::Sender<()>,
    state: Mutex<HubState>,
}

#[derive(Default)]
struct HubState {
    channels: ProjectChannels,
    throttle: WebhookThrottle,
}

impl Hub {
    /// A hub for `max_streams` streams in all and `max_per_user` of one user.
    #[must_use]
    pub fn new(epoch: String, clock: Clock, max_streams: usize, max_per_user: usize) -> Self {
        let stream_slots = StreamSlots::new(max_streams, max_per_user);
        let gap_signal = watch::Sender::new(());
        Self { shared: Arc::new(HubInner { epoch, clock, stream_slots, gap_signal, state: Mutex::default() }) }
    }

    fn state(&self) -> MutexGuard<'_, HubState> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Differs between all starts of all nodes.
    #[must_use]
    pub fn epoch(&self) -> &str {
        &self.shared.epoch
    }

    /// Applies a message of this node or of another one.
    pub fn apply(&self, message: NodeMessage) {
        match message {
            NodeMessage::Changed(change) => self.publish(change),
            NodeMessage::Revoked(revoked) => self.end(&revoked),
        }
    }

    /// Numbers a change, keeps it and broadcasts it. The changes of one webhook are limited to one
    /// per second in each project; the last one is published late and never lost.
    pub fn publish(&self, change: ProjectChange) {
        let ChangeKind::WebhookChanged { webhook_id } = change.kind else {
            return self.state().channels.publish(change);
        };
        let mut state = self.state();
        match state.throttle.decide((change.project_id, webhook_id), self.shared.clock.instant()) {
            ThrottleDecision::Publish => state.channels.publish(change),
            ThrottleDecision::PublishAt(due) => {
                let hub = self.clone();
                tokio::spawn(async move {
                    hub.shared.clock.sleep_until(due).await;
                    hub.publish_now(webhook_id, change);
                });
            }
            ThrottleDecision::Skip => {}
        }
    }

    fn publish_now(&self, webhook: WebhookId, change: ProjectChange) {
        let now = self.shared.clock.instant();
        let mut state = self.state();
        state.throttle.published((change.project_id, webhook), now);
        state.channels.publish(change);
    }

    /// Reports that changes were lost: all browsers refetch, now or when they reconnect.
    pub fn missed(&self) {
        let mut state = self.state();
        state.channels.lose_history();
        self.shared.gap_signal.send_replace(());
    }

    /// Ends the open streams that depend on what was revoked.
    pub fn end(&self, revoked: &Revoked) {
        self.shared.stream_slots.end(revoked);
    }

    /// Subscribes to projects, with what they missed since the event `last_event_id`.
    #[must_use]
    pub fn subscribe(&self, projects: &[ProjectId], last_event_id: Option<&str>) -> StreamSubscription {
        let start = last_event_id.map_or(StartFrom::Now, |id| self.start_after(id));
        self.state().channels.subscribe(projects, start)
    }

    fn start_after(&self, event_id: &str) -> StartFrom {
        let number = event_id.rsplit_once('-').filter(|(epoch, _)| *epoch == self.shared.epoch);
        number.and_then(|(_, number)| number.parse().ok()).map_or(StartFrom::Unknown, StartFrom::After)
    }

    /// Changes whenever [`Hub::missed`] is called.
    #[must_use]
    pub fn gap_signal(&self) -> watch::Receiver<()> {
        self.shared.gap_signal.subscribe()
    }

    /// The SSE event ID of a number.
    #[must_use]
    pub fn event_id(&self, number: u64) -> String {
        format!("{}-{number}", self.shared.epoch)
    }

    /// The number of the latest change.
    #[must_use]
    pub fn latest(&self) -> u64 {
        self.state().channels.latest()
    }

    /// The SSE event ID of the latest change.
    #[must_use]
    pub fn latest_event_id(&self) -> String {
        self.event_id(self.latest())
    }

    /// How many streams are open.
    #[must_use]
    pub fn open_streams(&self) -> usize {
        self.shared.stream_slots.open()
    }

    /// Takes a slot for a stream of `user` that follows `projects`, opened with `credential`. A user
    /// at the limit loses the oldest stream.
    ///
    /// # Errors
    /// When the instance has no slot left.
    pub fn acquire(
        &self,
        user: UserId,
        projects: Vec<ProjectId>,
        credential: Credential,
    ) -> Result<StreamSlot, TooManyStreams> {
        self.shared.stream_slots.acquire(user, projects, credential)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;

    const PROJECT: ProjectId = ProjectId(Uuid::from_u128(1));

    fn hub(epoch: &str) -> Hub {
        Hub::new(epoch.into(), Clock::mock(DateTime::UNIX_EPOCH), 10, 2)
    }

    fn change(webhook: u128) -> ProjectChange {
        ProjectChange {
            project_id: PROJECT,
            kind: ChangeKind::WebhookChanged { webhook_id: WebhookId(Uuid::from_u128(webhook)) },
        }
    }

    #[test]
    fn a_browser_of_an_earlier_start_has_to_refetch() {
        let hub = hub("e2");
        hub.publish(change(1));
        let missed = |id| hub.subscribe(&[PROJECT], Some(id)).missed;
        assert!(missed("e1-1") && missed("nonsense"));
        assert!(!missed("e2-0") && !missed("e2-1"));
        assert!(!missed("e2-18446744073709551615"), "made up, and harmless");
        assert!(!hub.subscribe(&[PROJECT], None).missed);
    }

    #[test]
    fn a_loss_is_signaled_to_open_streams() {
        let hub = hub("e");
        let open = hub.gap_signal();
        assert!(!open.has_changed().unwrap());
        hub.missed();
        assert!(open.has_changed().unwrap() && !hub.gap_signal().has_changed().unwrap());
    }

    #[tokio::test]
    async fn a_webhook_changes_at_most_once_per_second() {
        let hub = hub("e");
        let mut subscription = hub.subscribe(&[PROJECT], None);
        let changes = &mut subscription.channels[0].1;
        (0..100).for_each(|_| hub.publish(change(1)));
        hub.publish(change(2));
        assert_eq!(changes.recv().await.unwrap().change, change(1));
        assert_eq!(changes.recv().await.unwrap().change, change(2));
        assert!(changes.try_recv().is_err());
        hub.shared.clock.advance(Duration::from_secs(1));
        assert_eq!(changes.recv().await.unwrap().change, change(1), "the last change is published late");
        assert!(changes.try_recv().is_err());
        hub.publish(change(1));
        assert!(changes.try_recv().is_err(), "the interval began again");
    }
}
