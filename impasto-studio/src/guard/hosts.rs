//! Names that the server may be called by.

use std::collections::BTreeSet;
use std::net::SocketAddr;

/// Names that the server may be called by, so that no other site's name can be pointed at it.
#[derive(Debug)]
pub struct Hosts {
    /// In lower case, with port.
    names: BTreeSet<String>,
}

impl Hosts {
    /// The names of a server at `address`, and `more`, which may have a port of their own.
    pub fn of(address: SocketAddr, more: &[String]) -> Hosts {
        let port = address.port();
        let mut names = BTreeSet::from([address.to_string()]);
        if address.ip().is_loopback() || address.ip().is_unspecified() {
            names.extend(["localhost", "127.0.0.1", "[::1]"].map(|name| format!("{name}:{port}")));
        }
        for name in more {
            let name = name.to_ascii_lowercase();
            // Behind a server that speaks TLS for it, the port is that one's.
            names.extend([format!("{name}:{port}"), name]);
        }
        Hosts { names }
    }

    /// Whether a `Host` header names this server.
    pub fn know(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        // A browser leaves out the port where it is that of the scheme.
        self.names.contains(&host) || self.names.contains(&format!("{host}:80"))
    }
}

#[cfg(test)]
mod tests {
    use super::Hosts;

    #[test]
    fn only_own_names_are_known() {
        let address = "127.0.0.1:7700".parse().expect("an address");
        let hosts = Hosts::of(address, &["Studio.example".into()]);
        for host in
            ["127.0.0.1:7700", "LOCALHOST:7700", "[::1]:7700", "studio.example", "studio.example:7700"]
        {
            assert!(hosts.know(host), "{host}");
        }
        for host in [
            "",
            "127.0.0.1",
            "localhost:7701",
            "evil.example:7700",
            "localhost:7700.evil.example",
            "localhost",
        ] {
            assert!(!hosts.know(host), "{host}");
        }
        let hosts = Hosts::of("192.0.2.7:80".parse().expect("an address"), &[]);
        assert!(hosts.know("192.0.2.7") && hosts.know("192.0.2.7:80"));
        assert!(!hosts.know("localhost:80"));
    }
}
