//! A broadcast channel and a replay buffer for each project, so that a busy project neither wakes
//! the streams of another one nor evicts its history. The changes of all projects share one
//! numbering, because one stream may follow several projects and has one last event ID.

use std::collections::{HashMap, VecDeque};

use app::model::id::ProjectId;
use app::model::live::{ProjectChange, WORKSPACE};
use tokio::sync::broadcast;

/// Changes that are kept for reconnecting browsers, per project.
const REPLAY_BUFFER_LEN: usize = 1024;
/// Changes that a slow stream may lag behind before its browser has to refetch.
const BROADCAST_CAPACITY: usize = 1024;
/// Projects that have a replay buffer. The one that was quiet for longest loses it first.
const MAX_REPLAY_BUFFERS: usize = 1000;

/// A change with its number.
#[derive(Clone, Debug)]
pub struct SequencedChange {
    /// Ascending since the start of the server, over all projects.
    pub number: u64,
    /// The change itself.
    pub change: ProjectChange,
    /// The channel: that of its project, or of the workspace.
    pub channel: ProjectId,
}

/// The channels of a stream, and what its browser missed before it subscribed.
#[derive(Debug)]
pub struct StreamSubscription {
    /// The future changes of each project.
    pub channels: Vec<(ProjectId, broadcast::Receiver<SequencedChange>)>,
    /// The changes since the browser's last event, in order.
    pub replay: Vec<SequencedChange>,
    /// Whether some of them are no longer in the buffers.
    pub missed: bool,
    /// The number of the latest change of any project.
    pub latest: u64,
}

/// Where a subscription begins.
#[derive(Clone, Copy, Debug)]
pub(super) enum StartFrom {
    Now,
    /// After the change with this number, the last one that the browser saw.
    After(u64),
    /// The browser's last event is not of this start of the server.
    Unknown,
}

#[derive(Default)]
pub(super) struct ProjectChannels {
    latest: u64,
    /// Changes up to this number may be missing from any buffer.
    lost_before: u64,
    projects: HashMap<ProjectId, ProjectChannel>,
}

#[derive(Default)]
struct ProjectChannel {
    /// `None` while no stream follows the project: a channel reserves memory for its capacity.
    sender: Option<broadcast::Sender<SequencedChange>>,
    replay_buffer: VecDeque<SequencedChange>,
    /// The number of the last change that the buffer had to drop.
    dropped: u64,
}

impl ProjectChannels {
    pub fn latest(&self) -> u64 {
        self.latest
    }

    /// Publishes a change in its project, and in the workspace if pages outside of projects show it.
    pub fn publish(&mut self, change: ProjectChange) {
        if change.kind.concerns_workspace() && change.project_id != WORKSPACE {
            self.publish_to(WORKSPACE, change.clone());
        }
        self.publish_to(change.project_id, change);
    }

    fn publish_to(&mut self, channel: ProjectId, change: ProjectChange) {
        self.latest += 1;
        let change = SequencedChange { number: self.latest, change, channel };
        let project = self.projects.entry(channel).or_default();
        if project.replay_buffer.len() == REPLAY_BUFFER_LEN
            && let Some(oldest) = project.replay_buffer.pop_front()
        {
            project.dropped = oldest.number;
        }
        project.replay_buffer.push_back(change.clone());
        if project.sender.as_ref().is_some_and(|sender| sender.send(change).is_err()) {
            project.sender = None;
        }
        self.evict();
    }

    /// Forgets all history: a browser that reconnects has to refetch.
    pub fn lose_history(&mut self) {
        // A number that no browser has seen yet, so that all of them are behind it.
        self.latest += 1;
        self.lost_before = self.latest;
        for project in self.projects.values_mut() {
            project.replay_buffer.clear();
        }
    }

    pub fn subscribe(&mut self, projects: &[ProjectId], start: StartFrom) -> StreamSubscription {
        let channels = projects.iter().map(|&id| {
            let project = self.projects.entry(id).or_default();
            let sender = project.sender.get_or_insert_with(|| broadcast::Sender::new(BROADCAST_CAPACITY));
            (id, sender.subscribe())
        });
        let channels = channels.collect();
        let mut subscription = StreamSubscription { channels, replay: Vec::new(), missed: false, latest: self.latest };
        let followed = || projects.iter().filter_map(|id| self.projects.get(id));
        match start {
            StartFrom::Now => {}
            StartFrom::After(seen) if seen >= self.lost_before && followed().all(|project| seen >= project.dropped) => {
                let changes = followed().flat_map(|project| &project.replay_buffer);
                subscription.replay = changes.filter(|change| change.number > seen).cloned().collect();
                subscription.replay.sort_unstable_by_key(|change| change.number);
            }
            StartFrom::After(_) | StartFrom::Unknown => subscription.missed = true,
        }
        subscription
    }

    fn evict(&mut self) {
        if self.projects.len() <= MAX_REPLAY_BUFFERS {
            return;
        }
        self.projects.retain(|_, project| {
            let is_followed = project.sender.as_ref().is_some_and(|sender| sender.receiver_count() > 0);
            is_followed || !project.replay_buffer.is_empty() || project.dropped > self.lost_before
        });
        let last_number = |project: &ProjectChannel| project.replay_buffer.back().map(|change| change.number);
        let quietest = self.projects.iter().filter_map(|(id, project)| Some((last_number(project)?, *id))).min();
        if self.projects.len() > MAX_REPLAY_BUFFERS
            && let Some((number, id)) = quietest
            && let Some(project) = self.projects.get_mut(&id)
        {
            project.replay_buffer = VecDeque::new();
            project.dropped = number;
            if project.sender.as_ref().is_none_or(|sender| sender.receiver_count() == 0) {
                self.projects.remove(&id);
                self.lost_before = self.lost_before.max(number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use app::model::id::IssueId;
    use app::model::live::ChangeKind;
    use tokio::sync::broadcast::error::TryRecvError;
    use uuid::Uuid;

    use super::*;

    fn project(n: u128) -> ProjectId {
        ProjectId(Uuid::from_u128(n))
    }

    fn change(project_id: ProjectId) -> ProjectChange {
        ProjectChange { project_id, kind: ChangeKind::IssueUpdated { issue_id: IssueId(Uuid::nil()) } }
    }

    fn replay(channels: &mut ProjectChannels, project: ProjectId, seen: u64) -> (Vec<u64>, bool) {
        let subscription = channels.subscribe(&[project], StartFrom::After(seen));
        (subscription.replay.iter().map(|change| change.number).collect(), subscription.missed)
    }

    #[test]
    fn a_stream_receives_only_the_changes_of_its_projects() {
        let mut channels = ProjectChannels::default();
        let mut subscription = channels.subscribe(&[project(1)], StartFrom::Now);
        channels.publish(change(project(2)));
        let received = subscription.channels[0].1.try_recv();
        assert!(matches!(received, Err(TryRecvError::Empty)), "the stream is not woken: {received:?}");
        channels.publish(change(project(1)));
        assert_eq!(subscription.channels[0].1.try_recv().unwrap().number, 2);
    }

    #[test]
    fn a_busy_project_does_not_evict_the_history_of_another() {
        let mut channels = ProjectChannels::default();
        channels.publish(change(project(1)));
        for _ in 0..=REPLAY_BUFFER_LEN {
            channels.publish(change(project(2)));
        }
        assert_eq!(replay(&mut channels, project(1), 0), (vec![1], false));
        assert_eq!(replay(&mut channels, project(2), 1), (Vec::new(), true));
        assert_eq!(replay(&mut channels, project(2), 2).0.len(), REPLAY_BUFFER_LEN);
    }

    #[test]
    fn a_replay_of_several_projects_is_in_order() {
        let mut channels = ProjectChannels::default();
        for n in [1, 1, 2, 3, 1] {
            channels.publish(change(project(n)));
        }
        let subscription = channels.subscribe(&[project(1), project(2)], StartFrom::After(1));
        assert_eq!(subscription.replay.iter().map(|change| change.number).collect::<Vec<_>>(), [2, 3, 5]);
        assert!(!subscription.missed);
    }

    #[test]
    fn a_loss_makes_every_reconnecting_browser_refetch_once() {
        let mut channels = ProjectChannels::default();
        channels.publish(change(project(1)));
        channels.lose_history();
        let subscription = channels.subscribe(&[project(1)], StartFrom::After(1));
        assert!(subscription.missed);
        assert!(!channels.subscribe(&[project(1)], StartFrom::After(subscription.latest)).missed);
    }

    #[test]
    fn the_number_of_replay_buffers_is_bounded() {
        let mut channels = ProjectChannels::default();
        for n in 0..=MAX_REPLAY_BUFFERS as u128 {
            channels.publish(change(project(n)));
        }
        assert_eq!(channels.projects.len(), MAX_REPLAY_BUFFERS);
        assert!(replay(&mut channels, project(0), 0).1, "the quietest project lost its buffer");
        assert_eq!(replay(&mut channels, project(1), 1), (vec![2], false));
    }
}
