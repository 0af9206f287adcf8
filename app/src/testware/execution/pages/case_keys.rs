//! The keys that add results: with the focus in the row of a case, a letter adds a result and moves on to the next case.

use leptos::ev::KeyboardEvent;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::result_queue::NewStatus;
use crate::testware::case::CaseId;
use crate::testware::execution::ResultStatus;

/// The statuses and their keys.
pub const KEYS: [(&str, ResultStatus); 5] = [
    ("p", ResultStatus::Passed),
    ("f", ResultStatus::Failed),
    ("s", ResultStatus::Skipped),
    ("b", ResultStatus::Blocked),
    ("r", ResultStatus::Retest),
];

/// Handles a key in a table of cases. A row is that of a case if it has an element with `data-case`, which takes the
/// focus. Returns the result to add, which is possible while the run is `open`.
pub fn on_key(event: &KeyboardEvent, open: bool) -> Option<NewStatus> {
    if event.ctrl_key() || event.alt_key() || event.meta_key() || event.repeat() {
        return None;
    }
    let row = event.target()?.dyn_into::<Element>().ok()?.closest("tr").ok()??;
    let key = event.key().to_ascii_lowercase();
    match &*key {
        "n" | "j" | "arrowdown" => focus(event, row.next_element_sibling()),
        "k" | "arrowup" => focus(event, row.previous_element_sibling()),
        _ => {
            let status = KEYS.iter().find(|(letter, _)| *letter == key).map(|(_, status)| *status);
            if let (true, Some(status), Some((case, key))) = (open, status, case_of(&row)) {
                focus(event, row.next_element_sibling());
                return Some((case, key, status));
            }
        }
    }
    None
}

/// The case of a row, and its key.
fn case_of(row: &Element) -> Option<(CaseId, String)> {
    let key = row.query_selector(".key").ok().flatten()?.text_content()?;
    Some((marked(row)?.get_attribute("data-case")?.parse().ok()?, key))
}

fn marked(row: &Element) -> Option<Element> {
    row.query_selector("[data-case]").ok().flatten()
}

/// Moves the focus to another row, if there is one.
fn focus(event: &KeyboardEvent, row: Option<Element>) {
    // The page must not scroll.
    event.prevent_default();
    if let Some(element) = row.and_then(|row| marked(&row)).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}
