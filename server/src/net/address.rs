//! Which addresses are public. Sources: the IANA special-purpose registries for
//! IPv4 and IPv6 (RFC 6890 and its successors).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), bits)
}

const fn v6(a: u16, b: u16, bits: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), bits)
}

/// IPv4 networks that are not public.
const REFUSED_V4: [Ipv4Net; 15] = [
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
];

/// IANA's global unicast space. Outside of it are loopback, local, multicast, embedded IPv4 and unassigned
/// addresses.
const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 3);

/// Global unicast networks that are not public: protocol assignments with Teredo, documentation, 6to4 and
/// documentation.
const REFUSED_V6: [Ipv6Net; 4] = [v6(0x2001, 0, 23), v6(0x2001, 0xdb8, 32), v6(0x2002, 0, 16), v6(0x3fff, 0, 20)];

/// The well-known prefix of NAT64 (RFC 6052): the last four bytes are the IPv4 destination.
const NAT64: Ipv6Net = v6(0x64, 0xff9b, 96);

/// An IPv4-mapped address as IPv4.
#[must_use]
pub fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// Whether an address is private, local, reserved, or contains one that is.
#[must_use]
pub fn is_refused(address: IpAddr) -> bool {
    match canonical(address) {
        IpAddr::V4(address) => REFUSED_V4.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) if NAT64.contains(&address) => is_refused(IpAddr::V4(last_four_bytes(address))),
        IpAddr::V6(address) => {
            !GLOBAL_V6.contains(&address) || is_isatap(address) || REFUSED_V6.iter().any(|net| net.contains(&address))
        }
    }
}

fn last_four_bytes(address: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = address.octets();
    Ipv4Addr::new(a, b, c, d)
}

/// ISATAP (RFC 5214): `0000:5efe` or `0200:5efe` before an IPv4 address, under any prefix.
fn is_isatap(address: Ipv6Addr) -> bool {
    let [.., flags, marker, _, _] = address.segments();
    flags & !0x0300 == 0 && marker == 0x5efe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> bool {
        is_refused(text.parse().unwrap())
    }

    #[test]
    fn private_and_reserved_ipv4_addresses_are_refused() {
        for range in [
            "0.0.0.0 0.255.255.255",
            "10.0.0.0 10.255.255.255",
            "100.64.0.0 100.127.255.255",
            "127.0.0.0 127.255.255.255",
            "169.254.0.0 169.254.169.254 169.254.255.255",
            "172.16.0.0 172.31.255.255",
            "192.0.0.0 192.0.0.255",
            "192.0.2.0 192.0.2.255",
            "192.88.99.0 192.88.99.255",
            "192.168.0.0 192.168.255.255",
            "198.18.0.0 198.19.255.255",
            "198.51.100.0 198.51.100.255",
            "203.0.113.0 203.0.113.255",
            "224.0.0.0 239.255.255.255",
            "240.0.0.0 255.255.255.254 255.255.255.255",
        ] {
            for address in range.split(' ') {
                assert!(refused(address), "{address}");
            }
        }
    }

    #[test]
    fn private_and_reserved_ipv6_addresses_are_refused() {
        for address in [
            "::",
            "::1",
            "::2",
            "::7f00:1",
            "::808:808",
            "ff::1",
            "64:ff9b:1::",
            "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
            "100::",
            "100::ffff:ffff:ffff:ffff",
            "2001::",
            "2001:0:808:808::",
            "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
            "2001:db8::1",
            "2001:db8:ffff::",
            "2002::",
            "2002:808:808::1",
            "2002:7f00:1::",
            "3fff::",
            "3fff:fff:ffff::",
            "5f00::1",
            "5f00:ffff::",
            "fc00::",
            "fdff:ffff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "feff::1",
            "ff00::",
            "ff02::1",
            "ffff::1",
            "4000::1",
            "e000::1",
        ] {
            assert!(refused(address), "{address}");
        }
    }

    #[test]
    fn embedded_private_ipv4_addresses_are_refused() {
        for address in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "0.0.0.0"] {
            for form in ["::ffff:", "::ffff:0:", "::", "64:ff9b::", "2606:4700::5efe:", "2606:4700::200:5efe:"] {
                assert!(refused(&format!("{form}{address}")), "{form}{address}");
            }
        }
        assert!(refused("0:0:0:0:0:ffff:127.0.0.1"));
        assert!(refused("fe80::5efe:8.8.8.8"));
    }

    #[test]
    fn public_addresses_are_allowed() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.254",
            "100.128.0.1",
            "192.88.98.255",
            "223.255.255.255",
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.88.100.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "198.51.99.255",
            "203.0.114.0",
            "2606:4700:4700::1111",
            "2001:4860:4860::8888",
            "2001:200::1",
            "2001:db9::1",
            "2003::1",
            "3fff:1000::1",
            "64:ff9b::808:808",
            "64:ff9b::8.8.8.8",
            "::ffff:8.8.8.8",
        ] {
            assert!(!refused(address), "{address}");
        }
    }
}
