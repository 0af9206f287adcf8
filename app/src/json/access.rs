//! What is inside of objects, arrays and enum variants.

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::Malformed;
use super::reader::Reader;

type Result<T> = std::result::Result<T, Malformed>;

/// The items of an array or an object, up to its closing mark.
pub struct Items<'a, 'de> {
    reader: &'a mut Reader<'de>,
    closing: u8,
    first: bool,
}

impl<'a, 'de> Items<'a, 'de> {
    pub const fn new(reader: &'a mut Reader<'de>, closing: u8) -> Self {
        Self { reader, closing, first: true }
    }

    /// Goes to the next item; false at the end.
    fn advance(&mut self) -> Result<bool> {
        if self.reader.peek() == Some(self.closing) {
            return Ok(false);
        }
        if !std::mem::take(&mut self.first) {
            self.reader.take(',')?;
        }
        Ok(true)
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Malformed;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if self.advance()? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de> MapAccess<'de> for Items<'_, 'de> {
    type Error = Malformed;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        if self.advance()? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        self.reader.take(':')?;
        seed.deserialize(&mut *self.reader)
    }
}

/// A variant: its name, or an object with its name and its content.
pub struct Variant<'a, 'de> {
    pub reader: &'a mut Reader<'de>,
    pub has_content: bool,
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Malformed;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let name = seed.deserialize(&mut *self.reader)?;
        if self.has_content {
            self.reader.take(':')?;
        }
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Malformed;

    fn unit_variant(self) -> Result<()> {
        if self.has_content { Err(Malformed) } else { Ok(()) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        if self.has_content { seed.deserialize(self.reader) } else { Err(Malformed) }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        if self.has_content { self.reader.deserialize_seq(visitor) } else { Err(Malformed) }
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value> {
        if self.has_content { self.reader.deserialize_map(visitor) } else { Err(Malformed) }
    }
}
