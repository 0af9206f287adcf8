//! Compresses static files at build time. The best level takes seconds here and costs nothing later.

use anyhow::Result;
use std::io::Write;

type Compress = fn(&[u8]) -> Result<Vec<u8>>;

/// The file suffix of each encoding, as the server expects it, and its function.
pub const ENCODINGS: [(&str, Compress); 2] = [("br", brotli), ("gz", gzip)];

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let params =
        brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: content.len(), ..Default::default() };
    let mut small = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut small, &params)?;
    Ok(small)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn each_encoding_gives_the_content_back() {
        let content = "a page of text, ".repeat(1000).into_bytes();
        let mut unpacked = Vec::new();
        brotli::Decompressor::new(&*brotli(&content).unwrap(), 4096).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, content);
        unpacked.clear();
        flate2::read::GzDecoder::new(&*gzip(&content).unwrap()).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, content);
    }
}
