//! Several tabs of one browser, simulated: a lock, a channel and a stream.

use std::collections::{BTreeMap, VecDeque};

use uuid::Uuid;

use super::message::{Access, StreamEvent, TabAction, TabInput, TabMessage, Timer};
use super::tab::{Tab, TabClock};
use super::{Connection, LiveMessage};
use crate::model::id::{IssueId, ProjectId};
use crate::model::live::{ChangeKind, ProjectChange};

const WEB: ProjectId = ProjectId(Uuid::from_u128(1));
const APP: ProjectId = ProjectId(Uuid::from_u128(2));

/// A browser with some tabs.
#[derive(Default)]
struct Browser {
    tabs: BTreeMap<&'static str, Open>,
    lock_queue: VecDeque<&'static str>,
    holder: Option<&'static str>,
    now_ms: u64,
}

struct Open {
    tab: Tab,
    connection: Connection,
    messages: Vec<LiveMessage>,
    stream: Option<(Vec<ProjectId>, Option<String>)>,
    streams_opened: usize,
    timers: Vec<(Timer, u32)>,
    in_channel: bool,
    access_checks: usize,
}

impl Browser {
    fn open(&mut self, name: &'static str, project: ProjectId, since: &str) {
        let tab = Tab::new(name.to_owned(), project, Some(since.to_owned()));
        let open = Open {
            tab,
            connection: Connection::Idle,
            messages: Vec::new(),
            stream: None,
            streams_opened: 0,
            timers: Vec::new(),
            in_channel: false,
            access_checks: 0,
        };
        self.tabs.insert(name, open);
        self.input(name, TabInput::Show);
    }

    fn input(&mut self, name: &'static str, input: TabInput) {
        let clock = TabClock { now_ms: self.now_ms, random: 0.0 };
        let mut inputs = VecDeque::from([(name, input)]);
        while let Some((name, input)) = inputs.pop_front() {
            let Some(open) = self.tabs.get_mut(name) else { continue };
            for action in open.tab.handle(input, clock) {
                let open = self.tabs.get_mut(name).unwrap();
                match action {
                    TabAction::OpenChannel => open.in_channel = true,
                    TabAction::CloseChannel => open.in_channel = false,
                    TabAction::Broadcast(message) => {
                        let others = self.tabs.iter().filter(|(other, open)| **other != name && open.in_channel);
                        inputs.extend(others.map(|(other, _)| (*other, TabInput::Message(message.clone()))));
                    }
                    TabAction::RequestLock { steal } => {
                        self.lock_queue.retain(|other| *other != name);
                        if steal && let Some(holder) = self.holder.take() {
                            inputs.push_back((holder, TabInput::LockLost));
                            self.lock_queue.push_front(name);
                        } else {
                            self.lock_queue.push_back(name);
                        }
                    }
                    TabAction::ReleaseLock => {
                        self.lock_queue.retain(|other| *other != name);
                        if self.holder == Some(name) {
                            self.holder = None;
                        }
                    }
                    TabAction::OpenStream { projects, since } => {
                        open.stream = Some((projects, since));
                        open.streams_opened += 1;
                    }
                    TabAction::CloseStream => open.stream = None,
                    TabAction::Schedule(timer, ms) => {
                        open.timers.retain(|(other, _)| *other != timer);
                        open.timers.push((timer, ms));
                    }
                    TabAction::CancelTimers => open.timers.clear(),
                    TabAction::Notify(messages) => open.messages.push(messages),
                    TabAction::Show(connection) => open.connection = connection,
                    TabAction::CheckAccess => open.access_checks += 1,
                }
            }
            if self.holder.is_none()
                && let Some(next) = self.lock_queue.pop_front()
            {
                self.holder = Some(next);
                inputs.push_back((next, TabInput::LockAcquired));
            }
        }
    }

    /// A timer fires.
    fn run_out(&mut self, name: &'static str, timer: Timer) {
        let timers = &mut self.tabs.get_mut(name).unwrap().timers;
        let index = timers.iter().position(|(other, _)| *other == timer).expect("the timer is set");
        timers.remove(index);
        self.input(name, TabInput::Timer(timer));
    }

    fn stream(&mut self, event: StreamEvent) {
        let holder = self.holder.unwrap();
        assert!(self.tabs[holder].stream.is_some(), "the stream is open");
        self.input(holder, TabInput::Stream(event));
    }

    /// The holder opens its stream, and the server follows its projects.
    fn connect(&mut self, missed: bool, latest: &str) {
        let holder = self.holder.unwrap();
        self.run_out(holder, Timer::Open);
        let (projects, _) = self.tabs[holder].stream.clone().unwrap();
        for (index, project) in projects.iter().enumerate() {
            let id = (index + 1 == projects.len()).then(|| latest.to_owned());
            self.stream(StreamEvent::Synced { project: *project, missed, id });
        }
    }

    fn change(&mut self, id: &str, project: ProjectId) {
        let data = serde_json::to_string(&ProjectChange { project_id: project, kind: kind(id) }).unwrap();
        self.stream(StreamEvent::Changed { id: id.to_owned(), project, data });
    }

    fn messages(&mut self, name: &'static str) -> Vec<LiveMessage> {
        std::mem::take(&mut self.tabs.get_mut(name).unwrap().messages)
    }

    fn connection(&self, name: &'static str) -> Connection {
        self.tabs[name].connection
    }
}

/// A change that its number identifies.
fn kind(id: &str) -> ChangeKind {
    let number = id.rsplit('-').next().unwrap().parse().unwrap();
    ChangeKind::IssueUpdated { issue_id: IssueId(Uuid::from_u128(number)) }
}

fn changed(id: &str) -> LiveMessage {
    LiveMessage::Changed(kind(id))
}

#[test]
fn tabs_of_two_projects_share_one_stream() {
    let mut browser = Browser::default();
    browser.open("a", WEB, "e-5");
    browser.open("b", WEB, "e-4");
    browser.open("c", APP, "e-6");
    browser.connect(false, "e-9");
    assert_eq!(browser.tabs["a"].stream, Some((vec![WEB, APP], Some("e-4".into()))), "since the oldest event");
    browser.change("e-10", WEB);
    browser.change("e-11", APP);
    for (name, messages) in [("a", "e-10"), ("b", "e-10"), ("c", "e-11")] {
        assert_eq!(browser.messages(name), [changed(messages)], "{name}");
        assert_eq!(browser.connection(name), Connection::Open, "{name}");
    }
    assert!(browser.tabs["b"].stream.is_none() && browser.tabs["c"].stream.is_none());
}

#[test]
fn a_joining_tab_gets_missed_changes() {
    let mut browser = Browser::default();
    browser.open("a", WEB, "e-5");
    browser.connect(false, "e-5");
    browser.change("e-6", WEB);
    browser.change("e-7", WEB);
    browser.open("b", WEB, "e-6");
    assert_eq!(browser.messages("b"), [changed("e-7")]);
    assert_eq!(browser.connection("b"), Connection::Open);
    browser.open("c", WEB, "e-4");
    assert_eq!(browser.messages("c"), [LiveMessage::Missed], "the holder's stream began later");
    browser.open("d", WEB, "another-9");
    assert_eq!(browser.messages("d"), [LiveMessage::Missed], "another start of the server");
    assert_eq!(browser.tabs["a"].streams_opened, 1);
}

#[test]
fn a_new_project_reopens_the_stream() {
    let mut browser = Browser::default();
    browser.open("a", WEB, "e-5");
    browser.connect(false, "e-8");
    browser.open("b", APP, "e-7");
    browser.connect(false, "e-9");
    assert_eq!(browser.tabs["a"].stream, Some((vec![WEB, APP], Some("e-7".into()))));
    assert_eq!((browser.connection("a"), browser.connection("b")), (Connection::Open, Connection::Open));
    assert!(browser.messages("a").is_empty() && browser.messages("b").is_empty());
}

#[test]
fn the_next_tab_takes_over_a_closed_holder() {
    let mut browser = Browser::default();
    browser.open("a", WEB, "e-5");
    browser.open("b", WEB, "e-5");
    browser.open("c", APP, "e-5");
    browser.connect(false, "e-5");
    browser.change("e-6", WEB);
    browser.input("a", TabInput::Hide);
    assert_eq!(browser.holder, Some("b"));
    browser.connect(false, "e-8");
    assert_eq!(browser.tabs["b"].stream, Some((vec![WEB, APP], Some("e-6".into()))));
    assert_eq!((browser.connection("b"), browser.connection("c")), (Connection::Open, Connection::Open));
    // The first tab is restored from the cache.
    browser.change("e-9", WEB);
    browser.messages("a");
    browser.input("a", TabInput::Show);
    assert_eq!(browser.messages("a"), [changed("e-9")]);
    assert_eq!(browser.holder, Some("b"));
}

#[test]
fn all_tabs_read_again_after_a_restart() {
    let mut browser = Browser::default();
    browser.open("a", WEB, "e-5");
    browser.open("b", WEB, "e-5");
    browser.connect(false, "e-5");
    browser.stream(StreamEvent::Failed { refused: false });
    assert_eq!((browser.connection("a"), browser.connection("b")), (Connection::Connecting, Connection::Connecting));
    for name in ["a", "b"] {
        browser.run_out(name, Timer::Grace);
        assert_eq!(browser.connection(name), Connection::Paused);
    }
    let mut waits = Vec::new();
    for _ in 0..6 {
        waits.push(browser.tabs["a"].timers.iter().find(|(timer, _)| *timer == Timer::Retry).unwrap().1);
        browser.run_out("a", Timer::Retry);
        browser.run_out("a", Timer::Open);
        browser.stream(StreamEvent::Failed { refused: false });
    }
    assert_eq!(waits, [500, 1000, 2000, 4000, 5000, 5000]);
    browser.run_out("a", Timer::Retry);
    browser.connect(true, "f-0");
    for name in ["a", "b"] {
        assert_eq!(browser.messages(name), [LiveMessage::Missed], "{name}");
        assert_eq!(browser.connection(name), Connection::Open);
    }
    browser.change("f-1", WEB);
    assert_eq!(browser.tabs["b"].tab.last_event().unwrap(), "f-1");
}

#[test]
fn returning_to_any_tab_ends_the_wait() {
    let mut browser = Browser::default();
    browser.open("a", WEB, "e-5");
    browser.open("b", WEB, "e-5");
    browser.connect(false, "e-5");
    browser.stream(StreamEvent::Failed { refused: false });
    browser.input("b", TabInput::Wake);
    browser.connect(false, "e-5");
    assert_eq!(browser.connection("b"), Connection::Open);
    // After sleep the connection may be dead without an error.
    browser.now_ms += 31_000;
    browser.input("a", TabInput::Wake);
    browser.connect(false, "e-5");
    assert_eq!(browser.tabs["a"].streams_opened, 3);
}

#[test]
fn a_silent_stream_is_opened_again() {
    let mut browser = Browser::default();
    browser.open("a", WEB, "e-5");
    browser.connect(false, "e-5");
    browser.now_ms += 59_000;
    browser.stream(StreamEvent::Ping);
    browser.now_ms += 59_000;
    browser.run_out("a", Timer::Watchdog);
    assert_eq!(browser.connection("a"), Connection::Open);
    browser.now_ms += 2_000;
    browser.run_out("a", Timer::Watchdog);
    assert_eq!(browser.connection("a"), Connection::Connecting);
    browser.run_out("a", Timer::Retry);
    browser.connect(false, "e-5");
    assert_eq!(browser.connection("a"), Connection::Open);
}

#[test]
fn a_silent_holder_loses_the_lock() {
    let mut browser = Browser::default();
    browser.open("a", WEB, "e-5");
    browser.open("b", WEB, "e-5");
    browser.connect(false, "e-5");
    // Its script hangs.
    browser.now_ms += 150_001;
    browser.run_out("b", Timer::Watchdog);
    assert_eq!(browser.holder, Some("b"));
    browser.connect(false, "e-5");
    assert_eq!((browser.connection("a"), browser.connection("b")), (Connection::Open, Connection::Open));
    assert!(browser.tabs["a"].stream.is_none());
}

#[test]
fn a_tab_without_access_disturbs_no_other() {
    let mut browser = Browser::default();
    browser.open("a", WEB, "e-5");
    browser.open("b", APP, "e-5");
    browser.connect(false, "e-5");
    // The server ends the stream of a removed member.
    browser.stream(StreamEvent::Failed { refused: false });
    browser.run_out("a", Timer::Retry);
    browser.run_out("a", Timer::Open);
    browser.stream(StreamEvent::Denied(APP));
    browser.stream(StreamEvent::Synced { project: WEB, missed: false, id: Some("e-5".into()) });
    assert_eq!((browser.tabs["a"].access_checks, browser.tabs["b"].access_checks), (0, 1));
    browser.input("b", TabInput::Access(Access::Denied));
    assert_eq!((browser.connection("a"), browser.connection("b")), (Connection::Open, Connection::NoAccess));
}

#[test]
fn all_tabs_show_a_sign_out_and_retry_rarely() {
    let mut browser = Browser::default();
    browser.open("a", WEB, "e-5");
    browser.open("b", WEB, "e-5");
    browser.connect(false, "e-5");
    browser.stream(StreamEvent::Failed { refused: false });
    for _ in 0..9 {
        browser.run_out("a", Timer::Retry);
        browser.run_out("a", Timer::Open);
        browser.stream(StreamEvent::Failed { refused: true });
        for name in ["a", "b"] {
            browser.input(name, TabInput::Access(Access::SignedOut));
            assert_eq!(browser.connection(name), Connection::SignedOut);
        }
    }
    assert!(browser.tabs["a"].timers.contains(&(Timer::Retry, 60_000)));
}

#[test]
fn messages_between_tabs_round_trip() {
    let joins = TabMessage::Join { tab: "a".into(), project: WEB, since: None };
    for message in [joins, TabMessage::RollCall, TabMessage::Status(Default::default())] {
        let text = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_str::<TabMessage>(&text).unwrap(), message);
    }
}
