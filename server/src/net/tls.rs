//! Whom to trust over TLS: the bundled roots of Mozilla, so that a container without any
//! certificates works, and the machine's own, so that an operator's inner authority is trusted
//! once it is installed in the usual place. (The platform verifier, reqwest's default, fails
//! altogether in a container that has none.)

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

/// The settings that all connections share, and with them the session tickets.
///
/// # Errors
/// Never with the versions that the crate is built with.
pub(super) fn client_config() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    // What can't be read is left out: the bundled ones are there.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
