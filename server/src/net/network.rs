//! Detects whether this machine has lost its network. It sends no packets: connecting a UDP socket only
//! looks up a route.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};

/// Documentation addresses, so no host is ever meant. Any default route covers them.
const PUBLIC_V4: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const PUBLIC_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1));

/// Detects the loss of the network. A machine that never had a default route, such as one in an isolated
/// network, has lost nothing.
#[derive(Debug)]
pub struct RouteMonitor {
    had_route: AtomicBool,
}

impl Default for RouteMonitor {
    fn default() -> Self {
        Self { had_route: AtomicBool::new(has_route_out()) }
    }
}

impl RouteMonitor {
    /// Whether there was a default route and is none now.
    #[must_use]
    pub fn is_network_lost(&self) -> bool {
        self.is_lost(has_route_out())
    }

    fn is_lost(&self, has_route: bool) -> bool {
        if has_route {
            self.had_route.store(true, Ordering::Relaxed);
        }
        !has_route && self.had_route.load(Ordering::Relaxed)
    }
}

/// Other errors don't mean that there is no route.
fn has_route_out() -> bool {
    [PUBLIC_V4, PUBLIC_V6].into_iter().any(|address| is_route(&connect(address)))
}

fn connect(address: IpAddr) -> io::Result<()> {
    let from: IpAddr = if address.is_ipv6() { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() };
    UdpSocket::bind(SocketAddr::new(from, 0))?.connect(SocketAddr::new(address, 9))
}

fn is_route(connected: &io::Result<()>) -> bool {
    use io::ErrorKind::{AddrNotAvailable, HostUnreachable, NetworkDown, NetworkUnreachable, Unsupported};
    match connected {
        Ok(()) => true,
        Err(error) => {
            // Without IPv6 the address family is unsupported.
            const EAFNOSUPPORT: i32 = if cfg!(target_os = "linux") { 97 } else { 47 };
            let kinds = [AddrNotAvailable, HostUnreachable, NetworkDown, NetworkUnreachable, Unsupported];
            !kinds.contains(&error.kind()) && error.raw_os_error() != Some(EAFNOSUPPORT)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_routing_errors_mean_no_route() {
        assert!(is_route(&Ok(())));
        for errno in [99, 100, 101, 113, 97] {
            assert!(!is_route(&Err(io::Error::from_raw_os_error(errno))), "{errno}");
        }
        assert!(is_route(&Err(io::Error::from_raw_os_error(24))), "too many open files");
    }

    #[test]
    fn a_network_that_never_existed_is_not_lost() {
        let monitor = RouteMonitor { had_route: AtomicBool::new(false) };
        assert!(!monitor.is_lost(false));
        assert!(!monitor.is_lost(true));
        assert!(monitor.is_lost(false));
    }
}
