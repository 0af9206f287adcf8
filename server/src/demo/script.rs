//! A script that simulates GitHub: it signs a payload with openssl and sends it with curl.

use std::io::Write;
use std::path::Path;

/// Writes the script. It contains the inbound secret, so only its owner may read it.
///
/// # Errors
/// If the file can't be written.
pub fn write(path: &Path, url: &str, secret: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text(url, secret).as_bytes())
}

fn text(url: &str, secret: &str) -> String {
    format!(
        r#"#!/bin/sh
# Sends an issue event to the demo as GitHub would: signed, with curl.
# Usage: sh send-issue.sh [title] [open|closed]
set -eu
title=$(printf '%s' "${{1:-Card payment fails on Safari}}" | sed 's/[\\"]/\\&/g')
state=${{2:-open}}
action=edited
[ "$state" = closed ] && action=closed
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
body=$(cat <<JSON
{{
  "action": "$action",
  "issue": {{
    "id": 4711, "number": 42, "title": "$title", "state": "$state",
    "html_url": "https://github.com/acme/checkout/issues/42",
    "body": "The form spins and nothing is charged.\n\n- Safari 26\n- since release **4.2**",
    "labels": [{{"name": "bug"}}, {{"name": "payments"}}],
    "assignees": [{{"login": "octocat"}}],
    "updated_at": "$now"
  }},
  "repository": {{"full_name": "acme/checkout"}},
  "sender": {{"login": "octocat"}}
}}
JSON
)
signature=$(printf '%s' "$body" | openssl dgst -sha256 -hmac '{secret}' | sed 's/^.* //')
printf '%s' "$body" | curl --silent --show-error --data-binary @- \
  -H 'Content-Type: application/json' \
  -H 'X-GitHub-Event: issues' \
  -H "X-Hub-Signature-256: sha256=$signature" \
  '{url}'
echo
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_posts_a_signed_payload() {
        let text = text("http://localhost:3000/api/webhooks/whk_x", "s3cret");
        assert!(text.contains("-hmac 's3cret'"));
        assert!(text.contains("'http://localhost:3000/api/webhooks/whk_x'"));
        assert!(text.contains("${1:-Card payment"));
    }
}
