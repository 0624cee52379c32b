//! `holdfast health`: the health check of a container.

use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

/// Applies to the connection, the request and the response separately.
const TIMEOUT: Duration = Duration::from_secs(3);
const EXPECTED_STATUS: &[u8; 12] = b"HTTP/1.1 200";

/// Checks liveness only, not readiness: a restart would not bring an unavailable database back.
///
/// # Errors
/// A sentence with the answer of the server, or the reason for none.
pub fn check(address: SocketAddr) -> Result<(), String> {
    // Without IPv6 on loopback, the first attempt fails immediately.
    let mut result = Err(io::ErrorKind::AddrNotAvailable.into());
    for address in targets(address) {
        result = result.or_else(|_| request_status(address));
    }
    match result {
        Ok(status) if status == *EXPECTED_STATUS => Ok(()),
        Ok(status) => {
            Err(format!("{address} answered {:?} instead of HTTP 200: is it Holdfast?", String::from_utf8_lossy(&status)))
        }
        Err(error) => Err(format!("no answer from {address} (LEPTOS_SITE_ADDR): {error}")),
    }
}

fn request_status(address: SocketAddr) -> io::Result<[u8; EXPECTED_STATUS.len()]> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut status = [0; EXPECTED_STATUS.len()];
    stream.read_exact(&mut status)?;
    Ok(status)
}

/// The wildcard address is reached by loopback.
fn targets(address: SocketAddr) -> Vec<SocketAddr> {
    let at = |ip: IpAddr| SocketAddr::new(ip, address.port());
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => vec![at(Ipv4Addr::LOCALHOST.into())],
        // `[::]` also accepts IPv4.
        IpAddr::V6(ip) if ip.is_unspecified() => vec![at(Ipv6Addr::LOCALHOST.into()), at(Ipv4Addr::LOCALHOST.into())],
        _ => vec![address],
    }
}
