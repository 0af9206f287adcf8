//! The order of titles.

/// By which titles are sorted: upper and lower case are the same.
#[cfg(not(feature = "hydrate"))]
pub fn sort_key(title: &str) -> String {
    title.to_lowercase()
}

/// The same. The browser has the tables for it.
#[cfg(feature = "hydrate")]
pub fn sort_key(title: &str) -> String {
    js_sys::JsString::from(title).to_lower_case().into()
}
