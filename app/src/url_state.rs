//! The state of a page that lives in its URL, so that it can be shared: tab, filters, open drawer.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use leptos_router::params::ParamsMap;

/// The URL of the page as signals.
#[derive(Clone, Copy)]
pub struct UrlState {
    path: Memo<String>,
    query: Memo<ParamsMap>,
    go: Callback<(String, bool)>,
}

/// The URL of the current page.
pub fn use_url_state() -> UrlState {
    let location = use_location();
    let navigate = use_navigate();
    let go = Callback::new(move |(to, replace): (String, bool)| {
        navigate(&to, NavigateOptions { scroll: false, replace, ..NavigateOptions::default() });
    });
    UrlState { path: location.pathname, query: location.query, go }
}

impl UrlState {
    /// Does nothing if the calling component is disposed, e.g. after a slow request.
    fn navigate(&self, to: String, replace: bool) {
        self.go.try_run((to, replace));
    }

    /// A parameter of the query, unless it is absent or empty.
    pub fn param(&self, name: &str) -> Option<String> {
        self.query.with(|query| query.get(name)).filter(|value| !value.is_empty())
    }

    /// [`UrlState::param`], untracked.
    pub fn param_untracked(&self, name: &str) -> Option<String> {
        untrack(|| self.param(name))
    }

    /// A parsed parameter; an invalid one counts as absent.
    pub fn parsed<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.param(name).and_then(|text| text.parse().ok())
    }

    /// [`UrlState::parsed`], untracked.
    pub fn parsed_untracked<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        untrack(|| self.parsed(name))
    }

    /// This URL with parameters set, or removed where the value is `None`.
    pub fn with(&self, changes: &[(&'static str, Option<&str>)]) -> String {
        let mut query = self.query.get();
        // A plain form that was refused leaves these in the URL.
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

    /// Goes to a URL without scrolling.
    pub fn go(&self, to: String) {
        self.navigate(to, false);
    }

    /// Replaces the current URL, without a step in the history.
    pub fn replace_url(&self, to: String) {
        self.navigate(to, true);
    }

    /// Changes the query without a step in the history, e.g. while the user types.
    pub fn replace(&self, changes: &[(&'static str, Option<&str>)]) {
        self.replace_url(untrack(|| self.with(changes)));
    }

    /// Changes the query.
    pub fn change(&self, changes: &[(&'static str, Option<&str>)]) {
        let to = untrack(|| self.with(changes));
        self.navigate(to, false);
    }
}
