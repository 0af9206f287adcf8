//! The code in `docs/verify-signatures.md` for the other signing schemes is run with real signatures, if the
//! language's runtime is installed.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use app::model::signing::{SigningScheme, WebhookSigning};
use server::destinations::signature::{NewSecret, Signer};

use crate::verify_guide::{now, on_path};

const BODY: &[u8] = "{\"title\":\"Grüße & <b>\"}".as_bytes();

/// A request: the arguments of the program and its input.
struct Given {
    what: &'static str,
    arguments: Vec<String>,
    body: &'static [u8],
    is_valid: bool,
}

fn signing(scheme: SigningScheme, sha256_prefix: bool) -> WebhookSigning {
    WebhookSigning { scheme, header: scheme.has_header().then(|| "X-Signature".to_owned()), sha256_prefix }
}

/// The header of a request at a time, signed with these secrets.
fn header(signing: &WebhookSigning, secrets: &[&NewSecret], at: i64) -> String {
    let secrets = secrets.iter().map(|secret| secret.text.clone()).collect();
    let (_, value) = Signer::new(signing, secrets).unwrap().header("evt_1", at, BODY).unwrap();
    value.to_str().unwrap().to_owned()
}

fn cases(signing: &WebhookSigning) -> Vec<Given> {
    let scheme = signing.scheme;
    let secret = || NewSecret::generate(scheme).unwrap();
    let (mine, newer, other, now) = (secret(), secret(), secret(), now());
    let key = |secret: &NewSecret| secret.public_key.clone().unwrap_or_else(|| secret.text.clone());
    let given = |what, key: String, at: i64, header: String, is_valid| {
        let arguments = match scheme {
            SigningScheme::StandardWebhooksEd25519 => vec![key, "evt_1".to_owned(), at.to_string(), header],
            _ => vec![key, header],
        };
        Given { what, arguments, body: BODY, is_valid }
    };
    let sound = || given("a sound request", key(&mine), now, header(signing, &[&mine], now), true);
    let mut cases = vec![
        sound(),
        given("another key", key(&other), now, header(signing, &[&mine], now), false),
        given("an empty header", key(&mine), now, String::new(), false),
        given("a missing setting", String::new(), now, header(signing, &[&mine], now), false),
    ];
    if !scheme.sends_secret() {
        cases.push(Given { what: "another body", body: b"{}", is_valid: false, ..sound() });
    }
    if scheme.carries_two() {
        let both = header(signing, &[&newer, &mine], now);
        cases.push(given("a request within a rotation", key(&mine), now, both, true));
        cases.push(given("an old request", key(&mine), now - 600, header(signing, &[&mine], now - 600), false));
        let later = header(signing, &[&mine], now).replace(&format!("t={now}"), &format!("t={}", now + 1));
        cases.push(given("another time", key(&mine), now + 1, later, false));
    }
    cases
}

#[test]
fn the_programs_for_each_scheme_verify() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/verify");
    for (program, signing) in [
        ("ed25519", signing(SigningScheme::StandardWebhooksEd25519, false)),
        ("hmac-body", signing(SigningScheme::HmacSha256, false)),
        ("hmac-body", signing(SigningScheme::HmacSha256, true)),
        ("hmac-timestamp", signing(SigningScheme::HmacSha256Timestamp, false)),
        ("shared-secret", signing(SigningScheme::SharedSecret, false)),
    ] {
        for (runtime, extension) in [("node", "mjs"), ("python3", "py")] {
            let file = folder.join(program).with_extension(extension);
            let Some(runtime) = on_path(runtime).filter(|runtime| can_run(runtime, &file)) else {
                println!("{program}.{extension} was not run: {runtime} or a package is missing");
                continue;
            };
            for given in cases(&signing) {
                let mut command = Command::new(&runtime);
                command.arg(&file).args(&given.arguments).stdin(Stdio::piped()).stderr(Stdio::piped());
                let mut process = command.spawn().unwrap();
                // A verifier that checks the time first may not read it.
                let _ = process.stdin.take().unwrap().write_all(given.body);
                let output = process.wait_with_output().unwrap();
                let message = String::from_utf8_lossy(&output.stderr);
                let context = format!("{program}.{extension}, {}: {message}", given.what);
                assert_eq!(output.status.code(), Some(i32::from(!given.is_valid)), "{context}");
                assert!(message.is_empty(), "{context}");
            }
        }
    }
}

/// Whether the packages of a program are installed. Only Python's has any.
fn can_run(runtime: &Path, file: &Path) -> bool {
    if !file.ends_with("ed25519.py") {
        return true;
    }
    let import = Command::new(runtime).args(["-c", "import cryptography"]).stderr(Stdio::null()).status();
    import.is_ok_and(|status| status.success())
}
