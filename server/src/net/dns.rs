//! Resolves host names with the name servers and the hosts file of the system. Answers are cached for
//! as long as their TTL allows. The guard checks every answer, cached or not.

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use hickory_resolver::config::{LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError as ServerError, NetError};
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::{Hosts, TokioResolver};
use tokio::time::Instant;

use super::reason::is_local;

/// The configuration of the system.
const CONFIG_FILES: [&str; 2] = ["/etc/resolv.conf", "/etc/hosts"];
/// How often these files are checked for changes.
const CONFIG_CHECK_INTERVAL: Duration = Duration::from_secs(5);
/// The longest time for which an answer is cached, whatever its TTL.
const MAX_TTL: Duration = Duration::from_secs(60 * 60);
/// The same for the answer that a name doesn't exist: its owner may be about to create it.
const MAX_NEGATIVE_TTL: Duration = Duration::from_secs(30);

/// The addresses of a host in order of preference.
pub(super) type DnsResult = Result<Vec<IpAddr>, DnsError>;

/// Why a name was not resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DnsError {
    /// This machine lacks a resource, such as a file descriptor.
    LocalResource(String),
    /// No name server responds, whatever the name.
    Unreachable(String),
    /// The name doesn't exist, or its own name servers fail.
    Failed(String),
}

/// A host name with a fixed address, as in curl's `--resolve`. A host may have several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostOverride {
    host: String,
    address: IpAddr,
}

impl FromStr for HostOverride {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, address) = text.split_once('=').ok_or("expected host=address")?;
        let address = address.parse().map_err(|_| format!("{address} is not an IP address"))?;
        Ok(Self { host: host.to_ascii_lowercase(), address })
    }
}

/// Cheap to clone; clones share the cache.
#[derive(Clone, Default)]
pub(super) struct Dns {
    overrides: Arc<[HostOverride]>,
    system: Arc<Mutex<Option<SystemResolver>>>,
}

/// A resolver for one state of the configuration files.
struct SystemResolver {
    resolver: TokioResolver,
    hosts: Arc<Hosts>,
    modified: [Option<SystemTime>; 2],
    checked_at: Instant,
}

impl Dns {
    pub fn new(overrides: &[HostOverride]) -> Self {
        Self { overrides: overrides.into(), system: Arc::default() }
    }

    pub async fn resolve(&self, host: &str) -> DnsResult {
        let fixed: Vec<_> = self.overrides.iter().filter(|fixed| fixed.host == host).map(|f| f.address).collect();
        if !fixed.is_empty() {
            return Ok(fixed);
        }
        let (resolver, hosts) = self.resolver().map_err(|error| DnsError::Unreachable(error.to_string()))?;
        let listed = listed_addresses(&hosts, host);
        if !listed.is_empty() {
            return Ok(listed);
        }
        match resolver.lookup_ip(host).await {
            Ok(found) => Ok(found.iter().collect()),
            Err(error) => Err(explain(&resolver, error).await),
        }
    }

    /// The resolver for the current configuration. A machine may join another network at any time.
    #[allow(clippy::disallowed_methods, reason = "the system's files change in real time")]
    fn resolver(&self) -> Result<(TokioResolver, Arc<Hosts>), NetError> {
        let mut system = self.system.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if let Some(known) = &mut *system {
            let is_fresh = now.duration_since(known.checked_at) < CONFIG_CHECK_INTERVAL;
            if is_fresh || known.modified == modified() {
                known.checked_at = if is_fresh { known.checked_at } else { now };
                return Ok((known.resolver.clone(), known.hosts.clone()));
            }
        }
        let (modified, resolver, hosts) = (modified(), build()?, Arc::new(Hosts::from_system().unwrap_or_default()));
        let built = SystemResolver { resolver: resolver.clone(), hosts: hosts.clone(), modified, checked_at: now };
        *system = Some(built);
        Ok((resolver, hosts))
    }
}

/// The addresses in the hosts file. If it has some, no name server is asked for those of the other family.
fn listed_addresses(hosts: &Hosts, host: &str) -> Vec<IpAddr> {
    let Ok(name) = Name::from_utf8(host) else { return Vec::new() };
    let families = [RecordType::A, RecordType::AAAA].map(|family| Query::query(name.clone(), family));
    let found = families.iter().filter_map(|query| hosts.lookup_static_host(query));
    found
        .flat_map(|found| found.answers().iter().filter_map(|record| record.data.ip_addr()).collect::<Vec<_>>())
        .collect()
}

fn modified() -> [Option<SystemTime>; 2] {
    CONFIG_FILES.map(|path| std::fs::metadata(path).and_then(|file| file.modified()).ok())
}

fn build() -> Result<TokioResolver, NetError> {
    let provider = TokioRuntimeProvider::default;
    let mut builder = match TokioResolver::builder(provider()) {
        Ok(builder) => builder,
        Err(error) => {
            // What the C library does: the name server is on this machine.
            tracing::info!(%error, "no DNS configuration found; using the name server on this machine");
            let local = NameServerConfig::udp_and_tcp([127, 0, 0, 1].into());
            TokioResolver::builder_with_config(ResolverConfig::from_parts(None, Vec::new(), vec![local]), provider())
        }
    };
    let options = builder.options_mut();
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    options.positive_max_ttl = Some(MAX_TTL);
    options.negative_max_ttl = Some(MAX_NEGATIVE_TTL);
    // See [`listed`].
    options.use_hosts_file = ResolveHosts::Never;
    builder.build()
}

/// Tells a failure of the name from one of the name servers: a server that responds to any query is
/// not to blame.
async fn explain(resolver: &TokioResolver, error: NetError) -> DnsError {
    match &error {
        NetError::Io(cause) if is_local(cause) => DnsError::LocalResource(cause.to_string()),
        NetError::Dns(_) | NetError::Proto(_) => DnsError::Failed(error.to_string()),
        _ if responds(resolver).await => DnsError::Failed(error.to_string()),
        _ => DnsError::Unreachable(error.to_string()),
    }
}

async fn responds(resolver: &TokioResolver) -> bool {
    // A cached answer would prove nothing.
    resolver.clear_lookup_cache(Name::root(), RecordType::NS);
    match resolver.lookup(Name::root(), RecordType::NS).await {
        Ok(_) => true,
        Err(NetError::Dns(ServerError::NoRecordsFound(_) | ServerError::ResponseCode(_))) => true,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use hickory_resolver::config::ConnectionConfig;
    use tokio::net::UdpSocket;

    use super::*;

    fn resolver(server: SocketAddr) -> Dns {
        let mut connection = ConnectionConfig::udp();
        connection.port = server.port();
        let server = NameServerConfig::new(server.ip(), true, vec![connection]);
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        builder.options_mut().timeout = Duration::from_millis(50);
        builder.options_mut().attempts = 0;
        let resolver = builder.build().unwrap();
        #[allow(clippy::disallowed_methods, reason = "never checked again within the test")]
        let checked_at = Instant::now() + Duration::from_secs(3600);
        let mut hosts = Hosts::default();
        hosts.read_hosts_conf("192.0.2.9 listed.example.com".as_bytes()).unwrap();
        let system = SystemResolver { resolver, hosts: Arc::new(hosts), modified: modified(), checked_at };
        Dns { overrides: Arc::default(), system: Arc::new(Mutex::new(Some(system))) }
    }

    /// Answers every query of type A with `address` for `ttl` seconds, and any other with no records.
    async fn serve(socket: UdpSocket, address: [u8; 4], ttl: u8, queries: tokio::sync::watch::Sender<u32>) {
        let mut query = [0; 512];
        while let Ok((length, peer)) = socket.recv_from(&mut query).await {
            let end = 12 + query[12..length].iter().position(|byte| *byte == 0).unwrap() + 5;
            let is_a = query[end - 4..end - 2] == [0, 1];
            let mut response = query[..end].to_vec();
            response[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, u8::from(is_a), 0, 0, 0, 0]);
            if is_a {
                queries.send_modify(|count| *count += 1);
                response.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, ttl, 0, 4]);
                response.extend(address);
            }
            socket.send_to(&response, peer).await.unwrap();
        }
    }

    #[tokio::test]
    async fn an_answer_is_cached_for_its_ttl() {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let dns = resolver(socket.local_addr().unwrap());
        let (sender, queries) = tokio::sync::watch::channel(0);
        tokio::spawn(serve(socket, [192, 0, 2, 7], 1, sender));
        for _ in 0..3 {
            assert_eq!(dns.resolve("hooks.example.com").await, Ok(vec!["192.0.2.7".parse().unwrap()]));
        }
        assert_eq!(*queries.borrow(), 1);
        tokio::time::sleep(Duration::from_millis(1100)).await;
        assert!(dns.resolve("hooks.example.com").await.is_ok());
        assert_eq!(*queries.borrow(), 2);
    }

    #[tokio::test]
    async fn an_unreachable_name_server_does_not_blame_the_name() {
        let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let dns = resolver(silent.local_addr().unwrap());
        assert!(matches!(dns.resolve("hooks.example.com").await, Err(DnsError::Unreachable(_))));
    }

    #[tokio::test]
    async fn an_unknown_name_is_a_failure_of_the_name() {
        let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let dns = resolver(silent.local_addr().unwrap());
        assert!(matches!(dns.resolve("nothing.invalid").await, Err(DnsError::Failed(_))));
    }

    #[tokio::test]
    async fn the_hosts_file_is_used_before_name_servers() {
        let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let dns = resolver(silent.local_addr().unwrap());
        assert_eq!(dns.resolve("listed.example.com").await, Ok(vec!["192.0.2.9".parse().unwrap()]));
    }

    #[tokio::test]
    async fn a_host_override_needs_no_name_server() {
        let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut dns = resolver(silent.local_addr().unwrap());
        dns.overrides = Arc::new(["hooks.example.com=127.0.0.1".parse().unwrap()]);
        assert_eq!(dns.resolve("hooks.example.com").await, Ok(vec!["127.0.0.1".parse().unwrap()]));
        assert!("hooks.example.com".parse::<HostOverride>().is_err() && "a=b".parse::<HostOverride>().is_err());
    }
}
