//! Follows the settings of the instance on the pages that change them.

use std::collections::BTreeSet;
use std::future::Future;

use leptos::html;
use leptos::prelude::*;

use crate::components::dynamic::dynamic;
use crate::components::icon::{Icon, icon};
use crate::error::Result;
use crate::live::use_refetcher;
use crate::model::live::ChangeKind;

/// Whether the forms of a page still show what is stored. Forms that nobody has edited follow changes of other admins;
/// an edited one keeps what was typed, and the page says that it is outdated.
pub struct SettingsChanges<T: Send + Sync + 'static> {
    shown: StoredValue<Option<T>>,
    /// The numbers of the forms that were edited.
    edited: RwSignal<BTreeSet<u8>>,
    outdated: RwSignal<bool>,
}

impl<T: Send + Sync + 'static> Clone for SettingsChanges<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for SettingsChanges<T> {}

impl<T: PartialEq + Send + Sync + 'static> SettingsChanges<T> {
    /// Follows them. `read` reads them; `show` shows them again if they differ from those that are shown.
    pub fn follow<F: Future<Output = Result<T>> + 'static>(
        read: impl Fn() -> F + Copy + Send + Sync + 'static,
        show: impl Fn() + Copy + Send + Sync + 'static,
    ) -> Self {
        let changes = Self {
            shown: StoredValue::new(None),
            edited: RwSignal::new(BTreeSet::new()),
            outdated: RwSignal::new(false),
        };
        use_refetcher(
            |kind: &ChangeKind| matches!(kind, ChangeKind::SettingsChanged),
            move || Box::pin(async move { changes.compare(read().await, show) }),
        );
        changes
    }

    fn compare(self, stored: Result<T>, show: impl Fn()) {
        let is_shown = |shown: &Option<T>| stored.as_ref().is_ok_and(|stored| shown.as_ref() == Some(stored));
        // The page may have been left.
        if self.shown.try_with_value(is_shown) != Some(false) {
            return;
        }
        match self.edited.try_with_untracked(BTreeSet::is_empty) {
            Some(false) => drop(self.outdated.try_set(true)),
            _ => show(),
        }
    }

    /// All forms show these.
    pub fn shows(self, settings: T) {
        self.edited.set(BTreeSet::new());
        self.shown.set_value(Some(settings));
        self.outdated.set(false);
    }

    /// A form was saved, so that it shows what is stored now. Others keep what was typed.
    pub fn saved(self, form: u8, settings: T) {
        self.edited.update(|edited| edited.retain(|other| *other != form));
        self.shown.set_value(Some(settings));
        self.outdated.set(false);
    }

    /// Lets a form that is shown again show what is stored, also in fields where someone has typed. The first one
    /// keeps what was typed before the scripts had loaded.
    pub fn reset(self, form: NodeRef<html::Form>) {
        let is_first = self.shown.with_value(Option::is_none);
        Effect::new(move |_| {
            if let Some(form) = form.get()
                && !is_first
            {
                form.reset();
            }
        });
    }

    /// A field of a form was edited.
    pub fn edit(self, form: u8) {
        self.edited.update(|edited| edited.extend([form]));
    }

    /// Says that the form is outdated.
    pub fn note(self) -> AnyView {
        let note = move || {
            self.outdated.get().then(|| {
                view! {
                    <p class="note warn">
                        {icon(Icon::Warning)}
                        <span>"Another admin has changed these settings. Reload the page before you save."</span>
                    </p>
                }
            })
        };
        view! { <div role="status">{dynamic(note)}</div> }.into_any()
    }
}
