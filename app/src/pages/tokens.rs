//! `/account/tokens`: the API tokens of whoever is signed in.

use leptos::form::ActionForm;
use leptos::html;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::api;
use crate::api::tokens::{CreateToken, DeleteToken};
use crate::components::confirm::Confirm;
use crate::components::empty::Empty;
use crate::components::failure::{FormError, PageError, failure, on_success};
use crate::components::field::{SelectField, Submit, TextField};
use crate::components::icon::Icon;
use crate::components::pager::Pager;
use crate::components::reveal::{Once, Reveal};
use crate::components::skeleton::Skeleton;
use crate::components::toast::use_toasts;
use crate::components::when::{When, WhenOrNever};
use crate::model::page::{Page, PageQuery};
use crate::model::people::{ApiToken, CreatedToken};
use crate::place::use_place;

/// See the [module](self).
#[component]
pub fn Tokens() -> impl IntoView {
    let place = use_place();
    let cursor = Memo::new(move |_| place.param("cursor"));
    let tokens =
        Resource::new(move || cursor.get(), |cursor| api::tokens::list_tokens(PageQuery { limit: None, cursor }));
    let create = ServerAction::<CreateToken>::new();
    let error = failure(create);
    let revealed = RwSignal::new(None::<CreatedToken>);
    let form = NodeRef::<html::Form>::new();
    on_success(create, move |created| {
        if let Some(form) = form.get_untracked() {
            form.reset();
        }
        revealed.set(Some(created));
        tokens.refetch();
    });
    let ends = [("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("0", "Never")];
    let ends = ends.map(|(days, text)| (days.to_owned(), text.to_owned())).to_vec();
    view! {
        <Title text="API tokens"/>
        <header class="page-head">
            <div>
                <h1>"API tokens"</h1>
                <p class="lead">"A script that sends a token acts as you."</p>
            </div>
            <a class="button" href="/api/docs" rel="external">"API reference"</a>
        </header>
        {move || revealed.get().map(|created| view! {
            <Reveal
                lead="Send it as Authorization: Bearer. Only its hash is stored."
                texts=vec![Once { label: "Token", text: created.secret }]
                done="I have copied it"
                on_done=move |()| revealed.set(None)
            />
        })}
        <section class="card">
            <h2>"New token"</h2>
            <ActionForm action=create node_ref=form attr:class="form inline">
                <FormError error/>
                <TextField name="name" label="Name" placeholder="CI of checkout" required=true error/>
                <SelectField name="days" label="Expires after" options=ends value="90"/>
                <Submit pending=create.pending() reveals=true>"Create token"</Submit>
            </ActionForm>
        </section>
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || Suspend::new(async move {
                match tokens.await {
                    Ok(page) => view! { <List page changed=move |()| tokens.refetch()/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn List(page: Page<ApiToken>, #[prop(into)] changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let delete = ServerAction::<DeleteToken>::new();
    let ending = RwSignal::new(None::<ApiToken>);
    let asking = RwSignal::new(false);
    on_success(delete, move |()| {
        asking.set(false);
        toasts.done("The token no longer works");
        changed.run(());
    });
    if page.items.is_empty() {
        return view! {
            <Empty sign=Icon::Key title="No token yet">
                <p>"Make one for each script, so that one can end without the others."</p>
            </Empty>
        }
        .into_any();
    }
    let rows = page
        .items
        .into_iter()
        .map(|token| {
            let again = token.clone();
            view! {
                <tr>
                    <td><span class="title">{token.name.clone()}</span><code class="hint block">{token.hint}"…"</code></td>
                    <td data-label="Created"><When time=token.created_at/></td>
                    <td data-label="Expires"><WhenOrNever time=token.expires_at/></td>
                    <td data-label="Last used"><WhenOrNever time=token.last_used_at/></td>
                    <td class="end">
                        <button
                            type="button"
                            class="button small"
                            aria-label=format!("Delete {}", token.name)
                            on:click=move |_| {
                                ending.set(Some(again.clone()));
                                asking.set(true);
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
        <div class="table-wrap">
            <table class="stack">
                <thead>
                    <tr>
                        <th>"Name"</th><th>"Created"</th><th>"Expires"</th><th>"Last used"</th>
                        <th><span class="visually-hidden">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Pager next=page.next_cursor/>
        <Confirm
            open=asking
            title=Signal::derive(question)
            consequences=vec!["Whatever uses it stops working at once.".to_owned()]
            deed="Delete token"
            pending=delete.pending()
            error=failure(delete)
            on_confirm=move |()| {
                if let Some(token) = ending.get_untracked() {
                    delete.dispatch(DeleteToken { id: token.id });
                }
            }
        />
    }
    .into_any()
}
