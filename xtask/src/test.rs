//! `cargo xtask test`: builds everything, tests everything, and counts what this machine could not test.

use std::path::Path;

use anyhow::{Result, bail};

use crate::{
    build::{self, Profile},
    command,
    parts::{self, Parts},
    setup,
    steps::Steps,
    workspace::Workspace,
};

/// `cargo xtask test [FILTER]`.
pub(crate) fn run(workspace: &Workspace, filter: Option<&str>) -> Result<()> {
    let mut steps = Steps::default();
    steps.step("wasm target", setup::wasm_target)?;
    let parts = steps.step("real parts", || setup::parts(workspace))?;
    let dist = prepare(workspace, &mut steps)?;
    let skipped = steps.step("skipped tests", || {
        skipped(workspace, &dist, filter, &parts)
    })?;
    let (success, output) = steps.step("tests", || {
        let mut cargo = cargo_test(workspace, &dist);
        cargo
            .arg("--no-fail-fast")
            .arg("--")
            .args(filter)
            .args(skips(&parts));
        command::tee(&mut cargo)
    })?;

    println!("\n== summary");
    for line in closing_lines(&output) {
        println!("{line}");
    }
    let (passed, failed) = totals(&output);
    println!("\n{}", steps.summary());
    for (prefix, count, reason) in &skipped {
        println!("skipped {count} tests of {prefix} because {reason}");
    }
    let left_out: usize = skipped.iter().map(|(_, count, _)| count).sum();
    println!("passed: {passed}; failed: {failed}; skipped: {left_out}");
    if !success {
        bail!("the tests failed");
    }
    Ok(())
}

/// `cargo xtask bless [FILTER]`: runs the tests that need no real part and lets them rewrite what they compare with.
pub(crate) fn bless(workspace: &Workspace, filter: Option<&str>) -> Result<()> {
    setup::wasm_target()?;
    let dist = prepare(workspace, &mut Steps::default())?;
    let mut cargo = cargo_test(workspace, &dist);
    cargo
        .env("INSTA_UPDATE", "always")
        .env("BULKHEAD_BLESS", "1")
        .env("UPDATE_SCHEMAS", "1")
        .arg("--no-fail-fast")
        .arg("--")
        .args(filter)
        .args(
            parts::Part::ALL
                .iter()
                .flat_map(|part| ["--skip", part.test_prefix()]),
        );
    command::run(&mut cargo)?;
    command::run(
        std::process::Command::new("git")
            .args(["status", "--short"])
            .current_dir(&workspace.root),
    )
}

/// `cargo xtask bench --kills NUMBER`: the one test that kills hosts at random, so often.
pub(crate) fn kills(workspace: &Workspace, kills: u32) -> Result<()> {
    setup::wasm_target()?;
    setup::parts(workspace)?;
    let dist = prepare(workspace, &mut Steps::default())?;
    let mut cargo = cargo_test(workspace, &dist);
    cargo.env("BULKHEAD_KILLS", kills.to_string()).args([
        "--test",
        "all",
        "--",
        "--nocapture",
        "crashes::killed",
    ]);
    command::run(&mut cargo)
}

/// Builds what the tests load and start.
fn prepare(workspace: &Workspace, steps: &mut Steps) -> Result<std::path::PathBuf> {
    steps.step("plugins", || build::plugins(workspace))?;
    steps.step("examples and guests", || build::test_components(workspace))?;
    steps.step("host and tests", || {
        // All targets at once: another selection of packages is another set of features, and builds wasmtime again.
        let mut cargo = command::cargo(&workspace.root);
        command::run(cargo.args([
            "build",
            "--workspace",
            "--exclude",
            "bulkhead-guests",
            "--all-targets",
        ]))?;
        build::fill(workspace, Profile::Dev)
    })
}

/// `cargo test` over all but the guests, which run nowhere but in the sandbox.
fn cargo_test(workspace: &Workspace, dist: &Path) -> std::process::Command {
    let mut cargo = command::cargo(&workspace.root);
    cargo
        .args(["test", "--workspace", "--exclude", "bulkhead-guests"])
        .env("BULKHEAD_DIST", dist)
        .env("BULKHEAD_GUESTS", workspace.components().join("examples"))
        .env("BULKHEAD_TEST_PARTS", parts::file(workspace));
    cargo
}

/// Arguments that leave out the tests whose part is missing. libtest cannot skip a test while it runs.
fn skips(parts: &Parts) -> impl Iterator<Item = &'static str> {
    parts
        .missing()
        .flat_map(|(part, ..)| ["--skip", part.test_prefix()])
}

/// For each missing part: the tests' prefix, how many there are, the reason with its remedy.
fn skipped(
    workspace: &Workspace,
    dist: &Path,
    filter: Option<&str>,
    parts: &Parts,
) -> Result<Vec<(&'static str, usize, String)>> {
    let mut missing = parts.missing_apart().peekable();
    if missing.peek().is_none() {
        println!("none: every real part is there");
        return Ok(Vec::new());
    }
    let mut cargo = cargo_test(workspace, dist);
    let list = command::output(
        cargo
            .args(["--quiet", "--test", "all", "--", "--list"])
            .args(filter),
    )?;
    let mut skipped = Vec::new();
    for (part, why, get) in missing {
        let prefix = part.test_prefix();
        let count = listed(&list, prefix);
        println!("{count} tests of {prefix}: {why}");
        skipped.push((prefix, count, format!("{why}; get it: {get}")));
    }
    Ok(skipped)
}

/// How many tests of a `--list` begin with a prefix.
fn listed(list: &str, prefix: &str) -> usize {
    list.lines()
        .filter(|line| line.starts_with(prefix) && line.ends_with(": test"))
        .count()
}

/// The last line of every test binary that ran something, as it was printed.
fn closing_lines(output: &str) -> impl Iterator<Item = &str> {
    output
        .lines()
        .filter(|line| line.starts_with("test result: ") && !line.contains(" 0 passed; 0 failed;"))
}

/// Tests passed and failed, over all closing lines.
fn totals(output: &str) -> (usize, usize) {
    let count = |line: &str, word: &str| -> usize {
        line.split([';', '.'])
            .find_map(|part| part.trim().strip_suffix(word))
            .and_then(|number| number.trim().parse().ok())
            .unwrap_or(0)
    };
    closing_lines(output).fold((0, 0), |(passed, failed), line| {
        (
            passed + count(line, " passed"),
            failed + count(line, " failed"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "running 2 tests\ntest a ... ok\n\n\
        test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.51s\n\
        test result: FAILED. 7 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.02s\n\
        test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out; finished in 0.00s\n";

    #[test]
    fn totals_are_the_sum_of_the_runners_closing_lines() {
        assert_eq!(totals(OUTPUT), (19, 2));
        assert_eq!(closing_lines(OUTPUT).count(), 2);
    }

    #[test]
    fn skipped_tests_are_counted_by_the_module_that_they_stand_in() {
        let list = "real::api::lists: test\nreal::rbac: test\nunreal::real::x: test\nreal::bench: benchmark\n\n3 tests\n";
        assert_eq!(listed(list, "real::"), 2);
    }
}
