//! Whether a server answers, for a container that asks itself: `holdfast health`.

use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

/// Longest to wait for a connection, and for the answer on it.
const TIMEOUT: Duration = Duration::from_secs(3);
const EXPECTED_STATUS: &[u8; 12] = b"HTTP/1.1 200";

/// Asks the server that listens on `address`. Only whether the program is alive: a database that is gone is back no sooner for a
/// restart of this.
///
/// # Errors
/// A sentence that says what the server does instead.
pub fn check(address: SocketAddr) -> Result<(), String> {
    // A machine may have no IPv6 on loopback: then that fails at once.
    let mut result = Err(io::ErrorKind::AddrNotAvailable.into());
    for address in targets(address) {
        result = result.or_else(|_| request_status(address));
    }
    match result {
        Ok(status) if status == *EXPECTED_STATUS => Ok(()),
        Ok(status) => Err(format!("what is at {address} answers {:?}: is it Holdfast?", String::from_utf8_lossy(&status))),
        Err(error) => Err(format!("nobody answers at {address}, of LEPTOS_SITE_ADDR: {error}")),
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

/// Who listens on every address is asked at those of loopback.
fn targets(address: SocketAddr) -> Vec<SocketAddr> {
    let at = |ip: IpAddr| SocketAddr::new(ip, address.port());
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => vec![at(Ipv4Addr::LOCALHOST.into())],
        // `[::]` takes IPv4 as well.
        IpAddr::V6(ip) if ip.is_unspecified() => vec![at(Ipv6Addr::LOCALHOST.into()), at(Ipv4Addr::LOCALHOST.into())],
        _ => vec![address],
    }
}
