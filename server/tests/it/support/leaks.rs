//! Searches texts for secrets in all encodings.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// A text to search, with its source.
pub struct Haystack {
    pub place: String,
    text: String,
}

impl Haystack {
    pub fn new(place: impl Into<String>, bytes: impl AsRef<[u8]>) -> Self {
        Self { place: place.into(), text: String::from_utf8_lossy(bytes.as_ref()).into_owned() }
    }

    pub fn contains(&self, text: &str) -> bool {
        self.text.contains(text)
    }

    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// The text around a match.
    fn around(&self, form: &str) -> String {
        let at = self.text.find(form).unwrap();
        let from = self.text.floor_char_boundary(at.saturating_sub(160));
        let to = self.text.ceil_char_boundary((at + form.len() + 40).min(self.text.len()));
        self.text[from..to].replace(form, "<THE SECRET>")
    }
}

/// A secret with a printable name.
pub struct Secret {
    pub name: String,
    plain: Vec<u8>,
}

impl Secret {
    pub fn new(name: impl Into<String>, plain: impl AsRef<[u8]>) -> Self {
        let plain = plain.as_ref().to_vec();
        assert!(plain.len() >= 12, "a shorter secret could match by chance");
        Self { name: name.into(), plain }
    }

    /// The secret in all encodings.
    pub fn forms(&self) -> Vec<(&'static str, String)> {
        let mut forms = vec![("hex", hex::encode(&self.plain)), ("HEX", hex::encode_upper(&self.plain))];
        for before in 0..3 {
            forms.push(("base64", base64_inside(&STANDARD_NO_PAD, &self.plain, before)));
            forms.push(("base64url", base64_inside(&URL_SAFE_NO_PAD, &self.plain, before)));
        }
        if let Ok(text) = std::str::from_utf8(&self.plain) {
            forms.push(("plain", text.to_owned()));
            let encoded = serde_urlencoded::to_string([("k", text)]).unwrap();
            forms.push(("urlencoded", encoded["k=".len()..].to_owned()));
        }
        forms
    }
}

/// The part of a base64 text that depends only on the secret, which follows other bytes.
fn base64_inside(engine: &impl Engine, plain: &[u8], before: usize) -> String {
    let text = engine.encode([&vec![0; before], plain].concat());
    let (skip, whole) = ((before * 8).div_ceil(6), (before + plain.len()) * 8 / 6);
    text[skip..whole].to_owned()
}

/// The secrets that were found, with their sources.
pub fn find(secrets: &[Secret], haystacks: &[Haystack]) -> Vec<String> {
    let mut found = Vec::new();
    for secret in secrets {
        for (form, text) in secret.forms() {
            for haystack in haystacks.iter().filter(|haystack| haystack.contains(&text)) {
                found.push(format!("{} as {form} in {}: {}", secret.name, haystack.place, haystack.around(&text)));
            }
        }
    }
    found
}

#[test]
fn a_secret_is_found_in_each_of_its_forms() {
    let secret = Secret::new("password", "s3cret & more/than+that");
    for hidden in [
        "x s3cret & more/than+that y".to_owned(),
        hex::encode(b"..s3cret & more/than+that.."),
        STANDARD_NO_PAD.encode(b"user:s3cret & more/than+that"),
        URL_SAFE_NO_PAD.encode(b"?s3cret & more/than+that?"),
        "?token=s3cret+%26+more%2Fthan%2Bthat&x".to_owned(),
    ] {
        let found = find(std::slice::from_ref(&secret), &[Haystack::new("the log", &hidden)]);
        assert!(found.iter().any(|found| found.contains("password as") && found.contains("in the log")), "{hidden}");
        assert!(found.iter().all(|found| !found.contains(&hidden)));
    }
    assert!(find(&[secret], &[Haystack::new("the log", "nothing")]).is_empty());
}
