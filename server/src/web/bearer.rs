//! The token in an `Authorization: Bearer` header.

use axum::http::HeaderValue;

/// The token of an `Authorization` header, if it has one.
pub fn bearer_token(header: Option<&HeaderValue>) -> Option<&str> {
    let (scheme, token) = header?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_case_insensitive() {
        for (header, expected) in [
            ("Bearer tb_x", Some("tb_x")),
            ("bearer  tb_x ", Some("tb_x")),
            ("Basic dTpw", None),
            ("Bearer", None),
            ("tb_x", None),
        ] {
            assert_eq!(bearer_token(Some(&HeaderValue::from_static(header))), expected, "{header}");
        }
        assert_eq!(bearer_token(None), None);
    }
}
