//! Lone surrogates: a tracker that truncates a string within a character beyond U+FFFF writes the
//! remaining half as `"\ud83d"`. The JSON grammar allows that, but it is not valid text, and a
//! parser would reject the whole body.

use std::borrow::Cow;

/// The length of `\uXXXX`.
const ESCAPE_BYTES: usize = 6;

/// The body with U+FFFD in place of each lone surrogate; borrowed if there is none.
#[must_use]
pub fn replace_lone_surrogates(body: &[u8]) -> Cow<'_, [u8]> {
    let mut replaced = Cow::Borrowed(body);
    let mut at = 0;
    while let Some(next) = body[at..].iter().position(|&byte| byte == b'\\') {
        at += next;
        at += match (unit(body, at), unit(body, at + ESCAPE_BYTES)) {
            (None, _) => 2,
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 2 * ESCAPE_BYTES,
            (Some(0xd800..=0xdfff), _) => {
                replaced.to_mut()[at..at + ESCAPE_BYTES].copy_from_slice(b"\\ufffd");
                ESCAPE_BYTES
            }
            (Some(_), _) => ESCAPE_BYTES,
        };
        at = at.min(body.len());
    }
    replaced
}

/// The UTF-16 unit that is written at `at` as `\uXXXX`.
fn unit(body: &[u8], at: usize) -> Option<u16> {
    let digits = body.get(at..at + ESCAPE_BYTES)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, &digit| Some((unit << 4) | u16::try_from(char::from(digit).to_digit(16)?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_surrogates_are_replaced_and_nothing_else() {
        for (body, expected) in [
            (r#""a\ud83d""#, r#""a\ufffd""#),
            (r#""\uDC4Db""#, r#""\ufffdb""#),
            (r#""\ud83d\ud83d\udc4d\udc4d""#, r#""\ufffd\ud83d\udc4d\ufffd""#),
            (r#""\ud83d\n\udc4d""#, r#""\ufffd\n\ufffd""#),
        ] {
            assert_eq!(replace_lone_surrogates(body.as_bytes()), expected.as_bytes(), "{body}");
            assert!(serde_json::from_str::<String>(expected).is_ok());
        }
        for whole in [r#"{"a":"\ud83d\udc4d \u00e9 \\ud83d \\\\"}"#, "\\", r"\ud8", "", "\\u\\ud8zz"] {
            assert!(matches!(replace_lone_surrogates(whole.as_bytes()), Cow::Borrowed(_)), "{whole}");
        }
    }
}
