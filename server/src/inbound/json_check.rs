//! Checks that a body is JSON without building values: 25 MiB of `[0,0,...]` would take half a
//! gigabyte. serde_json's own limit bounds the depth.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// # Errors
/// Where and why it is not JSON, or nested too deeply.
pub fn check(body: &[u8]) -> Result<(), serde_json::Error> {
    serde_json::from_slice::<Any>(body).map(|Any| ())
}

/// Any value. `IgnoredAny` skips without recursion and has no depth limit; this visits every value.
struct Any;

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

macro_rules! accept {
    ($($method:ident: $type:ty),+) => {
        $(fn $method<E>(self, _: $type) -> Result<Any, E> {
            Ok(Any)
        })+
    };
}

impl<'de> Visitor<'de> for Any {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    accept!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self, A::Error> {
        while entries.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_is_accepted() {
        for good in ["{}", "null", "-1.5e3", r#"{"a":[1,true,null,"x",{"b":18446744073709551615}]}"#] {
            assert!(check(good.as_bytes()).is_ok(), "{good}");
        }
        for bad in ["", "{", "{a:1}", "[1,]", "payload=%7B%7D", "{} {}", "\u{feff}{}", r#""\ud800""#] {
            assert!(check(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(check(b"\"\xff\"").is_err());
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert!(check(format!("{}{}", "[".repeat(100), "]".repeat(100)).as_bytes()).is_ok());
        assert!(check("[".repeat(1_000_000).as_bytes()).is_err());
        assert!(check(r#"{"a":"#.repeat(1_000_000).as_bytes()).is_err());
    }
}
