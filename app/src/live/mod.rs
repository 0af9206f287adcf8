//! What happens on the server, as it happens. A tab holds one stream for the project it shows, and
//! all that is on the page listens to it. A change says only what changed; whoever shows that reads
//! it again through the door that checks access.

mod connection;
mod gather;
mod reread;
mod rows;

use leptos::prelude::*;

pub use gather::Gather;
pub use reread::{Reread, reread};
pub use rows::{Row, Rows};

use crate::components::ready::once_ready;
use crate::model::id::ProjectId;
use crate::model::live::{SINCE, What};

/// What a listener hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Something changed.
    Changed(What),
    /// Changes may have been missed: what is shown is read again, once.
    Missed,
}

/// How the stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// No project is shown.
    Idle,
    /// Not open yet, or broken off.
    Connecting,
    /// Changes come in.
    Open,
}

/// The stream of the tab.
#[derive(Clone, Copy)]
pub struct Live {
    connection: RwSignal<Connection>,
    listeners: StoredValue<Vec<(u32, Callback<Heard>)>>,
    last_number: StoredValue<u32>,
    /// The id of the last event that the tab has heard of, in whatever project.
    last_event: StoredValue<Option<String>>,
}

/// Opens the stream of `project`, and another one when it changes. Once in an app.
pub fn provide_live(project: Memo<Option<ProjectId>>) {
    let live = Live {
        connection: RwSignal::new(Connection::Idle),
        listeners: StoredValue::new(Vec::new()),
        last_number: StoredValue::new(0),
        last_event: StoredValue::new(None),
    };
    provide_context(live);
    once_ready(move || match project.get() {
        Some(project) => {
            live.connection.set(Connection::Connecting);
            live.last_event.update_value(|last| *last = last.take().or_else(of_page));
            let stream = connection::start(live, project);
            on_cleanup(move || stream.abort());
        }
        None => live.connection.set(Connection::Idle),
    });
}

/// The last event before the server began to render the page, as the page says.
fn of_page() -> Option<String> {
    let meta = document().query_selector(&format!("meta[name={SINCE}]")).ok().flatten();
    meta.and_then(|meta| meta.get_attribute("content"))
}

/// Listens for as long as the caller is on the page.
pub fn use_live(listener: impl Fn(Heard) + Send + Sync + 'static) {
    let Some(live) = use_context::<Live>() else { return };
    let number = live.last_number.with_value(|number| number + 1);
    live.last_number.set_value(number);
    let listener = Callback::new(listener);
    live.listeners.update_value(|all| all.push((number, listener)));
    on_cleanup(move || {
        // The stream itself may have gone first.
        let _ = live.listeners.try_update_value(|all| all.retain(|(other, _)| *other != number));
    });
}

/// How the stream stands.
pub fn use_connection() -> Signal<Connection> {
    use_context::<Live>().map_or_else(|| Signal::stored(Connection::Idle), |live| live.connection.into())
}

impl Live {
    fn tell(self, heard: &Heard) {
        // A listener may add or remove listeners, so none is called while the list is held.
        for (_, listener) in self.listeners.get_value() {
            listener.run(heard.clone());
        }
    }
}

/// The value of `data-flash` for what has changed so often: another one at each change, so that the
/// animation starts again.
pub fn flash(changes: RwSignal<u32>) -> impl Fn() -> Option<&'static str> + Send + Sync {
    move || rows::flash_of(changes.get())
}
