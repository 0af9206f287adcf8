//! `/projects/{id}/settings/members`: who belongs to the project, and who is invited.

use leptos::form::ActionForm;
use leptos::html;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::api;
use crate::api::invites::{CreateInvite, DeleteInvite};
use crate::api::members::{RemoveMember, UpdateMember};
use crate::components::confirm::Confirm;
use crate::components::failure::{FormError, PageError, failure, on_success};
use crate::components::field::{SelectField, Submit, TextField};
use crate::components::pager::Pager;
use crate::components::reveal::{Once, Reveal};
use crate::components::skeleton::Skeleton;
use crate::components::toast::use_toasts;
use crate::components::when::When;
use crate::error::Error;
use crate::layout::use_project;
use crate::model::id::ProjectId;
use crate::model::page::{MAX_LIMIT, Page, PageQuery};
use crate::model::people::{CreatedInvite, Invite, Member, Role};
use crate::place::use_place;

/// See the [module](self).
#[component]
pub fn Members() -> impl IntoView {
    let project = use_project();
    let (id, admin) = (project.id, project.is_admin());
    let place = use_place();
    let cursor = Memo::new(move |_| place.param("cursor"));
    let members = Resource::new(
        move || cursor.get(),
        move |cursor| api::members::list_members(id, PageQuery { limit: None, cursor }),
    );
    view! {
        <Title text=format!("Members of {}", project.name)/>
        <header class="page-head">
            <div>
                <h1>"Members"</h1>
                <p class="lead">"Members read and work on issues; project admins also configure."</p>
            </div>
        </header>
        {admin.then(|| view! { <Invites project=id/> })}
        <section>
            <h2>"People"</h2>
            <Transition fallback=|| view! { <Skeleton/> }>
                {move || Suspend::new(async move {
                    match members.await {
                        Ok(page) => view! { <People page project=id admin changed=move |()| members.refetch()/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn People(page: Page<Member>, project: ProjectId, admin: bool, #[prop(into)] changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let (update, remove) = (ServerAction::<UpdateMember>::new(), ServerAction::<RemoveMember>::new());
    on_success(update, move |member| {
        toasts.done(format!("{} is {} now", member.name, member.role.label().to_lowercase()))
    });
    let leaving = RwSignal::new(None::<Member>);
    let asking = RwSignal::new(false);
    on_success(remove, move |()| {
        asking.set(false);
        toasts.done("Removed from the project");
        changed.run(());
    });
    let update_error = failure(update);
    Effect::new(move |_| {
        if let Some(error) = update_error.get() {
            toasts.failed(error.to_string());
            changed.run(());
        }
    });
    let rows = page
        .items
        .into_iter()
        .map(|member| {
            let (user, label) = (member.user_id, format!("Role of {}", member.name));
            let choose = move |event| {
                if let Ok(role) = event_target_value(&event).parse() {
                    update.dispatch(UpdateMember { project, user, role });
                }
            };
            let role = if admin && !member.owner {
                view! { <select aria-label=label on:change=choose>{roles(member.role)}</select> }.into_any()
            } else {
                view! { <span>{if member.owner { "Owner" } else { member.role.label() }}</span> }.into_any()
            };
            let leave = (admin && !member.owner).then(|| {
                let member = member.clone();
                view! {
                    <button
                        type="button"
                        class="button small"
                        aria-label=format!("Remove {}", member.name)
                        on:click=move |_| {
                            leaving.set(Some(member.clone()));
                            asking.set(true);
                        }
                    >
                        "Remove"
                    </button>
                }
            });
            view! {
                <tr>
                    <td><span class="title">{member.name}</span><span class="hint block">{member.email}</span></td>
                    <td data-label="Role">{role}</td>
                    <td data-label="Joined"><When time=member.joined_at/></td>
                    <td class="end">{leave}</td>
                </tr>
            }
        })
        .collect_view();
    let question = move || leaving.get().map_or_else(String::new, |member| format!("Remove {}?", member.name));
    view! {
        <div class="table-wrap">
            <table class="stack">
                <thead><tr><th>"Name"</th><th>"Role"</th><th>"Joined"</th><th><span class="visually-hidden">"Actions"</span></th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Pager next=page.next_cursor/>
        <Confirm
            open=asking
            title=Signal::derive(question)
            consequences=vec!["They no longer see the project. What they made stays.".to_owned()]
            deed="Remove"
            pending=remove.pending()
            error=failure(remove)
            on_confirm=move |()| {
                if let Some(member) = leaving.get_untracked() {
                    remove.dispatch(RemoveMember { project, user: member.user_id });
                }
            }
        />
    }
}

fn roles(selected: Role) -> impl IntoView {
    Role::ALL
        .iter()
        .map(|role| view! { <option value=role.as_str() selected=*role == selected>{role.label()}</option> })
        .collect_view()
}

/// Those who were invited, and the form that invites.
#[component]
fn Invites(project: ProjectId) -> impl IntoView {
    let toasts = use_toasts();
    let invites = Resource::new(
        || (),
        move |()| api::invites::list_invites(project, PageQuery { limit: Some(MAX_LIMIT), cursor: None }),
    );
    let (create, delete) = (ServerAction::<CreateInvite>::new(), ServerAction::<DeleteInvite>::new());
    let error: Signal<Option<Error>> = failure(create);
    let revealed = RwSignal::new(None::<CreatedInvite>);
    let form = NodeRef::<html::Form>::new();
    on_success(create, move |created| {
        if let Some(form) = form.get_untracked() {
            form.reset();
        }
        revealed.set(Some(created));
        invites.refetch();
    });
    on_success(delete, move |()| {
        toasts.done("The invitation was taken back");
        invites.refetch();
    });
    let role_options = Role::ALL.iter().map(|role| (role.as_str().to_owned(), role.label().to_owned())).collect();
    view! {
        {move || revealed.get().map(|created| view! {
            <Reveal
                lead=format!("Hand this link to {}. It works once, for seven days.", created.invite.email)
                texts=vec![Once { label: "Link", text: created.url }]
                done="I have copied it"
                on_done=move |()| revealed.set(None)
            />
        })}
        <section class="card">
            <h2>"Invite a person"</h2>
            <ActionForm action=create node_ref=form attr:class="form inline">
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <TextField name="email" label="E-mail" kind="email" required=true error/>
                <SelectField name="role" label="Role" options=role_options value="member"/>
                <Submit pending=create.pending() reveals=true>"Create the link"</Submit>
            </ActionForm>
            <Transition>
                {move || Suspend::new(async move {
                    let waiting = invites.await.map(|page| page.items).unwrap_or_default();
                    (!waiting.is_empty()).then(|| view! {
                        <h3>"Waiting"</h3>
                        <ul class="lines">
                            {waiting.into_iter().map(|invite| waiting_line(invite, project, delete)).collect_view()}
                        </ul>
                    })
                })}
            </Transition>
        </section>
    }
}

fn waiting_line(invite: Invite, project: ProjectId, delete: ServerAction<DeleteInvite>) -> impl IntoView {
    let id = invite.id;
    view! {
        <li>
            <span class="grow">{invite.email.clone()}</span>
            <span class="hint">{invite.role.label()}", until "<When time=invite.expires_at/></span>
            <button
                type="button"
                class="button small"
                aria-label=format!("Take back the invitation of {}", invite.email)
                on:click=move |_| { delete.dispatch(DeleteInvite { project, invite: id }); }
            >
                "Take back"
            </button>
        </li>
    }
}
