//! The code in `docs/verify-signatures.md` is run with real signatures: in Rust here, in other
//! languages if their runtime is installed.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use server::destinations::signature::{SigningKey, generate, sign};

#[path = "../../../docs/verify/verify.rs"]
mod verify;

/// The file of each language, and its runtime.
const PROGRAMS: [(&str, &[&str]); 6] = [
    ("verify.mjs", &["node"]),
    ("verify.py", &["python3"]),
    ("verify.go", &["go", "run"]),
    ("Verify.java", &["java"]),
    ("verify.php", &["php"]),
    ("verify.rb", &["ruby"]),
];

/// The values of the three headers, the secret and the body.
struct Given {
    what: &'static str,
    secret: String,
    id: &'static str,
    timestamp: String,
    signature: String,
    body: Vec<u8>,
    is_valid: bool,
}

#[allow(clippy::disallowed_methods, reason = "the programs go by the machine's clock")]
pub fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

/// Requests that every verifier must accept, and others that it must refuse.
fn cases() -> Vec<Given> {
    let (secret, older, now) = (generate(), generate(), now());
    let body = r#"{"id":"evt_1","data":{"title":"Grüße & <b>"}}"#.as_bytes().to_vec();
    let key = |secret: &str| SigningKey::parse(secret).unwrap();
    let signed = |keys: &[&str], at: i64| {
        let keys: Vec<_> = keys.iter().map(|secret| key(secret)).collect();
        sign(&keys, "evt_1", at, &body)
    };
    let given = |what, is_valid| Given {
        what,
        secret: secret.clone(),
        id: "evt_1",
        timestamp: now.to_string(),
        signature: signed(&[&secret], now),
        body: body.clone(),
        is_valid,
    };
    let late = now - 600;
    // Values that programs may have for a missing setting, and what lenient decoders make of them.
    let guessable = |what, secret: &str, key: &str| Given {
        secret: secret.to_owned(),
        signature: signed(&[key], now),
        ..given(what, false)
    };
    vec![
        given("a sound request", true),
        Given { signature: signed(&[&older, &secret], now), ..given("a request within a rotation", true) },
        Given { body: [&body[..], b" "].concat(), ..given("another body", false) },
        Given { id: "evt_2", ..given("another id", false) },
        Given { secret: older.clone(), ..given("another secret", false) },
        Given { timestamp: (now + 1).to_string(), ..given("another time", false) },
        Given { timestamp: late.to_string(), signature: signed(&[&secret], late), ..given("an old request", false) },
        Given { timestamp: "soon".into(), ..given("no time", false) },
        Given { signature: "v1,".into(), ..given("an empty signature", false) },
        guessable("an empty secret", "", "whsec_"),
        guessable("a secret of nothing but its prefix", "whsec_", "whsec_"),
        guessable("a secret that is no base64", "whsec_!!!!", "whsec_"),
        guessable("a secret of one byte", "whsec_AA==", "whsec_AA=="),
        guessable("a setting that is not there", "undefined", "whsec_undefine"),
        Given { signature: signed(&[&secret], now).replace("v1,", "v2,"), ..given("another version", false) },
    ]
}

#[test]
fn the_rust_program_of_the_guide_verifies() {
    for Given { what, secret, id, timestamp, signature, body, is_valid } in cases() {
        assert_eq!(verify::verify(&secret, id, &timestamp, &signature, &body, now()), is_valid, "{what}");
    }
}

#[test]
fn the_other_programs_of_the_guide_verify_too() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/verify");
    let mut ran = 0;
    for (file, runner) in PROGRAMS {
        let Some(program) = on_path(runner[0]) else {
            println!("{file} was not run: {} is not on PATH", runner[0]);
            continue;
        };
        ran += 1;
        for given in cases() {
            let mut command = Command::new(&program);
            command.args(&runner[1..]).arg(folder.join(file)).arg(&given.secret).arg(given.id);
            command.arg(&given.timestamp).arg(&given.signature).stdin(Stdio::piped()).stderr(Stdio::piped());
            let mut process = command.spawn().unwrap();
            // A verifier that checks the time first may not read it.
            let _ = process.stdin.take().unwrap().write_all(&given.body);
            let output = process.wait_with_output().unwrap();
            let message = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(i32::from(!given.is_valid)), "{file}, {}: {message}", given.what);
            // `go run` prints the exit status.
            assert!(["", "exit status 1\n"].contains(&&*message), "{file}, {}: {message}", given.what);
        }
    }
    println!("{ran} of {} programs were run", PROGRAMS.len());
}

#[allow(clippy::disallowed_methods, reason = "where programs are is no setting of the server")]
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
