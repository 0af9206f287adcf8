//! The search over a project, which also leads to its pages: a dialog that Ctrl-K opens.

use std::time::Duration;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use crate::api::overview::search_project;
use crate::components::dialog::Dialog;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::icon::{Icon, icon};
use crate::components::number::counted;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::model::search::SearchHit;

/// How long to wait after a keystroke.
const SEARCH_DEBOUNCE: Duration = Duration::from_millis(200);

/// Where an entry leads.
#[derive(Clone, PartialEq, Eq)]
struct Entry {
    symbol: Icon,
    key: Option<String>,
    title: String,
    path: String,
}

impl Entry {
    fn page(title: &str, symbol: Icon, path: String) -> Self {
        Self { symbol, key: None, title: title.to_owned(), path }
    }

    fn hit(hit: SearchHit, project: ProjectId) -> Self {
        let symbol = hit.id.subject().spec().icon;
        Self { symbol, key: hit.key, title: hit.title, path: hit.id.path(project) }
    }
}

/// What is found, and which entry the arrow keys have chosen.
#[derive(Clone, Copy)]
struct SearchState {
    project: ProjectId,
    pages: StoredValue<Vec<Entry>>,
    entries: RwSignal<Vec<Entry>>,
    active: RwSignal<usize>,
    failed: RwSignal<bool>,
    searching: RwSignal<bool>,
    /// Counts the searches, so that the response to an earlier one is dropped.
    number: StoredValue<u32>,
}

/// Whether the search is open. The frame provides it to the button in the navigation.
#[derive(Clone, Copy)]
pub struct SearchOpen(pub RwSignal<bool>);

/// The dialog, and the keys that open it.
#[component]
pub fn SearchDialog(project: ProjectId, admin: bool, open: RwSignal<bool>) -> impl IntoView {
    let keys = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        let modifiers = (event.ctrl_key() || event.meta_key()) && !event.shift_key() && !event.alt_key();
        if modifiers && event.key().eq_ignore_ascii_case("k") && !is_dialog_open() {
            event.prevent_default();
            open.set(true);
        }
    });
    on_cleanup(move || keys.remove());
    view! {
        <Dialog open title="Search" on_close=move |()| open.set(false)>
            <SearchContent project admin open/>
        </Dialog>
    }
}

/// Another dialog may have input or a secret that would be lost.
fn is_dialog_open() -> bool {
    document().query_selector("dialog:modal").is_ok_and(|dialog| dialog.is_some())
}

#[component]
fn SearchContent(project: ProjectId, admin: bool, open: RwSignal<bool>) -> impl IntoView {
    let all = pages(project, admin);
    let state = SearchState {
        project,
        entries: RwSignal::new(all.clone()),
        pages: StoredValue::new(all),
        active: RwSignal::new(0),
        failed: RwSignal::new(false),
        searching: RwSignal::new(false),
        number: StoredValue::new(0),
    };
    let navigate = use_navigate();
    let go = Callback::new(move |path: String| {
        open.set(false);
        navigate(&path, Default::default());
    });
    let keydown = move |event: KeyboardEvent| match event.key().as_str() {
        "ArrowDown" => {
            event.prevent_default();
            state.step(1);
        }
        "ArrowUp" => {
            event.prevent_default();
            state.step(-1);
        }
        "Enter" if !event.is_composing() => {
            event.prevent_default();
            if let Some(path) = state.chosen() {
                go.run(path);
            }
        }
        _ => {}
    };
    let options = move || {
        let all = state.entries.get().into_iter().enumerate();
        all.map(|(index, entry)| option(state, index, entry, go)).collect_view()
    };
    let status = move || {
        if state.failed.get() {
            return "The search failed. Try again.".to_owned();
        }
        let count = state.entries.with(Vec::len);
        if state.searching.get() {
            "Searching…".to_owned()
        } else if count == 0 {
            "No matches".to_owned()
        } else {
            counted(u32::try_from(count).unwrap_or(u32::MAX), "result", "results")
        }
    };
    let active = move || {
        let any = state.entries.with(|entries| !entries.is_empty());
        any.then(|| format!("search-option-{}", state.active.get()))
    };
    view! {
        <div class="search-dialog">
            <input
                type="text"
                enterkeyhint="search"
                role="combobox"
                aria-label="Search issues, testware and pages"
                aria-expanded="true"
                aria-controls="search-options"
                aria-activedescendant=dynamic_value(active)
                autocomplete="off"
                placeholder="Title, key or page"
                on:input=move |event| state.search(&event_target_value(&event))
                on:keydown=keydown
            />
            <ul id="search-options" role="listbox" aria-label="Results">{dynamic(options)}</ul>
            <p class="hint" role="status">{dynamic(status)}</p>
        </div>
    }
}

fn option(state: SearchState, index: usize, entry: Entry, go: Callback<String>) -> AnyView {
    let path = entry.path.clone();
    let selected = move || (state.active.get() == index).to_string();
    view! {
        <li
            id=format!("search-option-{index}")
            role="option"
            aria-selected=dynamic_value(selected)
            on:click=move |_| go.run(path.clone())
            on:pointermove=move |_| {
                if state.active.get_untracked() != index {
                    state.active.set(index);
                }
            }
        >
            {icon(entry.symbol)}
            {entry.key.map(|key| view! { <span class="key">{key}</span>" " })}
            <span class="clip" dir="auto">{entry.title}</span>
        </li>
    }
    .into_any()
}

/// The pages of a project.
fn pages(project: ProjectId, admin: bool) -> Vec<Entry> {
    let of = |path: &str| format!("/projects/{project}/{path}");
    let lists = Subject::ALL
        .iter()
        .filter(|subject| subject.is_testware() || **subject == Subject::Issue)
        .map(|subject| Entry::page(subject.label(), subject.spec().icon, subject.list_path(project)));
    let for_admins = [
        Entry::page("Issue integration", Icon::Plug, of("settings/integration")),
        Entry::page("Custom events", Icon::Radio, of("settings/events")),
        Entry::page("Audit log", Icon::Log, of("settings/audit")),
        Entry::page("General", Icon::Sliders, of("settings")),
    ];
    std::iter::once(Entry::page("Dashboard", Icon::Dashboard, of("dashboard")))
        .chain(lists)
        .chain([
            Entry::page("Webhooks", Icon::Webhook, of("settings/webhooks")),
            Entry::page("Deliveries", Icon::Send, of("settings/webhooks?tab=deliveries")),
            Entry::page("Import test cases", Icon::Case, of("import")),
            Entry::page("Members", Icon::People, of("settings/members")),
        ])
        .chain(for_admins.into_iter().filter(|_| admin))
        .collect()
}

impl SearchState {
    fn step(self, by: isize) {
        let count = self.entries.with_untracked(Vec::len);
        let next = self.active.get_untracked().checked_add_signed(by).filter(|next| *next < count);
        if let Some(next) = next {
            self.active.set(next);
            scroll_to(next);
        }
    }

    fn chosen(self) -> Option<String> {
        let active = self.active.get_untracked();
        self.entries.with_untracked(|entries| entries.get(active).map(|entry| entry.path.clone()))
    }

    /// Shows the pages at once, and what the server finds once the user stops typing.
    fn search(self, text: &str) {
        let text = text.trim().to_owned();
        self.number.update_value(|number| *number += 1);
        let number = self.number.get_value();
        let words = text.to_ascii_lowercase();
        let pages = self.pages.with_value(|pages| {
            let matching = pages.iter().filter(|page| page.title.to_ascii_lowercase().contains(&words));
            matching.cloned().collect::<Vec<_>>()
        });
        self.active.set(0);
        self.show(pages.clone());
        self.searching.set(!text.is_empty());
        if text.is_empty() {
            return;
        }
        let find = move || {
            if self.number.try_get_value() == Some(number) {
                leptos::task::spawn_local(self.find(text, number, pages));
            }
        };
        set_timeout(find, SEARCH_DEBOUNCE);
    }

    async fn find(self, text: String, number: u32, pages: Vec<Entry>) {
        let found = search_project(self.project, text).await;
        // Another search may have started, or the dialog may have closed.
        if self.number.try_get_value() != Some(number) {
            return;
        }
        self.searching.set(false);
        match found {
            Ok(hits) => {
                let hits = hits.into_iter().map(|hit| Entry::hit(hit, self.project));
                self.show(pages.into_iter().chain(hits).collect());
            }
            Err(_) => self.failed.set(true),
        }
    }

    /// The hits follow the pages, so the entry that the arrow keys have chosen stays chosen.
    fn show(self, entries: Vec<Entry>) {
        self.failed.set(false);
        self.entries.set(entries);
    }
}

fn scroll_to(index: usize) {
    if let Some(option) = document().get_element_by_id(&format!("search-option-{index}")) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        option.scroll_into_view_with_scroll_into_view_options(&options);
    }
}
