//! Half characters: a tracker that cuts a text in the middle of a character beyond U+FFFF writes
//! the half that is left as JSON, `"\ud83d"`. The grammar of JSON allows that, but it is no text,
//! and a parser that makes text refuses the whole body for it.

use std::borrow::Cow;

/// The bytes of `\uXXXX`.
const ESCAPE: usize = 6;

/// A body in which U+FFFD stands for each half character; any other comes back as it is.
#[must_use]
pub fn mended(body: &[u8]) -> Cow<'_, [u8]> {
    let mut mended = Cow::Borrowed(body);
    let mut at = 0;
    while let Some(next) = body[at..].iter().position(|&byte| byte == b'\\') {
        at += next;
        at += match (unit(body, at), unit(body, at + ESCAPE)) {
            (None, _) => 2,
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 2 * ESCAPE,
            (Some(0xd800..=0xdfff), _) => {
                mended.to_mut()[at..at + ESCAPE].copy_from_slice(b"\\ufffd");
                ESCAPE
            }
            (Some(_), _) => ESCAPE,
        };
        at = at.min(body.len());
    }
    mended
}

/// The UTF-16 unit that is written at `at` as `\uXXXX`.
fn unit(body: &[u8], at: usize) -> Option<u16> {
    let digits = body.get(at..at + ESCAPE)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, &digit| Some((unit << 4) | u16::try_from(char::from(digit).to_digit(16)?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_character_gives_way_and_nothing_else_does() {
        for (body, expected) in [
            (r#""a\ud83d""#, r#""a\ufffd""#),
            (r#""\uDC4Db""#, r#""\ufffdb""#),
            (r#""\ud83d\ud83d\udc4d\udc4d""#, r#""\ufffd\ud83d\udc4d\ufffd""#),
            (r#""\ud83d\n\udc4d""#, r#""\ufffd\n\ufffd""#),
        ] {
            assert_eq!(mended(body.as_bytes()), expected.as_bytes(), "{body}");
            assert!(serde_json::from_str::<String>(expected).is_ok());
        }
        for whole in [r#"{"a":"\ud83d\udc4d \u00e9 \\ud83d \\\\"}"#, "\\", r"\ud8", "", "\\u\\ud8zz"] {
            assert!(matches!(mended(whole.as_bytes()), Cow::Borrowed(_)), "{whole}");
        }
    }
}
