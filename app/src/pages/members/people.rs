//! The members with their roles.

use leptos::prelude::*;

use super::owner::{OwnerRequest, TransferDialog};
use crate::api::members::{RemoveMember, UpdateMember};
use crate::components::confirm::Confirm;
use crate::components::page_action::PageAction;
use crate::components::pager::Pager;
use crate::components::relative_time::RelativeTime;
use crate::components::table::actions_table;
use crate::components::toast::use_toasts;
use crate::model::id::{ProjectId, UserId};
use crate::model::page::Page;
use crate::model::people::{Actor, Member, Role};

/// What the caller may do with the members.
#[derive(Clone, Copy)]
struct Rights {
    /// Whether the caller manages the members other than the owner.
    admin: bool,
    /// Whether the caller may transfer the project, and a candidate exists.
    transfer: bool,
    /// Whether the caller may remove the owner too.
    remove_owner: bool,
}

/// A row for each member. Admins change roles and remove members. Only the owner and system admins
/// change the owner.
#[component]
pub fn People(
    page: Page<Member>,
    project: ProjectId,
    admin: bool,
    actor: Option<Actor>,
    /// IDs and names of the candidates that a system admin has, members or not.
    people: Vec<(UserId, String)>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let (update, remove) = (PageAction::<UpdateMember>::new(), PageAction::<RemoveMember>::new());
    update.on_success(move |member| {
        toasts.done(format!("{} is now {}", member.name, member.role.label().to_ascii_lowercase()))
    });
    let leaving = RwSignal::new(None::<Member>);
    let confirm_open = RwSignal::new(false);
    remove.on_success(move |()| {
        confirm_open.set(false);
        toasts.done("Removed from the project");
        changed.run(());
    });
    let update_error = update.error();
    Effect::new(move |_| {
        if let Some(error) = update_error.get() {
            toasts.failed(error.to_string());
            changed.run(());
        }
    });
    let owner = page.items.iter().find(|member| member.owner).map(|member| member.user_id);
    let candidates = candidates(&page.items, owner, people);
    let rights = rights(admin, owner, actor.as_ref(), !candidates.is_empty());
    let owner_request = RwSignal::new(None::<OwnerRequest>);
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
            let role = if rights.admin && !member.owner {
                view! { <select aria-label=label on:change=choose>{roles(member.role)}</select> }.into_any()
            } else {
                view! { <span>{if member.owner { "Owner" } else { member.role.label() }}</span> }.into_any()
            };
            let by_claim = member.by_claim.then(|| view! { <span class="hint block">"From single sign-on"</span> });
            let open_confirm = move |member: Member| {
                leaving.set(Some(member));
                confirm_open.set(true);
            };
            let actions = actions(&member, rights, owner_request, open_confirm);
            view! {
                <tr>
                    <td class="primary-cell">
                        <span class="item-title"><span class="title" title=member.name.clone()>{member.name.clone()}</span></span>
                        <span class="hint block">{member.email}{(!member.active).then_some(" (deactivated)")}</span>
                    </td>
                    <td data-label="Role">{role}{by_claim}</td>
                    <td class="labeled" data-label="Joined"><RelativeTime time=member.joined_at/></td>
                    <td class="actions-cell">{actions}</td>
                </tr>
            }
        })
        .collect_view();
    let question = move || leaving.get().map_or_else(String::new, |member| format!("Remove {}?", member.name));
    view! {
        {actions_table("compact many-actions", &["Name", "Role", "Joined"], rows)}
        <Pager next=page.next_cursor/>
        <Confirm
            open=confirm_open
            title=Signal::derive(question)
            consequences=vec!["They lose access to the project. Their work stays.".to_owned()]
            confirm_label="Remove"
            pending=remove.pending()
            error=remove.error()
            on_confirm=move |()| {
                if let Some(member) = leaving.get_untracked() {
                    remove.dispatch(RemoveMember { project, user: member.user_id, new_owner: None });
                }
            }
        />
        <TransferDialog project request=owner_request candidates changed/>
    }
}

/// IDs and names of the users who may become the owner.
fn candidates(members: &[Member], owner: Option<UserId>, people: Vec<(UserId, String)>) -> Vec<(String, String)> {
    let active = members.iter().filter(|member| member.active);
    let mut candidates: Vec<_> = active.map(|member| (member.user_id, member.name.clone())).collect();
    for person in people {
        if candidates.iter().all(|(id, _)| *id != person.0) {
            candidates.push(person);
        }
    }
    candidates.retain(|(id, _)| Some(*id) != owner);
    candidates.into_iter().map(|(id, name)| (id.to_string(), name)).collect()
}

fn rights(admin: bool, owner: Option<UserId>, actor: Option<&Actor>, candidates: bool) -> Rights {
    let system_admin = actor.is_some_and(|actor| actor.system_admin);
    let owns = actor.is_some_and(|actor| Some(actor.id) == owner);
    Rights { admin, transfer: candidates && (system_admin || owns), remove_owner: candidates && system_admin }
}

/// The buttons of a member, in reading order.
fn actions(
    member: &Member,
    rights: Rights,
    owner_request: RwSignal<Option<OwnerRequest>>,
    open_confirm: impl Fn(Member) + Clone + Send + Sync + 'static,
) -> AnyView {
    let button = |text: &'static str, on_click: Box<dyn Fn() + Send + Sync>| {
        let label = format!("{text}: {}", member.name);
        view! { <button type="button" class="button small" aria-label=label on:click=move |_| on_click()>{text}</button> }
    };
    let (leaving, owner) = (member.clone(), member.user_id);
    let removal = match (member.owner, rights.admin, rights.remove_owner) {
        (false, true, _) => Some(button("Remove", Box::new(move || open_confirm(leaving.clone())))),
        (true, _, true) => {
            let remove = move || owner_request.set(Some(OwnerRequest::Remove(owner)));
            Some(button("Remove", Box::new(remove)))
        }
        _ => None,
    };
    let transfer = (member.owner && rights.transfer)
        .then(|| button("Transfer ownership", Box::new(move || owner_request.set(Some(OwnerRequest::Transfer)))));
    if removal.is_none() && transfer.is_none() {
        return ().into_any();
    }
    view! { <div class="actions">{transfer}{removal}</div> }.into_any()
}

fn roles(selected: Role) -> impl IntoView {
    Role::ALL
        .iter()
        .map(|role| view! { <option value=role.as_str() selected=*role == selected>{role.label()}</option> })
        .collect_view()
}
