//! `[prometheus]`: how Prometheus is reached.

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
}
