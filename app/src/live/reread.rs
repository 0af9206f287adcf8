//! Reads again what a page shows: once for a burst of changes, one reading at a time, and never so
//! that an older answer overtakes a newer one.

use futures::future::LocalBoxFuture;
use leptos::prelude::*;

use super::{Gather, Heard, use_live};
use crate::model::live::What;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Idle,
    Reading,
    /// Something changed since the reading began.
    Again,
}

/// See the [module](self).
#[derive(Clone, Copy)]
pub struct Reread {
    turn: StoredValue<Turn>,
    read: Callback<(), LocalBoxFuture<'static, ()>>,
}

/// Runs `read` whenever something changed that is `of_concern`, for as long as the caller is on the
/// page.
pub fn reread(
    of_concern: impl Fn(&What) -> bool + Send + Sync + 'static,
    read: impl Fn() -> LocalBoxFuture<'static, ()> + Send + Sync + 'static,
) -> Reread {
    let reread = Reread::new(read);
    let changed = Gather::new(move |_: Vec<()>| reread.now());
    use_live(move |heard| match heard {
        Heard::Changed(what) if of_concern(&what) => changed.add(()),
        Heard::Changed(_) => {}
        Heard::Missed => reread.now(),
    });
    reread
}

impl Reread {
    /// Reads when told to, by [`Reread::now`].
    pub fn new(read: impl Fn() -> LocalBoxFuture<'static, ()> + Send + Sync + 'static) -> Self {
        Self { turn: StoredValue::new(Turn::Idle), read: Callback::new(move |()| read()) }
    }

    /// Reads now, or once more after the reading that is under way.
    pub fn now(self) {
        // The page may have been left.
        let Some(turn) = self.turn.try_get_value() else { return };
        if turn != Turn::Idle {
            self.turn.set_value(Turn::Again);
            return;
        }
        leptos::task::spawn_local(async move {
            loop {
                self.turn.try_set_value(Turn::Reading);
                match self.read.try_run(()) {
                    Some(reading) => reading.await,
                    None => return,
                }
                if self.turn.try_get_value() != Some(Turn::Again) {
                    break;
                }
            }
            self.turn.try_set_value(Turn::Idle);
        });
        // What is spawned begins a little later; until then nobody else may begin.
        self.turn.try_set_value(Turn::Reading);
    }
}
