//! Configurations for a host under test, each in a folder of its own that goes with it.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::built;

/// Reading in every namespace, no Secrets, no ConfigMaps; logs.
pub const READ_EVERYTHING: &str = r#"
[[plugins.generic.grants]]
api_groups = ["*"]
resources = ["*"]
verbs = ["get", "list", "watch"]
namespaces = ["*"]

[[plugins.generic.grants]]
api_groups = [""]
resources = ["pods/log"]
verbs = ["get"]
namespaces = ["*"]
"#;

/// A config.toml on disk. Compiled components are shared between tests, state is not.
pub struct HostConfig {
    directory: TempDir,
}

impl HostConfig {
    /// One host for one cluster, with the shipped plugin `generic` and these grants as TOML.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn generic(kubeconfig: &Path, grants: &str) -> Result<Self> {
        Self::with_plugin("generic", &built::plugin("generic"), kubeconfig, grants)
    }

    /// The same with any one component.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn with_plugin(
        name: &str,
        component: &Path,
        kubeconfig: &Path,
        more: &str,
    ) -> Result<Self> {
        let cluster = cluster_table(kubeconfig)?;
        let plugin = plugin_table(name, component)?;
        Self::with_text(&format!("{cluster}{plugin}{more}"))
    }

    /// Any text, with `[directories]` behind it.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn with_text(text: &str) -> Result<Self> {
        Self::with_cache(text, &built::target().join("test-cache"))
    }

    /// The same with a cache folder of its own, for what must be compiled or is damaged on purpose.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn with_cache(text: &str, cache: &Path) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let mut text = text.to_owned();
        writeln!(text, "\n[directories]\ncache = {}", quoted(cache)?)?;
        writeln!(text, "state = {}", quoted(&directory.path().join("state"))?)?;
        fs::write(directory.path().join("config.toml"), text)?;
        Ok(Self { directory })
    }

    /// The folder that it stands in; goes with it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.directory.path()
    }

    /// The state folder, which the host makes when it needs it.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.directory.path().join("state")
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.directory.path().join("config.toml")
    }
}

/// `[cluster]` with its kubeconfig; more keys of it may follow.
///
/// # Errors
/// Where the path is no text.
pub fn cluster_table(kubeconfig: &Path) -> Result<String> {
    Ok(format!("[cluster]\nkubeconfig = {}\n", quoted(kubeconfig)?))
}

/// `[plugins.NAME]` with its component; more keys and tables of it may follow.
///
/// # Errors
/// Where the path is no text.
pub fn plugin_table(name: &str, component: &Path) -> Result<String> {
    Ok(format!(
        "[plugins.{name}]\nsource = {}\n",
        quoted(component)?
    ))
}

/// JSON strings are TOML strings too.
fn quoted(path: &Path) -> Result<String> {
    let text = path
        .to_str()
        .with_context(|| format!("`{}` is no text", path.display()))?;
    Ok(serde_json::to_string(text)?)
}
