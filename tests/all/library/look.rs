//! A person's first look at a plugin: nothing of it is configured, and what it shows can be pasted.

use std::fs;

use bulkhead_tests::{built, host_config::HostConfig};

use super::{PODS_OF_SHOP, config};
use crate::{
    session::{Ran, bulkhead},
    sim::Sim,
    stable::stable,
};

fn inspected(plugin: &std::path::Path) -> String {
    let home = tempfile::tempdir().unwrap();
    let mut command = bulkhead(home.path());
    command
        .env("XDG_CACHE_HOME", built::target().join("test-cache-home"))
        .args(["plugins", "inspect"])
        .arg(plugin);
    let ran = Ran::of(&mut command);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.stdout
}

#[test]
fn a_component_that_is_not_configured_is_shown_whole() {
    let told = stable(&inspected(&built::guest("library")), &[]);
    let (before, rest) = told.split_once("bytes     ").unwrap();
    let (_, after) = rest.split_once('\n').unwrap();
    insta::assert_snapshot!("library_inspected", format!("{before}{after}"));
}

#[test]
fn what_inspect_prints_can_be_pasted() {
    for plugin in [built::guest("library"), built::plugin("generic")] {
        let told = inspected(&plugin);
        let (_, pasted) = told.split_once("have none:\n").unwrap();
        let uncommented: Vec<_> = pasted
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if rest.starts_with("[[") || rest.contains(" = ") => rest,
                _ => line,
            })
            .collect();
        for text in [pasted.to_owned(), uncommented.join("\n")] {
            let config = HostConfig::with_text(&text).unwrap();
            let check = Ran::command("check", &config);
            assert_eq!(check.code, Some(0), "{check:?}");
            assert!(!check.stdout.contains("note: a grant"), "{check:?}");
        }
    }
}

#[test]
fn the_plugins_of_a_configuration_are_a_table() {
    let sim = Sim::small();
    let some = format!("resources = [\"pod*\"]\nprompts = []\n{PODS_OF_SHOP}");
    let config = config(&sim, &some);
    let broken = config.folder().join("broken.wasm");
    fs::write(&broken, "no component").unwrap();
    let text = fs::read_to_string(config.path()).unwrap();
    let table = "[plugins.broken]\nsource = \"broken.wasm\"\n";
    fs::write(config.path(), format!("{table}{text}")).unwrap();
    let list = |words: &[&str]| {
        let mut command = bulkhead(config.folder());
        command.args(words).arg("--config").arg(config.path());
        let ran = Ran::of(&mut command);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ran.stdout
    };
    let told = list(&["plugins"]);
    assert_eq!(told, list(&["plugins", "list"]));
    let cells: Vec<Vec<&str>> = told
        .lines()
        .map(|line| line.split_whitespace().take(6).collect())
        .collect();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        cells[0],
        ["KEY", "PLUGIN", "TOOLS", "RESOURCES", "PROMPTS", "SHA256"]
    );
    // Of the tools, those that change are not offered without a grant for it.
    assert_eq!(
        cells[1],
        ["generic", "generic", version, "11/18", "0/0", "0/0"]
    );
    assert_eq!(
        cells[2],
        ["library", "library", "0.1.0", "0/0", "3/6", "0/1"]
    );
    assert_eq!(cells[3][..4], ["broken", "cannot", "be", "used:"]);
}
