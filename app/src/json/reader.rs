//! The deserializer: a place in the text.

use std::borrow::Cow;

use serde::de::{Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::Malformed;
use super::access::{Items, Variant};
use super::number::float;

type Result<T> = std::result::Result<T, Malformed>;

pub struct Reader<'de> {
    rest: &'de str,
}

impl<'de> Reader<'de> {
    pub const fn new(text: &'de str) -> Self {
        Self { rest: text }
    }

    /// Nothing but white space may follow.
    pub fn end(&mut self) -> Result<()> {
        if self.peek().is_none() { Ok(()) } else { Err(Malformed) }
    }

    /// The next character that is no white space.
    pub fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_start_matches([' ', '\n', '\r', '\t']);
        self.rest.bytes().next()
    }

    /// Takes a punctuation mark.
    pub fn take(&mut self, mark: char) -> Result<()> {
        self.peek();
        self.rest = self.rest.strip_prefix(mark).ok_or(Malformed)?;
        Ok(())
    }

    /// Takes a word such as `null`, if it is next.
    fn word(&mut self, word: &str) -> bool {
        self.peek();
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    pub fn text(&mut self) -> Result<Cow<'de, str>> {
        self.take('"')?;
        let mut owned = String::new();
        loop {
            let at = self.rest.find(['"', '\\']).ok_or(Malformed)?;
            let (plain, rest) = self.rest.split_at(at);
            if let Some(rest) = rest.strip_prefix('"') {
                self.rest = rest;
                return Ok(if owned.is_empty() { Cow::Borrowed(plain) } else { Cow::Owned(owned + plain) });
            }
            owned.push_str(plain);
            self.rest = rest.get(1..).ok_or(Malformed)?;
            owned.push(self.escape()?);
        }
    }

    /// The character after a backslash.
    fn escape(&mut self) -> Result<char> {
        let escaped = self.rest.chars().next().ok_or(Malformed)?;
        self.rest = self.rest.get(escaped.len_utf8()..).ok_or(Malformed)?;
        Ok(match escaped {
            '"' | '\\' | '/' => escaped,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let first = self.hex()?;
                let second = if (0xd800..0xdc00).contains(&first) { self.low_surrogate() } else { None };
                let code = second.map_or(first, |second| 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00));
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return Err(Malformed),
        })
    }

    fn hex(&mut self) -> Result<u32> {
        let digits = self.rest.get(..4).ok_or(Malformed)?;
        let code = u32::from_str_radix(digits, 16).map_err(|_| Malformed)?;
        self.rest = self.rest.get(4..).ok_or(Malformed)?;
        Ok(code)
    }

    /// The second half of a pair, if it follows.
    fn low_surrogate(&mut self) -> Option<u32> {
        let before = self.rest;
        self.rest = self.rest.strip_prefix("\\u")?;
        let second = self.hex().ok().filter(|second| (0xdc00..0xe000).contains(second));
        if second.is_none() {
            self.rest = before;
        }
        second
    }

    /// The text of a number.
    fn number(&mut self) -> Result<&'de str> {
        self.peek();
        let end = self.rest.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'));
        let (number, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        if !number.bytes().any(|byte| byte.is_ascii_digit()) {
            return Err(Malformed);
        }
        self.rest = rest;
        Ok(number)
    }

    fn visit_number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        let number = self.number()?;
        if let Ok(number) = number.parse::<u64>() {
            return visitor.visit_u64(number);
        }
        match number.parse::<i64>() {
            Ok(number) => visitor.visit_i64(number),
            Err(_) => visitor.visit_f64(float(number)?),
        }
    }

    /// Skips a value.
    fn skip(&mut self) -> Result<()> {
        let mut closing = Vec::new();
        loop {
            match self.peek().ok_or(Malformed)? {
                b'"' => drop(self.text()?),
                b'{' => {
                    self.take('{')?;
                    closing.push('}');
                }
                b'[' => {
                    self.take('[')?;
                    closing.push(']');
                }
                b'}' | b']' => self.take(closing.pop().ok_or(Malformed)?)?,
                b',' | b':' if !closing.is_empty() => self.rest = self.rest.get(1..).ok_or(Malformed)?,
                b'0'..=b'9' | b'-' => drop(self.number()?),
                _ if self.word("null") || self.word("true") || self.word("false") => {}
                _ => return Err(Malformed),
            }
            if closing.is_empty() {
                return Ok(());
            }
        }
    }
}

/// The integers, which are all numbers of the models.
macro_rules! numbers {
    ($($method:ident)+) => {
        $(
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
                self.visit_number(visitor)
            }
        )+
    };
}

/// What is written as a text.
macro_rules! texts {
    ($($method:ident)+) => {
        $(
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
                visitor.visit_str(&self.text()?)
            }
        )+
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Malformed;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek().ok_or(Malformed)? {
            b'"' => self.deserialize_str(visitor),
            b'{' => self.deserialize_map(visitor),
            b'[' => self.deserialize_seq(visitor),
            b'0'..=b'9' | b'-' => self.visit_number(visitor),
            b'n' => self.deserialize_unit(visitor),
            _ => self.deserialize_bool(visitor),
        }
    }

    numbers! { deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 }

    texts! { deserialize_str deserialize_string deserialize_identifier deserialize_char }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.word("true") {
            visitor.visit_bool(true)
        } else if self.word("false") {
            visitor.visit_bool(false)
        } else {
            Err(Malformed)
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.word("null") { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.word("null") { visitor.visit_unit() } else { Err(Malformed) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.take('[')?;
        let value = visitor.visit_seq(Items::new(self, b']'))?;
        self.take(']')?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.take('{')?;
        let value = visitor.visit_map(Items::new(self, b'}'))?;
        self.take('}')?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        if self.peek() == Some(b'"') {
            return visitor.visit_enum(Variant { reader: self, has_content: false });
        }
        self.take('{')?;
        let value = visitor.visit_enum(Variant { reader: &mut *self, has_content: true })?;
        self.take('}')?;
        Ok(value)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i128 u128 f32 f64 bytes byte_buf unit_struct tuple_struct }
}
