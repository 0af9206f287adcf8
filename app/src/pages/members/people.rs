//! The members with their roles.

use leptos::prelude::*;

use crate::api::members::{RemoveMember, UpdateMember};
use crate::components::confirm::Confirm;
use crate::components::failure::{failure, on_success};
use crate::components::pager::Pager;
use crate::components::toast::use_toasts;
use crate::components::when::When;
use crate::model::id::ProjectId;
use crate::model::page::Page;
use crate::model::people::{Member, Role};

/// A row each; an admin changes roles and removes members, but not the owner.
#[component]
pub fn People(
    page: Page<Member>,
    project: ProjectId,
    admin: bool,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
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
