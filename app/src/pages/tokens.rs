//! `/account/tokens`: the API tokens of the signed-in user.

use leptos::html;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::api;
use crate::api::tokens::{CreateToken, DeleteToken};
use crate::components::confirm::Confirm;
use crate::components::dynamic::{awaited, dynamic};
use crate::components::empty::Empty;
use crate::components::failure::{FormError, PageError};
use crate::components::field::{FieldError, SelectField, Submit, TextField};
use crate::components::icon::Icon;
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::pager::Pager;
use crate::components::relative_time::{RelativeTime, RelativeTimeOrNever};
use crate::components::reveal::{OneTimeSecret, Reveal};
use crate::components::skeleton::table_skeleton;
use crate::components::table::actions_table;
use crate::components::toast::use_toasts;
use crate::model::account::TokenScope;
use crate::model::page::{MAX_LIMIT, Page, PageQuery};
use crate::model::people::{ApiToken, CreatedToken};
use crate::model::project::Project;
use crate::page_resource::PageResource;
use crate::url_state::use_url_state;

#[component]
pub fn Tokens() -> impl IntoView {
    let url_state = use_url_state();
    let cursor = Memo::new(move |_| url_state.param("cursor"));
    let tokens =
        PageResource::new(move || cursor.get(), |cursor| api::tokens::list_tokens(PageQuery { limit: None, cursor }));
    let projects =
        PageResource::new(|| (), |()| api::projects::list_projects(PageQuery { limit: Some(MAX_LIMIT), cursor: None }));
    let create = PageAction::<CreateToken>::new();
    let revealed = RwSignal::new(None::<CreatedToken>);
    let form = NodeRef::<html::Form>::new();
    create.on_success(move |created| {
        if let Some(form) = form.get_untracked() {
            form.reset();
        }
        revealed.set(Some(created));
        tokens.refetch();
    });
    view! {
        <Title text="API tokens"/>
        <header class="page-head">
            <div>
                <h1>"API tokens"</h1>
                <p class="lead">"Tokens act on your behalf."</p>
            </div>
            <a class="button" href="/api/docs" rel="external">"API reference"</a>
        </header>
        {dynamic(move || revealed.get().map(|created| view! {
            <Reveal
                title="New API token"
                lead="Send it as Authorization: Bearer. Only its hash is stored."
                texts=vec![OneTimeSecret { label: "Token", text: created.secret }]
                on_done=move |()| revealed.set(None)
            />
        }))}
        <section class="card">
            <h2>"New token"</h2>
            <Transition>
                {awaited(move || async move {
                    let projects = projects.await.map(|page| page.items).unwrap_or_default();
                    view! { <NewToken create projects form/> }
                })}
            </Transition>
        </section>
        <Transition fallback=|| table_skeleton("stack many-columns", &["Name", "Access", "Created", "Expires", "Last used", ""])>
            {awaited(move || async move {
                let projects = projects.await.map(|page| page.items).unwrap_or_default();
                match tokens.await {
                    Ok(page) => view! { <List page projects changed=move |()| tokens.refetch()/> }.into_any(),
                    Err(error) => view! { <PageError error what="API tokens"/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn NewToken(create: PageAction<CreateToken>, projects: Vec<Project>, form: NodeRef<html::Form>) -> impl IntoView {
    let error = create.error();
    let scopes = TokenScope::ALL.iter().map(|scope| (scope.as_str().to_owned(), scope.label().to_owned())).collect();
    let all = [(String::new(), "All projects".to_owned())];
    let projects = all.into_iter().chain(projects.into_iter().map(|one| (one.id.to_string(), one.name))).collect();
    let ends = [("30", "30 days"), ("90", "90 days"), ("365", "1 year"), ("0", "Never")];
    let ends = ends.map(|(days, text)| (days.to_owned(), text.to_owned())).to_vec();
    view! {
        <PageForm action=create node_ref=form>
            <FormError error/>
            <div class="columns">
                <TextField name="name" label="Name" placeholder="e.g. Checkout CI" required=true error/>
                <SelectField name="scope" label="Access" options=scopes value="write"/>
                <SelectField name="project" label="Project" options=projects value=""/>
                <SelectField name="days" label="Expires after" options=ends value="90"/>
            </div>
            <FieldError name="projectId" error/>
            <div class="actions start">
                <Submit pending=create.pending() reveals=true>"Create token"</Submit>
            </div>
        </PageForm>
    }
}

#[component]
fn List(page: Page<ApiToken>, projects: Vec<Project>, #[prop(into)] changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let delete = PageAction::<DeleteToken>::new();
    let ending = RwSignal::new(None::<ApiToken>);
    let confirm_open = RwSignal::new(false);
    delete.on_success(move |()| {
        confirm_open.set(false);
        toasts.done("Token deleted");
        changed.run(());
    });
    if page.items.is_empty() {
        return view! {
            <Empty icon=Icon::Key title="No tokens yet">
                <p>"Create one for each script, so you can delete them separately."</p>
            </Empty>
        }
        .into_any();
    }
    let rows = page
        .items
        .into_iter()
        .map(|token| {
            let again = token.clone();
            let project = token.project_id.map(|id| {
                let name = projects.iter().find(|one| one.id == id).map_or("Other project", |one| &one.name);
                view! { <span class="hint block">{name.to_owned()}</span> }
            });
            view! {
                <tr>
                    <td><span class="title">{token.name.clone()}</span><code class="hint block">{token.hint}"…"</code></td>
                    <td data-label="Access"><span>{token.scope.label()}{project}</span></td>
                    <td data-label="Created"><RelativeTime time=token.created_at/></td>
                    <td data-label="Expires"><RelativeTimeOrNever time=token.expires_at/></td>
                    <td data-label="Last used"><RelativeTimeOrNever time=token.last_used_at/></td>
                    <td class="actions-cell">
                        <button
                            type="button"
                            class="button small"
                            aria-label=format!("Delete {}", token.name)
                            on:click=move |_| {
                                ending.set(Some(again.clone()));
                                confirm_open.set(true);
                            }
                        >
                            "Delete"
                        </button>
                    </td>
                </tr>
            }
        })
        .collect_view();
    let question = move || ending.get().map_or_else(String::new, |token| format!("Delete {}?", token.name));
    view! {
        {actions_table("many-columns", &["Name", "Access", "Created", "Expires", "Last used"], rows)}
        <Pager next=page.next_cursor/>
        <Confirm
            open=confirm_open
            title=Signal::derive(question)
            consequences=vec!["Scripts that use it stop working immediately.".to_owned()]
            confirm_label="Delete token"
            pending=delete.pending()
            error=delete.error()
            on_confirm=move |()| {
                if let Some(token) = ending.get_untracked() {
                    delete.dispatch(DeleteToken { id: token.id });
                }
            }
        />
    }
    .into_any()
}
