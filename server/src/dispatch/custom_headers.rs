//! The headers that an admin adds to a webhook's requests. Names are stored as text, values encrypted.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::crypto::{Keyring, OpenError};
use crate::entity::webhook;

/// Decrypts the values, in the order of the names.
///
/// # Errors
/// See [`OpenError`].
pub fn open_values(keys: &Keyring, webhook: &webhook::Model) -> Result<Vec<String>, OpenError> {
    let Some(sealed) = &webhook.header_values else { return Ok(Vec::new()) };
    let plain = keys.open(&webhook::header_values_aad(webhook.id), sealed)?;
    let values: Vec<String> = serde_json::from_slice(&plain).map_err(|_| OpenError::Damaged)?;
    if values.len() == webhook.header_names.0.len() { Ok(values) } else { Err(OpenError::Damaged) }
}

/// The headers, with values that are hidden wherever headers are shown.
///
/// # Errors
/// See [`OpenError`].
pub fn open(keys: &Keyring, webhook: &webhook::Model) -> Result<HeaderMap, OpenError> {
    let mut headers = HeaderMap::new();
    for (name, value) in webhook.header_names.0.iter().zip(open_values(keys, webhook)?) {
        let name = HeaderName::try_from(name).map_err(|_| OpenError::Damaged)?;
        let mut value = HeaderValue::try_from(value).map_err(|_| OpenError::Damaged)?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}
