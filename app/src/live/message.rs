//! The messages between the tabs of a browser, and the inputs and actions of a tab.

use serde::{Deserialize, Serialize};

use super::{Connection, LiveMessage};
use crate::model::id::ProjectId;

/// A message on the channel of all tabs of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TabMessage {
    /// The holder asks all tabs to join.
    RollCall,
    /// A tab wants the changes of a project since an event.
    Join {
        /// The tab.
        tab: String,
        /// The project that it shows.
        project: ProjectId,
        /// The last event that it knows.
        since: Option<String>,
    },
    /// A tab is closed or put aside.
    Leave {
        /// The tab.
        tab: String,
    },
    /// The holder has accepted a tab and sent the changes it missed.
    Welcome {
        /// The tab.
        tab: String,
        /// Whether the tab has to read again because the holder lacks some of the missed changes.
        missed: bool,
    },
    /// A change that one tab missed.
    Replay {
        /// The tab.
        tab: String,
        /// The change as the server sent it; a newer tab may understand more of it.
        data: String,
    },
    /// A change for all tabs.
    Changed {
        /// Its event ID.
        id: String,
        /// The change as the server sent it.
        data: String,
    },
    /// All tabs of a project have to read again.
    Missed {
        /// The project.
        project: ProjectId,
    },
    /// The state of the stream.
    Status(StreamStatus),
    /// The holder is alive.
    Alive,
    /// A user returned to a tab that is not live.
    Wake,
}

/// The state of the stream, as its holder reports it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamStatus {
    /// Projects that the stream follows.
    pub connected: Vec<ProjectId>,
    /// Projects that the server refused.
    pub denied: Vec<ProjectId>,
    /// Whether the server refused the whole stream.
    pub refused: bool,
    /// The last event.
    pub last_event: Option<String>,
}

/// A message of the server's stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamEvent {
    /// The stream follows a project.
    Synced {
        /// The project.
        project: ProjectId,
        /// Whether changes may be missing.
        missed: bool,
        /// The ID of the latest event, if no missed change follows.
        id: Option<String>,
    },
    /// The stream doesn't follow a project.
    Denied(ProjectId),
    /// Something changed.
    Changed {
        /// The event ID.
        id: String,
        /// Its project.
        project: ProjectId,
        /// The change as the server sent it.
        data: String,
    },
    /// The connection is alive.
    Ping,
    /// The server ends the stream.
    Goodbye,
    /// The connection was interrupted or refused.
    Failed {
        /// Whether it was refused.
        refused: bool,
    },
}

/// A timer of a tab. There is one of each; setting it again replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The tabs have had time to join; open the stream.
    Open,
    /// Open the stream again.
    Retry,
    /// The connection has been away long enough to show it.
    Grace,
    /// Check whether stream and holder are alive.
    Watchdog,
}

/// Whether the user may read the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Yes.
    Granted,
    /// No.
    Denied,
    /// The session has ended.
    SignedOut,
    /// The server could not be reached.
    Unknown,
}

/// An input of a tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TabInput {
    /// The tab holds the lock.
    LockAcquired,
    /// Another tab took the lock.
    LockLost,
    /// A message of another tab.
    Message(TabMessage),
    /// A message of the stream.
    Stream(StreamEvent),
    /// A timer fired.
    Timer(Timer),
    /// The answer to [`TabAction::CheckAccess`].
    Access(Access),
    /// The network is back, or the user returned to the tab.
    Wake,
    /// The page is left, frozen or put into the back/forward cache.
    Hide,
    /// The page is back.
    Show,
}

/// An action of a tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TabAction {
    /// Joins the channel of the tabs.
    OpenChannel,
    /// Leaves the channel.
    CloseChannel,
    /// Waits for the lock, or takes it from a holder that doesn't respond.
    RequestLock {
        /// Whether to take it.
        steal: bool,
    },
    /// Releases the lock, or stops waiting for it.
    ReleaseLock,
    /// Sends a message to all other tabs.
    Broadcast(TabMessage),
    /// Opens the stream, in place of one that is open.
    OpenStream {
        /// The projects to follow.
        projects: Vec<ProjectId>,
        /// The last event that is known.
        since: Option<String>,
    },
    /// Closes the stream.
    CloseStream,
    /// Sets a timer.
    Schedule(Timer, u32),
    /// Stops all timers.
    CancelTimers,
    /// Notifies the page.
    Notify(LiveMessage),
    /// Shows the state of the connection.
    Show(Connection),
    /// Asks the server whether the project may be read.
    CheckAccess,
}
