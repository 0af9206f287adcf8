//! What goes to the log: text for people or JSON for collectors, on the standard error. How
//! much is set by `RUST_LOG`.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::config::Config;

/// The session library warns of every cookie whose session is over, the migrations tell of each
/// step, and PostgreSQL of all that is there already.
const QUIET: [&str; 3] = ["tower_sessions_core=error", "sea_orm_migration=warn", "sqlx::postgres::notice=warn"];

/// Begins to log. A second call changes nothing.
pub fn log(config: &Config) {
    let mut filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
    for directive in QUIET.into_iter().filter_map(|directive| directive.parse().ok()) {
        filter = filter.add_directive(directive);
    }
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // An error means that somebody logs already.
    let _ = if config.log_json { builder.json().try_init() } else { builder.try_init() };
}
