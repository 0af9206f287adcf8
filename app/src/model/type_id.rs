//! The text form of IDs: a prefix, `_` and the UUID in 26 characters of base 32
//! (<https://github.com/jetify-com/typeid/tree/main/spec>). Crates for this add a random source to
//! the browser's code, which generates no IDs.

use std::fmt;

use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const TEXT_LEN: usize = 26;

pub fn write(f: &mut fmt::Formatter<'_>, prefix: &str, id: Uuid) -> fmt::Result {
    write!(f, "{prefix}_")?;
    for position in (0..TEXT_LEN).rev() {
        let digit = (id.as_u128() >> (5 * position)) & 0x1f;
        f.write_str(
            ALPHABET
                .get(digit as usize..)
                .and_then(|rest| std::str::from_utf8(rest.get(..1)?).ok())
                .unwrap_or_default(),
        )?;
    }
    Ok(())
}

/// `None` for another prefix, and for a text that is not the canonical form of a UUID.
pub fn parse(prefix: &str, text: &str) -> Option<Uuid> {
    let digits = text.strip_prefix(prefix)?.strip_prefix('_')?;
    // The first digit has only 3 bits.
    if digits.len() != TEXT_LEN || !digits.starts_with(|c| ('0'..='7').contains(&c)) {
        return None;
    }
    let mut value = 0;
    for byte in digits.bytes() {
        let digit = ALPHABET.iter().position(|known| *known == byte)?;
        value = value << 5 | digit as u128;
    }
    Some(Uuid::from_u128(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct DisplayedId(Uuid);

    impl fmt::Display for DisplayedId {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write(f, "prefix", self.0)
        }
    }

    /// Examples of the specification (`valid.yml`).
    #[test]
    fn valid_ids_are_written_and_read() {
        for (text, uuid) in [
            ("prefix_00000000000000000000000000", "00000000-0000-0000-0000-000000000000"),
            ("prefix_00000000000000000000000001", "00000000-0000-0000-0000-000000000001"),
            ("prefix_0000000000000000000000000g", "00000000-0000-0000-0000-000000000010"),
            ("prefix_7zzzzzzzzzzzzzzzzzzzzzzzzz", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
            ("prefix_0123456789abcdefghjkmnpqrs", "0110c853-1d09-52d8-d73e-1194e95b5f19"),
            ("prefix_01h455vb4pex5vsknk084sn02q", "01890a5d-ac96-774b-bcce-b302099a8057"),
        ] {
            let uuid: Uuid = uuid.parse().unwrap();
            assert_eq!(DisplayedId(uuid).to_string(), text);
            assert_eq!(parse("prefix", text), Some(uuid));
        }
    }

    /// Examples of the specification (`invalid.yml`).
    #[test]
    fn invalid_ids_are_refused() {
        for text in [
            "",
            "prefix",
            "prefix_",
            "_00000000000000000000000000",
            "PREFIX_00000000000000000000000000",
            "other_00000000000000000000000000",
            "prefix_1234567890123456789012345",
            "prefix_123456789012345678901234567",
            "prefix_1234567890123456789012345 ",
            "prefix_0123456789ABCDEFGHJKMNPQRS",
            "prefix_123456789-123456789-123456",
            "prefix_ooooooiiiiiiuuuuuuulllllll",
            "prefix_i23456789ol23456789oi23456",
            "prefix_8zzzzzzzzzzzzzzzzzzzzzzzzz",
        ] {
            assert_eq!(parse("prefix", text), None, "{text}");
        }
    }
}
