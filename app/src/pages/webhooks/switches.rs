//! The boxes that were switched and are not saved yet. They lie over what is stored, whatever
//! becomes of that meanwhile: somebody else's change shows at once, and takes no switch back.

use crate::model::catalog::EventType;
use crate::model::webhook::UpdateWebhook;

/// See the [module](self).
#[derive(Clone, Debug, Default)]
pub struct Switches {
    /// What the request under way asks for; empty while there is none.
    under_way: Vec<(EventType, bool)>,
    /// What the next one will ask for.
    waiting: Vec<(EventType, bool)>,
}

impl Switches {
    /// Switches events on or off; the latest word on an event counts.
    pub fn switch(&mut self, events: &[EventType], on: bool) {
        self.waiting.retain(|(event, _)| !events.contains(event));
        self.waiting.extend(events.iter().map(|&event| (event, on)));
    }

    /// The request to make now, if any: one is under way at a time, so that none overtakes another.
    pub fn send(&mut self) -> Option<UpdateWebhook> {
        if !self.under_way.is_empty() || self.waiting.is_empty() {
            return None;
        }
        self.under_way = std::mem::take(&mut self.waiting);
        let switched = |to: bool| self.under_way.iter().filter(|(_, on)| *on == to).map(|(event, _)| *event).collect();
        Some(UpdateWebhook { add_events: switched(true), remove_events: switched(false), ..UpdateWebhook::default() })
    }

    /// The request was answered: what it asked for is stored, or was refused.
    pub fn answered(&mut self) {
        self.under_way.clear();
    }

    /// Whether the request under way asks for a switch of the event.
    pub fn sends(&self, event: EventType) -> bool {
        self.under_way.iter().any(|(sent, _)| *sent == event)
    }

    /// What the boxes show where this is stored.
    pub fn over(&self, stored: &[EventType]) -> Vec<EventType> {
        let mut shown = stored.to_vec();
        for &(event, on) in self.under_way.iter().chain(&self.waiting) {
            shown.retain(|other| *other != event);
            if on {
                shown.push(event);
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::EventType::{CaseCreated, IssueCreated, IssueDeleted};
    use super::*;

    fn asked(request: Option<UpdateWebhook>) -> Option<(Vec<EventType>, Vec<EventType>)> {
        request.map(|request| (request.add_events, request.remove_events))
    }

    #[test]
    fn quick_switches_wait_for_the_request_under_way_and_none_is_lost() {
        let mut switches = Switches::default();
        assert_eq!(asked(switches.send()), None);
        switches.switch(&[IssueCreated], true);
        assert_eq!(asked(switches.send()), Some((vec![IssueCreated], vec![])));
        switches.switch(&[CaseCreated, IssueDeleted], true);
        switches.switch(&[IssueDeleted], false);
        assert_eq!(asked(switches.send()), None, "one at a time");
        assert_eq!(switches.over(&[]), [IssueCreated, CaseCreated]);
        switches.answered();
        assert_eq!(asked(switches.send()), Some((vec![CaseCreated], vec![IssueDeleted])));
        switches.answered();
        assert_eq!(asked(switches.send()), None);
    }

    #[test]
    fn what_somebody_else_changes_meanwhile_shows_beside_what_is_not_saved_yet() {
        let mut switches = Switches::default();
        switches.switch(&[IssueCreated], false);
        let _ = switches.send();
        switches.switch(&[IssueDeleted], true);
        assert_eq!(switches.over(&[IssueCreated, CaseCreated]), [CaseCreated, IssueDeleted]);
    }

    #[test]
    fn a_failure_puts_back_what_was_asked_for_and_nothing_that_came_later() {
        let mut switches = Switches::default();
        switches.switch(&[IssueCreated], true);
        let _ = switches.send();
        assert!(switches.sends(IssueCreated));
        switches.switch(&[CaseCreated], true);
        switches.answered();
        assert_eq!(switches.over(&[]), [CaseCreated]);
    }
}
