//! What a webhook is subscribed to, and how that is changed: as a whole, or by what comes and goes.
//! The second is applied to what is stored at that moment, so that two who change it at once both
//! have their way.

use app::error::{Checks, Result};
use app::model::catalog::EventType;

use crate::entity::json::EventTypes;

/// A change of subscriptions.
pub(super) enum Resubscribe {
    /// This is the list from now on.
    To(EventTypes),
    /// These come and these go; all else stays.
    By { added: Vec<EventType>, removed: Vec<EventType> },
}

impl Resubscribe {
    /// What was asked for; nothing at all stays as it is.
    ///
    /// # Errors
    /// [`Error::Invalid`](app::error::Error::Invalid) for what contradicts itself.
    pub(super) fn asked(whole: Option<Vec<EventType>>, added: Vec<EventType>, removed: Vec<EventType>) -> Result<Self> {
        let (added, removed) = (sorted(added).0, sorted(removed).0);
        let mut checks = Checks::default();
        let partly = !added.is_empty() || !removed.is_empty();
        let either = whole.is_none() || !partly;
        checks.require(either, "events", "Send either the whole list, or what is added and removed.");
        let both = added.iter().any(|event| removed.contains(event));
        checks.require(!both, "removeEvents", "An event is either added or removed.");
        checks.finish()?;
        Ok(whole.map_or(Self::By { added, removed }, |whole| Self::To(sorted(whole))))
    }

    /// What the subscriptions become.
    pub(super) fn apply(self, stored: EventTypes) -> EventTypes {
        match self {
            Self::To(whole) => whole,
            Self::By { added, removed } => {
                sorted(stored.0.into_iter().chain(added).filter(|event| !removed.contains(event)).collect())
            }
        }
    }
}

/// Each event once, in the catalogue's order: the same set is the same list.
pub(super) fn sorted(mut events: Vec<EventType>) -> EventTypes {
    events.sort_unstable();
    events.dedup();
    EventTypes(events)
}
