//! `testbell demo`.

use std::net::{IpAddr, Ipv4Addr};

use clap::Args;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::serve;
use crate::clock::Clock;
use crate::config::Config;
use crate::demo;
use crate::start::{self, StartError};

/// A server with sample data.
#[derive(Args)]
pub struct Command {
    #[command(flatten)]
    config: Config,

    /// Port of the demo's webhook receiver.
    #[arg(long, default_value_t = 3001)]
    receiver_port: u16,
}

/// Serves an instance with sample data, in its own folder in the data folder. Its password is public, so it
/// listens on loopback only.
pub async fn run(command: Command) -> Result<(), StartError> {
    let mut config = command.config;
    if !config.listen.ip().is_loopback() {
        return Err(StartError::PublicDemo { address: config.listen });
    }
    config.data_dir = config.data_dir.join("demo");
    // The receiver runs on this machine.
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    config.allow_http = true;
    config.allow_networks.push(loopback.into());
    config.outbound_proxy = None;
    start::log(&config);
    start::descriptors::raise_limit();
    start::descriptors::warn_if_short(&config);
    let state = start::open(config, Clock::system()).await?;
    let receiver = (loopback, command.receiver_port).into();
    let listener =
        TcpListener::bind(receiver).await.map_err(|source| StartError::Listen { address: receiver, source })?;
    demo::seed_instance(&state, receiver).await?;
    println!("{}", demo::instructions(&state));
    let ended = CancellationToken::new();
    let receiving = tokio::spawn(demo::serve_receiver(listener, ended.clone()));
    let served = serve::until_signal(state).await;
    ended.cancel();
    // A failure of the receiver is harmless.
    let _ = receiving.await;
    served
}
