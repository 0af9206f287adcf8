//! `/admin/people`: all users, for system admins.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api;
use crate::api::users::{CreatePasswordReset, SetSystemAdmin, SetUserActive, UnlinkSingleSignOn};
use crate::components::badge::{Tone, badge};
use crate::components::confirm::Confirm;
use crate::components::dynamic::{awaited, dynamic};
use crate::components::failure::PageError;
use crate::components::page_action::PageAction;
use crate::components::pager::Pager;
use crate::components::relative_time::RelativeTime;
use crate::components::reveal::{OneTimeSecret, Reveal};
use crate::components::skeleton::table_skeleton;
use crate::components::table::actions_table;
use crate::components::toast::use_toasts;
use crate::layout::use_current_actor;
use crate::model::account::{PASSWORD_RESET_HOURS, PasswordResetLink, User};
use crate::model::id::UserId;
use crate::model::page::{Page, PageQuery};
use crate::page_resource::PageResource;
use crate::url_state::use_url_state;

/// The action of a button.
#[derive(Clone, Copy, PartialEq, Eq)]
enum UserAction {
    ResetPassword,
    Promote,
    Demote,
    Deactivate,
    Reactivate,
    Unlink,
}

#[component]
pub fn Users() -> impl IntoView {
    let url_state = use_url_state();
    let cursor = Memo::new(move |_| url_state.param("cursor"));
    let actor = use_current_actor();
    let users =
        PageResource::new(move || cursor.get(), |cursor| api::users::list_users(PageQuery { limit: None, cursor }));
    let link = RwSignal::new(None::<(String, PasswordResetLink)>);
    view! {
        <Title text="People"/>
        <header class="page-head"><div><h1>"People"</h1></div></header>
        {dynamic(move || link.get().map(|(name, created)| view! {
            <Reveal
                title="Password reset link"
                lead=format!("Send this link to {name}. It works once, for {PASSWORD_RESET_HOURS} hours.")
                texts=vec![OneTimeSecret { label: "Link", text: created.url }]
                on_done=move |()| link.set(None)
            />
        }))}
        <Transition fallback=|| table_skeleton("stack compact many-actions", &["Name", "Status", "Created", ""])>
            {awaited(move || async move {
                let own_id = actor.await.ok().flatten().map(|actor| actor.id);
                match users.await {
                    Ok(page) => view! { <List page own_id link changed=move |()| users.refetch()/> }.into_any(),
                    Err(error) => view! { <PageError error what="people" part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn List(
    page: Page<User>,
    own_id: Option<UserId>,
    link: RwSignal<Option<(String, PasswordResetLink)>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let (set_active, set_admin) = (PageAction::<SetUserActive>::new(), PageAction::<SetSystemAdmin>::new());
    let (reset, unlink) = (PageAction::<CreatePasswordReset>::new(), PageAction::<UnlinkSingleSignOn>::new());
    let request = RwSignal::new(None::<(User, UserAction)>);
    let open = RwSignal::new(false);
    let saved = move |user: User| {
        open.set(false);
        toasts.done(format!("{} saved", user.name));
        changed.run(());
    };
    set_active.on_success(saved);
    set_admin.on_success(saved);
    reset.on_success(move |created| {
        open.set(false);
        let name = request.get_untracked().map_or_else(String::new, |(user, _)| user.name);
        link.set(Some((name, created)));
    });
    unlink.on_success(move |()| {
        open.set(false);
        toasts.done("Single sign-on unlinked");
        changed.run(());
    });
    let unlink_error = unlink.error();
    let (active_error, admin_error, reset_error) = (set_active.error(), set_admin.error(), reset.error());
    let error = Signal::derive(move || match request.get().map(|(_, action)| action)? {
        UserAction::ResetPassword => reset_error.get(),
        UserAction::Promote | UserAction::Demote => admin_error.get(),
        UserAction::Deactivate | UserAction::Reactivate => active_error.get(),
        UserAction::Unlink => unlink_error.get(),
    });
    let pending = [set_active.pending(), set_admin.pending(), reset.pending(), unlink.pending()];
    let pending = Signal::derive(move || pending.iter().any(|pending| pending.get()));
    let confirm = move |()| {
        let Some((User { id: user, .. }, action)) = request.get_untracked() else { return };
        match action {
            UserAction::ResetPassword => reset.dispatch(CreatePasswordReset { user }),
            UserAction::Promote => set_admin.dispatch(SetSystemAdmin { user, system_admin: true }),
            UserAction::Demote => set_admin.dispatch(SetSystemAdmin { user, system_admin: false }),
            UserAction::Deactivate => set_active.dispatch(SetUserActive { user, active: false }),
            UserAction::Reactivate => set_active.dispatch(SetUserActive { user, active: true }),
            UserAction::Unlink => unlink.dispatch(UnlinkSingleSignOn { user }),
        }
    };
    let open_confirm = move |user: User, action| {
        request.set(Some((user, action)));
        open.set(true);
    };
    let rows = page.items.into_iter().map(|user| row(user, own_id, open_confirm)).collect_view();
    let title = move || request.get().map_or_else(String::new, |(user, action)| action.question(&user.name));
    let consequences = move || request.get().map_or_else(Vec::new, |(_, action)| vec![action.consequence().to_owned()]);
    let button = move || request.get().map_or_else(String::new, |(_, action)| action.label().to_owned());
    let non_destructive = move || {
        request.get().is_some_and(|(_, action)| {
            !matches!(action, UserAction::Demote | UserAction::Deactivate | UserAction::Unlink)
        })
    };
    view! {
        {actions_table("compact many-actions", &["Name", "Status", "Created"], rows)}
        <Pager next=page.next_cursor/>
        <Confirm
            open
            title=Signal::derive(title)
            consequences=Signal::derive(consequences)
            confirm_label=Signal::derive(button)
            pending
            error
            non_destructive=Signal::derive(non_destructive)
            on_confirm=confirm
        />
    }
}

fn row(
    user: User,
    own_id: Option<UserId>,
    open_confirm: impl Fn(User, UserAction) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let own = own_id == Some(user.id);
    let actions = [
        // The caller's own password is changed on the account page, which asks for the current one.
        (user.active && !own).then_some(UserAction::ResetPassword),
        user.single_sign_on.then_some(UserAction::Unlink),
        user.active.then_some(if user.system_admin { UserAction::Demote } else { UserAction::Promote }),
        (!own).then_some(if user.active { UserAction::Deactivate } else { UserAction::Reactivate }),
    ];
    let buttons = actions
        .into_iter()
        .flatten()
        .map(|action| {
            let user = user.clone();
            view! {
                <button
                    type="button"
                    class="button small"
                    aria-label=format!("{}: {}", action.label(), user.name)
                    on:click=move |_| open_confirm(user.clone(), action)
                >
                    {action.label()}
                </button>
            }
        })
        .collect_view();
    let status = match (user.active, user.system_admin) {
        (false, _) => badge(Tone::Idle, "Deactivated".to_owned()).into_any(),
        (true, true) => badge(Tone::Ok, "System admin".to_owned()).into_any(),
        (true, false) => "Active".into_any(),
    };
    let linked = user.single_sign_on.then(|| view! { <span class="hint block">"Single sign-on"</span> });
    view! {
        <tr>
            <td class="primary-cell">
                <span class="item-title"><span class="title" title=user.name.clone()>{user.name.clone()}</span></span>
                <span class="hint block">{user.email}</span>
            </td>
            <td data-label="Status">{status}{linked}</td>
            <td class="labeled" data-label="Created"><RelativeTime time=user.created_at/></td>
            <td class="actions-cell"><div class="actions">{buttons}</div></td>
        </tr>
    }
}

impl UserAction {
    fn label(self) -> &'static str {
        match self {
            Self::ResetPassword => "Reset password",
            Self::Promote => "Make system admin",
            Self::Demote => "Remove admin rights",
            Self::Deactivate => "Deactivate",
            Self::Reactivate => "Reactivate",
            Self::Unlink => "Unlink single sign-on",
        }
    }

    fn question(self, name: &str) -> String {
        match self {
            Self::ResetPassword => format!("Create a password reset link for {name}?"),
            Self::Promote => format!("Make {name} a system admin?"),
            Self::Demote => format!("Remove {name}'s system admin rights?"),
            Self::Deactivate => format!("Deactivate {name}?"),
            Self::Reactivate => format!("Reactivate {name}?"),
            Self::Unlink => format!("Unlink {name} from single sign-on?"),
        }
    }

    fn consequence(self) -> &'static str {
        match self {
            Self::ResetPassword => {
                "The current password keeps working until the link is used. Using it signs the user out everywhere."
            }
            Self::Promote => "System admins manage every project and all users.",
            Self::Demote => "The user keeps only the projects that they are a member of.",
            Self::Deactivate => {
                "The user is signed out at once. API tokens and open invites are deleted. Their work stays."
            }
            Self::Unlink => {
                "The user is signed out. The next single sign-on with the same verified email address links the account again."
            }
            Self::Reactivate => "The user can sign in again with the same password. API tokens must be created again.",
        }
    }
}
