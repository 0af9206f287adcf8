//! The address of the page: what a person may want to share (tab, filters, the open drawer) lives
//! in its query.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use leptos_router::params::ParamsMap;

/// The address as signals.
#[derive(Clone, Copy)]
pub struct Place {
    path: Memo<String>,
    query: Memo<ParamsMap>,
    go: Callback<(String, bool)>,
}

/// The address of the page that is shown.
pub fn use_place() -> Place {
    let location = use_location();
    let navigate = use_navigate();
    let go = Callback::new(move |(to, replace): (String, bool)| {
        navigate(&to, NavigateOptions { scroll: false, replace, ..NavigateOptions::default() });
    });
    Place { path: location.pathname, query: location.query, go }
}

impl Place {
    /// A parameter of the query, unless it is absent or empty.
    pub fn param(&self, name: &str) -> Option<String> {
        self.query.with(|query| query.get(name)).filter(|value| !value.is_empty())
    }

    /// [`Place::param`] as it is now, for what does not follow it.
    pub fn param_now(&self, name: &str) -> Option<String> {
        untrack(|| self.param(name))
    }

    /// A parameter that is a value of a type; what can't be read counts as absent.
    pub fn parsed<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.param(name).and_then(|text| text.parse().ok())
    }

    /// [`Place::parsed`] as it is now, for what does not follow it.
    pub fn parsed_now<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        untrack(|| self.parsed(name))
    }

    /// This address with parameters changed, or taken out where there is no value.
    pub fn with(&self, changes: &[(&'static str, Option<&str>)]) -> String {
        let mut query = self.query.get();
        // What a form that was sent without script left behind.
        query.remove("__path");
        query.remove("__err");
        for (name, value) in changes {
            query.remove(name);
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                query.insert(*name, (*value).to_owned());
            }
        }
        format!("{}{}", self.path.get(), query.to_query_string())
    }

    /// Goes to an address, and stays where the page is scrolled.
    pub fn go(&self, to: String) {
        self.go.run((to, false));
    }

    /// Goes to an address in place of this one, which is no step to go back to.
    pub fn go_instead(&self, to: String) {
        self.go.run((to, true));
    }

    /// Changes the query without a step in the history, as while somebody types, or to close what
    /// going back must not open again.
    pub fn replace(&self, changes: &[(&'static str, Option<&str>)]) {
        self.go_instead(untrack(|| self.with(changes)));
    }

    /// Changes the query.
    pub fn change(&self, changes: &[(&'static str, Option<&str>)]) {
        let to = untrack(|| self.with(changes));
        self.go.run((to, false));
    }
}
