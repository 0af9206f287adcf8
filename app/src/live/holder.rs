//! The tab that holds the stream: it knows the other tabs, the projects that the stream follows and
//! the latest changes, and decides when to open the stream again.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::backoff::{MAX_BUSY_WAIT_MS, MAX_OUTAGE_WAIT_MS, MAX_REFUSED_WAIT_MS, wait_ms};
use super::event_id::{EventId, older};
use super::message::{Access, StreamStatus, TabAction, TabMessage, Timer};
use super::tab::TabClock;
use crate::model::id::ProjectId;
use crate::model::live::MAX_PROJECTS_PER_STREAM;

/// The time for tabs to answer a roll call.
const ROLL_CALL_MS: u32 = 100;
/// The number of changes kept for tabs that join.
const MAX_RECENT: usize = 512;
/// A silent stream counts as dead after this time. The server sends a ping every 25 seconds.
const SILENCE_TIMEOUT_MS: u64 = 60_000;
/// The same when a user returns to the tab, e.g. after sleep.
const WAKE_SILENCE_TIMEOUT_MS: u64 = 30_000;
/// The time for a stream to open.
const OPEN_TIMEOUT_MS: u64 = 20_000;

#[derive(Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Tabs are asked to join.
    #[default]
    RollCall,
    /// The server has not responded yet.
    Opening,
    Open,
    /// Waiting for the next attempt.
    Waiting,
}

#[derive(Debug, Default)]
pub struct Holder {
    phase: Phase,
    /// Tabs that wait for their welcome, with their project and last known event.
    waiting: BTreeMap<String, (ProjectId, Option<String>)>,
    /// The projects of welcomed tabs.
    joined: BTreeMap<String, ProjectId>,
    followed: BTreeSet<ProjectId>,
    connected: BTreeSet<ProjectId>,
    denied: BTreeSet<ProjectId>,
    refused: bool,
    /// The latest changes, complete since `recent_since`.
    recent: VecDeque<Recent>,
    recent_since: Option<EventId>,
    failures: u32,
    last_message_at_ms: u64,
}

#[derive(Debug)]
struct Recent {
    id: EventId,
    project: ProjectId,
    data: String,
}

impl Holder {
    /// Asks all tabs for their projects; the stream opens shortly after.
    pub fn call_roll(&mut self, actions: &mut Vec<TabAction>) {
        self.phase = Phase::RollCall;
        self.waiting.clear();
        self.joined.clear();
        actions.push(TabAction::CloseStream);
        actions.push(TabAction::Broadcast(TabMessage::RollCall));
        actions.push(TabAction::Schedule(Timer::Open, ROLL_CALL_MS));
    }

    /// Opens the stream for the projects of this tab and of all other tabs.
    pub fn open(&mut self, own: ProjectId, last_event: Option<String>, clock: TabClock, actions: &mut Vec<TabAction>) {
        self.phase = Phase::Opening;
        self.last_message_at_ms = clock.now_ms;
        let others = self.waiting.values().map(|(project, _)| *project).chain(self.joined.values().copied());
        // A tab beyond the limit shows that it is not live.
        self.followed = std::iter::once(own).chain(others).take(MAX_PROJECTS_PER_STREAM).collect();
        self.connected.retain(|project| self.followed.contains(project));
        self.denied.clear();
        let since = self.waiting.values().fold(last_event, |oldest, (_, since)| older(oldest, since.clone()));
        self.recent.clear();
        self.recent_since = since.as_deref().and_then(EventId::parse);
        let projects = self.followed.iter().copied().collect();
        actions.push(TabAction::OpenStream { projects, since });
    }

    /// A tab joins.
    pub fn join(
        &mut self,
        tab: String,
        project: ProjectId,
        since: Option<String>,
        last_event: Option<&String>,
        actions: &mut Vec<TabAction>,
    ) {
        if self.phase == Phase::Open && self.connected.contains(&project) {
            self.welcome(tab, project, since.as_deref(), actions);
            actions.push(TabAction::Broadcast(self.status(last_event)));
            return;
        }
        let new = !self.followed.contains(&project);
        self.waiting.insert(tab, (project, since));
        match self.phase {
            Phase::Opening | Phase::Open if new => actions.push(TabAction::Schedule(Timer::Open, ROLL_CALL_MS)),
            Phase::Open | Phase::Waiting => actions.push(TabAction::Broadcast(self.status(last_event))),
            _ => {}
        }
    }

    /// A tab leaves. Its project is followed until the stream is opened again.
    pub fn leave(&mut self, tab: &str) {
        self.waiting.remove(tab);
        self.joined.remove(tab);
    }

    /// The stream follows a project.
    pub fn sync(
        &mut self,
        project: ProjectId,
        missed: bool,
        last_event: Option<&String>,
        actions: &mut Vec<TabAction>,
    ) {
        self.phase = Phase::Open;
        self.failures = 0;
        self.refused = false;
        self.denied.remove(&project);
        self.connected.insert(project);
        if missed || self.recent_since.is_none() {
            self.recent.clear();
            self.recent_since = last_event.and_then(|id| EventId::parse(id));
        }
        if missed {
            actions.push(TabAction::Broadcast(TabMessage::Missed { project }));
        }
        let of_project = self.waiting.extract_if(.., |_, (other, _)| *other == project).collect::<Vec<_>>();
        for (tab, (_, since)) in of_project {
            if missed {
                self.joined.insert(tab.clone(), project);
                actions.push(TabAction::Broadcast(TabMessage::Welcome { tab, missed: false }));
            } else {
                self.welcome(tab, project, since.as_deref(), actions);
            }
        }
        actions.push(TabAction::Broadcast(self.status(last_event)));
    }

    /// The server doesn't let the user read a project.
    pub fn deny(&mut self, project: ProjectId, last_event: Option<&String>, actions: &mut Vec<TabAction>) {
        self.connected.remove(&project);
        self.denied.insert(project);
        // These tabs need no missed events.
        let denied = self.waiting.extract_if(.., |_, (other, _)| *other == project).map(|(tab, _)| (tab, project));
        self.joined.extend(denied.collect::<Vec<_>>());
        actions.push(TabAction::Broadcast(self.status(last_event)));
    }

    /// Handles a change.
    pub fn change(&mut self, id: String, project: ProjectId, data: String, actions: &mut Vec<TabAction>) {
        if let Some(parsed) = EventId::parse(&id) {
            if self.recent.len() == MAX_RECENT
                && let Some(oldest) = self.recent.pop_front()
            {
                self.recent_since = Some(oldest.id);
            }
            self.recent.push_back(Recent { id: parsed, project, data: data.clone() });
        }
        actions.push(TabAction::Broadcast(TabMessage::Changed { id, data }));
    }

    /// Handles an interrupted or refused stream.
    pub fn fail(&mut self, refused: bool, clock: TabClock, actions: &mut Vec<TabAction>) {
        self.phase = Phase::Waiting;
        self.failures = self.failures.saturating_add(1);
        self.refused = refused;
        self.connected.clear();
        self.denied.clear();
        actions.push(TabAction::CloseStream);
        actions.push(TabAction::Broadcast(self.status(None)));
        let wait = wait_ms(self.failures, clock.random, MAX_OUTAGE_WAIT_MS);
        actions.push(TabAction::Schedule(Timer::Retry, wait));
    }

    /// Extends the wait if the failure was no outage.
    pub fn learn_access(&self, access: Access, clock: TabClock, actions: &mut Vec<TabAction>) {
        let max_ms = match access {
            Access::Granted => MAX_BUSY_WAIT_MS,
            Access::Denied | Access::SignedOut => MAX_REFUSED_WAIT_MS,
            Access::Unknown => return,
        };
        if self.phase == Phase::Waiting && self.refused {
            actions.push(TabAction::Schedule(Timer::Retry, wait_ms(self.failures, clock.random, max_ms)));
        }
    }

    /// The network is back or a user returns: a stream that is not alive is opened at once.
    pub fn wake(&mut self, clock: TabClock, actions: &mut Vec<TabAction>) {
        let asleep = self.phase == Phase::Open && clock.now_ms > self.last_message_at_ms + WAKE_SILENCE_TIMEOUT_MS;
        if self.phase == Phase::Waiting || asleep || !self.denied.is_empty() {
            self.call_roll(actions);
        }
    }

    /// Notes a message of the server.
    pub fn note_message(&mut self, clock: TabClock) {
        self.last_message_at_ms = clock.now_ms;
    }

    /// Whether the stream was silent for too long.
    pub fn is_dead(&self, clock: TabClock) -> bool {
        let timeout_ms = match self.phase {
            Phase::Opening => OPEN_TIMEOUT_MS,
            Phase::Open => SILENCE_TIMEOUT_MS,
            Phase::RollCall | Phase::Waiting => return false,
        };
        clock.now_ms > self.last_message_at_ms + timeout_ms
    }

    /// Sends a tab the changes it missed, as far as they are known.
    fn welcome(&mut self, tab: String, project: ProjectId, since: Option<&str>, actions: &mut Vec<TabAction>) {
        let since = since.and_then(EventId::parse);
        let known = since.as_ref().zip(self.recent_since.as_ref()).is_some_and(|(since, start)| start.is_up_to(since));
        if let Some(since) = since.filter(|_| known) {
            for change in self.recent.iter().filter(|change| change.project == project && !change.id.is_up_to(&since)) {
                let (tab, data) = (tab.clone(), change.data.clone());
                actions.push(TabAction::Broadcast(TabMessage::Replay { tab, data }));
            }
        }
        self.joined.insert(tab.clone(), project);
        actions.push(TabAction::Broadcast(TabMessage::Welcome { tab, missed: !known }));
    }

    fn status(&self, last_event: Option<&String>) -> TabMessage {
        TabMessage::Status(StreamStatus {
            connected: self.connected.iter().copied().collect(),
            denied: self.denied.iter().copied().collect(),
            refused: self.refused,
            last_event: last_event.cloned(),
        })
    }
}
