//! The state machine of one tab, without the browser: it takes inputs and returns actions. All tabs
//! of a user share one stream. The tab with the lock is the holder: it opens the stream for the
//! projects of all tabs and forwards the changes to the others, the followers. When the holder
//! closes, the next tab gets the lock and asks all tabs for their projects (a roll call), so that
//! its stream starts at the oldest event that one of them still needs.

use super::holder::Holder;
use super::message::{Access, StreamEvent, StreamStatus, TabAction, TabInput, TabMessage, Timer};
use super::{Connection, LiveMessage};
use crate::json::from_json;
use crate::model::id::ProjectId;
use crate::model::live::ProjectChange;

/// How long a connection is away before the page shows it.
const GRACE_MS: u32 = 1_500;
/// How often stream and holder are checked.
const WATCHDOG_INTERVAL_MS: u32 = 20_000;
/// The holder reports at each watchdog tick. Browsers slow the timers of hidden tabs to one a
/// minute.
const HOLDER_TIMEOUT_MS: u64 = 150_000;

/// Time and randomness, which tests control.
#[derive(Clone, Copy, Debug)]
pub struct TabClock {
    /// Milliseconds since an arbitrary start.
    pub now_ms: u64,
    /// Between 0 and 1.
    pub random: f64,
}

#[derive(Debug)]
pub struct Tab {
    pub(super) id: String,
    pub(super) project: ProjectId,
    pub(super) last_event: Option<String>,
    role: Role,
    connection: Connection,
    /// Whether an access check is running.
    checking: bool,
}

#[derive(Debug)]
enum Role {
    /// In the back/forward cache, or frozen.
    Suspended,
    Follower {
        /// Whether the holder has sent the missed changes.
        welcomed: bool,
        /// The last message of the holder.
        last_message_at_ms: u64,
    },
    Holder(Holder),
}

impl Tab {
    /// A tab that shows `project` and has all changes up to `last_event`.
    pub fn new(id: String, project: ProjectId, last_event: Option<String>) -> Self {
        Self { id, project, last_event, role: Role::Suspended, connection: Connection::Idle, checking: false }
    }

    /// The last event that the tab received.
    pub fn last_event(&self) -> Option<&String> {
        self.last_event.as_ref()
    }

    /// Handles an input.
    pub fn handle(&mut self, input: TabInput, clock: TabClock) -> Vec<TabAction> {
        let mut actions = Vec::new();
        match input {
            TabInput::Show => self.start(clock, &mut actions),
            _ if matches!(self.role, Role::Suspended) => {}
            TabInput::Hide => self.suspend(&mut actions),
            TabInput::LockAcquired => {
                let mut holder = Holder::default();
                holder.call_roll(&mut actions);
                self.role = Role::Holder(holder);
            }
            TabInput::LockLost => {
                actions.push(TabAction::CloseStream);
                actions.push(TabAction::RequestLock { steal: false });
                self.become_follower(clock, &mut actions);
            }
            TabInput::Message(message) => self.receive(message, clock, &mut actions),
            TabInput::Stream(event) => self.receive_event(event, clock, &mut actions),
            TabInput::Timer(timer) => self.time_out(timer, clock, &mut actions),
            TabInput::Access(access) => self.learn_access(access, clock, &mut actions),
            TabInput::Wake => match &mut self.role {
                Role::Holder(holder) => holder.wake(clock, &mut actions),
                _ if self.connection != Connection::Open => actions.push(TabAction::Broadcast(TabMessage::Wake)),
                _ => {}
            },
        }
        actions
    }

    fn start(&mut self, clock: TabClock, actions: &mut Vec<TabAction>) {
        if !matches!(self.role, Role::Suspended) {
            return;
        }
        actions.push(TabAction::OpenChannel);
        actions.push(TabAction::RequestLock { steal: false });
        actions.push(TabAction::Schedule(Timer::Watchdog, WATCHDOG_INTERVAL_MS));
        self.become_follower(clock, actions);
    }

    /// Follows a holder, if there is one.
    fn become_follower(&mut self, clock: TabClock, actions: &mut Vec<TabAction>) {
        self.role = Role::Follower { welcomed: false, last_message_at_ms: clock.now_ms };
        actions.push(TabAction::Broadcast(self.join()));
        self.show(Connection::Connecting, actions);
    }

    fn suspend(&mut self, actions: &mut Vec<TabAction>) {
        self.role = Role::Suspended;
        actions.extend([
            TabAction::Broadcast(TabMessage::Leave { tab: self.id.clone() }),
            TabAction::CloseStream,
            TabAction::ReleaseLock,
            TabAction::CloseChannel,
            TabAction::CancelTimers,
        ]);
    }

    fn join(&self) -> TabMessage {
        TabMessage::Join { tab: self.id.clone(), project: self.project, since: self.last_event.clone() }
    }

    fn receive(&mut self, message: TabMessage, clock: TabClock, actions: &mut Vec<TabAction>) {
        match &mut self.role {
            Role::Holder(holder) => match message {
                TabMessage::Join { tab, project, since } => {
                    holder.join(tab, project, since, self.last_event.as_ref(), actions);
                }
                TabMessage::Leave { tab } => holder.leave(&tab),
                TabMessage::Wake => holder.wake(clock, actions),
                _ => {}
            },
            Role::Follower { welcomed, last_message_at_ms } => {
                if !matches!(message, TabMessage::Join { .. } | TabMessage::Leave { .. } | TabMessage::Wake) {
                    *last_message_at_ms = clock.now_ms;
                }
                match message {
                    TabMessage::RollCall => {
                        *welcomed = false;
                        actions.push(TabAction::Broadcast(self.join()));
                    }
                    TabMessage::Welcome { tab, missed } if tab == self.id => {
                        *welcomed = true;
                        if missed {
                            actions.push(TabAction::Notify(LiveMessage::Missed));
                        }
                    }
                    TabMessage::Replay { tab, data } if tab == self.id => self.notify(&data, actions),
                    TabMessage::Changed { id, data } => {
                        if *welcomed {
                            self.last_event = Some(id);
                        }
                        self.notify(&data, actions);
                    }
                    TabMessage::Missed { project } if project == self.project => {
                        actions.push(TabAction::Notify(LiveMessage::Missed));
                    }
                    TabMessage::Status(status) => {
                        let welcomed = *welcomed;
                        self.learn_status(status, welcomed, actions);
                    }
                    _ => {}
                }
            }
            Role::Suspended => {}
        }
    }

    fn learn_status(&mut self, status: StreamStatus, welcomed: bool, actions: &mut Vec<TabAction>) {
        if status.connected.contains(&self.project) {
            // Before the welcome, missed changes are still on their way.
            if welcomed {
                self.last_event = status.last_event.or(self.last_event.take());
                self.show(Connection::Open, actions);
            }
        } else {
            self.show_away(status.refused || status.denied.contains(&self.project), actions);
        }
    }

    fn receive_event(&mut self, event: StreamEvent, clock: TabClock, actions: &mut Vec<TabAction>) {
        let Role::Holder(holder) = &mut self.role else { return };
        holder.note_message(clock);
        match event {
            StreamEvent::Synced { project, missed, id } => {
                if id.is_some() {
                    self.last_event = id;
                }
                holder.sync(project, missed, self.last_event.as_ref(), actions);
                if project == self.project {
                    if missed {
                        actions.push(TabAction::Notify(LiveMessage::Missed));
                    }
                    self.show(Connection::Open, actions);
                }
            }
            StreamEvent::Denied(project) => {
                holder.deny(project, self.last_event.as_ref(), actions);
                if project == self.project {
                    self.show_away(true, actions);
                }
            }
            StreamEvent::Changed { id, project, data } => {
                self.last_event = Some(id.clone());
                holder.change(id, project, data.clone(), actions);
                self.notify(&data, actions);
            }
            StreamEvent::Ping => actions.push(TabAction::Broadcast(TabMessage::Alive)),
            StreamEvent::Goodbye => self.fail(false, clock, actions),
            StreamEvent::Failed { refused } => self.fail(refused, clock, actions),
        }
    }

    fn fail(&mut self, refused: bool, clock: TabClock, actions: &mut Vec<TabAction>) {
        let Role::Holder(holder) = &mut self.role else { return };
        holder.fail(refused, clock, actions);
        self.show_away(refused, actions);
    }

    fn time_out(&mut self, timer: Timer, clock: TabClock, actions: &mut Vec<TabAction>) {
        match (timer, &mut self.role) {
            (Timer::Grace, _) if self.connection == Connection::Connecting => {
                self.connection = Connection::Paused;
                actions.push(TabAction::Show(Connection::Paused));
            }
            (Timer::Open, Role::Holder(holder)) => holder.open(self.project, self.last_event.clone(), clock, actions),
            (Timer::Retry, Role::Holder(holder)) => holder.call_roll(actions),
            (Timer::Watchdog, role) => {
                actions.push(TabAction::Schedule(Timer::Watchdog, WATCHDOG_INTERVAL_MS));
                match role {
                    Role::Holder(holder) => {
                        actions.push(TabAction::Broadcast(TabMessage::Alive));
                        if holder.is_dead(clock) {
                            self.fail(false, clock, actions);
                        }
                    }
                    Role::Follower { last_message_at_ms, .. }
                        if clock.now_ms > *last_message_at_ms + HOLDER_TIMEOUT_MS =>
                    {
                        *last_message_at_ms = clock.now_ms;
                        actions.push(TabAction::ReleaseLock);
                        actions.push(TabAction::RequestLock { steal: true });
                        self.show(Connection::Connecting, actions);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn learn_access(&mut self, access: Access, clock: TabClock, actions: &mut Vec<TabAction>) {
        self.checking = false;
        if self.connection == Connection::Open {
            return;
        }
        if let Role::Holder(holder) = &mut self.role {
            holder.learn_access(access, clock, actions);
        }
        match access {
            Access::Denied => self.show(Connection::NoAccess, actions),
            Access::SignedOut => self.show(Connection::SignedOut, actions),
            Access::Granted | Access::Unknown => self.show(Connection::Connecting, actions),
        }
    }

    /// The stream is away. If it was refused, access is checked.
    fn show_away(&mut self, refused: bool, actions: &mut Vec<TabAction>) {
        if refused && !self.checking {
            self.checking = true;
            actions.push(TabAction::CheckAccess);
        }
        if !refused || self.connection == Connection::Open {
            self.show(Connection::Connecting, actions);
        }
    }

    fn show(&mut self, connection: Connection, actions: &mut Vec<TabAction>) {
        let still_away = connection == Connection::Connecting && self.connection == Connection::Paused;
        if self.connection == connection || still_away {
            return;
        }
        self.connection = connection;
        actions.push(TabAction::Show(connection));
        if connection == Connection::Connecting {
            actions.push(TabAction::Schedule(Timer::Grace, GRACE_MS));
        }
    }

    /// Notifies the page of a change of its project. Changes of a newer server that this page doesn't
    /// know are ignored.
    fn notify(&self, data: &str, actions: &mut Vec<TabAction>) {
        if let Ok(change) = from_json::<ProjectChange>(data)
            && change.project_id == self.project
        {
            actions.push(TabAction::Notify(LiveMessage::Changed(change.kind)));
        }
    }
}
