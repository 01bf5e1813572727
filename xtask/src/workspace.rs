//! What cargo says of this workspace: folders, packages, dependencies.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::command;

/// The checkout.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Cargo's build folder.
    pub(crate) target: PathBuf,
    pub(crate) packages: Vec<Package>,
}

/// One member of the workspace.
pub(crate) struct Package {
    pub(crate) name: String,
    /// The folder of its Cargo.toml.
    pub(crate) folder: PathBuf,
    /// Names of what it depends on at run time, sorted.
    pub(crate) dependencies: Vec<String>,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn load() -> Result<Self> {
        // What `cargo run` says goes before what was true at compile time: checkouts move, and may share a build folder.
        let xtask = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = xtask.parent().context("xtask has no parent folder")?;
        let metadata = command::output(command::cargo(root).args([
            "metadata",
            "--no-deps",
            "--format-version=1",
            "--quiet",
        ]))?;
        Self::parse(root.to_owned(), &serde_json::from_str(&metadata)?)
    }

    fn parse(root: PathBuf, metadata: &Value) -> Result<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let mut packages = Vec::new();
        for package in metadata["packages"].as_array().into_iter().flatten() {
            let manifest = PathBuf::from(
                text(&package["manifest_path"]).context("a package without a manifest")?,
            );
            let mut dependencies: Vec<String> = package["dependencies"]
                .as_array()
                .into_iter()
                .flatten()
                // `kind` is null for an ordinary dependency, else `dev` or `build`.
                .filter(|dependency| dependency["kind"].is_null())
                .filter_map(|dependency| text(&dependency["name"]))
                .collect();
            dependencies.sort();
            packages.push(Package {
                name: text(&package["name"]).context("a package without a name")?,
                folder: manifest
                    .parent()
                    .context("a manifest in no folder")?
                    .to_owned(),
                dependencies,
            });
        }
        let target =
            PathBuf::from(text(&metadata["target_directory"]).context("no target folder")?);
        Ok(Self {
            root,
            target,
            packages,
        })
    }

    /// The packages under `plugins/`, by name.
    pub(crate) fn plugins(&self) -> Vec<&Package> {
        self.under("plugins")
    }

    /// The packages under `examples/`, by name.
    pub(crate) fn examples(&self) -> Vec<&Package> {
        self.under("examples")
    }

    fn under(&self, folder: &str) -> Vec<&Package> {
        let folder = self.root.join(folder);
        let mut found: Vec<_> = self
            .packages
            .iter()
            .filter(|package| package.folder.parent() == Some(&folder))
            .collect();
        found.sort_by_key(|package| &package.name);
        found
    }

    /// Where the components of `cargo build --profile plugin --target wasm32-wasip2` are.
    pub(crate) fn components(&self) -> PathBuf {
        self.target.join("wasm32-wasip2").join("plugin")
    }
}

impl Package {
    /// The component that cargo makes of this package.
    pub(crate) fn component(&self) -> String {
        format!("{}.wasm", self.name.replace('-', "_"))
    }

    /// The name of a plugin package's folder: `generic`.
    pub(crate) fn short_name(&self) -> Result<&str> {
        self.folder
            .file_name()
            .and_then(|name| name.to_str())
            .context("a package folder without a name")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn workspace() -> Workspace {
        let package = |name: &str, folder: &str, dependencies: Value| json!({"name": name, "manifest_path": format!("/w/{folder}/Cargo.toml"), "dependencies": dependencies});
        let metadata = json!({
            "target_directory": "/w/target",
            "packages": [
                package("bulkhead-plugin-b", "plugins/b", json!([
                    {"name": "serde", "kind": null}, {"name": "insta", "kind": "dev"}, {"name": "bulkhead-plugin-sdk", "kind": null},
                ])),
                package("bulkhead-plugin-a", "plugins/a", json!([])),
                package("bulkhead", "host", json!([])),
            ],
        });
        Workspace::parse("/w".into(), &metadata).unwrap()
    }

    #[test]
    fn plugins_are_the_packages_under_plugins_by_name() {
        let workspace = workspace();
        let names: Vec<_> = workspace
            .plugins()
            .iter()
            .map(|package| package.name.as_str())
            .collect();
        assert_eq!(names, ["bulkhead-plugin-a", "bulkhead-plugin-b"]);
        assert_eq!(workspace.plugins()[0].short_name().unwrap(), "a");
        assert_eq!(workspace.plugins()[0].component(), "bulkhead_plugin_a.wasm");
    }

    #[test]
    fn a_dependency_of_the_tests_is_not_a_dependency() {
        assert_eq!(
            workspace().plugins()[1].dependencies,
            ["bulkhead-plugin-sdk", "serde"]
        );
    }
}
