//! The body of a response as text for people.

use app::components::number::grouped;
use encoding_rs::{Encoding, REPLACEMENT, UTF_8};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};

use super::Response;

/// The content codings; servers write other values by mistake.
const CODINGS: [&str; 8] = ["gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress", "dcb"];
const GZIP_MAGIC: [u8; 3] = [0x1f, 0x8b, 0x08];

impl Response {
    /// The compression of the body, which was not requested.
    #[must_use]
    pub fn compression(&self) -> Option<String> {
        if self.body.is_empty() {
            return None;
        }
        let values = self.headers.get_all(CONTENT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        let codings: Vec<_> = values
            .flat_map(|value| value.split(','))
            .map(|coding| coding.trim().to_ascii_lowercase())
            .filter(|coding| CODINGS.contains(&coding.as_str()))
            .take(CODINGS.len())
            .collect();
        if codings.is_empty() {
            return self.body.starts_with(&GZIP_MAGIC).then(|| "gzip".to_owned());
        }
        Some(codings.join(", "))
    }

    /// The kept part of the body, decoded with its declared charset. Invalid bytes are replaced. A compressed
    /// body is described in a sentence.
    #[must_use]
    pub fn text(&self) -> String {
        if let Some(compression) = self.compression() {
            let more = if self.is_complete { "" } else { "more than " };
            return format!(
                "Compressed ({compression}), {more}{} bytes: not shown",
                grouped(u32::try_from(self.body_bytes).unwrap_or(u32::MAX))
            );
        }
        let (text, _, _) = self.charset().decode(&self.body);
        // PostgreSQL can't store NUL.
        if text.contains('\0') { text.replace('\0', "") } else { text.into_owned() }
    }

    fn charset(&self) -> &'static Encoding {
        let content_type = self.headers.get(CONTENT_TYPE).map(|value| value.as_bytes()).unwrap_or_default();
        let declared = content_type.split(|byte| *byte == b';').skip(1).find_map(|parameter| {
            let (name, value) = parameter.split_at_checked(parameter.iter().position(|byte| *byte == b'=')?)?;
            let value = value.get(1..)?.trim_ascii();
            let unquoted = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
            name.trim_ascii().eq_ignore_ascii_case(b"charset").then_some(unquoted)
        });
        // UTF-8 for an unknown charset, and for those that are unsafe to decode.
        declared.and_then(Encoding::for_label).filter(|encoding| *encoding != REPLACEMENT).unwrap_or(UTF_8)
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, StatusCode};

    use super::*;

    fn response(headers: &[(&'static str, &'static str)], body: &[u8]) -> Response {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap()));
        Response {
            status: StatusCode::OK,
            headers: headers.collect::<HeaderMap>(),
            body: body.to_vec(),
            truncated: false,
            body_bytes: body.len(),
            is_complete: true,
        }
    }

    #[test]
    fn a_body_is_decoded_by_its_declared_charset() {
        for (content_type, body, text) in [
            ("text/plain", "Grüße".as_bytes(), "Grüße"),
            ("text/plain; charset=iso-8859-1", b"Gr\xfc\xdfe", "Grüße"),
            ("text/plain;Charset = \"windows-1251\"", b"\xcf\xf0\xe8\xe2\xe5\xf2", "Привет"),
            ("text/html; x=y; charset=Shift_JIS", b"\x83\x65\x83\x58\x83\x67", "テスト"),
            ("text/plain; charset=utf-16le", b"h\0i\0", "hi"),
            ("text/plain; charset=unheard-of", b"a\0b\xffc", "ab\u{fffd}c"),
            ("text/plain; charset=iso-2022-kr", b"plain", "plain"),
        ] {
            assert_eq!(response(&[("content-type", content_type)], body).text(), text, "{content_type}");
        }
    }

    #[test]
    fn a_compressed_body_is_described() {
        let encoding = "content-encoding";
        let body = [b'x'; 1234];
        assert_eq!(response(&[(encoding, "GZIP")], &body).text(), "Compressed (gzip), 1,234 bytes: not shown");
        let twice = response(&[(encoding, "identity, deflate"), (encoding, "br")], &body[..7]);
        assert_eq!(twice.text(), "Compressed (deflate, br), 7 bytes: not shown");
        assert_eq!(response(&[], b"\x1f\x8b\x08\0").text(), "Compressed (gzip), 4 bytes: not shown");
        let cut = Response { is_complete: false, body_bytes: 65_537, ..response(&[(encoding, "zstd")], &body) };
        assert_eq!(cut.text(), "Compressed (zstd), more than 65,537 bytes: not shown");
        assert_eq!(response(&[(encoding, "utf-8")], b"plain").text(), "plain");
        assert_eq!(response(&[(encoding, "gzip")], b"").text(), "");
    }
}
