//! Text by users for chat messages: cleaned, and cut to a limit that counts the escaped text.

const ELLIPSIS: char = '…';

/// How much of a limit a character takes when it is escaped.
pub type Cost = fn(char) -> usize;

/// A text within a limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// The text, not escaped.
    pub text: String,
    /// Whether a part is missing.
    pub is_cut: bool,
}

/// A single line: control characters and line breaks become spaces.
pub fn line(text: &str, limit: usize, cost: Cost) -> Cut {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    cut(&words.collect::<Vec<_>>().join(" "), limit, cost)
}

/// Text with its line breaks.
pub fn lines(text: &str, limit: usize, cost: Cost) -> Cut {
    let clean: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    cut(clean.trim(), limit, cost)
}

/// Replaces text over the limit by an ellipsis.
fn cut(text: &str, limit: usize, cost: Cost) -> Cut {
    let mut size = 0;
    // The position at which the ellipsis still fits.
    let mut last_fit = 0;
    for (at, c) in text.char_indices() {
        size += cost(c);
        if size > limit {
            return Cut { text: format!("{}{ELLIPSIS}", &text[..last_fit]), is_cut: true };
        }
        if size + cost(ELLIPSIS) <= limit {
            last_fit = at + c.len_utf8();
        }
    }
    Cut { text: text.to_owned(), is_cut: false }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cost(c: char) -> usize {
        if c == '&' { 5 } else { c.len_utf16() }
    }

    fn cut_line(text: &str, limit: usize) -> String {
        line(text, limit, cost).text
    }

    #[test]
    fn a_line_is_one_line_and_lines_stay_lines() {
        assert_eq!(cut_line(" a\r\n\tb\0c ", 100), "a b c");
        assert_eq!(lines("\n a\r\nb\u{7} \n", 100, cost).text, "a\nb");
    }

    #[test]
    fn cut_text_ends_with_an_ellipsis() {
        assert_eq!(line("abcdef", 6, cost), Cut { text: "abcdef".to_owned(), is_cut: false });
        assert_eq!(line("abcdefg", 6, cost), Cut { text: "abcde…".to_owned(), is_cut: true });
        assert_eq!(cut_line("ab&cd", 6), "ab…");
        assert_eq!(cut_line("ab&", 7), "ab&");
    }

    proptest! {
        #[test]
        fn any_text_fits_its_limit(text in any::<String>(), limit in 1_usize..60) {
            for cut in [line(&text, limit, cost), lines(&text, limit, cost)] {
                prop_assert!(cut.text.chars().map(cost).sum::<usize>() <= limit, "{}", cut.text);
            }
        }
    }
}
