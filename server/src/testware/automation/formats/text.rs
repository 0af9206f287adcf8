//! Decodes files to text, and brings the texts of tests within their limits.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use sha2::{Digest, Sha256};

use super::{MAX_LINK_CHARS, MAX_MESSAGE_BYTES, MAX_NAME_CHARS};

/// How much of a text is kept before escapes are removed from it.
const MAX_EXCERPT_BYTES: usize = 4 * MAX_MESSAGE_BYTES;
/// Within these bytes, an XML declaration ends.
const MAX_DECLARATION_BYTES: usize = 200;
const LINK_HASH_BYTES: usize = 8;

/// The text of a file without byte order mark. UTF-16 is recognised by its byte order mark or its
/// first character, other encodings by the XML declaration. Invalid bytes become U+FFFD.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let encoding = match bytes {
        [b'<' | b'{', 0, ..] => UTF_16LE,
        [0, b'<' | b'{', ..] => UTF_16BE,
        _ => declared_encoding(bytes).unwrap_or(UTF_8),
    };
    encoding.decode(bytes).0
}

fn declared_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..MAX_DECLARATION_BYTES.min(bytes.len()))?.strip_prefix(b"<?xml")?;
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(head.get(..end)?).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    let label = value.split(['"', '\'']).nth(1)?;
    // A .NET tool that writes its XML to a string declares UTF-16 and then saves UTF-8.
    Encoding::for_label(label.as_bytes()).filter(|encoding| encoding.is_ascii_compatible())
}

/// With one space for control characters and white space in a row, and none at the ends: nobody can
/// enter the others.
pub fn to_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split(|char: char| char.is_control() || char.is_whitespace()).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// On one line, at most [`MAX_LINK_CHARS`]; a longer one keeps its beginning and gets a hash of the
/// whole line.
pub fn clean_link(link: &str) -> String {
    let link = to_one_line(link);
    if link.chars().nth(MAX_LINK_CHARS).is_none() {
        return link;
    }
    let hash = hex::encode(Sha256::digest(&link).into_iter().take(LINK_HASH_BYTES).collect::<Vec<u8>>());
    let kept = MAX_LINK_CHARS.saturating_sub(hash.len().saturating_add(1));
    let mut cut: String = link.chars().take(kept).collect();
    cut.push('#');
    cut.push_str(&hash);
    cut
}

/// On one line, at most [`MAX_NAME_CHARS`].
pub fn clean_name(name: &str) -> String {
    let cut: String = to_one_line(name).chars().take(MAX_NAME_CHARS).collect();
    cut.trim_end().to_owned()
}

/// Without NUL, ANSI escapes and outer white space, at most [`MAX_MESSAGE_BYTES`].
pub fn clean_message(message: &str) -> String {
    let plain = without_ansi(message).replace("\r\n", "\n");
    let plain = plain.trim();
    plain.get(..plain.floor_char_boundary(MAX_MESSAGE_BYTES)).unwrap_or_default().trim_end().to_owned()
}

fn without_ansi(text: &str) -> String {
    let mut plain = String::with_capacity(text.len().min(MAX_EXCERPT_BYTES));
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let introducer = match char {
            '\0' => continue,
            '\u{9b}' => Some('['),
            '\u{1b}' => chars.next(),
            other => {
                plain.push(other);
                continue;
            }
        };
        match introducer {
            // Control sequence: parameters, then one letter.
            Some('[') => {
                while chars.next_if(|char| matches!(char, ' '..='?')).is_some() {}
                chars.next_if(|char| matches!(char, '@'..='~'));
            }
            // Operating system command, e.g. a link: up to BEL or ESC \. One without an end must
            // not hide the rest of the text.
            Some(']') => {
                while chars.next_if(|char| !matches!(char, '\u{7}' | '\u{1b}' | '\n')).is_some() {}
                if chars.next_if(|char| *char != '\n') == Some('\u{1b}') {
                    chars.next_if_eq(&'\\');
                }
            }
            // Others: intermediate characters, then one more.
            Some(' '..='/') => {
                while chars.next_if(|char| matches!(char, ' '..='/')).is_some() {}
                chars.next_if(|char| matches!(char, '0'..='~'));
            }
            Some('\n') => plain.push('\n'),
            Some(_) | None => {}
        }
    }
    plain
}

/// The message and its stack; only the stack if that repeats the message from its first line on,
/// where the class of the error may come before it.
pub fn join_message(message: &str, stack: &str) -> String {
    let (message, stack) = (message.trim(), stack.trim());
    let first_line = stack.find('\n').unwrap_or(stack.len());
    let repeated = stack.find(message).is_some_and(|at| at <= first_line);
    if repeated { stack.to_owned() } else { join_paragraphs(message, stack) }
}

/// Both, with an empty line between them if neither is empty.
pub fn join_paragraphs(first: &str, second: &str) -> String {
    match (first.trim(), second.trim()) {
        (first, "") => first.to_owned(),
        ("", second) => second.to_owned(),
        (first, second) => format!("{first}\n\n{second}"),
    }
}

/// The beginning of a text that arrives in parts.
#[derive(Debug, Default)]
pub struct Excerpt(String);

impl Excerpt {
    pub fn push(&mut self, part: &str) {
        let room = MAX_EXCERPT_BYTES.saturating_sub(self.0.len());
        self.0.push_str(part.get(..part.floor_char_boundary(room)).unwrap_or_default());
    }

    /// Adds a text after an empty line.
    pub fn push_paragraph(&mut self, part: &str) {
        if !self.0.is_empty() && !part.is_empty() {
            self.push("\n\n");
        }
        self.push(part);
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}
