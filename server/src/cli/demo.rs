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

/// An instance to look around in.
#[derive(Args)]
pub struct Command {
    #[command(flatten)]
    config: Config,

    /// Port of the receiver that the demo's outbound webhook sends to.
    #[arg(long, default_value_t = 3001)]
    receiver_port: u16,
}

/// Serves an instance with something in it, in a folder of its own under the data folder.
pub async fn run(command: Command) -> Result<(), StartError> {
    let mut config = command.config;
    config.data_dir = config.data_dir.join("demo");
    // The receiver is on this machine.
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    config.allow_http = true;
    config.allow_networks.push(loopback.into());
    start::log(&config);
    let core = start::open(config, Clock::system()).await?;
    let receiver = (loopback, command.receiver_port).into();
    let listener =
        TcpListener::bind(receiver).await.map_err(|source| StartError::Listen { address: receiver, source })?;
    demo::fill(&core, receiver).await?;
    println!("{}", demo::greeting(&core));
    let ended = CancellationToken::new();
    let receiving = tokio::spawn(demo::serve_receiver(listener, ended.clone()));
    let served = serve::until_told(core).await;
    ended.cancel();
    // It only receives: how it ended matters to nobody.
    let _ = receiving.await;
    served
}
