//! Counts what the dispatcher is doing. A test that asserts that nothing is sent first waits until it is idle,
//! however slow the machine is.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The current work of the dispatcher. Cheap to clone.
#[derive(Clone, Default)]
pub struct Activity {
    load: Arc<Mutex<Load>>,
}

/// The amount of work at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Sweeps, notifications that are not handled yet, and workers that don't wait.
    pub running: usize,
    /// Claimed deliveries whose results are not recorded yet.
    pub in_flight: usize,
    /// All work started so far. The same number twice means that nothing was started in between.
    pub begun: u64,
}

/// A piece of work, which ends on drop.
#[must_use]
pub struct WorkGuard {
    activity: Activity,
    count: fn(&mut Load) -> &mut usize,
}

impl Activity {
    /// The current amount of work.
    #[must_use]
    pub fn load(&self) -> Load {
        *self.lock()
    }

    pub(super) fn start_running(&self) -> WorkGuard {
        self.start(|load| &mut load.running)
    }

    pub(super) fn start_sending(&self) -> WorkGuard {
        self.start(|load| &mut load.in_flight)
    }

    fn start(&self, count: fn(&mut Load) -> &mut usize) -> WorkGuard {
        let mut load = self.lock();
        *count(&mut load) += 1;
        load.begun += 1;
        WorkGuard { activity: self.clone(), count }
    }

    fn lock(&self) -> MutexGuard<'_, Load> {
        self.load.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for WorkGuard {
    fn drop(&mut self) {
        *(self.count)(&mut self.activity.lock()) -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_counts_until_it_is_dropped() {
        let activity = Activity::default();
        let (running, sending) = (activity.start_running(), activity.start_sending());
        assert_eq!(activity.load(), Load { running: 1, in_flight: 1, begun: 2 });
        drop(running);
        assert_eq!(activity.load(), Load { running: 0, in_flight: 1, begun: 2 });
        drop(sending);
        assert_eq!(activity.load(), Load { running: 0, in_flight: 0, begun: 2 });
    }
}
