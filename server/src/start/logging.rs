//! Logs to the standard error, as text or as JSON. `RUST_LOG` sets the level.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::config::Config;

/// Libraries that log the expected: cookies of expired sessions, failures that are logged already, each
/// connection that an outage closes, each migration, and each PostgreSQL notice.
const QUIET_TARGETS: [&str; 6] = [
    "tower_sessions=off",
    "tower_sessions_core=error",
    "sqlx::pool=error",
    "sqlx_core::pool=error",
    "sea_orm_migration=warn",
    "sqlx::postgres::notice=warn",
];

/// Starts logging. A second call has no effect.
pub fn log(config: &Config) {
    let mut filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
    for directive in QUIET_TARGETS.into_iter().filter_map(|directive| directive.parse().ok()) {
        filter = filter.add_directive(directive);
    }
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // An error means that logging has started already.
    let _ = if config.log_json { builder.json().try_init() } else { builder.try_init() };
}
