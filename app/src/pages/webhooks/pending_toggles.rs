//! The boxes that were switched and are not saved yet. They lie over what is stored, whatever
//! becomes of that meanwhile: somebody else's change shows at once, and takes no switch back.

use crate::model::catalog::subscription::{self, Subscription};
use crate::model::webhook::UpdateWebhook;

#[derive(Clone, Debug, Default)]
pub struct PendingToggles {
    /// What the request under way asks for; empty while there is none.
    in_flight: Vec<(Subscription, bool)>,
    /// What the next one will ask for.
    waiting: Vec<(Subscription, bool)>,
}

impl PendingToggles {
    /// Switches subscriptions on or off; the latest word on an event counts. A request holds no
    /// contradiction, so an earlier switch that includes a later one keeps only the rest of it.
    pub fn toggle(&mut self, toggled: &[Subscription], on: bool) {
        for &entry in toggled {
            let waiting = std::mem::take(&mut self.waiting);
            self.waiting = waiting
                .into_iter()
                .flat_map(|(earlier, was_on)| earlier.without(entry).into_iter().map(move |rest| (rest, was_on)))
                .collect();
        }
        self.waiting.extend(toggled.iter().map(|&entry| (entry, on)));
    }

    /// The request to make now, if any: one is under way at a time, so that none overtakes another.
    pub fn next_request(&mut self) -> Option<UpdateWebhook> {
        if !self.in_flight.is_empty() || self.waiting.is_empty() {
            return None;
        }
        self.in_flight = std::mem::take(&mut self.waiting);
        let toggled = |to: bool| self.in_flight.iter().filter(|(_, on)| *on == to).map(|(event, _)| *event).collect();
        Some(UpdateWebhook { add_events: toggled(true), remove_events: toggled(false), ..UpdateWebhook::default() })
    }

    /// The request was answered: what it asked for is stored, or was refused.
    pub fn finish_request(&mut self) {
        self.in_flight.clear();
    }

    /// Whether the request under way asks for a switch of this or of a part of it.
    pub fn in_flight(&self, entry: Subscription) -> bool {
        self.in_flight.iter().any(|(sent, _)| sent.covers(entry) || entry.covers(*sent))
    }

    /// What the boxes show where this is stored.
    pub fn apply_to(&self, stored: &[Subscription]) -> Vec<Subscription> {
        let mut shown = stored.to_vec();
        for &(entry, on) in self.in_flight.iter().chain(&self.waiting) {
            let (added, removed) = if on { (&[entry][..], &[][..]) } else { (&[][..], &[entry][..]) };
            shown = subscription::changed(shown, added, removed);
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::EventType;

    const CASE_CREATED: Subscription = Subscription::Event(EventType::CaseCreated);
    const ISSUE_CREATED: Subscription = Subscription::Event(EventType::IssueCreated);
    const ISSUE_DELETED: Subscription = Subscription::Event(EventType::IssueDeleted);

    fn request(request: Option<UpdateWebhook>) -> Option<(Vec<Subscription>, Vec<Subscription>)> {
        request.map(|request| (request.add_events, request.remove_events))
    }

    #[test]
    fn quick_switches_wait_for_the_request_under_way_and_none_is_lost() {
        let mut pending_toggles = PendingToggles::default();
        assert_eq!(request(pending_toggles.next_request()), None);
        pending_toggles.toggle(&[ISSUE_CREATED], true);
        assert_eq!(request(pending_toggles.next_request()), Some((vec![ISSUE_CREATED], vec![])));
        pending_toggles.toggle(&[CASE_CREATED, ISSUE_DELETED], true);
        pending_toggles.toggle(&[ISSUE_DELETED], false);
        assert_eq!(request(pending_toggles.next_request()), None, "one at a time");
        assert_eq!(pending_toggles.apply_to(&[]), [CASE_CREATED, ISSUE_CREATED]);
        pending_toggles.finish_request();
        assert_eq!(request(pending_toggles.next_request()), Some((vec![CASE_CREATED], vec![ISSUE_DELETED])));
        pending_toggles.finish_request();
        assert_eq!(request(pending_toggles.next_request()), None);
    }

    #[test]
    fn what_somebody_else_changes_meanwhile_shows_beside_what_is_not_saved_yet() {
        let mut pending_toggles = PendingToggles::default();
        pending_toggles.toggle(&[ISSUE_CREATED], false);
        let _ = pending_toggles.next_request();
        pending_toggles.toggle(&[ISSUE_DELETED], true);
        assert_eq!(pending_toggles.apply_to(&[ISSUE_CREATED, CASE_CREATED]), [CASE_CREATED, ISSUE_DELETED]);
    }

    #[test]
    fn a_failure_puts_back_what_was_asked_for_and_nothing_that_came_later() {
        let mut pending_toggles = PendingToggles::default();
        pending_toggles.toggle(&[ISSUE_CREATED], true);
        let _ = pending_toggles.next_request();
        assert!(pending_toggles.in_flight(ISSUE_CREATED));
        pending_toggles.toggle(&[CASE_CREATED], true);
        pending_toggles.finish_request();
        assert_eq!(pending_toggles.apply_to(&[]), [CASE_CREATED]);
    }
    #[test]
    fn a_request_never_contradicts_itself() {
        let issues = Subscription::Subject(crate::model::catalog::Subject::Issue);
        let mut pending_toggles = PendingToggles::default();
        pending_toggles.toggle(&[issues], true);
        pending_toggles.toggle(&[ISSUE_CREATED], false);
        let (added, removed) = request(pending_toggles.next_request()).unwrap();
        assert_eq!((added.len(), removed), (2, vec![ISSUE_CREATED]));
        assert!(!added.iter().any(|entry| entry.covers(ISSUE_CREATED)));
    }
}
