//! What the cards and the pickers ask of their page: it has one dialog of each kind for all of
//! them, and shows what is revealed once until it is dismissed.

use leptos::prelude::*;

use super::ask::Asked;
use crate::layout::Uncopied;
use crate::model::catalog::EventType;
use crate::model::integration::Integration;
use crate::model::webhook::Webhook;

/// See the [module](self).
#[derive(Clone, Copy)]
pub struct Desk {
    /// What is to be confirmed.
    pub asked: RwSignal<Option<Asked>>,
    /// Whether the dialog that confirms it is open.
    pub asking: RwSignal<bool>,
    /// The webhook whose name and URL are edited, as it was when it was asked for.
    pub editing: RwSignal<Option<Webhook>>,
    /// What was made or rotated and is not dismissed yet.
    pub revealed: Uncopied,
    /// The integration of the project, once it was read.
    pub integration: RwSignal<Option<Integration>>,
    /// The event that is explained.
    pub explained: RwSignal<Option<EventType>>,
}

impl Desk {
    /// Makes the desk of a page.
    pub fn provide() -> Self {
        let desk = Self {
            asked: RwSignal::new(None),
            asking: RwSignal::new(false),
            editing: RwSignal::new(None),
            revealed: use_context().unwrap_or_else(Uncopied::provide),
            integration: RwSignal::new(None),
            explained: RwSignal::new(None),
        };
        provide_context(desk);
        desk
    }

    /// Asks whether something is to be done.
    pub fn ask(self, asked: Asked) {
        self.asked.set(Some(asked));
        self.asking.set(true);
    }
}

/// The desk of the page.
pub fn use_desk() -> Desk {
    use_context().unwrap_or_else(Desk::provide)
}
