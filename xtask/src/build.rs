//! Builds components and the host, and fills a folder that holds what a release holds.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::{command, shrink, workspace::Workspace};

/// How the host is built. Components always have the profile `plugin`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Profile {
    /// Built fast; wasmtime's compiler is optimised all the same.
    Dev,
    /// As shipped: several minutes.
    Release,
}

/// Builds the plugins and the host, fills the folder of that profile and returns it.
pub(crate) fn dist(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    plugins(workspace)?;
    let mut cargo = command::cargo(&workspace.root);
    cargo.args(["build", "-p", "bulkhead"]);
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    command::run(&mut cargo)?;
    fill(workspace, profile)
}

/// Builds the plugins as components.
pub(crate) fn plugins(workspace: &Workspace) -> Result<()> {
    let packages = workspace.plugins();
    command::run(
        components(workspace).args(packages.iter().flat_map(|package| ["-p", &package.name])),
    )
}

/// Builds what only tests load: the examples, and the guests, which are examples of a package of theirs.
pub(crate) fn test_components(workspace: &Workspace) -> Result<()> {
    let packages = workspace.examples();
    command::run(
        components(workspace).args(packages.iter().flat_map(|package| ["-p", &package.name])),
    )?;
    command::run(components(workspace).args(["-p", "bulkhead-guests", "--examples"]))
}

fn components(workspace: &Workspace) -> std::process::Command {
    let mut cargo = command::cargo(&workspace.root);
    cargo.args(["build", "--profile", "plugin", "--target", "wasm32-wasip2"]);
    cargo
}

/// Copies the built host, config.toml, policy.toml and the plugins into `dist/`, or `target/dist/` for a host that is not optimised.
pub(crate) fn fill(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let (dist, built) = match profile {
        Profile::Dev => (
            workspace.target.join("dist"),
            workspace.target.join("debug"),
        ),
        Profile::Release => (
            workspace.root.join("dist"),
            workspace.target.join("release"),
        ),
    };
    let plugins = dist.join("plugins");
    fs::create_dir_all(&plugins)
        .with_context(|| format!("cannot create `{}`", plugins.display()))?;
    let host = format!("bulkhead{}", std::env::consts::EXE_SUFFIX);
    place(&built.join(&host), &dist.join(&host))?;
    for file in ["config.toml", "policy.toml"] {
        place(&workspace.root.join(file), &dist.join(file))?;
    }
    for plugin in workspace.plugins() {
        let name = format!("{}.wasm", plugin.short_name()?);
        let component = workspace.components().join(plugin.component());
        place(
            &shrink::component(workspace, &component)?,
            &plugins.join(name),
        )?;
    }
    Ok(dist)
}

/// Copies beside the destination and renames: a running host keeps its own file, and no reader sees half of one.
fn place(from: &Path, to: &Path) -> Result<()> {
    let mut beside = to.as_os_str().to_owned();
    beside.push(OsStr::new(".new"));
    fs::copy(from, &beside).with_context(|| format!("cannot copy `{}`", from.display()))?;
    fs::rename(&beside, to).with_context(|| format!("cannot replace `{}`", to.display()))
}

/// Runs the programs that measure: a filled folder from outside, the audit from inside.
pub(crate) fn bench(workspace: &Workspace, dist: &Path) -> Result<()> {
    command::run(command::cargo(&workspace.root).args([
        "build",
        "--release",
        "-p",
        "bulkhead-simcluster",
    ]))?;
    command::run(
        command::cargo(&workspace.root)
            .args(["run", "--release", "-p", "bulkhead-tests", "--bin", "bench"])
            .env("BULKHEAD_DIST", dist),
    )?;
    command::run(
        command::cargo(&workspace.root).args(["bench", "-p", "bulkhead", "--bench", "audit"]),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placing_replaces_a_file_that_is_open() {
        let folder = std::env::temp_dir().join(format!("xtask-place-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (from, to) = (folder.join("from"), folder.join("to"));
        fs::write(&from, "new").unwrap();
        fs::write(&to, "old").unwrap();
        let open = fs::File::open(&to).unwrap();
        place(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(&to).unwrap(), "new");
        assert_eq!(std::io::read_to_string(open).unwrap(), "old");
        fs::remove_dir_all(&folder).unwrap();
    }
}
