//! The environment variables that Bulkhead itself reads: all of them, once, here.
//!
//! An empty variable is an unset one, as the XDG specification has it. TLS reads
//! `SSL_CERT_FILE` and `SSL_CERT_DIR`. A credential program inherits the whole environment, and a plugin sees of it what the
//! operator's file gives it by `settings_from_environment`.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use hyper_util::client::proxy::matcher::Matcher;

/// The environment variables of one process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// `BULKHEAD_CONFIG`: the configuration, where `--config` does not name it.
    pub bulkhead_config: Option<PathBuf>,
    /// `BULKHEAD_LOG`: what is logged to stderr, in the syntax of `RUST_LOG`.
    pub bulkhead_log: Option<String>,
    /// `BULKHEAD_FAULT_POINT`: where a debug build ends as if it were killed; for tests.
    pub bulkhead_fault_point: Option<String>,
    /// `KUBECONFIG`: one file, or several with the platform's separator between them.
    pub kubeconfig: Option<OsString>,
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// `PATH`: where a kubeconfig's credential program is found.
    pub path: Option<OsString>,
    /// `XDG_CACHE_HOME`; `None` also where it is not absolute, as the XDG specification has it.
    pub xdg_cache_home: Option<PathBuf>,
    /// `XDG_STATE_HOME`, as above.
    pub xdg_state_home: Option<PathBuf>,
    /// `XDG_CONFIG_HOME`, as above.
    pub xdg_config_home: Option<PathBuf>,
    /// `KUBERNETES_SERVICE_HOST`: set in a pod.
    pub kubernetes_service_host: Option<String>,
    /// `KUBERNETES_SERVICE_PORT`: set in a pod.
    pub kubernetes_service_port: Option<String>,
    /// Which proxy stands on the way to which host.
    pub proxies: Proxies,
    /// `NO_COLOR`: whether it is set.
    pub no_color: bool,
    /// All variables, for those that the operator's file names.
    pub variables: Variables,
}

/// The variables that are set and not empty.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<OsString, OsString>);

/// Leaves them out: any of them may hold a password.
impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} variables", self.0.len())
    }
}

/// The proxy variables, for a kubeconfig without a `proxy-url`; never in a pod. The lower case spelling goes first, as in curl.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// `https_proxy` or `HTTPS_PROXY`; may hold a password.
    pub https: Option<String>,
    /// `http_proxy` or `HTTP_PROXY`; may hold a password.
    pub http: Option<String>,
    /// `no_proxy` or `NO_PROXY`.
    pub no_proxy: Option<String>,
}

/// Leaves the addresses out: they may hold a password.
impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies")
            .field("https", &self.https.is_some())
            .field("http", &self.http.is_some())
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}

impl Proxies {
    /// Returns the proxy on the way to `server`; none where it is reached directly. `no_proxy` is read as curl does: names with
    /// their subdomains, addresses, CIDR ranges, `*`.
    pub fn towards(&self, server: &http::Uri) -> Option<&str> {
        let proxy = match server.scheme_str() {
            Some("http") => self.http.as_deref(),
            _ => self.https.as_deref(),
        }?;
        let matcher = Matcher::builder()
            .all(proxy)
            .no(self.no_proxy.as_deref().unwrap_or_default())
            .build();
        matcher.intercept(server).map(|_| proxy)
    }
}

impl Environment {
    /// Reads the environment of this process.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the environment"
    )]
    pub fn read() -> Self {
        Self::from_variables(std::env::vars_os().collect())
    }

    /// Returns the environment that has just these variables.
    pub fn from_map(variables: BTreeMap<String, String>) -> Self {
        let pair = |(name, value)| (OsString::from(name), OsString::from(value));
        Self::from_variables(variables.into_iter().map(pair).collect())
    }

    fn from_variables(mut variables: BTreeMap<OsString, OsString>) -> Self {
        variables.retain(|_, value| !value.is_empty());
        let set = |name: &str| variables.get(OsStr::new(name)).cloned();
        let text = |name: &str| set(name).map(|value| value.to_string_lossy().into_owned());
        let path = |name: &str| set(name).map(PathBuf::from);
        let absolute = |name: &str| path(name).filter(|path| path.is_absolute());
        let either_case = |lower: &str| text(lower).or_else(|| text(&lower.to_ascii_uppercase()));
        Self {
            bulkhead_config: path("BULKHEAD_CONFIG"),
            bulkhead_log: text("BULKHEAD_LOG"),
            bulkhead_fault_point: text("BULKHEAD_FAULT_POINT"),
            kubeconfig: set("KUBECONFIG"),
            home: path("HOME"),
            path: set("PATH"),
            xdg_cache_home: absolute("XDG_CACHE_HOME"),
            xdg_state_home: absolute("XDG_STATE_HOME"),
            xdg_config_home: absolute("XDG_CONFIG_HOME"),
            kubernetes_service_host: text("KUBERNETES_SERVICE_HOST"),
            kubernetes_service_port: text("KUBERNETES_SERVICE_PORT"),
            proxies: Proxies {
                https: either_case("https_proxy"),
                http: either_case("http_proxy"),
                no_proxy: either_case("no_proxy"),
            },
            no_color: set("NO_COLOR").is_some(),
            variables: Variables(variables),
        }
    }

    /// Returns a variable that the operator's file names; `None` where it is not set, or empty.
    pub(super) fn variable(&self, name: &str) -> Option<&OsStr> {
        self.variables
            .0
            .get(OsStr::new(name))
            .map(OsString::as_os_str)
    }

    /// Returns where programs keep what can be deleted; `None` where no home is known.
    pub(super) fn cache_home(&self) -> Option<PathBuf> {
        self.xdg_cache_home
            .clone()
            .or_else(|| Some(self.home.as_ref()?.join(".cache")))
    }

    /// Returns where programs keep what must outlive a restart; `None` where no home is known.
    pub(super) fn state_home(&self) -> Option<PathBuf> {
        self.xdg_state_home
            .clone()
            .or_else(|| Some(self.home.as_ref()?.join(".local").join("state")))
    }

    /// Returns where programs keep their configuration; `None` where no home is known.
    pub(super) fn config_home(&self) -> Option<PathBuf> {
        self.xdg_config_home
            .clone()
            .or_else(|| Some(self.home.as_ref()?.join(".config")))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::Environment;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Environment::from_map(variables.iter().map(pair).collect())
    }

    #[test]
    fn an_empty_variable_is_an_unset_one() {
        assert_eq!(
            environment(&[("KUBECONFIG", ""), ("NO_COLOR", "")]),
            Environment::default()
        );
    }

    #[test]
    fn an_xdg_directory_that_is_not_absolute_is_ignored() {
        let environment = environment(&[("XDG_CACHE_HOME", "cache"), ("HOME", "/home/ada")]);
        assert_eq!(
            environment.cache_home(),
            Some(PathBuf::from("/home/ada/.cache"))
        );
    }

    #[test]
    fn the_lower_case_proxy_variable_counts() {
        let environment = environment(&[("HTTPS_PROXY", "http://a"), ("https_proxy", "http://b")]);
        assert_eq!(environment.proxies.https.as_deref(), Some("http://b"));
    }

    #[test]
    fn a_server_that_no_proxy_names_is_reached_directly() {
        let environment = environment(&[
            ("HTTPS_PROXY", "http://proxy:3128"),
            ("NO_PROXY", "localhost,.corp.example,,10.0.0.0/8"),
        ]);
        for (server, proxy) in [
            ("https://api.example:6443", Some("http://proxy:3128")),
            ("https://api.corp.example:6443", None),
            ("https://10.1.2.3:6443", None),
            ("https://11.1.2.3:6443", Some("http://proxy:3128")),
            ("http://api.example:8080", None),
        ] {
            let uri = server.parse().unwrap();
            assert_eq!(environment.proxies.towards(&uri), proxy, "{server}");
        }
    }

    #[test]
    fn a_password_in_a_proxy_address_is_not_in_its_debug_text() {
        let environment = environment(&[("HTTPS_PROXY", "http://ada:swordfish@proxy:3128")]);
        assert!(!format!("{environment:?}").contains("swordfish"));
    }

    #[test]
    fn no_variable_is_in_its_debug_text() {
        let environment = environment(&[("SHOP_PASSWORD", "swordfish")]);
        assert_eq!(environment.variable("SHOP_PASSWORD").unwrap(), "swordfish");
        let told = format!("{environment:?}");
        assert!(
            !told.contains("swordfish") && !told.contains("SHOP"),
            "{told}"
        );
    }
}
