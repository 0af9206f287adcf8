//! Makes the linker keep what the code splitting needs (see `xtask/src/wasm.rs`).

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-link-arg-cdylib=--emit-relocs");
}
