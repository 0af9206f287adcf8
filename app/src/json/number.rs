//! Reads a number that is no integer.

use super::Malformed;

/// The value of a text of digits, signs, points and `e`.
#[cfg(not(feature = "hydrate"))]
pub fn float(text: &str) -> Result<f64, Malformed> {
    text.parse().map_err(|_| Malformed)
}

/// The same. The browser reads it, because Rust's code for it has 16 KB of tables.
#[cfg(feature = "hydrate")]
pub fn float(text: &str) -> Result<f64, Malformed> {
    let number = js_sys::Number::parse_float(text);
    if number.is_nan() { Err(Malformed) } else { Ok(number) }
}
