//! `cargo xtask check`: what can be judged without starting anything, and the first job of CI.
//!
//! Generated files and snapshots are compared by unit tests; `cargo xtask bless` rewrites them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use crate::{
    command,
    steps::Steps,
    workspace::{Package, Workspace},
};

/// `cargo xtask check`.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut steps = Steps::default();
    let cargo = |arguments: &[&str]| command::run(command::cargo(&workspace.root).args(arguments));
    steps.step("formatting", || cargo(&["fmt", "--all", "--check"]))?;
    steps.step("plugins depend on the SDK and pure crates only", || {
        pure_plugins(workspace)
    })?;
    steps.step("the host knows no plugin", || unaware_host(workspace))?;
    steps.step("lints", || {
        cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ])
    })?;
    steps.step("unit tests", || {
        let exclude = ["--exclude", "bulkhead-guests"];
        cargo(&[&["test", "--workspace", "--lib", "--bins"], &exclude[..]].concat())
    })?;
    steps.step("documentation", || {
        let mut cargo = command::cargo(&workspace.root);
        cargo
            .args([
                "doc",
                "--workspace",
                "--no-deps",
                "--document-private-items",
            ])
            .env("RUSTDOCFLAGS", "-D warnings");
        command::run(&mut cargo)
    })?;
    println!("\n{}", steps.summary());
    Ok(())
}

/// What a plugin may depend on: the SDK, and crates that compute and do nothing else.
const PURE: [&str; 7] = [
    "bulkhead-plugin-sdk",
    "jiff",
    "regex-lite",
    "schemars",
    "serde",
    "serde-saphyr",
    "serde_json",
];

/// Invariant 7. A plugin whose crates reach for files or sockets would compile, and then be refused at run time.
fn pure_plugins(workspace: &Workspace) -> Result<()> {
    let faults: Vec<String> = workspace.plugins().into_iter().flat_map(impure).collect();
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    println!("{} plugins", workspace.plugins().len());
    Ok(())
}

fn impure(plugin: &Package) -> Vec<String> {
    let foreign = plugin
        .dependencies
        .iter()
        .filter(|name| !PURE.contains(&name.as_str()));
    foreign
        .map(|name| {
            format!(
                "`{}` depends on `{name}`: if that crate only computes, add it to PURE in xtask",
                plugin.name
            )
        })
        .collect()
}

/// Names that must not stand in the host, not even in an example: what they know is a plugin's to know.
const FOREIGN: [&str; 3] = ["velero", "cnpg", "krr"];

/// Invariant 6: what the host does, it does for any plugin.
fn unaware_host(workspace: &Workspace) -> Result<()> {
    let source = workspace.root.join("host").join("src");
    let mut faults = Vec::new();
    for file in rust_files(&source)? {
        let text = fs::read_to_string(&file)
            .with_context(|| format!("cannot read `{}`", file.display()))?;
        let name = file.strip_prefix(&workspace.root).unwrap_or(&file);
        faults.extend(
            named_plugins(&text)
                .map(|(line, word)| format!("{}:{line}: the host knows `{word}`", name.display())),
        );
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(())
}

/// Lines, counted from 1, of the part before the unit tests in which a plugin is named.
fn named_plugins(text: &str) -> impl Iterator<Item = (usize, &'static str)> {
    let code = text.split("#[cfg(test)]").next().unwrap_or(text);
    code.lines().enumerate().flat_map(|(index, line)| {
        let line = line.to_lowercase();
        FOREIGN
            .into_iter()
            .filter(move |word| line.contains(word))
            .map(move |word| (index + 1, word))
    })
}

/// Every .rs file below a folder but the unit tests' own, in a stable order.
fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list `{}`", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.ends_with("tests") || path.ends_with("tests.rs") {
            continue;
        }
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_that_depends_on_a_client_is_named_with_it() {
        let plugin = Package {
            name: "bulkhead-plugin-x".into(),
            folder: "/w/plugins/x".into(),
            dependencies: vec!["bulkhead-plugin-sdk".into(), "reqwest".into()],
        };
        let faults = impure(&plugin);
        assert_eq!(faults.len(), 1);
        assert!(faults[0].starts_with("`bulkhead-plugin-x` depends on `reqwest`"));
    }

    #[test]
    fn a_plugin_named_in_the_host_is_found_unless_a_unit_test_names_it() {
        let text =
            "fn a() {}\nconst X: &str = \"Velero\";\n#[cfg(test)]\nmod tests { /* krr */ }\n";
        let found: Vec<_> = named_plugins(text).collect();
        assert_eq!(found, [(2, "velero")]);
    }
}
