//! Decides which URLs and addresses may be requested.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use http::Uri;
use ipnet::IpNet;
use url::{Host, Url};

use super::address;
use super::dns::{Dns, DnsError, HostOverride};
use super::proxy::{OutboundProxy, is_local_name, is_localhost};
use super::url_refusal::UrlRefusal;

/// The maximum length of a URL.
pub const MAX_URL_BYTES: usize = 2048;

/// Cheap to clone.
#[derive(Clone)]
pub struct Guard {
    allow_http: bool,
    allow_networks: Vec<IpNet>,
    allow_local_names: bool,
    dns: Dns,
    proxy: Option<Arc<OutboundProxy>>,
}

/// How a host is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// At these addresses, which were checked.
    Direct(Vec<IpAddr>),
    /// Through the outbound proxy, which resolves the host name.
    Proxy,
}

impl Guard {
    /// A guard that refuses http, and private addresses outside `allow_networks`.
    #[must_use]
    pub fn new(allow_http: bool, allow_networks: Vec<IpNet>) -> Self {
        Self { allow_http, allow_networks, allow_local_names: false, dns: Dns::default(), proxy: None }
    }

    /// A guard that allows every address, for URLs from operators.
    #[must_use]
    pub fn unrestricted() -> Self {
        let everywhere = ["0.0.0.0/0", "::/0"].into_iter().filter_map(|network| network.parse().ok()).collect();
        Self { allow_local_names: true, ..Self::new(true, everywhere) }
    }

    /// The same with an outbound proxy.
    #[must_use]
    pub fn with_proxy(self, proxy: Option<OutboundProxy>) -> Self {
        Self { proxy: proxy.map(Arc::new), ..self }
    }

    /// The outbound proxy.
    pub(super) fn proxy(&self) -> Option<(&Arc<OutboundProxy>, &Dns)> {
        self.proxy.as_ref().map(|proxy| (proxy, &self.dns))
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

    /// How to reach the host: at its current addresses, all of them allowed, or through the outbound proxy. The proxy
    /// resolves names, so that only addresses in URLs and local names are checked here.
    ///
    /// # Errors
    /// [`UrlRefusal::NotFound`] when it has no address, [`UrlRefusal::Address`] when one of them is refused, and
    /// [`UrlRefusal::LocalName`] for a local name with a proxy.
    pub async fn route(&self, url: &Url) -> Result<Route, UrlRefusal> {
        if self.proxy.as_ref().is_some_and(|proxy| proxy.serves(url)) {
            return self.check_proxied(url).map(|()| Route::Proxy);
        }
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
        Ok(Route::Direct(addresses))
    }

    fn check_proxied(&self, url: &Url) -> Result<(), UrlRefusal> {
        match url.host() {
            Some(Host::Ipv4(address)) => self.check_addresses(url, &[address.into()]),
            Some(Host::Ipv6(address)) => self.check_addresses(url, &[address.into()]),
            Some(Host::Domain(host)) if is_localhost(host) => self.check_addresses(url, &[Ipv4Addr::LOCALHOST.into()]),
            Some(Host::Domain(host)) if is_local_name(host) && !self.allow_local_names => {
                tracing::info!(host, "refused a local name, which the outbound proxy would resolve");
                Err(UrlRefusal::LocalName { host: host.to_owned() })
            }
            Some(Host::Domain(_)) => Ok(()),
            None => Err(UrlRefusal::Malformed),
        }
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
            assert!(strict().route(&url).await.is_err(), "{host}");
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
        assert!(matches!(strict().with_host_overrides(&fixed).route(&url).await, Err(UrlRefusal::Address { .. })));
        let guard = Guard::new(true, vec!["127.0.0.0/8".parse().unwrap()]).with_host_overrides(&fixed);
        assert_eq!(guard.route(&url).await.unwrap(), Route::Direct(vec!["127.0.0.1".parse().unwrap()]));
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
        let Err(UrlRefusal::NotFound { host }) = strict().route(&url).await else { panic!("it has none") };
        assert_eq!(host, "nothing.invalid");
    }

    fn proxied(guard: Guard) -> Guard {
        let except = vec!["tracker.corp".parse().unwrap()];
        guard.with_proxy(Some(OutboundProxy::parse("http://proxy.example.net:3128", except).unwrap()))
    }

    #[tokio::test]
    async fn a_proxy_gets_names_but_no_private_addresses_and_local_names() {
        let guard = proxied(strict());
        for url in ["https://nothing.invalid/", "https://8.8.8.8/", "https://[2606:4700::1]/"] {
            assert_eq!(guard.route(&url.parse().unwrap()).await, Ok(Route::Proxy), "{url}");
        }
        for url in ["https://10.0.0.1/", "https://[::1]/", "https://localhost/", "https://a.localhost./"] {
            let routed = guard.route(&url.parse().unwrap()).await;
            assert!(matches!(routed, Err(UrlRefusal::Address { .. })), "{url}: {routed:?}");
        }
        for url in ["https://intranet/", "https://gitlab.corp/", "https://metadata.google.internal/"] {
            let routed = guard.route(&url.parse().unwrap()).await;
            assert!(matches!(routed, Err(UrlRefusal::LocalName { .. })), "{url}: {routed:?}");
        }
    }

    #[tokio::test]
    async fn an_exception_of_the_proxy_is_resolved_and_checked() {
        let fixed = ["tracker.corp=10.0.0.7".parse().unwrap()];
        let url: Url = "https://tracker.corp/".parse().unwrap();
        let refused = proxied(strict()).with_host_overrides(&fixed).route(&url).await;
        assert!(matches!(refused, Err(UrlRefusal::Address { .. })), "{refused:?}");
        let allowed = proxied(Guard::new(false, vec!["10.0.0.0/8".parse().unwrap()])).with_host_overrides(&fixed);
        assert_eq!(allowed.route(&url).await, Ok(Route::Direct(vec!["10.0.0.7".parse().unwrap()])));
    }

    #[tokio::test]
    async fn operators_may_name_any_host() {
        let guard = proxied(Guard::unrestricted());
        for url in ["http://10.0.0.1/", "http://localhost/", "http://keycloak/"] {
            assert_eq!(guard.route(&url.parse().unwrap()).await, Ok(Route::Proxy), "{url}");
        }
    }
}
