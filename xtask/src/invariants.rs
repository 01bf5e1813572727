//! What docs/architecture.md promises of the code's structure, and neither the compiler nor clippy can check.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use crate::workspace::{Package, Workspace};

/// What a plugin may depend on: the SDK, and crates that compute and do nothing else.
const PURE: [&str; 8] = [
    "bulkhead-plugin-sdk",
    "granit-parser",
    "jiff",
    "regex-lite",
    "schemars",
    "serde",
    "serde-saphyr",
    "serde_json",
];

/// Checks invariants 6, 7 and 8 of docs/architecture.md; the compiler and clippy guard the others.
///
/// # Errors
/// Every fault, a line each.
pub(crate) fn all(workspace: &Workspace) -> Result<()> {
    let mut faults = unaware_host(workspace)?;
    faults.extend(workspace.plugins().into_iter().flat_map(impure));
    faults.extend(upward_imports(workspace)?);
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(())
}

/// Invariant 7. A plugin whose crates reach for files or sockets would compile, and then be refused at run time.
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
fn unaware_host(workspace: &Workspace) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for (name, text) in host_files(workspace)? {
        faults.extend(
            named_plugins(&text)
                .map(|(line, word)| format!("host/src/{name}:{line}: the host knows `{word}`")),
        );
    }
    Ok(faults)
}

/// Invariant 8: imports point down the list in host/src/lib.rs.
fn upward_imports(workspace: &Workspace) -> Result<Vec<String>> {
    let files = host_files(workspace)?;
    let (_, map) = files
        .iter()
        .find(|(name, _)| name == "lib.rs")
        .context("host/src has no lib.rs")?;
    let order = modules(map);
    let mut faults = Vec::new();
    for (name, text) in &files {
        let module = name.split(['/', '.']).next().unwrap_or(name);
        faults.extend(above(&order, module, text).into_iter().map(|(line, other)| {
            format!("host/src/{name}:{line}: `{module}` imports `{other}`, which stands above it in lib.rs")
        }));
    }
    Ok(faults)
}

/// The modules in the order of the drawing in lib.rs.
fn modules(lib: &str) -> Vec<&str> {
    lib.lines()
        .skip_while(|line| !line.contains("```text"))
        .skip(1)
        .take_while(|line| !line.contains("```"))
        .filter_map(|line| line.trim_start_matches("//!").split_whitespace().next())
        .collect()
}

/// Lines, counted from 1, in which a module of the list imports one that stands above it. Modules that the list does not name,
/// such as `main` and `kit`, wire the others and may import any.
fn above<'a>(order: &[&'a str], module: &str, text: &str) -> Vec<(usize, &'a str)> {
    let Some(place) = order.iter().position(|name| *name == module) else {
        return Vec::new();
    };
    let text = without_tests(text);
    let mut found = Vec::new();
    for (at, marker) in text.match_indices("crate::") {
        let (before, after) = text.split_at(at + marker.len());
        let line = before.matches('\n').count() + 1;
        for path in imported(after) {
            let name = path
                .split(|c: char| c != '_' && !c.is_alphanumeric())
                .next();
            let above = order[..place].iter().find(|one| Some(**one) == name);
            found.extend(above.map(|name| (line, *name)));
        }
    }
    found
}

/// The paths behind `crate::`: one, or each of a group in braces.
fn imported(text: &str) -> Vec<&str> {
    let Some(group) = text.strip_prefix('{') else {
        return vec![text];
    };
    let mut depth = 0_usize;
    let mut paths = group.split(|c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    // The last one of the group reaches into what follows; only its first word is looked at.
    let mut found = Vec::new();
    for path in paths.by_ref() {
        found.push(path.trim_start());
        if path.contains("};") {
            break;
        }
    }
    found
}

/// The part of a file before its unit tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

/// Every file of the host but unit tests' own: its path below `host/src`, and its text.
fn host_files(workspace: &Workspace) -> Result<Vec<(String, String)>> {
    let source = workspace.root.join("host").join("src");
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file)
            .with_context(|| format!("cannot read `{}`", file.display()))?;
        let name = file.strip_prefix(&source).unwrap_or(&file);
        Ok((name.to_string_lossy().replace('\\', "/"), text))
    };
    rust_files(&source)?.into_iter().map(read).collect()
}

/// Lines, counted from 1, of the part before the unit tests in which a plugin is named.
fn named_plugins(text: &str) -> impl Iterator<Item = (usize, &'static str)> {
    without_tests(text)
        .lines()
        .enumerate()
        .flat_map(|(index, line)| {
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
    fn the_workspace_keeps_its_invariants() {
        all(&Workspace::load().unwrap()).unwrap();
    }

    #[test]
    fn an_import_of_a_module_above_is_found() {
        let lib = "//! ```text\n//! mcp     rmcp\n//! gate    decides\n//! call    who\n//! ```\npub mod call;\n";
        let order = modules(lib);
        assert_eq!(order, ["mcp", "gate", "call"]);
        let text = "use crate::call::Call;\nuse crate::mcp::Era;\nuse crate::mcp_client;\n";
        assert_eq!(above(&order, "gate", text), [(2, "mcp")]);
        assert_eq!(above(&order, "mcp", text), []);
        assert_eq!(above(&order, "kit", text), []);
        let grouped =
            "use crate::{\n    call::{Call, Effect},\n    mcp,\n};\nfn f() { g(mcp, 1) }\n";
        assert_eq!(above(&order, "gate", grouped), [(1, "mcp")]);
        assert_eq!(
            above(&order, "gate", "use crate::{call::Call};\nf(a, mcp);"),
            []
        );
    }

    #[test]
    fn a_plugin_named_in_the_host_is_found_unless_a_unit_test_names_it() {
        let text =
            "fn a() {}\nconst X: &str = \"Velero\";\n#[cfg(test)]\nmod tests { /* krr */ }\n";
        let found: Vec<_> = named_plugins(text).collect();
        assert_eq!(found, [(2, "velero")]);
    }
}
