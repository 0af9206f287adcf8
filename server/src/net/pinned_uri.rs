//! URIs that name the addresses to connect to, e.g. `https://192.0.2.1,2001-db8--1@example.com/hook`.
//!
//! hyper pools connections by scheme and authority. The checked addresses are the user info of the authority, which
//! is never sent, so a connection is reused only for the same host with the same addresses. When the host
//! resolves to other addresses, new connections are opened and the old ones time out.

use std::net::IpAddr;

use http::Uri;

/// Addresses that are tried. The owner of a name may list thousands, of anyone.
const MAX_DIALED_ADDRESSES: usize = 32;

/// Pins a URI to the addresses that the guard has checked. `None` if it has no host.
pub(super) fn pin(uri: Uri, addresses: &[IpAddr]) -> Option<Uri> {
    // A URI may have only few colons.
    let order = dial_order(addresses).iter().map(ToString::to_string).collect::<Vec<_>>().join(",").replace(':', "-");
    let mut parts = uri.into_parts();
    parts.authority = Some(format!("{order}@{}", parts.authority?).parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// The addresses in the order in which they are tried. `None` if the URI isn't pinned.
pub(super) fn pinned_addresses(uri: &Uri) -> Option<Vec<IpAddr>> {
    let (addresses, _) = uri.authority()?.as_str().rsplit_once('@')?;
    addresses.replace('-', ":").split(',').map(|address| address.parse().ok()).collect()
}

/// Alternates IPv4 and IPv6 (RFC 8305). Sorted, because DNS servers rotate the order of their answers.
fn dial_order(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let mut sorted = addresses.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let (v4, v6): (Vec<_>, Vec<_>) = sorted.into_iter().partition(IpAddr::is_ipv4);
    let mut alternating = Vec::with_capacity(v4.len() + v6.len());
    for position in 0..v4.len().max(v6.len()) {
        alternating.extend(v4.get(position));
        alternating.extend(v6.get(position));
    }
    alternating.truncate(MAX_DIALED_ADDRESSES);
    alternating
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(addresses: &str) -> Vec<IpAddr> {
        addresses.split(' ').map(|address| address.parse().unwrap()).collect()
    }

    #[test]
    fn a_pinned_uri_alternates_address_families() {
        for url in ["https://example.com/hook?a=b@c", "http://example.com:8080/", "https://[2001:db8::9]:8443/"] {
            let uri: Uri = url.parse().unwrap();
            let pinned = pin(uri.clone(), &parsed("2001:db8::1 192.0.2.2 192.0.2.1")).unwrap();
            assert_eq!(pinned_addresses(&pinned).unwrap(), parsed("192.0.2.1 2001:db8::1 192.0.2.2"));
            assert_eq!((pinned.host(), pinned.port_u16()), (uri.host(), uri.port_u16()));
            assert_eq!(pinned.path_and_query(), uri.path_and_query());
            assert_eq!(pinned_addresses(&uri), None);
        }
    }

    #[test]
    fn user_info_of_others_names_no_addresses() {
        for url in ["https://192.0.2.1@example.com/", "https://ada:secret@example.com/"] {
            let pinned = pin(url.parse().unwrap(), &parsed("192.0.2.2"));
            assert_eq!(pinned.as_ref().and_then(pinned_addresses), None, "{pinned:?}");
        }
    }

    #[test]
    fn a_rotated_answer_pins_the_same_uri() {
        let uri: Uri = "https://example.com/".parse().unwrap();
        let pinned = |addresses| pin(uri.clone(), &parsed(addresses));
        assert_eq!(pinned("192.0.2.1 192.0.2.2 192.0.2.1"), pinned("192.0.2.2 192.0.2.1"));
        assert_ne!(pinned("192.0.2.1 192.0.2.2"), pinned("192.0.2.1"));
    }

    #[test]
    fn few_of_many_addresses_are_tried() {
        let many: Vec<IpAddr> = (0..4000).map(|n| [0x2001, 0xdb8, 0, 0, 0, 0, 0, n].into()).collect();
        let all: Vec<_> = many.into_iter().chain([[192, 0, 2, 1].into()]).collect();
        let pinned = pin("https://example.com/".parse().unwrap(), &all).unwrap();
        let tried = pinned_addresses(&pinned).unwrap();
        assert_eq!((tried.len(), tried[0].is_ipv4()), (MAX_DIALED_ADDRESSES, true), "both families");
    }
}
