//! The package `net`, as far as it needs no network.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Constant, Entry, Package, entry};
use crate::kind::Kind;
use crate::label;
use crate::machine::{Machine, Outcome};
use crate::value::Value;

pub(super) const PACKAGE: Package = Package {
    functions: &FUNCTIONS,
    constants: &[("IPv4len", Constant::Int(4)), ("IPv6len", Constant::Int(16))],
    unsupported: &[
        "SplitHostPort",
        "JoinHostPort",
        "FQDN",
        "InterfaceLocalMulticastIP",
        "LinkLocalMulticastIP",
        "LinkLocalUnicastIP",
        "GlobalUnicastIP",
        "ToIP4",
        "ToIP16",
        "AddIP",
        "AddIPCIDR",
        "PathEscape",
        "PathUnescape",
        "QueryEscape",
        "QueryUnescape",
        "URL",
        "AbsURL",
    ],
};

static FUNCTIONS: [Entry; 9] = [
    entry("net.ParseIP", &[Kind::STRING], Kind::LIST, parse_ip),
    entry("net.IP", &[Kind::TOP], Kind::BOOL, |machine, arguments| {
        Ok(Value::Bool(address(machine, arguments)?.is_some()))
    }),
    entry("net.IPv4", &[Kind::TOP], Kind::BOOL, |machine, arguments| {
        Ok(Value::Bool(address(machine, arguments)?.is_some_and(|address| address.is_ipv4())))
    }),
    entry("net.IPv6", &[Kind::TOP], Kind::BOOL, |machine, arguments| {
        Ok(Value::Bool(address(machine, arguments)?.is_some_and(|address| address.is_ipv6())))
    }),
    entry("net.IPCIDR", &[Kind::TOP], Kind::BOOL, ip_cidr),
    entry("net.LoopbackIP", &[Kind::TOP], Kind::BOOL, |machine, arguments| {
        Ok(Value::Bool(address(machine, arguments)?.is_some_and(|address| address.is_loopback())))
    }),
    entry("net.MulticastIP", &[Kind::TOP], Kind::BOOL, |machine, arguments| {
        Ok(Value::Bool(address(machine, arguments)?.is_some_and(|address| address.is_multicast())))
    }),
    entry("net.UnspecifiedIP", &[Kind::TOP], Kind::BOOL, |machine, arguments| {
        let address = address(machine, arguments)?;
        Ok(Value::Bool(address.is_some_and(|address| address.is_unspecified())))
    }),
    entry("net.IPString", &[Kind::TOP], Kind::STRING, |machine, arguments| {
        match address(machine, arguments)? {
            Some(address) => machine.made(&address.to_string()),
            None => machine.call_fault("net.IPString", "invalid IP"),
        }
    }),
];

/// An address as text, or as a list of bytes.
fn address(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Option<IpAddr>> {
    let text = match arguments.first() {
        Some(Value::Text(_) | Value::Bytes(_)) => machine.text(arguments, 0)?,
        Some(Value::Vertex(_)) => {
            let numbers = machine.numbers(arguments, 0)?;
            let bytes: Option<Vec<u8>> = numbers
                .iter()
                .map(|number| number.value.to_i64().and_then(|byte| u8::try_from(byte).ok()))
                .collect();
            let Some(bytes) = bytes else { return Ok(None) };
            if let Ok(bytes) = <[u8; 4]>::try_from(bytes.as_slice()) {
                return Ok(Some(Ipv4Addr::from(bytes).into()));
            }
            let bytes = <[u8; 16]>::try_from(bytes.as_slice());
            return Ok(bytes.ok().map(|bytes| Ipv6Addr::from(bytes).into()));
        }
        Some(other) if other.is_scalar() => return Ok(None),
        _ => return Err(machine.incomplete("non-concrete argument 0")),
    };
    // A zone names an interface and does not change what kind of address it is.
    let plain = text.split('%').next().unwrap_or_default();
    Ok(plain.parse().ok().filter(|address: &IpAddr| address.is_ipv6() || plain == &*text))
}

fn parse_ip(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let text = machine.text(arguments, 0)?;
    let bytes: Vec<u8> = match text.parse() {
        Ok(IpAddr::V4(address)) => address.octets().to_vec(),
        Ok(IpAddr::V6(address)) => address.octets().to_vec(),
        Err(_) => {
            let message = format!("invalid IP address {}", label::quoted(&text));
            return machine.call_fault("net.ParseIP", message);
        }
    };
    machine.list(bytes.into_iter().map(Value::int).collect())
}

fn ip_cidr(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let text = machine.text(arguments, 0)?;
    let is_right = text.rsplit_once('/').is_some_and(|(address, bits)| {
        let most = match address.parse() {
            Ok(IpAddr::V4(_)) => 32,
            Ok(IpAddr::V6(_)) => 128,
            Err(_) => return false,
        };
        let is_plain = !bits.starts_with(['+', '0']) || bits == "0";
        is_plain && bits.parse::<u32>().is_ok_and(|bits| bits <= most)
    });
    if is_right {
        return Ok(Value::Bool(true));
    }
    let quoted = label::quoted(&text);
    machine.call_fault("net.IPCIDR", format!("netip.ParsePrefix({quoted}): no '/'"))
}
