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
        let directory = tempfile::tempdir()?;
        let cache = built::target().join("test-cache");
        let mut text = String::new();
        writeln!(text, "[cluster]\nkubeconfig = {}", quoted(kubeconfig)?)?;
        writeln!(text, "[directories]\ncache = {}", quoted(&cache)?)?;
        writeln!(text, "state = {}", quoted(&directory.path().join("state"))?)?;
        writeln!(
            text,
            "[plugins.{name}]\nsource = {}\n{more}",
            quoted(component)?
        )?;
        fs::write(directory.path().join("config.toml"), text)?;
        Ok(Self { directory })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.directory.path().join("config.toml")
    }
}

/// JSON strings are TOML strings too.
fn quoted(path: &Path) -> Result<String> {
    let text = path
        .to_str()
        .with_context(|| format!("`{}` is no text", path.display()))?;
    Ok(serde_json::to_string(text)?)
}
