//! The outbound proxy of the deployment: its URL, its credentials, and the hosts that are reached without it.
//! The proxy resolves host names, so only it can check their addresses.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use ipnet::IpNet;
use url::{Host, Url};

use super::address;

/// The last label of names that public DNS doesn't have. A proxy would resolve them in the internal network.
const LOCAL_DOMAINS: [&str; 10] =
    ["localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "private", "home.arpa"];

/// The proxy for requests to endpoints and trackers. `Debug` prints no credentials.
#[derive(Clone)]
pub struct OutboundProxy {
    /// Without credentials.
    url: Url,
    authorization: Option<HeaderValue>,
    except: Vec<ProxyException>,
}

/// Why the URL of a proxy is refused. The messages never contain it, because it may have a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyUrlError {
    /// It is no URL.
    #[error("enter a full URL, e.g. http://proxy.example.com:3128")]
    Malformed,
    /// The proxy speaks another protocol, such as SOCKS.
    #[error("the URL must begin with http:// or https://")]
    Scheme,
    /// It has a path, a query or a fragment.
    #[error("the URL must have nothing after the port")]
    Path,
}

/// What is reached without the proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyException {
    /// A host and its subdomains.
    Domain(String),
    /// Addresses in URLs. Names are not resolved to compare them.
    Network(IpNet),
}

impl OutboundProxy {
    /// Parses `http://user:password@proxy.example.com:3128`.
    ///
    /// # Errors
    /// See [`ProxyUrlError`].
    pub fn parse(text: &str, except: Vec<ProxyException>) -> Result<Self, ProxyUrlError> {
        let mut url: Url = text.trim().parse().map_err(|_| ProxyUrlError::Malformed)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(ProxyUrlError::Scheme);
        }
        if url.host().is_none() || url.port() == Some(0) {
            return Err(ProxyUrlError::Malformed);
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(ProxyUrlError::Path);
        }
        let has_credentials = !url.username().is_empty() || url.password().is_some();
        let authorization = has_credentials.then(|| basic(&url)).transpose()?;
        // They can't fail, because there is a host.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Ok(Self { url, authorization, except })
    }

    /// The URL without credentials, for logs and pages.
    #[must_use]
    pub fn display_url(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// What is reached without the proxy, as text.
    #[must_use]
    pub fn exceptions(&self) -> Vec<String> {
        self.except.iter().map(ToString::to_string).collect()
    }

    /// Whether requests to a URL are sent through the proxy.
    #[must_use]
    pub fn serves(&self, url: &Url) -> bool {
        !self.except.iter().any(|except| except.matches(url))
    }

    pub(super) fn host(&self) -> Option<Host<&str>> {
        self.url.host()
    }

    pub(super) fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(80)
    }

    pub(super) fn is_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The `Proxy-Authorization` header.
    pub(super) fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }
}

impl fmt::Debug for OutboundProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OutboundProxy").field(&self.display_url()).field(&self.exceptions()).finish()
    }
}

fn basic(url: &Url) -> Result<HeaderValue, ProxyUrlError> {
    let mut credentials = decoded(url.username());
    credentials.push(b':');
    credentials.extend(decoded(url.password().unwrap_or_default()));
    let header = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(credentials)));
    let mut header = header.map_err(|_| ProxyUrlError::Malformed)?;
    header.set_sensitive(true);
    Ok(header)
}

/// Decodes `%2F`. The parser has encoded every byte that is not ASCII.
fn decoded(text: &str) -> Vec<u8> {
    let (bytes, mut decoded, mut at) = (text.as_bytes(), Vec::new(), 0);
    while let Some(&byte) = bytes.get(at) {
        let hex = text.get(at + 1..at + 3).filter(|_| byte == b'%');
        let byte_of_hex = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        decoded.push(byte_of_hex.unwrap_or(byte));
        at += if byte_of_hex.is_some() { 3 } else { 1 };
    }
    decoded
}

impl FromStr for ProxyException {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if let Ok(network) = text.parse::<IpNet>() {
            return Ok(Self::Network(network));
        }
        if let Ok(address) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(Self::Network(address.into()));
        }
        // Other programs write subdomains in both ways.
        let name = text.strip_prefix("*.").or_else(|| text.strip_prefix('.')).unwrap_or(text);
        match Host::parse(name.trim_end_matches('.')) {
            Ok(Host::Domain(name)) if !name.contains('*') => Ok(Self::Domain(name)),
            _ => Err(format!("{text} is not a host name, an address or a network")),
        }
    }
}

impl fmt::Display for ProxyException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(name) => f.write_str(name),
            Self::Network(network) if network.prefix_len() == network.max_prefix_len() => network.addr().fmt(f),
            Self::Network(network) => network.fmt(f),
        }
    }
}

impl ProxyException {
    fn matches(&self, url: &Url) -> bool {
        let has = |network: &IpNet, address: IpAddr| network.contains(&address::canonical(address));
        match (self, url.host()) {
            (Self::Network(network), Some(Host::Ipv4(address))) => has(network, address.into()),
            (Self::Network(network), Some(Host::Ipv6(address))) => has(network, address.into()),
            (Self::Domain(domain), Some(Host::Domain(host))) => is_within(host, domain),
            _ => false,
        }
    }
}

/// Whether a name only has a meaning in the local network.
pub(super) fn is_local_name(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    !host.contains('.') || LOCAL_DOMAINS.iter().any(|domain| is_within(host, domain))
}

/// Whether a name leads to the machine that resolves it (RFC 6761).
pub(super) fn is_localhost(host: &str) -> bool {
    is_within(host, "localhost")
}

/// Whether a name is a domain or one of its subdomains.
fn is_within(host: &str, domain: &str) -> bool {
    let before = host.trim_end_matches('.').strip_suffix(domain);
    before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(url: &str, except: &[&str]) -> Result<OutboundProxy, ProxyUrlError> {
        OutboundProxy::parse(url, except.iter().map(|text| text.parse().unwrap()).collect())
    }

    #[test]
    fn credentials_are_decoded_and_never_shown() {
        let proxy = proxy("http://ada:p%40ss%2Fw%c3%b6rd@proxy.example.com:3128", &["10.0.0.0/8"]).unwrap();
        let expected = format!("Basic {}", STANDARD.encode("ada:p@ss/wörd"));
        assert_eq!(proxy.authorization().unwrap(), expected.as_str());
        let shown = format!("{proxy:?} {} {:?}", proxy.display_url(), proxy.authorization());
        assert!(shown.contains("http://proxy.example.com:3128") && shown.contains("10.0.0.0/8"), "{shown}");
        assert!(!shown.contains("ada") && !shown.contains("Basic") && !shown.contains('@'), "{shown}");
    }

    #[test]
    fn a_proxy_is_http_or_https_without_a_path() {
        for (url, port, is_tls) in [
            ("http://proxy.example.com", 80, false),
            ("https://proxy.example.com/", 443, true),
            ("http://10.0.0.7:3128", 3128, false),
            (" http://[fd00::7]:8080 ", 8080, false),
        ] {
            let proxy = proxy(url, &[]).unwrap();
            assert_eq!((proxy.port(), proxy.is_tls(), proxy.authorization()), (port, is_tls, None), "{url}");
        }
        for (url, error) in [
            ("", ProxyUrlError::Malformed),
            ("proxy.example.com", ProxyUrlError::Malformed),
            ("http://", ProxyUrlError::Malformed),
            ("http://proxy.example.com:0", ProxyUrlError::Malformed),
            ("socks5://proxy.example.com:1080", ProxyUrlError::Scheme),
            ("proxy.example.com:3128", ProxyUrlError::Scheme),
            ("http://proxy.example.com/path", ProxyUrlError::Path),
            ("http://proxy.example.com/?a=b", ProxyUrlError::Path),
        ] {
            assert_eq!(proxy(url, &[]).map(drop), Err(error), "{url}");
        }
    }

    #[test]
    fn exceptions_are_names_with_their_subdomains_and_networks() {
        let except = ["gitlab.corp", ".example.com", "*.example.org", "10.0.0.0/8", "192.0.2.7", "fd00::/8"];
        let proxy = proxy("http://proxy.example.net:3128", &except).unwrap();
        for direct in [
            "https://gitlab.corp/",
            "https://GITLAB.corp./",
            "https://a.gitlab.corp/",
            "https://example.com/",
            "https://a.b.example.com/",
            "https://a.example.org/",
            "https://10.1.2.3/",
            "https://192.0.2.7:8443/",
            "https://[fd00::1]/",
            "https://[::ffff:10.0.0.1]/",
        ] {
            assert!(!proxy.serves(&direct.parse().unwrap()), "{direct}");
        }
        for proxied in [
            "https://notexample.com/",
            "https://example.com.evil.example/",
            "https://192.0.2.8/",
            "https://11.0.0.1/",
            "https://hooks.slack.com/",
        ] {
            assert!(proxy.serves(&proxied.parse().unwrap()), "{proxied}");
        }
        for invalid in ["", "*", "http://example.com", "a b", "10.0.0.0/40", "example.com:80"] {
            assert!(invalid.parse::<ProxyException>().is_err(), "{invalid}");
        }
        let expected = ["gitlab.corp", "example.com", "example.org", "10.0.0.0/8", "192.0.2.7", "fd00::/8"];
        assert_eq!(proxy.exceptions(), expected);
    }

    #[test]
    fn names_of_the_local_network_are_recognized() {
        for local in ["localhost", "a.localhost.", "intranet", "jenkins.", "db.internal", "x.y.local", "nas.home.arpa"]
        {
            assert!(is_local_name(local), "{local}");
        }
        for public in ["example.com", "internal.example.com", "local.dev", "notlocalhost.com", "homes.example"] {
            assert!(!is_local_name(public), "{public}");
        }
        assert!(is_localhost("api.localhost.") && !is_localhost("localhost.example.com"));
    }
}
