//! `cargo xtask new-plugin NAME`: a plugin that builds and is called like the others, made from the smallest example.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use crate::{command, workspace::Workspace};

/// The example's package and folder. Its manifest and its tool begin with `hello`.
const TEMPLATE: &str = "hello-rust";

/// Copies the example under the new name. Refuses a name that a manifest could not have, or that is taken.
pub(crate) fn run(workspace: &Workspace, name: &str) -> Result<()> {
    valid(name)?;
    let to = workspace.root.join("plugins").join(name);
    if to.exists() {
        bail!("`plugins/{name}` exists already");
    }
    let from = workspace.root.join("examples").join(TEMPLATE);
    copy(&from, &to, name)?;
    let package = format!("bulkhead-plugin-{name}");
    // A long name breaks lines elsewhere than the example's does.
    command::run(command::cargo(&workspace.root).args(["fmt", "-p", &package]))?;
    println!("made plugins/{name}; next:");
    println!("  cargo test -p {package}    # its test, without a sandbox");
    println!("  cargo xtask build    # the component, as dist/plugins/{name}.wasm");
    println!("  name it in your configuration, with the grants that it needs:");
    println!("    [plugins.{name}]");
    println!("    source = \"plugins/{name}.wasm\"    # relative to the configuration");
    println!("  docs/writing-a-plugin.md says how to go on");
    Ok(())
}

/// The rule of a manifest's name, which is also the folder and the key in config.toml.
fn valid(name: &str) -> Result<()> {
    let first = name
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_lowercase());
    let rest = name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !first || !rest || name.len() > 32 || name.ends_with('-') {
        bail!(
            "`{name}` is not a plugin's name: `[a-z][a-z0-9-]*`, at most 32 characters, not ending in `-`"
        );
    }
    Ok(())
}

fn copy(from: &Path, to: &Path, name: &str) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create `{}`", to.display()))?;
    let entries =
        fs::read_dir(from).with_context(|| format!("cannot list `{}`", from.display()))?;
    for entry in entries {
        let path = entry?.path();
        let target: PathBuf = to.join(path.file_name().context("an entry without a name")?);
        if path.is_dir() {
            copy(&path, &target, name)?;
        } else {
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read `{}`", path.display()))?;
            fs::write(&target, renamed(&text, name))?;
        }
    }
    Ok(())
}

/// The package follows the other plugins' pattern; the manifest's name and the tool's are the plugin's own.
fn renamed(text: &str, name: &str) -> String {
    let identifier = name.replace('-', "_");
    text.replace(
        &format!("\"{TEMPLATE}\""),
        &format!("\"bulkhead-plugin-{name}\""),
    )
    .replace("\"hello\"", &format!("\"{name}\""))
    .replace("hello_", &format!("{identifier}_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_that_a_manifest_can_have_is_accepted() {
        for name in ["a", "velero", "cert-manager", "k8s2"] {
            assert!(valid(name).is_ok(), "{name}");
        }
        let long = "a".repeat(33);
        for name in [
            "",
            "A",
            "1a",
            "-a",
            "a-",
            "a_b",
            "../x",
            "a b",
            long.as_str(),
        ] {
            assert!(valid(name).is_err(), "{name}");
        }
    }

    #[test]
    fn the_page_about_plugins_shows_what_is_written() {
        let root = Workspace::load().unwrap().root;
        let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
        let written = ["lib.rs", "tests.rs"]
            .map(|file| read(&format!("examples/{TEMPLATE}/src/{file}")))
            .map(|text| renamed(&text, "workload"));
        let page = read("docs/writing-a-plugin.md");
        let shown: Vec<&str> = page
            .split("```rust\n")
            .skip(1)
            .filter_map(|rest| rest.split("```").next())
            .collect();
        assert_eq!(shown, written);
    }

    #[test]
    fn the_copy_is_named_like_the_other_plugins() {
        let text = "name = \"hello-rust\"\nPlugin::new(\"hello\").tool(\"hello_pods\", hello_pods)";
        assert_eq!(
            renamed(text, "cert-manager"),
            "name = \"bulkhead-plugin-cert-manager\"\n\
             Plugin::new(\"cert-manager\").tool(\"cert_manager_pods\", cert_manager_pods)"
        );
    }
}
