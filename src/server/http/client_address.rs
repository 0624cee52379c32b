//! Resolves the client address of a request behind trusted reverse proxies.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request},
    http::{HeaderMap, HeaderName, request::Parts},
};
use ipnet::{IpNet, Ipv4Net};

/// `Forwarded` and `X-Real-IP` are ignored: a proxy that sets one of the three passes the others through, so a client can forge
/// them.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Never under the control of the client (ASVS 4.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(IpAddr);

/// Requests of unknown origin share one address, so that rate limits apply to them too.
impl Default for ClientAddress {
    fn default() -> Self {
        Self(Ipv4Addr::UNSPECIFIED.into())
    }
}

impl ClientAddress {
    #[must_use]
    pub fn ip(self) -> IpAddr {
        self.0
    }

    /// The IPv6 /48, which is the largest usual assignment to a customer (RFC 6177) and holds 65,536 [networks](Self::network).
    /// `None` for IPv4.
    #[must_use]
    pub fn site(self) -> Option<Ipv6Addr> {
        match self.0 {
            IpAddr::V4(_) => None,
            IpAddr::V6(ip) => Some(Ipv6Addr::from_bits(ip.to_bits() & !(u128::MAX >> 48))),
        }
    }

    /// The key of rate limits: the IPv4 address or the IPv6 /64, all of which belongs to one customer.
    #[must_use]
    pub fn network(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)).into(),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or_default())
    }
}

/// The reverse proxies whose `X-Forwarded-For` is trusted.
#[derive(Clone, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Parses a list such as `10.0.0.7, fd00::/8`, which may be empty.
    ///
    /// # Errors
    /// A sentence that names the fault.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const FAULT: &str = "must be comma-separated addresses or networks, as in 127.0.0.1,10.0.0.7";
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let networks = entries.map(|entry| entry.parse().or_else(|_| entry.parse().map(|ip: IpAddr| ip.into())).map(canonical));
        let networks: Vec<IpNet> = networks.collect::<Result<_, _>>().map_err(|_| FAULT)?;
        if networks.iter().any(|network| network.prefix_len() == 0) {
            return Err("must not contain every address: any client could then forge its own");
        }
        Ok(Self(networks))
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn contains(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&ip))
    }

    /// The address of the client that sent the request.
    #[must_use]
    pub fn client_of(&self, request: &Request) -> ClientAddress {
        let peer = request.extensions().get().map(|ConnectInfo(peer): &ConnectInfo<SocketAddr>| peer.ip());
        peer.map_or_else(ClientAddress::default, |peer| self.client(peer, request.headers()))
    }

    /// Each proxy appends its peer, so entries are read from the right while their author is a trusted proxy. An invalid entry
    /// ends the walk at the proxy that added it.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let values = headers.get_all(X_FORWARDED_FOR).iter().rev();
        let mut entries = values.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
        let mut client = peer.to_canonical();
        while self.contains(client)
            && let Some(next) = entries.next().and_then(address)
        {
            client = next;
        }
        ClientAddress(client)
    }
}

/// Converts IPv4-mapped IPv6 networks to IPv4.
fn canonical(network: IpNet) -> IpNet {
    match (network.addr().to_canonical(), network.prefix_len().checked_sub(96)) {
        (IpAddr::V4(ip), Some(length)) if matches!(network, IpNet::V6(_)) => Ipv4Net::new_assert(ip, length).into(),
        _ => network,
    }
}

/// Accepts an optional port, which some proxies add.
fn address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let bare = entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']')).unwrap_or(entry);
    let ip = bare.parse().or_else(|_| entry.parse().map(|address: SocketAddr| address.ip()));
    ip.ok().map(|ip: IpAddr| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use axum::http::{HeaderMap, HeaderValue};
    use proptest::prelude::*;

    use super::{ClientAddress, TrustedProxies};

    fn client(trusted: &str, peer: &str, forwarded: &[&str]) -> IpAddr {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_str(value).unwrap());
        }
        TrustedProxies::parse(trusted).unwrap().client(peer.parse().unwrap(), &headers).ip()
    }

    #[test]
    fn header_entry_counts_only_if_a_trusted_proxy_added_it() {
        for (trusted, peer, forwarded, expected) in [
            ("", "203.0.113.9", &["198.51.100.1"][..], "203.0.113.9"),
            ("10.0.0.1", "203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
            ("10.0.0.1", "10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", "10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            // Entries forged by the client are on the left.
            ("10.0.0.1", "10.0.0.1", &["1.2.3.4, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", "10.0.0.1", &["1.2.3.4", "198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", "10.0.0.1", &["10.0.0.1, 198.51.100.1"], "198.51.100.1"),
            // A chain of trusted proxies.
            ("10.0.0.0/8, 192.168.0.7", "192.168.0.7", &["1.2.3.4, 198.51.100.1 ,10.9.9.9"], "198.51.100.1"),
            ("10.0.0.0/8", "10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            // An invalid entry resolves to the proxy that added it.
            ("10.0.0.1", "10.0.0.1", &["198.51.100.1, unknown"], "10.0.0.1"),
            ("10.0.0.1", "10.0.0.1", &["198.51.100.1,"], "10.0.0.1"),
            ("10.0.0.0/8", "10.0.0.1", &["198.51.100.1, _hidden, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", "10.0.0.1", &["198.51.100.256"], "10.0.0.1"),
            // Ports, brackets and IPv4-mapped addresses.
            ("10.0.0.1", "10.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("10.0.0.1", "10.0.0.1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("10.0.0.1", "10.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
            ("10.0.0.1", "::ffff:10.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
            ("fd00::/8", "fd00::1", &["2001:db8::1"], "2001:db8::1"),
            ("::ffff:10.0.0.0/104", "10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.0.0.0/104", "::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.0.0.0/104", "11.0.0.1", &["198.51.100.1"], "11.0.0.1"),
            ("::ffff:10.0.0.1/128, ::ffff:10.0.0.2", "10.0.0.1", &["198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ] {
            assert_eq!(client(trusted, peer, forwarded), expected.parse::<IpAddr>().unwrap(), "{trusted} {peer} {forwarded:?}");
        }
    }

    #[test]
    fn ipv6_addresses_of_a_64_network_share_a_key() {
        let network = |ip: &str| ClientAddress(ip.parse().unwrap()).network();
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("198.51.100.1"), network("198.51.100.2"));
    }

    #[test]
    fn invalid_or_universal_networks_are_refused() {
        for refused in
            ["0.0.0.0/0", "::/0", "::ffff:0:0/96", "10.0.0.1,::/0", "proxy.example.org", "10.0.0.1/33", "10.0.0.1;10.0.0.2"]
        {
            assert!(TrustedProxies::parse(refused).is_err(), "{refused}");
        }
    }

    proptest! {
        #[test]
        fn untrusted_peer_cannot_forge_its_address(forged in "[ -~]{0,60}") {
            prop_assert_eq!(client("10.0.0.0/8", "203.0.113.9", &[&forged]), "203.0.113.9".parse::<IpAddr>().unwrap());
            // Nor through a proxy, which appends the real address.
            let added = format!("{forged}, 203.0.113.9");
            prop_assert_eq!(client("10.0.0.0/8", "10.0.0.1", &[&added]), "203.0.113.9".parse::<IpAddr>().unwrap());
        }
    }
}
