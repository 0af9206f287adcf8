//! The event loop of a tab: it takes one input after the other and performs the actions that the
//! tab's state machine returns.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use super::channel::Channel;
use super::lifecycle;
use super::lock::{self, Lock};
use super::source::Source;
use crate::api;
use crate::error::Error;
use crate::live::message::{Access, TabAction, TabInput, Timer};
use crate::live::tab::{Tab, TabClock};
use crate::live::{Connection, Live};
use crate::meta::meta;
use crate::model::id::ProjectId;
use crate::model::live::{USER_META, WORKSPACE};

/// The name of the channel and of the lock, with the version of the messages between tabs.
const CHANNEL_NAME: &str = "testbell-live-2";

/// Follows a project until the returned function is called.
pub fn start(live: Live, project: ProjectId) -> impl FnOnce() + Send + Sync + 'static {
    let (queue, mut inputs) = unbounded();
    let tab_id = format!("{:x}{:x}", js_sys::Math::random().to_bits(), js_sys::Date::now().to_bits());
    let mut tab = Tab::new(tab_id, project, live.last_event.try_get_value().flatten());
    let mut browser = Browser::new(live, project, queue.clone());
    let send = {
        let queue = queue.clone();
        move |input| {
            let _ = queue.unbounded_send(input);
        }
    };
    let listeners = lifecycle::listen(browser.shares, move |input| send(Queued::Any(input)));
    if browser.shares || lifecycle::is_visible() {
        browser.send(TabInput::Show);
    }
    leptos::task::spawn_local(async move {
        while let Some(queued) = inputs.next().await {
            let input = match queued {
                Queued::Any(input) => input,
                Queued::Of(opened, input) if opened.load(Ordering::Relaxed) => input,
                Queued::Of(..) => continue,
            };
            for action in tab.handle(input, clock()) {
                browser.carry_out(action);
            }
            live.last_event.set_value(tab.last_event().cloned());
        }
        drop(listeners);
    });
    move || {
        let _ = queue.unbounded_send(Queued::Any(TabInput::Hide));
        queue.close_channel();
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds since 1970")]
fn clock() -> TabClock {
    TabClock { now_ms: js_sys::Date::now() as u64, random: js_sys::Math::random() }
}

/// An input, and whether its source is still in use: a closed stream may leave inputs behind.
enum Queued {
    Any(TabInput),
    Of(Arc<AtomicBool>, TabInput),
}

struct Browser {
    live: Live,
    project: ProjectId,
    name: String,
    /// Whether tabs share: it takes both a lock and a channel.
    shares: bool,
    queue: UnboundedSender<Queued>,
    channel: Option<Channel>,
    lock: Option<(Lock, InUse)>,
    source: Option<(Source, InUse)>,
    timers: BTreeMap<Timer, Timeout>,
}

/// Marks its source as unused on drop.
struct InUse(Arc<AtomicBool>);

impl InUse {
    fn new() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Browser {
    fn new(live: Live, project: ProjectId, queue: UnboundedSender<Queued>) -> Self {
        // Tabs that were loaded for another user have their own stream.
        let name = format!("{CHANNEL_NAME}-{}", meta(USER_META).unwrap_or_default());
        let shares = lock::is_supported() && Channel::is_supported();
        Self { live, project, name, shares, queue, channel: None, lock: None, source: None, timers: BTreeMap::new() }
    }

    /// Queues inputs until `in_use` is dropped.
    fn sender(&self, in_use: &InUse) -> impl Fn(TabInput) + Clone + 'static {
        let (queue, in_use) = (self.queue.clone(), in_use.0.clone());
        move |input| {
            let _ = queue.unbounded_send(Queued::Of(in_use.clone(), input));
        }
    }

    fn send(&self, input: TabInput) {
        let _ = self.queue.unbounded_send(Queued::Any(input));
    }

    fn carry_out(&mut self, action: TabAction) {
        match action {
            TabAction::OpenChannel if self.shares => {
                let queue = self.queue.clone();
                self.channel = Channel::open(&self.name, move |message| {
                    let _ = queue.unbounded_send(Queued::Any(TabInput::Message(message)));
                });
            }
            TabAction::OpenChannel => {}
            TabAction::CloseChannel => self.channel = None,
            TabAction::Broadcast(message) => {
                if let Some(channel) = &self.channel {
                    channel.send(&message);
                }
            }
            TabAction::RequestLock { steal } => self.request_lock(steal),
            TabAction::ReleaseLock => self.lock = None,
            TabAction::OpenStream { projects, since } => {
                self.source = None;
                let in_use = InUse::new();
                let send = self.sender(&in_use);
                let source = Source::open(&projects, since.as_deref(), move |event| send(TabInput::Stream(event)));
                self.source = source.map(|source| (source, in_use));
            }
            TabAction::CloseStream => self.source = None,
            TabAction::Schedule(timer, ms) => {
                let queue = self.queue.clone();
                let timeout = Timeout::new(ms, move || {
                    let _ = queue.unbounded_send(Queued::Any(TabInput::Timer(timer)));
                });
                self.timers.insert(timer, timeout);
            }
            TabAction::CancelTimers => self.timers.clear(),
            TabAction::Notify(message) => self.live.notify(&message),
            TabAction::Show(connection) => {
                let _ = self.live.connection.try_set(connection);
            }
            TabAction::CheckAccess => self.check_access(),
        }
    }

    fn request_lock(&mut self, steal: bool) {
        self.lock = None;
        if !self.shares {
            return self.send(TabInput::LockAcquired);
        }
        let in_use = InUse::new();
        match Lock::request(&self.name, steal, self.sender(&in_use)) {
            Some(lock) => self.lock = Some((lock, in_use)),
            None => self.send(TabInput::LockAcquired),
        }
    }

    fn check_access(&self) {
        let (project, queue) = (self.project, self.queue.clone());
        leptos::task::spawn_local(async move {
            let access = match project {
                WORKSPACE => api::notifications::read_unread().await.map(drop),
                _ => api::projects::read_project(project).await.map(drop),
            };
            let access = match access {
                Ok(()) => Access::Granted,
                Err(Error::NotFound | Error::Forbidden { .. }) => Access::Denied,
                Err(Error::Unauthenticated) => Access::SignedOut,
                Err(_) => Access::Unknown,
            };
            let _ = queue.unbounded_send(Queued::Any(TabInput::Access(access)));
        });
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.live.connection.try_set(Connection::Idle);
    }
}
