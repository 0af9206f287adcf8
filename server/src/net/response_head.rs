//! Replaces control characters in the head of a response. Some servers send them by mistake, and hyper
//! rejects the whole response for a NUL.

/// Invalid in a header name, so that hyper skips the line, and harmless in a value.
const REPLACEMENT: u8 = b'?';

/// `HTTP/1.1 101`.
const STATUS_END: usize = 12;

/// The state of a response head. By default none is expected.
#[derive(Default)]
pub(super) struct ResponseHead {
    is_expected: bool,
    line_is_empty: bool,
    /// The beginning of the status line.
    start: Vec<u8>,
}

impl ResponseHead {
    /// A head that has not arrived yet.
    pub fn expected() -> Self {
        Self { is_expected: true, ..Self::default() }
    }

    /// Whether the next bytes belong to a body.
    pub fn is_complete(&self) -> bool {
        !self.is_expected
    }

    /// Replaces the control characters up to the end of the head.
    pub fn clean(&mut self, bytes: &mut [u8]) {
        let mut at = 0;
        while self.is_expected
            && let Some(&byte) = bytes.get(at)
        {
            let next = bytes.get(at + 1).copied();
            if is_control(byte, next)
                && let Some(byte) = bytes.get_mut(at)
            {
                *byte = REPLACEMENT;
            }
            self.advance(byte);
            at += 1;
        }
    }

    fn advance(&mut self, byte: u8) {
        match byte {
            // Empty lines may precede the status line.
            b'\r' | b'\n' if self.start.is_empty() => {}
            b'\n' if self.line_is_empty => {
                // The real response follows an interim one such as 100. 101 ends HTTP.
                let is_interim = self.start.get(9) == Some(&b'1') && self.start.get(9..STATUS_END) != Some(b"101");
                *self = Self { is_expected: is_interim, ..Self::default() };
            }
            b'\n' => self.line_is_empty = true,
            b'\r' => {}
            _ => {
                self.line_is_empty = false;
                if self.start.len() < STATUS_END {
                    self.start.push(byte);
                }
            }
        }
    }
}

/// Also a carriage return that is not, and can't be, followed by a line feed.
fn is_control(byte: u8, next: Option<u8>) -> bool {
    match byte {
        b'\t' | b'\n' => false,
        b'\r' => !matches!(next, Some(b'\n') | None),
        byte => byte.is_ascii_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(chunks: &[&str]) -> (String, bool) {
        let mut head = ResponseHead::expected();
        let mut all = Vec::new();
        for chunk in chunks {
            let mut bytes = chunk.as_bytes().to_vec();
            head.clean(&mut bytes);
            all.extend(bytes);
        }
        (String::from_utf8(all).unwrap(), head.is_complete())
    }

    #[test]
    fn control_characters_are_replaced_up_to_the_body() {
        let dirty = "HTTP/1.1 200 O\x01K\r\nx: a\0b\rc\x7fd\te\r\n\r\nbody\0\x01\n\r\n\x02";
        let clean = "HTTP/1.1 200 O?K\r\nx: a?b?c?d\te\r\n\r\nbody\0\x01\n\r\n\x02";
        assert_eq!(cleaned(&[dirty]), (clean.to_owned(), true));
        let bytes: Vec<String> = dirty.chars().map(String::from).collect();
        let bytes: Vec<&str> = bytes.iter().map(String::as_str).collect();
        // Only a carriage return that comes alone is left to the parser.
        assert_eq!(cleaned(&bytes), (clean.replace("b?c", "b\rc"), true));
    }

    #[test]
    fn interim_responses_do_not_end_the_head() {
        let (text, done) = cleaned(&["\r\nHTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\nx: \0\n", "\nb\0"]);
        assert_eq!(text, "\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\nx: ?\n\nb\0");
        assert!(done);
        assert!(!cleaned(&["HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"]).1);
        assert!(cleaned(&["HTTP/1.1 101 Switching Protocols\r\n\r\n"]).1);
        assert!(!cleaned(&["HTTP/1.1 200 OK\r\nx: y\r\n"]).1);
    }
}
