//! Toggles that are not saved yet. They are applied on top of the stored subscriptions, so that
//! changes of other users show at once and revert no toggle.

use crate::model::catalog::subscription::{self, Subscription};
use crate::model::webhook::UpdateWebhook;

#[derive(Clone, Debug, Default)]
pub struct PendingToggles {
    /// The toggles of the request in flight; empty if there is none.
    in_flight: Vec<(Subscription, bool)>,
    /// The toggles of the next request.
    waiting: Vec<(Subscription, bool)>,
}

impl PendingToggles {
    /// Adds toggles; the latest one of an event counts. A request must not contradict itself, so an
    /// earlier toggle that includes a later one keeps only the rest of it.
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

    /// The next request, if any. Only one is in flight at a time, so that none overtakes another.
    pub fn next_request(&mut self) -> Option<UpdateWebhook> {
        if !self.in_flight.is_empty() || self.waiting.is_empty() {
            return None;
        }
        self.in_flight = std::mem::take(&mut self.waiting);
        let toggled = |to: bool| self.in_flight.iter().filter(|(_, on)| *on == to).map(|(event, _)| *event).collect();
        Some(UpdateWebhook { add_events: toggled(true), remove_events: toggled(false), ..UpdateWebhook::default() })
    }

    /// The request has finished: its toggles are stored, or were refused.
    pub fn finish_request(&mut self) {
        self.in_flight.clear();
    }

    /// Whether the request in flight toggles this subscription or a part of it.
    pub fn in_flight(&self, entry: Subscription) -> bool {
        self.in_flight.iter().any(|(sent, _)| sent.covers(entry) || entry.covers(*sent))
    }

    /// The displayed subscriptions for the stored ones.
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
    fn toggles_wait_for_the_request_in_flight() {
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
    fn changes_of_others_show_beside_pending_toggles() {
        let mut pending_toggles = PendingToggles::default();
        pending_toggles.toggle(&[ISSUE_CREATED], false);
        let _ = pending_toggles.next_request();
        pending_toggles.toggle(&[ISSUE_DELETED], true);
        assert_eq!(pending_toggles.apply_to(&[ISSUE_CREATED, CASE_CREATED]), [CASE_CREATED, ISSUE_DELETED]);
    }

    #[test]
    fn a_failure_reverts_only_the_toggles_of_its_request() {
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
        assert_eq!((added.len(), removed), (3, vec![ISSUE_CREATED]));
        assert!(!added.iter().any(|entry| entry.covers(ISSUE_CREATED)));
    }
}
