//! The comments on the page of an item, newest first. They follow live changes.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::api::{self, AddComment, DeleteComment, UpdateComment};
use super::{Comment, CommentId};
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
use crate::model::id::ProjectId;
use crate::model::item_id::ItemId;
use crate::model::page::Page;
use crate::page_resource::PageResource;
use crate::url_state::use_url_state;

/// The section. `open` is whether comments can be added.
#[component]
pub fn Comments(item: ItemId, project: ProjectId, #[prop(into)] open: Signal<bool>) -> impl IntoView {
    let url_state = use_url_state();
    let cursor = Memo::new(move |_| url_state.param("comments"));
    let comments =
        PageResource::new_blocking(move || cursor.get(), move |cursor| api::list_comments(project, item, cursor));
    view! {
        <section class="more comments">
            <h2>"Comments"</h2>
            <Transition fallback=|| view! { <p class="hint">"Loading comments…"</p> }>
                {awaited(move || async move {
                    match comments.await {
                        Ok(page) => view! { <List page cursor=cursor.get_untracked() item project open/> }.into_any(),
                        Err(error) => view! { <PageError error what="comments" part=true/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn List(
    page: Page<Comment>,
    cursor: Option<String>,
    item: ItemId,
    project: ProjectId,
    open: Signal<bool>,
) -> impl IntoView {
    let (toasts, url_state) = (use_toasts(), use_url_state());
    let page = RwSignal::new(page);
    let refetcher = use_refetcher(
        move |change| change.item_of(item.subject()) == Some(item.uuid()),
        move || {
            let cursor = cursor.clone();
            Box::pin(async move {
                if let Ok(now) = api::list_comments(project, item, cursor).await
                    && page.try_with_untracked(|page| *page != now) == Some(true)
                {
                    page.set(now);
                }
            })
        },
    );
    let changed = Callback::new(move |()| refetcher.now());
    let asked = RwSignal::new(None::<CommentId>);
    let confirm_open = RwSignal::new(false);
    let delete = PageAction::<DeleteComment>::new();
    delete.on_success(move |()| {
        confirm_open.set(false);
        toasts.done("Comment deleted");
        changed.run(());
    });
    let ask = Callback::new(move |id| {
        asked.set(Some(id));
        confirm_open.set(true);
    });
    let edit_path = move |id: CommentId| url_state.with(&[("comment", Some(&id.to_string()))]);
    view! {
        <ShowWhen when=move || open.get()><NewComment item project changed/></ShowWhen>
        <ShowWhen when=move || page.with(|page| page.items.is_empty())><p class="hint">"No comments yet."</p></ShowWhen>
        <ol>
            // An unchanged comment keeps its open menu and the focus.
            <For
                each=move || page.with(|page| page.items.clone())
                key=|comment| (comment.id, comment.updated_at, comment.editable)
                children=move |comment| comment_view(comment, edit_path, ask)
            />
        </ol>
        {dynamic(move || view! { <Pager next=page.with(|page| page.next_cursor.clone()) param="comments" label="Pages of comments"/> })}
        <EditComment page project changed/>
        <Confirm
            open=confirm_open
            title="Delete this comment?".to_owned()
            consequences=vec!["This can't be undone.".to_owned()]
            confirm_label="Delete comment".to_owned()
            pending=delete.pending()
            error=delete.error()
            on_confirm=move |()| {
                if let Some(id) = asked.get_untracked() {
                    delete.dispatch(DeleteComment { id });
                }
            }
        />
    }
}

fn comment_view(
    comment: Comment,
    edit_path: impl Fn(CommentId) -> String + Send + Sync + 'static,
    ask: Callback<CommentId>,
) -> AnyView {
    let id = comment.id;
    let label = format!("Actions of the comment by {}", comment.author);
    let menu = comment.editable.then(|| {
        view! {
            <Menu id=format!("menu-{id}") label>
                <a href=edit_path(id) data-noscroll="">{icon(Icon::Edit)}"Edit comment"</a>
                <hr/>
                <button type="button" class="danger" on:click=move |_| ask.run(id)>{icon(Icon::Trash)}"Delete comment"</button>
            </Menu>
        }
    });
    let edited = comment.updated_at.map(|_| view! { <span class="hint">" · edited"</span> });
    view! {
        <li class="card">
            <header>
                <p><b dir="auto">{comment.author}</b>" "<RelativeTime time=comment.created_at/>{edited}</p>
                {menu}
            </header>
            {prose(comment.text_html, "")}
        </li>
    }
    .into_any()
}

#[component]
fn NewComment(item: ItemId, project: ProjectId, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let add = PageAction::<AddComment>::new();
    let error = add.error();
    let form = NodeRef::<html::Form>::new();
    add.on_success(move |()| {
        toasts.done("Comment added");
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
            <input type="hidden" name="item" value=item.to_string()/>
            <TextField name="new_comment" wire="text" label="New comment" hint="Markdown. Mention a member with @ and the name." rows=3 required=true error/>
            <div class="actions"><button type="submit" class="button" disabled=add.pending()>"Add comment"</button></div>
        </PageForm>
    }
}

/// `?comment=cmt_...`
#[component]
fn EditComment(page: RwSignal<Page<Comment>>, project: ProjectId, changed: Callback<()>) -> impl IntoView {
    let (toasts, url_state) = (use_toasts(), use_url_state());
    let selected = Memo::new(move |_| url_state.parsed::<CommentId>("comment"));
    let open = Signal::derive(move || selected.get().is_some());
    let update = PageAction::<UpdateComment>::new();
    let error = update.error();
    update.on_success(move |()| {
        toasts.done("Comment changed");
        changed.run(());
    });
    let content = move || {
        let id = selected.get_untracked();
        let all = page.with_untracked(|page| page.items.clone());
        let Some(comment) = all.into_iter().find(|comment| Some(comment.id) == id) else {
            return view! { <p class="hint">"This comment was deleted, or is on another page."</p> }.into_any();
        };
        view! {
            <PageForm action=update>
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <input type="hidden" name="id" value=comment.id.to_string()/>
                <TextField name="edited_comment" wire="text" label="Comment" value=comment.text rows=5 required=true autofocus=true error/>
                <Buttons cancel="comment" pending=update.pending() submit_label="Save changes"/>
            </PageForm>
        }
        .into_any()
    };
    view! {
        <Dialog open title="Edit comment" wide=true on_close=move |()| url_state.replace(&[("comment", None)])>
            {content()}
        </Dialog>
    }
}
