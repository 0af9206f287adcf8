//! Which addresses may be requested.

use std::net::IpAddr;
use std::sync::Arc;

use http::Uri;
use ipnet::IpNet;
use url::{Host, Url};

use super::address;
use super::lookup::{Lookup, Resolve};

/// The most bytes of an address.
pub const URL_MAX: usize = 2048;

/// Judges addresses. Cheap to clone.
#[derive(Clone)]
pub struct Guard {
    allow_http: bool,
    allow_networks: Vec<IpNet>,
    lookup: Lookup,
}

/// Why an address is not requested, in words for the person who entered it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is no URL of the web.
    #[error("Enter a whole address, such as https://example.com/hook.")]
    Malformed,
    /// More than [`URL_MAX`].
    #[error("Use at most 2,048 characters.")]
    TooLong,
    /// It is http, and that was not allowed.
    #[error("Use https: over http anybody on the way could read and change what is sent.")]
    NotHttps,
    /// `user:password@`.
    #[error("Leave out the user name and password before the host.")]
    UserInfo,
    /// `#...`.
    #[error("Leave out the part after #: it is never sent.")]
    Fragment,
    /// `:0`.
    #[error("Nothing can be reached at port 0.")]
    PortZero,
    /// It is a private or reserved address, or leads to one.
    #[error("{host} leads to a private or reserved address ({address}), which is not allowed.")]
    Address {
        /// As in the URL.
        host: String,
        /// The first refused one.
        address: IpAddr,
    },
    /// The name has no address.
    #[error("The name {host} could not be resolved.")]
    NotFound {
        /// As in the URL.
        host: String,
    },
}

impl Guard {
    /// A guard that refuses http, and private addresses outside `allow_networks`.
    #[must_use]
    pub fn new(allow_http: bool, allow_networks: Vec<IpNet>) -> Self {
        Self { allow_http, allow_networks, lookup: Lookup::default() }
    }

    /// The same with names that lead to fixed addresses, which are judged like any other.
    #[must_use]
    pub fn resolving(self, fixed: &[Resolve]) -> Self {
        Self { lookup: Lookup::new(fixed), ..self }
    }

    /// Reads an address as the web does (WHATWG URL), and judges what can be judged without
    /// asking for names: `0x7f.1` and `[::ffff:127.0.0.1]` are seen for what they are.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn check_url(&self, text: &str) -> Result<Url, Refusal> {
        if text.len() > URL_MAX {
            return Err(Refusal::TooLong);
        }
        // The parser would silently leave these out.
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(Refusal::Malformed);
        }
        let url: Url = text.parse().map_err(|_| Refusal::Malformed)?;
        match url.scheme() {
            "https" => {}
            "http" if self.allow_http => {}
            "http" => return Err(Refusal::NotHttps),
            _ => return Err(Refusal::Malformed),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(Refusal::Fragment);
        }
        if url.port() == Some(0) {
            return Err(Refusal::PortZero);
        }
        // What the HTTP client will make of it.
        url.as_str().parse::<Uri>().map_err(|_| Refusal::Malformed)?;
        match url.host() {
            Some(Host::Ipv4(address)) => self.check_addresses(&url, &[address.into()])?,
            Some(Host::Ipv6(address)) => self.check_addresses(&url, &[address.into()])?,
            Some(Host::Domain(_)) => {}
            None => return Err(Refusal::Malformed),
        }
        Ok(url)
    }

    /// The addresses of the host now, all of them allowed.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when it has none, [`Refusal::Address`] when one of them is refused.
    pub async fn resolve(&self, url: &Url) -> Result<Vec<IpAddr>, Refusal> {
        let addresses = match url.host() {
            Some(Host::Ipv4(address)) => vec![address.into()],
            Some(Host::Ipv6(address)) => vec![address.into()],
            Some(Host::Domain(host)) => {
                let found = self.lookup.addresses(host).await.unwrap_or_else(|cause| {
                    // The words of the system's resolver are for operators.
                    tracing::info!(host, cause, "a name could not be resolved");
                    Arc::default()
                });
                if found.is_empty() {
                    return Err(Refusal::NotFound { host: host.to_owned() });
                }
                found.to_vec()
            }
            None => return Err(Refusal::Malformed),
        };
        self.check_addresses(url, &addresses)?;
        Ok(addresses)
    }

    /// Judges the whole answer: whoever mixes a private address into public ones means no good.
    fn check_addresses(&self, url: &Url, addresses: &[IpAddr]) -> Result<(), Refusal> {
        match addresses.iter().find(|address| !self.allows(**address)) {
            Some(&address) => Err(Refusal::Address { host: url.host_str().unwrap_or_default().to_owned(), address }),
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
    fn an_https_address_passes_to_the_byte() {
        for url in ["https://example.com/a%2Fb?c=%2f&sig=x%20y", "https://8.8.8.8:8443/", "https://[2606:4700::1]/x"] {
            assert_eq!(strict().check_url(url).unwrap().as_str(), url);
        }
    }

    #[test]
    fn what_is_no_sound_https_address_is_refused_with_its_reason() {
        let long = format!("https://example.com/{}", "a".repeat(URL_MAX));
        for (url, refusal) in [
            ("", Refusal::Malformed),
            ("example.com/hook", Refusal::Malformed),
            ("ftp://example.com/", Refusal::Malformed),
            ("file:///etc/passwd", Refusal::Malformed),
            ("https://", Refusal::Malformed),
            ("https://exa mple.com/", Refusal::Malformed),
            ("https://example.com/a\tb", Refusal::Malformed),
            ("https://example.com/\r\nhost: x", Refusal::Malformed),
            ("https://[::1%lo]/", Refusal::Malformed),
            ("https://[::1%25lo]/", Refusal::Malformed),
            ("http://example.com/", Refusal::NotHttps),
            ("https://user@example.com/", Refusal::UserInfo),
            ("https://user:pass@10.0.0.1/", Refusal::UserInfo),
            ("https://:pass@example.com/", Refusal::UserInfo),
            ("https://example.com/#x", Refusal::Fragment),
            ("https://example.com:0/", Refusal::PortZero),
            (&long, Refusal::TooLong),
        ] {
            assert_eq!(strict().check_url(url), Err(refusal), "{url}");
        }
    }

    #[test]
    fn every_spelling_of_a_private_address_is_seen_through() {
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
            assert!(matches!(checked, Err(Refusal::Address { .. })), "{host}: {checked:?}");
        }
    }

    #[tokio::test]
    async fn every_spelling_of_localhost_is_refused_once_it_is_resolved() {
        for host in ["localhost", "localhost.", "LOCALHOST", "ⓛocalhost", "%6cocalhost"] {
            let url = strict().check_url(&format!("https://{host}/")).unwrap();
            assert!(strict().resolve(&url).await.is_err(), "{host}");
        }
    }

    #[tokio::test]
    async fn a_network_is_allowed_by_name_and_no_further() {
        let guard = Guard::new(true, vec!["127.0.0.0/8".parse().unwrap()]);
        assert!(guard.check_url("http://127.0.0.1:8080/").is_ok());
        assert!(guard.check_url("http://[::ffff:127.0.0.1]/").is_ok());
        assert!(guard.check_url("http://10.0.0.1/").is_err());
        assert!(guard.check_url("http://[::1]/").is_err());
    }

    #[tokio::test]
    async fn a_name_with_a_fixed_address_is_judged_by_it() {
        let fixed = ["hooks.example.com=127.0.0.1".parse().unwrap()];
        let url: Url = "https://hooks.example.com/".parse().unwrap();
        assert!(matches!(strict().resolving(&fixed).resolve(&url).await, Err(Refusal::Address { .. })));
        let guard = Guard::new(true, vec!["127.0.0.0/8".parse().unwrap()]).resolving(&fixed);
        assert_eq!(guard.resolve(&url).await.unwrap(), ["127.0.0.1".parse::<IpAddr>().unwrap()]);
        assert!("hooks.example.com".parse::<Resolve>().is_err() && "a=b".parse::<Resolve>().is_err());
    }

    #[test]
    fn one_refused_address_refuses_the_whole_answer() {
        let url: Url = "https://example.com/".parse().unwrap();
        let private: IpAddr = "10.0.0.1".parse().unwrap();
        let answer = ["1.1.1.1".parse().unwrap(), private, "8.8.8.8".parse().unwrap()];
        assert_eq!(
            strict().check_addresses(&url, &answer),
            Err(Refusal::Address { host: "example.com".into(), address: private })
        );
    }

    #[tokio::test]
    async fn a_name_without_an_address_is_named() {
        let url: Url = "https://nothing.invalid/".parse().unwrap();
        let Err(Refusal::NotFound { host }) = strict().resolve(&url).await else { panic!("it has none") };
        assert_eq!(host, "nothing.invalid");
    }
}
