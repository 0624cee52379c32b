//! The address that a request comes from, as far as it can be believed.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, request::Parts},
    middleware::Next,
    response::Response,
};
use ipnet::{IpNet, Ipv4Net};

/// The only header that is looked at. `Forwarded` and `X-Real-IP` are not: a proxy that sets one of the three lets the
/// others pass as a client sent them.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Whose request it is: never what a client says of itself (ASVS 4.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(IpAddr);

/// Where nobody can tell, all count as one: so limits hold for them as well.
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

    /// The first 48 bits of IPv6: the most that a provider usually gives one customer (RFC 6177), in which there are 65,536 of
    /// [`Self::network`]. `None` for IPv4, of which a customer has one.
    #[must_use]
    pub fn site(self) -> Option<Ipv6Addr> {
        match self.0 {
            IpAddr::V4(_) => None,
            IpAddr::V6(ip) => Some(Ipv6Addr::from_bits(ip.to_bits() & !(u128::MAX >> 48))),
        }
    }

    /// What limits count by. Of IPv6 the first 64 bits, since every customer has all addresses behind them.
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

/// Who is believed when they say for whom they ask.
#[derive(Clone, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Addresses and networks, as in `10.0.0.7, fd00::/8`; none is fine.
    ///
    /// # Errors
    /// What is wrong with the list.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const FAULT: &str = "must be addresses or networks with commas between them, as in 127.0.0.1,10.0.0.7";
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let networks = entries.map(|entry| entry.parse().or_else(|_| entry.parse().map(|ip: IpAddr| ip.into())).map(canonical));
        let networks: Vec<IpNet> = networks.collect::<Result<_, _>>().map_err(|_| FAULT)?;
        if networks.iter().any(|network| network.prefix_len() == 0) {
            return Err("must not trust every address: then anybody could pretend to come from any other");
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

    /// Each proxy adds at the right end whom it heard from. So as long as who said so is trusted, the next one counts. An
    /// entry that is no address ends it: then the proxy itself is all that is known.
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

/// As addresses are compared: one of IPv4 that is written as one of IPv6 is of IPv4.
fn canonical(network: IpNet) -> IpNet {
    match (network.addr().to_canonical(), network.prefix_len().checked_sub(96)) {
        (IpAddr::V4(ip), Some(length)) if matches!(network, IpNet::V6(_)) => Ipv4Net::new_assert(ip, length).into(),
        _ => network,
    }
}

/// Some proxies add the port.
fn address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let bare = entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']')).unwrap_or(entry);
    let ip = bare.parse().or_else(|_| entry.parse().map(|address: SocketAddr| address.ip()));
    ip.ok().map(|ip: IpAddr| ip.to_canonical())
}

/// Tells everything behind it whose request it is.
pub async fn resolve(State(trusted): State<TrustedProxies>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get().map(|ConnectInfo(peer): &ConnectInfo<SocketAddr>| peer.ip());
    let client = peer.map_or_else(ClientAddress::default, |peer| trusted.client(peer, request.headers()));
    request.extensions_mut().insert(client);
    next.run(request).await
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
    fn header_counts_only_as_far_as_who_wrote_it_is_trusted() {
        for (trusted, peer, forwarded, expected) in [
            ("", "203.0.113.9", &["198.51.100.1"][..], "203.0.113.9"),
            ("10.0.0.1", "203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
            ("10.0.0.1", "10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", "10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            // What the client itself sent stands to the left.
            ("10.0.0.1", "10.0.0.1", &["1.2.3.4, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", "10.0.0.1", &["1.2.3.4", "198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", "10.0.0.1", &["10.0.0.1, 198.51.100.1"], "198.51.100.1"),
            // A row of trusted ones.
            ("10.0.0.0/8, 192.168.0.7", "192.168.0.7", &["1.2.3.4, 198.51.100.1 ,10.9.9.9"], "198.51.100.1"),
            ("10.0.0.0/8", "10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            // What is no address tells no more than who passed it on.
            ("10.0.0.1", "10.0.0.1", &["198.51.100.1, unknown"], "10.0.0.1"),
            ("10.0.0.1", "10.0.0.1", &["198.51.100.1,"], "10.0.0.1"),
            ("10.0.0.0/8", "10.0.0.1", &["198.51.100.1, _hidden, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", "10.0.0.1", &["198.51.100.256"], "10.0.0.1"),
            // With a port, in brackets, and one kind of address written as the other.
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
    fn ipv6_counts_by_the_network_of_a_customer() {
        let network = |ip: &str| ClientAddress(ip.parse().unwrap()).network();
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("198.51.100.1"), network("198.51.100.2"));
    }

    #[test]
    fn trusting_everybody_or_nonsense_is_refused() {
        for refused in
            ["0.0.0.0/0", "::/0", "::ffff:0:0/96", "10.0.0.1,::/0", "proxy.example.org", "10.0.0.1/33", "10.0.0.1;10.0.0.2"]
        {
            assert!(TrustedProxies::parse(refused).is_err(), "{refused}");
        }
    }

    proptest! {
        #[test]
        fn who_is_not_trusted_can_say_nothing_that_counts(forged in "[ -~]{0,60}") {
            prop_assert_eq!(client("10.0.0.0/8", "203.0.113.9", &[&forged]), "203.0.113.9".parse::<IpAddr>().unwrap());
            // Nor by way of a proxy, which adds its word behind theirs.
            let added = format!("{forged}, 203.0.113.9");
            prop_assert_eq!(client("10.0.0.0/8", "10.0.0.1", &[&added]), "203.0.113.9".parse::<IpAddr>().unwrap());
        }
    }
}
