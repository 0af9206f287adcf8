//! How the requests of a webhook are sent, as the fields of a form.

use std::fmt;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::custom_header::CustomHeader;

/// See the [module](self).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectionForm {
    /// Whether insecure connections are allowed.
    pub allow_insecure: bool,
    /// Whether the form has the fields of custom headers. Without them, no header changes.
    pub has_headers: bool,
    /// The names of the headers.
    pub header_names: Vec<String>,
    /// The value of each name. An empty one keeps the stored value.
    pub header_values: Vec<String>,
}

/// Without the values.
impl fmt::Debug for ConnectionForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ConnectionForm").field(&self.allow_insecure).field(&self.header_names).finish()
    }
}

#[cfg(feature = "ssr")]
impl ConnectionForm {
    /// The headers; `None` if they don't change. Rows without any text are left out.
    #[must_use]
    pub fn into_headers(self) -> Option<Vec<CustomHeader>> {
        let values = self.header_values.into_iter().map(Some).chain(std::iter::repeat(None));
        let rows = self.header_names.into_iter().zip(values).map(|(name, value)| CustomHeader {
            name: name.trim().to_owned(),
            value: value.filter(|value| !value.is_empty()),
        });
        self.has_headers.then(|| rows.filter(|row| !row.name.is_empty() || row.value.is_some()).collect())
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn an_empty_value_keeps_the_stored_one_and_an_empty_row_is_left_out() {
        let text = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        let form = ConnectionForm {
            has_headers: true,
            header_names: text(&["X-A ", "", "X-B", ""]),
            header_values: text(&["1", "", "", "2"]),
            ..ConnectionForm::default()
        };
        let headers = form.clone().into_headers().unwrap();
        let headers: Vec<_> = headers.iter().map(|header| (header.name.as_str(), header.value.as_deref())).collect();
        assert_eq!(headers, [("X-A", Some("1")), ("X-B", None), ("", Some("2"))]);
        assert_eq!(ConnectionForm { has_headers: false, ..form }.into_headers(), None);
    }
}
