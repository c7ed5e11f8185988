//! Which addresses lie inside, which outside, and which nobody may be sent to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where an address lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Anybody's.
    Public,
    /// Inside somebody's network: only for hosts that the operator listed.
    Internal(&'static str),
    /// Never asked, whoever lists it.
    Never(&'static str),
}

/// Where `address` lies.
pub(crate) const fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

/// The special-purpose registry of RFC 6890 and its successors.
const fn reach_v4(address: Ipv4Addr) -> Reach {
    match address.octets() {
        // Metadata services hand out credentials from otherwise harmless ranges.
        [100, 100, 100, 200] | [168, 63, 129, 16] => Reach::Never("metadata"),
        [0, ..] => Reach::Never("unspecified"),
        [127, ..] => Reach::Internal("loopback"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Reach::Internal("private"),
        [100, 64..=127, ..] => Reach::Internal("carrier-grade NAT"),
        [198, 18..=19, ..] => Reach::Internal("benchmarking"),
        [169, 254, ..] => Reach::Never("link-local"),
        [192, 0, 0, _] | [192, 88, 99, _] => Reach::Never("reserved"),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Reach::Never("documentation"),
        [224..=239, ..] => Reach::Never("multicast"),
        [240..=255, ..] => Reach::Never("reserved"),
        _ => Reach::Public,
    }
}

const fn reach_v6(address: Ipv6Addr) -> Reach {
    match address.segments() {
        [0xfd00, 0xec2, ..] | [0xfd20, 0xce, ..] => Reach::Never("metadata"),
        [0, 0, 0, 0, 0, 0, 0, 0] => Reach::Never("unspecified"),
        [0, 0, 0, 0, 0, 0, 0, 1] => Reach::Internal("loopback"),
        [0, 0, 0, 0, 0, 0xffff, high, low] => translated(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x64, 0xff9b, 1, _, _, _, high, low] => {
            translated(high, low)
        }
        [0x2002, high, low, ..] => translated(high, low),
        [0x2001, 0, ..] => Reach::Never("Teredo"),
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Reach::Never("documentation"),
        [0xfc00..=0xfdff, ..] => Reach::Internal("unique local"),
        [0xfe80..=0xfeff, ..] => Reach::Never("link-local"),
        [0xff00..=0xffff, ..] => Reach::Never("multicast"),
        [0x2000..=0x3fff, ..] => Reach::Public,
        _ => Reach::Never("reserved"),
    }
}

/// An IPv4 address in IPv6 clothes (mapped, NAT64, 6to4) may lead where the plain one would not
/// be let, so it counts as inside, or as what it hides if that is worse.
const fn translated(high: u16, low: u16) -> Reach {
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    match reach_v4(Ipv4Addr::new(a, b, c, d)) {
        Reach::Never(kind) => Reach::Never(kind),
        Reach::Public | Reach::Internal(_) => Reach::Internal("translated IPv4"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Reach {
        reach(text.parse().unwrap())
    }

    #[test]
    fn public_addresses_are_public() {
        for text in ["1.1.1.1", "8.8.8.8", "100.63.0.1", "172.32.0.1", "2606:4700::1111"] {
            assert_eq!(of(text), Reach::Public, "{text}");
        }
    }

    #[test]
    fn addresses_of_inner_networks_need_a_listed_host() {
        for text in [
            "127.0.0.1",
            "127.8.8.8",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "198.18.0.1",
            "::1",
            "fd12::1",
            "::ffff:8.8.8.8",
            "::ffff:127.0.0.1",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::10.0.0.1",
            "2002:0a00:0001::1",
        ] {
            assert!(matches!(of(text), Reach::Internal(_)), "{text}");
        }
    }

    #[test]
    fn some_addresses_are_never_asked() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "168.63.129.16",
            "100.100.100.200",
            "192.0.0.192",
            "192.0.2.1",
            "224.0.0.1",
            "239.1.1.1",
            "255.255.255.255",
            "240.0.0.1",
            "::",
            "::7f00:1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "fd00:ec2::254",
            "2001:db8::1",
            "2001::1",
            "::ffff:169.254.169.254",
            "64:ff9b::169.254.169.254",
            "2002:a9fe:a9fe::1",
            "100::1",
            "4000::1",
        ] {
            assert!(matches!(of(text), Reach::Never(_)), "{text}");
        }
    }
}
