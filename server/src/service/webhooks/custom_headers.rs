//! The headers that an admin adds to a webhook's requests.

use app::error::{Checks, Error, Result};
use app::model::custom_header::{
    CustomHeader, MAX_CUSTOM_HEADER_BYTES, MAX_CUSTOM_HEADERS, check_header_name, check_header_value,
};
use app::model::destination::DestinationKind;
use app::model::signing::WebhookSigning;

use super::rows;
use crate::app_state::AppState;
use crate::dispatch::custom_headers::open_values;
use crate::entity::json::Strings;
use crate::entity::webhook;

/// The name of the field in the API.
const FIELD: &str = "customHeaders";

/// A name and its value.
type Header = (String, String);

/// A change of the headers.
pub(super) enum HeaderChange {
    /// Replaces the list.
    Replace(Vec<CustomHeader>),
    /// Adds, changes and removes headers by their names. The others stay, also those that somebody else changed
    /// meanwhile.
    Patch { set: Vec<CustomHeader>, removed: Vec<String> },
}

impl HeaderChange {
    /// The change in a request.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a contradictory change.
    pub fn from_request(
        whole: Option<Vec<CustomHeader>>,
        set: Vec<CustomHeader>,
        removed: Vec<String>,
    ) -> Result<Option<Self>> {
        let mut checks = Checks::default();
        let is_partial = !set.is_empty() || !removed.is_empty();
        let either = whole.is_none() || !is_partial;
        checks.require(either, FIELD, "Send either customHeaders, or setHeaders and removeHeaders.");
        let is_set = |name: &String| set.iter().any(|header| header.name.eq_ignore_ascii_case(name));
        checks.require(!removed.iter().any(is_set), "removeHeaders", "A header can't be both set and removed.");
        checks.finish()?;
        Ok(whole.map(Self::Replace).or(is_partial.then_some(Self::Patch { set, removed })))
    }

    /// The complete new list. A stored header without a new value has none.
    pub fn apply(self, stored: &[String]) -> Vec<CustomHeader> {
        let (mut set, removed) = match self {
            Self::Replace(whole) => return whole,
            Self::Patch { set, removed } => (set, removed),
        };
        let is_removed = |name: &&String| removed.iter().any(|other| other.eq_ignore_ascii_case(name));
        let mut headers: Vec<_> = Vec::new();
        for name in stored.iter().filter(|name| !is_removed(name)) {
            let changed = set.iter().position(|header| header.name.eq_ignore_ascii_case(name));
            let kept = || CustomHeader { name: name.clone(), value: None };
            headers.push(changed.map_or_else(kept, |index| set.remove(index)));
        }
        headers.extend(set);
        headers
    }
}

/// Replaces the headers. One without a value keeps the stored value. Unchanged headers are not encrypted again, so
/// that the row stays equal.
///
/// # Errors
/// [`Error::Invalid`] for the field `customHeaders`.
pub fn set(state: &AppState, row: &mut webhook::Model, new: Vec<CustomHeader>) -> Result<()> {
    let Some(kind) = row.kind.destination() else { return Ok(()) };
    let stored = stored(state, row);
    let headers = merged(kind, &row.signing, &stored, new).map_err(|message| Error::field(FIELD, message))?;
    if headers == stored && stored.len() == row.header_names.0.len() {
        return Ok(());
    }
    let (names, values): (Vec<_>, Vec<_>) = headers.into_iter().unzip();
    let plain = serde_json::json!(values).to_string();
    row.header_values = match names.is_empty() {
        true => None,
        false => Some(rows::encrypt(state, &webhook::header_values_aad(row.id), &plain)?),
    };
    row.header_names = Strings(names);
    Ok(())
}

/// The stored headers. Without their master key none is known, and each needs a new value.
fn stored(state: &AppState, row: &webhook::Model) -> Vec<Header> {
    let values = open_values(&state.keys, row).unwrap_or_else(|error| {
        tracing::error!(webhook = %row.id, %error, "failed to decrypt the headers of a webhook");
        Vec::new()
    });
    row.header_names.0.iter().cloned().zip(values).collect()
}

/// The new headers with their values.
fn merged(
    kind: DestinationKind,
    signing: &WebhookSigning,
    stored: &[Header],
    new: Vec<CustomHeader>,
) -> std::result::Result<Vec<Header>, String> {
    let Some(reserved) = kind.spec().reserved_headers else {
        let message = format!("Headers can't be added to requests to {}.", kind.label());
        return if new.is_empty() { Ok(Vec::new()) } else { Err(message) };
    };
    if new.len() > MAX_CUSTOM_HEADERS {
        return Err("Use at most 20 headers.".to_owned());
    }
    let signature = signing.header_name().filter(|_| kind.can_sign());
    let mut headers: Vec<Header> = Vec::with_capacity(new.len());
    for CustomHeader { name, value } in new {
        check_header_name(&name)?;
        let is_it = |other: &str| other.eq_ignore_ascii_case(&name);
        if reserved.iter().copied().chain(signature).any(is_it) {
            return Err(format!("{name} is reserved. Use another header."));
        }
        if headers.iter().any(|(other, _)| is_it(other)) {
            return Err(format!("{name} is listed twice."));
        }
        let kept = || stored.iter().find(|(other, _)| is_it(other)).map(|(_, value)| value.clone());
        let value = value.or_else(kept).unwrap_or_default();
        check_header_value(&name, &value)?;
        headers.push((name, value));
    }
    let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > MAX_CUSTOM_HEADER_BYTES {
        return Err("Use at most 4,096 characters for all headers together.".to_owned());
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use app::model::signing::SigningScheme;

    use super::*;

    fn header(name: &str, value: Option<&str>) -> CustomHeader {
        CustomHeader { name: name.into(), value: value.map(Into::into) }
    }

    fn merge(stored: &[Header], new: Vec<CustomHeader>) -> std::result::Result<Vec<Header>, String> {
        merged(DestinationKind::Generic, &WebhookSigning::default(), stored, new)
    }

    #[test]
    fn a_header_without_a_value_keeps_the_stored_one() {
        let stored = [("X-A".to_owned(), "1".to_owned()), ("X-B".to_owned(), "2".to_owned())];
        let new = vec![header("x-b", None), header("X-C", Some("3"))];
        let expected = [("x-b".to_owned(), "2".to_owned()), ("X-C".to_owned(), "3".to_owned())];
        assert_eq!(merge(&stored, new).as_deref(), Ok(&expected[..]));
        assert!(merge(&[], vec![header("X-A", None)]).is_err_and(|error| error.contains("X-A")));
    }

    #[test]
    fn a_patch_keeps_the_other_headers() {
        let stored = ["X-A", "X-B", "X-C"].map(ToOwned::to_owned);
        let set = vec![header("x-b", Some("2")), header("X-D", Some("4"))];
        let patch = HeaderChange::Patch { set, removed: vec!["x-c".into(), "X-Unknown".into()] };
        let expected = vec![header("X-A", None), header("x-b", Some("2")), header("X-D", Some("4"))];
        assert_eq!(patch.apply(&stored), expected);
        let twice = vec![header("X-A", Some("1")), header("x-a", Some("2"))];
        let twice = HeaderChange::Patch { set: twice, removed: Vec::new() }.apply(&stored[..1]);
        assert!(merge(&[], twice).is_err_and(|error| error.contains("listed twice")));
    }

    #[test]
    fn the_signature_and_headers_of_the_destination_are_reserved() {
        let scheme = SigningScheme::SharedSecret;
        let signing = WebhookSigning { scheme, header: Some("X-Secret".into()), sha256_prefix: false };
        let refused = |kind, name| merged(kind, &signing, &[], vec![header(name, Some("1"))]).is_err();
        assert!(refused(DestinationKind::Generic, "x-secret") && !refused(DestinationKind::Jenkins, "x-secret"));
        assert!(refused(DestinationKind::Jenkins, "Token") && !refused(DestinationKind::Generic, "Token"));
        assert!(refused(DestinationKind::Slack, "X-A"));
        assert_eq!(merged(DestinationKind::Slack, &signing, &[], Vec::new()), Ok(Vec::new()));
    }

    #[test]
    fn headers_are_bounded_and_unique() {
        let many = |count: usize, value: &str| (0..count).map(|n| header(&format!("X-{n}"), Some(value))).collect();
        assert!(merge(&[], many(MAX_CUSTOM_HEADERS, "1")).is_ok());
        assert!(merge(&[], many(MAX_CUSTOM_HEADERS + 1, "1")).is_err());
        assert!(merge(&[], many(4, &"x".repeat(1_024))).is_err_and(|error| error.contains("4,096")));
        assert!(merge(&[], vec![header("X-A", Some("1")), header("x-a", Some("2"))]).is_err());
    }
}
