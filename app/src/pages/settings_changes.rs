//! Follows the settings of the instance on the pages that change them.

use std::future::ready;

use leptos::prelude::*;

use crate::components::dynamic::dynamic;
use crate::components::icon::{Icon, icon};
use crate::live::use_refetcher;
use crate::model::live::ChangeKind;

/// Whether a form still shows what is stored. A form that nobody has edited follows changes of other admins; an
/// edited one keeps what was typed, and says that it may be outdated.
#[derive(Clone, Copy)]
pub struct SettingsChanges {
    edited: RwSignal<bool>,
    outdated: RwSignal<bool>,
}

impl SettingsChanges {
    /// Follows them; `refetch` reads the settings again.
    pub fn follow(refetch: impl Fn() + Send + Sync + 'static) -> Self {
        let changes = Self { edited: RwSignal::new(false), outdated: RwSignal::new(false) };
        use_refetcher(
            |kind: &ChangeKind| matches!(kind, ChangeKind::SettingsChanged),
            move || {
                if changes.edited.get_untracked() {
                    changes.outdated.set(true);
                } else {
                    refetch();
                }
                Box::pin(ready(()))
            },
        );
        changes
    }

    /// A field was edited.
    pub fn edit(self) {
        self.edited.set(true);
    }

    /// The form was saved.
    pub fn saved(self) {
        self.edited.set(false);
        self.outdated.set(false);
    }

    /// Says that the form may be outdated.
    pub fn note(self) -> AnyView {
        let note = move || {
            self.outdated.get().then(|| {
                view! {
                    <p class="note warn">
                        {icon(Icon::Warning)}
                        <span>"These settings may have changed meanwhile. Reload the page before you save."</span>
                    </p>
                }
            })
        };
        view! { <div role="status">{dynamic(note)}</div> }.into_any()
    }
}
