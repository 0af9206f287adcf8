//! The signed-in user at the bottom of the navigation: the live state, and a menu with the account
//! pages, the theme and the sign-out. It opens without JavaScript.

use leptos::prelude::*;

use super::current_actor::use_current_actor;
use crate::components::details_menu::details_menu;
use crate::components::dynamic::awaited;
use crate::components::icon::{Icon, icon};
use crate::components::live_dot::LiveDot;
use crate::components::theme::ThemeChoice;

#[component]
pub fn AccountMenu() -> impl IntoView {
    let actor = use_current_actor();
    let summary = view! {
        <summary title="Account and theme">
            <Transition>
                {awaited(move || async move {
                    actor.await.ok().flatten().map(|actor| view! {
                        <span class="avatar" aria-hidden="true">{initials(&actor.name)}</span>
                        <span class="identity"><span class="name">{actor.name}</span><LiveDot/></span>
                    })
                })}
            </Transition>
            {icon(Icon::Switch)}
        </summary>
    };
    let items = view! {
        <div class="menu-items">
            <Transition>
                {awaited(move || async move {
                    actor.await.ok().flatten().map(|actor| view! { <p class="email">{actor.email}</p> })
                })}
            </Transition>
            <a href="/account">{icon(Icon::User)}"Account"</a>
            <a href="/account/tokens">{icon(Icon::Key)}"API tokens"</a>
            <ThemeChoice/>
            <form method="post" action="/session/end">
                <button type="submit">{icon(Icon::SignOut)}"Sign out"</button>
            </form>
        </div>
    };
    details_menu("account", summary.into_any(), items.into_any())
}

/// `DD` for Dana Demo. The style sheet makes them capitals.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let (first, last) = (words.next(), words.next_back());
    first.into_iter().chain(last).collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_of_the_first_and_the_last_word() {
        assert_eq!(initials("Dana Demo"), "DD");
        assert_eq!(initials("ada king of lovelace"), "al");
        assert_eq!(initials("Cher"), "C");
        assert_eq!(initials(""), "");
    }
}
