//! Asks the linker to leave in the file what splitting it needs (see `xtask/src/wasm.rs`).

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-link-arg-cdylib=--emit-relocs");
}
