//! The notes of a session on its page, oldest first. They follow live changes.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::components::confirm::Confirm;
use crate::components::dialog::Dialog;
use crate::components::dynamic::{ShowWhen, awaited, dynamic};
use crate::components::failure::{FormError, PageError};
use crate::components::field::{Buttons, TextField};
use crate::components::icon::{Icon, icon};
use crate::components::menu::Menu;
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::pager::Pager;
use crate::components::prose::prose;
use crate::components::relative_time::RelativeTime;
use crate::components::toast::use_toasts;
use crate::live::use_refetcher;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::model::page::Page;
use crate::page_resource::PageResource;
use crate::testware::session::SessionId;
use crate::testware::session::api::{self, AddSessionNote, DeleteSessionNote, UpdateSessionNote};
use crate::testware::session::notes::{SessionNote, SessionNoteId};
use crate::time;
use crate::url_state::use_url_state;

/// The section. `open` is whether notes can be added and changed.
#[component]
pub fn SessionNotes(session: SessionId, project: ProjectId, open: Memo<bool>) -> impl IntoView {
    let url_state = use_url_state();
    let cursor = Memo::new(move |_| url_state.param("notes"));
    let notes =
        PageResource::new_blocking(move || cursor.get(), move |cursor| api::list_session_notes(session, cursor));
    view! {
        <section class="more session-notes">
            <h2>"Notes"</h2>
            <Transition fallback=|| view! { <p class="hint">"Loading notes…"</p> }>
                {awaited(move || async move {
                    match notes.await {
                        Ok(page) => view! { <List page cursor=cursor.get_untracked() session project open/> }.into_any(),
                        Err(error) => view! { <PageError error what="notes" part=true/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn List(
    page: Page<SessionNote>,
    cursor: Option<String>,
    session: SessionId,
    project: ProjectId,
    open: Memo<bool>,
) -> impl IntoView {
    let (toasts, url_state) = (use_toasts(), use_url_state());
    let page = RwSignal::new(page);
    let refetcher = use_refetcher(
        move |change| change.item_of(Subject::Session) == Some(session.0),
        move || {
            let cursor = cursor.clone();
            Box::pin(async move {
                if let Ok(now) = api::list_session_notes(session, cursor).await
                    && page.try_with_untracked(|page| *page != now) == Some(true)
                {
                    page.set(now);
                }
            })
        },
    );
    let changed = Callback::new(move |()| refetcher.now());
    let asked = RwSignal::new(None::<SessionNoteId>);
    let confirm_open = RwSignal::new(false);
    let delete = PageAction::<DeleteSessionNote>::new();
    delete.on_success(move |()| {
        confirm_open.set(false);
        toasts.done("Note deleted");
        changed.run(());
    });
    let ask = Callback::new(move |id| {
        asked.set(Some(id));
        confirm_open.set(true);
    });
    let edit_path = move |id: SessionNoteId| url_state.with(&[("note", Some(&id.to_string()))]);
    view! {
        <ShowWhen when=move || page.with(|page| page.items.is_empty())><p class="hint">"No notes yet."</p></ShowWhen>
        <ol>
            // An unchanged note keeps its open menu and the focus.
            <For
                each=move || page.with(|page| page.items.clone())
                key=|note| (note.id, note.updated_at, note.editable)
                children=move |note| {
                    let edit_path = edit_path(note.id);
                    note_view(note, open, edit_path, ask)
                }
            />
        </ol>
        {dynamic(move || view! { <Pager next=page.with(|page| page.next_cursor.clone()) param="notes" label="Pages of notes"/> })}
        <ShowWhen when=move || open.get()><NewNote session project changed/></ShowWhen>
        <EditNote page project changed/>
        <Confirm
            open=confirm_open
            title="Delete this note?".to_owned()
            consequences=vec!["This can't be undone.".to_owned()]
            confirm_label="Delete note".to_owned()
            pending=delete.pending()
            error=delete.error()
            on_confirm=move |()| {
                if let Some(id) = asked.get_untracked() {
                    delete.dispatch(DeleteSessionNote { id });
                }
            }
        />
    }
}

fn note_view(note: SessionNote, open: Memo<bool>, edit_path: String, ask: Callback<SessionNoteId>) -> AnyView {
    let id = note.id;
    let at = time::timer_text(note.elapsed_seconds);
    let label = format!("Actions of the note at {at} by {}", note.author);
    let edit_path = Signal::stored(edit_path);
    let menu = note.editable.then(|| {
        view! {
            <ShowWhen when=move || open.get()>
                <Menu id=format!("menu-{id}") label=label.clone()>
                    <a href=edit_path data-noscroll="">{icon(Icon::Edit)}"Edit note"</a>
                    <hr/>
                    <button type="button" class="danger" on:click=move |_| ask.run(id)>{icon(Icon::Trash)}"Delete note"</button>
                </Menu>
            </ShowWhen>
        }
    });
    let edited = note.updated_at.map(|_| view! { <span class="hint">" · edited"</span> });
    view! {
        <li class="card">
            <header>
                <p><b class="elapsed">{at}</b>" "<span dir="auto">{note.author}</span>" "<RelativeTime time=note.created_at/>{edited}</p>
                {menu}
            </header>
            {prose(note.text_html, "")}
        </li>
    }
    .into_any()
}

#[component]
fn NewNote(session: SessionId, project: ProjectId, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let add = PageAction::<AddSessionNote>::new();
    let error = add.error();
    let form = NodeRef::<html::Form>::new();
    add.on_success(move |()| {
        toasts.done("Note added");
        if let Some(form) = form.get_untracked() {
            form.reset();
            // The button that was pressed has lost the focus, because it was disabled.
            request_animation_frame(move || {
                let text = form.query_selector("textarea").ok().flatten();
                if let Some(text) = text.and_then(|text| text.dyn_into::<web_sys::HtmlElement>().ok()) {
                    let _ = text.focus();
                }
            });
        }
        changed.run(());
    });
    view! {
        <PageForm action=add node_ref=form>
            <FormError error/>
            <input type="hidden" name="project" value=project.to_string()/>
            <input type="hidden" name="id" value=session.to_string()/>
            <TextField name="new_note" wire="text" label="New note" hint="Markdown. It gets the time on the timer." rows=3 required=true error/>
            <div class="actions"><button type="submit" class="button" disabled=add.pending()>"Add note"</button></div>
        </PageForm>
    }
}

/// `?note=sno_...`
#[component]
fn EditNote(page: RwSignal<Page<SessionNote>>, project: ProjectId, changed: Callback<()>) -> impl IntoView {
    let (toasts, url_state) = (use_toasts(), use_url_state());
    let selected = Memo::new(move |_| url_state.parsed::<SessionNoteId>("note"));
    let open = Signal::derive(move || selected.get().is_some());
    let update = PageAction::<UpdateSessionNote>::new();
    let error = update.error();
    update.on_success(move |()| {
        toasts.done("Note changed");
        changed.run(());
    });
    let content = move || {
        let id = selected.get_untracked();
        let all = page.with_untracked(|page| page.items.clone());
        let Some(note) = all.into_iter().find(|note| Some(note.id) == id) else {
            return view! { <p class="hint">"This note was deleted, or is on another page."</p> }.into_any();
        };
        view! {
            <PageForm action=update>
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <input type="hidden" name="id" value=note.id.to_string()/>
                <TextField name="edited_note" wire="text" label="Note" value=note.text rows=5 required=true autofocus=true error/>
                <Buttons cancel="note" pending=update.pending() submit_label="Save changes"/>
            </PageForm>
        }
        .into_any()
    };
    view! {
        <Dialog open title="Edit note" wide=true on_close=move |()| url_state.replace(&[("note", None)])>
            {content()}
        </Dialog>
    }
}
