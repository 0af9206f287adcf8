//! The field with the files to attach. It has no name: the files are uploaded once the result is saved, which needs
//! JavaScript.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use web_sys::{ClipboardEvent, DataTransfer, File, FileList, HtmlInputElement};

use crate::testware::attachment::{MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS};

/// The files that were chosen. The browser has one thread.
pub type ChosenFiles = StoredValue<Vec<SendWrapper<File>>>;

/// Chooses files, also by pasting them into the form.
#[component]
pub fn FileField(chosen: ChosenFiles) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let read = move || {
        let list = input.try_get_untracked().flatten().and_then(|input| input.files());
        chosen.try_set_value(list.map(|list| files(&list).map(SendWrapper::new).collect()).unwrap_or_default());
    };
    chosen.set_value(Vec::new());
    Effect::new(move |_| {
        let paste = window_event_listener(ev::paste, move |event| {
            if input.try_get_untracked().flatten().is_some_and(|input| add_pasted(&event, &input)) {
                event.prevent_default();
                read();
            }
        });
        on_cleanup(move || paste.remove());
    });
    let limits = format!(
        "At most {MAX_ATTACHMENTS} files for each result, {} MiB each. You can also paste a screenshot.",
        MAX_ATTACHMENT_BYTES / (1024 * 1024)
    );
    view! {
        <div class="field needs-script">
            <label for="field-files">"Attach files"</label>
            <input id="field-files" type="file" multiple=true node_ref=input aria-describedby="field-files-hint" on:change=move |_| read()/>
            <p class="hint" id="field-files-hint">{limits}</p>
        </div>
    }
}

fn files(list: &FileList) -> impl Iterator<Item = File> {
    (0..list.length()).filter_map(|at| list.item(at))
}

/// Adds the files of the clipboard to those of the field. False if it has none.
fn add_pasted(event: &ClipboardEvent, input: &HtmlInputElement) -> bool {
    let Some(pasted) = event.clipboard_data().and_then(|data| data.files()).filter(|files| files.length() > 0) else {
        return false;
    };
    let Ok(all) = DataTransfer::new() else { return false };
    let before = input.files();
    for file in before.iter().flat_map(files).chain(files(&pasted)) {
        let _ = all.items().add_with_file(&file);
    }
    input.set_files(all.files().as_ref());
    true
}
