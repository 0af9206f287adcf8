//! The names of files, which come from outside and go into a header.

use std::fmt::Write;

use app::testware::attachment::MAX_FILE_NAME_CHARS;

/// The name of a file without one.
const UNNAMED: &str = "file";

/// A file name without folders, control characters and characters that change the direction of text, with which
/// `exe` could look like `png`. `None` if it is too long.
pub fn clean(name: &str) -> Option<String> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_kept = |c: &char| !c.is_control() && !is_invisible(*c);
    let name: String = name.chars().filter(is_kept).take(MAX_FILE_NAME_CHARS + 1).collect();
    let name = name.trim().trim_start_matches('.');
    if name.chars().count() > MAX_FILE_NAME_CHARS {
        return None;
    }
    Some(if name.is_empty() { UNNAMED.to_owned() } else { name.to_owned() })
}

/// Directional marks, zero-width characters, and line separators.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The value of `Content-Disposition` (RFC 6266): a name of ASCII characters for old clients, and the name in UTF-8
/// (RFC 8187). It has only visible ASCII characters and spaces.
pub fn content_disposition(is_inline: bool, name: &str) -> String {
    let kind = if is_inline { "inline" } else { "attachment" };
    // A percent sign would be decoded by some clients.
    let plain = |c: char| if matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '%' | '/') { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let mut value = format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            value.push(char::from(byte));
        } else {
            // Writing to a string can't fail.
            let _ = write!(value, "%{byte:02X}");
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_no_folders_and_nothing_invisible() {
        for (name, clean_name) in [
            ("trace.log", "trace.log"),
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\a b.png", "a b.png"),
            ("gnp.\u{202e}exe\r\n.txt", "gnp.exe.txt"),
            (".bashrc", "bashrc"),
            ("\u{0}/", "file"),
            ("", "file"),
            ("Größe 漢字.png", "Größe 漢字.png"),
        ] {
            assert_eq!(clean(name).as_deref(), Some(clean_name), "{name}");
        }
        assert_eq!(clean(&"x".repeat(200)).map(|name| name.len()), Some(200));
        assert_eq!(clean(&"x".repeat(201)), None);
    }

    #[test]
    fn the_header_quotes_and_encodes_the_name() {
        assert_eq!(
            content_disposition(false, "a\"b; filename=x%41.html"),
            "attachment; filename=\"a_b; filename=x_41.html\"; filename*=UTF-8''a%22b%3B%20filename%3Dx%2541.html"
        );
        assert_eq!(
            content_disposition(true, "Größe.png"),
            "inline; filename=\"Gr__e.png\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.png"
        );
        let hostile = content_disposition(false, "\r\nSet-Cookie: a=b\u{7f}\u{80}'*()");
        assert!(hostile.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{hostile}");
    }
}
