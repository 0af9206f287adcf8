//! Finds the issues that the texts of a page mention, with one request for all texts that are shown at once.

use std::cell::RefCell;
use std::mem;

use futures::channel::oneshot;

use crate::api;
use crate::model::id::ProjectId;
use crate::model::issue::FoundIssue;

/// The keys of a text that are not looked for yet.
struct Waiting {
    keys: Vec<String>,
    answer: oneshot::Sender<Vec<FoundIssue>>,
}

thread_local! {
    static WAITING: RefCell<Vec<Waiting>> = const { RefCell::new(Vec::new()) };
}

/// The issues with these keys; none if the request fails, because the text can be read without them.
pub async fn find(project: ProjectId, keys: Vec<String>) -> Vec<FoundIssue> {
    let (answer, answered) = oneshot::channel();
    let is_first = WAITING.with_borrow_mut(|waiting| {
        waiting.push(Waiting { keys, answer });
        waiting.len() == 1
    });
    if is_first {
        leptos::task::spawn_local(ask(project));
    }
    answered.await.unwrap_or_default()
}

async fn ask(project: ProjectId) {
    // The other texts of the page come first.
    leptos::task::tick().await;
    let waiting = WAITING.with_borrow_mut(mem::take);
    let mut keys: Vec<String> = waiting.iter().flat_map(|text| text.keys.clone()).collect();
    keys.sort_unstable();
    keys.dedup();
    let found = api::issues::find_issues(project, keys).await.unwrap_or_default();
    for Waiting { keys, answer } in waiting {
        let of_text = found.iter().filter(|issue| keys.contains(&issue.key)).cloned().collect();
        // The text may be gone.
        let _ = answer.send(of_text);
    }
}
