//! IDs as the API writes them: <https://github.com/jetify-com/typeid/tree/main/spec>.

use anyhow::{Context, Result, ensure};
use sea_orm::prelude::Uuid;

/// The digits of Crockford's base 32, in lower case.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// The digits of an ID, which have five bits each.
const LENGTH: u32 = 26;

/// Writes an ID with a prefix (`run`).
pub fn write(prefix: &str, id: Uuid) -> String {
    let digits = (0..LENGTH).rev().map(|place| char::from(DIGITS[(id.as_u128() >> (5 * place) & 31) as usize]));
    format!("{prefix}_{}", digits.collect::<String>())
}

/// Reads an ID with any prefix.
pub fn parse(text: &str) -> Result<Uuid> {
    let (_, digits) = text.rsplit_once('_').context("an ID without a prefix")?;
    ensure!(digits.len() == LENGTH as usize, "{text} is not an ID");
    let value = digits.bytes().try_fold(0u128, |value, digit| {
        let bits = DIGITS.iter().position(|known| *known == digit).with_context(|| format!("{text} is not an ID"))?;
        anyhow::Ok(value << 5 | bits as u128)
    })?;
    Ok(Uuid::from_u128(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_as_in_the_specification_and_read_again() -> Result<()> {
        let id: Uuid = "01890a5d-ac96-774b-bcce-b302099a8057".parse()?;
        assert_eq!(write("prefix", id), "prefix_01h455vb4pex5vsknk084sn02q");
        assert_eq!(parse("prefix_01h455vb4pex5vsknk084sn02q")?, id);
        Ok(())
    }
}
