//! Serves the built site: script, WASM, styles, icon.
//!
//! `cargo xtask` names the files by a hash of their content and lists the names in a manifest. A
//! release contains the files; a debug build reads them from disk, so that a changed page needs no
//! new server. Hashed files never change and are cached forever; the others are revalidated with
//! their ETag. Releases also contain compressed copies, so that no request pays for the
//! compression.

use axum::{
    body::Body,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

// A separate folder, so that no development build ends up in a release that is being linked.
#[derive(RustEmbed)]
#[cfg_attr(debug_assertions, folder = "../target/site")]
#[cfg_attr(not(debug_assertions), folder = "../target/site-release")]
// Tests of the server need no built site.
#[allow_missing = true]
struct SiteFiles;

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const REVALIDATE: HeaderValue = HeaderValue::from_static("public, max-age=300, must-revalidate");

/// The URL paths of the files that every page loads.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Assets {
    /// The script that loads and starts the WASM.
    pub js: String,
    /// The script that loads chunks.
    pub loader: String,
    /// The WASM itself.
    pub wasm: String,
    /// The one style sheet.
    pub css: String,
    /// The files of each chunk, by its name.
    pub chunks: BTreeMap<String, Vec<String>>,
}

impl Assets {
    /// Reads the manifest of the built site. Without one, pages have no styles and scripts, and a
    /// warning says why.
    pub fn load() -> Self {
        let manifest = SiteFiles::get("pkg/manifest.json");
        match manifest.as_ref().and_then(|file| parse_manifest(&file.data)) {
            Some(assets) => assets,
            None => {
                tracing::warn!("the site is not built: pages have no scripts and styles (run `cargo xtask build`)");
                Self {
                    js: "/pkg/testbell.js".into(),
                    loader: "/pkg/chunks.js".into(),
                    wasm: "/pkg/testbell_bg.wasm".into(),
                    css: "/pkg/testbell.css".into(),
                    chunks: BTreeMap::new(),
                }
            }
        }
    }
}

/// The manifest has file names; pages need URL paths.
fn parse_manifest(json: &[u8]) -> Option<Assets> {
    let names: Assets = serde_json::from_slice(json).ok()?;
    let path = |name: String| format!("/pkg/{name}");
    let paths = |files: Vec<String>| files.into_iter().map(path).collect();
    Some(Assets {
        js: path(names.js),
        loader: path(names.loader),
        wasm: path(names.wasm),
        css: path(names.css),
        chunks: names.chunks.into_iter().map(|(chunk, files)| (chunk, paths(files))).collect(),
    })
}

/// `GET /pkg/{*path}`: the hashed files. 404 for any other name.
pub async fn pkg(Path(path): Path<String>, headers: HeaderMap) -> Response {
    answer(&format!("pkg/{path}"), &headers)
}

/// A file in `public/`, by the path of the request: `/favicon.svg`, `/robots.txt`.
pub async fn public(uri: Uri, headers: HeaderMap) -> Response {
    answer(uri.path().trim_start_matches('/'), &headers)
}

fn answer(path: &str, request: &HeaderMap) -> Response {
    // The compressed copies have no URL of their own.
    if path.ends_with(".br") || path.ends_with(".gz") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Some((file, encoding)) = negotiated(path, request) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = Response::builder()
        .header(header::CONTENT_TYPE, content_type(path))
        .header(header::VARY, HeaderValue::from_static("accept-encoding"))
        .header(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(encoding) = encoding {
        response = response.header(header::CONTENT_ENCODING, encoding);
    }
    if is_hashed(path) {
        response = response.header(header::CACHE_CONTROL, FOREVER);
    } else {
        let etag = format!("\"{}\"", hex::encode(file.metadata.sha256_hash()));
        response = response.header(header::CACHE_CONTROL, REVALIDATE);
        if names_etag(request, &etag) {
            response = response.status(StatusCode::NOT_MODIFIED).header(header::ETAG, etag);
            return finish(response, Body::empty());
        }
        response = response.header(header::ETAG, etag);
    }
    finish(response, Body::from(into_bytes(file)))
}

fn finish(response: axum::http::response::Builder, body: Body) -> Response {
    response.body(body).unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// The smallest copy that the client accepts.
fn negotiated(path: &str, request: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    for (encoding, suffix) in [("br", "br"), ("gzip", "gz")] {
        if accepts(request, encoding)
            && let Some(file) = SiteFiles::get(&format!("{path}.{suffix}"))
        {
            return Some((file, Some(encoding)));
        }
    }
    SiteFiles::get(path).map(|file| (file, None))
}

/// Whether `Accept-Encoding` accepts the encoding (RFC 9110, 12.5.3).
fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    let values = request.get_all(header::ACCEPT_ENCODING).iter();
    values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let refused = parts.filter_map(|part| part.strip_prefix("q=")).any(|q| q.parse().is_ok_and(|q: f32| q <= 0.0));
        named && !refused
    })
}

fn names_etag(request: &HeaderMap, etag: &str) -> bool {
    let value = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.split(',').any(|item| item.trim().trim_start_matches("W/") == etag))
}

/// `testbell.0123456789abcdef.js`, and the scripts that wasm-bindgen puts into `snippets`.
fn is_hashed(path: &str) -> bool {
    path.starts_with("pkg/")
        && path.split(['.', '/', '-']).any(|part| part.len() == 16 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn content_type(path: &str) -> HeaderValue {
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    let text = mime.type_() == "text" || mime.subtype() == "javascript" || mime.subtype() == "json";
    let charset = if text { "; charset=utf-8" } else { "" };
    HeaderValue::from_str(&format!("{}{charset}", mime.essence_str()))
        .unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

fn into_bytes(file: EmbeddedFile) -> Bytes {
    match file.data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_manifest_becomes_url_paths() {
        let json = br#"{"js":"testbell.1.js","loader":"chunks.js","wasm":"testbell_bg.2.wasm","css":"testbell.3.css",
            "chunks":{"issues":["split_issues.wasm"]}}"#;
        let assets = parse_manifest(json).unwrap();
        assert_eq!(assets.js, "/pkg/testbell.1.js");
        assert_eq!(assets.loader, "/pkg/chunks.js");
        assert_eq!(assets.chunks["issues"], ["/pkg/split_issues.wasm"]);
        assert_eq!(assets.wasm, "/pkg/testbell_bg.2.wasm");
        assert_eq!(assets.css, "/pkg/testbell.3.css");
    }

    #[test]
    fn an_invalid_manifest_is_ignored() {
        assert_eq!(parse_manifest(b"{\"js\":1}"), None);
    }

    #[test]
    fn an_encoding_needs_the_clients_acceptance() {
        let browser = asking(header::ACCEPT_ENCODING, "gzip, deflate, br;q=0.9, zstd");
        assert!(accepts(&browser, "br") && accepts(&browser, "gzip"));
        let refusing = asking(header::ACCEPT_ENCODING, "br;q=0, gzip;q=0.0");
        assert!(!accepts(&refusing, "br") && !accepts(&refusing, "gzip"));
        assert!(!accepts(&HeaderMap::new(), "br"));
    }

    #[test]
    fn wasm_has_its_own_content_type() {
        assert_eq!(content_type("pkg/a.wasm"), "application/wasm");
        assert_eq!(content_type("pkg/a.js"), "text/javascript; charset=utf-8");
        assert_eq!(content_type("pkg/a.css"), "text/css; charset=utf-8");
        assert_eq!(content_type("favicon.svg"), "image/svg+xml");
    }

    #[test]
    fn only_hashed_names_are_cached_forever() {
        assert!(is_hashed("pkg/testbell.0123456789abcdef.js"));
        assert!(is_hashed("pkg/testbell_bg.0123456789abcdef.wasm"));
        assert!(is_hashed("pkg/snippets/crate-0123456789abcdef/inline0.js"));
        assert!(!is_hashed("pkg/manifest.json"));
        assert!(!is_hashed("favicon.svg"));
    }

    #[test]
    fn an_etag_matches_in_lists_and_weak_form() {
        let request = asking(header::IF_NONE_MATCH, "\"x\", W/\"abc\"");
        assert!(names_etag(&request, "\"abc\""));
        assert!(!names_etag(&request, "\"other\""));
    }

    #[tokio::test]
    async fn unknown_files_and_path_traversals_are_not_found() {
        for path in ["nothing.js", "../../Cargo.toml", "../../../Cargo.toml", "testbell.css.br"] {
            let response = pkg(Path(path.to_owned()), HeaderMap::new()).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
