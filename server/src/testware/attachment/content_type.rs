//! What an attachment is, by its first bytes. Only images that browsers show without running anything have a type.

/// Of everything else.
const UNKNOWN: &str = "application/octet-stream";

/// The content type with which an attachment that begins with these bytes is served.
pub fn detect(start: &[u8]) -> &'static str {
    match start {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "image/gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        _ => UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_images_have_a_type() {
        assert_eq!(detect(b"\x89PNG\r\n\x1a\n...."), "image/png");
        assert_eq!(detect(b"\xff\xd8\xff\xe0"), "image/jpeg");
        assert_eq!(detect(b"GIF89a"), "image/gif");
        assert_eq!(detect(b"RIFF\x01\x02\x03\x04WEBPVP8 "), "image/webp");
        for other in [&b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..], b"<html>", b"%PDF-1.7", b"RIFF....WAVE", b""] {
            assert_eq!(detect(other), UNKNOWN);
        }
    }
}
