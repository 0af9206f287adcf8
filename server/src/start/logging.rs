//! What goes to the log: text for people or JSON for collectors, on the standard error. How
//! much is set by `RUST_LOG`.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::config::Config;

/// The session library warns of every cookie whose session is over.
const QUIET: &str = "tower_sessions_core=error";

/// Begins to log. A second call changes nothing.
pub fn log(config: &Config) {
    let mut filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
    if let Ok(quiet) = QUIET.parse() {
        filter = filter.add_directive(quiet);
    }
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // An error means that somebody logs already.
    let _ = if config.log_json { builder.json().try_init() } else { builder.try_init() };
}
