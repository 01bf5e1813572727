//! `cargo xtask check`: what can be judged without a built host, for before a commit. CI runs `cargo xtask test` alone, which
//! has the unit tests in common with it, and with them the invariants.
//!
//! Generated files and snapshots are compared by unit tests; `cargo xtask bless` rewrites them.

use anyhow::Result;

use crate::{command, invariants, steps::Steps, workspace::Workspace};

/// `cargo xtask check`.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut steps = Steps::default();
    let cargo = |arguments: &[&str]| command::run(command::cargo(&workspace.root).args(arguments));
    steps.step("formatting", || cargo(&["fmt", "--all", "--check"]))?;
    steps.step("invariants", || invariants::all(workspace))?;
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
