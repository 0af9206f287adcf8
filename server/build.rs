//! A release embeds the built site, so it must be compiled again whenever the site changes.
//! A debug build reads the site from disk and is left alone: a change of the UI restarts it only. It may be
//! compiled before the site, so it creates the folder: the path of a missing folder would be embedded as
//! `server/../target/site`, below which no file is served.

#[allow(clippy::disallowed_methods, reason = "cargo speaks to build scripts by environment")]
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("PROFILE").as_deref() == Ok("release") {
        let manifest = "../target/site-release/pkg/manifest.json";
        println!("cargo:rerun-if-changed={manifest}");
        if !std::path::Path::new(manifest).exists() {
            println!(
                "cargo:warning=the site is not built: this binary serves pages without scripts and styles; build it with `cargo xtask release`"
            );
        }
    } else if let Err(error) = std::fs::create_dir_all("../target/site") {
        println!("cargo:warning=failed to create target/site: {error}");
    }
}
