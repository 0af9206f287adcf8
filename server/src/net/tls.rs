//! The trusted certificate authorities: Mozilla's, so that a container without certificates works, and the
//! system's, so that an internal authority is trusted once it is installed. (The platform verifier,
//! reqwest's default, fails in a container without certificates.)

use std::sync::{Arc, LazyLock};

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

/// Read once: parsing the system's certificates takes longer than the rest of the start.
static ROOTS: LazyLock<Arc<RootCertStore>> = LazyLock::new(|| {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    // Unreadable certificates are skipped.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    Arc::new(roots)
});

/// The TLS configuration of all connections, which also shares their session tickets.
///
/// # Errors
/// When the crypto provider lacks the protocol versions, which can't happen.
pub(super) fn client_config() -> Result<ClientConfig, rustls::Error> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(ROOTS.clone())
        .with_no_client_auth();
    Ok(config)
}
