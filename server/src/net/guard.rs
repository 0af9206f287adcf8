//! Decides which URLs and addresses may be requested.

use std::net::IpAddr;

use http::Uri;
use ipnet::IpNet;
use url::{Host, Url};

use super::address;
use super::dns::{Dns, DnsError, HostOverride};

/// The maximum length of a URL.
pub const MAX_URL_BYTES: usize = 2048;

/// Cheap to clone.
#[derive(Clone)]
pub struct Guard {
    allow_http: bool,
    allow_networks: Vec<IpNet>,
    dns: Dns,
}

/// Why a URL is not requested. The messages are for the person who entered it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefusal {
    /// It is not a valid https or http URL.
    #[error("Enter a full URL, e.g. https://example.com/hook.")]
    Malformed,
    /// It is longer than [`MAX_URL_BYTES`].
    #[error("Use at most 2,048 characters.")]
    TooLong,
    /// It is http, which is not allowed.
    #[error("Use https. Anyone on the network could read and change http requests.")]
    NotHttps,
    /// `user:password@`.
    #[error("Remove the username and password before the host.")]
    UserInfo,
    /// `#...`.
    #[error("Remove the part after #. It is never sent.")]
    Fragment,
    /// `:0`.
    #[error("Port 0 is not valid.")]
    PortZero,
    /// Its host is, or resolves to, a private or reserved address.
    #[error("{host} resolves to a private or reserved address, which is not allowed.")]
    Address {
        /// As in the URL.
        host: String,
        /// The first refused address. Only logged: people outside of the network must not learn its DNS
        /// answers.
        address: IpAddr,
    },
    /// The host name has no address.
    #[error("The host name {host} could not be resolved.")]
    NotFound {
        /// As in the URL.
        host: String,
    },
    /// No name server responds.
    #[error("No DNS server responds. Check the network of the Testbell server.")]
    NoNameServer {
        /// For the log.
        cause: String,
    },
    /// This machine lacks a resource that resolving needs.
    #[error("Testbell is short of system resources. Try again later.")]
    LocalResource {
        /// For the log.
        cause: String,
    },
}

impl Guard {
    /// A guard that refuses http, and private addresses outside `allow_networks`.
    #[must_use]
    pub fn new(allow_http: bool, allow_networks: Vec<IpNet>) -> Self {
        Self { allow_http, allow_networks, dns: Dns::default() }
    }

    /// The same with fixed addresses for some host names. They are checked like any other.
    #[must_use]
    pub fn with_host_overrides(self, overrides: &[HostOverride]) -> Self {
        Self { dns: Dns::new(overrides), ..self }
    }

    /// Parses a URL as browsers do (WHATWG) and checks all that needs no DNS. `0x7f.1` and
    /// `[::ffff:127.0.0.1]` are recognized as loopback.
    ///
    /// # Errors
    /// See [`UrlRefusal`].
    pub fn check_url(&self, text: &str) -> Result<Url, UrlRefusal> {
        self.check(text, self.allow_http)
    }

    /// The same, and http is allowed.
    ///
    /// # Errors
    /// See [`UrlRefusal`].
    pub fn check_insecure_url(&self, text: &str) -> Result<Url, UrlRefusal> {
        self.check(text, true)
    }

    /// Whether a URL is https, or the deployment allows http.
    #[must_use]
    pub fn allows_scheme(&self, url: &Url) -> bool {
        self.allow_http || url.scheme() == "https"
    }

    fn check(&self, text: &str, allow_http: bool) -> Result<Url, UrlRefusal> {
        if text.len() > MAX_URL_BYTES {
            return Err(UrlRefusal::TooLong);
        }
        // The parser would silently remove these.
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(UrlRefusal::Malformed);
        }
        let url: Url = text.parse().map_err(|_| UrlRefusal::Malformed)?;
        match url.scheme() {
            "https" => {}
            "http" if allow_http => {}
            "http" => return Err(UrlRefusal::NotHttps),
            _ => return Err(UrlRefusal::Malformed),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlRefusal::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(UrlRefusal::Fragment);
        }
        if url.port() == Some(0) {
            return Err(UrlRefusal::PortZero);
        }
        // hyper parses it again.
        url.as_str().parse::<Uri>().map_err(|_| UrlRefusal::Malformed)?;
        match url.host() {
            Some(Host::Ipv4(address)) => self.check_addresses(&url, &[address.into()])?,
            Some(Host::Ipv6(address)) => self.check_addresses(&url, &[address.into()])?,
            Some(Host::Domain(_)) => {}
            None => return Err(UrlRefusal::Malformed),
        }
        Ok(url)
    }

    /// The current addresses of the host, all of them allowed.
    ///
    /// # Errors
    /// [`UrlRefusal::NotFound`] when it has none, [`UrlRefusal::Address`] when one of them is refused.
    pub async fn resolve(&self, url: &Url) -> Result<Vec<IpAddr>, UrlRefusal> {
        let addresses = match url.host() {
            Some(Host::Ipv4(address)) => vec![address.into()],
            Some(Host::Ipv6(address)) => vec![address.into()],
            Some(Host::Domain(host)) => {
                let found = match self.dns.resolve(host).await {
                    Ok(found) => found,
                    Err(DnsError::LocalResource(cause)) => return Err(UrlRefusal::LocalResource { cause }),
                    Err(DnsError::Unreachable(cause)) => return Err(UrlRefusal::NoNameServer { cause }),
                    Err(DnsError::Failed(cause)) => {
                        // The resolver's message is for operators only.
                        tracing::info!(host, cause, "failed to resolve a host name");
                        Vec::new()
                    }
                };
                if found.is_empty() {
                    return Err(UrlRefusal::NotFound { host: host.to_owned() });
                }
                found
            }
            None => return Err(UrlRefusal::Malformed),
        };
        self.check_addresses(url, &addresses)?;
        Ok(addresses)
    }

    /// Checks a whole DNS answer: a private address among public ones is an attack.
    fn check_addresses(&self, url: &Url, addresses: &[IpAddr]) -> Result<(), UrlRefusal> {
        match addresses.iter().find(|address| !self.allows(**address)) {
            Some(&address) => {
                let host = url.host_str().unwrap_or_default().to_owned();
                tracing::info!(host, %address, "refused a private or reserved address");
                Err(UrlRefusal::Address { host, address })
            }
            None => Ok(()),
        }
    }

    fn allows(&self, address: IpAddr) -> bool {
        let address = address::canonical(address);
        !address::is_refused(address) || self.allow_networks.iter().any(|net| net.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strict() -> Guard {
        Guard::new(false, Vec::new())
    }

    #[test]
    fn an_https_url_is_kept_unchanged() {
        for url in ["https://example.com/a%2Fb?c=%2f&sig=x%20y", "https://8.8.8.8:8443/", "https://[2606:4700::1]/x"] {
            assert_eq!(strict().check_url(url).unwrap().as_str(), url);
        }
    }

    #[test]
    fn an_invalid_url_is_refused_with_its_reason() {
        let long = format!("https://example.com/{}", "a".repeat(MAX_URL_BYTES));
        for (url, refusal) in [
            ("", UrlRefusal::Malformed),
            ("example.com/hook", UrlRefusal::Malformed),
            ("ftp://example.com/", UrlRefusal::Malformed),
            ("file:///etc/passwd", UrlRefusal::Malformed),
            ("https://", UrlRefusal::Malformed),
            ("https://exa mple.com/", UrlRefusal::Malformed),
            ("https://example.com/a\tb", UrlRefusal::Malformed),
            ("https://example.com/\r\nhost: x", UrlRefusal::Malformed),
            ("https://[::1%lo]/", UrlRefusal::Malformed),
            ("https://[::1%25lo]/", UrlRefusal::Malformed),
            ("http://example.com/", UrlRefusal::NotHttps),
            ("https://user@example.com/", UrlRefusal::UserInfo),
            ("https://user:pass@10.0.0.1/", UrlRefusal::UserInfo),
            ("https://:pass@example.com/", UrlRefusal::UserInfo),
            ("https://example.com/#x", UrlRefusal::Fragment),
            ("https://example.com:0/", UrlRefusal::PortZero),
            (&long, UrlRefusal::TooLong),
        ] {
            assert_eq!(strict().check_url(url), Err(refusal), "{url}");
        }
    }

    #[test]
    fn http_is_allowed_only_where_it_is_asked_for() {
        let url = "http://example.com/hook";
        assert_eq!(strict().check_insecure_url(url).unwrap().as_str(), url);
        assert_eq!(strict().check_url(url), Err(UrlRefusal::NotHttps));
        for private in ["http://10.0.0.1/", "http://127.0.0.1/", "http://[::1]/"] {
            assert!(matches!(strict().check_insecure_url(private), Err(UrlRefusal::Address { .. })), "{private}");
        }
        assert_eq!(strict().check_insecure_url("ftp://example.com/"), Err(UrlRefusal::Malformed));
    }

    #[test]
    fn every_spelling_of_a_private_address_is_refused() {
        for host in [
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "127.1",
            "0",
            "127.0.0.1.",
            "①②⑦.⓪.⓪.①",
            "127。0。0。1",
            "127．0．0．1",
            "%31%32%37.0.0.1",
            "[::1]",
            "[::]",
            "[0:0:0:0:0:ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "169.254.169.254",
            "[64:ff9b::10.0.0.1]",
            "[2002:7f00:1::]",
            "10.0.0.1",
            "192.168.0.1:8080",
        ] {
            let checked = strict().check_url(&format!("https://{host}/"));
            assert!(matches!(checked, Err(UrlRefusal::Address { .. })), "{host}: {checked:?}");
        }
    }

    #[tokio::test]
    async fn every_spelling_of_localhost_is_refused() {
        for host in ["localhost", "localhost.", "LOCALHOST", "ⓛocalhost", "%6cocalhost"] {
            let url = strict().check_url(&format!("https://{host}/")).unwrap();
            assert!(strict().resolve(&url).await.is_err(), "{host}");
        }
    }

    #[tokio::test]
    async fn only_the_allowed_network_can_be_reached() {
        let guard = Guard::new(true, vec!["127.0.0.0/8".parse().unwrap()]);
        assert!(guard.check_url("http://127.0.0.1:8080/").is_ok());
        assert!(guard.check_url("http://[::ffff:127.0.0.1]/").is_ok());
        assert!(guard.check_url("http://10.0.0.1/").is_err());
        assert!(guard.check_url("http://[::1]/").is_err());
    }

    #[tokio::test]
    async fn a_host_override_is_checked() {
        let fixed = ["hooks.example.com=127.0.0.1".parse().unwrap()];
        let url: Url = "https://hooks.example.com/".parse().unwrap();
        assert!(matches!(strict().with_host_overrides(&fixed).resolve(&url).await, Err(UrlRefusal::Address { .. })));
        let guard = Guard::new(true, vec!["127.0.0.0/8".parse().unwrap()]).with_host_overrides(&fixed);
        assert_eq!(guard.resolve(&url).await.unwrap(), ["127.0.0.1".parse::<IpAddr>().unwrap()]);
    }

    #[test]
    fn one_refused_address_refuses_the_whole_answer() {
        let url: Url = "https://example.com/".parse().unwrap();
        let private: IpAddr = "10.0.0.1".parse().unwrap();
        let answer = ["1.1.1.1".parse().unwrap(), private, "8.8.8.8".parse().unwrap()];
        assert_eq!(
            strict().check_addresses(&url, &answer),
            Err(UrlRefusal::Address { host: "example.com".into(), address: private })
        );
    }

    #[tokio::test]
    async fn an_unresolvable_name_is_reported() {
        let url: Url = "https://nothing.invalid/".parse().unwrap();
        let Err(UrlRefusal::NotFound { host }) = strict().resolve(&url).await else { panic!("it has none") };
        assert_eq!(host, "nothing.invalid");
    }
}
