//! Hosts, origins and networks: who may be called, from where, through whom.

use std::net::IpAddr;

use super::fault::Refused;

/// A host this server answers to. Ports do not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostPattern {
    /// `*`
    Any,
    /// `example.com`, `127.0.0.1`, `[::1]`
    Exact(String),
    /// `.example.com`: the domain and all its subdomains.
    Suffix(String),
}

impl HostPattern {
    pub(super) fn parse(text: &str) -> Result<Self, Refused> {
        let text = text.trim().to_ascii_lowercase();
        let is_plausible = !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]*".contains(&byte));
        match text.as_str() {
            "*" => Ok(Self::Any),
            _ if !is_plausible || text.contains('*') => Err((
                format!("\"{text}\" is not a host"),
                "names without scheme and path: example.com,.example.com,127.0.0.1".to_owned(),
            )),
            suffix if suffix.starts_with('.') => Ok(Self::Suffix(text)),
            _ => Ok(Self::Exact(without_port(&text).to_owned())),
        }
    }

    /// Whether a `Host` header, in lower case and without its port, is meant.
    pub fn matches(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(exact) => exact == host,
            Self::Suffix(suffix) => host == &suffix[1..] || host.ends_with(suffix.as_str()),
        }
    }
}

/// The host of an authority: `example.com:80` → `example.com`, `[::1]:80` → `[::1]`, without a trailing dot.
pub fn without_port(authority: &str) -> &str {
    let host = if authority.starts_with('[') {
        authority.find(']').map_or(authority, |end| &authority[..=end])
    } else {
        authority.split(':').next().unwrap_or(authority)
    };
    host.strip_suffix('.').unwrap_or(host)
}

/// An origin: scheme, host and port, in lower case, the scheme's own port left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The origin in a header or a setting; `None` for `null`, a path, user info or another scheme.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let (scheme, authority) = text.split_once("://")?;
        let default_port = match scheme {
            "http" => ":80",
            "https" => ":443",
            _ => return None,
        };
        let authority = authority.strip_suffix(default_port).unwrap_or(authority);
        let is_plausible = !without_port(authority).is_empty()
            && authority.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte));
        is_plausible.then(|| Self(format!("{scheme}://{authority}")))
    }

    pub(super) fn parse_setting(text: &str) -> Result<Self, Refused> {
        Self::parse(text.trim().trim_end_matches('/')).ok_or_else(|| {
            (
                format!("\"{text}\" is not an origin"),
                "scheme, host and port without a path: https://app.example.com,http://localhost:3000"
                    .to_owned(),
            )
        })
    }

    /// Scheme and authority: `("http", "localhost:3000")`.
    pub fn parts(&self) -> (&str, &str) {
        self.0.split_once("://").expect("parse leaves both parts")
    }

    /// The text a browser sends.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A network such as `10.0.0.0/8`; a bare address is a network of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpNet {
    address: IpAddr,
    prefix_bits: u32,
}

impl IpNet {
    pub(super) fn parse(text: &str) -> Result<Self, Refused> {
        let refused = || {
            (
                format!("\"{text}\" is not an address or network"),
                "addresses or networks: 127.0.0.1,10.0.0.0/8,fd00::/8".to_owned(),
            )
        };
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| refused())?;
        let bits_max = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = prefix.map_or(Ok(bits_max), str::parse).map_err(|_| refused())?;
        if prefix_bits > bits_max { Err(refused()) } else { Ok(Self { address, prefix_bits }) }
    }

    /// Whether `ip` is in this network. An IPv4 address inside IPv6 (`::ffff:1.2.3.4`) counts as IPv4.
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self.address.to_canonical(), ip.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(ip)) => {
                let mask = u32::MAX.checked_shl(32 - self.prefix_bits.min(32)).unwrap_or(0);
                net.to_bits() & mask == ip.to_bits() & mask
            }
            (IpAddr::V6(net), IpAddr::V6(ip)) => {
                let mask = u128::MAX.checked_shl(128 - self.prefix_bits.min(128)).unwrap_or(0);
                net.to_bits() & mask == ip.to_bits() & mask
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_match_whole_names_only() {
        let suffix = HostPattern::parse(".example.com").unwrap();
        assert!(suffix.matches("example.com") && suffix.matches("a.b.example.com"));
        assert!(!suffix.matches("evilexample.com") && !suffix.matches("example.com.evil"));
        assert!(HostPattern::parse("Example.com:8000").unwrap().matches("example.com"));
        assert!(HostPattern::parse("*").unwrap().matches("anything"));
        assert!(HostPattern::parse("https://example.com").is_err());
    }

    #[test]
    fn ports_are_cut_off() {
        for (authority, host) in
            [("a:1", "a"), ("a", "a"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]"), ("a.", "a")]
        {
            assert_eq!(without_port(authority), host);
        }
    }

    #[test]
    fn origins_are_compared_as_browsers_write_them() {
        assert_eq!(Origin::parse("HTTPS://A.example:443"), Origin::parse("https://a.example"));
        assert_ne!(Origin::parse("http://a.example:8000"), Origin::parse("http://a.example"));
        for text in ["null", "file://", "https://a/b", "https://u@a", "https://", "a.example", "https://a b"]
        {
            assert_eq!(Origin::parse(text), None, "{text}");
        }
    }

    #[test]
    fn networks_hold_their_addresses() {
        let net = IpNet::parse("10.1.0.0/16").unwrap();
        assert!(
            net.contains("10.1.2.3".parse().unwrap()) && net.contains("::ffff:10.1.9.9".parse().unwrap())
        );
        assert!(!net.contains("10.2.0.1".parse().unwrap()) && !net.contains("::1".parse().unwrap()));
        assert!(IpNet::parse("0.0.0.0/0").unwrap().contains("8.8.8.8".parse().unwrap()));
        assert!(IpNet::parse("fd00::/8").unwrap().contains("fdff::1".parse().unwrap()));
        assert!(IpNet::parse("10.0.0.0/33").is_err() && IpNet::parse("proxy").is_err());
    }
}
