//! `[prometheus]`: how Prometheus is reached.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use http::Uri;

/// `[prometheus]`: how Prometheus is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrometheusConfig {
    /// `http` or `https`, a host, and perhaps a path below which `/api/v1/query` stands; no user information, no query.
    pub url: Uri,
    /// The file with the token that is sent, absolute; read for each question. Only with `https`, or on this machine.
    pub bearer_token_file: Option<PathBuf>,
    /// The certificates that the server's is checked against, as PEM, absolute; `None` means the system's.
    pub ca_file: Option<PathBuf>,
    /// How long one answer may take.
    pub timeout: Duration,
}

impl PrometheusConfig {
    /// How long one answer may take where nothing is said.
    pub const TIMEOUT: Duration = Duration::from_secs(30);

    /// Whether the address is one of this machine, as with `kubectl port-forward`.
    pub(crate) fn is_here(url: &Uri) -> bool {
        let host = url.host().unwrap_or_default();
        let address = host.trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost")
            || address
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::PrometheusConfig;

    #[test]
    fn this_machine_is_known_by_its_names_and_its_loopback_addresses() {
        let is_here = |url: &str| PrometheusConfig::is_here(&url.parse().unwrap());
        for here in [
            "http://localhost:9090",
            "http://LocalHost",
            "http://127.0.0.1:9090/a",
            "https://127.1.2.3",
            "http://[::1]:9090",
        ] {
            assert!(is_here(here), "{here}");
        }
        for elsewhere in [
            "http://localhost.example.com",
            "http://127.example.com",
            "http://10.0.0.1",
            "http://[2001:db8::1]",
            "http://prometheus.monitoring.svc:9090",
        ] {
            assert!(!is_here(elsewhere), "{elsewhere}");
        }
    }
}
