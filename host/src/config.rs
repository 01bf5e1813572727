//! The operator's configuration: what the host does, and the only thing that gives a plugin any power.
//!
//! Three steps: the text is read, parsed into `file` types that keep the place of each value, and checked into
//! [`Config`], which cannot hold an invalid value. Every problem is reported at once, with its file, line, key and fix.
//! Nothing here talks to a cluster or starts a plugin, and no default gives a plugin a power: an absent grant is none.

mod approval;
mod changes;
mod check;
mod environment;
mod field;
mod file;
mod glob;
mod grant;
mod limits;
mod problem;
mod prometheus;
mod read;
mod selector;
mod small_order;
mod suggest;
#[cfg(test)]
mod tests;
mod units;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

pub use self::approval::{
    ApprovalConfig, ApprovalRule, Approver, ChangeFacts, Channel, ResourcePattern, RiskLevel,
};
pub use self::changes::ChangesConfig;
use self::check::Sources;
pub use self::environment::{Environment, Proxies, Variables};
pub use self::field::{FieldError, FieldPattern};
pub use self::file::schema;
pub use self::glob::{Glob, GlobError};
pub use self::grant::{Grant, GrantScope, Verb, VerbError};
pub use self::limits::Limits;
pub(crate) use self::problem::{Place, Report};
pub use self::problem::{Problem, Problems};
pub use self::prometheus::PrometheusConfig;
pub use self::selector::{LabelSelector, SelectorError};
#[cfg(test)]
pub(crate) use self::small_order::SMALL_ORDER;
pub(crate) use self::small_order::is_of_small_order;
pub(crate) use self::suggest::did_you_mean;
pub use self::units::{ByteSize, UnitError, duration_text, parse_duration};

/// A checked configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The file it came from, absolute.
    pub path: PathBuf,
    /// SHA-256 of the file's text.
    pub digest: [u8; 32],
    /// How the cluster is reached.
    pub cluster: ClusterConfig,
    /// How Prometheus is reached; none where there is none.
    pub prometheus: Option<PrometheusConfig>,
    /// What bounds all plugins together.
    pub runtime: RuntimeConfig,
    /// Where the host keeps files of its own.
    pub directories: Directories,
    /// Who decides on changes, and how they are asked.
    pub approval: ApprovalConfig,
    /// What bounds proposals.
    pub changes: ChangesConfig,
    /// The enabled plugins by their key, sorted.
    pub plugins: BTreeMap<String, PluginConfig>,
}

/// `[cluster]`: how the cluster is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterConfig {
    /// The kubeconfig file, absolute. `None` means in-cluster where no context is named, then `$KUBECONFIG`,
    /// then `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig, not empty. `None` means its current one.
    pub context: Option<String>,
    /// How long the API server may take to answer one request.
    pub request_timeout: Duration,
    /// How often a failed `GET` is tried again; no other method ever is.
    pub retries: u32,
}

impl Default for ClusterConfig {
    fn default() -> Self {
        Self {
            kubeconfig: None,
            context: None,
            request_timeout: Duration::from_secs(30),
            retries: 3,
        }
    }
}

/// `[runtime]`: what bounds all plugins together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeConfig {
    /// How long compiling one component may take.
    pub compile_timeout: Duration,
    /// How many calls run at once, over all plugins.
    pub max_calls: u32,
    /// The largest arguments of one call, as JSON text.
    pub arguments: ByteSize,
}

impl Default for RuntimeConfig {
    fn default() -> Self {
        Self {
            compile_timeout: Duration::from_secs(120),
            max_calls: 64,
            arguments: ByteSize::mebibytes(1),
        }
    }
}

/// `[directories]`: where the host keeps files of its own. Both are absolute; neither needs to exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directories {
    /// Compiled components; can be deleted at any time.
    pub cache: PathBuf,
    /// What must outlive a restart.
    pub state: PathBuf,
}

/// `[plugins.KEY]`: one enabled plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginConfig {
    /// The name of its table: `[a-z][a-z0-9-]{0,31}`.
    pub key: String,
    /// The component's file, absolute.
    pub source: PathBuf,
    /// The component's digest; any other component is refused. `None` accepts what the file holds.
    pub sha256: Option<[u8; 32]>,
    /// Which of its tools are offered; never empty.
    pub tools: Vec<Glob>,
    /// Which of its resources and resource templates are offered, by their names; empty means none.
    pub resources: Vec<Glob>,
    /// Which of its prompts are offered; empty means none.
    pub prompts: Vec<Glob>,
    /// What stands before the name of each of its tools and prompts: empty, or `[a-z][a-z0-9_]{0,31}`.
    pub prefix: String,
    /// What one call may use.
    pub limits: Limits,
    /// What the plugin is told: as it stands in the file, and of the environment what the file names; empty where there is
    /// nothing.
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// As whom it acts in the cluster; `None` is the host's own identity.
    pub impersonate: Option<Impersonation>,
    /// Whether it may ask Prometheus; never without [`Config::prometheus`].
    pub prometheus: bool,
    /// What it may do in the cluster, in the order of the file; empty means nothing.
    pub grants: Vec<Grant>,
}

/// `[plugins.KEY.impersonate]`: as whom a plugin acts in the cluster, so that the API server's own RBAC and audit see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impersonation {
    /// Printable ASCII, not empty.
    pub user: String,
    /// Printable ASCII each; never `system:masters`, which no RBAC binds.
    pub groups: Vec<String>,
}

/// Returns where the configuration is looked for when no `--config` names it: `$BULKHEAD_CONFIG`, else
/// `bulkhead/config.toml` below `$XDG_CONFIG_HOME`, else below `~/.config`. `None` where not even a home is known.
pub fn default_path(environment: &Environment) -> Option<PathBuf> {
    let below_config_home = || {
        Some(
            environment
                .config_home()?
                .join("bulkhead")
                .join("config.toml"),
        )
    };
    environment
        .bulkhead_config
        .clone()
        .or_else(below_config_home)
}

/// Reads and checks the file at `path`, and that each plugin's component is there.
///
/// # Errors
/// Every problem of the file at once; one problem alone where it cannot be read or is not TOML.
pub fn load(path: &Path, environment: &Environment) -> Result<Config, Problems> {
    let text = fs::read_to_string(path).map_err(|source| unreadable(path, &source))?;
    inspect(&text, path, environment, Sources::MustExist)
}

/// Checks `text` as if it stood in the file at `path`, without looking for the plugins' components.
///
/// # Errors
/// Every problem of the text at once; one problem alone where it is not TOML.
pub fn parse(text: &str, path: &Path, environment: &Environment) -> Result<Config, Problems> {
    inspect(text, path, environment, Sources::NotLookedFor)
}

fn inspect(
    text: &str,
    path: &Path,
    environment: &Environment,
    sources: Sources,
) -> Result<Config, Problems> {
    let mut report = Report::new(path, text);
    let Some(file) = read::file(text, &mut report) else {
        return Err(report.into_problems());
    };
    // A relative path without a current directory stays relative: the components are then reported as missing.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let digest = Sha256::digest(text).into();
    let config = check::config(file, path, digest, environment, sources, &mut report);
    if report.is_empty() {
        Ok(config)
    } else {
        Err(report.into_problems())
    }
}

fn unreadable(path: &Path, source: &io::Error) -> Problems {
    let (message, fix) = match source.kind() {
        io::ErrorKind::NotFound => (
            "there is no such file".to_owned(),
            "write one with `bulkhead init`, or name another by `--config` or $BULKHEAD_CONFIG",
        ),
        io::ErrorKind::InvalidData => ("the file is not UTF-8 text".to_owned(), "save it as UTF-8"),
        io::ErrorKind::IsADirectory => (
            "this is a directory".to_owned(),
            "name the file in it, such as `config.toml`",
        ),
        _ => (
            format!("the file cannot be read: {source}"),
            "let the user that runs bulkhead read it",
        ),
    };
    Problems::of_file(path, message, fix)
}
